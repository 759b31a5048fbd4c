from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linprog

from regulars.decide.markets import Market, MarketPlan, Partner, ServeDecision, serve_markets
from regulars.decide.program import Matrices
from regulars.decide.result import InfeasibleError

D, P, C, A, V = (1000, 800, 600), (100, 120, 150), (50, 60, 70), (0.1, 0.2, 0.3), (200, 150, 100)


def serve(model: str, budget: float) -> ServeDecision:
    return serve_markets(D, P, C, A, budget, model=model, value=V)


# (formulation, budget, optimum, value): worked by hand and by enumeration
ROWS = [
    ("share_sum", 30_000, (0.6, 0, 0), 54_000),
    ("share_sum", 42_000, (0.84, 0, 0), 75_600),
    ("share_sum", 50_000, (1, 0, 0), 90_000),
    ("share_sum", 80_000, (1, 0, 0), 90_000),
    ("share_each", 80_000, (1, 0.625, 0), 138_000),
    ("share_each", 100_000, (1, 1, 1 / 21), 169_800),
    ("share_each", 140_000, (1, 1, 1), 229_800),
    ("customers", 60_000, (1000, 500 / 3, 0), 200_000),
    ("customers", 100_000, (1000, 800, 200 / 7), 278_000),
    ("customers", 140_000, (1000, 800, 600), 318_000),
    ("binary", 45_000, (0, 0, 1), 63_000),
    ("binary", 90_000, (0, 1, 1), 139_800),
    ("binary", 92_000, (1, 0, 1), 153_000),
    ("binary", 98_000, (1, 1, 0), 166_800),
    ("binary", 140_000, (1, 1, 1), 229_800),
    ("binary_value_per_head", 90_000, (0, 1, 1), 190),
    ("binary_value", 90_000, (1, 0, 0), 180_000),
    ("binary_contribution", 90_000, (0, 1, 1), 49_800),
]


@pytest.mark.parametrize(("model", "budget", "amounts", "value"), ROWS)
def test_every_formulation_of_the_three_markets(
    model: str, budget: float, amounts: tuple[float, ...], value: float
) -> None:
    plan = serve(model, budget)
    assert tuple(plan.solution.values()) == pytest.approx(amounts, abs=1e-9)
    assert plan.value == pytest.approx(value, rel=1e-12)
    assert plan.gap <= 1e-9
    assert plan.bound >= plan.value - 1e-6


@pytest.mark.parametrize(
    ("model", "budget", "code", "more", "less"),
    [
        ("share_sum", 30_000, "budget", 1.8, 1.8),
        ("share_sum", 42_000, "budget", 1.8, 1.8),
        ("share_sum", 50_000, "budget", 0.0, 1.8),
        ("share_sum", 80_000, "share_sum", 76_800, 90_000),
        ("share_each", 80_000, "budget", 1.6, 1.6),
        ("share_each", 100_000, "budget", 1.5, 1.5),
        ("share_each", 140_000, "budget", 0.0, 1.5),
        ("customers", 60_000, "budget", 2.0, 2.0),
        ("customers", 100_000, "budget", 1.0, 1.0),
        ("customers", 140_000, "budget", 0.0, 1.0),
    ],
)
def test_duals_are_ranges_where_they_are_degenerate(
    model: str, budget: float, code: str, more: float, less: float
) -> None:
    price = serve(model, budget).shadow_prices[code]
    assert (price.more, price.less) == (pytest.approx(more, abs=1e-9), pytest.approx(less, abs=1e-9))
    assert price.unique == (more == less)


@pytest.mark.parametrize("model", ["share_sum", "share_each", "customers"])
@pytest.mark.parametrize("budget", [30_000.0, 50_000.0, 65_000.0, 98_000.0, 140_000.0])
def test_the_ends_of_a_price_are_the_slopes_of_the_optimum(model: str, budget: float) -> None:
    plan, step = serve(model, budget), 1.0
    price = plan.shadow_prices.get("budget")
    more = (serve(model, budget + step).value - plan.value) / step
    less = (plan.value - serve(model, budget - step).value) / step
    assert (more, less) == pytest.approx((price.more, price.less) if price else (0.0, 0.0), abs=1e-6)


def test_the_ratio_greedy_answer_is_a_third_short_and_the_linear_bound_is_not_an_answer() -> None:
    assert serve("binary", 90_000).value == pytest.approx(139_800)
    # greedy by revenue per cost opens market 1 and can pay for nothing else: 64 %
    greedy, left = 0.0, 90_000.0
    for i in sorted(range(3), key=lambda i: -(1 - A[i]) * P[i] / C[i]):
        if C[i] * D[i] <= left:
            greedy, left = greedy + D[i] * (1 - A[i]) * P[i], left - C[i] * D[i]
    assert greedy == pytest.approx(90_000)
    assert serve("share_each", 90_000).value == pytest.approx(154_000)


