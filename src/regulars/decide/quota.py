"""Who gets what when there is not enough for everybody: at most one option a person, quotas on options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from regulars.decide.curves import Array
from regulars.decide.result import Decision, ShadowPrice, relative_gap

Choice = NDArray[np.int64]
NOBODY = -1


class _Caps(NamedTuple):
    """Quotas as arrays: one a group, then the total; infinite where there is none."""

    group: Choice
    size: Array


@dataclass(frozen=True)
class Quota:
    """The assignment of options to people that is worth the most under quotas, exact and with a certificate.

    Formula: maximise sum w_pj x_pj, at most one option j a person p, sum over the options of a group <= its quota,
    sum over all <= ``total``; x is 0 or 1. The constraint matrix (people, and a nested family of quotas) is totally
    unimodular, so the linear programme has a whole optimum. Without group quotas the answer is the ``total`` best
    people, each with their best option. With them: a cutting-plane method on the quota prices gives an upper bound, a
    greedy repair a lower one; an option whose reduced worth falls short of its person's best by more than the
    distance between the two cannot be in an optimum and is dropped; the few that are left are solved by HiGHS.

    ``total`` and ``groups`` are numbers of people (None or absent: no quota). Shadow prices are exact: the optimum
    with the quota one larger (``more``) and one smaller (``less``).

    Raises ``ValueError`` for a negative quota. Source: Kelley, SIAM 8 (1960) 703-712; Nemhauser and Wolsey,
    Integer and Combinatorial Optimization (1988), III.1.2 and II.5.

    >>> plan = Quota(groups={"call": 1}).decide(np.array([[5.0, 9.0], [1.0, 8.0]]), ["email", "call"])
    >>> plan.solution.tolist(), plan.value, plan.gap
    ([0, 1], 13.0, 0.0)
    """

    total: int | None = None
    groups: Mapping[str, int] = field(default_factory=dict)

    def decide(self, worth: Array, names: list[str]) -> Decision[Choice]:
        """Choose for every row of ``worth`` (people, options) one option, or -1 for none.

        ``names`` gives the group of each option. An option worth 0 or less, or -inf, is never chosen.
        """
        for word, size in [("total", self.total), *self.groups.items()]:
            if size is not None and size < 0:
                raise ValueError(f"quota {word!r} must be 0 or more, got {size}")
        worth = np.atleast_2d(np.asarray(worth, dtype=float))
        if worth.shape[1] != len(names):
            raise ValueError(f"worth has {worth.shape[1]} options, names {len(names)}")
        kinds = sorted(set(names))
        caps = _Caps(
            np.array([kinds.index(n) for n in names], dtype=np.int64),
            np.array([*(self.groups.get(k, np.inf) for k in kinds), np.inf if self.total is None else self.total]),
        )
        prices = np.zeros(len(kinds) + 1)
        choice, value, bound, prices = _solve(worth, caps, prices)
        shadow: dict[str, ShadowPrice] = {}
        used = _used(choice, caps)
        for k in np.flatnonzero(used >= caps.size):
            step = np.zeros(len(caps.size))
            step[k] = 1
            more = _solve(worth, caps._replace(size=caps.size + step), prices)[1] - value
            less = value - _solve(worth, caps._replace(size=caps.size - step), prices)[1] if caps.size[k] > 0 else more
            shadow["quota:total" if k == len(kinds) else f"quota:{kinds[k]}"] = ShadowPrice(more, less)
        return Decision(
            solution=choice,
            value=value,
            bound=bound,
            gap=relative_gap(value, bound),
            binding=tuple(shadow),
            shadow_prices=shadow,
            why=tuple(f"{code}={price.more:.6g}" for code, price in shadow.items()),
        )


def _used(choice: Choice, caps: _Caps) -> Array:
    taken = choice[choice >= 0]
    return np.append(np.bincount(caps.group[taken], minlength=len(caps.size) - 1), taken.size).astype(float)


def _prices_of(prices: Array, caps: _Caps) -> Array:
    return np.asarray(prices[caps.group] + prices[-1])


def _best(worth: Array, caps: _Caps, prices: Array) -> tuple[Choice, Array]:
    """Everybody's best option at these prices, and what it leaves after paying them."""
    net = worth - _prices_of(prices, caps)
    choice = np.argmax(net, axis=1)
    left = net[np.arange(len(net)), choice]
    return np.where(left > 0, choice, NOBODY), np.maximum(left, 0.0)


def _value(worth: Array, choice: Choice) -> float:
    who = np.flatnonzero(choice >= 0)
    return float(worth[who, choice[who]].sum())


