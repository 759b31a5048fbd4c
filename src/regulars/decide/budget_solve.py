"""The optimum of one budget: by water-filling where that is exact, by branch and bound over interior points else."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from regulars.decide.branch import Planned, plan
from regulars.decide.budget_limits import Limits, Whole
from regulars.decide.budget_prices import prices
from regulars.decide.coupling import Coupling
from regulars.decide.curves import Array, Curves
from regulars.decide.envelope import Cells
from regulars.decide.result import ShadowPrice, relative_gap
from regulars.decide.risk import Worst, worst_mean
from regulars.decide.waterfill import fill
from regulars.decide.whole_units import whole_units


@dataclass(frozen=True)
class Solved:
    """Whole amounts, what they earn and what none can exceed, before and after whole units; prices; codes."""

    solution: Whole
    value: float
    bound: float
    continuous_gap: float
    shadow_prices: dict[str, ShadowPrice]
    price: ShadowPrice
    extra_earns: float
    worthwhile: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """One budget to solve: curves, limits, the cost of entry of each cell, and what share of draws counts."""

    curves: Curves
    limits: Limits
    fixed: Array
    risk: float | None
    extra: int
    gap: float
    nodes: int

    @property
    def simple(self) -> bool:
        """Concave, separable and with nothing but the total to share: water-filling is exact."""
        curved, choice = bool(self.curves.curved.any()), bool(self.fixed.any() or self.limits.switch.any())
        return self.risk is None and len(self.limits.rows) == 1 and not curved and not choice

    def value(self, x: Any) -> float:
        """What amounts earn, costs of entry paid."""
        return self._worth(self._cells(self.limits.high), np.asarray(x, dtype=float))

    def solve(self) -> Solved:
        """The optimum; raises ``InfeasibleError`` where the wishes cannot hold together."""
        self.limits.check()
        if self.simple:
            return self._fill()
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        # matrices of a few hundred rows: threads would wait for each other most of the time
        with threadpool_limits(1):
            return self._branch()

    def _fill(self) -> Solved:
        limits, curves = self.limits, self.curves
        total, least, most = limits.rows[0].high, limits.low.astype(float), limits.high
        filled = fill(curves, total, least, most)
        solution = whole_units(curves, filled.spend, limits.low, most, int(total))
        value = math.fsum(curves.value(solution).tolist())
        richer = fill(curves, total + self.extra, least, most) if self.extra else filled
        worthwhile = curves.inverse_slope(1.0, filled.spend, (least, most))
        slope = curves.slope(solution)
        spent = int(solution.sum()) == int(total)
        ranges = {"total": filled.price} if spent else {}
        for i, side in touched(limits, solution).items():
            # Raising the limit of one channel takes the money from the others at their price.
            ranges[limits.wish(side, i).code] = ShadowPrice(
                float(slope[i]) - filled.price.less, float(slope[i]) - filled.price.more
            )
        return Solved(
            solution, value, filled.bound, relative_gap(filled.value, filled.bound), ranges, filled.price,
            richer.value - filled.value, round(float(worthwhile.sum())), (),
        )  # fmt: skip

    def _cells(self, high: Array, more: Limits | None = None) -> Cells:
        limits = more or self.limits
        switch = (limits.switch | (self.fixed > 0)) & (limits.low == 0) & (high > 0)
        # money is whole: a cell that is on gets at least one unit
        low = np.where(switch, np.maximum(limits.minimum, 1), limits.low).astype(float)
        # a commitment of a cell that must be on anyway is one more lower limit
        low = np.where(~switch & (limits.low > 0), np.maximum(limits.low, limits.minimum), low)
        return Cells(self.curves, low, high, switch, self.fixed)

    def _worth(self, cells: Cells, x: Array) -> float:
        if self.risk is None:
            return cells.value(x)
        paid = float(self.fixed[x > 0].sum())
        return worst_mean(np.atleast_2d(cells.curves.values(x)).sum(axis=1), self.risk) - paid

    def _plan(self, cells: Cells, coupling: Coupling) -> Planned | None:
        if self.risk is None:
            return plan(cells, coupling, gap=self.gap, nodes=self.nodes)
        share = self.risk
        return plan(cells, coupling, gap=self.gap, nodes=self.nodes, relax=lambda c: Worst(c, share), value=self._worth)

    def _branch(self) -> Solved:
        limits, coupling = self.limits, self.limits.coupling
        found = self._plan(self._cells(limits.high), coupling)
        if found is None:
            raise ValueError("no split keeps to all limits to rounding: widen one of them a little")
        solution = rounded(found, coupling, self.curves.step, exchange=self.risk is None)
        value = self.value(solution)
        held, slope = found.held, self._slope(found.x)
        ranges = prices(limits, found.x, slope, held.low, held.high, found.prices)
        if not found.nodes > 1 and not self.curves.curved.any():
            ranges = {c: p for c, p in ranges.items() if math.isfinite(p.more)}
        price = ranges.get("total", ShadowPrice(0.0, 0.0))
        more = replace(coupling, most=coupling.most + np.where(np.arange(len(coupling.most)) == 0, self.extra, 0),
                       least=coupling.least + np.where(np.arange(len(coupling.most)) == 0, self.extra, 0))  # fmt: skip
        richer = self._plan(self._cells(limits.high), more) if self.extra else None
        why = [f"risk={self.risk:g}"] if self.risk is not None else []
        if found.nodes > 1 or self.limits.switch.any() or self.fixed.any():
            why.append("choices_held")
        # a millionth of a minor unit is no money, whatever share of nothing it is
        proved = relative_gap(found.value, found.bound) if found.bound - found.value > 1e-6 else 0.0
        return Solved(
            solution, value, found.bound, proved, ranges, price,
            0.0 if richer is None else richer.value - found.value, self._worthwhile(coupling), tuple(why),
        )  # fmt: skip

    def _slope(self, x: Array) -> Array:
        if self.risk is None:
            return self.curves.slope(x)
        values = np.atleast_2d(self.curves.values(x)).sum(axis=1)
        each = 1 / (self.risk * len(values))
        weight = np.empty(len(values))
        weight[np.argsort(values, kind="stable")] = np.clip(1 - each * np.arange(len(values)), 0.0, each)
        return np.asarray(weight @ np.atleast_2d(self.curves.slopes(x)))

    def _worthwhile(self, coupling: Coupling) -> int:
        """The total at which the next unit earns itself: a pocket that gives every unit back takes the rest."""
        worth = np.atleast_2d(self.curves.worth).mean(axis=0)
        top = np.minimum(self.limits.high, np.maximum(self.limits.low + self.limits.minimum, worth) + 1.0)
        size = float(max(top.sum(), self.limits.low.sum())) + 1.0
        shape = (len(np.atleast_2d(self.curves.worth)), 1) if self.curves.worth.ndim == 2 else (1,)
        pocket = Curves((" pocket",), ("power",), np.full(shape, size), np.full(shape, size))
        cells = self._cells(top)
        wide = Cells(
            self.curves.join(pocket), np.append(cells.low, 0.0), np.append(top, size), np.append(cells.switch, False),
            np.append(cells.fixed, 0.0),
        )  # fmt: skip
        matrix = np.hstack([coupling.matrix, np.zeros((len(coupling.most), 1))])
        matrix[0, -1] = 1.0
        rows = Coupling(matrix, coupling.least.copy(), coupling.most.copy())
        rows.least[0], rows.most[0] = -math.inf, size
        found = Question(wide.curves, self.limits, wide.fixed, self.risk, 0, 1e-6, self.nodes)._plan(wide, rows)
        return 0 if found is None else round(float(found.x[:-1].sum()))


def touched(limits: Limits, solution: Whole) -> dict[int, str]:
    """Which side of its limits, if any, stops each cell."""
    at_high, at_low = solution >= limits.high, (limits.low > 0) & (solution <= limits.low)
    return {int(i): "high" if at_high[i] else "low" for i in np.flatnonzero(at_high | at_low)}


def rounded(
    found: Planned, coupling: Coupling, step: Callable[[Any, float], Array], *, exchange: bool
) -> Whole:  # fmt: skip
    """Whole units near the optimum: rounded down, and what is left given where it earns most and the rows allow it.

    Limits and upper limits of sums hold exactly; a row that needs a least amount or uses fractions of units holds to
    within one unit a cell.
    """
    a = coupling
    low, high = np.ceil(found.held.low - 1e-6), np.floor(found.held.high + 1e-6)
    on = found.x > 0
    units = np.where(on, np.clip(np.floor(found.x + 1e-6), low, np.maximum(low, high)), 0.0)
    for _ in range(min(2 * len(units) + 20, 2000)):
        sums = a.matrix @ units
        edge = 1e-9 * (1 + np.abs(sums))
        after = sums[:, None] + a.matrix
        fits = (after <= (a.most + edge)[:, None]).all(axis=0) & on & (units + 1 <= high)
        missing = sums < a.least - edge
        if missing.any():
            helps = (a.matrix[missing] > 0).any(axis=0) & fits
            if not helps.any():
                break
            fits = helps
        elif not (after >= (a.least - edge)[:, None]).all(axis=0).any():
            break
        else:
            fits &= (after >= (a.least - edge)[:, None]).all(axis=0) & (units + 1 <= found.x + 1.0)
        if not fits.any():
            break
        units[int(np.argmax(np.where(fits, step(units, 1.0), -np.inf)))] += 1
    if exchange and len(units) <= 200:
        _exchange(units, found, coupling, step)
    whole = units.astype(np.int64)
    whole.flags.writeable = False
    return whole


def _exchange(units: Array, found: Planned, coupling: Coupling, step: Callable[[Any, float], Array]) -> None:
    """Move single units from one cell to another while that earns more and keeps to the rows."""
    a, low, high = coupling.matrix, np.ceil(found.held.low - 1e-6), np.floor(found.held.high + 1e-6)
    on = found.x > 0
    for _ in range(100):
        up = np.where(on & (units < high), step(units, 1.0), -np.inf)
        down = np.where(on & (units > low) & (units > 0), step(np.maximum(units - 1, 0), 1.0), np.inf)
        gain = up[:, None] - down[None, :]
        sums = a @ units
        moved = sums[:, None, None] + a[:, :, None] - a[:, None, :]
        edge = (1e-9 * (1 + np.abs(sums)))[:, None, None]
        # a row that rounding already left a little short may stay so, but not get worse
        least, most = np.minimum(coupling.least, sums)[:, None, None], np.maximum(coupling.most, sums)[:, None, None]
        fits = ((moved <= most + edge) & (moved >= least - edge)).all(axis=0)
        gain = np.where(fits, gain, -np.inf)
        i, j = np.unravel_index(int(np.argmax(gain)), gain.shape)
        if not gain[i, j] > 1e-12 * (1 + abs(float(up[i]))):
            break
        units[i] += 1
        units[j] -= 1
