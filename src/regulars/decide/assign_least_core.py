"""The sums behind minimums on an assignment: prices of either sign, and the few whom they leave almost indifferent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp, minimize
from scipy.sparse import coo_array

from regulars.decide.assign_offers import KINDS, NOBODY, Choice, Limit, Offers
from regulars.decide.curves import Array

SHARPER: Final = (0.3, 0.05, 0.01, 0.002)  # shares of what the best option is worth on average
SAMPLE: Final = 10_000
NODES: Final = (2_000, 30)  # of branching for few and for many open options
FEW: Final = 2_000
Minimum = tuple[int, tuple[int, ...] | None, NDArray[np.bool_] | None]


@dataclass(frozen=True)
class Crowd:
    """Those who could get anything: worth by person and option (-inf: closed), and rows of minimums, then of limits.

    ``weight`` counts a person more than once in a sample; ``counts`` (minimums, people) who counts towards each.
    """

    everyone: int
    who: Choice
    worth: Array
    open: NDArray[np.bool_]
    counts: NDArray[np.bool_]
    member: Array
    kind: NDArray[np.int8]
    amounts: tuple[Array | None, Array | None]
    least: Array
    most: Array
    weight: float = 1.0

    @classmethod
    def of(cls, offers: Offers, limits: Sequence[Limit], asked: Sequence[Minimum]) -> Crowd:
        """Read the offers; what is worth 0 or less stays only where it counts towards a minimum."""
        n, size = offers.people, offers.options
        member = np.zeros((len(asked) + len(limits), size))
        for r, options in enumerate([o for _n, o, _p in asked] + [k.options for k in limits]):
            member[r, list(range(size) if options is None else options)] = 1.0
        kind = np.array([0] * len(asked) + [("people", *KINDS).index(k.of) for k in limits], dtype=np.int8)
        found = [{k: np.asarray(v, dtype=float).T for k, v in offers.block(piece).items()} for piece in offers.pieces()]
        worth = np.concatenate([f["worth"] for f in found]) if found else np.zeros((0, size))
        counts = np.array([np.ones(n, dtype=bool) if p is None else p for _n, _o, p in asked]).reshape(len(asked), n)
        needed = np.einsum("mp,mo->po", counts.astype(np.float32), member[: len(asked)].astype(np.float32)) > 0
        open_ = np.isfinite(worth) & ((worth > 0) | needed)
        keep = np.flatnonzero(open_.any(axis=1))
        amounts = tuple(
            np.concatenate([f[k] for f in found])[keep] if (kind == i).any() else None
            for i, k in enumerate(KINDS, start=1)
        )
        most = [np.floor(k.most + 1e-9) if k.of == "people" else k.most for k in limits]
        return cls(n, keep, np.where(open_, worth, -np.inf)[keep], open_[keep], counts[:, keep], member, kind,
                   (amounts[0], amounts[1]), np.array([k[0] for k in asked], dtype=float),
                   np.array(most, dtype=float))  # fmt: skip

    def part(self, rows: Choice, weight: float) -> Crowd:
        """Some of the people, each standing for ``weight``."""
        amounts = tuple(None if a is None else a[rows] for a in self.amounts)
        return Crowd(self.everyone, self.who[rows], self.worth[rows], self.open[rows], self.counts[:, rows],
                     self.member, self.kind, (amounts[0], amounts[1]), self.least, self.most, weight)  # fmt: skip

    def coefficient(self, row: int, people: Choice, options: Any) -> Array:
        """What an option of these people counts in a row."""
        own = self.member[row][options]
        if row < len(self.least):
            return np.asarray(own * self.counts[row][people])
        table = self.amounts[int(self.kind[row]) - 1] if self.kind[row] else None
        return np.asarray(own * (1.0 if table is None else table[people, options]) * np.ones(len(people)))

    def net(self, dual: Array) -> Array:
        """Every option's worth at prices: subsidies of the minimums first, then prices of the limits."""
        minimums = len(self.least)
        net = self.worth.copy()
        for m in np.flatnonzero(dual[:minimums]).tolist():
            net += np.outer(self.counts[m] * dual[m], self.member[m])
        for kind in range(3):
            rows = np.flatnonzero(self.kind[minimums:] == kind) + minimums
            price = dual[rows] @ self.member[rows]
            if price.any():
                table = self.amounts[kind - 1] if kind else None
                net -= price if table is None else price * table
        return net

    def used(self, share: Array) -> Array:
        """What each row counts when each option is taken in this share."""
        minimums = len(self.least)
        by = [share.sum(axis=0), *(None if a is None else (share * a).sum(axis=0) for a in self.amounts)]
        out = np.empty(len(self.member))
        for m in range(minimums):
            out[m] = self.member[m] @ (share[self.counts[m]].sum(axis=0) if not self.counts[m].all() else by[0])
        for r in range(minimums, len(out)):
            out[r] = self.member[r] @ by[int(self.kind[r])]
        return out * self.weight

    def of_plan(self, plan: Choice) -> Array:
        """What each row counts in a plan."""
        share = np.zeros(self.worth.shape)
        taken = np.flatnonzero(plan >= 0)
        share[taken, plan[taken]] = 1.0
        return self.used(share)

    def bound(self, dual: Array) -> float:
        """What no plan that meets the minimums can exceed."""
        left = np.maximum(self.net(dual).max(axis=1, initial=0.0), 0.0)
        return float(left.sum() * self.weight + dual @ np.concatenate([-self.least, self.most]))

    def value(self, plan: Choice) -> float:
        """What a plan is worth."""
        taken = np.flatnonzero(plan >= 0)
        return float(self.worth[taken, plan[taken]].sum())

    def choice(self, plan: Choice) -> Choice:
        """The plan for everybody."""
        out = np.full(self.everyone, NOBODY)
        out[self.who] = plan
        return out

    def kept(self, plan: Choice) -> NDArray[np.bool_]:
        """For each minimum as many people as it asks for, those worth most first."""
        out = np.zeros(self.everyone, dtype=bool)
        taken = np.flatnonzero(plan >= 0)
        worth = self.worth[taken, plan[taken]]
        for m, least in enumerate(self.least.astype(int).tolist()):
            own = np.flatnonzero(self.coefficient(m, taken, plan[taken]) > 0)
            out[self.who[taken[own[np.argsort(-worth[own], kind="stable")[:least]]]]] = True
        return out

    def each(self) -> list[Choice]:
        """Everybody alone."""
        return list(np.arange(len(self.who))[:, None])

    def alike(self) -> list[Choice]:
        """People who may do the same things and count towards the same minimums."""
        if not len(self.who):
            return []
        signs = np.packbits(np.concatenate([self.open, self.counts.T], axis=1), axis=1)
        _names, group = np.unique(signs, axis=0, return_inverse=True)
        order = np.argsort(group.ravel(), kind="stable")
        return np.split(order, np.flatnonzero(np.diff(group.ravel()[order])) + 1)


