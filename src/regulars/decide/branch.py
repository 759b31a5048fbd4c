"""The exact optimum where some curves are not concave: bounds from envelopes, and branching where they lie above."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from regulars.decide.coupling import Coupling
from regulars.decide.curves import Array
from regulars.decide.envelope import Cells, Pieces, envelope
from regulars.decide.families import hill_turn
from regulars.decide.interior import Goal, by_planes, maximise

# So many nodes are split only because their bound is poor.
_STUCK = 60


class Relaxed(Goal, Protocol):
    """A concave function that lies on or above what the cells earn."""

    @property
    def base(self) -> Array:
        """Amounts of the cells before any variable moves."""
        ...

    @property
    def cell(self) -> Any:
        """The cell of each variable."""
        ...

    @property
    def width(self) -> Array:
        """How far each variable may go."""
        ...

    def spend(self, y: Array) -> Array:
        """Amounts of the cells."""
        ...


@dataclass(frozen=True)
class Planned:
    """Amounts, what they earn, what none can exceed, the row prices, the cells as they were held, and the effort."""

    x: Array
    value: float
    bound: float
    prices: Array
    held: Cells
    nodes: int


def plan(
    cells: Cells,
    rows: Coupling,
    *,
    gap: float = 1e-7,
    nodes: int = 400,
    relax: Callable[[Cells], Relaxed] = envelope,
    value: Callable[[Cells, Array], float] = Cells.value,
) -> Planned | None:
    """The best amounts of cells within the rows, or None where none keep to them.

    Each node maximises a concave function that lies above; where it lies strictly above at its optimum the cell is
    split there (on or off for a switch), which closes the gap at that point. With m rows at most m + 1 cells need it
    (Shapley and Folkman), so few are. ``bound`` is proved whatever the number of nodes. Source: Aubin and Ekeland,
    Mathematics of Operations Research 1 (1976) 225-245; Falk and Soland, Management Science 15 (1969) 550-569.
    """
    search = _Search(rows, gap, relax, value, float("inf"))
    top = search.node(cells, float("inf"))
    if top is None:
        return None
    heap: list[tuple[float, int, Cells, Array]] = []
    closed = -float("inf")
    count, tie = 1, 0

    def split(at: Cells, x: Array, bound: float, widest: int) -> None:
        nonlocal tie, count
        for child in _children(at, x, widest):
            count += 1
            found = search.node(child, bound)
            if found is None:
                continue
            tie += 1
            heapq.heappush(heap, (-found[1], tie, found[0], np.append(found[2], found[3])))

    widest = top[3]
    if widest >= 0:
        split(top[0], top[2], top[1], int(widest))
    else:
        closed = top[1]
    while heap and count < nodes:
        under, _, at, packed = heapq.heappop(heap)
        if search.best is not None and -under <= search.best[1] + gap * abs(search.best[1]):
            heapq.heappush(heap, (under, tie, at, packed))
            break
        if packed[-1] < 0:
            closed = max(closed, -under)
            continue
        split(at, packed[:-1], -under, int(packed[-1]))
    if search.best is None:
        return None
    x, earned, prices, held = search.best
    bound = max([earned, closed, *(-h[0] for h in heap), *search.dropped])
    return Planned(x, earned, min(bound, top[1]), prices, held, count)


@dataclass
class _Search:
    rows: Coupling
    gap: float
    relax: Callable[[Cells], Relaxed]
    value: Callable[[Cells, Array], float]
    ceiling: float
    best: tuple[Array, float, Array, Cells] | None = None

    def __post_init__(self) -> None:
        self.dropped: list[float] = []
        self.count = 0
        self.tried: set[bytes] = set()

    def node(self, cells: Cells, above: float) -> tuple[Cells, float, Array, int] | None:
        """Bound, amounts and the cell furthest from its envelope (-1: none); None where nothing can be."""
        solved = self._solve(cells)
        if solved is None:
            return None
        cells, x, bound, prices, over = solved
        bound = min(bound, above)
        if self.best is not None and bound <= self.best[1] + self.gap * abs(self.best[1]):
            self.dropped.append(bound)
            return None
        size = max(abs(bound), 1e-12)
        worst = int(np.argmax(over)) if over.size and over.max() > 0.1 * self.gap * size else -1
        # an amount between nothing and the smallest one allowed is no plan, whatever it would earn
        between = cells.switch & (x > 0) & (x < cells.low * (1 - 1e-9))
        worst = int(np.argmax(between)) if worst < 0 and between.any() else worst
        self._offer(cells, x, prices)
        if worst < 0 and bound - self.value(cells, x) > 10 * self.gap * size and self.count < _STUCK:
            # nothing lies above its curve, so it is the bound that is poor: the search inside did not get to its end
            self.count += 1
            room = (cells.high - cells.low) / np.maximum(cells.high, 1.0)
            worst = int(np.argmax(np.where(cells.switch, np.inf, room)))
        if worst >= 0:
            fixed = _rounded(cells, x)
            key = np.concatenate([fixed.low, fixed.high]).tobytes()
            if key not in self.tried:
                self.tried.add(key)
                again = self._solve(fixed)
                if again is not None:
                    self._offer(again[0], again[1], again[3])
        return cells, bound, x, worst

    def _solve(self, cells: Cells) -> tuple[Cells, Array, float, Array, Array] | None:
        tight = tighten(cells, self.rows)
        if tight is None:
            return None
        pieces = self.relax(tight)
        rows, none = self.rows, np.zeros(len(self.rows.most))
        start = rows.matrix @ pieces.base
        if not len(pieces.width):
            if not rows.holds(pieces.base):
                return None
            return tight, pieces.base, pieces.value(np.zeros(0)), none, np.zeros(len(pieces.base))
        if not rows.plain and not _possible(rows, pieces, start):
            return None
        full = pieces.value(pieces.width) - pieces.value(np.zeros_like(pieces.width))
        matrix, size = rows.matrix[:, pieces.cell], max(abs(full), 1e-12)
        found = None
        # Rows that leave no room inside have no path to follow: a hair wider they do, within what counts as held,
        # and what bounds the wider problem bounds this one.
        for wider in (0.0, 1e-8, 5e-8):
            slack = wider * (1 + np.abs(start) + np.abs(matrix) @ pieces.width)
            found = maximise(
                pieces, np.zeros_like(pieces.width), pieces.width, matrix, rows.least - start - slack,
                rows.most - start + slack, size=size, gap=min(1e-9, 0.1 * self.gap),
            )  # fmt: skip
            if found is not None:
                break
        if found is None:
            found = by_planes(pieces, np.zeros_like(pieces.width), pieces.width, matrix, rows.least - start,
                              rows.most - start)  # fmt: skip
        if found is None:
            return None
        x = pieces.spend(found.x)
        x = np.where(x <= 1e-9 * tight.high, 0.0, np.clip(x, np.where(tight.switch, 0.0, tight.low), tight.high))
        own = None
        if isinstance(pieces, Pieces):
            own = np.bincount(pieces.cell, _earned(pieces, found.x), minlength=len(x)).astype(float)
        over = _over(tight, x, pieces.base, own, found.value, self.value)
        return tight, x, found.bound, found.prices, over

    def _offer(self, cells: Cells, x: Array, prices: Array) -> None:
        off = cells.switch & (x < cells.low * (1 - 1e-9))
        x = np.where(off & (x <= 1e-6 * np.maximum(cells.low, 1e-3 * cells.high)), 0.0, x)
        if (cells.switch & (x > 0) & (x < cells.low * (1 - 1e-9))).any() or not self.rows.holds(x):
            return
        earned = self.value(cells, x)
        if self.best is None or earned > self.best[1]:
            held = replace(cells, low=np.where(cells.switch & (x == 0), 0.0, cells.low),
                           high=np.where(cells.switch & (x == 0), 0.0, cells.high),
                           switch=np.zeros_like(cells.switch))  # fmt: skip
            self.best = (x, earned, prices, held)


def _earned(pieces: Pieces, y: Array) -> Array:
    out = pieces.rise * y
    start = pieces.start[pieces.bent]
    out[pieces.bent] = pieces.curves.value(start + y[pieces.bent]) - pieces.curves.value(start)
    return np.asarray(out)


def _over(
    cells: Cells, x: Array, base: Array, own: Array | None, total: float, value: Callable[[Cells, Array], float]
) -> Array:
    """How far each cell's envelope lies above what it earns."""
    odd = (cells.switch | cells.curves.curved) & (cells.high > base)
    if own is None:
        # shared by all cells: ask the one that lies deepest within its span
        room = np.minimum(x - base, cells.high - x) / np.maximum(cells.high, 1e-300)
        short = total - value(cells, x)
        return np.asarray(np.where(odd & (room > 1e-9), short * (0.5 + room), 0.0))
    cost = np.where(cells.switch | (cells.low > 0), cells.fixed, 0.0)
    truth = cells.curves.value(x) - np.where(x > 0, cost, 0.0)
    at_base = cells.curves.value(base) - np.where(base > 0, cost, 0.0)
    between = cells.switch & (x > 0) & (x < cells.low * (1 - 1e-9))
    return np.asarray(np.where(odd, np.maximum(at_base + own - np.where(between, 0.0, truth), 0.0), 0.0))


