"""Erasure: what must go, what the law makes us keep, and the proof that it went.

Every place that holds personal data registers itself with what happens to it; a
place nobody registered fails the tests of the host. The proof names no person: it
holds a keyed hash that can be checked only by somebody who knows the address.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

ERASE: Final = "erase"
ANONYMISE: Final = "anonymise"
KEEP: Final = "keep"
FATES: Final = (ERASE, ANONYMISE, KEEP)


class ErasureError(ValueError):
    """An erasure that is incomplete or a rule that contradicts another."""


@dataclass(frozen=True)
class Place:
    """One place with personal data and its fate.

    ``name`` is a book table or lake table; ``columns`` are those that say something
    about a person; ``why`` is a code, needed to keep anything (``tax_law``, ``suppression``).
    """

    name: str
    fate: str
    columns: tuple[str, ...] = ()
    why: str = ""
    home: str = "book"

    def __post_init__(self) -> None:
        if self.fate not in FATES:
            raise ErasureError(f"{self.name}: fate {self.fate!r} is not one of {', '.join(FATES)}")
        if self.fate == KEEP and not self.why:
            raise ErasureError(f"{self.name}: to keep personal data needs a reason")
        if self.fate == ANONYMISE and not self.columns:
            raise ErasureError(f"{self.name}: say which columns are emptied")


class Registry:
    """Every place with personal data, each named once.

    >>> places = Registry([Place("notes", "erase"), Place("invoices", "keep", why="tax_law")])
    >>> [place.name for place in places.plan()]
    ['notes', 'invoices']
    """

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places: dict[tuple[str, str], Place] = {}
        for place in places:
            self.add(place)

    def add(self, place: Place) -> None:
        """Register a place; raises ``ErasureError`` when it is there with another fate."""
        known = self._places.setdefault((place.home, place.name), place)
        if known != place:
            raise ErasureError(f"{place.name} is registered twice with different rules")

    def missing(self, names: Iterable[str], home: str = "book") -> tuple[str, ...]:
        """Those of the names that nobody registered."""
        return tuple(n for n in names if (home, n) not in self._places)

    def plan(self) -> tuple[Place, ...]:
        """The places in the order of work: erase, then anonymise, then what stays."""
        return tuple(sorted(self._places.values(), key=lambda p: (FATES.index(p.fate), p.home, p.name)))


@dataclass(frozen=True)
class Step:
    """What was done at one place: rows touched, and rows about the person still there after."""

    place: str
    home: str
    fate: str
    rows: int
    left: int
    why: str = ""


@dataclass(frozen=True)
class Proof:
    """The record of one erasure; ``subject`` is a keyed hash, ``seal`` covers all the rest."""

    subject: str
    requested_at: datetime
    done_at: datetime
    steps: tuple[Step, ...]
    seal: str

    @property
    def complete(self) -> bool:
        """True when nothing that had to go is left."""
        return all(step.left == 0 for step in self.steps if step.fate != KEEP)

    def intact(self) -> bool:
        """True when the record is as it was written."""
        return self.seal == _seal(self.subject, self.requested_at, self.done_at, self.steps)

    def as_record(self) -> dict[str, Any]:
        """The proof as plain values for the audit log or a file."""
        return {
            "subject": self.subject,
            "requested_at": self.requested_at.isoformat(),
            "done_at": self.done_at.isoformat(),
            "steps": [asdict(step) for step in self.steps],
            "seal": self.seal,
        }

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> Proof:
        """Read a record back."""
        return cls(
            record["subject"],
            datetime.fromisoformat(record["requested_at"]),
            datetime.fromisoformat(record["done_at"]),
            tuple(Step(**step) for step in record["steps"]),
            record["seal"],
        )


def _seal(subject: str, requested_at: datetime, done_at: datetime, steps: tuple[Step, ...]) -> str:
    body = [subject, requested_at.isoformat(), done_at.isoformat(), [asdict(step) for step in steps]]
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def prove(
    registry: Registry, subject: str, steps: Iterable[Step], *, requested_at: datetime, done_at: datetime
) -> Proof:
    """Make the proof once every place of the plan was dealt with.

    Raises ``ErasureError`` naming places that were left out or still hold something.
    """
    done = tuple(steps)
    told = {(step.home, step.place): step for step in done}
    forgotten = [place.name for place in registry.plan() if (place.home, place.name) not in told]
    if forgotten:
        raise ErasureError(f"nothing was done about {', '.join(forgotten)}")
    wrong = [p.name for p in registry.plan() if told[p.home, p.name].fate != p.fate]
    if wrong:
        raise ErasureError(f"not dealt with as registered: {', '.join(wrong)}")
    left = [f"{step.place} ({step.left} rows)" for step in done if step.fate != KEEP and step.left]
    if left:
        raise ErasureError(f"something is still there in {', '.join(left)}")
    return Proof(subject, requested_at, done_at, done, _seal(subject, requested_at, done_at, done))
