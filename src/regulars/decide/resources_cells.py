"""What the owner writes down about serving: cells of market x mode x partner, and service levels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from regulars.lake.frames import to_arrow

CASH: Final = "cash"
SELF: Final = "self"
RESELLER: Final = "reseller"


@dataclass(frozen=True)
class Level:
    """One choice of a service level (a latency class, a support tier) and what it does to a unit served.

    ``price`` and ``churn`` are factors on those of the cell, ``unit_cost`` and ``fixed_cost`` come on top, ``uses``
    comes on top of what a unit takes of each resource and ``times`` multiplies it.
    """

    name: str
    price: float = 1.0
    churn: float = 1.0
    unit_cost: float = 0.0
    fixed_cost: float = 0.0
    uses: Mapping[str, float] = field(default_factory=dict)
    times: Mapping[str, float] = field(default_factory=dict)

    def with_(self, other: Level) -> Level:
        """Both choices at once."""
        both = {c: self.uses.get(c, 0.0) + other.uses.get(c, 0.0) for c in {*self.uses, *other.uses}}
        times = {c: self.times.get(c, 1.0) * other.times.get(c, 1.0) for c in {*self.times, *other.times}}
        return Level(
            "+".join(n for n in (self.name, other.name) if n), self.price * other.price, self.churn * other.churn,
            self.unit_cost + other.unit_cost, self.fixed_cost + other.fixed_cost, both, times,
        )  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One way to serve one market: through which mode and partner, what a unit earns, costs and takes.

    ``demand`` units a period of the whole market, in ``segments`` (shares of it) that earn ``effects`` of the price,
    the easiest first; ``price`` a unit, ``unit_cost`` to serve one ourselves, ``churn`` share that leaves before it
    pays, ``kappa`` the partner's cost as a multiple of ours, ``fixed_cost`` of opening the cell. ``capacity`` and
    ``minimum`` are units the partner can take, and must be given once signed, over all its cells; ``signed`` means
    there is no way back. ``uses`` and ``fixed_uses`` say what a unit, and opening, take of each resource. ``low`` and
    ``high`` are the owner's limits on the units of this cell, ``frozen`` holds them at a number.
    Facts of a market (demand, segments, effects) and of a partner (capacity, minimum, signed) must agree over its
    cells.
    """

    market: str
    mode: str = "direct"
    partner: str = SELF
    demand: float = 0.0
    price: float = 0.0
    unit_cost: float = 0.0
    churn: float = 0.0
    kappa: float = 1.0
    fixed_cost: float = 0.0
    capacity: float = math.inf
    minimum: float = 0.0
    signed: bool = False
    segments: Sequence[float] = (1.0,)
    effects: Sequence[float] = (1.0,)
    uses: Mapping[str, float] = field(default_factory=dict)
    fixed_uses: Mapping[str, float] = field(default_factory=dict)
    low: float = 0.0
    high: float = math.inf
    frozen: float | None = None
    label: str = ""

    @property
    def code(self) -> str:
        """``market/mode/partner``."""
        return f"{self.market}/{self.mode}/{self.partner}"

    @property
    def words(self) -> str:
        """The label, or the code where there is none."""
        return self.label or self.code


MARKET_FACTS: Final = ("demand", "segments", "effects")
PARTNER_FACTS: Final = ("capacity", "minimum", "signed")
_TEXT: Final = ("market", "mode", "partner", "label")
_NAMES: Final = tuple(f.name for f in fields(Cell))


def read_cells(cells: Any, resources: Iterable[str]) -> tuple[Cell, ...]:
    """Cells from ``Cell`` objects or any table with their fields as columns and one column a resource.

    Raises ``ValueError`` naming the cell and the field for a number that is not finite or out of range, a market or
    partner that contradicts itself, a cell given twice, and a resource nobody limits.
    """
    known = tuple(resources)
    if not isinstance(cells, Sequence) or any(not isinstance(c, Cell) for c in cells):
        cells = [_cell(row, known) for row in to_arrow(cells).to_pylist()]
    found = tuple(_whole_segments(c) for c in cells)
    if not found:
        raise ValueError("give at least one cell: a market with its demand, price and cost")
    codes = [c.code for c in found]
    if len(set(codes)) != len(codes):
        raise ValueError(f"cell {next(c for c in codes if codes.count(c) > 1)!r} is given twice")
    for cell in found:
        _check(cell, known)
    _agree(found, "market", MARKET_FACTS)
    _agree(found, "partner", PARTNER_FACTS)
    return found