def _children(cells: Cells, x: Array, j: int) -> list[Cells]:
    low, high, switch = cells.low.copy(), cells.high.copy(), cells.switch.copy()
    if switch[j]:
        switch[j] = False
        off_low, off_high = low.copy(), high.copy()
        off_low[j] = off_high[j] = 0.0
        return [replace(cells, switch=switch), replace(cells, low=off_low, high=off_high, switch=switch)]
    room = high[j] - low[j]
    at = min(max(x[j], low[j] + 0.02 * room), high[j] - 0.02 * room)
    up, down = low.copy(), high.copy()
    up[j], down[j] = at, at
    return [replace(cells, low=up), replace(cells, high=down)]


def _rounded(cells: Cells, x: Array) -> Cells:
    """Every choice made the nearer way: on or off, and an S-shaped cell beyond its turn or left where it starts."""
    low, high, c = cells.low.copy(), cells.high.copy(), cells.curves
    k = np.broadcast_to(np.atleast_2d(c.shape), np.atleast_2d(c.worth).shape)
    turn = np.where(c.curved, (np.atleast_2d(c.scale) * hill_turn(k)).mean(axis=0), 0.0)
    on = x >= 0.5 * np.maximum(np.maximum(turn, cells.low), 1e-3 * high)
    off = cells.switch & ~on
    high[off] = low[off] = 0.0
    stay = c.curved & ~cells.switch & ~on
    high[stay] = low[stay]
    rise = c.curved & on
    low[rise] = np.minimum(np.maximum(low[rise], turn[rise]), high[rise])
    return replace(cells, low=low, high=high, switch=np.zeros_like(cells.switch))


