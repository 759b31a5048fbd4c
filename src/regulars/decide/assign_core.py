"""From prices to a plan that fits: the few people who are almost indifferent are decided together, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array

from regulars.decide.assign_offers import NOBODY, Choice, Crowd, Rows
from regulars.decide.curves import Array

ASKED: Final = 3_000  # people of those almost indifferent that are decided together, at first
LARGEST: Final = 20_000  # options that a linear programme is asked about at once
# Nodes of branching for few and for many open options; a count, not a clock, so the answer is the same everywhere.
NODES: Final = (1_000, 20)
FEW: Final = 300


@dataclass
class Core:
    """The crowd at certain prices, and the plans made from it.

    ``at`` is everybody's best column (or -1) at the prices, ``left`` what it leaves, ``loss`` what any other costs.
    """

    crowd: Crowd
    rows: Rows
    most: Array
    dual: Array

    def __post_init__(self) -> None:
        net = self.crowd.net(self.rows, self.dual)
        n = len(net)
        first = np.argmax(net, axis=1) if n else np.zeros(0, dtype=np.int64)
        best = net[np.arange(n), first] if n else np.zeros(0)
        self.at: Choice = np.where(best > 0, first, NOBODY)
        self.left: Array = np.maximum(best, 0.0)
        self.loss: Array = self.left[:, None] - net
        self.bound = float(self.left.sum() + self.dual @ self.most)
        other = self.loss.copy()
        other[np.flatnonzero(self.at >= 0), self.at[self.at >= 0]] = np.inf
        # Doing nothing costs what is left; who does nothing anyway has only the others.
        nothing = np.where(self.at >= 0, self.left, np.inf)
        self.regret: Array = np.minimum(other.min(axis=1, initial=np.inf), nothing)

    def value(self, at: Choice) -> float:
        """What a plan is worth."""
        who = np.flatnonzero(at >= 0)
        return float(self.crowd.worth[who, at[who]].sum())

    def used(self, at: Choice) -> Array:
        """What a plan uses of each limit."""
        return self.rows.used(self.crowd.sums(at >= 0, at))

    def plan(self) -> tuple[Choice, Array | None]:
        """A plan that fits, and the prices of the small problem it came from."""
        if (self.used(self.at) <= self.most).all() and not self.dual.any():
            return self.at, self.dual
        count = min(max(1_000, len(self.at) // 200), ASKED)
        ahead = np.argpartition(self.regret, count)[:count] if count < len(self.regret) else np.arange(len(self.at))
        cut = float(self.regret[ahead].max(initial=0.0)) * 2 + 1e-9 * float(self.left.max(initial=1.0))
        asked = np.zeros(len(self.at), dtype=bool)
        asked[ahead] = True
        fixed = np.where(asked, NOBODY, self.at)
        for r in np.argsort(self.most - self.used(fixed)).tolist():
            fixed = self._spared(r, fixed, asked)
        if asked.sum() > 2 * ASKED:  # the prices are far off: whoever loses least goes without
            keep = np.argpartition(np.where(asked, self.regret, np.inf), 2 * ASKED)[: 2 * ASKED]
            asked[:] = False
            asked[keep] = True
        open_ = asked[:, None] & (self.loss <= np.maximum(cut, self.regret)[:, None]) & (self.crowd.worth > 0)
        return self._solved(fixed, open_, np.maximum(self.most - self.used(fixed), 0.0))[:2]

    def _spared(self, r: int, fixed: Choice, asked: NDArray[np.bool_]) -> Choice:
        """Ask those in an overfull limit who lose least by giving way, half as many again as must."""
        over = self.used(fixed)[r] - self.most[r]
        if over <= 0:
            return fixed
        taken = np.flatnonzero(fixed >= 0)
        taken = taken[self.rows.member[r][self.crowd.option[taken, fixed[taken]]] > 0]
        use = self.crowd.uses[int(self.rows.kind[r]) - 1] if self.rows.kind[r] else None
        own = np.ones(len(taken)) if use is None else use[taken, fixed[taken]]
        order = np.argsort(self.regret[taken], kind="stable")
        count = int(np.searchsorted(np.cumsum(own[order]), 1.5 * over)) + 1
        asked[taken[order[:count]]] = True
        return np.where(asked, NOBODY, fixed)

    def settle(self, value: float, largest: int) -> tuple[Choice | None, float]:
        """Decide everything that the distance between bound and value leaves open; a plan and a better bound.

        A column whose loss exceeds that distance is in no better plan. What is left is solved as a linear programme;
        where that tears people apart and no more than ``largest`` columns are open, by branching.
        """
        slack = (self.bound - value) * (1 + 1e-6) + 1e-12 * max(abs(self.bound), 1e-300)
        open_ = (self.loss <= slack) & (self.crowd.worth > 0)
        forced = (open_.sum(axis=1) == 1) & (self.left > slack)
        fixed = np.where(forced, np.argmax(open_, axis=1), NOBODY)
        open_[forced] = False
        room = self.most - self.used(fixed)
        if open_.sum() > LARGEST or (room < -1e-9 * np.maximum(self.most, 1.0)).any():
            return None, self.bound
        at, _dual, most, whole = self._solved(fixed, open_, np.maximum(room, 0.0))
        bound = min(self.bound, most)
        if not whole and int(open_.sum()) <= largest:
            exact = self._branch(fixed, open_, np.maximum(room, 0.0))
            if exact is not None:
                return exact[0], min(bound, exact[1])
        return at, bound

    def _matrix(self, open_: NDArray[np.bool_]) -> tuple[Choice, Choice, Any, Array]:
        """The small problem: people and columns that are open, rows of people and of limits, and its goal."""
        who, column = np.nonzero(open_)
        names, person = np.unique(who, return_inverse=True)
        option = self.crowd.option[who, column]
        i, j, v = [person], [np.arange(len(who))], [np.ones(len(who))]
        for r in range(len(self.most)):
            at = np.flatnonzero(self.rows.member[r][option] > 0)
            use = self.crowd.uses[int(self.rows.kind[r]) - 1] if self.rows.kind[r] else None
            i.append(np.full(len(at), len(names) + r))
            j.append(at)
            v.append(np.ones(len(at)) if use is None else use[who[at], column[at]])
        shape = (len(names) + len(self.most), len(who))
        matrix: Any = coo_array((np.concatenate(v), (np.concatenate(i), np.concatenate(j))), shape=shape).tocsr()
        return who, column, matrix, self.crowd.worth[who, column]

    def _solved(self, fixed: Choice, open_: NDArray[np.bool_], room: Array) -> tuple[Choice, Array | None, float, bool]:
        """The linear programme of what is open, with whoever it tears apart decided one by one afterwards."""
        who, column, matrix, goal = self._matrix(open_)
        base = self.value(fixed)
        if not len(who):
            return fixed, None, base, True
        people = matrix.shape[0] - len(self.most)
        size = float(np.abs(goal).max(initial=1e-300))
        limit = np.concatenate([np.ones(people), room])
        answer: Any = linprog(-goal / size, A_ub=matrix, b_ub=limit, bounds=(0, 1), method="highs-ds")
        if answer.x is None:
            return self._filled(fixed, who, column, room, goal), None, np.inf, False
        x = answer.x
        torn = np.flatnonzero((x > 1e-7) & (x < 1 - 1e-7))
        out = fixed.copy()
        whole = np.flatnonzero(x >= 1 - 1e-7)
        out[who[whole]] = column[whole]
        if len(torn) or (self.used(out) > self.most + 1e-9 * np.maximum(self.most, 1.0)).any():
            out = self._filled(out, who, column, room, goal)
        dual = np.maximum(-np.asarray(answer.ineqlin.marginals)[people:], 0.0) * size
        return out, dual, base - float(answer.fun) * size * (1 - 1e-15), not len(torn)

    def _filled(self, at: Choice, who: Choice, column: Choice, room: Array, goal: Array) -> Choice:
        """Drop what does not fit, cheapest first, then give what room is left to those who gain most by it."""
        out, names = at.copy(), self.crowd.option
        most = self.most + 1e-9 * np.maximum(self.most, 1.0)
        used = self.used(out)

        def use(p: int, c: int) -> Array:
            own = self.rows.member[:, names[p, c]].copy()
            for kind, table in enumerate(self.crowd.uses, start=1):
                if table is not None:
                    own[self.rows.kind == kind] *= table[p, c]
            return own

        if (used > most).any():
            taken = np.flatnonzero(out >= 0)
            for p in taken[np.argsort(self.crowd.worth[taken, out[taken]], kind="stable")].tolist():
                own = use(p, int(out[p]))
                if (own[used > most] > 0).any():
                    used -= own
                    out[p] = NOBODY
                if not (used > most).any():
                    break
        idle = np.flatnonzero(out[who] == NOBODY)
        for k in idle[np.argsort(-goal[idle], kind="stable")][:5_000].tolist():
            p, c = int(who[k]), int(column[k])
            if out[p] == NOBODY and ((own := use(p, c)) + used <= self.most).all():
                out[p] = c
                used += own
        return out

    def _branch(self, fixed: Choice, open_: NDArray[np.bool_], room: Array) -> tuple[Choice, float] | None:
        """The small problem in whole people."""
        who, column, matrix, goal = self._matrix(open_)
        people = matrix.shape[0] - len(self.most)
        size = float(np.abs(goal).max(initial=1e-300))
        limits = LinearConstraint(matrix, -np.inf, np.concatenate([np.ones(people), room]))
        answer: Any = milp(-goal / size, integrality=np.ones(len(who), dtype=np.int64), bounds=Bounds(0, 1),
                           constraints=limits,
                           options={"mip_rel_gap": 0.0, "node_limit": NODES[len(who) > FEW]})  # fmt: skip
        if answer.x is None:
            return None
        out = fixed.copy()
        taken = np.flatnonzero(answer.x > 0.5)
        out[who[taken]] = column[taken]
        if (self.used(out) > self.most + 1e-6 * np.maximum(self.most, 1.0)).any():
            return None
        bound = answer.mip_dual_bound if answer.mip_dual_bound is not None else answer.fun
        return out, self.value(fixed) - float(bound) * size