def combined(levels: Mapping[str, Sequence[Level]]) -> tuple[Level, ...]:
    """Every choice of one level of each kind."""
    every: tuple[Level, ...] = (Level(""),)
    for kind, options in levels.items():
        if not options:
            raise ValueError(f"service level {kind!r} has no choices: give at least one Level")
        names = [o.name for o in options]
        if len(set(names)) != len(names):
            raise ValueError(f"service level {kind!r} names a choice twice")
        every = tuple(a.with_(b) for a, b in itertools.product(every, options))
    return every


def _cell(row: Mapping[str, Any], resources: Sequence[str]) -> Cell:
    given = {k: v for k, v in row.items() if k in _NAMES and v is not None}
    uses = {code: float(row[code]) for code in resources if code != CASH and row.get(code) is not None}
    if "market" not in given:
        raise ValueError("a table of cells needs the column market")
    for name in ("segments", "effects"):
        if name in given:
            given[name] = tuple(given[name])
    for name in ("uses", "fixed_uses"):
        # Arrow fills the keys of a dictionary column that a row does not have with null.
        given[name] = {k: v for k, v in dict(given.get(name) or {}).items() if v is not None}
    return Cell(**(given | {n: str(given[n]) for n in _TEXT if n in given} | {"uses": uses | given["uses"]}))


def _whole_segments(cell: Cell) -> Cell:
    return replace(cell, segments=tuple(map(float, cell.segments)), effects=tuple(map(float, cell.effects)))


def _check(cell: Cell, resources: Sequence[str]) -> None:
    def wrong(what: str) -> ValueError:
        return ValueError(f"cell {cell.code!r}: {what}")

    for name in ("demand", "price", "unit_cost", "kappa", "fixed_cost", "minimum", "low"):
        value = getattr(cell, name)
        if not math.isfinite(value) or value < 0:
            raise wrong(f"{name} is {value}: give 0 or more")
    if not 0 <= cell.churn <= 1:
        raise wrong(f"churn is {cell.churn}: a share is from 0 to 1")
    if math.isnan(cell.capacity) or cell.capacity < 0 or math.isnan(cell.high) or cell.high < 0:
        raise wrong("capacity and high are 0 or more")
    if cell.frozen is not None and (not math.isfinite(cell.frozen) or cell.frozen < 0):
        raise wrong(f"frozen is {cell.frozen}: give the units to hold")
    w, e = cell.segments, cell.effects
    if len(w) != len(e) or not w or list(e) != sorted(e, reverse=True) or min(w) < 0 or min(e) < 0:
        raise wrong("give one effect per segment, and let them fall: the easiest demand first")
    if sum(w) > 1 + 1e-9:
        raise wrong(f"its segments add up to {sum(w):.6g}: they are shares of the demand")
    for code, use in (*cell.uses.items(), *cell.fixed_uses.items()):
        if code not in resources:
            raise wrong(f"it uses {code!r}, which no limit names: add it to limits (inf where there is plenty)")
        if not math.isfinite(use) or use < 0:
            raise wrong(f"its use of {code!r} is {use}: give 0 or more")


def _agree(cells: Sequence[Cell], by: str, facts: Sequence[str]) -> None:
    first: dict[str, Cell] = {}
    for cell in cells:
        one = first.setdefault(getattr(cell, by), cell)
        for fact in facts:
            if getattr(one, fact) != getattr(cell, fact):
                raise ValueError(
                    f"{by} {getattr(cell, by)!r}: {fact} is {getattr(one, fact)} in {one.code} and "
                    f"{getattr(cell, fact)} in {cell.code}; it is one fact of the {by}"
                )
