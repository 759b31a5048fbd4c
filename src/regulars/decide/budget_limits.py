"""What the owner asks of a budget: limits of cells, groups, ratios and other rows, and which of it cannot hold."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from regulars.decide.coupling import Coupling
from regulars.decide.curves import Array
from regulars.decide.result import InfeasibleError, Wish

if TYPE_CHECKING:
    from regulars.decide.program import Program

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Limits of the sum over some cells: minor units, and shares of everything that is spent.

    ``ratio`` and ``of``: the group spends at least (``ratio[0]``) and at most (``ratio[1]``) so many times what the
    cells ``of`` spend; None for no limit on that side.
    """

    code: str
    cells: Collection[str]
    low: float | None = None
    high: float | None = None
    share_low: float | None = None
    share_high: float | None = None
    ratio: tuple[float | None, float | None] = (None, None)
    of: Collection[str] = ()
    label: str = ""


class Line(Protocol):
    """Any linear row: low <= sum uses * spend <= high. ``program.Row`` is one."""

    @property
    def code(self) -> str:
        """Name for machines."""
        ...

    @property
    def uses(self) -> Mapping[str, float]:
        """How much a unit of spend in each cell uses up."""
        ...

    @property
    def low(self) -> float:
        """At least so much."""
        ...

    @property
    def high(self) -> float:
        """At most so much."""
        ...

    @property
    def label(self) -> str:
        """Name in the owner's words."""
        ...


@dataclass(frozen=True)
class Asked:
    """One wish as a row over the cells."""

    wish: Wish
    uses: Array
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True)
class Limits:
    """Limits of every cell, where each comes from, and the rows over several cells (the total first)."""

    names: tuple[str, ...]
    labels: Mapping[str, str]
    low: Whole
    high: Array
    low_code: tuple[str, ...]
    high_code: tuple[str, ...]
    rows: tuple[Asked, ...]
    minimum: Whole
    must_spend: bool = False
    switch: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def coupling(self) -> Coupling:
        """The rows as a matrix."""
        return Coupling(
            np.array([r.uses for r in self.rows]), np.array([r.low for r in self.rows]),
            np.array([r.high for r in self.rows]),
        )  # fmt: skip

    def wish(self, side: str, i: int) -> Wish:
        """The wish behind a limit of a cell."""
        name = self.names[i]
        code, amount = (self.low_code[i], self.low[i]) if side == "low" else (self.high_code[i], self.high[i])
        return Wish(f"{code}:{name}", self.labels.get(name, name), float(amount))

    def check(self) -> None:
        """Raise ``InfeasibleError`` with the smallest set of wishes that cannot hold together, if there is one."""
        crossed = np.flatnonzero(self.low > self.high)
        if crossed.size:
            i = int(crossed[0])
            raise InfeasibleError([self.wish("low", i), self.wish("high", i)])
        if len(self.rows) > 1 or self.switch.any():
            self._check_rows()
            return
        total = self.rows[0].wish
        if int(self.low.sum()) > (total.amount or 0):
            # The largest minimums first: no smaller set of them can exceed the total.
            order = np.argsort(-self.low, kind="stable")
            count = int(np.searchsorted(np.cumsum(self.low[order]), total.amount or 0, side="right")) + 1
            raise InfeasibleError([total, *(self.wish("low", int(i)) for i in order[:count])])
        if self.must_spend and self.high.sum() < (total.amount or 0):
            raise InfeasibleError([total, *(self.wish("high", i) for i in range(len(self.names)))])

    def _check_rows(self) -> None:
        from regulars.decide.conflicts import smallest_conflict
        from regulars.decide.program import Matrices, Program

        program = self._program()
        if Matrices.of(program).solve() is not None:
            return
        error = smallest_conflict(Program(program.columns, program.rows))
        known = {r.wish.code: r.wish for r in self.rows}
        known |= {self.wish(s, i).code: self.wish(s, i) for i in range(len(self.names)) for s in ("low", "high")}
        raise InfeasibleError(
            list(dict.fromkeys(known.get(w.code, w) for w in error.conflict)), smallest=error.smallest
        ) from None  # fmt: skip

    def _program(self) -> Program:
        from regulars.decide.program import Column, Program, Row

        top = float(max([self.rows[0].high, float(self.low.sum()), 1.0]))
        columns = [Column(n, high=top + float(self.minimum[i]), given=True) for i, n in enumerate(self.names)]
        rows = []
        for i, n in enumerate(self.names):
            label = self.labels.get(n, n)
            low, high = self.wish("low", i).code, self.wish("high", i).code
            if self.switch[i]:
                columns.append(Column(f"on:{n}", high=1.0, whole=True, given=True))
                rows.append(Row(f"at_minimum:{n}", {n: 1.0, f"on:{n}": -float(self.minimum[i])}, low=0.0, label=label))
                rows.append(Row(f"used:{n}", {n: 1.0, f"on:{n}": -2 * top - 1e3}, high=0.0, given=True))
            if low == high:
                rows.append(Row(low, {n: 1.0}, low=float(self.low[i]), high=float(self.high[i]), label=label))
                continue
            if self.low[i] > 0:
                rows.append(Row(low, {n: 1.0}, low=float(self.low[i]), label=label))
            if math.isfinite(self.high[i]):
                rows.append(Row(high, {n: 1.0}, high=float(self.high[i]), label=label))
        for r in self.rows:
            uses = {n: float(u) for n, u in zip(self.names, r.uses, strict=True) if u}
            rows.append(Row(r.wish.code, uses, low=r.low, high=r.high, label=r.wish.label))
        return Program(columns, rows)