def lowest(crowd: Crowd) -> Array:
    """Prices close to the lowest bound, by smoothing (``assign_prices.Prices``), from a sample to everybody."""
    dual, n = np.zeros(len(crowd.member)), len(crowd.who)
    top = np.maximum(crowd.worth.max(axis=1, initial=0.0), 0.0)
    size = float(top.mean()) if n else 0.0
    if size <= 0:
        known = np.abs(crowd.worth[crowd.open])
        size = float(known.mean()) if known.size and known.any() else 1.0
    scale = np.full(len(dual), size)
    for r, kind in enumerate(crowd.kind.tolist()):
        table = crowd.amounts[kind - 1] if kind else None
        if table is not None:
            scale[r] = size / max(float(table[crowd.open].mean()) if crowd.open.any() else 0.0, 1e-12)
    parts: list[tuple[Crowd, tuple[float, ...]]] = [(crowd, SHARPER)]
    if n > 4 * SAMPLE:
        step = n // SAMPLE
        rows = np.arange(step // 2, n, step)
        parts = [(crowd.part(rows, n / len(rows)), SHARPER), (crowd, SHARPER[-1:])]
    for some, sharper in parts:
        for t in sharper:
            found: Any = minimize(
                _smooth, dual / scale, args=(some, t * size, scale, size * max(n, 1)), jac=True, method="L-BFGS-B",
                bounds=[(0.0, None)] * len(dual), options={"maxiter": 60, "maxcor": 20, "ftol": 1e-11, "gtol": 1e-8},
            )  # fmt: skip
            dual = np.maximum(np.asarray(found.x), 0.0) * scale
    return dual


def _smooth(y: Array, crowd: Crowd, t: float, scale: Array, total: float) -> tuple[float, Array]:
    dual = y * scale
    net = crowd.net(dual) / t
    best = np.maximum(net.max(axis=1, initial=0.0), 0.0)
    share = np.exp(net - best[:, None])
    all_ = share.sum(axis=1) + np.exp(-best)
    share /= all_[:, None]
    room = np.concatenate([-crowd.least, crowd.most])
    signed = np.concatenate([-np.ones(len(crowd.least)), np.ones(len(crowd.most))])
    gradient = (room - signed * crowd.used(share)) * scale
    value = float((t * (best + np.log(all_))).sum()) * crowd.weight + float(dual @ room)
    return value / total, gradient / total


def solved(crowd: Crowd, dual: Array, count: int) -> tuple[Choice | None, Array | None]:
    """A plan from the ``count`` people nearest to indifference, and the prices of their linear programme."""
    net, n = crowd.net(dual), len(crowd.who)
    first = np.argmax(net, axis=1)
    best = net[np.arange(n), first]
    at, left = np.where(best > 0, first, NOBODY), np.maximum(best, 0.0)
    loss = left[:, None] - net
    other = loss.copy()
    taken = np.flatnonzero(at >= 0)
    other[taken, at[taken]] = np.inf
    regret = np.minimum(other.min(axis=1), np.where(at >= 0, left, np.inf))
    asked = np.zeros(n, dtype=bool)
    asked[np.argpartition(regret, count)[:count] if count < n else slice(None)] = True
    cut = float(regret[asked].max(initial=0.0)) * 2 + 1e-9 * float(left.max(initial=1.0))
    fixed = np.where(asked, NOBODY, at)
    open_ = crowd.open & asked[:, None] & (loss <= cut)
    used = crowd.of_plan(fixed)
    minimums = len(crowd.least)
    need, room = crowd.least - used[:minimums], crowd.most - used[minimums:]
    if (room < -1e-9 * np.maximum(crowd.most, 1.0)).any():
        return None, None
    who, option = np.nonzero(open_)
    if not len(who):
        return (fixed if (need <= 0).all() else None), None
    matrix, people = _matrix(crowd, who, option)
    goal = crowd.worth[who, option]
    size = float(np.abs(goal).max(initial=1e-300))
    answer: Any = linprog(-goal / size, A_ub=matrix, b_ub=np.concatenate([np.ones(people), -need, np.maximum(room, 0)]),
                          bounds=(0, 1), method="highs-ds")  # fmt: skip
    if answer.x is None:
        return None, None
    better = np.maximum(-np.asarray(answer.ineqlin.marginals)[people:], 0.0) * size
    if ((answer.x > 1e-7) & (answer.x < 1 - 1e-7)).any():
        found = _branched(crowd, who, option, need, room)
        return (None if found is None else _joined(fixed, who, option, found[0])), better
    return _joined(fixed, who, option, answer.x), better


def whole(crowd: Crowd, least: Array, most: Array) -> tuple[Choice, float] | None:
    """Everything at once, exactly; None where the demands cannot all be met."""
    who, option = np.nonzero(crowd.open)
    nobody = np.full(len(crowd.who), NOBODY)
    if (most < 0).any() or (not len(who) and (least > 0).any()):
        return None
    if not len(who):
        return nobody, 0.0
    found = _branched(crowd, who, option, least, most)
    return None if found is None else (_joined(nobody, who, option, found[0]), found[1])


def _joined(fixed: Choice, who: Choice, option: Choice, x: Array) -> Choice:
    out, taken = fixed.copy(), np.flatnonzero(x > 0.5)
    out[who[taken]] = option[taken]
    return out


def _matrix(crowd: Crowd, who: Choice, option: Choice) -> tuple[Any, int]:
    """Rows of people, of minimums (as what may not be missing) and of limits."""
    names, person = np.unique(who, return_inverse=True)
    i, j, v = [person], [np.arange(len(who))], [np.ones(len(who))]
    for r in range(len(crowd.member)):
        own = crowd.coefficient(r, who, option)
        at = np.flatnonzero(own)
        i.append(np.full(len(at), len(names) + r))
        j.append(at)
        v.append(-own[at] if r < len(crowd.least) else own[at])
    shape = (len(names) + len(crowd.member), len(who))
    return coo_array((np.concatenate(v), (np.concatenate(i), np.concatenate(j))), shape=shape).tocsr(), len(names)


def _branched(crowd: Crowd, who: Choice, option: Choice, least: Array, most: Array) -> tuple[Array, float] | None:
    """The small problem in whole people, and what it cannot exceed."""
    matrix, people = _matrix(crowd, who, option)
    goal = crowd.worth[who, option]
    size = float(np.abs(goal).max(initial=1e-300))
    # among plans worth the same the one with fewer people
    goal = goal - 1e-9 * size * (goal <= 0)
    most_ = np.concatenate([np.ones(people), -least, np.maximum(most, 0)])
    few = len(who) <= FEW
    answer: Any = milp(
        -goal / size, integrality=np.ones(len(who), dtype=np.int64), bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, -np.inf, most_),
        options={"mip_rel_gap": 0.0 if few else 1e-7, "node_limit": NODES[0 if few else 1]},
    )  # fmt: skip
    if answer.x is None:
        return None
    bound = answer.mip_dual_bound if answer.mip_dual_bound is not None else answer.fun
    return np.asarray(answer.x), -float(bound) * size
