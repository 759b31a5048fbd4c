"""Switchback: exact p-values by hand, unbiased under carry-over, and intervals that hold what they state."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest

from regulars.measure import Switchback
from regulars.measure.switchback import coin_p_value


def sold(seed: int, *, periods: int = 84, carry: int = 2, effect: float = 4.0) -> pd.DataFrame:
    """A trend, a week, autocorrelated noise; the effect builds up over two periods and fades over two."""
    plan = Switchback(block=7, carry=carry, seed=seed).plan(periods=periods)
    rng = np.random.default_rng(seed)
    on = plan["on"].to_numpy(float)
    felt = np.convolve(on, [0.5, 0.3, 0.2])[:periods]
    noise = np.zeros(periods)
    for t in range(1, periods):
        noise[t] = 0.4 * noise[t - 1] + rng.normal(0, 2)
    week = np.tile([0, 0, 1, 2, 6, 9, 3], periods // 7)
    return plan.assign(sales=100 + 0.05 * np.arange(periods) + week + effect * felt + noise)


@pytest.mark.parametrize("gaps", [[1.0], [3.0, -1.0, 2.0], [0.5, 0.5, -0.5, 2.0, 1.0]])
def test_the_p_value_counts_every_way_the_coins_could_have_fallen(gaps):
    means = [abs(np.dot(signs, gaps)) for signs in product([1, -1], repeat=len(gaps))]
    assert coin_p_value(gaps) == pytest.approx(np.mean([m >= abs(sum(gaps)) - 1e-12 for m in means]))


def test_carry_over_is_left_out_and_the_effect_is_found():
    counted = [Switchback(block=7, carry=2, seed=s).fit(sold(s), outcome="sales") for s in range(60)]
    naive = [Switchback(block=7, carry=0, seed=s).fit(sold(s), outcome="sales") for s in range(60)]
    error = np.std([f.effect_ for f in counted]) / np.sqrt(60)
    assert np.mean([f.effect_ for f in counted]) == pytest.approx(4.0, abs=3 * error)
    assert np.mean([f.effect_ for f in naive]) < 4.0 - 3 * error
    inside = sum(f.interval_[0] <= 4.0 <= f.interval_[1] for f in counted)
    assert inside >= 52  # 57 of 60, give or take three standard errors
    assert np.mean([f.carried_ for f in counted]) < -0.5


def test_without_an_effect_the_alarm_is_as_rare_as_stated():
    p = [Switchback(block=7, carry=2, seed=s).fit(sold(s, effect=0.0), outcome="sales").p_value_ for s in range(150)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 150)


def test_the_plan_is_fair_and_says_when():
    plan = Switchback(block=7, carry=1, seed=5).plan(periods=60, start=date(2026, 3, 2))
    used = plan.iloc[:56]
    assert used.groupby(used.index // 14)["on"].sum().eq(7).all()
    assert plan["on"].iloc[56:].eq(0).all()
    assert not plan["counted"].iloc[56:].any()
    assert plan["counted"].iloc[:7].tolist() == [False, *[True] * 6]
    assert plan["day"].iloc[-1] == date(2026, 4, 30)


def test_what_cannot_be_told_is_said():
    few = sold(1, periods=42)
    assert Switchback(block=7, carry=2).fit(few, outcome="sales").limits_ == ("too_few_pairs",)
    with pytest.raises(ValueError, match="not at least two pairs"):
        Switchback(block=7).fit(few.assign(on=1), outcome="sales")
    with pytest.raises(ValueError, match="period 3 has no sales"):
        Switchback(block=7).fit(few.assign(sales=few["sales"].where(few.index != 3)), outcome="sales")
    with pytest.raises(ValueError, match="carry must be shorter"):
        Switchback(block=2, carry=2).plan(periods=20)
    with pytest.raises(ValueError, match="no column sold"):
        Switchback(block=7).fit(few, outcome="sold")
