from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from regulars.decide.budget import BudgetAllocator
from regulars.decide.curves import FAMILIES, Curves
from regulars.decide.result import InfeasibleError
from regulars.decide.waterfill import fill

figures = st.floats(1.0, 1e4)


@st.composite
def problems(draw: st.DrawFn, most: int = 8) -> tuple[Curves, float, np.ndarray, np.ndarray]:
    n = draw(st.integers(1, most))
    take = st.lists(figures, min_size=n, max_size=n)
    curves = Curves.make(
        [f"c{i}" for i in range(n)],
        ceiling=draw(take),
        half=draw(take),
        value=draw(st.lists(st.sampled_from([0.0, 0.5, 1.0, 30.0]), min_size=n, max_size=n)),
        form=draw(st.lists(st.sampled_from(list(FAMILIES)), min_size=n, max_size=n)),
    )
    low = np.floor(np.array(draw(st.lists(st.sampled_from([0.0, 0.0, 5.0, 100.0]), min_size=n, max_size=n))))
    room = np.array(draw(st.lists(st.sampled_from([0.0, 50.0, 5e3, np.inf]), min_size=n, max_size=n)))
    total = low.sum() + draw(st.floats(0.0, 2e4))
    return curves, total, low, low + room


def random_curves(n: int, seed: int, form: str | list[str] = "hyperbolic") -> Curves:
    rng = np.random.default_rng(seed)
    return Curves.make(
        [f"c{i}" for i in range(n)],
        ceiling=rng.lognormal(5, 1, n),
        half=rng.lognormal(8, 1, n),
        value=rng.lognormal(3, 0.5, n),
        form=form,
    )


def test_two_channels_have_a_closed_form() -> None:
    # slopes w h / (x + h)^2 are equal where (x1 + h1) / (x2 + h2) = sqrt(w1 h1 / (w2 h2)) = k
    w, h, total = np.array([40_000.0, 10_000.0]), np.array([9_000.0, 4_000.0]), 20_000.0
    k = math.sqrt(w[0] * h[0] / (w[1] * h[1]))
    first = (k * (total + h[1]) - h[0]) / (1 + k)
    curves = Curves.make("ab", ceiling=w, half=h)
    filled = fill(curves, total, np.zeros(2), np.full(2, np.inf))
    assert filled.spend == pytest.approx([first, total - first], rel=1e-12)
    assert filled.price.more == pytest.approx(w[0] * h[0] / (first + h[0]) ** 2, rel=1e-12)


@settings(max_examples=120, deadline=None)
@given(problem=problems())
def test_the_split_meets_the_kkt_conditions_and_its_certificate(
    problem: tuple[Curves, float, np.ndarray, np.ndarray],
) -> None:
    curves, total, low, high = problem
    filled = fill(curves, total, low, high)
    x, edge = filled.spend, 1e-7 * max(total, 1.0)
    assert (x >= low - edge).all()
    assert (x <= high + edge).all()
    assert x.sum() <= total * (1 + 1e-12) + 1e-9
    assert filled.bound >= filled.value * (1 - 1e-13)
    assert filled.bound - filled.value <= 1e-12 * max(filled.bound, 1.0)
    slope, mu = curves.slope(x), filled.price
    tight = 1e-6 * max(float(slope.max()), 1e-9)
    assert (slope[x > low + edge] >= mu.more - tight).all()
    assert (slope[x < high - edge] <= mu.less + tight).all()
    if x.sum() < total - edge:
        assert mu.more == 0.0


@pytest.mark.parametrize("form", [*FAMILIES, "mixed"])
def test_scipy_slsqp_finds_nothing_better(form: str) -> None:
    for seed in range(3):
        curves = random_curves(6, seed, ["tanh", "hyperbolic", "exponential"] * 2 if form == "mixed" else form)
        total, high = 20_000.0, np.array([2e3, 2e4, 2e4, 5e3, 2e4, 2e4])
        filled = fill(curves, total, np.zeros(6), high)
        peer = minimize(
            lambda x, c=curves: -c.value(x * 1e3).sum() / 1e3,
            np.full(6, 0.9),
            jac=lambda x, c=curves: -c.slope(x * 1e3),
            bounds=[(0, h / 1e3) for h in high],
            constraints={"type": "eq", "fun": lambda x: x.sum() - 20.0, "jac": lambda x: np.ones(6)},
            method="SLSQP",
            options={"ftol": 1e-14, "maxiter": 500},
        )
        assert filled.value >= -peer.fun * 1e3 * (1 - 1e-12)
        assert filled.value == pytest.approx(-peer.fun * 1e3, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), total=st.integers(0, 14), forms=st.lists(st.sampled_from(list(FAMILIES)),
       min_size=3, max_size=3))  # fmt: skip
