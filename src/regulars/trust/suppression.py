"""The suppression list: addresses never to be written to again, kept only as keyed hashes.

A person who was erased must stay unreachable, so the list outlives the person;
HMAC under a key of the installation keeps it from being a list of addresses.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field


def normalise(kind: str, value: str) -> str:
    """One spelling per address: e-mail in lower case with an ASCII domain, phone as + and digits.

    >>> normalise("email", " Li.Mei@Example.COM "), normalise("phone", "+86 138-0013-8000")
    ('li.mei@example.com', '+8613800138000')
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if kind == "email":
        local, _, domain = text.lower().rpartition("@")
        if domain.isascii():
            return f"{local}@{domain}"
        try:
            return f"{local}@{domain.encode('idna').decode()}"
        except UnicodeError:
            return f"{local}@{domain}"
    if kind == "phone":
        digits = "".join(c for c in text if c.isdigit())
        if text.startswith("+"):
            return f"+{digits}"
        return f"+{digits[2:]}" if digits.startswith("00") else digits
    return text


def address_hash(key: bytes, kind: str, value: str) -> str:
    """HMAC-SHA256 of the normalised address, 64 hex digits."""
    return hmac.digest(key, f"{kind}\0{normalise(kind, value)}".encode(), hashlib.sha256).hex()


@dataclass(frozen=True)
class Suppression:
    """The set of suppressed addresses, asked by address, stored by hash.

    >>> stop = Suppression(b"k" * 32)
    >>> stop = stop.add("email", "Li.Mei@example.com")
    >>> stop.has("email", "li.mei@EXAMPLE.com "), stop.has("email", "grace@example.com")
    (True, False)
    """

    key: bytes = field(repr=False)
    hashes: frozenset[str] = frozenset()

    def add(self, kind: str, *values: str) -> Suppression:
        """A list that also holds these addresses."""
        return Suppression(self.key, self.hashes | {address_hash(self.key, kind, v) for v in values})

    def has(self, kind: str, value: str) -> bool:
        """True when this address must not be written to."""
        return bool(self.hashes) and address_hash(self.key, kind, value) in self.hashes

    def has_many(self, kind: str, values: Iterable[str | None]) -> list[bool]:
        """The same for many addresses; a missing one is not on the list."""
        if not self.hashes:
            return [False for _ in values]
        return [v is not None and address_hash(self.key, kind, v) in self.hashes for v in values]
