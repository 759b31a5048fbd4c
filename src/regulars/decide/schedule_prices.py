"""Prices of slots at which nobody wants to move: the dual of a schedule, smoothed and sharpened step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.schedule_rooms import Rooms, Whole

CHUNK = 16_384
SAMPLE = 20_000
COOLING = (1.0, 0.3, 0.1, 0.03, 0.01, 0.003)
STEPS = 12


@dataclass(frozen=True)
class Crowd:
    """``worth`` of every slot to every row (-inf: not then), ``count`` people a row, and whether all must be served."""

    worth: Array
    count: Array
    everybody: bool

    def nets(self, price: Array) -> Iterator[tuple[slice, Array]]:
        """What each slot leaves after paying its price, some rows at a time."""
        for start in range(0, len(self.worth), CHUNK):
            yield slice(start, start + CHUNK), self.worth[start : start + CHUNK] - price

    def best(self, price: Array) -> Array:
        """What each row keeps at most after paying the prices of slots."""
        kept = np.concatenate([net.max(axis=1) for _, net in self.nets(price)])
        return kept if self.everybody else np.maximum(kept, 0.0)

    def part(self, rows: Whole) -> Crowd:
        """Some of the rows."""
        return Crowd(self.worth[rows], self.count[rows], self.everybody)


def price_slots(crowd: Crowd, rooms: Rooms) -> Array:
    """Prices of the rows of ``rooms`` near the optimum of the dual.

    Formula: min over y >= 0 of room @ y + sum_p n_p max_h (w_ph - (y @ covers)_h), the maximum smoothed to
    t log sum_h exp(./t) with t falling; projected Newton steps, first on a sample, at the end on everybody.
    """
    spread = _spread(crowd.worth)
    y = np.zeros(len(rooms.room))
    if spread <= 0 or not len(crowd.worth):
        return y
    # Whoever has plenty of room never has a price, whatever its size; a finite figure keeps the arithmetic sane.
    room = np.minimum(rooms.room, crowd.count.sum() + 1)
    few, share = crowd, 1.0
    if len(crowd.worth) > SAMPLE:
        at = np.sort(np.random.default_rng(0).choice(len(crowd.worth), SAMPLE, replace=False))
        few = crowd.part(at)
        share = float(few.count.sum() / crowd.count.sum())
    for t in COOLING:
        y = _newton(few, rooms, room * share, y, t * spread, STEPS)
    return _newton(crowd, rooms, room, y, COOLING[-1] * spread, 4) if few is not crowd else y


def _spread(worth: Array) -> float:
    some = worth[:: max(1, len(worth) // 5_000)]
    finite = some[np.isfinite(some)]
    return float(np.ptp(finite)) if len(finite) else 0.0


def _newton(crowd: Crowd, rooms: Rooms, room: Array, y: Array, t: float, steps: int) -> Array:
    value, slope, bend = _smooth(crowd, rooms, room, y, t)
    top = 2 * max(float(np.abs(crowd.worth[np.isfinite(crowd.worth)]).max()), t)
    for _ in range(steps):
        free = (y > 0) | (slope < 0)
        if not free.any() or np.abs(slope[free]).max() <= 1e-9 * max(1.0, room.max()):
            break
        step = np.zeros_like(y)
        inner = bend[np.ix_(free, free)]
        ridge = 1e-8 * float(np.trace(inner)) / len(inner) + 1e-6 * max(1.0, room.max()) / top
        step[free] = -np.linalg.solve(inner + ridge * np.eye(len(inner)), slope[free])
        size = 1.0
        for _ in range(12):
            trial = np.clip(y + size * step, 0.0, top)
            after = _smooth(crowd, rooms, room, trial, t)
            if after[0] < value:
                break
            size /= 3
        else:
            break
        y, (value, slope, bend) = trial, after
    return y


def _smooth(crowd: Crowd, rooms: Rooms, room: Array, y: Array, t: float) -> tuple[float, Array, Array]:
    """The smoothed dual, its slope and its second derivative."""
    price = y @ rooms.covers
    slots = len(price)
    value, used, joint = float(room @ y), np.zeros(slots), np.zeros((slots, slots))
    for start in range(0, len(crowd.worth), CHUNK):
        net = (crowd.worth[start : start + CHUNK] - price) / t
        count = crowd.count[start : start + CHUNK]
        top = net.max(axis=1)
        top = np.where(np.isfinite(top), top, 0.0) if crowd.everybody else np.maximum(top, 0.0)
        chance = np.exp(net - top[:, None])
        whole = chance.sum(axis=1) + (0.0 if crowd.everybody else np.exp(-top))
        whole = np.where(whole > 0, whole, 1.0)
        chance /= whole[:, None]
        value += t * float(count @ (top + np.log(whole)))
        heavy = chance * count[:, None]
        used += heavy.sum(axis=0)
        joint += chance.T @ heavy
    curve = rooms.covers @ (np.diag(used) - joint) @ rooms.covers.T / t
    return value, room - rooms.used(used), curve
