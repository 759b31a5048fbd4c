"""The cells as a programme with names, and where its options, segments and signatures lie in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.program import Amounts, Column, Matrices, Program, Row
from regulars.decide.resources_cells import CASH, RESELLER, Cell, Level


@dataclass(frozen=True)
class Option:
    """A cell at a level of service: what a unit earns, costs and takes there."""

    cell: Cell
    level: Level
    code: str
    income: float
    cost: float
    fixed: float
    uses: Mapping[str, float]

    @classmethod
    def of(cls, cell: Cell, level: Level) -> Option:
        """The cell's figures with the level applied."""
        uses = {
            code: cell.uses.get(code, 0.0) * level.times.get(code, 1.0) + level.uses.get(code, 0.0)
            for code in {*cell.uses, *level.uses}
        }
        return cls(
            cell,
            level,
            f"{cell.code}:{level.name}" if level.name else cell.code,
            (1 - min(1.0, cell.churn * level.churn)) * cell.price * level.price,
            cell.kappa * cell.unit_cost + level.unit_cost,
            cell.fixed_cost + level.fixed_cost,
            uses,
        )


@dataclass(frozen=True)
class Model:
    """The programme of the cells; ``opens`` and ``signs`` are columns, ``serves`` columns by option and segment.

    ``serves`` is padded with -1 where a market has fewer segments; ``links`` marks the rows that only say that
    nothing is served by an option that is not open.
    """

    program: Program
    options: tuple[Option, ...]
    matrices: Matrices
    opens: Any
    serves: Any
    signs: Any
    links: Any

    def units(self, x: Array) -> Array:
        """Units served by option and segment."""
        size = np.array([[o.cell.demand * w for w in _wide(o.cell.segments, self.serves.shape[1])]
                         for o in self.options])  # fmt: skip
        return np.asarray(np.where(self.serves >= 0, x[self.serves], 0.0) * size)


def build(
    cells: Sequence[Cell],
    levels: Sequence[Level],
    limits: Mapping[str, float],
    labels: Mapping[str, str],
    more: Sequence[Row] = (),
) -> Model:
    """Write the model down.

    With the share s_ok of segment k of its market that option o (a cell at a level) serves, y_o open, z_p signed:
    max sum D w_k ((1 - a_o) P_o e_k - C_o) s_ok - sum F_o y_o; sum_o s_ok <= 1 in each market; s_ok <= y_o;
    sum_levels y <= 1 a cell and <= z_p where the partner has a minimum; at most one reseller a market;
    minimum_p z_p <= units of p <= capacity_p z_p; low, high and frozen units a cell; one row a resource. Linking every
    segment apart is what makes the relaxation tight.
    """
    options = tuple(Option.of(c, level) for c in cells for level in levels)
    columns, rows = _signatures(cells)
    signs = [c.code for c in columns]
    links: list[Row] = []
    needs: dict[str, Amounts] = {code: {} for code in limits}
    units: dict[str, Amounts] = {c.code: {} for c in cells}
    segments: dict[tuple[str, int], Amounts] = {}
    for o in options:
        opened, cell = f"open:{o.code}", o.cell
        columns.append(Column(opened, -o.fixed, high=1.0, whole=True, given=True))
        _need(needs, opened, {**cell.fixed_uses, CASH: o.fixed}, 1.0)
        for k, (w, e) in enumerate(zip(cell.segments, cell.effects, strict=True)):
            serve, size = f"serve:{o.code}:{k + 1}", cell.demand * w
            columns.append(Column(serve, size * (o.income * e - o.cost), high=1.0, given=True))
            links.append(Row(f"{serve} only when open", {serve: 1.0, opened: -1.0}, high=0.0, given=True))
            segments.setdefault((cell.market, k), {})[serve] = 1.0
            units[cell.code][serve] = size
            _need(needs, serve, {**o.uses, CASH: o.cost}, size)
    rows += [Row(f"segment:{m}:{k + 1}", uses, high=1.0, given=True) for (m, k), uses in segments.items()]
    rows += _choices(options, set(signs))
    rows += _partners(cells, units, set(signs), labels)
    rows += _wishes(cells, units)
    rows += [Row(code, needs[code], high=float(limit), label=labels.get(code, code))
             for code, limit in limits.items() if np.isfinite(limit)]  # fmt: skip
    program = Program(columns, [*links, *rows, *more])
    place = {c.code: j for j, c in enumerate(columns)}
    width = max(len(c.segments) for c in cells)
    serves = np.array(
        [[place.get(f"serve:{o.code}:{k + 1}", -1) for k in range(width)] for o in options], dtype=np.int64
    )
    opens = np.array([place[f"open:{o.code}"] for o in options], dtype=np.int64)
    return Model(
        program, options, Matrices.of(program), opens, serves, np.array([place[s] for s in signs], dtype=np.int64),
        np.arange(len(program.rows)) < len(links),
    )  # fmt: skip


