from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import regulars.decide.conflicts as conflicts
from regulars.decide.conflicts import smallest_conflict
from regulars.decide.program import Column, Program, Row
from regulars.decide.result import InfeasibleError


@st.composite
def wishes(draw: st.DrawFn) -> Program:
    n = draw(st.integers(1, 3))
    rows = [
        Row(f"r{i}", {f"x{j}": draw(st.integers(-2, 3)) for j in range(n)}, **{draw(st.sampled_from(["low", "high"])):
            draw(st.integers(-6, 6))}) for i in range(draw(st.integers(2, 7)))
    ]  # fmt: skip
    return Program([Column(f"x{j}", high=5.0, given=True) for j in range(n)], rows)


def holds(p: Program, some: tuple[Row, ...]) -> bool:
    a, b = [], []
    for r in some:
        line = [r.uses[c.code] for c in p.columns]
        sign, limit = (1, r.high) if np.isfinite(r.high) else (-1, -r.low)
        a.append([sign * v for v in line])
        b.append(limit)
    if not a:
        return True
    return linprog(np.zeros(len(p.columns)), A_ub=a, b_ub=b, bounds=(0, 5)).status == 0


@settings(max_examples=40, deadline=None)
@given(p=wishes())
def test_the_conflict_is_the_smallest_of_all_subsets(p: Program) -> None:
    size = next(
        (k for k in range(1, len(p.rows) + 1) if any(not holds(p, s) for s in itertools.combinations(p.rows, k))), None
    )
    if size is None:
        with pytest.raises(ValueError, match="can hold together"):
            smallest_conflict(p)
        return
    found = smallest_conflict(p)
    assert found.smallest
    assert len(found.conflict) == size
    assert not holds(p, tuple(r for r in p.rows if r.code in {w.code for w in found.conflict}))


def test_deletion_alone_would_name_a_larger_set(monkeypatch: pytest.MonkeyPatch) -> None:
    # dropping in order keeps {pair1, pair2, sum}; {least, most} is smaller
    p = Program(
        [Column("a", given=True), Column("b", given=True)],
        [
            Row("most", {"a": 1}, high=1),
            Row("least", {"a": 1}, low=2),
            Row("pair1", {"a": 1, "b": 1}, high=4),
            Row("pair2", {"b": 1}, low=3),
            Row("sum", {"a": 1, "b": 1}, low=6),
        ],
    )
    assert {w.code for w in smallest_conflict(p).conflict} <= {"most", "least", "pair1", "sum"}
    assert len(smallest_conflict(p).conflict) == 2
    monkeypatch.setattr(conflicts, "ROUNDS", 0)
    found = smallest_conflict(p)
    assert not found.smallest
    codes = {w.code for w in found.conflict}
    rows = [r for r in p.rows if r.code in codes]
    assert Program(p.columns, rows).rows
    for row in rows:
        assert Program(p.columns, [r for r in rows if r is not row]).decide().value == 0


def test_a_plan_names_the_owners_wishes_and_amounts() -> None:
    p = Program(
        [Column("search", 1.0, low=70.0, label="搜索广告"), Column("social", 1.0, low=20.0, label="社交")],
        [Row("budget", {"search": 1, "social": 1}, high=60.0, label="每周预算")],
    )
    with pytest.raises(InfeasibleError) as error:
        p.decide()
    assert [(w.code, w.label, w.amount) for w in error.value.conflict] == [
        ("budget", "每周预算", 60.0),
        ("at_least:search", "搜索广告", 70.0),
    ]


def test_facts_that_contradict_each_other_are_not_blamed_on_wishes() -> None:
    p = Program(
        [Column("a", high=1.0, given=True)], [Row("fact", {"a": 1}, low=2, given=True), Row("wish", {"a": 1}, high=9)]
    )
    with pytest.raises(ValueError, match="facts contradict"):
        smallest_conflict(p)
