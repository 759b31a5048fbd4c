"""Holdouts: who is left alone so that we can see what writing to the others earned."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

_EVERYTHING = "\0everything"


@lru_cache(maxsize=1024)
def _keyed(salt: str, flow: str) -> Any:
    """A BLAKE2b state keyed by (salt, flow); copying it costs less than keying it anew."""
    key = hashlib.blake2b(f"{len(salt)}:{salt}{flow}".encode(), digest_size=32).digest()
    return hashlib.blake2b(digest_size=8, key=key)


def draw(person: str, flow: str, salt: str) -> float:
    """A number in [0, 1) that belongs to (person, flow, salt) for ever.

    u = the top 53 bits of BLAKE2b-64(key = H(salt, flow), person), over 2**53.

    >>> draw("p1", "win_back", "s") == draw("p1", "win_back", "s")
    True
    """
    state = _keyed(salt, flow).copy()
    state.update(person.encode())
    return float((int.from_bytes(state.digest(), "big") >> 11) / 2**53)


@dataclass(frozen=True)
class Holdout:
    """Hold back a share of the people of every flow, the same people on every run.

    ``share`` is held back from each flow, drawn anew per flow; ``everywhere`` is held
    back from every flow at once, which shows what all the writing together earns.

    >>> Holdout(share=1.0).held("p1", "win_back"), Holdout(share=0.0).held("p1", "win_back")
    (True, False)
    """

    share: float = 0.05
    salt: str = "regulars"
    everywhere: float = 0.0

    def __post_init__(self) -> None:
        for name in ("share", "everywhere"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"holdout {name} must be between 0 and 1, not {getattr(self, name)}")

    def held_everywhere(self, person: str) -> bool:
        """True when this person is held back from every flow there is and will be."""
        return bool(self.everywhere) and draw(person, _EVERYTHING, self.salt) < self.everywhere

    def held(self, person: str, flow: str) -> bool:
        """True when this person is held back from this flow."""
        if self.held_everywhere(person):
            return True
        return bool(self.share) and draw(person, flow, self.salt) < self.share

    def held_many(self, people: Sequence[str], flows: Sequence[str]) -> npt.NDArray[np.bool_]:
        """The same for rows of (person, flow), as booleans of the same length."""
        flags = (self.held(p, f) for p, f in zip(people, flows, strict=True))
        return np.fromiter(flags, dtype=np.bool_, count=len(people))


def flow_of(plan: str | None, action: str) -> str:
    """The name of a flow: the people held back are drawn anew for each action of each plan.

    >>> flow_of("plan7", "win_back")
    'plan7/win_back'
    """
    return f"{plan}/{action}"
