"""Versions of the whole lake, written as one short text."""

from __future__ import annotations

from regulars.tables import TABLES


class SnapshotGoneError(LookupError):
    """The version asked for cannot be read any more."""


def version_text(versions: dict[str, int]) -> str:
    """Write the versions of all tables as one text.

    >>> version_text({"touches": 3, "orders": 12})
    'orders=12;touches=3'
    """
    return ";".join(f"{name}={versions[name]}" for name in sorted(versions))


def versions_of(text: str) -> dict[str, int]:
    """Read such a text; raises ``ValueError`` naming the part that is not a version.

    >>> versions_of("orders=12;touches=3")
    {'orders': 12, 'touches': 3}
    """
    versions = {}
    for part in filter(None, text.split(";")):
        name, _, number = part.partition("=")
        if name not in TABLES or not number.isdecimal():
            raise ValueError(f"lake version {text!r}: {part!r} is not of the form table=number")
        versions[name] = int(number)
    return versions
