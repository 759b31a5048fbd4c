"""The lowest concave curve above a curve that is none: S-shaped, or with a smallest amount, or with a cost of entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from regulars.decide.curves import Array, Curves
from regulars.decide.families import POINTS, hill_turn

_GRID = 100


@dataclass(frozen=True)
class Cells:
    """Where each cell may go: between low and high, or to nothing at all where ``switch`` says so.

    A cell that is on earns its curve minus ``fixed``; one that is off spends and earns nothing. ``low`` of a cell
    with a switch is its smallest amount when on.
    """

    curves: Curves
    low: Array
    high: Array
    switch: Any
    fixed: Array

    def value(self, x: Array) -> float:
        """What amounts earn, the cost of entry paid."""
        return float(self.curves.value(x).sum() - self.fixed[x > 0].sum())


@dataclass(frozen=True)
class Pieces:
    """Straight and curved pieces end to end: from ``start`` over ``width``, the straight ones with their ``rise``.

    What a cell spends is its ``base`` and the sum of its pieces; filling them in order is always best, because they
    rise ever slower.
    """

    base: Array
    height: float
    cell: Any
    start: Array
    width: Array
    rise: Array  # nan where the piece follows the curve
    curves: Curves
    bent: Any = field(repr=False)

    def helpers(self) -> Array:
        """None are needed."""
        return np.zeros((2, 0))

    def conditions(self, y: Array) -> tuple[Array, Array]:
        """None are asked."""
        return np.zeros(0), np.zeros((0, len(y)))

    def at(self, y: Array, q: Array) -> tuple[Array, Array]:
        """Slope and bend of the pieces."""
        slope, bend = self.rise.copy(), np.zeros_like(y)
        spend = (self.start + y)[self.bent]
        slope[self.bent], bend[self.bent] = self.curves.slope(spend), np.maximum(self.curves.bend(spend), 0.0)
        return slope, bend

    def value(self, y: Array) -> float:
        """What the pieces bring, on top of nothing."""
        curved = self.curves.value((self.start + y)[self.bent]) - self.curves.value(self.start[self.bent])
        return self.height + float(curved.sum()) + float((self.rise * y)[~self.bent].sum())

    def ceiling(self, y: Array, q: Array) -> tuple[float, Array]:
        """The plane that touches here: everything is concave."""
        return self.value(y), self.at(y, q)[0]

    def spend(self, y: Array) -> Array:
        """Amounts of the cells."""
        return self.base + np.bincount(self.cell, y, minlength=len(self.base))


def envelope(cells: Cells) -> Pieces:
    """The pieces of the lowest concave curve above each cell, tangents found to rounding.

    From its first point a curve that bends upwards, or starts with a cost, is left along the straight line that
    touches it furthest out; from there on it is followed. Source: Rockafellar, Convex Analysis (1970), section 12;
    Udell and Boyd, Maximizing a sum of sigmoids (2013).
    """
    c, n = cells.curves, len(cells.low)
    base = np.where(cells.switch, 0.0, cells.low)
    on = np.where(cells.switch, 0.0, cells.fixed * (cells.low > 0))
    at_base = c.value(base) - on
    odd = c.curved | cells.switch
    until = base.copy()
    extra: list[tuple[int, float, float, float]] = []
    single = c.worth.ndim == 1 or len(c.worth) == 1
    plain = np.flatnonzero(odd & (cells.high > base) & (single | ~c.curved))
    if plain.size:
        until[plain] = touch(cells, plain, base, at_base)
    for j in np.flatnonzero(odd & (cells.high > base) & ~np.isin(np.arange(n), plain)).tolist():
        stretches, until[j] = hull(cells, j, float(base[j]), float(at_base[j]))
        extra += [(j, *s) for s in stretches]
    reach = c.value(until) - np.where(until > 0, np.where(cells.switch, cells.fixed, on), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rise = (reach - at_base) / (until - base)
    straight = [
        (int(j), float(base[j]), float(until[j] - base[j]), float(rise[j])) for j in plain if until[j] > base[j]
    ]
    follow = np.flatnonzero(cells.high > until)
    corners = {j for j in follow.tolist() if c.forms[j] == POINTS}
    for j in sorted(corners):
        straight += _corners(c, j, float(until[j]), float(cells.high[j]))
    follow = follow[~np.isin(follow, sorted(corners))]
    drawn = [s for s in extra if np.isnan(s[3])]
    straight += [s for s in extra if not np.isnan(s[3])]
    cell = np.concatenate([[s[0] for s in (*straight, *drawn)], follow]).astype(np.int64)
    start = np.concatenate([[s[1] for s in (*straight, *drawn)], until[follow]])
    width = np.concatenate([[s[2] for s in (*straight, *drawn)], (cells.high - until)[follow]])
    slope = np.concatenate([[s[3] for s in (*straight, *drawn)], np.full(len(follow), np.nan)])
    bent = np.isnan(slope)
    return Pieces(base, float(at_base.sum()), cell, start, width, slope, c.take(cell[bent].tolist()), bent)


def touch(cells: Cells, j: Any, base: Array, at_base: Array) -> Array:
    """Where the line from the first point of cells j touches their curve, by bisection."""
    c = cells.curves.take(j.tolist())
    k = np.broadcast_to(np.atleast_2d(c.shape)[0], (len(j),))
    turn = np.where(c.curved, np.atleast_2d(c.scale)[0] * hill_turn(k), 0.0)
    x0, y0, fixed = base[j], at_base[j], np.where(cells.switch[j], cells.fixed[j], 0.0)
    fixed = np.where(cells.switch[j], fixed, cells.fixed[j] * (cells.low[j] > 0))
    low = np.minimum(np.maximum(np.where(cells.switch[j], cells.low[j], x0), turn), cells.high[j])
    high = cells.high[j].copy()

    def short(t: Array) -> Array:
        return np.asarray(c.value(t) - fixed - y0 < c.slope(t) * (t - x0))

    first, last = low.copy(), high.copy()
    for _ in range(100):
        middle = 0.5 * (low + high)
        under = short(middle)
        low, high = np.where(under, middle, low), np.where(under, high, middle)
        if np.all(high - low <= 1e-15 * high):
            break
    # A curve that is concave from its first point on has nothing to bridge: it stays where it starts.
    return np.asarray(np.where(short(last), last, np.where(short(first), high, first)))


def _corners(c: Curves, j: int, start: float, end: float) -> list[tuple[int, float, float, float]]:
    """The straight pieces of a curve through points, between two amounts."""
    knots = c.knots[j]
    scale = float(np.atleast_2d(c.scale)[0, j])
    inner = knots[0] * scale if knots is not None else np.zeros(0)
    x = np.unique(np.concatenate([[start], inner[(inner > start) & (inner < end)], [end]]))
    y = c.take([j] * len(x)).value(x)
    return [
        (j, float(a), float(b - a), float((q - p) / (b - a))) for a, b, p, q in zip(x, x[1:], y, y[1:], strict=False)
    ]


def hull(cells: Cells, j: int, x0: float, y0: float) -> tuple[list[tuple[float, float, float]], float]:
    """Stretches (start, width, rise) of a mean of S-shaped draws, which may turn several times, and where they end."""
    top = float(cells.high[j])
    fixed = float(cells.fixed[j]) if cells.switch[j] or cells.low[j] > 0 else 0.0
    first = float(cells.low[j]) if cells.switch[j] else x0
    share = np.linspace(0.0, 1.0, _GRID)
    x = np.unique(np.concatenate([first + (top - first) * share, first + (top - first) * share**3]))
    c = cells.curves.take([j] * len(x))
    y = c.value(x) - fixed
    if first > x0 or cells.switch[j]:
        x, y = np.concatenate([[x0], x[x > x0]]), np.concatenate([[y0], y[x > x0]])
    kept: list[int] = []
    for i in range(len(x)):
        while len(kept) > 1 and (y[kept[-1]] - y[kept[-2]]) * (x[i] - x[kept[-2]]) <= (y[i] - y[kept[-2]]) * (
            x[kept[-1]] - x[kept[-2]]
        ):
            kept.pop()
        kept.append(i)
    one = cells.curves.take([j])

    def touch(p: float, at_p: float, near: float, far: float) -> float:
        """Where the line from (p, at_p) touches between near and far; far where it touches nowhere."""
        for _ in range(60):
            middle = 0.5 * (near + far)
            spend = np.array([middle])
            lies = float(one.value(spend)[0]) - fixed - at_p - float(one.slope(spend)[0]) * (middle - p)
            # towards the touching point from both sides
            near, far = (middle, far) if (lies < 0) == (middle > p) else (near, middle)
        return 0.5 * (near + far)

    out: list[tuple[float, float, float]] = []
    for a, b in pairwise(kept):
        if b == a + 1 and not (a == 0 and cells.switch[j]):
            out.append((float(x[a]), float(x[b] - x[a]), np.nan))
            continue
        p, q = float(x[a]), float(x[b])
        for _ in range(30 if a > 0 else 1):
            at_p = float(y[a]) if a == 0 else float(one.value(np.array([p]))[0]) - fixed
            if b < len(x) - 1:
                q = touch(p, at_p, float(x[b - 1]), float(x[b + 1]))
            if a > 0:
                at_q = float(one.value(np.array([q]))[0]) - fixed
                p = touch(q, at_q, float(x[a - 1]), float(x[a + 1]))
        at_p = float(y[a]) if a == 0 else float(one.value(np.array([p]))[0]) - fixed
        if out and out[-1][0] + out[-1][1] != p:
            out[-1] = (out[-1][0], p - out[-1][0], np.nan)
        out.append((p, q - p, (float(one.value(np.array([q]))[0]) - fixed - at_p) / (q - p)))
    return _joined(out, x0, top), top


def _joined(stretches: list[tuple[float, float, float]], x0: float, top: float) -> list[tuple[float, float, float]]:
    """Neighbouring curved stretches as one."""
    edges = [s for s in stretches if not np.isnan(s[2])]
    out: list[tuple[float, float, float]] = []
    at = x0
    for start, width, rise in edges:
        if start > at:
            out.append((at, start - at, np.nan))
        out.append((start, width, rise))
        at = start + width
    return [*out, (at, top - at, np.nan)] if top > at else out
