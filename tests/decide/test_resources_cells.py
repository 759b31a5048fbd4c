"""The allocator of cells: against enumeration, another formulation, slopes of the optimum, and its own bound."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import regulars.decide.resources_search as searching
from regulars.decide.markets import Market, MarketPlan, Partner
from regulars.decide.program import Row
from regulars.decide.resources import ResourceAllocator, ResourceDecision
from regulars.decide.resources_cells import Cell, Level, combined, read_cells
from regulars.decide.resources_model import build
from regulars.decide.result import InfeasibleError

D, P, C, A = (1000, 800, 600), (100, 120, 150), (50, 60, 70), (0.1, 0.2, 0.3)
PARTNERS = (
    ("self", "direct", 1.0, 4000.0, np.inf, 0.0, 0.02, 0.05),
    ("P1", "reseller", 1.15, 2000.0, 700.0, 200.0, 0.01, 0.02),
    ("P2", "reseller", 1.1, 3000.0, 900.0, 300.0, 0.015, 0.03),
)
CELLS = [
    Cell(str(i + 1), mode, name, D[i], P[i], C[i], A[i], kappa, fixed, capacity, minimum, segments=(0.4, 0.3, 0.3),
         effects=(1.0, 0.7, 0.4), uses={"compute": g, "data": d})
    for i in range(3) for name, mode, kappa, fixed, capacity, minimum, g, d in PARTNERS
]  # fmt: skip
LIMITS = {"cash": 60_000.0, "compute": 14.0, "data": 35.0}
LATENCY = {"latency": (Level("batch"), Level("fast", price=1.15, churn=0.8, times={"gpu": 1.6}, fixed_cost=40.0))}


def lone(i: int, **more: object) -> Cell:
    """A market of the three served fully or not: what formulations D and E ask."""
    return Cell(str(i + 1), demand=D[i], price=P[i], unit_cost=C[i], churn=A[i], **more)


def test_the_realistic_instance_of_three_markets() -> None:
    plan = ResourceAllocator(LIMITS).decide(CELLS)
    assert plan.value == pytest.approx(20_460, rel=1e-9)
    assert plan.gap <= 1e-9
    assert {c: v for c, v in plan.solution.items() if v} == pytest.approx({"1/direct/self": 540, "2/reseller/P1": 320})
    assert plan.signed == ("P1",)
    assert plan.used == pytest.approx({"cash": 55_080, "compute": 14.0, "data": 33.4})
    assert plan.binding == ("compute",)
    assert plan.shadow_prices["compute"].more == pytest.approx(650)
    assert sum(s.contribution for s in plan.served) == pytest.approx(plan.value)
    # Linking every segment apart promises far less than the 27,493.61 of the usual formulation.
    assert 20_460 < plan.relaxation < 22_000


@pytest.mark.parametrize(
    ("budget", "units", "contribution"),
    [(60_000, (1000, 500 / 3, 0), 46_000.0), (90_000, (1000, 2000 / 3, 0), 64_000.0), (140_000, D, 89_800.0)],
)
def test_cells_without_fixed_costs_are_the_linear_programme(
    budget: float, units: tuple[float, ...], contribution: float
) -> None:
    plan = ResourceAllocator({"cash": budget}).decide([lone(i) for i in range(3)])
    assert tuple(plan.solution.values()) == pytest.approx(units)
    assert plan.value == pytest.approx(contribution)


def enumerated(cells: list[Cell], limits: dict[str, float], levels: dict[str, tuple[Level, ...]]) -> float:
    """The best over all ways to open and sign, each a linear programme written down apart from the model."""
    options = [(c, lv) for c in cells for lv in combined(levels)]
    codes = [k for k, v in limits.items() if np.isfinite(v)]
    best = -np.inf
    for y in itertools.product((0, 1), repeat=len(options)):
        opened = [o for o, on in zip(options, y, strict=True) if on]
        names = [c.code for c, _ in opened]
        resellers = [c.market for c, _ in opened if c.mode == "reseller"]
        if len(set(names)) < len(names) or len(set(resellers)) < len(resellers):
            continue
        columns = [(c, lv, k) for c, lv in opened for k in range(len(c.segments))]
        worth = [c.demand * c.segments[k] * ((1 - min(1, c.churn * lv.churn)) * c.price * lv.price * c.effects[k]
                 - c.kappa * c.unit_cost - lv.unit_cost) for c, lv, k in columns]  # fmt: skip
        fixed = sum(c.fixed_cost + lv.fixed_cost for c, lv in opened)
        a, b = [], []
        for market, k in {(c.market, k) for c, _, k in columns}:
            a.append([float(c.market == market and q == k) for c, _, q in columns])
            b.append(1.0)
        size = [c.demand * c.segments[k] for c, _, k in columns]
        for partner in {c.partner: c for c, _ in opened}.values():
            mine = [s * (c.partner == partner.partner) for s, (c, _, _) in zip(size, columns, strict=True)]
            if np.isfinite(partner.capacity):
                a.append(mine)
                b.append(partner.capacity)
            if partner.minimum:
                a.append([-v for v in mine])
                b.append(-partner.minimum)
        for c, lv in opened:
            mine = [s * (q is c and r is lv) for s, (q, r, _) in zip(size, columns, strict=True)]
            a.append(mine)
            b.append(min(c.high, 1e9))
        for code in codes:
            use = [(c.kappa * c.unit_cost + lv.unit_cost) if code == "cash" else
                   c.uses.get(code, 0.0) * lv.times.get(code, 1.0) + lv.uses.get(code, 0.0)
                   for c, lv, _ in columns]  # fmt: skip
            a.append([u * s for u, s in zip(use, size, strict=True)])
            taken = fixed if code == "cash" else sum(c.fixed_uses.get(code, 0.0) for c, _ in opened)
            b.append(limits[code] - taken)
        if not columns:
            best = max(best, 0.0)
            continue
        answer = linprog([-w for w in worth], A_ub=a, b_ub=b, bounds=(0, 1))
        if answer.status == 0:
            best = max(best, -answer.fun - fixed)
    return best


@st.composite
def companies(draw: st.DrawFn) -> tuple[list[Cell], dict[str, float], dict[str, tuple[Level, ...]]]:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    cells = []
    terms = {p: (float(rng.integers(20, 90)), float(rng.integers(0, 40))) for p in ("self", "A", "B")}
    for i in range(draw(st.integers(1, 2))):
        demand, price = float(rng.integers(20, 100)), float(rng.integers(5, 20))
        for p, mode in (("self", "direct"), ("A", "reseller"), ("B", "reseller"))[: draw(st.integers(1, 3))]:
            cells.append(Cell(
                f"m{i}", mode, p, demand, price, float(rng.uniform(2, 9)), float(rng.uniform(0, 0.4)),
                float(rng.uniform(1, 1.3)), float(rng.integers(0, 150)), *terms[p], segments=(0.5, 0.5),
                effects=(1.0, 0.6), uses={"gpu": float(rng.uniform(0.1, 1))},
                fixed_uses={"gpu": float(rng.integers(0, 5))},
                high=float(rng.integers(10, 120)),
            ))  # fmt: skip
    limits = {"cash": float(rng.integers(50, 1200)), "gpu": float(rng.integers(5, 80))}
    return cells, limits, LATENCY if draw(st.booleans()) and len(cells) <= 4 else {}


@settings(max_examples=25, deadline=None)
@given(company=companies())
def test_the_plan_is_the_best_of_all_ways_to_open_and_sign(
    company: tuple[list[Cell], dict[str, float], dict[str, tuple[Level, ...]]],
) -> None:
    cells, limits, levels = company
    best = enumerated(cells, limits, levels)
    plan = ResourceAllocator(limits, levels=levels).decide(cells)
    assert plan.value == pytest.approx(best, abs=1e-5)
    assert plan.gap <= 1e-7
    assert fits(plan, cells, limits)


def fits(plan: ResourceDecision, cells: list[Cell], limits: dict[str, float]) -> bool:
    """Whether the plan keeps every limit, counted from the served cells alone."""
    by = {c.code: c for c in cells}
    ok = all(plan.used[c] <= limits[c] * (1 + 1e-7) + 1e-6 for c in limits if np.isfinite(limits[c]))
    for market in {c.market for c in cells}:
        mine = [s for s in plan.served if s.market == market]
        ok &= sum(s.units for s in mine) <= next(c.demand for c in cells if c.market == market) * (1 + 1e-7)
        ok &= sum(s.mode == "reseller" for s in mine) <= 1
    for partner in {c.partner: c for c in cells}.values():
        units = sum(s.units for s in plan.served if s.partner == partner.partner)
        ok &= units <= partner.capacity * (1 + 1e-7)
        ok &= units == 0 or units >= partner.minimum * (1 - 1e-6)
    return ok and all(by[s.code].low - 1e-6 <= s.units <= by[s.code].high * (1 + 1e-7) for s in plan.served)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_it_agrees_with_the_usual_formulation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    markets = [Market(f"m{i}", float(rng.integers(100, 900)), float(rng.uniform(50, 150)), float(rng.uniform(20, 70)),
                      float(rng.uniform(0, 0.4))) for i in range(4)]  # fmt: skip
    partners = [
        Partner(f"p{j}", 1 + 0.1 * j, float(rng.integers(500, 4000)), float(rng.integers(300, 900)) if j else np.inf,
                float(rng.integers(50, 250)) if j else 0.0, float(rng.uniform(0.01, 0.05)),
                float(rng.uniform(0.01, 0.05)), reseller=j > 0)
        for j in range(3)
    ]  # fmt: skip
    usual = MarketPlan(markets, partners, 50_000, 20, 25, (0.5, 0.5), (1.0, 0.6)).decide()
    cells = [Cell(m.name, "reseller" if p.reseller else "direct", p.name, m.demand, m.price, m.cost, m.churn,
                  p.cost_factor, p.fixed_cost, p.capacity, p.minimum, segments=(0.5, 0.5), effects=(1.0, 0.6),
                  uses={"compute": p.compute, "data": p.data}) for m in markets for p in partners]  # fmt: skip
    plan = ResourceAllocator({"cash": 50_000.0, "compute": 20.0, "data": 25.0}).decide(cells)
    assert plan.value == pytest.approx(usual.value, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_many_cells_keep_every_limit_and_their_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(seed)
    names = [f"p{j}" for j in range(5)]
    capacity, minimum = rng.uniform(400, 1500, 5), rng.uniform(50, 300, 5)
    cells = []
    for i in range(16):
        demand, price, cost = float(rng.lognormal(5, 0.7)), float(rng.uniform(60, 150)), float(rng.uniform(20, 60))
        for j, p in enumerate(names):
            cells.append(Cell(f"m{i}", "reseller" if j else "direct", p, demand, price, cost, 0.1, 1 + 0.05 * j,
                              float(rng.uniform(300, 2000)), float(capacity[j]), float(minimum[j]) if j else 0.0,
                              segments=(0.4, 0.3, 0.3), effects=(1.0, 0.7, 0.4),
                              uses={"gpu": float(rng.uniform(0.2, 1))}))  # fmt: skip
    limits = {"cash": 60_000.0, "gpu": 500.0}
    exact = ResourceAllocator(limits, levels=LATENCY, gap=0.0).decide(cells)
    monkeypatch.setattr(searching, "WHOLE", 0)
    monkeypatch.setattr(searching, "FIRST", 20)
    monkeypatch.setattr(searching, "MEDIUM", 60)
    plan = ResourceAllocator(limits, levels=LATENCY).decide(cells)
    assert fits(plan, cells, limits)
    assert plan.gap <= 0.01
    assert plan.bound >= exact.value * (1 - 1e-9)
    assert plan.value <= exact.bound * (1 + 1e-9)
    assert ResourceAllocator(limits, levels=LATENCY).decide(cells).solution == plan.solution


def test_prices_are_slopes_and_hold_as_far_as_the_ranging_says() -> None:
    drawn = [(100, 12, 0.5), (80, 9, 0.2), (60, 20, 2)]
    cells = [Cell(f"m{i}", demand=d, price=p, unit_cost=4.0, segments=(0.5, 0.5), effects=(1.0, 0.7),
                  uses={"gpu": g, "data": 1.0}) for i, (d, p, g) in enumerate(drawn)]  # fmt: skip
    limits = {"gpu": 60.0, "data": 150.0}
    plan = ResourceAllocator(limits).decide(cells)
    for code, price in plan.shadow_prices.items():
        far = plan.ranging[code]

        def value(amount: float, code: str = code) -> float:
            return ResourceAllocator({**limits, code: amount}).decide(cells).value

        assert far.low < limits[code] < far.high
        assert value(far.high) - plan.value == pytest.approx(price.more * (far.high - limits[code]), rel=1e-5, abs=1e-4)
        assert plan.value - value(far.low) == pytest.approx(price.less * (limits[code] - far.low), rel=1e-5, abs=1e-4)
        beyond = far.high * 1.02 + 1
        assert value(beyond) - plan.value < price.more * (beyond - limits[code]) - 1e-6
    worth = ResourceAllocator(limits).worth(cells)
    assert set(worth) == set(limits)
    assert all(less <= 1e-9 <= more + 2e-9 for less, more in worth.values())


def test_wishes_that_cannot_hold_are_the_fewest_in_the_owners_words() -> None:
    cells = [replace(lone(0, uses={"gpu": 1.0}), low=600.0, label="北方"), lone(1, uses={"gpu": 1.0}),
             replace(lone(2, uses={"gpu": 1.0}), frozen=500.0)]  # fmt: skip
    with pytest.raises(InfeasibleError) as error:
        ResourceAllocator({"gpu": 1000.0, "cash": 1e6}, labels={"gpu": "显卡时"}).decide(cells)
    assert [(w.code, w.label, w.amount) for w in error.value.conflict] == [
        ("at_least:1/direct/self", "北方", 600.0),
        ("frozen:3/direct/self", "3/direct/self", 500.0),
        ("gpu", "显卡时", 1000.0),
    ]
    assert error.value.smallest
    signed = Cell("x", "reseller", "R", demand=50, price=10, unit_cost=1, minimum=80, signed=True)
    with pytest.raises(InfeasibleError) as error:
        ResourceAllocator({"cash": 100.0}).decide([signed])
    assert {w.code for w in error.value.conflict} == {"signed:R", "minimum:R"} or len(error.value.conflict) <= 3


def test_further_rows_and_levels_are_kept() -> None:
    cells = [lone(i, uses={"gpu": 1.0}) for i in range(3)]
    free = ResourceAllocator({"cash": 1e6, "gpu": 1e6}).decide(cells)
    rows = [Row("either", {"open:1/direct/self": 1.0, "open:2/direct/self": 1.0}, high=1.0)]
    held = ResourceAllocator({"cash": 1e6, "gpu": 1e6}).decide(cells, rows=rows)
    assert held.value < free.value
    assert (held.solution["1/direct/self"] > 0) + (held.solution["2/direct/self"] > 0) == 1
    levels = {"latency": (Level("slow"), Level("fast", price=1.5, times={"gpu": 3.0})),
              "support": (Level("mail"), Level("phone", churn=0.5, unit_cost=1.0, uses={"hours": 0.1}))}  # fmt: skip
    wide = ResourceAllocator({"gpu": 1e6, "hours": 1e6}, levels=levels).decide(cells)
    assert {s.level for s in wide.served} == {"fast+phone"}
    short = ResourceAllocator({"gpu": 1e6, "hours": 0.0}, levels=levels).decide(cells)
    assert {s.level for s in short.served} == {"fast+mail"}
    tight = ResourceAllocator({"gpu": 1200.0, "hours": 0.0}, levels=levels).decide(cells)
    assert tight.used["gpu"] <= 1200.0 * (1 + 1e-9)
    assert len(combined(levels)) == 4


def test_a_table_is_as_good_as_cells() -> None:
    table = pa.table({"market": ["a", "b"], "demand": [10.0, 20.0], "price": [5.0, 4.0], "unit_cost": [1.0, 1.0],
                      "gpu": [1.0, 0.5], "high": [None, 18.0]})  # fmt: skip
    read = read_cells(table, ("gpu",))
    assert read[0].uses == {"gpu": 1.0}
    plan = ResourceAllocator({"gpu": 15.0}).decide(table.to_pandas())
    assert plan.solution == pytest.approx({"a/direct/self": 6.0, "b/direct/self": 18.0})


@pytest.mark.parametrize(
    ("cells", "match"),
    [
        ([], "at least one cell"),
        ([Cell("a"), Cell("a")], "given twice"),
        ([Cell("a", demand=-1)], "demand is -1"),
        ([Cell("a", churn=1.5)], "churn is 1.5"),
        ([Cell("a", demand=float("nan"))], "demand is nan"),
        ([Cell("a", demand=5), Cell("a", "agent", "x", demand=6)], "one fact of the market"),
        ([Cell("a", "agent", "x", capacity=6), Cell("b", "agent", "x", capacity=5)], "one fact of the partner"),
        ([Cell("a", uses={"tea": 1.0})], "no limit names"),
        ([Cell("a", uses={"gpu": -1.0})], "give 0 or more"),
        ([Cell("a", segments=(0.4, 0.6), effects=(0.5, 1.0))], "let them fall"),
        ([Cell("a", segments=(0.8, 0.6), effects=(1.0, 0.5))], "add up to 1.4"),
    ],
)
def test_what_cannot_be_is_named(cells: list[Cell], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        ResourceAllocator({"gpu": 1.0}).decide(cells)


def test_nothing_worth_serving_is_an_empty_plan() -> None:
    plan = ResourceAllocator({"cash": 10.0}).decide([Cell("a", demand=10, price=1, unit_cost=2)])
    assert (plan.value, plan.served, plan.solution) == (0.0, (), {"a/direct/self": 0.0})
    assert plan.shadow_prices == {}
    with pytest.raises(ValueError, match="is not a number"):
        ResourceAllocator({"cash": float("nan")}).decide([Cell("a")])
    with pytest.raises(ValueError, match="has no choices"):
        ResourceAllocator({}, levels={"latency": ()}).decide([Cell("a")])


def test_the_model_counts_units_by_segment() -> None:
    model = build(CELLS, (Level(""),), LIMITS, {})
    assert model.serves.shape == (9, 3)
    assert list(model.links[: model.serves.size]) == [True] * 27
