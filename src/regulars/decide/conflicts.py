"""Which wishes cannot hold together: the smallest set that is already in conflict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from regulars.decide.program import ON, Column, Matrices, Program, Row
from regulars.decide.result import InfeasibleError, Wish

ROUNDS = 200


@dataclass(frozen=True)
class _Ask:
    """One wish as a row of the programme that can be switched off."""

    wish: Wish
    row: Row


def smallest_conflict(program: Program) -> InfeasibleError:
    """The smallest set of wishes of an infeasible programme that cannot hold together.

    Wishes are the rows and the limits of columns that are not ``given``. A set of wishes is in conflict exactly when
    it meets every set whose removal would cure the programme. So: take the smallest set that meets all cures known so
    far; if it is in conflict it is the smallest there is; if not, grow it to a largest set that holds together (first
    by an elastic programme, then one by one): what is left out is a new cure. After ``ROUNDS`` rounds the deletion
    filter answers instead (no wish of its set can be spared, but a smaller set might exist).

    Raises ``ValueError`` when the programme is feasible, or infeasible without any wish. Source: Ignatiev and others,
    Smallest MUS extraction with minimal hitting set dualization, CP 2015; Chinneck, Feasibility and Infeasibility in
    Optimization (2008), chapter 6.

    >>> p = Program([Column("a", low=3.0), Column("b", low=4.0), Column("c", low=1.0)],
    ...             [Row("budget", {"a": 1, "b": 1, "c": 1}, high=6.0, label="Weekly budget")])
    >>> [w.code for w in smallest_conflict(p).conflict]
    ['budget', 'at_least:a', 'at_least:b']
    """
    columns, rows, asks = _split(program)
    everything = range(len(asks))
    if _holds(columns, rows, asks, everything):
        raise ValueError("the wishes can hold together")
    if not _holds(columns, rows, asks, ()):
        raise ValueError("the facts contradict each other before any wish is asked")
    cures: list[set[int]] = []
    for _ in range(ROUNDS):
        some = _hitting(cures, len(asks))
        if not _holds(columns, rows, asks, some):
            return InfeasibleError([asks[k].wish for k in sorted(some)])
        kept = set(_elastic(columns, rows, asks, some))
        for k in everything:
            if k not in kept and _holds(columns, rows, asks, kept | {k}):
                kept.add(k)
        cures.append(set(everything) - kept)
    left = list(everything)
    for k in everything:
        without = [q for q in left if q != k]
        if not _holds(columns, rows, asks, without):
            left = without
    return InfeasibleError([asks[k].wish for k in left], smallest=False)


def _split(program: Program) -> tuple[list[Column], list[Row], list[_Ask]]:
    """Facts apart from wishes; a wished limit of a column becomes a row."""
    columns: list[Column] = []
    facts: list[Row] = []
    asks: list[_Ask] = []
    for row in program.rows:
        if row.given:
            facts.append(row)
        else:
            amount = row.high if np.isfinite(row.high) else row.low
            asks.append(_Ask(Wish(row.code, row.label, amount), row))
    for c in program.columns:
        if c.given:
            columns.append(c)
            continue
        if c.low > 0:
            asks.append(_Ask(Wish(f"at_least:{c.code}", c.label, c.low), Row(f"at_least:{c.code}", {c.code: 1}, c.low)))
        if np.isfinite(c.high):
            row = Row(f"at_most:{c.code}", {c.code: 1}, high=c.high)
            asks.append(_Ask(Wish(f"at_most:{c.code}", c.label, c.high), row))
        columns.append(replace(c, low=min(c.low, 0.0), high=np.inf))
    return [replace(c, worth=0.0) for c in columns], facts, asks


def _holds(columns: list[Column], facts: list[Row], asks: list[_Ask], some: Any) -> bool:
    return Matrices.of(Program(columns, [*facts, *(asks[k].row for k in sorted(some))])).solve() is not None


def _hitting(sets: Sequence[set[int]], size: int) -> set[int]:
    """The smallest set that meets every one of the sets."""
    if not sets:
        return set()
    meets = np.array([[float(k in s) for k in range(size)] for s in sets])
    answer: Any = milp(
        # ties go to the earlier wish, so the answer is always the same
        1 + 1e-6 * np.arange(size) / size,
        constraints=LinearConstraint(meets, 1.0, np.inf),
        bounds=Bounds(0, 1),
        integrality=np.ones(size, dtype=np.int64),
    )
    return set(np.flatnonzero(answer.x > 0.5).tolist())


def _elastic(columns: list[Column], facts: list[Row], asks: list[_Ask], hard: set[int]) -> list[int]:
    """Wishes that hold when all others may stretch as little as possible: they hold together."""
    stretched, rows = list(columns), [*facts, *(asks[k].row for k in sorted(hard))]
    for k, ask in enumerate(asks):
        if k in hard:
            continue
        uses = dict(ask.row.uses)
        for side, sign in (("under", 1.0), ("over", -1.0)):
            stretched.append(Column(f"{side} {k}", -1.0))
            uses[f"{side} {k}"] = sign
        rows.append(replace(ask.row, uses=uses))
    model = Matrices.of(Program(stretched, rows))
    answer = model.solve()
    if answer is None:
        return sorted(hard)
    used = {code: v for code, v in zip(model.codes[0], answer[0], strict=True) if v > ON}
    return [k for k in range(len(asks)) if k in hard or not (f"under {k}" in used or f"over {k}" in used)]
