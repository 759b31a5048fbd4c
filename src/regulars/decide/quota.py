"""Who gets what when there is not enough for everybody: at most one option a person, quotas on options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from regulars.decide.curves import Array
from regulars.decide.result import Decision, ShadowPrice, relative_gap

Choice = NDArray[np.int64]
NOBODY = -1


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
        crowd = _Crowd.of(worth, names, self.groups, self.total)
        choice, value, bound = crowd.solve(crowd.size)
        shadow: dict[str, ShadowPrice] = {}
        for k in np.flatnonzero(crowd.used(choice) >= crowd.size).tolist():
            step = np.zeros(len(crowd.size))
            step[k] = 1.0
            more = max(0.0, crowd.solve(crowd.size + step)[1] - value)
            less = value - crowd.solve(crowd.size - step)[1] if crowd.size[k] > 0 else np.inf
            shadow[f"quota:{crowd.codes[k]}"] = ShadowPrice(more, less)
        return Decision(
            solution=crowd.options(choice),
            value=value,
            bound=bound,
            gap=relative_gap(value, bound),
            binding=tuple(shadow),
            shadow_prices=shadow,
            why=tuple(f"{code}={price.more:.6g}" for code, price in shadow.items()),
        )


@dataclass
class _Crowd:
    """The people who have anything to gain, one column a quota: the best of its options, and which it is.

    Options without a quota share one column. ``cuts`` collects what is learnt of the dual: at some prices so many
    were used of each quota, and all people together had so much left. It holds for every size of the quotas.
    """

    codes: list[str]
    size: Array
    people: Choice
    columns: list[Array]
    option: list[Choice]
    everyone: int
    cuts: list[tuple[Array, float]] = field(default_factory=list)
    prices: Array = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, worth: Array, names: list[str], groups: Mapping[str, int], total: int | None) -> _Crowd:
        limited = [k for k in dict.fromkeys(names) if k in groups]
        parts = [[j for j, n in enumerate(names) if n == k] for k in limited]
        free = [j for j, n in enumerate(names) if n not in groups]
        if free:
            limited, parts = [*limited, "unlimited"], [*parts, free]
        people = np.flatnonzero((worth > 0).any(axis=1))
        columns, option = [], []
        for part in parts:
            block = worth[np.ix_(people, np.array(part))]
            best = np.argmax(block, axis=1)
            columns.append(np.ascontiguousarray(block[np.arange(len(people)), best]))
            option.append(np.array(part)[best])
        sizes = [groups.get(k, np.inf) for k in limited]
        size = np.array([*sizes, np.inf if total is None else total], dtype=float)
        crowd = cls([*limited, "total"], size, people, columns, option, len(worth))
        crowd.prices = np.zeros(len(size))
        return crowd

    def options(self, choice: Choice) -> Choice:
        """The choice of columns as a choice of options, for everybody."""
        out = np.full(self.everyone, NOBODY)
        for k, option in enumerate(self.option):
            who = np.flatnonzero(choice == k)
            out[self.people[who]] = option[who]
        return out

    def used(self, choice: Choice) -> Array:
        """People per quota, and in all."""
        counts = np.bincount(choice + 1, minlength=len(self.size))[1:].astype(float)
        return np.append(counts, counts.sum())

    def worth(self, choice: Choice) -> float:
        """What a choice is worth."""
        return float(sum(column[choice == k].sum() for k, column in enumerate(self.columns)))

    def best(self, prices: Array) -> tuple[Choice, Array]:
        """Everybody's best column at these prices, and what it leaves after paying them."""
        left, choice = np.zeros(len(self.people)), np.full(len(self.people), NOBODY)
        for k, column in enumerate(self.columns):
            net = column - (prices[k] + prices[-1])
            better = net > left
            left[better] = net[better]
            choice[better] = k
        return choice, left

    def solve(self, size: Array) -> tuple[Choice, float, float]:
        """The optimum for these quotas, its value, and an upper bound."""
        choice, left = self.best(np.zeros(len(size)))
        if (self.used(choice) <= size).all():
            return choice, self.worth(choice), float(left.sum())
        if not np.isfinite(size[:-1]).any():
            return self._top(choice, left, int(size[-1]))
        bound, prices = self._prices(size)
        choice, left = self.best(prices)
        choice = self._repair(choice, left, size, prices)
        return self._core(size, prices, bound, choice)

    def _top(self, choice: Choice, left: Array, size: int) -> tuple[Choice, float, float]:
        order = np.argsort(-left, kind="stable")
        choice = choice.copy()
        choice[order[size:]] = NOBODY
        price = left[order[size]]
        return choice, self.worth(choice), float(np.maximum(left - price, 0.0).sum() + price * size)

    def _prices(self, size: Array) -> tuple[float, Array]:
        """The quota prices of the lowest bound, by cutting planes."""
        finite = np.isfinite(size)
        room = np.where(finite, size, 0.0)
        top = max(float(c.max(initial=0.0)) for c in self.columns)
        prices, bound, best = np.where(finite, self.prices, 0.0), np.inf, self.prices
        for _ in range(100):
            choice, left = self.best(prices)
            sum_left, used = float(left.sum()), np.where(finite, self.used(choice), 0.0)
            # The dual is convex: left falls with every price at most by what is used of that quota.
            self.cuts.append((used, sum_left + float(used @ prices)))
            if sum_left + float(prices @ room) < bound:
                bound, best = sum_left + float(prices @ room), prices
            answer: Any = linprog(
                np.append(room, 1.0),
                A_ub=np.array([np.append(-u, -1.0) for u, _ in self.cuts]),
                b_ub=np.array([-at for _, at in self.cuts]),
                bounds=[(0.0, top if f else 0.0) for f in finite] + [(0.0, None)],
            )
            if answer.x is None or bound - float(answer.fun) <= 1e-10 * max(bound, 1.0):
                break
            prices = np.asarray(answer.x[:-1])
        self.prices = best
        return bound, best

    def _repair(self, choice: Choice, left: Array, size: Array, prices: Array) -> Choice:
        """Make a choice fit the quotas by the moves that cost least at these prices: people close to indifferent."""
        choice = choice.copy()
        nets = [column - (prices[k] + prices[-1]) for k, column in enumerate(self.columns)]

        def move(who: Choice, count: int, cost: Array, to: Choice | int) -> None:
            if count > 0:
                some = np.argpartition(cost, count - 1)[:count]
                choice[who[some]] = to if isinstance(to, int) else to[some]

        for _ in range(3):
            for k in range(len(size) - 1):
                used = self.used(choice)
                over, room = used[k] - size[k], min(size[k] - used[k], size[-1] - used[-1])
                if over > 0:
                    who = np.flatnonzero(choice == k)
                    second, to = np.zeros(len(who)), np.full(len(who), NOBODY)
                    for j, net in enumerate(nets):
                        better = (net[who] > second) if j != k else np.zeros(len(who), dtype=bool)
                        second[better], to[better] = net[who][better], j
                    move(who, int(over), left[who] - second, to)
                elif prices[k] > 0 and np.isfinite(size[k]) and size[k] > used[k]:
                    who = np.flatnonzero((choice != k) & (self.columns[k] > 0) & ((choice >= 0) | (room > 0)))
                    move(who, min(int(size[k] - used[k]), len(who)), (left - nets[k])[who], k)
            who = np.flatnonzero(choice >= 0)
            move(who, len(who) - int(min(size[-1], len(who))), left[who], NOBODY)
        for k in range(len(size) - 1):
            who = np.flatnonzero(choice == k)
            move(who, len(who) - int(min(size[k], len(who))), left[who], NOBODY)
        room = size - self.used(choice)
        for k in np.argsort(-prices[:-1]).tolist():
            who = np.flatnonzero((choice < 0) & (self.columns[k] > 0))
            count = int(min(room[k], room[-1], len(who)))
            move(who, count, -self.columns[k][who], k)
            room[[k, -1]] -= max(count, 0)
        return choice

    def _core(self, size: Array, prices: Array, bound: float, choice: Choice) -> tuple[Choice, float, float]:
        """Fix whatever cannot be otherwise in an optimum, and solve what is left exactly.

        Any plan that takes a column (or nothing) whose net falls short of the person's best by more than bound minus
        value is worth less than the plan in hand.
        """
        value = self.worth(choice)
        slack = bound - value
        if slack <= 1e-13 * max(abs(bound), 1.0):
            return choice, value, max(bound, value)
        _, left = self.best(prices)
        margin = slack * (1 + 1e-6) + 1e-12 * max(abs(bound), 1.0)
        keep = np.stack(
            [(left - (c - (prices[k] + prices[-1])) <= margin) & (c > 0) for k, c in enumerate(self.columns)], axis=1
        )
        alone = (keep.sum(axis=1) == 1) & (left > margin)
        fixed = np.where(alone, np.argmax(keep, axis=1), NOBODY)
        open_ = np.flatnonzero(~alone & keep.any(axis=1))
        person, column = np.nonzero(keep[open_])
        goal = np.stack(self.columns, axis=1)[open_[person], column]
        room, finite = size - self.used(fixed), np.flatnonzero(np.isfinite(size))
        rows, places, limits = [person], [np.arange(len(person))], [np.ones(len(open_))]
        for r, k in enumerate(finite.tolist()):
            at = np.arange(len(person)) if k == len(size) - 1 else np.flatnonzero(column == k)
            rows.append(np.full(len(at), len(open_) + r))
            places.append(at)
            limits.append(room[[k]])
        i, j = np.concatenate(rows), np.concatenate(places)
        matrix: Any = coo_array((np.ones(len(i)), (i, j)), shape=(len(open_) + len(finite), len(person))).tocsr()
        answer: Any = linprog(-goal, A_ub=matrix, b_ub=np.concatenate(limits), bounds=(0, 1), method="highs-ds")
        solved = fixed.copy()
        taken = np.flatnonzero(answer.x > 0.5)
        solved[open_[person[taken]]] = column[taken]
        best = self.worth(solved)
        if best < value:  # rounding of the solver: the plan in hand is as good
            solved, best = choice, value
        return solved, best, max(best, min(bound, self.worth(fixed) - float(answer.fun)))
