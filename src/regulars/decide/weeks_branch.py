"""The best spend of weeks whose curves are S-shaped or that ask for all or nothing: bounds, and branching on stocks."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.families import hill_turn
from regulars.decide.weeks_relax import NONE, Held, Relaxed
from regulars.decide.weeks_rows import WeekRows
from regulars.decide.weeks_stock import Stocked

_POLISH = 4


@dataclass(frozen=True)
class WeeksPlanned:
    """Spend, what it earns, what none can exceed, prices of the rows, how it was held, and how many were solved."""

    x: Array
    value: float
    bound: float
    prices: Array
    held: Held
    nodes: int


@dataclass(frozen=True)
class _Node:
    held: Held
    x: Array
    bound: float
    prices: Array
    errors: Array
    stock_errors: Any


def plan_cells(stocked: Stocked, rows: WeekRows, *, gap: float = 1e-6, nodes: int = 400) -> WeeksPlanned | None:
    """The best spend within the rows, or None where none keeps to them.

    In the stocks the worth is a sum over cells, so a node holds each stock within an interval and takes the lowest
    concave function above each curve there; where it lies furthest above, the interval is split, a cell that may be
    off is put on or off, and so is a channel that asks for an amount over all weeks. ``bound`` is proved whatever
    the number of nodes. Source: Falk and Soland, Management Science 15 (1969) 550-569; Udell and Boyd (2013).
    """
    search = _Search(stocked, rows, gap)
    n = len(rows.low)
    top = search.node(
        Held(rows.low, rows.high, rows.smallest > 0, np.full(n, -np.inf), np.full(n, np.inf),
             np.where(rows.commit > 0, 1, 0)), np.inf,
    )  # fmt: skip
    heap: list[tuple[float, int, _Node]] = [] if top is None else [(-top.bound, 0, top)]
    closed, tie = -np.inf, 0
    # the first plan that holds all that is asked may take longer than proving that it is the best
    while heap and search.count < (nodes if search.best else 10 * nodes):
        if search.done(-heap[0][0]):
            break
        _, _, at = heapq.heappop(heap)
        children = search.split(at)
        if not children:
            closed = max(closed, at.bound)
        for child in children:
            found = search.node(child, at.bound)
            if found is not None:
                tie += 1
                heapq.heappush(heap, (-found.bound, tie, found))
    if search.best is None:
        return None
    x, value, prices, held = search.best
    bound = max([value, closed, search.dropped, *(-h[0] for h in heap)])
    return WeeksPlanned(x, value, bound, prices, held, search.count)


class _Search:
    def __init__(self, stocked: Stocked, rows: WeekRows, gap: float) -> None:
        self.stocked, self.rows, self.gap = stocked, rows, gap
        self.relaxed = Relaxed(stocked, rows, gap)
        self.count, self.dropped = 0, -np.inf
        self.best: tuple[Array, float, Array, Held] | None = None
        self.tried: set[bytes] = set()
        self.odd = stocked.roofs.odd
        self.turn = _turns(stocked)[stocked.roofs.channel]

    def done(self, bound: float) -> bool:
        """Whether nothing under this bound is worth another look."""
        return self.best is not None and bound <= self.best[1] + self.gap * abs(self.best[1])

    def node(self, held: Held, above: float) -> _Node | None:
        """One relaxation; None where nothing can be, or nothing better."""
        self.count += 1
        span = self.relaxed.span(held)
        if span is None:
            return None
        roof = self.stocked.roofs.over(*span)
        solved = self.relaxed.solve(held, roof)
        if solved is None:
            return None
        x, bound, prices = solved
        bound = min(bound, above)
        self._offer(held, x, prices)
        if self.done(bound):
            self.dropped = max(self.dropped, bound)
            return None
        self._polish(held, x)
        s = self.stocked.stock(x)
        stocks = np.maximum(roof.value(s) - self.stocked.roofs.wide.value(s), 0.0)
        stocks[(roof.high - roof.low) <= 1e-9 * (1 + roof.high)] = 0.0
        return _Node(held, x, bound, prices, self._choices(held, x), stocks)

    def _choices(self, held: Held, x: Array) -> Array:
        """What is overstated where a cell may still be off: its cost, or an amount below the smallest."""
        on = held.open & (x > NONE * held.high)
        cost = np.where(on, self.stocked.fixed * (1 - x / np.maximum(held.high, 1.0)), 0.0)
        short = np.where(on & (x < self.rows.smallest * (1 - 1e-9)), np.minimum(x, self.rows.smallest - x), 0.0)
        return np.asarray(cost + short * np.maximum(self.stocked.slope(x), 1e-9))

    def _offer(self, held: Held, x: Array, prices: Array) -> None:
        """Keep spend that holds all that is asked, if it is the best so far."""
        small = self.rows.smallest
        x = np.where((small > 0) & (x <= NONE * np.maximum(held.high, small)), 0.0, x)
        if ((small > 0) & (x > 0) & (x < small * (1 - 1e-9))).any() or not self.rows.coupling.holds(x):
            return
        sums = x.reshape(self.stocked.shape).sum(axis=1)
        if ((sums > 0) & (sums < self.rows.commit * (1 - 1e-9))).any():
            return
        value = self.stocked.value(x)
        if self.best is None or value > self.best[1]:
            off = (small > 0) & (x == 0)
            low = np.where((small > 0) & (x > 0), np.maximum(held.low, small), held.low)
            self.best = (x, value, prices, replace(held, low=np.where(off, 0.0, low),
                                                   high=np.where(off, 0.0, held.high)))  # fmt: skip

    def _polish(self, held: Held, x: Array) -> None:
        """Every choice made the nearer way, and uphill from there: curves where concave, tangents elsewhere."""
        made = self._made(held, x)
        s = self.stocked.stock(x)
        key = np.concatenate([made.high > 0, made.commit, s[self.odd] >= self.turn[self.odd]]).astype(np.int8).tobytes()
        if key in self.tried:
            return
        self.tried.add(key)
        span = self.relaxed.span(replace(made, least=np.full_like(s, -np.inf), most=np.full_like(s, np.inf)))
        odd, before = np.isin(np.arange(len(s)), self.odd), -np.inf
        for _ in range(_POLISH if span else 0):
            assert span is not None
            turned = s >= self.turn
            least = np.where(turned, np.maximum(span[0], np.minimum(self.turn, s)), span[0])
            most = np.maximum(np.where(turned, span[1], np.minimum(span[1], np.maximum(self.turn, s))), least)
            own = replace(made, least=np.where(odd & turned, least, -np.inf),
                          most=np.where(odd & ~turned, most, np.inf))  # fmt: skip
            solved = self.relaxed.solve(own, self.stocked.roofs.below(least, most, np.clip(s, least, most), turned))
            if solved is None:
                return
            self._offer(made, solved[0], solved[2])
            value, s = self.stocked.value(solved[0]), self.stocked.stock(solved[0])
            if value <= before + 1e-9 * abs(before) or not self.odd.size:
                return
            before = value

    def _made(self, held: Held, x: Array) -> Held:
        n, weeks = self.stocked.shape
        sums = x.reshape(n, weeks).sum(axis=1)
        commit = np.where(held.commit == 1, np.where(sums >= 0.5 * self.rows.commit, 2, 0), held.commit)
        out = np.repeat((held.commit == 1) & (commit == 0), weeks)
        on = held.open & (x >= np.maximum(0.5 * self.rows.smallest, 1e-3 * held.high)) & ~out
        low = np.where(on, self.rows.smallest, np.where(held.open | out, 0.0, held.low))
        high = np.where((held.open & ~on) | out, 0.0, held.high)
        return replace(held, low=low, high=high, open=np.zeros_like(held.open), commit=commit)

    def split(self, at: _Node) -> list[Held]:
        """Two ways to go on from where the roof lies highest above; none where it does not."""
        held, x, size = at.held, at.x, max(abs(at.bound), 1e-12)
        sums = x.reshape(self.stocked.shape).sum(axis=1)
        free = np.flatnonzero((held.commit == 1) & (sums > 1e-9) & (sums < self.rows.commit * (1 - 1e-9)))
        least = 1e-3 * self.gap * size
        j, k = int(np.argmax(at.stock_errors)), int(np.argmax(at.errors))
        if free.size:
            return self._in_or_out(held, int(free[0]))
        if at.errors[k] > max(at.stock_errors[j], 0.0):
            return self._on_or_off(held, k)
        if at.stock_errors[j] > least:
            return self._halves(held, j, float(self.stocked.stock(x)[j]))
        return []

    def _on_or_off(self, held: Held, k: int) -> list[Held]:
        low, high, open_ = held.low.copy(), held.high.copy(), held.open.copy()
        open_[k] = False
        low[k] = self.rows.smallest[k]
        high[k] = 0.0
        off_low = held.low.copy()
        off_low[k] = 0.0
        found = [replace(held, low=off_low, high=high, open=open_)]
        return [replace(held, low=low, open=open_), *found] if low[k] <= held.high[k] else found

    def _in_or_out(self, held: Held, i: int) -> list[Held]:
        weeks = self.stocked.shape[1]
        commit, own = held.commit.copy(), slice(i * weeks, (i + 1) * weeks)
        commit[i] = 2
        none = held.commit.copy()
        none[i] = 0
        low, high, open_ = held.low.copy(), held.high.copy(), held.open.copy()
        low[own] = high[own] = 0.0
        open_[own] = False
        return [replace(held, commit=commit), replace(held, commit=none, low=low, high=high, open=open_)]

    def _halves(self, held: Held, j: int, s: float) -> list[Held]:
        span = self.relaxed.span(held)
        assert span is not None
        least, most = float(span[0][j]), float(span[1][j])
        at = min(max(s, least + 0.05 * (most - least)), most - 0.05 * (most - least))
        up, down = held.least.copy(), held.most.copy()
        up[j], down[j] = at, at
        return [replace(held, least=up), replace(held, most=down)]


def _turns(stocked: Stocked) -> Array:
    """From where each channel's mean curve is concave."""
    c = stocked.roofs.curves
    k = np.broadcast_to(np.atleast_2d(c.shape), np.atleast_2d(c.worth).shape)
    last = np.where(c.curved, (np.atleast_2d(c.scale) * hill_turn(k)).max(axis=0), 0.0)
    share = np.linspace(0.0, 1.0, 400)[:, None]
    bends = np.array([c.bend(p * last) for p in share[1:]])
    over = np.where((bends < 0).any(axis=0), len(bends) - np.argmax((bends < 0)[::-1], axis=0), 0)
    return np.asarray(share[np.minimum(over, 399), 0] * last)
