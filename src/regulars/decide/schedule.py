"""When to send: people to hours, each hour with room for so many; exact, with a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.conflicts import smallest_conflict
from regulars.decide.curves import Array
from regulars.decide.program import Column, Matrices, Program, Row
from regulars.decide.result import Decision, ShadowPrice, relative_gap
from regulars.decide.schedule_flow import Flow, assign
from regulars.decide.schedule_moves import unit_prices
from regulars.decide.schedule_prices import Crowd
from regulars.decide.schedule_rooms import Rooms, Whole


@dataclass(frozen=True)
class ScheduleDecision(Decision[tuple[str | None, ...]]):
    """``solution`` names the slot of every person, None for not at all; ``volume`` is how many each slot gets."""

    volume: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SendSchedule:
    """The assignment of people to slots (an hour, an hour of a channel) that is worth the most; exact.

    Formula: max sum w_ph x_ph, at most one slot a person, sum_p x_ph <= ``capacity`` of h, and over each family of
    slots in ``together`` (a day's calls, a channel's day) at most its room. Slots within families form a tree, so the
    matrix is totally unimodular and the linear programme has a whole optimum. It is solved by prices (a smoothed dual,
    Newton) and sifting, so a million people are planned in seconds; ``bound`` is the dual value at the final prices,
    which no plan can exceed. ``everybody``: everyone who may be sent to must be, whatever it is worth.

    Raises ``InfeasibleError`` with the smallest set of rooms that are too small together when everybody cannot be
    served, ``ValueError`` for worth that is not a number or families that cross. Source: Dantzig, in Koopmans,
    Activity Analysis (1951), chapter 23; Nemhauser and Wolsey, Integer and Combinatorial Optimization (1988), III.1.2.

    >>> SendSchedule({"9:00": 1, "20:00": 5}).decide(np.array([[.3, .2], [.3, .1]])).solution
    ('20:00', '9:00')
    """

    capacity: Mapping[str, int]
    everybody: bool = False
    together: Mapping[str, tuple[tuple[str, ...], int]] = field(default_factory=dict)

    def decide(self, worth: ArrayLike, counts: ArrayLike | None = None) -> ScheduleDecision:
        """Choose a slot for every person.

        ``worth``: people or kinds of people in rows, slots in the order of ``capacity`` in columns; -inf: not then.
        ``counts``: how many people each row stands for, 1 when left out; the solution then names their slots one after
        the other, row by row. An option worth 0 or less is never chosen unless everybody must be served.
        """
        rooms = Rooms.of(self.capacity, self.together)
        table = np.atleast_2d(np.asarray(worth, dtype=float))
        many = np.ones(len(table)) if counts is None else np.asarray(counts, dtype=float)
        _check(table, many, rooms)
        may = np.isfinite(table).any(axis=1) if self.everybody else (table > 0).any(axis=1)
        rows = np.flatnonzero(may & (many > 0))
        crowd = Crowd(table if len(rows) == len(table) else table[rows], many[rows], self.everybody)
        if self.everybody and len(rows):
            _can_all(crowd, rooms)
        flow = assign(crowd, rooms)
        used = rooms.used(np.bincount(flow.slot, flow.count, len(rooms.slots)).astype(float))
        tight = np.flatnonzero(used >= rooms.room)
        more, less = unit_prices(crowd, rooms, (flow.row, flow.slot, flow.count), used)
        shadow = {f"room:{rooms.codes[k]}": ShadowPrice(float(more[k]), float(less[k])) for k in tight.tolist()}
        why = [f"{code}={price.more:.6g}" for code, price in shadow.items()]
        return ScheduleDecision(
            solution=_named(flow, rows, many.astype(np.int64), rooms.slots),
            value=flow.value,
            bound=flow.bound,
            gap=relative_gap(flow.value, flow.bound),
            binding=tuple(shadow),
            shadow_prices=shadow,
            why=("everybody", *why) if self.everybody else tuple(why),
            volume={s: int(n) for s, n in zip(rooms.slots, used, strict=False)},
        )


def _check(table: Array, many: Array, rooms: Rooms) -> None:
    if table.shape[1] != len(rooms.slots):
        raise ValueError(f"worth has {table.shape[1]} columns, capacity has {len(rooms.slots)} slots")
    if len(many) != len(table) or (many < 0).any() or (many != np.floor(many)).any():
        raise ValueError("counts must be one whole number of people, 0 or more, for each row of worth")
    if np.isnan(table).any() or np.isposinf(table).any():
        raise ValueError("worth must be numbers; write -inf where a person may not be sent to")


def _named(flow: Flow, rows: Whole, many: Whole, slots: tuple[str, ...]) -> tuple[str | None, ...]:
    """The slot of every person: within a row the earlier slots come first, who gets none comes last."""
    start = np.concatenate([[0], np.cumsum(many)])
    place = np.full(start[-1], -1)
    order = np.lexsort((flow.slot, flow.row))
    row, slot, count = flow.row[order], flow.slot[order], flow.count[order].astype(np.int64)
    total = np.cumsum(count) - count
    first = np.searchsorted(row, row, side="left")
    offset = start[rows[row]] + total - total[first] if len(row) else total
    at = np.repeat(offset - total, count) + np.arange(count.sum())
    place[at] = np.repeat(slot, count)
    return tuple(np.array([*slots, None], dtype=object)[place].tolist())


def _can_all(crowd: Crowd, rooms: Rooms) -> None:
    """Raise with the smallest set of rooms that are too small for those who depend on them (Hall's condition)."""
    packed, which = np.unique(np.packbits(np.isfinite(crowd.worth), axis=1), axis=0, return_inverse=True)
    kinds = np.unpackbits(packed, axis=1, count=len(rooms.slots)).astype(bool)
    people = np.bincount(which.ravel(), crowd.count, len(kinds))
    if len(kinds) == 1 and len(rooms.codes) == len(rooms.slots) and rooms.room[kinds[0]].sum() >= people.sum():
        return
    columns = [Column(f"{k}/{h}", given=True) for k, h in zip(*np.nonzero(kinds), strict=True)]
    uses = [{f"{k}/{h}": 1.0 for k in np.flatnonzero(kinds[:, h])} for h in range(len(rooms.slots))]
    limits = []
    for code, room, covers in zip(rooms.codes, rooms.room, rooms.covers, strict=True):
        inside = {name: 1.0 for h in np.flatnonzero(covers) for name in uses[h]}
        limits.append(Row(f"capacity:{code}", inside, high=float(room), label=code))
    known = [
        Row(f"kind:{k}", {f"{k}/{h}": 1.0 for h in np.flatnonzero(kinds[k])}, high=float(n), given=True)
        for k, n in enumerate(people)
    ]
    all_ = Row("everybody", {c.code: 1.0 for c in columns}, low=float(people.sum()), label="everybody")
    program = Program(columns, [*known, *limits, all_])
    if Matrices.of(program).solve() is None:
        raise smallest_conflict(program)
