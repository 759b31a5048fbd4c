"""Rows for a spreadsheet: lines of CSV, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from regulars.web.words.amounts import major
from regulars.web.words.labels import label
from regulars.web.words.times import exact_text


def csv_line(values: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(values)
    return out.getvalue()


def plain(value: Any, kind: str = "text", words: str = "") -> Any:
    """A value for a spreadsheet; text that a spreadsheet would run as a formula is defused."""
    if value is None:
        return ""
    if kind == "money":
        return major(value)
    if isinstance(value, dt.datetime):
        return exact_text(value)
    if words:
        return label(words, value)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
