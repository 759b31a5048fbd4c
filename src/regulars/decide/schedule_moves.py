"""What one place more in a slot earns and one fewer costs: the best chain of people moving over."""

from __future__ import annotations

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.schedule_prices import CHUNK, Crowd
from regulars.decide.schedule_rooms import OPEN, Rooms, Whole

Plan = tuple[Whole, Whole, Array]


def unit_prices(crowd: Crowd, rooms: Rooms, plan: Plan, used: Array) -> tuple[Array, Array]:
    """The gain of one place more and the loss of one fewer, for each row of ``rooms``; 0 where there is room to spare.

    Slots, families and the way out are the nodes of the graph in which the plan may be changed: a person moves from
    slot to slot for the difference in worth, or in and out. One place more in a row is worth the best chain that
    comes back to it; one fewer costs the best chain around it (longest paths; an optimum has no chain that gains).
    """
    reach = _paths(_moves(crowd, rooms, plan, used))
    size = len(rooms.room)
    above = np.where(rooms.inside == OPEN, size, rooms.inside)
    here = np.arange(size)
    more, less = np.maximum(reach[above, here], 0.0), np.maximum(-reach[here, above], 0.0)
    tight = used >= rooms.room
    return np.where(tight, more, 0.0), np.where(tight, np.where(used > 0, less, np.inf), 0.0)


def node_prices(crowd: Crowd, rooms: Rooms, plan: Plan, used: Array) -> Array:
    """Prices of the rows that prove the plan: the best chain from the way out to each node, over that to the one above.

    Every move must gain no more than the prices differ, and no price may be below 0: longest paths do both.
    """
    gain = _moves(crowd, rooms, plan, used)
    size = len(rooms.room)
    above = np.where(rooms.inside == OPEN, size, rooms.inside)
    gain[above, np.arange(size)] = np.maximum(gain[above, np.arange(size)], 0.0)
    cost = np.full(size + 1, -np.inf)
    cost[size] = 0.0
    for _ in range(size + 1):
        after = np.maximum(cost, (cost[:, None] + gain).max(axis=0))
        if not (after > cost).any():
            break
        cost = after
    return np.asarray(np.maximum(cost[:size] - cost[above], 0.0))


def _moves(crowd: Crowd, rooms: Rooms, plan: Plan, used: Array) -> Array:
    """What one person's move from node to node adds; -inf where there is none to make. The last node is the way out."""
    slots, out = len(rooms.slots), len(rooms.room)
    gain = np.full((out + 1, out + 1), -np.inf)
    np.fill_diagonal(gain, 0.0)
    row, slot, count = plan
    order = np.argsort(slot, kind="stable")
    edges = np.searchsorted(slot[order], np.arange(slots + 1))
    for h in range(slots):
        rows = row[order[edges[h] : edges[h + 1]]]
        for start in range(0, len(rows), CHUNK):
            some = crowd.worth[rows[start : start + CHUNK]]
            own = some[:, h]
            gain[h, :slots] = np.maximum(gain[h, :slots], (some - own[:, None]).max(axis=0))
            if not crowd.everybody:
                gain[h, out] = max(gain[h, out], float((-own).max()))
    if not crowd.everybody:
        left = crowd.count - np.bincount(row, count, len(crowd.count))
        rows = np.flatnonzero(left > 0)
        for start in range(0, len(rows), CHUNK):
            best = crowd.worth[rows[start : start + CHUNK]].max(axis=0)
            gain[out, :slots] = np.maximum(gain[out, :slots], best)
    np.fill_diagonal(gain, 0.0)
    for k, above in enumerate(np.where(rooms.inside == OPEN, out, rooms.inside).tolist()):
        if used[k] < rooms.room[k]:
            gain[k, above] = max(gain[k, above], 0.0)
        if used[k] > 0:
            gain[above, k] = max(gain[above, k], 0.0)
    return gain


def _paths(gain: Array) -> Array:
    """The best path between any two nodes (Floyd and Warshall)."""
    best = gain.copy()
    for k in range(len(best)):
        np.maximum(best, best[:, k, None] + best[None, k, :], out=best)
    return best
