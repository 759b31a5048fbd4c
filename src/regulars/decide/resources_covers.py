"""Cuts that say what a partner's capacity cannot hold: cells that together ask for more than it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from regulars.decide.curves import Array
from regulars.decide.resources_model import Model

# Every set of the cells a partner serves is tried; beyond this many the fullest are.
CELLS: Final = 11
EACH: Final = 3
VIOLATED: Final = 1e-4


@dataclass(frozen=True)
class _Item:
    """A cell of a partner at the relaxation: its options, the segments it serves, their size, what it serves, y."""

    options: Any
    segments: Any
    size: float
    units: float
    opened: float


@dataclass
class Covers:
    """Flow cover cuts of the partners' capacities.

    With m_i the size of the segments looked at of cell i, y_i whether it is open at any level and u_i the units, a set
    S with lambda = sum_S m_i - C > 0 gives
    sum_S u_i + (m_i - lambda)^+ (z - y_i) + sum_L u_i - (max(m_i, max_S m) - lambda) y_i <= C z.
    Source: Van Roy and Wolsey, Discrete Applied Mathematics 14 (1986) 199-213 (extended flow covers).
    """

    model: Model
    cells: dict[str, list[Any]] = field(init=False)
    sizes: Array = field(init=False)
    signs: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        at: dict[str, list[int]] = {}
        for k, o in enumerate(self.model.options):
            at.setdefault(o.cell.code, []).append(k)
        self.cells = {}
        for options in at.values():
            cell = self.model.options[options[0]].cell
            if 0 < cell.capacity < np.inf:
                self.cells.setdefault(cell.partner, []).append(np.array(options))
        self.sizes = np.zeros(self.model.serves.shape)
        for k, o in enumerate(self.model.options):
            self.sizes[k, : len(o.cell.segments)] = o.cell.demand * np.asarray(o.cell.segments, dtype=float)
        names = self.model.matrices.codes[0]
        self.signs = {names[j].removeprefix("sign:"): int(j) for j in self.model.signs}

    def violated(self, x: Array) -> tuple[Any, Array]:
        """Rows and their high sides that x breaks, at most ``EACH`` a partner."""
        rows: list[tuple[list[int], list[float]]] = []
        high: list[float] = []
        for partner, cells in self.cells.items():
            items = self._items(cells, x)
            if not items:
                continue
            capacity = self.model.options[int(cells[0][0])].cell.capacity
            sign = self.signs.get(partner, -1)
            for inside, beside, slack in _sets(items, capacity, float(x[sign]) if sign >= 0 else 1.0):
                columns, values, held = self._row(items, inside, beside, slack)
                left = capacity - held
                if sign >= 0:
                    columns.append(sign)
                    values.append(-left)
                rows.append((columns, [v / capacity for v in values]))
                high.append(0.0 if sign >= 0 else left / capacity)
        i = np.repeat(np.arange(len(rows)), [len(c) for c, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
        j = np.concatenate([c for c, _ in rows]) if rows else np.zeros(0, dtype=np.int64)
        a = np.concatenate([v for _, v in rows]) if rows else np.zeros(0)
        return csr_array((a, (i, j)), shape=(len(rows), len(x))), np.array(high)

    def _items(self, cells: Sequence[Any], x: Array) -> list[_Item]:
        items = []
        for options in cells:
            opened = float(x[self.model.opens[options]].sum())
            if opened <= 1e-7:
                continue
            serves = self.model.serves[options]
            share = np.where(serves >= 0, x[serves], 0.0).sum(axis=0)
            segments = np.flatnonzero(share > 0.5 * opened)
            size = self.sizes[options[0]][segments]
            if size.sum() > 0:
                items.append(_Item(options, segments, float(size.sum()), float(size @ share[segments]), opened))
        items.sort(key=lambda i: -i.size * min(i.opened, 1.5 - i.opened))
        return items[:CELLS]

    def _row(
        self, items: Sequence[_Item], inside: Any, beside: Any, slack: float
    ) -> tuple[list[int], list[float], float]:
        """Columns, coefficients, and what of the capacity the set itself holds."""
        columns: list[int] = []
        values: list[float] = []
        held = 0.0
        most = max(i.size for i, used in zip(items, inside, strict=True) if used)
        for item, used, more in zip(items, inside, beside, strict=True):
            if not (used or more):
                continue
            rest = max(item.size - slack, 0.0) if used else max(most, item.size) - slack
            held += rest if used else 0.0
            for o in item.options:
                columns += [int(self.model.serves[o, k]) for k in item.segments]
                values += [float(self.sizes[o, k]) for k in item.segments]
                columns.append(int(self.model.opens[o]))
                values.append(-rest)
        return columns, values, held


def _sets(items: Sequence[_Item], capacity: float, signed: float) -> list[tuple[Any, Any, float]]:
    """The sets whose cut is broken most: who is inside, who is lifted in beside, and what is too much."""
    size, units, opened = (np.array([getattr(i, name) for i in items]) for name in ("size", "units", "opened"))
    n = len(items)
    inside = (np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1 == 1
    slack = inside @ size - capacity
    inside, slack = inside[slack > 1e-6 * capacity], slack[slack > 1e-6 * capacity]
    if not len(slack):
        return []
    most = np.where(inside, size, 0.0).max(axis=1)
    own = np.where(inside, units + np.maximum(size - slack[:, None], 0.0) * (signed - opened), 0.0)
    lifted = units - (np.maximum(most[:, None], size) - slack[:, None]) * opened
    beside = ~inside & (most > slack)[:, None] & (lifted > 0)
    broken = own.sum(axis=1) + np.where(beside, lifted, 0.0).sum(axis=1) - capacity * signed
    best = np.argsort(-broken, kind="stable")[:EACH]
    return [(inside[k], beside[k], float(slack[k])) for k in best if broken[k] > VIOLATED * capacity]