@dataclass(frozen=True)
class Wishes:
    """What the owner asks, as given to ``BudgetAllocator.decide``."""

    low: Mapping[str, int]
    high: Mapping[str, int]
    frozen: Collection[str]
    change: float | Mapping[str, float] | None
    minimums: Mapping[str, int]
    groups: Sequence[Group]
    lines: Sequence[Line]
    labels: Mapping[str, str]


def read_limits(
    names: tuple[str, ...], today: Whole, total: int, asked: Wishes, cap: Array, *, must_spend: bool
) -> Limits:
    """Limits of the cells, the tightest of all wishes, and rows; ``cap`` is how far each cell may go unasked.

    Raises ``ValueError`` for a cell that is not there, or a limit below 0.
    """
    place = {n: i for i, n in enumerate(names)}
    every: list[tuple[str, Iterable[str]]] = [("low", asked.low), ("high", asked.high), ("frozen", asked.frozen)]
    every += [("minimums", asked.minimums)]
    every += [("change", asked.change)] if isinstance(asked.change, Mapping) else []
    every += [(f"group {g.code}", [*g.cells, *g.of]) for g in asked.groups]
    every += [(f"row {r.code}", r.uses) for r in asked.lines]
    for word, given in every:
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise ValueError(f"{word}: no curve for channel {', '.join(unknown)}")
    low, high = np.zeros(len(names), dtype=np.int64), cap.copy()
    low_code, high_code = ["at_least"] * len(names), ["beyond_seen"] * len(names)
    for name, amount in asked.low.items():
        low[place[name]] = amount
        # a minimum the owner asks for is an order to go there
        if np.isfinite(high[place[name]]):
            high[place[name]] = max(high[place[name]], amount)
    for name, amount in asked.high.items():
        high[place[name]], high_code[place[name]] = amount, "at_most"
    shares = asked.change if isinstance(asked.change, Mapping) else dict.fromkeys(names, asked.change)
    for name, share in shares.items():
        i = place[name]
        if share is None or name in asked.frozen:
            continue
        if not share >= 0:
            raise ValueError(f"change: channel {name!r} must be 0 or more, got {share}")
        bottom, top = (
            int(v) for v in (np.ceil(today[i] * (1 - share) - 1e-9), np.floor(today[i] * (1 + share) + 1e-9))
        )
        if bottom > low[i]:
            low[i], low_code[i] = bottom, "change"
        if top < high[i] or high_code[i] == "beyond_seen":
            high[i], high_code[i] = max(top, 0), "change"
    for name in asked.frozen:
        i = place[name]
        low[i] = high[i] = today[i]
        low_code[i] = high_code[i] = "frozen"
    minimum = np.zeros(len(names), dtype=np.int64)
    for name, amount in asked.minimums.items():
        i = place[name]
        if high_code[i] == "frozen":
            continue
        minimum[i] = amount
        if low[i] > 0 and amount > low[i]:
            low[i], low_code[i] = amount, "at_minimum"
        if high_code[i] == "beyond_seen":
            high[i] = max(high[i], amount)
    if (low < 0).any() or (high < 0).any() or (minimum < 0).any():
        bad = names[int(np.argmax((low < 0) | (high < 0) | (minimum < 0)))]
        raise ValueError(f"channel {bad!r}: a limit must be 0 or more")
    rows = [Asked(Wish("total", asked.labels.get("total", "total"), float(total)), np.ones(len(names)),
                  float(total) if must_spend else -math.inf, float(total))]  # fmt: skip
    for g in asked.groups:
        rows += _group_rows(g, place, len(names))
    for r in asked.lines:
        uses = np.zeros(len(names))
        for name, use in r.uses.items():
            uses[place[name]] = use
        edge = r.high if math.isfinite(r.high) else r.low
        rows.append(Asked(Wish(r.code, r.label, float(edge)), uses, float(r.low), float(r.high)))
    return Limits(names, asked.labels, low, high, tuple(low_code), tuple(high_code), tuple(rows), minimum, must_spend,
                  (minimum > 0) & (low == 0) & (high > 0))  # fmt: skip


def _group_rows(g: Group, place: Mapping[str, int], n: int) -> list[Asked]:
    own, other = np.zeros(n), np.zeros(n)
    own[[place[c] for c in g.cells]] = 1.0
    other[[place[c] for c in g.of]] = 1.0
    rows = []
    for word, amount, uses, low in (
        ("at_least", g.low, own, True),
        ("at_most", g.high, own, False),
        ("share_least", g.share_low, own - (g.share_low or 0.0), True),
        ("share_most", g.share_high, own - (g.share_high or 0.0), False),
        ("ratio_least", g.ratio[0], own - (g.ratio[0] or 0.0) * other, True),
        ("ratio_most", g.ratio[1], own - (g.ratio[1] or 0.0) * other, False),
    ):
        if amount is None:
            continue
        edge = float(amount) if word.startswith("at_") else 0.0
        wish = Wish(f"{word}:{g.code}", g.label or g.code, float(amount))
        rows.append(Asked(wish, uses, low=edge) if low else Asked(wish, uses, high=edge))
    return rows
