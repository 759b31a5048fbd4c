"""One number as people write it: units, scale and the currency beside it, exactly."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.currencies import ISO, SIGNS

_SCALES: Final = {"万": 4, "萬": 4, "亿": 8, "億": 8, "千": 3, "百": 2, "k": 3, "m": 6, "w": 4, "bn": 9, "b": 9}
_CORE: Final = re.compile(r"[0-9][0-9.,'’ _]*(?:e[+-]?[0-9]+)?|[.,][0-9]+", re.IGNORECASE)
_ZERO: Final = frozenset({"免费", "free", "gratis"})


def decimal_mark(values: pa.Array) -> str:
    """Decide over a whole column whether "," or "." is the decimal mark.

    A value that has both marks, a mark followed by other than three digits, or
    the same mark twice decides; without such a value "1,234" is a thousand and
    "1.234" is not.

    >>> decimal_mark(pa.array(["1.234", "12,50"])), decimal_mark(pa.array(["1,234", "5"]))
    (',', '.')
    """
    comma = r"[0-9]\.[0-9]{3},[0-9]+[^0-9]*$|^[^0-9]*[0-9]+,([0-9]{1,2}|[0-9]{4,})[^0-9,.]*$|[0-9]\.[0-9]{3}\.[0-9]{3}"
    point = r"[0-9],[0-9]{2,3}\.[0-9]+[^0-9]*$|^[^0-9]*[0-9]*\.([0-9]{1,2}|[0-9]{4,})[^0-9,.]*$|[0-9],[0-9]{3},[0-9]{3}"
    commas = pc.sum(pc.cast(pc.match_substring_regex(values, comma), pa.int64())).as_py() or 0
    points = pc.sum(pc.cast(pc.match_substring_regex(values, point), pa.int64())).as_py() or 0
    return "," if commas > points else "."


@lru_cache(maxsize=65536)
def read_number(text: str, mark: str = ".") -> tuple[int, int, str | None] | None:
    """Read one number as (units, scale, currency), or ``None`` when it is not one.

    >>> read_number("¥1,234.50"), read_number("(12.00)"), read_number("1.2万")
    ((123450, 2, '¥'), (-1200, 2, None), (12000, 0, None))
    >>> read_number("1.234,50 €", ","), read_number("12%")
    ((123450, 2, 'EUR'), None)
    """
    t = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-").replace("\u2013", "-").lower()
    if t in _ZERO:
        return 0, 0, None
    found = _CORE.search(t)
    if not found:
        return None
    before, core, after = t[: found.start()], found.group().strip(" _"), t[found.end() :]
    parts = (before + " " + after).replace(":", " ")
    negative = ("(" in before and ")" in after) or "-" in before or after.strip() in {"-", "cr"}
    words = [w for w in re.split(r"[\s()+\-]+", parts) if w and w != "cr"]
    power, currency = 0, None
    for word in words:
        rest = word
        for unit, digits in _SCALES.items():
            if rest == unit or (rest.startswith(unit) and rest[len(unit) :] in SIGNS):
                power, rest = digits, rest[len(unit) :]
                break
        if not rest:
            continue
        sign = SIGNS.get(rest) or SIGNS.get(rest.rstrip(".")) or (rest.upper() if rest.upper() in ISO else None)
        if sign is None and len(rest) > 3 and rest[-3:].upper() in ISO and rest[:-3] in SIGNS:
            sign = rest[-3:].upper()
        if sign is None and len(rest) > 3 and rest[:3].upper() in ISO and rest[3:] in SIGNS:
            sign = rest[:3].upper()
        if sign is None:
            return None
        currency = sign if currency in (None, "$", "¥") else currency
    exact = _digits(core, mark)
    if exact is None:
        return None
    units, scale = exact
    lift = min(power, scale)
    scale, power = scale - lift, power - lift
    return (-1 if negative else 1) * units * 10**power, scale, currency


def _digits(core: str, mark: str) -> tuple[int, int] | None:
    """The digits of a number and how many of them are decimals."""
    mantissa, _, exponent = core.partition("e")
    t = re.sub(r"[ '’_]", "", mantissa)
    commas, points = t.count(","), t.count(".")
    if commas and points:
        mark = "," if t.rfind(",") > t.rfind(".") else "."
    elif commas > 1 or points > 1:
        mark = "." if commas else ","
    elif commas or points:
        only = "," if commas else "."
        tail = len(t) - t.index(only) - 1
        # "1,234" follows the column; "12,5" and "1234,567" can only be decimals
        if only != mark and (tail != 3 or t.index(only) > 3 or t.index(only) == 0):
            mark = only
    other = "." if mark == "," else ","
    whole, _, fraction = t.partition(mark)
    groups = whole.split(other)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(g) not in (2, 3, 4) for g in groups[1:])):
        return None
    if other in fraction or mark in fraction or not (whole or fraction):
        return None
    digits = "".join(groups) + fraction
    if not digits.isdigit() or len(digits) > 40:
        return None
    shift = int(exponent) if exponent else 0
    scale = len(fraction) - shift
    if abs(shift) > 30:
        return None
    return (int(digits) * 10**-scale, 0) if scale < 0 else (int(digits), scale)
