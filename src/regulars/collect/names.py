"""Names: Chinese and Western order, and masked ones that are no names."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_ROUNDED: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{1,2}")
_CJK: Final = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]")
_MASKED: Final = re.compile(
    r"\*|＊|#{2,}|^[xX×]{2,}$|^[?？.…•●○_\-/]+$|^x\d?\*|隐私|匿名|保密|已脱敏|^\[?(?:anonymous|redacted|hidden|deleted)"
)


def is_masked(text: str) -> bool:
    """Whether a value has been hidden by whoever exported it.

    >>> [is_masked(t) for t in ("##", "李**", "x4***6", "xxxx", "Max", "138****0000")]
    [True, True, True, True, False, True]
    """
    return bool(_MASKED.search(text.strip().casefold()))


def digits_lost(text: str) -> bool:
    """Whether a spreadsheet has rounded a long number, so that it no longer tells one from another.

    >>> digits_lost("1.23457E+17"), digits_lost("123456789012345678")
    (True, False)
    """
    return bool(_ROUNDED.fullmatch(text.strip()))


def clean_name(text: str) -> str | None:
    """Tidy a name; ``None`` when it is masked or holds no letter.

    >>> clean_name("  Ada   Lovelace "), clean_name("##"), clean_name("12")
    ('Ada Lovelace', None, None)
    """
    t = " ".join(unicodedata.normalize("NFKC", text).split()).strip("'\"`,;")
    if not t or is_masked(t) or not any(c.isalpha() for c in t):
        return None
    return t


def full_name(
    first: str | None, last: str | None, middle: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> str | None:
    """Join the parts of a name the way its language does.

    Chinese, Japanese and Korean names are family name first and joined without
    a blank.

    >>> full_name("小明", "王"), full_name("Grace", "Hopper", "Brewster"), full_name(None, "Doe", suffix="Jr.")
    ('王小明', 'Grace Brewster Hopper', 'Doe Jr.')
    """
    parts = [clean_name(p) if p else None for p in (first, middle, last)]
    if not any(parts):
        return None
    if all(_CJK.search(p) for p in parts if p):
        return "".join(p for p in (parts[2], parts[1], parts[0]) if p)
    return " ".join(p for p in (prefix, *parts, suffix) if p)