def _solve(worth: Array, caps: _Caps, prices: Array) -> tuple[Choice, float, float, Array]:
    """The optimum, its value, an upper bound and quota prices that prove it."""
    finite = np.isfinite(caps.size)
    prices = np.where(finite, prices, 0.0)
    free, left = _best(worth, caps, np.zeros(len(caps.size)))
    if (_used(free, caps) <= caps.size).all():
        return free, _value(worth, free), float(left.sum()), np.zeros(len(caps.size))
    if not finite[:-1].any():
        size = int(caps.size[-1])
        keep = np.argsort(-left, kind="stable")[:size]
        choice = np.full(len(worth), NOBODY)
        choice[keep] = free[keep]
        prices[-1] = left[keep[-1]] if size else left.max()
        bound = float(np.maximum(left - prices[-1], 0.0).sum() + prices[-1] * size)
        return choice, _value(worth, choice), bound, prices
    size = np.where(finite, caps.size, 0.0)
    cuts: list[tuple[Array, float]] = []
    best_bound, best_prices, best_choice, best_value = np.inf, prices, free, -np.inf
    top = max(float(worth.max()), 0.0)
    for _ in range(60):
        choice, left = _best(worth, caps, prices)
        bound = float(left.sum() + prices @ size)
        used = _used(choice, caps)
        if bound < best_bound:
            best_bound, best_prices = bound, prices
        fitting = _repair(worth, choice, left, caps)
        value = _value(worth, fitting)
        if value > best_value:
            best_choice, best_value = fitting, value
        # The dual is convex in the prices; quota minus use is a subgradient.
        slope = np.where(finite, size - used, 0.0)
        cuts.append((slope, bound - float(slope @ prices)))
        prices, floor = _master(cuts, finite, top)
        if best_bound - best_value <= 1e-12 * max(best_bound, 1.0) or best_bound - floor <= 1e-9 * best_bound:
            break
    return _core(worth, caps, best_prices, best_bound, best_choice, best_value)


def _master(cuts: list[tuple[Array, float]], finite: NDArray[np.bool_], top: float) -> tuple[Array, float]:
    """The lowest point of the cuts seen so far: new prices, and a lower bound of the dual."""
    n = len(finite)
    answer = linprog(
        np.append(np.zeros(n), 1.0),
        A_ub=np.array([np.append(slope, -1.0) for slope, _ in cuts]),
        b_ub=np.array([-at for _, at in cuts]),
        bounds=[(0.0, top if f else 0.0) for f in finite] + [(None, None)],
    )
    return np.asarray(answer.x[:-1]), float(answer.fun)


def _repair(worth: Array, choice: Choice, left: Array, caps: _Caps) -> Choice:
    """Make a choice fit the quotas: the least surplus goes first, then free room is filled by worth."""
    choice = choice.copy()

    def drop(who: NDArray[np.int64], over: int) -> None:
        if over > 0:
            choice[who[np.argpartition(left[who], over - 1)[:over]]] = NOBODY

    for k, size in enumerate(caps.size[:-1]):
        if np.isfinite(size):
            who = np.flatnonzero((choice >= 0) & (caps.group[choice] == k))
            drop(who, len(who) - int(size))
    if np.isfinite(caps.size[-1]):
        who = np.flatnonzero(choice >= 0)
        drop(who, len(who) - int(caps.size[-1]))
    room = caps.size - _used(choice, caps)
    for k in np.argsort(-room[:-1]):
        space = min(room[k], room[-1])
        idle = np.flatnonzero(choice < 0)
        options = np.flatnonzero(caps.group == k)
        if space < 1 or not idle.size:
            continue
        part = worth[np.ix_(idle, options)]
        pick = np.argmax(part, axis=1)
        value = part[np.arange(len(idle)), pick]
        order = np.argsort(-value, kind="stable")
        order = order[: int(min(space, len(order)))]
        order = order[value[order] > 0]
        choice[idle[order]] = options[pick[order]]
        room[[k, -1]] -= len(order)
    return choice


def _core(
    worth: Array, caps: _Caps, prices: Array, bound: float, choice: Choice, value: float
) -> tuple[Choice, float, float, Array]:
    """Fix whatever cannot be otherwise in an optimum, and solve what is left exactly."""
    slack = bound - value
    if slack <= 1e-12 * max(abs(bound), 1.0):
        return choice, value, bound, prices
    net = worth - _prices_of(prices, caps)
    best = np.maximum(net.max(axis=1), 0.0)
    margin = slack * (1 + 1e-9) + 1e-9 * max(1.0, float(best.max()))
    keep = (best[:, None] - net <= margin) & (worth > 0)
    may_skip = best <= margin
    alone = (keep.sum(axis=1) == 1) & ~may_skip
    fixed = np.where(alone, np.argmax(keep, axis=1), NOBODY)
    open_ = ~alone & keep.any(axis=1)
    who, option = np.nonzero(keep & open_[:, None])
    room = caps.size - _used(fixed, caps)
    person = np.searchsorted(np.flatnonzero(open_), who)
    people, ones = int(open_.sum()), np.ones(len(who))
    rows = [(person, np.arange(len(who)))]
    limits = [np.ones(people)]
    finite = np.flatnonzero(np.isfinite(caps.size))
    for r, k in enumerate(finite):
        at = np.arange(len(who)) if k == len(caps.size) - 1 else np.flatnonzero(caps.group[option] == k)
        rows.append((np.full(len(at), people + r), at))
        limits.append(np.array([room[k]]))
    i, j = (np.concatenate([r[side] for r in rows]) for side in (0, 1))
    matrix = coo_array((np.ones(len(i)), (i, j)), shape=(people + len(finite), len(who))).tocsr()
    answer = linprog(
        -worth[who, option], A_ub=matrix, b_ub=np.concatenate(limits), bounds=np.column_stack([0 * ones, ones]),
        method="highs-ds",
    )  # fmt: skip
    solved = fixed.copy()
    taken = np.flatnonzero(answer.x > 0.5)
    solved[who[taken]] = option[taken]
    final = prices.copy()
    final[finite] = -answer.ineqlin.marginals[people:]
    _, left = _best(worth, caps, final)
    proved = float(left.sum() + final[finite] @ caps.size[finite])
    total = _value(worth, solved)
    # By exclusion no plan outside the core beats the incumbent, so the core's optimum bounds everything.
    core = _value(worth, fixed) - float(answer.fun)
    return solved, total, max(total, min(bound, proved, max(core, value))), final
