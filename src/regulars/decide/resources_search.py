"""The best plan for many cells with a proved gap: prices and cuts, a small exact programme, then no plan is better."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, vstack

from regulars.decide.curves import Array
from regulars.decide.program import Matrices
from regulars.decide.resources_covers import Covers
from regulars.decide.resources_linear import linear, narrowed
from regulars.decide.resources_model import Model
from regulars.decide.resources_tight import tightened

# Up to here the whole programme is solved exactly; beyond, the gap is closed to ``WIDE``.
WHOLE: Final = 250
WIDE: Final = 0.0098
# Work is counted in nodes, never in seconds: the same input gives the same answer on any machine.
NODES: Final = 5
FIRST: Final = 150
MEDIUM: Final = 600
LARGEST: Final = 1_500
PARTNERS: Final = 12
SPLITS: Final = 150
# Rounds of cuts, each worth at least this part of the bound.
ROUNDS: Final = 12
WORTH: Final = 3e-5
REFUTED: Final = 300
TRIES: Final = 3


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
        self.tight = tightened(model)
        self.model, self.m, self.gap = model, self.tight.matrices, gap
        self.every_serve = np.sort(model.serves[model.serves >= 0])
        # Rows that concern several options; the others are what an option can do by itself.
        self.shared = np.append(~model.links, np.zeros(len(self.tight.rooms), dtype=bool))
        self.generic = self.m.matrix.tocsr()[np.flatnonzero(self.shared)]
        # Among many options a better first plan saves more than it takes, because it leaves fewer that can matter.
        self.part = 0.5 if len(model.opens) > 3 * WHOLE else 0.8
        self.seen = self._promising()
        self.best: Array | None = None
        self.value = -np.inf

    def run(self) -> Found | None:
        root = self._relax(self.m.low, self.m.high)
        if root is None:
            return None
        relaxation = root.bound
        root = self._cut(root)
        bound = root.bound
        for step in self._steps(root):
            bound = min(bound, step(bound))
            if self._close(bound):
                break
        return None if self.best is None else Found(self.best, max(bound, self.value), relaxation)

    def _steps(self, root: _Relaxed) -> Iterator[Callable[[float], float]]:
        """What to do until the gap is closed, each answering a bound; the cheapest first."""
        m, every = self.m, len(self.model.opens)
        size = min(FIRST, max(40, every // 4))
        yield lambda _bound: self._restrict(root, size, m.low, m.high)
        if self.best is None:
            yield lambda _bound: self._restrict(root, MEDIUM, m.low, m.high)
        for _ in range(TRIES):
            before = self.value
            yield lambda bound: self._refute(root, bound)
            if self.value == before:
                break
        # With few partners it is who signs that leaves the gap.
        if 0 < len(self.model.signs) <= PARTNERS:
            yield lambda bound: self._branch(root, bound)
        yield lambda _bound: self._restrict(root, LARGEST, m.low, m.high)
        if self.best is None:
            yield lambda _bound: self._restrict(root, every, m.low, m.high)

    def _cut(self, root: _Relaxed) -> _Relaxed:
        """The relaxation after some rounds of cuts."""
        covers = Covers(self.model)
        for _ in range(ROUNDS):
            rows, high = covers.violated(root.x)
            if not len(high):
                break
            m, n = self.m, len(high)
            self.m = replace(
                m, matrix=vstack([m.matrix, rows]).tocsr(), row_low=np.append(m.row_low, np.full(n, -np.inf)),
                row_high=np.append(m.row_high, high), given=[*m.given, *([True] * n)],
            )  # fmt: skip
            self.shared = np.append(self.shared, np.ones(n, dtype=bool))
            self.generic = vstack([self.generic, rows]).tocsr()
            found = self._relax(self.m.low, self.m.high)
            if found is None:
                break
            better = root.bound - found.bound
            root = found
            if better < WORTH * abs(root.bound):
                break
        return root

    def _refute(self, root: _Relaxed, bound: float) -> float:
        """Ask for a plan so much better than the best that the gap would be too wide: where there is none, it is not.

        Options that lack too much for such a plan are left out, and all others kept within what it leaves them.
        """
        if self.best is None or self.value == 0:
            return bound
        # A hair inside, so that a refuted goal does close the gap.
        gap = self.gap * (1 - 1e-6)
        goal = self.value / (1 - gap) if self.value > 0 else self.value * (1 - gap)
        kept = (root.lacks <= root.bound - goal) | (root.x[self.model.opens] > 1e-9)
        if kept.sum() > LARGEST:
            return bound
        part, columns, _ = self._part(kept, self.m.low, self.m.high)
        narrow = narrowed(part, goal)
        if narrow is None:
            return goal
        asked = replace(
            part, matrix=vstack([part.matrix, csr_array(part.worth[None, :] / abs(goal))]).tocsr(), low=narrow[0],
            high=narrow[1], row_low=np.append(part.row_low, np.sign(goal) - 1e-6),
            row_high=np.append(part.row_high, np.inf), given=[*part.given, True],
        )  # fmt: skip
        return max(goal, self._solve(asked, columns, self.gap / 2, REFUTED))

    def _close(self, bound: float) -> bool:
        return self.best is not None and bound - self.value <= self.gap * max(abs(bound), abs(self.value))

    def _promising(self) -> Any:
        """Options to begin with: the best few of every market on their own, and all that a wish may need."""
        m, model = self.m, self.model
        alone = m.worth[model.opens] + self.tight.most(np.where(model.serves >= 0, m.worth[model.serves], 0.0))
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
        row[len(self.model.links) : len(self.model.links) + len(self.tight.rooms)] = kept[self.tight.rooms]
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
            answer = linear(part)
            if answer is None:
                if self.seen.all():
                    return None
                self.seen[:] = True
                continue
            y = np.zeros(len(self.m.row_low))
            y[rows] = answer[1]
            bound, score = self._price(y[self.shared], low, high)
            new = np.flatnonzero((score > 1e-9 * max(1.0, abs(bound))) & ~self.seen)
            x = np.zeros_like(self.m.worth)
            x[columns] = answer[0]
            if not new.size or float(score[new].sum()) <= 1e-7 * max(1.0, abs(bound)):
                return _Relaxed(x, bound, np.maximum(0.0, -score))
            self.seen[new[np.argsort(-score[new], kind="stable")[: max(100, new.size // 2)]]] = True
        raise ArithmeticError("the prices of the cells did not settle")

    def _price(self, y: Array, low: Array, high: Array) -> tuple[float, Array]:
        """The Lagrangian bound at these prices of the rows but the links, and what each option adds to it.

        Without its links an option is open with the segments that pay, as far as its room goes, or shut: exact.
        """
        m, model = self.m, self.model
        left = m.worth - self.generic.T @ y
        score = left[model.opens] + self.tight.most(np.where(model.serves >= 0, left[model.serves], 0.0))
        up, down = np.maximum(y, 0.0), np.maximum(-y, 0.0)
        row_low, row_high = m.row_low[self.shared], m.row_high[self.shared]
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
        own = self._solve(part, columns, self.part * self.gap if size < len(order) else self.gap, NODES)
        out = root.lacks[~kept]
        return min(root.bound, max(own, root.bound - float(out.min()) if out.size else -np.inf))

    def _solve(self, part: Matrices, columns: Any, gap: float, nodes: int) -> float:
        """Branch and bound over a part of the programme; keeps a better plan and returns what no plan of it exceeds."""
        options: Any = {"mip_rel_gap": gap, "node_limit": nodes}
        answer: Any = milp(-part.worth, constraints=LinearConstraint(part.matrix, part.row_low, part.row_high),
                           bounds=Bounds(part.low, part.high), integrality=part.whole, options=options)  # fmt: skip
        if answer.x is not None:
            x = np.zeros_like(self.m.worth)
            x[columns] = np.where(part.whole == 1, np.rint(answer.x), np.clip(answer.x, part.low, part.high))
            value = float(self.m.worth @ x)
            if value > self.value:
                self.best, self.value = x, value
        if answer.status == 2:
            return -np.inf
        return np.inf if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)

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
