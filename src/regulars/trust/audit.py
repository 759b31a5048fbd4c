"""The audit chain: each entry sealed over the one before, so that nothing can be changed unseen.

seal(n) = SHA-256(seal(n - 1) + canonical JSON of entry n). Changing, removing or
swapping an entry breaks its seal or the next; cutting off the end shows only against
a seal kept elsewhere (in a backup, on paper), which ``verify`` takes as ``last``.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

GENESIS: Final = "0" * 64


@dataclass(frozen=True)
class Sealed:
    """One entry as it is stored: what happened, the seal before it and its own."""

    entry: Mapping[str, Any]
    previous: str
    seal: str


def _plain(value: Any) -> Any:
    """Values JSON has no word for, in one spelling each."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time in an audit entry needs a time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"an audit entry cannot hold a {type(value).__name__}")


def canonical(entry: Mapping[str, Any]) -> str:
    """The one JSON text of an entry: sorted keys, no blanks, UTF-8 as it is.

    Raises ``ValueError`` for NaN, infinity or a time without a zone; ``TypeError`` for
    values without a JSON form.

    >>> canonical({"b": 1, "a": "李"})
    '{"a":"李","b":1}'
    """
    for value in entry.values():
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("an audit entry cannot hold NaN or infinity")
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_plain)


def seal(previous: str, entry: Mapping[str, Any]) -> str:
    """The seal of an entry after the one before it: 64 hex digits.

    >>> seal(GENESIS, {"action": "login"}) != seal(GENESIS, {"action": "logout"})
    True
    """
    return hashlib.sha256(f"{previous}\n{canonical(entry)}".encode("utf-8", "surrogatepass")).hexdigest()


def verify(entries: Iterable[Sealed], *, first: str = GENESIS, last: str | None = None) -> int | None:
    """The index of the first entry that does not fit, or None when the whole chain holds.

    With ``last`` (a seal written down earlier, of the newest entry at that time) a chain
    whose end was cut off is broken at its own length.
    """
    previous, count, seen = first, 0, last is None or last == first
    for index, item in enumerate(entries):
        if item.previous != previous or item.seal != seal(previous, item.entry):
            return index
        previous, count = item.seal, index + 1
        seen = seen or item.seal == last
    return None if seen else count
