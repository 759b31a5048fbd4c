"""What a column looks like from its values, to confirm or veto what its header says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from regulars.collect.dates import read_dates
from regulars.collect.emails import is_email
from regulars.collect.money import read_amounts
from regulars.collect.names import is_masked
from regulars.collect.sheet import Cells

if TYPE_CHECKING:
    from regulars.collect.sheet import Sheet

import numpy as np

_SAMPLE: Final = 300
_PHONE: Final = re.compile(r"^\+?[\d\s().\-/*#x]{6,24}(?:;?\s*(?:ext|x|转)[.=]?\s*\d+)?$", re.IGNORECASE)
_FLAGS: Final = frozenset({"true", "false", "yes", "no", "y", "n", "0", "1", "是", "否"})
_LONG_AGO: Final = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Profile:
    """Shares of the distinct values of a column that look like each kind of value."""

    count: int
    filled: float
    distinct: float
    date: float
    bare_number_dates: float
    number: float
    email: float
    phone: float
    masked: float
    words: float
    length: float
    flags: bool = False


def profile(sheet: Sheet, column: int) -> Profile:
    """Look at up to 300 distinct values of a column, once."""
    if column not in sheet.shapes:
        sheet.shapes[column] = _look(sheet, column)
    return sheet.shapes[column]


def _look(sheet: Sheet, column: int) -> Profile:
    cells = sheet.cells(column)
    values = cells.values.slice(0, _SAMPLE)
    n = len(values)
    if n == 0:
        return Profile(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    texts: list[str] = values.to_pylist()
    some = Cells(np.arange(n, dtype=np.int32), values)
    dated = read_dates(some, "UTC", _LONG_AGO).valid
    bare = np.array([bool(re.fullmatch(r"[\d.]+", t)) for t in texts])
    filled = int((cells.codes >= 0).sum())
    return Profile(
        count=n,
        filled=filled / max(1, len(cells)),
        distinct=len(cells.values) / max(1, filled),
        date=float(dated.mean()),
        bare_number_dates=float((dated & bare).mean()),
        number=float(read_amounts(some).valid.mean()),
        email=sum(is_email(t) or ("*" in t and "@" in t) for t in texts) / n,
        phone=sum(bool(_PHONE.match(t)) and sum(c.isdigit() for c in t) >= 4 for t in texts) / n,
        masked=sum(is_masked(t) for t in texts) / n,
        words=sum(any(c.isalpha() for c in t) for t in texts) / n,
        length=sum(len(t) for t in texts) / n,
        flags={t.casefold() for t in texts} <= _FLAGS,
    )


def fits(value: str, p: Profile) -> tuple[float, str]:
    """How the values agree with a kind of value: a factor for the score, and a word for it.

    >>> blank = Profile(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    >>> fits("date", blank)
    (1.0, 'no_values')
    """
    if p.count == 0:
        return 1.0, "no_values"
    share = {"email": p.email, "date": p.date, "money": p.number, "number": p.number, "phone": p.phone}.get(value)
    if share is not None:
        if share >= 0.5 or (value == "phone" and p.masked > 0.5):
            return 1.05, f"values_{value}"
        return (0.75, "values_mixed") if share >= 0.2 else (0.2, f"values_not_{value}")
    if value == "score" and p.length > 40:
        return 0.4, "values_long"
    if p.flags and value in ("name", "text"):
        return 0.6, "values_flags"
    if value == "name" and (p.number > 0.8 or p.email > 0.5):
        return 0.4, "values_numbers"
    if value == "flag" and p.count > 12:
        return 0.3, "values_many"
    if value == "id" and p.length > 60:
        return 0.5, "values_long"
    return 1.0, "values_fit"
