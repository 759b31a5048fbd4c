"""Rules that share an order among the touches before it; the shares of every path add up to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from regulars.measure.journeys import Journeys

    Vector = NDArray[np.float64]


def first(told: Journeys, ask: Any) -> Vector:
    """All to the oldest touch."""
    return np.asarray(told.place == 0, dtype=np.float64)


def last(told: Journeys, ask: Any) -> Vector:
    """All to the newest touch."""
    return np.asarray(_back(told) == 0, dtype=np.float64)


def last_non_direct(told: Journeys, ask: Any) -> Vector:
    """All to the newest touch that is not direct; a path of nothing else stays direct."""
    direct = np.array([name == ask.direct for name in told.names])[told.channel]
    other = np.where(direct, -1, told.place)
    newest = np.full(len(told.length), -1, dtype=np.int64)
    np.maximum.at(newest, told.at, other)
    newest = np.where(newest < 0, told.length - 1, newest)
    return np.asarray(told.place == newest[told.at], dtype=np.float64)


def linear(told: Journeys, ask: Any) -> Vector:
    """Each touch the same."""
    found: Vector = (1.0 / told.length)[told.at]
    return found


def time_decay(told: Journeys, ask: Any) -> Vector:
    """Half as much for every half-life before the end; without times a touch counts as one day."""
    age = _back(told).astype(float) if told.ages is None else told.ages
    # The newest touch of a path weighs 1, so that very old paths do not vanish in underflow.
    age = age - np.minimum.reduceat(age, told.start[:-1])[told.at]
    return _shared(told, np.exp2(-age / ask.half_life_days))


def position(told: Journeys, ask: Any) -> Vector:
    """Fixed shares for the oldest and the newest touch; those between share the rest equally.

    With two touches there is nothing between, and the two share in proportion.
    """
    begin, middle, end = ask.position
    between = np.maximum(told.length - 2, 1)[told.at]
    weight = np.where(told.place == 0, begin, np.where(_back(told) == 0, end, middle / between))
    # Both ends may be settled at 0: then a path of two has no weight at all and is shared equally.
    whole = np.bincount(told.at, weight, len(told.length))[told.at]
    return _shared(told, np.where(whole > 0, weight, 1.0))


def _back(told: Journeys) -> NDArray[np.int64]:
    """How many touches of the same path come after each touch."""
    back: NDArray[np.int64] = told.length[told.at] - 1 - told.place
    return back


def _shared(told: Journeys, weight: Vector) -> Vector:
    found: Vector = weight / np.bincount(told.at, weight, len(told.length))[told.at]
    return found


RULES: dict[str, Callable[[Any, Any], Any]] = {
    "first": first, "last": last, "last_non_direct": last_non_direct, "linear": linear, "time_decay": time_decay,
    "position": position,
}  # fmt: skip
