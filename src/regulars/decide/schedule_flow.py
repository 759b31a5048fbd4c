"""The exact assignment of people to slots: everybody where the prices put them, then the cheapest chains of moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.schedule_chains import Chains, CircleError
from regulars.decide.schedule_moves import node_prices
from regulars.decide.schedule_prices import Crowd, price_slots
from regulars.decide.schedule_rooms import Rooms, Whole

FEWEST = 500


@dataclass(frozen=True)
class Flow:
    """``count`` people of row ``row`` go to slot ``slot``; no plan is worth more than ``bound``."""

    row: Whole
    slot: Whole
    count: Array
    value: float
    bound: float


def assign(crowd: Crowd, rooms: Rooms) -> Flow:
    """The assignment worth the most; everybody must be servable where everybody has to be served.

    At the prices everybody takes the best slot. That plan is optimal for the rooms it happens to use; what they use
    too much or too little is moved along the chains that lose least (successive shortest paths: Ahuja, Magnanti and
    Orlin, Network Flows, 1993, chapter 9), so it stays optimal until the rooms fit. Only people within ``width`` of
    indifference are looked at; where a chain would be longer than that, the search begins again with more of them.
    """
    if not len(crowd.worth):
        nobody = np.zeros(0, dtype=np.int64)
        return Flow(nobody, nobody, np.zeros(0), 0.0, 0.0)
    prices = price_slots(crowd, rooms)
    at, kept, second = _choices(crowd, prices @ rooms.covers)
    width = _width(crowd, rooms, prices, at, second)
    most = float(np.abs(kept).max())
    chains = Chains.of(crowd, rooms, prices, at, kept, second, width)
    try:
        while not chains.settle() and width < np.inf:
            width = np.inf if width > most else max(8 * width, 1e-3 * most)
            chains = Chains.of(crowd, rooms, prices, at, kept, second, width)
        row, slot, count = chains.plan()
    except CircleError:
        row, slot, count = whole(crowd, rooms)
    used = rooms.used(np.bincount(slot, count, len(rooms.slots)).astype(float))
    prices = node_prices(crowd, rooms, (row, slot, count), used)
    bound = crowd.count @ crowd.best(prices @ rooms.covers) + prices[prices > 0] @ rooms.room[prices > 0]
    value = float(crowd.worth[row, slot] @ count)
    return Flow(row, slot, count, value, max(float(bound), value))


def whole(crowd: Crowd, rooms: Rooms) -> tuple[Whole, Whole, Array]:
    """The same assignment as one linear programme: row, slot and how many; slower, and never at a loss.

    Families lie inside one another or apart, so the programme is a flow and its corners are whole numbers.
    """
    from scipy import optimize, sparse

    row, slot = np.nonzero(np.isfinite(crowd.worth))
    each = np.arange(len(row))
    people = sparse.csr_matrix((np.ones(len(row)), (row, each)), shape=(len(crowd.worth), len(row)))
    used = sparse.csr_matrix(rooms.covers[:, slot])
    upper = used if crowd.everybody else sparse.vstack([used, people])
    most = rooms.room if crowd.everybody else np.concatenate([rooms.room, crowd.count])
    held = np.isfinite(most)
    solve: Any = optimize.linprog
    found = solve(-crowd.worth[row, slot], A_ub=upper.tocsr()[held], b_ub=most[held], bounds=(0, None),
                             method="highs-ds", A_eq=people if crowd.everybody else None,
                             b_eq=crowd.count if crowd.everybody else None)  # fmt: skip
    if found.status != 0:
        raise ArithmeticError(f"no plan was found for the people and their slots: {found.message}")
    count = np.round(found.x)
    some = count > 0
    return row[some], slot[some], count[some]


def _choices(crowd: Crowd, price: Array) -> tuple[Whole, Array, Array]:
    """The best slot of every row at these prices (-1: none), what it leaves, and how far below the second lies."""
    at = np.empty(len(crowd.worth), dtype=np.int64)
    kept, second = np.empty(len(at)), np.empty(len(at))
    for part, net in crowd.nets(price):
        best = net.argmax(axis=1)
        each = np.arange(len(net))
        top = net[each, best]
        net[each, best] = -np.inf
        after = net.max(axis=1)
        if not crowd.everybody:
            best, after, top = (
                np.where(top > 0, best, -1),
                np.where(top > 0, np.maximum(after, 0), top),
                np.maximum(top, 0),
            )
            after = np.minimum(after, top)
        at[part], kept[part], second[part] = best, top, top - after
    return at, kept, second


def _width(crowd: Crowd, rooms: Rooms, prices: Array, at: Whole, second: Array) -> float:
    """How far below the first choice still counts as undecided: enough people to mend what the prices get wrong."""
    takes = at >= 0
    used = rooms.used(np.bincount(at[takes], crowd.count[takes], len(rooms.slots)).astype(float))
    room = np.minimum(rooms.room, crowd.count.sum() + 1)
    wrong = np.where(prices > 0, np.abs(used - room), np.maximum(used - room, 0)).sum()
    rows = int(min(len(second), FEWEST + 4 * wrong / max(float(crowd.count.mean()), 1.0)))
    return float(np.partition(second, rows - 1)[rows - 1])
