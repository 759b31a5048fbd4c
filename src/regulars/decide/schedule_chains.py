"""Chains of moves that bring a plan at given prices to fit its rooms, each the one that loses least."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from regulars.decide.curves import Array
from regulars.decide.schedule_prices import Crowd
from regulars.decide.schedule_rooms import OPEN, Rooms, Whole

Flags = NDArray[np.bool_]
TINY = 1e-12


class CircleError(ArithmeticError):
    """Going round in a circle seems to gain: the moves listed are not those of an optimal plan, so no chain is best."""


@dataclass
class Chains:
    """The plan in hand and the graph of moves; nodes are the slots, the families and, last, the way out.

    ``person`` (node, node) is the most one person's move adds, ``tree`` is 0 where room may be given up or taken, and
    -inf where there is no move. ``over`` is what each node holds too much (below 0: too little). ``near`` are the rows
    that may move, and ``here`` how many people of each stand at which node.
    """

    crowd: Crowd
    rooms: Rooms
    above: Whole
    at: Whole
    near: Flags
    width: float
    price: Array
    flow: Array
    over: Array
    person: Array
    tree: Array
    heaps: dict[tuple[int, int], list[tuple[float, int]]] = field(default_factory=dict)
    here: dict[tuple[int, int], float] = field(default_factory=dict)
    scale: float = 1.0

    @classmethod
    def of(
        cls, crowd: Crowd, rooms: Rooms, prices: Array, at: Whole, kept: Array, second: Array, width: float
    ) -> Chains:
        """Everybody at the best slot for the prices; a room with a price is held full whatever it has."""
        size, slots = len(rooms.room), len(rooms.slots)
        above = np.where(rooms.inside == OPEN, size, rooms.inside)
        takes = at >= 0
        flow, over = np.zeros(size), np.zeros(size + 1)
        over[:slots] = np.bincount(at[takes], crowd.count[takes], slots)
        over[size] = -crowd.count[takes].sum()
        # Families come after what they hold only in size, so go from the small to the large.
        upwards = sorted(range(size), key=lambda k: (rooms.covers[k].sum(), k))
        cost = np.zeros(size + 1)
        for k in reversed(upwards):
            cost[k] = prices[k] + cost[above[k]]
        for k in upwards:
            flow[k] = rooms.room[k] if prices[k] > 0 else min(over[k], rooms.room[k])
            over[above[k]] += flow[k]
            over[k] -= flow[k]
        empty = np.full((size + 1, size + 1), -np.inf)
        chains = cls(crowd, rooms, above, at, second <= width, width, cost, flow, over,
                     empty, empty.copy(), scale=max(float(np.abs(kept).max()), TINY))  # fmt: skip
        chains._fill(kept)
        for k in range(size):
            chains._tree(k)
        return chains

    def _fill(self, kept: Array) -> None:
        """List the moves of the near rows that lose at most ``width`` at the prices, the best first."""
        out, slots = len(self.flow), len(self.rooms.slots)
        rows = np.flatnonzero(self.near)
        worth = self.crowd.worth[rows]
        if not self.crowd.everybody:
            worth = np.concatenate([worth, np.zeros((len(rows), 1))], axis=1)
        nodes = np.append(np.arange(slots), out)[: worth.shape[1]]
        where = np.where(self.at[rows] >= 0, self.at[rows], out)
        own = np.where(self.at[rows] >= 0, self.crowd.worth[rows, self.at[rows]], 0.0)
        loss = kept[rows, None] - (worth - np.append(self.price[:slots], 0.0)[: worth.shape[1]])
        i, j = np.nonzero(np.isfinite(worth) & (loss <= self.width) & (nodes[None, :] != where[:, None]))
        gain = worth[i, j] - own[i]
        order = np.lexsort((rows[i], -gain, nodes[j], where[i]))
        for a, b, g, row in zip(where[i][order].tolist(), nodes[j][order].tolist(), gain[order].tolist(),
                                rows[i][order].tolist(), strict=True):  # fmt: skip
            self.heaps.setdefault((a, b), []).append((-g, row))
        for row, node in zip(rows.tolist(), where.tolist(), strict=True):
            self.here[row, node] = float(self.crowd.count[row])
        for pair, heap in self.heaps.items():
            self.person[pair] = -heap[0][0]

    def _tree(self, k: int) -> None:
        self.tree[k, self.above[k]] = 0.0 if self.flow[k] < self.rooms.room[k] else -np.inf
        self.tree[self.above[k], k] = 0.0 if self.flow[k] > 0 else -np.inf

    def settle(self) -> bool:
        """Move until every room fits; False when the near rows are too few for the next chain to be the best.

        Raises ``CircleError`` where a chain would go round for ever.
        """
        while True:
            sources = np.flatnonzero(self.over > 0)
            if not len(sources):
                return True
            path, gain = self._best(sources)
            if len(set(path)) < len(path):
                raise CircleError
            if not path or self._loss(path, gain) > self.width + TINY * self.scale:
                return False
            self._move(path)

    def _best(self, sources: Whole) -> tuple[list[int], float]:
        """The chain from a node with too many to one with too few that adds most (Bellman and Ford)."""
        gain = np.maximum(self.person, self.tree)
        reach = np.full(len(gain), -np.inf)
        reach[sources] = 0.0
        before = np.full(len(gain), -1)
        for _ in range(len(gain)):
            ways = reach[:, None] + gain
            start = ways.argmax(axis=0)
            better = ways[start, np.arange(len(gain))]
            grown = better > reach + TINY * self.scale
            if not grown.any():
                break
            reach, before = np.where(grown, better, reach), np.where(grown, start, before)
        short = np.where(self.over < 0, reach, -np.inf)
        end = int(short.argmax())
        if not np.isfinite(short[end]):
            return [], 0.0
        path = [end]
        while before[path[-1]] >= 0 and len(path) <= len(gain):
            path.append(int(before[path[-1]]))
        return path[::-1], float(reach[end])

    def _loss(self, path: list[int], gain: float) -> float:
        """What a chain loses at the prices the search began with; a move that is not listed loses more than width."""
        return float(self.price[path[-1]] - self.price[path[0]] - gain)

    def _move(self, path: list[int]) -> None:
        """Send as many as can go along a chain."""
        steps = list(pairwise(path))
        size = min(self.over[path[0]], -self.over[path[-1]])
        kinds = []
        for a, b in steps:
            if self.tree[a, b] >= self.person[a, b]:
                forward = a < len(self.flow) and self.above[a] == b
                kinds.append((a, 1.0) if forward else (b, -1.0))
                size = min(size, self.rooms.room[a] - self.flow[a] if forward else self.flow[b])
            else:
                row = self.heaps[a, b][0][1]
                kinds.append((row, 0.0))
                size = min(size, self.here[row, a])
        self.over[path[0]] -= size
        self.over[path[-1]] += size
        for (a, b), (what, sign) in zip(steps, kinds, strict=True):
            if sign:
                self.flow[what] += sign * size
                self._tree(what)
            else:
                self._take(what, a, b, size)

    def _take(self, row: int, a: int, b: int, size: float) -> None:
        """Some people of a row go from node a to node b."""
        left = self.here[row, a] - size
        if left > 0:
            self.here[row, a] = left
        else:
            del self.here[row, a]
            for k in np.flatnonzero(np.isfinite(self.person[a])).tolist():
                self._top(a, k)
        fresh = (row, b) not in self.here
        self.here[row, b] = self.here.get((row, b), 0.0) + size
        if fresh:
            self._arrive(row, b)

    def _top(self, a: int, k: int) -> None:
        heap = self.heaps[a, k]
        while heap and (heap[0][1], a) not in self.here:
            heappop(heap)
        self.person[a, k] = -heap[0][0] if heap else -np.inf

    def _arrive(self, row: int, b: int) -> None:
        """Whoever has come to a node may go on to any other."""
        out = len(self.flow)
        worth = self.crowd.worth[row]
        own = float(worth[b]) if b < out else 0.0
        for k in np.flatnonzero(np.isfinite(worth)).tolist():
            if k != b:
                self._push(b, k, float(worth[k]) - own, row)
        if b < out and not self.crowd.everybody:
            self._push(b, out, -own, row)

    def _push(self, a: int, k: int, gain: float, row: int) -> None:
        heappush(self.heaps.setdefault((a, k), []), (-gain, row))
        self.person[a, k] = max(self.person[a, k], gain)

    def plan(self) -> tuple[Whole, Whole, Array]:
        """Row, slot and people of everybody who has a slot, in the order of rows."""
        settled = np.flatnonzero((self.at >= 0) & ~self.near)
        out = len(self.flow)
        moved = sorted((row, node, n) for (row, node), n in self.here.items() if node != out and n > 0)
        rows = np.concatenate([settled, np.array([m[0] for m in moved], dtype=np.int64)])
        slots = np.concatenate([self.at[settled], np.array([m[1] for m in moved], dtype=np.int64)])
        count = np.concatenate([self.crowd.count[settled], np.array([m[2] for m in moved], dtype=float)])
        order = np.lexsort((slots, rows))
        return rows[order], slots[order], count[order]
