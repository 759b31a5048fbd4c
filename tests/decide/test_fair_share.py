from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

from regulars.decide.fair_share import FairShare
from regulars.decide.result import InfeasibleError

ALPHAS = (0.0, 0.5, 1.0, 2.0, np.inf)


def company(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    demand = rng.lognormal(2, 1, n)
    guarantee = demand * rng.uniform(0, 0.4, n) * (rng.random(n) < 0.5)
    room = float((demand - guarantee).sum())
    capacity = float(guarantee.sum() + room * rng.uniform(0, 1.1))
    return demand, guarantee, rng.lognormal(0, 1, n), rng.uniform(1, 3, n), np.array(capacity)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 100_000), alpha=st.sampled_from(ALPHAS))
def test_every_share_keeps_its_limits_uses_the_capacity_and_is_certified(seed: int, alpha: float) -> None:
    d, g, worth, urgency, capacity = company(seed)
    plan = FairShare(alpha).decide(d, float(capacity), worth=worth, urgency=urgency, guarantee=g)
    x = plan.solution
    assert (x >= g - 1e-9).all()
    assert (x <= d + 1e-9).all()
    assert x.sum() == pytest.approx(min(float(capacity), d.sum()), rel=1e-9)
    assert plan.bound >= plan.value
    assert plan.gap <= 1e-9
    assert plan.waiting == pytest.approx(d - x)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 100_000), alpha=st.sampled_from((0.5, 1.0, 2.0)))
def test_a_general_solver_finds_nothing_better(seed: int, alpha: float) -> None:
    d, g, worth, urgency, capacity = company(seed)
    v = worth * urgency

    def utility(x: np.ndarray) -> float:
        t = np.maximum(x / d, 1e-12)
        return float((v * d * (np.log(t) if alpha == 1 else t ** (1 - alpha) / (1 - alpha))).sum())

    plan = FairShare(alpha).decide(d, float(capacity), worth=worth, urgency=urgency, guarantee=g)
    start = g + (d - g) * min(1.0, (float(capacity) - g.sum()) / max((d - g).sum(), 1e-12)) * 0.999
    peer = minimize(lambda x: -utility(x), start, bounds=list(zip(np.maximum(g, 1e-9), d, strict=True)), method="SLSQP",
                    constraints={"type": "ineq", "fun": lambda x: float(capacity) - x.sum()})  # fmt: skip
    if peer.success and peer.x.sum() <= float(capacity) * (1 + 1e-9):
        assert plan.value >= -peer.fun - 1e-6 * max(1.0, abs(peer.fun))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_by_worth_alone_is_the_linear_programme_and_equal_is_max_min(seed: int) -> None:
    d, g, worth, urgency, capacity = company(seed)
    best = linprog(-(worth * urgency), A_ub=[np.ones(len(d))], b_ub=[float(capacity)], bounds=np.column_stack([g, d]))
    plan = FairShare(0.0).decide(d, float(capacity), worth=worth, urgency=urgency, guarantee=g)
    assert plan.value == pytest.approx(-best.fun, rel=1e-9)
    # max-min: nobody below the level of another could be raised without lowering somebody at or below it
    even = FairShare(np.inf).decide(d, float(capacity), worth=worth, guarantee=g).solution
    share = even / d
    can = np.flatnonzero(even < d * (1 - 1e-9))
    if can.size:
        above = even > g * (1 + 1e-9)
        assert share[above].max(initial=0.0) <= share[can].min() * (1 + 1e-9)


def filled_by_hand(d: np.ndarray, g: np.ndarray, s: np.ndarray, capacity: float) -> np.ndarray:
    """Weighted max-min by its definition: raise the least share of entitlement, person by person, drop by drop."""
    x = g.copy()
    drop = (capacity - x.sum()) / 20_000
    while x.sum() < min(capacity, d.sum()) - drop / 2:
        level = np.where(x < d - 1e-12, x / s, np.inf)
        x[int(np.argmin(level))] += drop
    return x


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_max_min_by_entitlement_is_the_least_share_raised_drop_by_drop(seed: int) -> None:
    d, g, worth, _, capacity = company(seed)
    s = np.random.default_rng(seed).lognormal(1, 1, len(d))
    even = FairShare(np.inf).decide(d, float(capacity), worth=worth, guarantee=g, entitled=s).solution
    by_hand = filled_by_hand(d, g, s, float(capacity))
    assert even == pytest.approx(by_hand, abs=max(1.0, float(capacity)) / 1_000)
    assert even.sum() <= float(capacity) * (1 + 1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 100_000), alpha=st.sampled_from(ALPHAS))
def test_the_next_unit_earns_what_a_little_more_capacity_earns(seed: int, alpha: float) -> None:
    d, g, worth, urgency, capacity = company(seed)

    def earned(amount: float) -> float:
        return FairShare(alpha).decide(d, amount, worth=worth, urgency=urgency, guarantee=g).earned

    plan = FairShare(alpha).decide(d, float(capacity), worth=worth, urgency=urgency, guarantee=g)
    step = 1e-6 * float(capacity)
    assert (earned(float(capacity) + step) - plan.earned) / step == pytest.approx(
        plan.next_unit.more, rel=1e-3, abs=1e-4
    )


def test_the_dial_goes_from_worth_to_equality() -> None:
    demand, worth = [100.0, 100.0], [1.0, 3.0]
    rows = {a: FairShare(a).decide(demand, 100.0, worth=worth).solution.tolist() for a in (0.0, 1.0, np.inf)}
    assert rows[0.0] == [0.0, 100.0]
    assert rows[1.0] == pytest.approx([25.0, 75.0])
    assert rows[np.inf] == pytest.approx([50.0, 50.0])
    entitled = FairShare(np.inf).decide(demand, 100.0, worth=worth, entitled=[30.0, 10.0]).solution
    assert entitled == pytest.approx([75.0, 25.0])


def test_many_customers_add_up_to_the_capacity() -> None:
    rng = np.random.default_rng(0)
    demand, worth = rng.lognormal(0, 2, 200_000), rng.lognormal(0, 1, 200_000)
    plan = FairShare().decide(demand, float(demand.sum() * 0.6), worth=worth)
    assert plan.solution.sum() == pytest.approx(demand.sum() * 0.6, rel=1e-12)
    assert plan.gap <= 1e-9


def test_promises_beyond_the_capacity_are_named_fewest_first() -> None:
    with pytest.raises(InfeasibleError) as error:
        FairShare().decide([9.0, 9.0, 9.0], 10.0, guarantee=[2.0, 8.0, 5.0], names=["小店", "大厂", "中厂"])
    assert [(w.code, w.amount) for w in error.value.conflict] == [
        ("capacity", 10.0), ("guarantee:大厂", 8.0), ("guarantee:中厂", 5.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("demand", "capacity", "more"),
    [([-1.0], 1.0, {}), ([np.nan], 1.0, {}), ([1.0], -1.0, {}), ([1.0], np.inf, {}), ([1.0], 1.0, {"worth": [-1.0]})],
)
def test_what_cannot_be_is_refused(demand: list[float], capacity: float, more: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="0 or more|number of units"):
        FairShare().decide(demand, capacity, **more)


def test_nobody_asks_nobody_waits() -> None:
    plan = FairShare().decide([0.0, 0.0], 5.0)
    assert plan.solution.tolist() == [0.0, 0.0]
    assert plan.fill.tolist() == [1.0, 1.0]
    assert plan.next_unit.more == 0.0
    assert FairShare(np.inf).decide([], 5.0).solution.size == 0
