from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from regulars.decide.curves import FAMILIES, Curves
from regulars.decide.resources import ResourceAllocator
from regulars.decide.result import InfeasibleError
from regulars.decide.waterfill import fill


def random_curves(n: int, seed: int) -> Curves:
    rng = np.random.default_rng(seed)
    forms = [list(FAMILIES)[i % 3] for i in range(n)]
    return Curves.make(
        [f"c{i}" for i in range(n)], ceiling=rng.lognormal(4, 1, n), half=rng.lognormal(2, 1, n), form=forms
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 12), m=st.integers(1, 3))
def test_the_plan_fits_and_no_plan_can_beat_its_bound(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    curves = random_curves(n, seed)
    uses = {f"r{k}": rng.uniform(0.1, 2, n) * (rng.random(n) < 0.8) + 1e-3 for k in range(m)}
    limits = {code: float(rng.uniform(1, 40)) for code in uses}
    high = rng.lognormal(3, 1, n)
    plan = ResourceAllocator(limits).decide(curves, uses, high=high)
    x = np.array(list(plan.solution.values()))
    assert (x >= 0).all()
    assert (x <= high).all()
    for code, use in uses.items():
        assert use @ x <= limits[code] * (1 + 1e-12)
    assert plan.gap <= 1e-11
    assert plan.bound >= plan.value


def test_with_one_resource_of_equal_use_it_is_the_budget() -> None:
    curves = random_curves(50, 1)
    plan = ResourceAllocator({"money": 300.0}).decide(curves, {"money": np.ones(50)})
    filled = fill(curves, 300.0, np.zeros(50), np.full(50, np.inf))
    assert plan.value == pytest.approx(filled.value, rel=1e-11)
    assert plan.shadow_prices["money"].more == pytest.approx(filled.price.more, rel=1e-6)


def test_scipy_slsqp_finds_nothing_better() -> None:
    rng = np.random.default_rng(2)
    curves = random_curves(8, 2)
    A, b, high = rng.uniform(0.1, 2, (3, 8)), np.array([30.0, 25.0, 20.0]), np.full(8, 15.0)
    plan = ResourceAllocator(dict(zip("abc", b.tolist(), strict=True))).decide(
        curves, dict(zip("abc", A, strict=True)), high=high
    )
    peer = minimize(
        lambda x: -curves.value(x).sum(), np.full(8, 0.5), jac=lambda x: -curves.slope(x), bounds=[(0, 15)] * 8,
        constraints={"type": "ineq", "fun": lambda x: b - A @ x, "jac": lambda x: -A}, method="SLSQP",
        options={"ftol": 1e-13, "maxiter": 500},
    )  # fmt: skip
    assert plan.value >= -peer.fun * (1 - 1e-10)
    assert plan.value == pytest.approx(-peer.fun, rel=1e-7)


def test_a_shadow_price_is_what_a_little_more_earns() -> None:
    curves = random_curves(6, 3)
    uses = {"gpu": [1.0, 2.0, 0.5, 1.0, 0.1, 3.0], "data": [3.0, 0.2, 1.0, 1.0, 2.0, 0.1]}

    def solve(gpu: float, data: float) -> float:
        return ResourceAllocator({"gpu": gpu, "data": data}).decide(curves, uses).value

    plan = ResourceAllocator({"gpu": 20.0, "data": 15.0}).decide(curves, uses)
    for code, more in (("gpu", solve(20.001, 15.0)), ("data", solve(20.0, 15.001))):
        assert (more - plan.value) / 0.001 == pytest.approx(plan.shadow_prices[code].more, rel=1e-3)


def test_a_thousand_activities_are_certified() -> None:
    rng = np.random.default_rng(4)
    curves = random_curves(1_000, 4)
    uses = {c: rng.uniform(0.1, 2, 1_000) for c in ("money", "gpu", "data")}
    plan = ResourceAllocator({"money": 3_000.0, "gpu": 2_800.0, "data": 5_000.0}).decide(curves, uses)
    assert plan.gap <= 1e-12


def test_minimums_that_ask_too_much_and_activities_without_limit_are_named() -> None:
    curves = random_curves(3, 5)
    with pytest.raises(InfeasibleError) as error:
        ResourceAllocator({"gpu": 10.0}).decide(
            curves, {"gpu": [1.0, 1.0, 1.0]}, low=[8.0, 1.0, 7.0], labels={"gpu": "显卡时"}
        )
    assert [w.code for w in error.value.conflict] == ["gpu", "at_least:c0", "at_least:c2"]
    with pytest.raises(ValueError, match="nothing limits 'c1'"):
        ResourceAllocator({"gpu": 10.0}).decide(curves, {"gpu": [1.0, 0.0, 1.0]})
    with pytest.raises(ValueError, match="0 or more"):
        ResourceAllocator({"gpu": 10.0}).decide(curves, {"gpu": [1.0, -1.0, 1.0]})
