"""Linear programmes with names, whole or not: an optimum, its bound, and the true range of every shadow price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from regulars.decide.curves import Array
from regulars.decide.result import Decision, ShadowPrice, relative_gap

Amounts = dict[str, float]
# HiGHS keeps rows to 1e-7; what is nearer to a limit than this is on it.
ON = 1e-6


@dataclass(frozen=True)
class Column:
    """One thing to decide: what a unit is worth, between which limits, in whole units or not.

    ``given`` marks limits that are facts, not wishes (a share is at most 1): they are never blamed for a conflict.
    """

    code: str
    worth: float = 0.0
    low: float = 0.0
    high: float = np.inf
    whole: bool = False
    given: bool = False
    label: str = ""


@dataclass(frozen=True)
class Row:
    """One limit over several columns: low <= sum uses * column <= high. ``given`` as in ``Column``."""

    code: str
    uses: Mapping[str, float] = field(default_factory=dict)
    low: float = -np.inf
    high: float = np.inf
    given: bool = False
    label: str = ""


@dataclass(frozen=True)
class Program:
    """Maximise sum worth * column within rows and limits; exact by HiGHS.

    Shadow prices are ranges, found by linear programmes over the set of all optimal duals (dual feasible and
    complementary to the optimum), because at a degenerate corner the one dual a solver happens to return says
    nothing. With whole columns they are those of the programme with the whole columns held at their optimum, marked
    ``choices_held`` in ``why``; ``bound`` is then the one that branch and bound proved.

    Raises ``InfeasibleError`` with the smallest set of wishes in conflict and ``ValueError`` when nothing limits the
    plan. Source: Gal, Postoptimal Analyses (1995), chapter 4; Huangfu and Hall, Mathematical Programming Computation
    10 (2018) 119-142 for HiGHS.

    >>> plan = Program([Column("bread", 2.0), Column("cake", 3.0)], [Row("flour", {"bread": 1, "cake": 2}, high=10)])
    >>> plan.decide().solution, plan.decide().value, plan.decide().shadow_prices["flour"].more
    ({'bread': 10.0, 'cake': 0.0}, 20.0, 2.0)
    """

    columns: Sequence[Column]
    rows: Sequence[Row]

    def decide(self) -> Decision[Amounts]:
        """Solve; the solution maps column codes to amounts."""
        model = Matrices.of(self)
        answer = model.solve()
        if answer is None:
            from regulars.decide.conflicts import smallest_conflict

            raise smallest_conflict(self)
        x, bound = answer
        whole = model.whole.astype(bool)
        prices = price_ranges(model.held(x), x)
        if not whole.any():
            bound = _dual_bound(model, prices.dual)
        value = float(model.worth @ x)
        return Decision(
            solution={c.code: float(v) + 0.0 for c, v in zip(self.columns, x, strict=True)},
            value=value,
            bound=bound,
            gap=relative_gap(value, bound),
            binding=tuple(prices.ranges),
            shadow_prices=prices.ranges,
            why=("choices_held",) if whole.any() else (),
        )

    def relaxed(self) -> Program:
        """The same programme without the demand for whole units."""
        return replace(self, columns=[replace(c, whole=False) for c in self.columns])


@dataclass(frozen=True)
class Matrices:
    """A programme as arrays."""

    codes: tuple[tuple[str, ...], tuple[str, ...]]
    worth: Array
    matrix: Any
    row_low: Array
    row_high: Array
    low: Array
    high: Array
    whole: Any
    given: Sequence[bool]

    @classmethod
    def of(cls, program: Program) -> Matrices:
        """Read a programme; raises ``ValueError`` for a code used twice or a row over an unknown column."""
        codes = tuple(c.code for c in program.columns), tuple(r.code for r in program.rows)
        for names in codes:
            if len(set(names)) != len(names):
                raise ValueError(f"code {next(n for n in names if names.count(n) > 1)!r} is used twice")
        place = {code: j for j, code in enumerate(codes[0])}
        entries: list[tuple[int, int, float]] = []
        for k, row in enumerate(program.rows):
            for code, use in row.uses.items():
                if code not in place:
                    raise ValueError(f"row {row.code!r} uses {code!r}, which is not a column")
                entries.append((k, place[code], float(use)))
        i, j, a = (list(v) for v in zip(*entries, strict=True)) if entries else ([], [], [])
        return cls(
            codes,
            np.array([c.worth for c in program.columns], dtype=float),
            csr_array((a, (i, j)), shape=(len(codes[1]), len(codes[0]))),
            np.array([r.low for r in program.rows], dtype=float),
            np.array([r.high for r in program.rows], dtype=float),
            np.array([c.low for c in program.columns], dtype=float),
            np.array([c.high for c in program.columns], dtype=float),
            np.array([c.whole for c in program.columns], dtype=np.int64),
            [r.given for r in program.rows],
        )

    def solve(self) -> tuple[Array, float] | None:
        """An optimum and a proved bound, or None when there is no solution."""
        if (self.low > self.high).any():
            return None
        options: Any = {"mip_rel_gap": 0.0}
        rows = [LinearConstraint(self.matrix, self.row_low, self.row_high)] if len(self.row_low) else []
        answer: Any = milp(
            -self.worth, constraints=rows, bounds=Bounds(self.low, self.high), integrality=self.whole, options=options
        )  # fmt: skip
        if answer.status == 3 or (answer.status == 4 and self._unlimited()):
            raise ValueError("nothing limits the plan: give a budget, or every amount a highest value")
        if answer.x is None:
            return None
        x = np.clip(np.where(self.whole == 1, np.rint(answer.x), answer.x), self.low, self.high)
        bound = -float(answer.mip_dual_bound) if self.whole.any() else float(self.worth @ x)
        return x, bound

    def _unlimited(self) -> bool:
        return replace(self, worth=np.zeros_like(self.worth)).solve() is not None

    def held(self, x: Array) -> Matrices:
        """The same with the whole columns fixed at their values."""
        at = self.whole == 1
        return replace(self, low=np.where(at, x, self.low), high=np.where(at, x, self.high))


@dataclass(frozen=True)
class Prices:
    """The range of every price that is not always 0, by code, and one optimal dual of the rows."""

    ranges: dict[str, ShadowPrice]
    dual: Array


def price_ranges(m: Matrices, x: Array) -> Prices:
    """The least and largest price of every limit that binds, over all optimal duals.

    Unknowns: the row prices y, split by side, and the bound prices w, split by side; each may be above 0 only where
    x sits on that side (complementary slackness with one optimum holds for every optimal dual). They satisfy
    A'(y_high - y_low) + w_high - w_low = worth.
    """
    use = m.matrix @ x
    near = ON * np.maximum(1.0, np.abs(use))
    sides = [use >= m.row_high - near, use <= m.row_low + near]
    size = ON * np.maximum(1.0, np.abs(x))
    edges = [x >= m.high - size, x <= m.low + size]
    n, k = len(x), len(use)
    equal = hstack([m.matrix.T, -m.matrix.T, eye_array(n), -eye_array(n)]).tocsr()
    top = np.where(np.concatenate([*sides, *edges]), np.inf, 0.0)
    scale = max(float(np.abs(m.worth).max(initial=0.0)), 1e-12)
    whole = m.whole == 1

    def point(goal: Array) -> Array | None:
        """An optimal dual where this is least, or None where it has no end."""
        answer: Any = milp(goal, constraints=LinearConstraint(equal, m.worth, m.worth), bounds=Bounds(0.0, top))
        return None if answer.x is None else np.asarray(answer.x)

    # Two far points of the set that coincide in a random direction are the whole set: the usual, unique case.
    aim = np.random.default_rng(0).uniform(1.0, 2.0, 2 * k + 2 * n)
    first, last = point(aim), point(-aim)
    unique = first is not None and last is not None and bool(np.abs(first - last).max() <= 1e-9 * scale)

    def reach(goal: Array) -> float:
        at = first if unique else point(goal)
        return -np.inf if at is None else float(goal @ at)

    ranges: dict[str, ShadowPrice] = {}

    def add(code: str, at_high: int, at_low: int) -> None:
        """Price of a limit whose high and low sides have these places; -1 where the side does not bind."""
        goal = np.zeros(2 * k + 2 * n)
        if at_high >= 0:
            goal[at_high] = 1.0
        if at_low >= 0:
            goal[at_low] = -1.0
        price = ShadowPrice(reach(goal) + 0.0, -reach(-goal) + 0.0)
        # With choices held an endless price only says that they would have to change.
        if max(abs(price.more), abs(price.less)) > 1e-9 * scale and not (whole.any() and np.isinf(price.less)):
            ranges[code] = price

    for i, code in enumerate(m.codes[1]):
        if (sides[0][i] or sides[1][i]) and not m.given[i]:
            add(code, i if sides[0][i] else -1, k + i if sides[1][i] else -1)
    for j, code in enumerate(m.codes[0]):
        if edges[0][j] and not whole[j]:
            add(f"at_most:{code}", 2 * k + j, -1)
        if edges[1][j] and m.low[j] > 0 and not whole[j]:
            add(f"at_least:{code}", -1, 2 * k + n + j)
    dual = np.zeros(k) if first is None else first[:k] - first[k : 2 * k]
    return Prices(ranges, dual)


def _dual_bound(m: Matrices, y: Array) -> float:
    """What no plan can exceed at these row prices: the Lagrangian bound, for any y."""
    up, down = np.maximum(y, 0.0), np.maximum(-y, 0.0)
    finite_high = np.where(np.isfinite(m.row_high), m.row_high, 0)
    finite_low = np.where(np.isfinite(m.row_low), m.row_low, 0)
    left = m.worth - m.matrix.T @ y
    left[np.abs(left) <= 1e-9 * max(float(np.abs(m.worth).max(initial=0.0)), 1e-12)] = 0.0
    with np.errstate(invalid="ignore"):
        best = np.where(left > 0, left * m.high, np.where(left < 0, left * m.low, 0.0))
    return float(up @ finite_high - down @ finite_low + best.sum())
