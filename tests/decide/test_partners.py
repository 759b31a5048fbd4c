from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.partners import Partners, ahp, topsis

TABLE = {"1": (90, 30, 12, 14), "2": (70, 35, 8, 7), "3": (50, 45, 5, 21)}
RULE = Partners({"reach": 0.4, "margin": 0.3, "commission": 0.2, "days": 0.1}, costs=("commission", "days"))


def test_both_normalisations_give_the_published_scores_and_disagree() -> None:
    plan = RULE.decide(TABLE)
    assert list(plan.scores["minmax"].values()) == pytest.approx([0.52549, 0.47769, 0.46652], abs=5e-6)
    assert list(plan.scores["vector"].values()) == pytest.approx([0.52588, 0.53372, 0.45304], abs=5e-6)
    assert plan.solution == ("2", "1", "3")
    assert not plan.robust
    assert plan.why == ("norm=vector", "vector_winner=2", "minmax_winner=1")


def test_saatys_weights_and_consistency() -> None:
    found = ahp([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    assert found.weights == pytest.approx((0.64833, 0.22965, 0.12202), abs=5e-6)
    assert found.eigenvalue == pytest.approx(3.003695, abs=5e-7)
    assert found.consistency_ratio == pytest.approx(0.0032, abs=5e-5)
    assert found.consistent
    assert not ahp([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]).consistent


@given(w=st.lists(st.floats(0.05, 1.0), min_size=2, max_size=8))
def test_consistent_judgements_give_back_their_weights(w: list[float]) -> None:
    v = np.array(w) / sum(w)
    found = ahp(v[:, None] / v[None, :])
    assert found.weights == pytest.approx(v, rel=1e-6)
    assert found.consistency_ratio == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_flip_is_the_smallest_change_that_turns_the_winner(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = {str(i): rng.uniform(1, 10, 3) for i in range(4)}
    weights = dict(zip("abc", rng.dirichlet([2, 2, 2]), strict=True))
    plan = Partners(weights, costs=("c",), draws=10).decide(table)

    def winner(change: dict[str, float]) -> str:
        w = [change[k] for k in "abc"]
        return list(table)[int(np.argmax(topsis(list(table.values()), w, [False, False, True])))]

    def moved(k: str, step: float) -> dict[str, float]:
        rest = 1 - weights[k]
        return {c: weights[k] + step if c == k else weights[c] * (rest - step) / rest for c in weights}

    for k, (step, other) in plan.flips["vector"].items():
        assert winner(moved(k, step)) == other != plan.solution[0]
        for smaller in np.linspace(-abs(step), abs(step), 41)[1:-1]:
            if abs(smaller) < abs(step) - 1.1e-3 and 0 <= weights[k] + smaller <= 1:
                assert winner(moved(k, smaller)) == plan.solution[0]


def test_a_partner_best_in_everything_always_wins() -> None:
    plan = RULE.decide({"good": (9, 9, 1, 1), "bad": (1, 1, 9, 9)})
    assert plan.robust
    assert plan.share == {"good": 1.0, "bad": 0.0}
    assert plan.scores["vector"]["good"] == pytest.approx(1.0)
    assert plan.flips["vector"] == {}


def test_close_calls_show_in_the_share() -> None:
    share = RULE.decide(TABLE).share
    assert sum(share.values()) == pytest.approx(1.0)
    assert min(share["1"], share["2"]) > 0.2


def test_bad_tables_are_named() -> None:
    with pytest.raises(ValueError, match=r"judgement \(1, 2\) must be above 0"):
        ahp([[1, 2], [2, 1]])
    with pytest.raises(ValueError, match="unknown: \\['price'\\]"):
        Partners({"reach": 1.0}, costs=("price",)).decide({"a": (1,)})
