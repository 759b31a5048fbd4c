from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.budget import BudgetAllocator, Group
from regulars.decide.curves import Curves
from regulars.decide.program import Row
from regulars.decide.result import InfeasibleError

CURVES = Curves.make("abc", ceiling=[400, 300, 200], half=[20_000, 10_000, 5_000], value=[100, 100, 100])
TODAY = [10_000, 10_000, 10_000]


def test_limits_of_groups_and_rows_hold_and_their_prices_foretell_a_change() -> None:
    def plan(most: float) -> object:
        row = Row("co2", {"a": 1.0, "b": 3.0, "c": 1.0}, high=most, label="CO2")
        return BudgetAllocator(total=60_000, rows=[row], extra=0).decide(
            CURVES, TODAY, groups=[Group("near", ["b", "c"], share_high=0.4)]
        )

    one, more = plan(70_000), plan(71_000)
    a, b, c = one.solution
    assert a + 3 * b + c <= 70_000
    assert b + c <= 0.4 * (a + b + c) + 1
    assert one.gap <= 1e-6
    assert more.value - one.value == pytest.approx(1_000 * one.shadow_prices["co2"].more, rel=0.05)


def test_no_channel_moves_further_than_its_share_of_today() -> None:
    plan = BudgetAllocator().decide(CURVES, TODAY, change=0.2)
    assert (abs(plan.solution - 10_000) <= 2_000).all()
    assert any(code.startswith("change:") for code in plan.binding)


def test_a_ratio_and_a_commitment_are_kept() -> None:
    plan = BudgetAllocator(total=30_000).decide(
        CURVES, TODAY, groups=[Group("twice", ["a"], ratio=(2.0, None), of=["b"])], minimums={"c": 9_000}
    )
    a, b, c = plan.solution
    assert a >= 2 * b - 1
    assert c == 0 or c >= 9_000


def test_a_cost_of_entry_keeps_a_poor_channel_out() -> None:
    plan = BudgetAllocator(total=30_000).decide(CURVES, TODAY, fixed={"c": 10_000})
    assert plan.solution[2] == 0
    assert "choices_held" in plan.why
    assert plan.gain.value == pytest.approx(
        float(CURVES.value(plan.solution).sum() - CURVES.value(TODAY).sum()) + 10_000
    )


def test_a_conflict_over_groups_names_the_fewest_wishes_in_the_owners_words() -> None:
    with pytest.raises(InfeasibleError) as error:
        BudgetAllocator(total=50_000).decide(
            CURVES, TODAY, low={"c": 1_000}, frozen=["a"],
            groups=[Group("far", ["a", "b"], high=30_000, label="远方"), Group("must", ["b"], low=25_000)],
        )  # fmt: skip
    assert {w.code for w in error.value.conflict} == {"frozen:a", "at_most:far", "at_least:must"}
    assert "远方" in str(error.value)


def test_a_commitment_that_cannot_be_met_is_a_conflict() -> None:
    with pytest.raises(InfeasibleError) as error:
        BudgetAllocator(total=50_000).decide(
            CURVES, TODAY, minimums={"b": 20_000}, high={"b": 15_000}, groups=[Group("must", ["b"], low=5_000)]
        )
    assert {w.code for w in error.value.conflict} == {"at_minimum:b", "at_most:b", "at_least:must"}


def test_another_objective_moves_money_and_must_be_known() -> None:
    plan = BudgetAllocator(objective="clv").decide(CURVES, TODAY, weights={"clv": {"a": 0.1, "b": 1.0, "c": 1.0}})
    assert plan.solution[0] < BudgetAllocator().decide(CURVES, TODAY).solution[0]
    assert "objective=clv" in plan.why
    with pytest.raises(ValueError, match="not one of contribution, clv"):
        BudgetAllocator(objective="fame").decide(CURVES, TODAY, weights={"clv": {}})
    with pytest.raises(ValueError, match="no weight for a, b, c"):
        BudgetAllocator(objective="clv").decide(CURVES, TODAY, weights={"clv": {}})


def test_the_worst_draws_may_rule_and_the_gain_is_told_as_a_distribution() -> None:
    drawn = CURVES.draw(60, worth_sd=[0.9, 0.1, 0.1], scale_sd=0.2, seed=1)
    mean, safe = BudgetAllocator().decide(drawn, TODAY), BudgetAllocator(risk=0.2).decide(drawn, TODAY)

    def worst(x: np.ndarray) -> float:
        return float(np.sort(drawn.values(x).sum(axis=1))[:12].mean())

    assert safe.value == pytest.approx(worst(safe.solution))
    assert worst(safe.solution) > worst(mean.solution)
    assert safe.gap <= 1e-6
    assert list(mean.quantiles.values()) == sorted(mean.quantiles.values())
    assert safe.solution[0] < mean.solution[0]
