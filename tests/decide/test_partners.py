from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from regulars.decide.coverage import Offer
from regulars.decide.partners import PartnerChoice
from regulars.decide.result import InfeasibleError

OFFERS = [
    Offer("A", 40, {"north": 0.5}, region="cn"),
    Offer("B", 50, {"south": 0.4}, region="cn"),
    Offer("C", 60, {"north": 0.6, "south": 0.3}, region="jp"),
]
DEMAND = {"north": 1000.0, "south": 800.0}


def drawn(seed: int) -> tuple[PartnerChoice, list[Offer]]:
    """A small random instance with every kind of limit."""
    rng = np.random.default_rng(seed)
    markets = [f"m{k}" for k in range(4)]
    offers = [
        Offer(
            f"p{k}", float(rng.integers(1, 20)),
            {m: float(rng.uniform(0.1, 0.9)) for m in markets if rng.random() < 0.6},
            region=str(rng.choice(["x", "y"])), quality=float(rng.uniform(0.3, 1)),
            commission=float(rng.uniform(0, 0.3)),
            capacity=float("inf") if rng.random() < 0.6 else float(rng.uniform(20, 120)),
            exclusive=("m0",) if rng.random() < 0.2 else (),
        )
        for k in range(6)
    ]  # fmt: skip
    choice = PartnerChoice(
        budget=float(rng.integers(15, 50)), demand={m: float(rng.uniform(20, 200)) for m in markets},
        concentration=None if rng.random() < 0.5 else float(rng.uniform(0.35, 0.9)),
        conflicts=[("p0", "p1")] if rng.random() < 0.5 else [],
        regions={"x": 1} if rng.random() < 0.4 else {},
        most=3 if rng.random() < 0.4 else None,
        own_revenue=float(rng.uniform(0, 50)) if rng.random() < 0.5 else 0.0,
        objective=str(rng.choice(["coverage", "contribution", "profit"])), margin=0.6,
    )  # fmt: skip
    return choice, offers


def best_of_all(choice: PartnerChoice, offers: list[Offer]) -> float | None:
    """Every set of partners, each split over the markets by its own small linear programme."""
    best = None
    for chosen in chain.from_iterable(combinations(offers, k) for k in range(len(offers) + 1)):
        names = {o.name for o in chosen}
        cost = sum(o.cost for o in chosen)
        if (
            cost > choice.budget
            or any({a, b} <= names for a, b in choice.conflicts)
            or any(sum(o.region == r for o in chosen) < n for r, n in choice.regions.items())
            or (choice.most is not None and len(chosen) > choice.most)
        ):
            continue
        cells = [(o, m) for o in chosen for m in o.covers
                 if not any(m in e.exclusive and e.name != o.name for e in chosen)]  # fmt: skip
        r = np.array([choice.demand[m] * o.covers[m] * o.quality for o, m in cells])
        kept = np.array([1.0 if choice.objective == "coverage" else choice.margin - o.commission for o, _ in cells])
        rows: list[Any] = [[float(m == market) for _, m in cells] for market in choice.demand]
        high = [1.0] * len(choice.demand)
        for o in chosen:
            mine = np.array([float(p is o) for p, _ in cells])
            if np.isfinite(o.capacity):
                rows.append(mine * r)
                high.append(o.capacity)
            if choice.concentration is not None:
                rows.append(r * (mine - choice.concentration))
                high.append(choice.concentration * choice.own_revenue)
        value = 0.0
        if cells:
            found = linprog(-r * kept, A_ub=np.array(rows), b_ub=high, bounds=(0, 1))
            value = -found.fun
        value -= cost if choice.objective == "profit" else 0.0
        best = value if best is None else max(best, value)
    return best


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_no_set_of_partners_does_better(seed: int) -> None:
    choice, offers = drawn(seed)
    best = best_of_all(choice, offers)
    if best is None:
        with pytest.raises(InfeasibleError):
            choice.decide(offers)
        return
    plan = choice.decide(offers)
    assert plan.value == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert plan.value <= plan.bound + 1e-9
    assert plan.gap <= 1e-6
    assert plan.cost <= choice.budget + 1e-9