def test_whole_units_are_the_brute_force_optimum(seed: int, total: int, forms: list[str]) -> None:
    rng = np.random.default_rng(seed)
    curves = Curves.make("abc", ceiling=rng.uniform(1, 50, 3), half=rng.uniform(0.3, 20, 3), form=forms)
    high = {"a": int(rng.integers(3, 9)), "b": int(rng.integers(3, 9))}
    low = {"c": min(int(rng.integers(0, 3)), total)}
    plan = BudgetAllocator(total=total).decide(curves, [0, 0, 0], low=low, high=high)
    best = max(
        float(curves.value(x).sum())
        for x in itertools.product(range(high["a"] + 1), range(high["b"] + 1), range(low["c"], total + 1))
        if sum(x) <= total
    )
    assert plan.value == pytest.approx(best, rel=1e-12, abs=1e-12)
    assert plan.solution.sum() == total
    assert plan.bound >= plan.value - 1e-9


@pytest.mark.parametrize("n", [10, 1_000, 10_000])
def test_large_splits_are_certified(n: int) -> None:
    forms = [list(FAMILIES)[i % 3] for i in range(n)]
    curves = random_curves(n, n, forms)
    rng = np.random.default_rng(n)
    plan = BudgetAllocator(total=30_000 * n).decide(
        curves, rng.lognormal(8, 1, n), largest_seen=rng.lognormal(11, 1, n)
    )
    assert plan.continuous_gap <= 1e-12
    assert plan.gap <= 1e-8
    assert plan.solution.dtype == np.int64
    assert plan.solution.sum() + plan.unspent == 30_000 * n


def test_same_total_as_today_and_gain_over_it() -> None:
    curves = random_curves(4, 1)
    today = [4_000, 1_000, 0, 2_500]
    plan = BudgetAllocator().decide(curves, today)
    assert plan.solution.sum() == 7_500
    assert plan.gain.value == pytest.approx(float(curves.value(plan.solution).sum() - curves.value(today).sum()))
    assert plan.gain.value >= 0
    assert plan.gain.low is None
    assert sum(r.gain.value for r in plan.rows) == pytest.approx(plan.gain.value)


def test_gain_is_net_of_the_change_in_spend() -> None:
    curves = Curves.make("a", ceiling=[1_000.0], half=[1_000.0])
    plan = BudgetAllocator(total=1_000).decide(curves, [500])
    assert plan.gain.value == pytest.approx(500.0 - 1_000.0 / 3 - 500)
    assert "next_unit_below_cost" in plan.why
    # slope 1000 * 1000 / (x + 1000)^2 is 1 at x = 0: nothing is worth spending
    assert plan.worthwhile == 0
    assert BudgetAllocator(total=0).decide(Curves.make("a", ceiling=[4_000.0], half=[1_000.0]), [0]).worthwhile == 1_000


def test_no_channel_goes_far_beyond_what_was_ever_spent_there() -> None:
    curves = Curves.make(["rich", "poor"], ceiling=[1e6, 10.0], half=[1e4, 1e4])
    plan = BudgetAllocator(total=10_000).decide(curves, [1_000, 9_000], largest_seen=[2_000, 9_000])
    assert plan.solution.tolist() == [3_000, 7_000]
    assert "explore" in plan.rows[0].why
    assert "beyond_seen:rich" in plan.binding
    assert plan.shadow_prices["beyond_seen:rich"].more > 0
    told = BudgetAllocator(total=10_000).decide(
        curves, [1_000, 9_000], largest_seen=[2_000, 9_000], high={"rich": 9_500}
    )
    assert told.solution[0] == 9_500
    free = BudgetAllocator(total=10_000, stretch=math.inf).decide(curves, [1_000, 9_000], largest_seen=[2_000, 9_000])
    assert free.solution[0] > 9_900


def test_money_that_may_not_be_placed_is_left_over_and_said() -> None:
    curves = Curves.make("ab", ceiling=[10.0, 10.0], half=[10.0, 10.0])
    plan = BudgetAllocator(total=1_000).decide(curves, [100, 100], largest_seen=[100, 200])
    assert plan.solution.tolist() == [150, 300]
    assert plan.unspent == 550
    assert "unspent=550" in plan.why
    assert "total" not in plan.shadow_prices


def test_frozen_channels_stay() -> None:
    curves = random_curves(3, 5)
    plan = BudgetAllocator(total=9_000).decide(curves, [1_000, 2_000, 3_000], frozen=["c1"])
    assert plan.solution[1] == 2_000
    assert plan.solution.sum() == 9_000
    assert "frozen" in plan.rows[1].why
    assert "frozen:c1" in plan.shadow_prices


