from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.ranking import Ranking
from regulars.decide.weighing import topsis

TABLE = {"1": (90, 30, 12, 14), "2": (70, 35, 8, 7), "3": (50, 45, 5, 21)}
RULE = Ranking({"reach": 0.4, "margin": 0.3, "commission": 0.2, "days": 0.1}, costs=("commission", "days"))


def test_both_normalisations_give_the_published_scores_and_disagree() -> None:
    plan = RULE.decide(TABLE)
    assert list(plan.scores["topsis:minmax"].values()) == pytest.approx([0.52549, 0.47769, 0.46652], abs=5e-6)
    assert list(plan.scores["topsis:vector"].values()) == pytest.approx([0.52588, 0.53372, 0.45304], abs=5e-6)
    assert plan.solution == ("2", "1", "3")
    assert not plan.robust
    assert plan.why[0] == "ruling=topsis:vector"
    assert {"topsis:vector=2", "topsis:minmax=1"} <= set(plan.why)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_flip_is_the_smallest_change_that_turns_the_winner(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = {str(i): rng.uniform(1, 10, 3) for i in range(4)}
    weights = dict(zip("abc", rng.dirichlet([2, 2, 2]), strict=True))
    plan = Ranking(weights, costs=("c",), draws=10).decide(table)

    def winner(change: dict[str, float]) -> str:
        w = [change[k] for k in "abc"]
        return list(table)[int(np.argmax(topsis(list(table.values()), w, [False, False, True])))]

    def moved(k: str, step: float) -> dict[str, float]:
        rest = 1 - weights[k]
        return {c: weights[k] + step if c == k else weights[c] * (rest - step) / rest for c in weights}

    for k in "abc":
        flip = plan.flips["topsis:vector"].get(k)
        furthest = abs(flip.change) - 1e-6 if flip else 1.0
        if flip:
            assert winner(moved(k, flip.change)) == flip.winner != plan.solution[0]
        for smaller in np.linspace(-furthest, furthest, 41):
            if 0 <= weights[k] + smaller <= 1:
                assert winner(moved(k, smaller)) == plan.solution[0]


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), method=st.sampled_from(["weighted_sum", "promethee", "topsis"]))
def test_no_smaller_move_of_weights_turns_the_winner(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    table = {str(i): rng.uniform(1, 10, 4) for i in range(4)}
    w = rng.dirichlet(np.ones(4) * 3)
    rule = Ranking(dict(zip("abcd", w, strict=True)), costs=("d",), method=method, draws=10)
    plan = rule.decide(table)
    trade = plan.trades[rule.ruling]
    scorer = rule.scorers(np.array(list(table.values())))[0][rule.ruling]
    moved = trade.moved if trade else 1.0
    if trade:
        to = w.copy()
        for k, amount in trade.given.items():
            to["abcd".index(k)] -= amount
        to["abcd".index(trade.taken)] += moved
        assert to.min() >= -1e-12
        scores = scorer.scores(to[None])[0]
        best, old = scores[int(trade.winner)], scores[int(plan.solution[0])]
        assert best >= old - 1e-9
        assert trade.winner != plan.solution[0]
    # weights that are nearer: a random part of them moved anywhere (TOPSIS: from one criterion to one other)
    for _ in range(40):
        if method == "topsis":
            source, to_ = rng.permutation(4)[:2]
            step = np.zeros(4)
            step[source], step[to_] = -1.0, 1.0
            near = w + min(moved * 0.999, w[source]) * step * rng.uniform()
        else:
            other = rng.dirichlet(np.ones(4) * 0.5)
            near = w + (other - w) * min(1.0, moved * 0.999 / np.maximum(other - w, 0).sum())
        assert int(scorer.scores(near[None])[0].argmax()) == int(plan.solution[0])


def test_an_option_best_in_everything_always_wins() -> None:
    plan = RULE.decide({"good": (9, 9, 1, 1), "bad": (1, 1, 9, 9)})
    assert plan.robust
    assert plan.share == {"good": 1.0, "bad": 0.0}
    assert plan.scores["topsis:vector"]["good"] == pytest.approx(1.0)
    assert plan.flips["topsis:vector"] == {}
    assert plan.trades["topsis:vector"] is None
    assert plan.kernel == ("good",)
    assert plan.acceptability.ranks["good"] == (1.0, 0.0)
    assert "bad" not in plan.acceptability.central


def test_close_calls_show_in_the_share() -> None:
    plan = RULE.decide(TABLE)
    assert sum(plan.share.values()) == pytest.approx(1.0)
    assert min(plan.share["1"], plan.share["2"]) > 0.2
    assert plan == RULE.decide(TABLE)


def test_the_share_of_all_weights_is_the_area_it_should_be() -> None:
    # One option is best in a, the other in b, equally: each wins half of all weights, and by 2:1 where b is worth half.
    even = Ranking({"a": 1, "b": 1}, method="weighted_sum", norm="max", draws=20_000).decide({"x": (2, 1), "y": (1, 2)})
    assert even.acceptability.ranks["x"][0] == pytest.approx(0.5, abs=4 * even.acceptability.error)
    assert even.acceptability.central["x"]["a"] == pytest.approx(0.75, abs=0.01)
    # x leads by 1/2 in a and trails by 1/4 in b: it wins where a > 1/3
    part = Ranking({"a": 1, "b": 1}, method="weighted_sum", norm="max", draws=20_000).decide({"x": (4, 3), "y": (2, 4)})
    assert part.acceptability.ranks["x"][0] == pytest.approx(2 / 3, abs=4 * part.acceptability.error)


def test_figures_below_nought_leave_out_the_norms_that_cannot_take_them() -> None:
    plan = RULE.decide({"a": (-5, 1, 1, 1), "b": (5, 1, 2, 1)})
    assert {"norm_left_out=max", "norm_left_out=sum"} <= set(plan.why)
    with pytest.raises(ValueError, match="choose norm 'vector'"):
        Ranking({"a": 1}, norm="max").decide({"x": (-1,), "y": (1,)})


def test_bad_tables_are_named() -> None:
    with pytest.raises(ValueError, match="unknown: \\['price'\\]"):
        Ranking({"reach": 1.0}, costs=("price",)).decide({"a": (1,)})
    with pytest.raises(ValueError, match="'a' has no figure for margin"):
        Ranking({"reach": 1.0, "margin": 1.0}).decide({"a": {"reach": 2.0}})
    with pytest.raises(ValueError, match="'a' has 1 figures for 2"):
        Ranking({"reach": 1.0, "margin": 1.0}).decide({"a": (1,)})
    with pytest.raises(ValueError, match="at least one option"):
        Ranking({"reach": 1.0}).decide({})
    with pytest.raises(ValueError, match="method 'dice'"):
        Ranking({"reach": 1.0}, method="dice").decide({"a": (1,)})
    with pytest.raises(ValueError, match="option 1 has no figure"):
        Ranking({"reach": 1.0}).decide({"a": (float("nan"),)})
