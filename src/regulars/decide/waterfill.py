"""Split one total over concave curves, exactly, with a certificate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulars.decide.curves import Array, Curves
from regulars.decide.result import ShadowPrice

# Half of the log prices between which a price is found again.
_NEAR = 1e-7


@dataclass(frozen=True)
class Filled:
    """A split of the total, what it earns, what no split can exceed, and the price of the total."""

    spend: Array
    value: float
    bound: float
    price: ShadowPrice


def fill(curves: Curves, total: float, low: Array, high: Array) -> Filled:
    """Maximise sum f_i(x_i) with sum x_i <= total and low <= x <= high, by water-filling on the shadow price.

    At the optimum f_i'(x_i) = mu wherever x_i is strictly inside its limits, so x_i(mu) is the inverse slope clipped
    to the limits and only the scalar equation sum x_i(mu) = total is left: O(n log 1/eps). The bound is the
    Lagrangian dual mu * total + sum max_x (f_i(x) - mu x), which by weak duality no split exceeds for any mu >= 0.
    An error d in x_i(mu) moves it by O(d^2) only, so it is exact to rounding.

    Expects sum(low) <= total and low <= high. Source: Boyd and Vandenberghe, Convex Optimization (2004), example 5.2;
    Patriksson, European Journal of Operational Research 185 (2008) 1-46.

    >>> c = Curves.make(["a", "b"], ceiling=[100.0, 100.0], half=[50.0, 50.0])
    >>> fill(c, 100.0, np.zeros(2), np.full(2, np.inf)).spend
    array([50., 50.])
    """
    given, high = high, np.maximum(low, np.minimum(high, low + (total - math.fsum(low.tolist()))))
    if math.fsum(high.tolist()) <= total:
        price, spend = 0.0, high
    elif math.fsum(low.tolist()) >= total:
        price, spend = float(curves.slope(low).max(initial=0.0)), low
    else:
        price, spend = _meet(curves, total, low, high)
    best = curves.inverse_slope(price, spend, (low, high)) if price > 0 else high
    bound = math.fsum(curves.value(best).tolist()) + price * (total - math.fsum(best.tolist()))
    return Filled(spend, math.fsum(curves.value(spend).tolist()), bound, _price(curves, spend, low, given, total))


def _meet(curves: Curves, total: float, low: Array, high: Array) -> tuple[float, Array]:
    """The price at which the channels together ask for exactly the total, and what each then gets."""

    asked: Array | None = None

    def ask(t: float) -> tuple[Array, float]:
        nonlocal asked
        asked = x = curves.inverse_slope(math.exp(t), asked, (low, high))
        return x, float(x.sum()) - total

    steepest = float(curves.slope(low).max())
    if steepest <= 0:
        return 0.0, low
    # Shared evenly the room is enough, so at the steepest slope there nobody asks for more than that; where curves
    # start straight up it is also the only finite end.
    even = float(curves.slope(np.minimum(high, low + (total - low.sum()) / len(low))).max())
    top = math.log(even if 0 < even < math.inf else steepest) + 1e-12
    # At the least slope at the upper limits everything is asked for. Where a curve is flat there, slopes below this
    # share of the steepest of them are money that earns nothing: it stays in the pocket.
    last = curves.slope(high)
    fullest = float(last.max())
    floor = min(top, math.log(fullest) if fullest > 0 else top) - 80.0
    if float(last.min()) > 0:
        floor = max(floor, math.log(float(last.min())) - 1e-9)
    near = _near(curves, total, low, high) if curves.worth.ndim == 2 else None
    if near is not None:
        asked = near[1]
        (x_top, over_top), (x_floor, over_floor) = ask(min(near[0] + _NEAR, top)), ask(max(near[0] - _NEAR, floor))
        if over_top <= 0 < over_floor:
            # so short a stretch of prices is straight to rounding
            return math.exp(near[0]), x_floor + over_floor / (over_floor - over_top) * (x_top - x_floor)
    (x_top, over_top), (x_floor, over_floor) = ask(top), ask(floor)
    if over_floor <= 0:
        return 0.0, x_floor
    if over_top > 0:
        # far out, where a curve is flat to rounding, its inverse asks for too much even at the steepest price
        return math.exp(top), low + (x_top - low) * ((total - float(low.sum())) / float((x_top - low).sum()))
    t, x, over = top, x_top, over_top
    width, slow = top - floor, 0
    for _ in range(200):
        price = math.exp(t)
        bend = curves.bend(x)
        inside = (x > low) & (x < high) & (bend > 0)
        pull = price * float(np.sum(1 / bend[inside]))
        # Newton in log price, one tenth too far, so that both ends of the bracket close in.
        new = t + 1.1 * over / pull if pull > 0 else 0.5 * (floor + top)
        # A curve that is nearly straight where it starts makes Newton creep: halve when the bracket does not.
        width, slow = (top - floor, 0) if top - floor <= 0.5 * width else (width, slow + 1)
        if slow >= 3 or not floor < new < top:
            new = 0.5 * (floor + top)
        if new in (floor, top) or top - floor < 1e-15 * max(1.0, abs(top)):
            break
        t = new
        x, over = ask(t)
        if over > 0:
            floor, x_floor, over_floor = t, x, over
        else:
            top, x_top, over_top = t, x, over
        if over_top == 0 or over_floor - over_top <= 1e-13 * total:
            break
    # Between the two ends lies the exact total; the mix stays within the limits, and at a kink it is the optimum.
    share = over_floor / (over_floor - over_top)
    return math.exp(top), x_floor + share * (x_top - x_floor)


def _near(curves: Curves, total: float, low: Array, high: Array) -> tuple[float, Array] | None:
    """Log price and spend next to the optimum, by steps that take the log of each slope for straight; None if lost.

    A step costs one look at all draws, where inverting the mean slope of each channel at every price costs many.
    """
    room = high - low
    x = low + room * ((total - float(low.sum())) / float(room.sum()))
    t, slope = 0.0, curves.slope(x)
    for _ in range(40):
        slope = np.clip(slope, 1e-300, 1e300)
        reach = slope / np.maximum(curves.bend(x), 1e-9 * slope / np.maximum(room, 1.0))
        logs = np.log(slope)
        t = _level(x, reach, logs, low, high, total)
        way = np.clip(x + reach * (logs - t), low, high) - x
        ahead = curves.slope(x + way)
        up, down = float(slope @ way), float(ahead @ way)
        if down < -0.5 * abs(up):
            # beyond the top of this way: as far as a straight slope along it says
            way = way * (up / (up - down)) if up > 0 else way * 0.5
            ahead = curves.slope(x + way)
        x, slope = x + way, ahead
        if float(np.abs(way).max()) <= 1e-9 * total:
            return t, x
    return None


def _level(x: Array, reach: Array, logs: Array, low: Array, high: Array, total: float) -> float:
    """The log price t at which clip(x + reach (logs - t)) adds up to the total: pieces straight in t."""
    with np.errstate(invalid="ignore"):
        top, bottom = float((logs + (x - low) / reach).max()), float((logs + (x - high) / reach).min())
    t = float(logs.mean())
    for _ in range(60):
        y = x + reach * (logs - t)
        over, pull = float(np.clip(y, low, high).sum()) - total, float(reach[(y > low) & (y < high)].sum())
        bottom, top = (t, top) if over > 0 else (bottom, t)
        new = t + over / pull if pull > 0 else 0.5 * (bottom + top)
        new = new if bottom < new < top else 0.5 * (bottom + top)
        if abs(new - t) <= 1e-14 * max(1.0, abs(t)) or over == 0:
            break
        t = new
    return t


def _price(curves: Curves, spend: Array, low: Array, high: Array, total: float) -> ShadowPrice:
    """What one unit more earns (the steepest channel that can grow), and what one less costs."""
    slope = curves.slope(spend)
    edge = 1e-9 * max(total, 1.0)
    if math.fsum(spend.tolist()) < total - edge:
        return ShadowPrice(0.0, 0.0)
    more = float(slope[spend < high - edge].max(initial=0.0))
    less = float(slope[spend > low + edge].min(initial=np.inf))
    return ShadowPrice(min(more, less), max(more, less) if math.isfinite(less) else more)
