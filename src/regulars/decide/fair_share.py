"""Who gets how much of a scarce capacity: by worth and urgency, as fair as the owner wants it, exactly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array
from regulars.decide.result import Decision, InfeasibleError, ShadowPrice, Wish, relative_gap


@dataclass(frozen=True)
class ShareDecision(Decision[Array]):
    """``solution`` is what each customer gets, in the order given.

    ``waiting`` is what each has to wait for (demand minus share), ``fill`` the share of demand served (1 where
    nothing is asked), ``earned`` the money of what is served, ``next_unit`` what one unit more of capacity would earn
    under the same rule (``more``), and what one less would cost (``less``). ``value`` and ``bound`` are the fairness
    utility and the least bound its dual proves; ``shadow_prices`` is of that utility.
    """

    waiting: Array
    fill: Array
    earned: float
    next_unit: ShadowPrice


@dataclass(frozen=True)
class FairShare:
    """Share a capacity among customers by what a unit is worth there and how urgent it is.

    Formula: with demand d, guarantee g, entitlement s (demand where none is given) and weight v = worth * urgency of
    a unit, maximise sum_i v_i s_i phi(x_i / s_i) with sum x <= capacity, g <= x <= d, where phi is the alpha-fair
    utility t^(1-alpha) / (1-alpha), log t at alpha = 1. The optimum is x_i = min(d_i, max(g_i, s_i (v_i/price)^(1/alpha))):
    ``alpha`` 0 serves the most valuable unit first and may leave somebody with nothing, 1 gives shares of demand in
    proportion to their value, and infinity serves everybody the same share of what they are entitled to (max-min),
    whatever they pay. The level is found exactly from the sorted break points, in O(n log n), with a dual bound.

    Raises ``InfeasibleError`` naming the fewest guarantees that already exceed the capacity, ``ValueError`` for a
    figure below 0 or not finite. Source: Mo and Walrand, IEEE/ACM Transactions on Networking 8 (2000) 556-567.

    >>> plan = FairShare(alpha=1.0).decide([60.0, 60.0, 60.0], 90.0, worth=[1.0, 2.0, 6.0])
    >>> [round(float(v), 6) for v in plan.solution], [round(float(v), 6) for v in plan.waiting]
    ([10.0, 20.0, 60.0], [50.0, 40.0, 0.0])
    """  # noqa: E501

    alpha: float = 1.0

    def decide(
        self,
        demand: ArrayLike,
        capacity: float,
        *,
        worth: ArrayLike = 1.0,
        urgency: ArrayLike = 1.0,
        guarantee: ArrayLike = 0.0,
        entitled: ArrayLike | None = None,
        names: Sequence[str] | None = None,
    ) -> ShareDecision:
        """Share ``capacity`` units of a period.

        ``demand`` units each customer will ask for, ``worth`` money of one unit served there, ``urgency`` a factor on
        it (1 is usual), ``guarantee`` units promised whatever happens, ``entitled`` units each has paid for (the
        base of a fair share). Arrays of shape (customers,).
        """
        d = _amounts("demand", demand, None)
        n = len(d)
        money = _amounts("worth", worth, n)
        v = money * _amounts("urgency", urgency, n)
        g = np.minimum(_amounts("guarantee", guarantee, n), d)
        s = d if entitled is None else _amounts("entitled", entitled, n)
        if not math.isfinite(capacity) or capacity < 0 or math.isnan(self.alpha) or self.alpha < 0:
            raise ValueError("capacity is a number of units and alpha at least 0")
        _hold(g, capacity, names)
        if self.alpha == 0 or not (v.max(initial=0.0) > 0):
            x, more, less = _by_value(d, g, v, capacity)
        else:
            x, more, less = _level(d, g, self._speed(s, v), capacity)
        binds = math.fsum(d.tolist()) > capacity
        earns = ShadowPrice(float(more @ money), float(less @ money)) if binds else ShadowPrice(0.0, 0.0)
        value, bound, price = self._certificate(x, d, g, s, v, capacity, binds)
        return ShareDecision(
            solution=x,
            value=value,
            bound=bound,
            gap=relative_gap(value, bound),
            binding=("capacity",) if binds else (),
            shadow_prices={"capacity": ShadowPrice(price, price)} if binds else {},
            why=(f"waiting={int((d - x > 1e-9 * np.maximum(1.0, d)).sum())}",),
            waiting=d - x,
            fill=np.divide(x, d, out=np.ones(n), where=d > 0),
            earned=float(money @ x),
            next_unit=earns,
        )

    def _speed(self, s: Array, v: Array) -> Array:
        """How fast each share grows with the common level."""
        if math.isinf(self.alpha):
            return s
        top = float(v.max())
        return np.asarray(s * (v / top) ** (1 / self.alpha))

    def _certificate(
        self, x: Array, d: Array, g: Array, s: Array, v: Array, capacity: float, binds: bool
    ) -> tuple[float, float, float]:
        """Utility, dual bound and price. Max-min is certified by the smallest share of those who are not at a limit."""
        some = (s > 0) & (v > 0) & (d > 0)
        if math.isinf(self.alpha):
            open_ = some & (x < d * (1 - 1e-12))
            level = float((x / np.where(s > 0, s, 1.0))[open_].min(initial=np.inf))
            if not open_.any():
                return 1.0, 1.0, 0.0
            # No share can raise the smallest level: everybody at or above it already stands at that level or a limit.
            top = (capacity - math.fsum(np.where(some & (g < level * s) & open_, 0.0, x).tolist())) / max(
                math.fsum(s[some & (g < level * s) & open_].tolist()), 1e-300
            )
            return level, max(level, top), 0.0
        a = self.alpha
        t = np.where(some, x / np.where(some, s, 1.0), 1.0)
        size = np.where(some, v * s, 0.0)
        inner = some & (x > g * (1 + 1e-12)) & (x < d * (1 - 1e-12))
        with np.errstate(divide="ignore"):
            slope = np.where(some, v * t ** (-a), 0.0)
        rising = some & (x < d * (1 - 1e-12))
        price = 0.0
        if binds and rising.any():
            price = float(np.median(slope[inner])) if inner.any() else float(slope[rising].max())
        value = math.fsum((size * _utility(t, a))[some].tolist())
        best = d if price <= 0 else np.clip(np.where(some, s * (v / max(price, 1e-300)) ** (1 / a), 0.0) if a else
                                            np.where(v > price, d, g), g, d)  # fmt: skip
        most = np.where(some, best / np.where(some, s, 1.0), 1.0)
        with np.errstate(invalid="ignore"):
            gains = (size * _utility(most, a))[some]
        bound = math.fsum(gains.tolist()) + price * (capacity - math.fsum(best[some].tolist())
                                                     - math.fsum(x[~some].tolist()))  # fmt: skip
        return value, max(value, bound), price


def _utility(t: Array, alpha: float) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(t) if alpha == 1 else t ** (1 - alpha) / (1 - alpha))


def _amounts(name: str, values: ArrayLike, size: int | None) -> Array:
    found = np.asarray(values, dtype=float)
    found = np.atleast_1d(found) if size is None else np.broadcast_to(found, (size,)).astype(float)
    if found.ndim != 1 or not np.isfinite(found).all() or (found < 0).any():
        raise ValueError(f"{name} must be numbers of 0 or more, one a customer")
    return found


def _hold(g: Array, capacity: float, names: Sequence[str] | None) -> None:
    """Raise the fewest guarantees that exceed the capacity: the largest ones, until they do."""
    if math.fsum(g.tolist()) <= capacity * (1 + 1e-12):
        return
    order = np.argsort(-g, kind="stable")
    count = int(np.searchsorted(np.cumsum(g[order]), capacity, side="right")) + 1
    wishes = [Wish("capacity", "", capacity)]
    for k in sorted(order[:count].tolist()):
        name = names[k] if names is not None else str(k + 1)
        wishes.append(Wish(f"guarantee:{name}", name, float(g[k])))
    raise InfeasibleError(wishes)


def _by_value(d: Array, g: Array, v: Array, capacity: float) -> tuple[Array, Array, Array]:
    """The most valuable units first; ties share in proportion to what they still ask."""
    x, left = g.copy(), capacity - math.fsum(g.tolist())
    more, less = np.zeros_like(d), np.zeros_like(d)
    for value in np.unique(v)[::-1]:
        at = v == value
        room = np.where(at, d - x, 0.0)
        total = math.fsum(room.tolist())
        if total <= 0:
            continue
        if total > left > 0:
            x, part = x + room * (left / total), room / total
            return x, part, part
        if left <= 0:
            return x, room / total, less if less.any() else np.zeros_like(d)
        x, left, less = x + room, left - total, room / total
    return x, more, less


def _level(d: Array, g: Array, a: Array, capacity: float) -> tuple[Array, Array, Array]:
    """x = clip(a t, g, d) at the level t that uses the capacity, and who gains from a unit more or loses one less."""
    x, stuck = np.where(a > 0, g, 0.0), a <= 0
    x = np.where(stuck, g, x)
    if math.fsum(d.tolist()) <= capacity:
        return d.copy(), np.zeros_like(d), np.zeros_like(d)
    grows = ~stuck & (d > g)
    with np.errstate(divide="ignore", over="ignore"):
        pace = np.where(grows, a, 1.0)
        start, end = np.where(grows, g / pace, np.inf), np.where(grows, d / pace, np.inf)
    left = capacity - math.fsum(g.tolist())
    room = math.fsum((d - g)[grows].tolist())
    if room <= left:
        # Everybody with a weight is full: the rest goes to those without one, in proportion to what they ask.
        x = np.where(grows, d, g)
        rest = np.where(stuck, d - g, 0.0)
        part = rest / max(math.fsum(rest.tolist()), 1e-300)
        x = x + part * (left - room)
        return np.minimum(x, d), part, part
    points = np.concatenate([start[grows], end[grows]])
    change = np.concatenate([a[grows], -a[grows]])
    order = np.argsort(points, kind="stable")
    points, rate = points[order], np.cumsum(change[order])
    filled = np.concatenate([[0.0], np.cumsum(np.maximum(rate[:-1], 0.0) * np.diff(points))])
    k = int(np.clip(np.searchsorted(filled, left, side="right") - 1, 0, len(points) - 1))
    level = points[k] + ((left - filled[k]) / rate[k] if rate[k] > 0 else 0.0)
    x = np.where(grows, np.clip(a * level, g, d), g)
    # Rounding of the running sums goes to those who move.
    up = grows & (start <= level * (1 + 1e-12)) & (end > level * (1 + 1e-12))
    moves = grows & (start < level) & (end > level)
    if moves.any():
        x = np.where(moves, np.clip(x + (capacity - math.fsum(x.tolist())) * a / a[moves].sum(), g, d), x)
    down = grows & (start < level * (1 - 1e-12)) & (end >= level * (1 - 1e-12))
    more = np.where(up, a, 0.0) / max(float(a[up].sum()), 1e-300)
    less = np.where(down, a, 0.0) / max(float(a[down].sum()), 1e-300)
    return x, more, less
