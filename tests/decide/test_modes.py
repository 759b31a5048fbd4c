from __future__ import annotations

import pandas as pd
import pytest

from regulars.decide.modes import COSTS, CRITERIA, MODES, USUAL, ModeChoice, judgement_table, pairs


def test_every_way_to_sell_is_ranked_by_weights_from_judgements_that_agree() -> None:
    plan = ModeChoice().decide(USUAL)
    assert set(plan.solution) == set(MODES)
    assert list(plan.weights) == list(CRITERIA)
    assert sum(plan.weights.values()) == pytest.approx(1.0)
    assert plan.judged is not None
    assert plan.judged.consistency_ratio < 0.01
    assert not plan.robust
    assert len(plan.winners) == 9


def test_weights_by_hand_are_scaled_and_judge_nothing() -> None:
    plan = ModeChoice(weights={"margin": 3, "cost": 1}).decide({"agent": (70, 8), "own_site": (90, 20)})
    assert plan.weights == {"margin": 0.75, "cost": 0.25}
    assert plan.judged is None


def test_judgements_that_disagree_say_which_to_think_over() -> None:
    said = {("margin", "reach"): 9, ("reach", "cost"): 9, ("cost", "margin"): 9}
    plan = ModeChoice(judgements=said).decide(USUAL)
    assert any(code.startswith("judgements_disagree=") for code in plan.why)
    assert plan.judged is not None
    assert not plan.judged.consistent
    assert len(plan.judged.doubts) == 3


def test_left_out_comparisons_follow_from_the_others_or_are_asked_for() -> None:
    plan = ModeChoice(judgements={("margin", "reach"): 2, ("reach", "cost"): 3}).decide(USUAL)
    assert plan.weights == pytest.approx({"margin": 0.6, "reach": 0.3, "cost": 0.1}, abs=1e-6)
    with pytest.raises(ValueError, match="nothing compares margin, reach with"):
        ModeChoice(judgements={("margin", "reach"): 2, ("speed", "data"): 3}).decide(USUAL)


def test_each_market_has_its_own_ranking() -> None:
    wide = {"jp": {"agent": 9}}
    rows = [
        {"market": market, "mode": mode, **f, "reach": f["reach"] * wide.get(market, {}).get(mode, 1)}
        for market in ("cn", "jp") for mode, f in USUAL.items()
    ]  # fmt: skip
    plans = ModeChoice().decide_markets(pd.DataFrame(rows))
    assert plans["jp"].solution[0] == "agent"
    assert plans["cn"] == ModeChoice().decide(USUAL)
    with pytest.raises(ValueError, match="no column reach"):
        ModeChoice().decide_markets(pd.DataFrame(rows).drop(columns="reach"))


def test_contradictions_in_the_judgements_are_named() -> None:
    with pytest.raises(ValueError, match="judged twice"):
        judgement_table({("a", "b"): 2, ("b", "a"): 2}, ("a", "b"))
    with pytest.raises(ValueError, match="compares 'a' with 'a'"):
        judgement_table({("a", "a"): 1}, ("a", "b"))
    assert len(pairs()) == 15
    assert set(COSTS) < set(CRITERIA)