@settings(max_examples=2, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_what_a_limit_costs_is_solved_or_bounded(seed: int) -> None:
    choice, offers = drawn(seed)
    best = best_of_all(choice, offers)
    if best is None:
        return
    none = choice.decide(offers, exact=0)
    assert none.relief == {}
    one = choice.decide(offers, exact=1)
    assert set(none.relief_most) - set(one.relief_most) <= set(list(none.relief_most)[:1])
    every = choice.decide(offers)
    assert every.relief_most == {}
    free = {"budget": replace(choice, budget=1e3), "concentration": replace(choice, concentration=None),
            "most": replace(choice, most=None), "conflict:p0|p1": replace(choice, conflicts=[]),
            "region:x": replace(choice, regions={})}  # fmt: skip
    for code, looser in free.items():
        gain = (best_of_all(looser, offers) or 0.0) - best
        tolerance = 1e-5 * max(1.0, abs(best))
        assert gain <= none.relief_most.get(code, 0.0) + tolerance
        assert every.relief.get(code, 0.0) == pytest.approx(gain, abs=tolerance)
        if code in one.relief:
            assert one.relief[code] == pytest.approx(gain, abs=tolerance)


def test_two_hundred_offers_tell_what_every_limit_costs_at_most() -> None:
    rng = np.random.default_rng(0)
    names = [f"m{k}" for k in range(20)]
    offers = [
        Offer(f"p{k}", float(rng.lognormal(13, 0.6)), {m: float(rng.uniform(0.05, 0.6)) for m in rng.choice(names, 3)},
              region=str(rng.choice(["n", "s"])), quality=float(rng.uniform(0.4, 1)))
        for k in range(200)
    ]  # fmt: skip
    choice = PartnerChoice(
        budget=0.05 * sum(o.cost for o in offers), demand=dict.fromkeys(names, 1e6), concentration=0.3, most=12,
        conflicts=[("p0", "p1")], regions={"n": 4},
    )  # fmt: skip
    plan = choice.decide(offers, exact=1)
    assert plan.gap <= 1e-6
    assert len(plan.relief) <= 1
    for code, most in plan.relief_most.items():
        assert most > 0, code
    wide = replace(choice, most=None).decide(offers, exact=0).value - plan.value
    assert wide <= {**plan.relief, **plan.relief_most}.get("most", 0.0) + 1e-5 * plan.value


@settings(max_examples=1, deadline=None)
@given(seed=st.integers(0, 100_000))
def test_the_next_step_of_the_budget_is_the_first_that_helps(seed: int) -> None:
    choice, offers = drawn(seed)
    try:
        plan = choice.decide(offers)
    except InfeasibleError:
        return
    values = {int(b): v for b, v, _ in choice.frontier(offers, range(int(choice.budget), int(choice.budget) + 12))}
    better = [b for b, v in values.items() if v > plan.value + 1e-5 * max(1.0, abs(plan.value))]
    if better:
        assert plan.next_step is not None
        assert plan.next_step[0] == pytest.approx(min(better) - choice.budget)
        assert plan.next_step[1] == pytest.approx(values[min(better)] - plan.value, rel=1e-5, abs=1e-5)
    else:
        assert plan.next_step is None or plan.next_step[0] > 11


def test_coverage_by_hand() -> None:
    plan = PartnerChoice(budget=80, demand=DEMAND).decide(OFFERS)
    # C: 600 + 240; A and B would cost 90 and bring 500 + 320 = 820; C and A cost 100 and bring no more than 840;
    # C and B cost 110: 600 + 320
    assert plan.solution == ("C",)
    assert plan.value == pytest.approx(840)
    assert plan.spare == pytest.approx(20)
    assert plan.next_step == pytest.approx((30.0, 80.0))
    assert plan.covered == pytest.approx(840 / 1800)
    assert plan.binding == ("budget",)
    assert plan.shadow_prices["budget"].more == pytest.approx(80 / 30)
    assert plan.shadow_prices["budget"].less == 0.0


def test_limits_bind_and_say_what_dropping_them_would_add() -> None:
    plan = PartnerChoice(budget=200, demand=DEMAND, conflicts=[("B", "C")], most=2).decide(OFFERS)
    assert plan.value == pytest.approx(840)
    assert plan.relief == pytest.approx({"conflict:B|C": 80.0})
    spread = PartnerChoice(budget=200, demand=DEMAND, concentration=0.5).decide(OFFERS)
    assert max(spread.revenue.values()) <= 0.5 * sum(spread.revenue.values()) + 1e-6
    assert "concentration" in spread.relief
    assert PartnerChoice(budget=60, demand=DEMAND).decide(OFFERS).shadow_prices["budget"].less > 0


def test_an_exclusive_partner_keeps_the_others_out_of_its_market() -> None:
    alone = [Offer("A", 40, {"north": 0.5}, exclusive=("north",), signed=True), *OFFERS[1:]]
    plan = PartnerChoice(budget=200, demand=DEMAND).decide(alone)
    assert set(plan.served["north"]) == {"A"}
    assert plan.value == pytest.approx(500 + 320)


def test_wishes_that_cannot_hold_together_are_named_by_the_fewest() -> None:
    with pytest.raises(InfeasibleError) as caught:
        PartnerChoice(budget=95, demand=DEMAND, regions={"cn": 2, "jp": 1}, most=3).decide(OFFERS)
    assert {w.code for w in caught.value.conflict} == {"budget", "region:cn", "region:jp"}
    with pytest.raises(InfeasibleError) as caught:
        PartnerChoice(budget=500, demand=DEMAND, conflicts=[("A", "B")], regions={"cn": 2}).decide(OFFERS)
    assert {w.code for w in caught.value.conflict} == {"conflict:A|B", "region:cn"}
    with pytest.raises(InfeasibleError) as caught:
        PartnerChoice(budget=500, demand=DEMAND, regions={"fr": 1}).decide(OFFERS)
    assert [w.code for w in caught.value.conflict] == ["region:fr"]


def test_nothing_to_choose_from_is_an_answer() -> None:
    plan = PartnerChoice(budget=10, demand={}).decide([])
    assert (plan.solution, plan.value, plan.next_step) == ((), 0.0, None)
    assert PartnerChoice(budget=0, demand=DEMAND).decide(OFFERS).solution == ()


def test_what_cannot_be_meant_is_named() -> None:
    with pytest.raises(ValueError, match="'A' is named twice"):
        PartnerChoice(budget=1, demand=DEMAND).decide([OFFERS[0], OFFERS[0]])
    with pytest.raises(ValueError, match="not offered: Z"):
        PartnerChoice(budget=1, demand=DEMAND, conflicts=[("A", "Z")]).decide(OFFERS)
    with pytest.raises(ValueError, match="quality of A is 1.5"):
        PartnerChoice(budget=1, demand=DEMAND).decide([Offer("A", 1, {}, quality=1.5)])
    with pytest.raises(ValueError, match="cost of A is -1"):
        PartnerChoice(budget=1, demand=DEMAND).decide([Offer("A", -1, {})])
    with pytest.raises(ValueError, match="demand in mars"):
        PartnerChoice(budget=1, demand=DEMAND, cover={"mars": 0.5}).decide(OFFERS)
    with pytest.raises(ValueError, match="objective 'fame'"):
        PartnerChoice(budget=1, demand=DEMAND, objective="fame").decide(OFFERS)
