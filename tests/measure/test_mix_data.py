from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.measure.mix_data import scaled
from regulars.measure.mix_lifts import LiftTest
from regulars.measure.mix_priors import MixPriors
from regulars.measure.mix_table import Columns, MixTable
from regulars.measure.seasons import Seasons


def made(roi=None, tests=(), scale=1.0, priors=MixPriors()):  # noqa: B008
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=52, freq="7D"), "a": rng.gamma(2, 5, 52)})
    frame["b"] = 3 * rng.gamma(2, 5, 52)
    frame["sales"] = scale * (1000 + 3 * frame["a"] + rng.normal(0, 20, 52))
    columns = Columns.of(target="sales", spend=["a", "b"], date="week", geo=None, others=(), reach_frequency=None,
                         exposure=None)  # fmt: skip
    table = MixTable.of(frame, columns)
    season = Seasons.of(table.rows, geos=table.geos, harmonics=1, trend=True, controls=(), events=(), holidays=None)
    return table, season, scaled(
        table, season, priors, adstock="geometric", saturation="tanh", roi=roi, carry_weeks=3, tests=tests
    )  # fmt: skip


def test_the_base_keeps_the_covariance_its_beliefs_ask_for():
    _, season, whole = made()
    sd = season.beliefs(MixPriors())[1]
    wanted = (whole.base * sd**2) @ whole.base.T
    d = whole.data
    assert (d.basis * d.spread) @ d.basis.T == pytest.approx(wanted, abs=1e-8)
    assert d.basis.T @ d.basis == pytest.approx(np.eye(len(d.spread)), abs=1e-6)
    assert whole.loading @ whole.loading.T == pytest.approx(np.diag(sd**2), abs=1e-12)


def test_the_belief_on_return_has_the_owners_mean_and_deviation():
    _, _, whole = made(roi={"a": (2.0, 1.0)})
    roas = whole.strength * np.logaddexp(0, whole.beliefs.draw(200_000, np.random.default_rng(2))[:, :2])
    assert roas[:, 0].mean() == pytest.approx(2.0, rel=0.01)
    assert roas[:, 0].std() == pytest.approx(1.0, rel=0.03)
    assert made(scale=100.0)[2].strength == pytest.approx(100 * made()[2].strength)


def test_a_test_of_a_part_compares_with_the_weeks_without_it():
    weight = np.zeros(52)
    weight[10:14] = 1.0
    _, _, whole = made(tests=(LiftTest(1, 50.0, 5.0, weight, 0.25),))
    d, [lift] = whole.data, whole.data.lifts
    assert d.lags.shape == (2, 4, 56)
    assert d.lags[1, :, 52:] == pytest.approx(0.75 * d.lags[1, :, 10:14])
    assert (d.lags[0, :, 52:] == 0).all()
    assert lift.rows.sum() == pytest.approx(0)
    assert lift.rows[10:14] == pytest.approx(whole.sales[0])