def test_serving_everybody_costs_140_000_and_both_figures_are_reported() -> None:
    plan = serve("share_each", 140_000)
    assert (plan.cost, plan.revenue, plan.contribution) == (140_000, 229_800, 89_800)


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ValueError, match="needs the value of a customer"):
        serve_markets(D, P, C, A, 1.0, model="customers")
    with pytest.raises(ValueError, match="'best' is not one of"):
        serve("best", 1.0)
    with pytest.raises(ValueError, match="differ in length"):
        serve_markets(D, P[:2], C, A, 1.0, model="binary")


REALISTIC = MarketPlan(
    markets=[Market(str(i + 1), D[i], P[i], C[i], A[i]) for i in range(3)],
    partners=[
        Partner("self", 1.0, 4000, compute=0.02, data=0.05),
        Partner("P1", 1.15, 2000, 700, 200, 0.01, 0.02, reseller=True),
        Partner("P2", 1.1, 3000, 900, 300, 0.015, 0.03, reseller=True),
    ],
    cash=60_000, compute=14, data=35, segments=(0.4, 0.3, 0.3), effects=(1, 0.7, 0.4),
)  # fmt: skip


def test_the_realistic_plan_is_the_best_of_all_ways_to_open_and_sign() -> None:
    plan = REALISTIC.decide()
    model = Matrices.of(REALISTIC.program())
    codes = list(model.codes[0])
    opened = [j for j, c in enumerate(codes) if c.startswith("open:")]
    signed = [j for j, c in enumerate(codes) if c.startswith("sign:")]
    matrix = model.matrix.toarray()
    low, high = np.isfinite(model.row_low), np.isfinite(model.row_high)
    best, checked = -np.inf, 0
    for y in itertools.product((0.0, 1.0), repeat=len(opened)):
        # a partner that opens nowhere cannot meet a minimum and costs nothing unsigned: z = max y
        z = [max(v for v, j in zip(y, opened, strict=True) if codes[j].endswith(codes[k][5:])) for k in signed]
        lo, hi = model.low.copy(), model.high.copy()
        lo[opened] = hi[opened] = y
        lo[signed] = hi[signed] = z
        answer = linprog(
            -model.worth, A_ub=np.vstack([matrix[high], -matrix[low]]),
            b_ub=np.concatenate([model.row_high[high], -model.row_low[low]]), bounds=np.column_stack([lo, hi]),
        )  # fmt: skip
        checked += 1
        best = max(best, -answer.fun if answer.status == 0 else -np.inf)
    assert checked == 512
    assert plan.value == pytest.approx(best, rel=1e-9)
    assert plan.value == pytest.approx(20_460, rel=1e-9)
    assert plan.gap <= 1e-9


def test_the_realistic_plan_opens_signs_and_uses_what_it_should() -> None:
    plan = REALISTIC.decide()
    got = {c: v for c, v in plan.solution.items() if v > 1e-9}
    assert 1000 * got["serve:1:self"] == pytest.approx(540)
    assert 800 * got["serve:2:P1"] == pytest.approx(320)
    assert {c for c in got if c.startswith(("open", "sign"))} == {"open:1:self", "open:2:P1", "sign:self", "sign:P1"}
    rows = {r.code: sum(u * plan.solution[c] for c, u in r.uses.items()) for r in REALISTIC.program().rows}
    assert (rows["cash"], rows["compute"], rows["data"]) == pytest.approx((55_080, 14.0, 33.4))
    assert "compute" in plan.binding
    assert "relaxation=27493.61" in plan.why
    assert "choices_held" in plan.why


def test_the_price_of_compute_with_the_choices_held_is_its_worth() -> None:
    plan = REALISTIC.decide()
    more = replace(REALISTIC, compute=14.01).decide()
    assert more.value - plan.value == pytest.approx(0.01 * plan.shadow_prices["compute"].more, rel=1e-6)


def test_effects_that_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="let them fall"):
        replace(REALISTIC, effects=(0.4, 0.7, 1.0)).decide()


def test_a_minimum_nobody_can_pay_for_stays_unsigned_rather_than_infeasible() -> None:
    plan = replace(REALISTIC, cash=100).decide()
    assert plan.value == 0
    with pytest.raises(InfeasibleError):
        replace(REALISTIC, cash=-1).decide()
