"""Money and other numbers from any common Chinese or English form, exactly."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.sheet import Cells, spread

_SIGNS: Final = {
    "us$": "USD", "hk$": "HKD", "nt$": "TWD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "s$": "SGD",
    "r$": "BRL", "nz$": "NZD", "mx$": "MXN", "rmb": "CNY", "人民币": "CNY", "美元": "USD", "欧元": "EUR",
    "英镑": "GBP", "日元": "JPY", "港币": "HKD", "港元": "HKD", "新台币": "TWD", "元": "CNY", "圆": "CNY", "块": "CNY",
    "円": "JPY", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "฿": "THB", "₫": "VND", "₺": "TRY",
    "zł": "PLN", "kč": "CZK", "₴": "UAH", "₪": "ILS", "₱": "PHP", "₦": "NGN", "rp": "IDR", "rm": "MYR", "kr": "SEK",
    "chf": "CHF", "fr.": "CHF", "$": "$", "¥": "¥", "€uro": "EUR", "euro": "EUR", "eur": "EUR", "dollar": "$",
    "dollars": "$", "yuan": "CNY",
}  # fmt: skip
_ISO: Final = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BDT",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNH",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "DZD",
        "EGP",
        "EUR",
        "GBP",
        "GHS",
        "HKD",
        "HRK",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IQD",
        "ISK",
        "JOD",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "KZT",
        "LKR",
        "MAD",
        "MMK",
        "MOP",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TND",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UYU",
        "VND",
        "XAF",
        "XOF",
        "ZAR",
    ]
)
_SCALES: Final = {"万": 4, "萬": 4, "亿": 8, "億": 8, "千": 3, "百": 2, "k": 3, "m": 6, "w": 4, "bn": 9, "b": 9}
_CORE: Final = re.compile(r"[0-9][0-9.,'’ _]*(?:e[+-]?[0-9]+)?|[.,][0-9]+", re.IGNORECASE)
_PLAIN: Final = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"
_ZERO: Final = frozenset({"免费", "free", "gratis"})


@dataclass(frozen=True)
class Amounts:
    """Exact numbers: value = ``units / 10 ** scale``.

    ``units`` is int64, or Python integers (dtype object) where 64 bits would
    not hold them. ``valid`` says which cells could be read, ``currency`` names
    the currency written beside the number, if any (``$`` and ``¥`` as written).
    """

    units: np.ndarray
    scale: int
    valid: np.ndarray
    currency: Cells

    def total(self) -> tuple[int, int]:
        """The exact sum of the valid cells as (units, scale)."""
        return exact_sum(self.units[self.valid]), self.scale

    def minor(self, digits: int) -> np.ndarray:
        """Each cell rounded half away from zero to minor units; 0 where invalid."""
        return rounded(np.where(self.valid, self.units, 0), self.scale - digits)

    def floats(self) -> np.ndarray:
        """The nearest doubles; NaN where invalid."""
        out = np.array(self.units, dtype=np.float64) / 10.0**self.scale
        out[~self.valid] = np.nan
        return out


def exact_sum(units: np.ndarray) -> int:
    """Sum integers without overflow.

    >>> exact_sum(np.array([2**62, 2**62, 5]))
    9223372036854775813
    """
    if len(units) == 0:
        return 0
    if units.dtype != object and int(np.abs(units).max()) < (2**62) // len(units):
        return int(units.sum())
    return sum(int(v) for v in units)


def rounded(units: np.ndarray, drop: int) -> np.ndarray:
    """Drop decimal digits, half away from zero; add zeros when ``drop`` is negative.

    >>> rounded(np.array([125, -125, 124]), 1).tolist()
    [13, -13, 12]
    """
    if drop <= 0:
        return scaled(units, -drop)
    step = 10**drop
    if step > 2**62:
        units = units.astype(object)
    size = np.abs(units)
    return np.sign(units) * ((size + step // 2) // step)


def scaled(units: np.ndarray, digits: int) -> np.ndarray:
    """Multiply by a power of ten, in Python integers when 64 bits would overflow."""
    if digits == 0 or len(units) == 0:
        return units
    if units.dtype == object or digits > 18 or int(np.abs(units).max()) >= 2**62 // 10**digits:
        units = units.astype(object)
    return units * 10**digits


def product(a: Amounts, b: Amounts) -> Amounts:
    """Multiply cell by cell, exactly."""
    left, right = a.units, b.units
    if len(left) and (
        left.dtype == object
        or right.dtype == object
        or int(np.abs(left).max()) * max(1, int(np.abs(right).max())) >= 2**62
    ):
        left, right = left.astype(object), right.astype(object)
    currency = a.currency if (a.currency.codes >= 0).any() else b.currency
    return Amounts(left * right, a.scale + b.scale, a.valid & b.valid, currency)


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
            if rest == unit or (rest.startswith(unit) and rest[len(unit) :] in _SIGNS):
                power, rest = digits, rest[len(unit) :]
                break
        if not rest:
            continue
        sign = _SIGNS.get(rest) or _SIGNS.get(rest.rstrip(".")) or (rest.upper() if rest.upper() in _ISO else None)
        if sign is None and len(rest) > 3 and rest[-3:].upper() in _ISO and rest[:-3] in _SIGNS:
            sign = rest[-3:].upper()
        if sign is None and len(rest) > 3 and rest[:3].upper() in _ISO and rest[3:] in _SIGNS:
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


def read_amounts(cells: Cells) -> Amounts:
    """Read a column of numbers exactly; only its distinct values are parsed.

    >>> got = read_amounts(Cells.of(pa.array(["2.55", "1,000", "", "x"])))
    >>> got.units.tolist(), got.scale, got.valid.tolist()
    ([255, 100000, 0, 0], 2, [True, True, False, False])
    """
    values = cells.values
    mark = decimal_mark(values)
    count = len(values)
    units: np.ndarray = np.zeros(count, np.int64)
    valid: np.ndarray = np.zeros(count, bool)
    scales: np.ndarray = np.zeros(count, np.int64)
    names: list[str | None] = [None] * count
    plain = np.zeros(count, bool)
    if mark == "." and count:
        plain = pc.match_substring_regex(values, _PLAIN).to_numpy(zero_copy_only=False)
    big: dict[int, int] = {}
    for i in np.flatnonzero(~plain):
        got = read_number(values[int(i)].as_py(), mark)
        if got:
            valid[i], scales[i], names[i] = True, got[1], got[2]
            if abs(got[0]) < 2**62:
                units[i] = got[0]
            else:
                big[int(i)] = got[0]
    if plain.any():
        texts = values.filter(pa.array(plain))
        digits = pc.cast(pc.replace_substring(texts, ".", ""), pa.int64()).to_numpy(zero_copy_only=False)
        point = pc.find_substring(texts, ".").to_numpy(zero_copy_only=False)
        length = pc.binary_length(texts).to_numpy(zero_copy_only=False)
        units[plain], valid[plain] = digits, True
        scales[plain] = np.where(point < 0, 0, length - point - 1)
    scale = int(scales[valid].max()) if valid.any() else 0
    if big:
        units = units.astype(object)
        for i, exact in big.items():
            units[i] = exact
    for digits_short in np.unique(scales[valid]) if valid.any() else ():
        some = valid & (scales == digits_short)
        lifted = scaled(units[some], scale - int(digits_short))
        if lifted.dtype == object and units.dtype != object:
            units = units.astype(object)
        units[some] = lifted
    named = pa.array(names, pa.string()).dictionary_encode()
    codes = pc.fill_null(named.indices, -1).to_numpy(zero_copy_only=False)
    return Amounts(
        spread(units, cells.codes, 0),
        scale,
        spread(valid, cells.codes, False),
        Cells(spread(codes, cells.codes, -1), named.dictionary),
    )


def decimal_text(units: int, scale: int) -> str:
    """Write an exact number.

    >>> decimal_text(-9747747934, 3), decimal_text(50, 1)
    ('-9747747.934', '5')
    """
    sign, digits = "-" if units < 0 else "", str(abs(units)).rjust(scale + 1, "0")
    whole, fraction = (digits[:-scale], digits[-scale:].rstrip("0")) if scale else (digits, "")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def currency_code(text: str, company: str = "CNY") -> str | None:
    """The ISO 4217 code of a currency as people write it; ``$`` and ``¥`` follow the company's own.

    >>> currency_code("人民币"), currency_code("usd"), currency_code("¥", "JPY"), currency_code("$", "HKD")
    ('CNY', 'USD', 'JPY', 'HKD')
    """
    t = unicodedata.normalize("NFKC", text).strip().lower()
    sign = _SIGNS.get(t) or (t.upper() if t.upper() in _ISO else None)
    if sign is None:
        inner = re.search(r"\b([a-z]{3})\b", t)
        sign = inner.group(1).upper() if inner and inner.group(1).upper() in _ISO else None
    if sign == "$":
        return company if company in {"USD", "CAD", "AUD", "HKD", "TWD", "SGD", "NZD", "MXN"} else "USD"
    if sign == "¥":
        return company if company in {"CNY", "JPY"} else "CNY"
    return "CNY" if sign == "CNH" else sign