def tighten(cells: Cells, rows: Coupling) -> Cells | None:
    """The same cells without room that the rows rule out anyway; None where the smallest amounts break a row."""
    low, high, switch = cells.low.copy(), cells.high.copy(), cells.switch.copy()
    positive = np.flatnonzero((rows.matrix >= 0).all(axis=1) & np.isfinite(rows.most))
    for _ in range(3):
        base = np.where(switch, 0.0, low)
        for i in positive:
            a = rows.matrix[i]
            left = float(rows.most[i] - a @ base)
            if left < -1e-7 * (1 + float(a @ base)):
                return None
            with np.errstate(divide="ignore", invalid="ignore"):
                high = np.where(a > 0, np.minimum(high, base + max(left, 0.0) / a), high)
        out = switch & (high < low * (1 - 1e-12))
        low, high, switch = np.where(out, 0.0, low), np.where(out, 0.0, high), switch & ~out
        if not out.any():
            break
    if (high < low - 1e-7 * (1 + low)).any():
        return None
    high = np.where(high - low <= 1e-9 * np.maximum(high, 1.0), low, high)
    return replace(cells, low=low, high=high, switch=switch & (high > 0))


def _possible(rows: Coupling, pieces: Relaxed, start: Array) -> bool:
    """Whether any amounts keep to the rows, by a linear programme."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(pieces.width)
    matrix = rows.matrix[:, pieces.cell]
    slack = 1e-9 * (1 + np.abs(start) + np.abs(matrix) @ pieces.width)
    answer: Any = milp(
        np.zeros(n), bounds=Bounds(0, pieces.width),
        constraints=LinearConstraint(matrix, rows.least - start - slack, rows.most - start + slack),
    )  # fmt: skip
    return answer.x is not None
