"""Money and other numbers from any common Chinese or English form, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.collect.numerals import decimal_mark, read_number
from regulars.collect.sheet import Cells, spread

_PLAIN: Final = r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$"


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
    out: np.ndarray = np.sign(units) * ((size + step // 2) // step)
    return out


def scaled(units: np.ndarray, digits: int) -> np.ndarray:
    """Multiply by a power of ten, in Python integers when 64 bits would overflow."""
    if digits == 0 or len(units) == 0:
        return units
    if units.dtype == object or digits > 18 or int(np.abs(units).max()) >= 2**62 // 10**digits:
        units = units.astype(object)
    lifted: np.ndarray = units * 10**digits
    return lifted


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
    for i in np.flatnonzero(~plain).tolist():
        got = read_number(values[i].as_py(), mark)
        if got:
            valid[i], scales[i], names[i] = True, got[1], got[2]
            if abs(got[0]) < 2**62:
                units[i] = got[0]
            else:
                big[i] = got[0]
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
