"""How good a file is, field by field: missing, unreadable, repeated, outlying and future values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from regulars.collect.columns import Columns, Company
from regulars.collect.emails import is_email
from regulars.collect.fields import value_of
from regulars.collect.names import digits_lost, is_masked
from regulars.collect.people import is_yes
from regulars.collect.phones import clean_phone, region_of

if TYPE_CHECKING:
    from regulars.collect.mapping import Mapping
    from regulars.collect.sheet import Sheet

FINDINGS: Final[dict[str, str]] = {
    "missing": "cells without a value",
    "unreadable": "cells that are not what the field needs",
    "masked": "values hidden by whoever exported the file",
    "digits_lost": "long numbers a spreadsheet has rounded (1.23E+17)",
    "repeated": "values that should occur once and occur again",
    "outlier": "numbers far from all others (beyond ten times the middle half)",
    "future": "dates after today",
    "ancient": "dates before 1990",
}
_ONCE: Final = frozenset({"email", "phone", "deal_id", "line_id", "contract", "feedback_id", "event_id"})


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing of a column: the code, how many rows, and the first of them."""

    field: str
    column: str
    code: str
    rows: int
    share: float
    first_row: int


def inspect(sheet: Sheet, mapping: Mapping, *, now: datetime, zone: str = "Asia/Shanghai", currency: str = "CNY",
            language: str = "zh-hans") -> list[Finding]:  # fmt: skip
    """Report on every mapped column; nothing is changed.

    Outliers follow Tukey with a wide fence: beyond the quartiles by ten times
    their distance, because order values are skewed by nature.
    """
    columns = Columns(sheet, mapping, Company(zone, currency, language, now, sheet.name))
    out: list[Finding] = []
    for choice in mapping.choices:
        if choice.field in (None, "ignore") or not sheet.num_rows:
            continue
        for code, wrong in _checks(columns, choice.field, columns.position(choice.column), now).items():
            rows = int(wrong.sum())
            if rows:
                first = int(sheet.rows[int(np.argmax(wrong))])
                out.append(Finding(choice.field, choice.column, code, rows, round(rows / sheet.num_rows, 4), first))
    return out


def _checks(columns: Columns, field: str, position: int, now: datetime) -> dict[str, np.ndarray]:
    cells = columns.sheet.cells(position)
    value = value_of(field)
    found: dict[str, np.ndarray] = {"missing": cells.blank}
    if value == "id" or field == "phone":
        found["digits_lost"] = cells.each(lambda t: "1" if digits_lost(t) else None).codes >= 0
    masked = cells.each(lambda t: "1" if is_masked(t) else None).codes >= 0
    if value in ("name", "email", "phone", "id"):
        found["masked"] = masked
    if value == "date":
        dates = columns.dates(field)
        there = ~columns.cells(field).blank
        found["unreadable"] = there & ~dates.valid
        found["future"] = dates.valid & (dates.at > int(now.timestamp() * 1e6))
        if field != "birthday":
            found["ancient"] = dates.valid & (dates.at < 631_152_000_000_000)
    elif value in ("money", "number"):
        numbers = columns.amounts(field)
        found["unreadable"] = ~columns.cells(field).blank & ~numbers.valid
        if numbers.valid.sum() >= 20:
            size = numbers.floats()
            low, high = np.nanpercentile(size, [25, 75])
            fence = 10 * max(high - low, abs(high) * 0.01)
            found["outlier"] = numbers.valid & ((size > high + fence) | (size < low - fence))
    elif value in ("email", "phone", "flag"):
        region = region_of(columns.company.zone, columns.company.language)
        found["unreadable"] = (cells.each(lambda t: None if _good(t, value, region) else t).codes >= 0) & ~masked
    once = _ONCE | ({"customer_id"} if columns.mapping.kind == "people" else set())
    if field in once and (value in ("id", "text") or columns.mapping.kind == "people"):
        counts = np.bincount(cells.codes[cells.codes >= 0], minlength=1)
        found["repeated"] = (cells.codes >= 0) & (counts[np.maximum(cells.codes, 0)] > 1)
    return found


def _good(text: str, value: str, region: str) -> bool:
    if value == "email":
        return is_email(text)
    return clean_phone(text, region) is not None if value == "phone" else is_yes(text) is not None


def as_table(findings: list[Finding]) -> pa.Table:
    """The report as a table, for a page that sorts and filters."""
    names = ("field", "column", "code", "rows", "share", "first_row")
    return pa.table({n: [getattr(f, n) for f in findings] for n in names})