def test_shadow_prices_predict_what_a_changed_limit_earns() -> None:
    curves = random_curves(5, 8)
    high, total, step = {"c0": 200_000, "c3": 100_000}, 3_000_000, 10_000

    def value(total: int, **change: int) -> float:
        return BudgetAllocator(total=total).decide(curves, [0] * 5, high={**high, **change}, low={"c4": 900_000}).value

    plan = BudgetAllocator(total=total, extra=step).decide(curves, [0] * 5, high=high, low={"c4": 900_000})
    base = value(total)
    plan = BudgetAllocator(total=total, extra=step).decide(curves, [0] * 5, high=high, low={"c4": 900_000})
    assert value(total + step) - base == pytest.approx(plan.extra_earns, rel=1e-5)
    assert plan.extra_earns == pytest.approx(plan.shadow_prices["total"].more * step, rel=0.02)
    for code, change in (("at_most:c0", {"c0": 210_000}), ("at_most:c3", {"c3": 110_000})):
        if code in plan.shadow_prices:
            assert value(total, **change) - base == pytest.approx(plan.shadow_prices[code].more * step, rel=0.1)
    lower = BudgetAllocator(total=total).decide(curves, [0] * 5, high=high, low={"c4": 890_000}).value
    assert lower - base == pytest.approx(-plan.shadow_prices["at_least:c4"].less * step, rel=0.1)


def test_the_price_is_a_range_where_every_channel_sits_on_a_limit() -> None:
    curves = Curves.make("ab", ceiling=[100.0, 10.0], half=[100.0, 100.0])
    plan = BudgetAllocator(total=50).decide(curves, [0, 0], high={"a": 50})
    price = plan.shadow_prices["total"]
    assert (price.more, price.less) == (pytest.approx(0.1), pytest.approx(1e4 / 150**2))
    assert not price.unique


def test_the_decision_with_draws_maximises_the_mean_and_shows_the_spread() -> None:
    one = Curves.make("ab", ceiling=[4_000.0, 3_000.0], half=[3_000.0, 3_000.0])
    drawn = one.draw(400, worth_sd=[0.1, 0.8], scale_sd=[0.1, 0.6], seed=7)
    plan = BudgetAllocator().decide(drawn, [1_000, 5_000])
    grid = max(range(0, 6_001, 5), key=lambda a: float(drawn.value([a, 6_000 - a]).sum()))
    assert plan.solution[0] == pytest.approx(grid, abs=5)
    gains = (drawn.values(plan.solution) - drawn.values([1_000, 5_000])).sum(axis=1)
    assert plan.gain.value == pytest.approx(gains.mean())
    assert (plan.gain.low, plan.gain.high) == tuple(pytest.approx(q) for q in np.quantile(gains, [0.05, 0.95]))
    assert plan.sure == pytest.approx((gains > 0).mean())
    assert plan.gain.low < plan.gain.value < plan.gain.high


def test_minimums_above_the_total_name_the_fewest_in_conflict() -> None:
    curves = random_curves(4, 2)
    with pytest.raises(InfeasibleError) as error:
        BudgetAllocator(total=100).decide(
            curves, [0] * 4, low={"c0": 30, "c1": 60, "c2": 50, "c3": 1}, labels={"c1": "搜索"}
        )
    assert [w.code for w in error.value.conflict] == ["total", "at_least:c1", "at_least:c2"]
    assert "搜索" in str(error.value)


def test_crossed_limits_and_money_that_must_go_are_conflicts() -> None:
    curves = random_curves(2, 2)
    with pytest.raises(InfeasibleError) as error:
        BudgetAllocator(total=100).decide(curves, [0, 0], low={"c0": 30}, high={"c0": 20})
    assert [w.code for w in error.value.conflict] == ["at_least:c0", "at_most:c0"]
    with pytest.raises(InfeasibleError) as error:
        BudgetAllocator(total=100, must_spend=True).decide(curves, [0, 0], high={"c0": 30, "c1": 20})
    assert [w.code for w in error.value.conflict] == ["total", "at_most:c0", "at_most:c1"]


def test_unknown_channels_and_bad_amounts_are_named() -> None:
    curves = random_curves(2, 2)
    with pytest.raises(ValueError, match="low: no curve for channel radio"):
        BudgetAllocator(total=10).decide(curves, [0, 0], low={"radio": 1})
    with pytest.raises(ValueError, match="today: channel 'c1'"):
        BudgetAllocator(total=10).decide(curves, [0, -1])
    with pytest.raises(ValueError, match="total must be 0 or more"):
        BudgetAllocator(total=-1).decide(curves, [0, 0])
