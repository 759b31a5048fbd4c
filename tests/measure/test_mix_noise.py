"""Lasting noise: the density is that of the full covariance, and the carry is found where there is one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from regulars.measure.mix_data import Scaled, scaled
from regulars.measure.mix_density import MixDensity
from regulars.measure.mix_model import MixModel
from regulars.measure.mix_noise import estimated
from regulars.measure.mix_priors import MixPriors
from regulars.measure.mix_table import Columns, MixTable
from regulars.measure.seasons import Seasons


def lasting(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    noise = rng.normal(size=n)
    for t in range(1, n):
        noise[t] = phi * noise[t - 1] + np.sqrt(1 - phi**2) * noise[t]
    return noise


def made(phi: float, *, true: float = 0.0, geos: int = 1, n: int = 60, seed: int = 5) -> Scaled:
    rng = np.random.default_rng(seed)
    parts = []
    for g in range(geos):
        part = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=n, freq="7D"), "geo": f"g{g}"})
        part["a"], part["b"] = rng.gamma(2, 50, n), rng.gamma(2, 20, n)
        part["sales"] = 1000 + 3 * part["a"] + 4 * part["b"] + 80 * lasting(rng, n, true)
        parts.append(part)
    columns = Columns.of(target="sales", spend=["a", "b"], date="week", geo="geo" if geos > 1 else None, others=(),
                         reach_frequency=None, exposure=None)  # fmt: skip
    table = MixTable.of(pd.concat(parts), columns)
    seasons = Seasons.of(table.rows, geos=table.geos, harmonics=0, trend=True, controls=[], events=[], holidays=None)
    return scaled(table, seasons, MixPriors(), adstock="geometric", saturation="tanh", roi=None, carry_weeks=4,
                  tests=(), phi=phi)  # fmt: skip


@pytest.mark.parametrize("geos", [1, 3])
def test_the_density_is_that_of_the_full_covariance(geos: int) -> None:
    phi, whole = 0.6, made(0.6, geos=geos, n=40)
    density = whole.density("geometric", "tanh", "roas")
    u = density.beliefs.draw(3, np.random.default_rng(1))
    plain = made(0.0, geos=geos, n=40)
    base = plain.base * (whole.loading @ whole.loading.T).diagonal() ** 0.5
    level, prior = [], density.beliefs.log_density(u)[0]
    for row in u:
        m = density.media(row[:, None])
        brought = np.einsum("cb,cbn->bn", m["effect"], m["q"][..., : density.n])[0]
        sigma = np.exp(row[-1])
        weeks = density.n // geos
        lag = np.abs(np.subtract.outer(np.arange(weeks), np.arange(weeks)))
        noise = np.kron(np.eye(geos), sigma**2 / (1 - phi**2) * phi**lag)
        scaled_base = base * density.data.sure[:, None]
        left = (density.data.y - brought) * density.data.sure
        level.append(stats.multivariate_normal(np.zeros(density.n), noise + scaled_base @ scaled_base.T).logpdf(left))
    ours = density(u)[0] - prior
    # Constants of the carry and of the normal are left out of the density.
    assert ours - ours[0] == pytest.approx(np.array(level) - level[0], rel=1e-6, abs=1e-6)


def test_its_slope_is_that_of_the_density() -> None:
    density = made(0.7, geos=2, n=40).density("geometric", "tanh", "roas")
    u = density.beliefs.draw(2, np.random.default_rng(2))
    slope = density(u)[1]
    for i in range(u.shape[1]):
        step = np.zeros(u.shape[1])
        step[i] = 1e-5
        by_hand = (density(u + step)[0] - density(u - step)[0]) / 2e-5
        assert slope[:, i] == pytest.approx(by_hand, rel=1e-4, abs=1e-4)
    data, rng = density.data, np.random.default_rng(3)
    a, b = rng.normal(size=(2, density.n))
    assert data.white(a) @ b == pytest.approx(a @ data.white_back(b))


def test_the_carry_is_found_where_there_is_one() -> None:
    def carry(true: float, seed: int) -> float:
        def make(phi: float) -> MixDensity:
            return made(phi, true=true, n=150, seed=seed).density("geometric", "tanh", "roas")

        return estimated(make, np.random.default_rng(0))

    found = {true: [carry(true, seed) for seed in range(6)] for true in (0.0, 0.6)}
    assert np.mean(found[0.6]) == pytest.approx(0.6, abs=0.15)
    assert np.mean(found[0.0]) < 0.1


def test_a_carry_that_cannot_be_is_refused() -> None:
    table = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=40, freq="7D"), "a": 1.0, "y": 1.0})
    with pytest.raises(ValueError, match="noise_carry must be"):
        MixModel(noise_carry=1.0).fit(table, target="y", spend=["a"], date="week")
