"""The rooms of a schedule: every slot has its own, and families of slots (a day, a channel) may have one above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.decide.curves import Array

Whole = NDArray[np.int64]
OPEN = -1


@dataclass(frozen=True)
class Rooms:
    """``room`` of each row (slots first, then families), ``inside`` which row lies above each, -1 for none.

    ``covers`` (rows, slots) says which slots a row counts, so the price of a slot is ``prices @ covers``.
    """

    codes: tuple[str, ...]
    slots: tuple[str, ...]
    room: Array
    inside: Whole
    covers: Array

    @classmethod
    def of(cls, capacity: Mapping[str, int], together: Mapping[str, tuple[tuple[str, ...], int]]) -> Rooms:
        """Read the capacities; two families must lie inside one another or apart, or the plan need not be whole.

        Raises ``ValueError`` for a negative room, an unknown slot, or families that cross.
        """
        slots = tuple(capacity)
        at = {name: k for k, name in enumerate(slots)}
        members = [{k} for k in range(len(slots))]
        room = [capacity[s] for s in slots]
        for name, (some, size) in together.items():
            unknown = [s for s in some if s not in at]
            if unknown:
                raise ValueError(f"{name!r} holds {unknown[0]!r}, which is not one of the slots")
            members.append({at[s] for s in some})
            room.append(size)
        codes = (*slots, *together)
        for code, size in zip(codes, room, strict=True):
            if size < 0:
                raise ValueError(f"the room of {code!r} must be 0 or more, got {size}")
        return cls(codes, slots, np.array(room, dtype=float), _above(codes, members, len(slots)),
                   np.array([[float(k in m) for k in range(len(slots))] for m in members]))  # fmt: skip

    def used(self, slots: Array) -> Array:
        """What each row holds when the slots hold this."""
        return np.asarray(self.covers @ slots)


def _above(codes: tuple[str, ...], members: list[set[int]], slots: int) -> Whole:
    """The smallest family around each row; equal families stand one above the other in their order."""
    inside = np.full(len(members), OPEN, dtype=np.int64)
    families = range(slots, len(members))
    for f in families:
        for g in families:
            common = members[f] & members[g]
            if common and common != members[f] and common != members[g]:
                raise ValueError(f"{codes[f]!r} and {codes[g]!r} share some slots but not all of either")
    for row, own in enumerate(members):
        around = [g for g in families if g != row and own <= members[g] and (own != members[g] or g > row)]
        if around:
            inside[row] = min(around, key=lambda g: (len(members[g]), g))
    return inside
