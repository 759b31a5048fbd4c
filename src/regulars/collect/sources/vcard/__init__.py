"""vCard address books (2.1, 3.0 and 4.0)."""

from regulars.collect.sources.vcard.read import read_cards

__all__ = ["read_cards"]