def _wide(values: Sequence[float], width: int) -> list[float]:
    return [*values, *([0.0] * (width - len(values)))]


def _need(needs: dict[str, Amounts], column: str, uses: Mapping[str, float], size: float) -> None:
    for code, use in uses.items():
        if code in needs and use * size:
            needs[code][column] = use * size


def _signatures(cells: Sequence[Cell]) -> tuple[list[Column], list[Row]]:
    """A column for every partner with a minimum: only there does signing bind us to anything."""
    owed = {c.partner: c for c in cells if c.minimum > 0}
    columns = [Column(f"sign:{p}", high=1.0, whole=True, given=True) for p in owed]
    rows = [Row(f"signed:{p}", {f"sign:{p}": 1.0}, low=1.0, label=p) for p, c in owed.items() if c.signed]
    return columns, rows


def _choices(options: Sequence[Option], signs: set[str]) -> list[Row]:
    """One level a cell, only with a partner that is signed, and at most one reseller a market."""
    per: dict[str, Amounts] = {}
    resellers: dict[str, Amounts] = {}
    sign = {o.cell.code: f"sign:{o.cell.partner}" for o in options}
    for o in options:
        per.setdefault(o.cell.code, {})[f"open:{o.code}"] = 1.0
        if o.cell.mode == RESELLER:
            resellers.setdefault(o.cell.market, {})[f"open:{o.code}"] = 1.0
    rows = []
    for code, uses in per.items():
        if sign[code] in signs:
            rows.append(Row(f"{code} only when signed", {**uses, sign[code]: -1.0}, high=0.0, given=True))
        elif len(uses) > 1:
            rows.append(Row(f"{code} at one level", uses, high=1.0, given=True))
    return [*rows, *(Row(f"one_reseller:{m}", u, high=1.0, label=m) for m, u in resellers.items() if len(u) > 1)]


def _partners(
    cells: Sequence[Cell], units: Mapping[str, Amounts], signs: set[str], labels: Mapping[str, str]
) -> list[Row]:
    rows = []
    for cell in {c.partner: c for c in cells}.values():
        name, sign = cell.partner, f"sign:{cell.partner}"
        total: Amounts = {}
        for c in cells:
            if c.partner == name:
                total |= units[c.code]
        # A partner can never serve more than its markets ask for: the smaller capacity makes the relaxation tighter.
        most = sum({c.market: c.demand for c in cells if c.partner == name}.values())
        label = labels.get(name, name)
        if sign in signs:
            rows.append(Row(f"capacity:{name}", {**total, sign: -min(cell.capacity, most)}, high=0.0, label=label))
            rows.append(Row(f"minimum:{name}", {**total, sign: -cell.minimum}, low=0.0, label=label))
        elif np.isfinite(cell.capacity):
            rows.append(Row(f"capacity:{name}", total, high=cell.capacity, label=label))
    return rows


def _wishes(cells: Sequence[Cell], units: Mapping[str, Amounts]) -> list[Row]:
    """What the owner asks of single cells."""
    rows = []
    for c in cells:
        if c.frozen is not None:
            rows.append(Row(f"frozen:{c.code}", units[c.code], c.frozen, c.frozen, label=c.words))
            continue
        if c.low > 0:
            rows.append(Row(f"at_least:{c.code}", units[c.code], low=c.low, label=c.words))
        if c.high < c.demand:
            rows.append(Row(f"at_most:{c.code}", units[c.code], high=c.high, label=c.words))
    return rows
