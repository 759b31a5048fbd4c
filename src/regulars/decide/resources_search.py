"""The best plan for many cells with a proved gap: prices, then a small exact programme, then partner by partner."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import vstack

from regulars.decide.curves import Array
from regulars.decide.program import Matrices
from regulars.decide.resources_model import Model

# Up to here the whole programme is solved exactly; beyond, the gap is closed to ``WIDE``.
WHOLE: Final = 250
WIDE: Final = 0.008
# Work is counted in nodes, never in seconds: the same input gives the same answer on any machine.
NODES: Final = 100
FIRST: Final = 150
MEDIUM: Final = 600
LARGEST: Final = 1_500
PARTNERS: Final = 12
SPLITS: Final = 150


@dataclass(frozen=True)
class Found:
    """A plan, what no plan exceeds, and what the relaxation without whole choices would promise."""

    x: Array
    bound: float
    relaxation: float


@dataclass(frozen=True)
class _Relaxed:
    """The linear relaxation between limits: its optimum, a bound by weak duality, and what each option lacks.

    ``lacks`` is how much at least a plan that opens the option stays below the bound; 0 for options in use.
    """

    x: Array
    bound: float
    lacks: Array


class _Search:
    """One search: the options looked at so far, the best plan and the bound."""

    def __init__(self, model: Model, gap: float) -> None:
        self.model, self.m, self.gap = model, model.matrices, gap
        self.every_serve = np.sort(model.serves[model.serves >= 0])
        self.generic = self.m.matrix.tocsr()[np.flatnonzero(~model.links)]
        self.seen = self._promising()
        self.best: Array | None = None
        self.value = -np.inf

    def run(self) -> Found | None:
        root = self._relax(self.m.low, self.m.high)
        if root is None:
            return None
        bound = root.bound
        for size in self._sizes(root):
            bound = min(bound, self._restrict(root, size, self.m.low, self.m.high))
            if self._close(bound):
                break
        # With few partners it is who signs that leaves the gap; with many, a larger programme closes it sooner.
        few = 0 < len(self.model.signs) <= PARTNERS
        if not self._close(bound) and few:
            bound = min(bound, self._branch(root, bound))
        if not self._close(bound):
            bound = min(bound, self._restrict(root, LARGEST, self.m.low, self.m.high))
        if not self._close(bound) and not few:
            bound = min(bound, self._branch(root, bound))
        if self.best is None:
            bound = self._restrict(root, len(self.model.opens), self.m.low, self.m.high)
        return None if self.best is None else Found(self.best, max(bound, self.value), root.bound)

    def _close(self, bound: float) -> bool:
        return self.best is not None and bound - self.value <= self.gap * max(abs(bound), abs(self.value))

    def _sizes(self, root: _Relaxed) -> Iterator[int]:
        """Ever more options to solve exactly over: as many as the gap so far says can still matter, up to a few."""
        size = min(FIRST, max(40, len(root.lacks) // 4))
        while True:
            yield size
            spare = root.bound - self.value * (1 + 0.9 * self.gap) if self.best is not None else np.inf
            needed = int((root.lacks < spare).sum())
            if size >= min(needed, MEDIUM):
                return
            size = min(max(needed, 2 * size), MEDIUM)

    def _promising(self) -> Any:
        """Options to begin with: the best few of every market on their own, and all that a wish may need."""
        m, model = self.m, self.model
        serve = np.where(model.serves >= 0, np.maximum(m.worth[model.serves], 0.0), 0.0).sum(axis=1)
        alone = serve + m.worth[model.opens]
        market = np.array([o.cell.market for o in model.options])
        order = np.lexsort((-alone, market))
        first = np.r_[True, market[order][1:] != market[order][:-1]]
        rank = np.arange(len(order)) - np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
        seen = np.zeros(len(order), dtype=bool)
        seen[order[rank < 3]] = True
        seen |= np.array([o.cell.low > 0 or bool(o.cell.frozen) or o.cell.signed for o in model.options])
        return seen

    def _columns(self, kept: Any) -> Any:
        """The columns of these options, beside all signatures."""
        serves = self.model.serves[kept]
        return np.sort(np.concatenate([self.model.signs, self.model.opens[kept], serves[serves >= 0]]))

    def _part(self, kept: Any, low: Array, high: Array) -> tuple[Matrices, Any, Any]:
        """The programme with these options alone."""
        columns = self._columns(kept)
        serves = self.model.serves[kept]
        row = np.ones(len(self.m.row_low), dtype=bool)
        row[: self.model.links.sum()] = False
        # link rows stand in the order of the serve columns
        row[np.searchsorted(self.every_serve, np.sort(serves[serves >= 0]))] = True
        rows = np.flatnonzero(row)
        part = replace(
            self.m, worth=self.m.worth[columns], matrix=self.m.matrix[rows][:, columns], row_low=self.m.row_low[rows],
            row_high=self.m.row_high[rows], low=low[columns], high=high[columns], whole=self.m.whole[columns],
            given=[self.m.given[int(r)] for r in rows],
        )  # fmt: skip
        return part, columns, rows

    def _relax(self, low: Array, high: Array) -> _Relaxed | None:
        """The linear relaxation by column generation: only options that pay at the prices so far are added."""
        for _ in range(100):
            part, columns, rows = self._part(self.seen, low, high)
            answer = _linear(part)
            if answer is None:
                if self.seen.all():
                    return None
                self.seen[:] = True
                continue
            y = np.zeros(len(self.m.row_low))
            y[rows] = answer[1]
            bound, score = self._price(y[~self.model.links], low, high)
            new = np.flatnonzero((score > 1e-9 * max(1.0, abs(bound))) & ~self.seen)
            x = np.zeros_like(self.m.worth)
            x[columns] = answer[0]
            if not new.size or float(score[new].sum()) <= 1e-7 * max(1.0, abs(bound)):
                return _Relaxed(x, bound, np.maximum(0.0, -score))
            self.seen[new[np.argsort(-score[new], kind="stable")[: max(100, new.size // 2)]]] = True
        raise ArithmeticError("the prices of the cells did not settle")

    def _price(self, y: Array, low: Array, high: Array) -> tuple[float, Array]:
        """The Lagrangian bound at these prices of the rows but the links, and what each option adds to it.

        Without its links an option is open with all segments that pay, or shut: the inner maximum is exact.
        """
        m, model = self.m, self.model
        left = m.worth - self.generic.T @ y
        serve = np.where(model.serves >= 0, np.maximum(left[model.serves], 0.0), 0.0).sum(axis=1)
        score = left[model.opens] + serve
        up, down = np.maximum(y, 0.0), np.maximum(-y, 0.0)
        row_low, row_high = m.row_low[~model.links], m.row_high[~model.links]
        fixed = float(
            up @ np.where(np.isfinite(row_high), row_high, 0) - down @ np.where(np.isfinite(row_low), row_low, 0)
        )
        at = model.signs
        signed = float(np.maximum(left[at] * low[at], left[at] * high[at]).sum())
        return fixed + signed + float(np.maximum(score, 0.0).sum()), score

    def _restrict(self, root: _Relaxed, size: int, low: Array, high: Array) -> float:
        """Solve exactly over the options that lack least; returns what no plan between the limits exceeds."""
        order = np.argsort(root.lacks, kind="stable")
        kept = np.zeros(len(order), dtype=bool)
        kept[order[:size]] = True
        kept |= (root.x[self.model.opens] > 1e-9) & (size < len(order))
        part, columns, _ = self._part(kept, low, high)
        goal = self.gap / 2 if size < len(order) else self.gap
        options: Any = {"mip_rel_gap": goal, "node_limit": NODES}
        answer: Any = milp(-part.worth, constraints=LinearConstraint(part.matrix, part.row_low, part.row_high),
                           bounds=Bounds(part.low, part.high), integrality=part.whole, options=options)  # fmt: skip
        if answer.x is not None:
            x = np.zeros_like(self.m.worth)
            x[columns] = np.where(part.whole == 1, np.rint(answer.x), np.clip(answer.x, part.low, part.high))
            value = float(self.m.worth @ x)
            if value > self.value:
                self.best, self.value = x, value
        own = np.inf if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)
        if answer.status == 2:
            own = -np.inf
        out = root.lacks[~kept]
        return min(root.bound, max(own, root.bound - float(out.min()) if out.size else -np.inf))

    def _branch(self, root: _Relaxed, bound: float) -> float:
        """Branch on whom to sign, the most promising branch first; at its end the small exact programme."""
        at = self.model.signs
        queue: list[tuple[float, int, _Relaxed, Array, Array]] = [(-root.bound, 0, root, self.m.low, self.m.high)]
        done, count = -np.inf, 0
        while queue and count < SPLITS:
            top = -queue[0][0]
            if self._close(max(top, done)):
                break
            _, _, node, low, high = heapq.heappop(queue)
            z = node.x[at]
            off = np.abs(z - np.rint(z))
            if off.max(initial=0.0) <= 1e-6:
                low, high = low.copy(), high.copy()
                only = bool((low == high)[at].all())
                low[at] = high[at] = np.rint(z)
                here = self._restrict(node, FIRST, low, high)
                # Other signatures of this branch are only known to stay below its relaxation.
                done = max(done, here if only else node.bound)
                count += 1
                continue
            pick = at[int(np.argmax(off))]
            for value in (0.0, 1.0):
                lo, hi = low.copy(), high.copy()
                lo[pick] = hi[pick] = value
                child = self._relax(lo, hi)
                count += 1
                if child is not None and child.bound > self.value:
                    heapq.heappush(queue, (-min(child.bound, top), count, child, lo, hi))
        rest = -queue[0][0] if queue else -np.inf
        return min(bound, max(done, rest, self.value))


def search(model: Model, gap: float | None) -> Found | None:
    """A plan within ``gap`` of the bound (None: exact for few options, ``WIDE`` for many); None where there is none."""
    few = len(model.opens) <= WHOLE
    if few and not gap:
        exact = model.matrices.solve()
        if exact is None:
            return None
        relaxed = replace(model.matrices, whole=np.zeros_like(model.matrices.whole)).solve()
        return Found(exact[0], exact[1], exact[1] if relaxed is None else max(relaxed[1], exact[1]))
    return _Search(model, WIDE if gap is None else gap).run()


def _linear(m: Matrices) -> tuple[Array, Array] | None:
    """An optimum of the relaxation and the prices of its rows: above 0 where the high side binds, below for the low."""
    same = m.row_low == m.row_high
    up, down = np.isfinite(m.row_high) & ~same, np.isfinite(m.row_low) & ~same
    solve: Any = linprog
    answer = solve(
        -m.worth, A_ub=vstack([m.matrix[np.flatnonzero(up)], -m.matrix[np.flatnonzero(down)]]),
        b_ub=np.concatenate([m.row_high[up], -m.row_low[down]]), A_eq=m.matrix[np.flatnonzero(same)],
        b_eq=m.row_high[same], bounds=np.column_stack([m.low, m.high]), method="highs",
    )  # fmt: skip
    if answer.x is None:
        return None
    y = np.zeros(len(m.row_low))
    prices = -np.asarray(answer.ineqlin.marginals)
    y[np.flatnonzero(up)] += np.maximum(prices[: up.sum()], 0.0)
    y[np.flatnonzero(down)] -= np.maximum(prices[up.sum() :], 0.0)
    y[np.flatnonzero(same)] = -np.asarray(answer.eqlin.marginals)
    return np.asarray(answer.x), y
