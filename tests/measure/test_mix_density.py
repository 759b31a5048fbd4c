from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from regulars.measure.mix_data import Scaled, scaled
from regulars.measure.mix_density import MixDensity
from regulars.measure.mix_lifts import lift_tests
from regulars.measure.mix_priors import MixPriors
from regulars.measure.mix_shapes import ADSTOCKS, SATURATIONS
from regulars.measure.mix_table import Columns, MixTable
from regulars.measure.seasons import Seasons


def weeks(rng: np.random.Generator, geos: int = 1, n: int = 40) -> pd.DataFrame:
    parts = []
    for g in range(geos):
        part = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=n, freq="7D"), "geo": f"g{g}"})
        part["a"], part["b"] = rng.gamma(2, 50, n) * (rng.random(n) < 0.8), rng.gamma(2, 20, n)
        part["reach"], part["often"] = rng.gamma(3, 100, n), 1 + rng.gamma(2, 1, n)
        part["price"] = rng.normal(size=n)
        part["sales"] = (1 + g) * (1000 + 3 * part["a"] + 4 * part["b"] + rng.normal(0, 50, n))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


TESTS = pd.DataFrame({
    "name": ["all of a", "part of b", "one geo"], "channel": ["a", "b", "b"], "market": [None, None, "g1"],
    "start": ["2024-03-04", "2024-04-01", "2024-05-06"], "end": ["2024-03-31", "2024-04-28", "2024-06-02"],
    "spend": [None, 40.0, 30.0], "delta": [900.0, 200.0, 150.0], "se": [300.0, 80.0, 90.0],
})  # fmt: skip


def density(adstock="geometric", saturation="tanh", *, geos=1, reach=False, tests=None, on="roas", roi=None
            ) -> tuple[MixDensity, Scaled]:  # fmt: skip
    frame = weeks(np.random.default_rng(5), geos)
    columns = Columns.of(
        target="sales", spend=["a", "b"], date="week", geo="geo" if geos > 1 else None, others=("price",),
        reach_frequency={"b": ("reach", "often")} if reach else None, exposure=None,
    )  # fmt: skip
    table = MixTable.of(frame, columns)
    seasons = Seasons.of(
        table.rows, geos=table.geos, harmonics=2, trend=True, controls=["price"], events=[], holidays=None
    )
    whole = scaled(
        table, seasons, MixPriors(on=on), adstock=adstock, saturation=saturation, roi=roi, carry_weeks=4,
        tests=lift_tests(tests, table)[0],
    )  # fmt: skip
    return whole.density(adstock, saturation, on), whole


def worst_slope(f: MixDensity, u: np.ndarray, step: float = 1e-5) -> float:
    """Largest relative difference of the gradient from a fourth-order central difference."""
    slope = f(u)[1]
    worst = 0.0
    for i in range(u.shape[1]):
        e = np.zeros(u.shape[1])
        e[i] = step
        near, far = (f(u + k * e)[0] - f(u - k * e)[0] for k in (1, 2))
        numeric = (8 * near - far) / (12 * step)
        worst = max(worst, float(np.max(np.abs(numeric - slope[:, i]) / np.maximum(np.abs(slope).max(axis=1), 1))))
    return worst


@pytest.mark.parametrize("adstock", list(ADSTOCKS))
@pytest.mark.parametrize("saturation", list(SATURATIONS))
@pytest.mark.parametrize("more", [{}, {"geos": 3, "tests": TESTS}, {"reach": True, "tests": TESTS},
                                  {"on": "effect"}, {"roi": (3.0, 2.0), "geos": 2, "reach": True}])  # fmt: skip
def test_the_slope_is_that_of_the_density(adstock, saturation, more):
    f, whole = density(adstock, saturation, **more)
    u = whole.beliefs.draw(3, np.random.default_rng(1))
    assert u.shape[1] == f.size
    assert worst_slope(f, u) < 1e-6


def test_integrating_the_base_out_equals_the_full_normal():
    """The likelihood is that of a normal with the base's covariance added to the noise."""
    f, whole = density()
    u = whole.beliefs.draw(2, np.random.default_rng(2))
    media = f.media(u.T)
    brought = np.einsum("cb,cbn->bn", media["effect"], media["q"])
    around = whole.base @ (whole.loading @ whole.loading.T) @ whole.base.T
    direct = [
        stats.multivariate_normal(np.zeros(f.n), around + np.exp(2 * u[b, -1]) * np.eye(f.n)).logpdf(
            f.data.y - brought[b]
        )
        for b in range(2)
    ]
    ours = f(u)[0] - whole.beliefs.log_density(u)[0]
    assert np.diff(ours) == pytest.approx(np.diff(direct), rel=1e-8)


def test_the_return_is_what_was_brought_over_what_was_paid():
    f, whole = density(geos=2)
    u = whole.beliefs.draw(3, np.random.default_rng(3))
    m = f.media(u.T)
    money = (m["effect"][..., None] * m["q"] * f.data.size).sum(axis=2)
    assert money / f.data.paid[:, None] == pytest.approx(m["roas"])


def test_a_test_pulls_the_return_as_a_normal_likelihood():
    plain, whole = density()
    tested, _ = density(tests=TESTS.head(1))
    u = whole.beliefs.draw(4, np.random.default_rng(4))
    m = plain.media(u.T)
    inside = (np.arange(plain.n) >= 9) & (np.arange(plain.n) < 13)
    lift = m["effect"][0] * m["q"][0][:, inside].sum(axis=1) * plain.data.size[0]
    assert tested(u)[0] - plain(u)[0] == pytest.approx(-0.5 * ((900 - lift) / 300) ** 2)


def test_no_number_is_no_density():
    f, whole = density()
    u = whole.beliefs.draw(2, np.random.default_rng(6))
    u[0, 0] = np.nan
    value, slope = f(u)
    assert value[0] == -np.inf
    assert (slope[0] == 0).all()
    assert np.isfinite(value[1])
