from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from regulars.decide.program import Column, Program, Row

small = st.integers(-3, 9)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    n, k = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    columns = [Column(f"x{j}", draw(small), high=draw(st.integers(1, 5))) for j in range(n)]
    rows = [
        Row(f"r{i}", {f"x{j}": draw(st.integers(0, 4)) for j in range(n)}, high=draw(st.integers(0, 12)))
        for i in range(k)
    ]
    return Program(columns, rows)


def value(p: Program, code: str, change: float) -> float:
    rows = [Row(r.code, r.uses, high=r.high + change * (r.code == code)) for r in p.rows]
    answer = linprog(
        [-c.worth for c in p.columns],
        A_ub=[[r.uses[c.code] for c in p.columns] for r in rows],
        b_ub=[r.high for r in rows],
        bounds=[(c.low, c.high) for c in p.columns],
    )
    return -answer.fun if answer.status == 0 else -np.inf


@settings(max_examples=60, deadline=None)
@given(p=programs())
def test_linear_optimum_bound_and_one_sided_prices(p: Program) -> None:
    plan = p.decide()
    base = value(p, "", 0.0)
    assert plan.value == pytest.approx(base, abs=1e-6)
    assert plan.bound == pytest.approx(base, abs=1e-6)
    step = 1e-3
    for row in p.rows:
        price = plan.shadow_prices.get(row.code)
        more, less = (price.more, price.less) if price else (0.0, 0.0)
        assert (value(p, row.code, step) - base) / step == pytest.approx(more, abs=1e-4)
        if row.high > 0:
            assert (base - value(p, row.code, -step)) / step == pytest.approx(less, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(p=programs())
def test_whole_optimum_is_the_best_of_all(p: Program) -> None:
    whole = Program([Column(c.code, c.worth, c.low, c.high, True) for c in p.columns], p.rows)
    best = max(
        sum(c.worth * v for c, v in zip(p.columns, x, strict=True))
        for x in itertools.product(*(range(int(c.high) + 1) for c in p.columns))
        if all(sum(r.uses[c.code] * v for c, v in zip(p.columns, x, strict=True)) <= r.high for r in p.rows)
    )
    plan = whole.decide()
    assert plan.value == pytest.approx(best)
    assert plan.gap <= 1e-9


def test_a_minimum_has_a_negative_price() -> None:
    plan = Program([Column("good", 5.0), Column("duty", 1.0, low=2.0)], [Row("hours", {"good": 1, "duty": 1}, high=10)])
    assert plan.decide().solution == {"good": 8.0, "duty": 2.0}
    price = plan.decide().shadow_prices["at_least:duty"]
    assert (price.more, price.less) == (-4.0, -4.0)


def test_a_limit_that_cannot_shrink_costs_without_end() -> None:
    plan = Program([Column("a", 1.0, low=2.0)], [Row("hours", {"a": 1}, high=2)]).decide()
    assert plan.shadow_prices["hours"].more == 1.0 or plan.shadow_prices["hours"].more == 0.0
    assert plan.shadow_prices["hours"].less == np.inf


def test_a_plan_without_limits_and_bad_codes_are_errors() -> None:
    with pytest.raises(ValueError, match="nothing limits the plan"):
        Program([Column("a", 1.0)], []).decide()
    with pytest.raises(ValueError, match="used twice"):
        Program([Column("a"), Column("a")], []).decide()
    with pytest.raises(ValueError, match="'b', which is not a column"):
        Program([Column("a")], [Row("r", {"b": 1})]).decide()
