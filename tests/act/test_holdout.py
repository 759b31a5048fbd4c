from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regulars.act.holdout import Holdout, draw

PEOPLE = [f"{i:012x}" for i in range(20_000)]


def test_draws_are_uniform() -> None:
    values = np.array([draw(p, "win_back", "salt") for p in PEOPLE])
    counts, _ = np.histogram(values, bins=50, range=(0, 1))
    assert stats.chisquare(counts).pvalue > 0.001
    assert stats.kstest(values, "uniform").pvalue > 0.001


def test_flows_are_independent_of_one_another() -> None:
    held = Holdout(0.2)
    a, b = (held.held_many(PEOPLE, [flow] * len(PEOPLE)) for flow in ("win_back", "onboard"))
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_five_in_a_hundred_are_held_back_and_always_the_same() -> None:
    share = Holdout().held_many(PEOPLE, ["win_back"] * len(PEOPLE))
    assert abs(share.mean() - 0.05) < 4 * np.sqrt(0.05 * 0.95 / len(PEOPLE))
    # The published draw must never change: it decides who is in a comparison group for months.
    assert draw("000000000001", "win_back", "regulars") == pytest.approx(0.9637929260532713, abs=1e-12)
    again = Holdout().held_many(PEOPLE[::-1], ["win_back"] * len(PEOPLE))
    assert (share == again[::-1]).all()


def test_a_larger_share_keeps_those_already_held_back() -> None:
    small, large = (Holdout(s).held_many(PEOPLE, ["x"] * len(PEOPLE)) for s in (0.05, 0.10))
    assert (large | ~small).all()


def test_the_global_holdout_is_held_back_from_every_flow() -> None:
    rule = Holdout(share=0.0, everywhere=0.1)
    flags = [rule.held_many(PEOPLE, [flow] * len(PEOPLE)) for flow in ("a", "b", "c")]
    assert (flags[0] == flags[1]).all()
    assert (flags[0] == flags[2]).all()
    assert 0.09 < flags[0].mean() < 0.11


def test_another_salt_draws_other_people() -> None:
    a, b = (Holdout(0.5, salt).held_many(PEOPLE, ["x"] * len(PEOPLE)) for salt in ("a", "b"))
    assert 0.45 < (a == b).mean() < 0.55


def test_a_share_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        Holdout(1.5)
