"""Where the header row is, behind whatever lines a platform puts above it."""

from __future__ import annotations

import re
from typing import Final

from regulars.collect.headers import is_known

_NUMBER: Final = re.compile(r"^[\s'\"¥￥$€£+\-(]*\d[\d.,:/\-\s年月日%)]*[元]?$")
_LOOK: Final = 80


def find_header(rows: list[list[str]]) -> int | None:
    """The position of the header among the first rows; ``None`` when there is none.

    A header has more filled cells than the lines above it, no numbers, known
    words, and is followed by rows of about its own width.

    >>> find_header([["微信支付账单明细", ""], ["", ""], ["交易时间", "金额(元)"], ["2024-01-01", "¥1"]])
    2
    >>> find_header([["1", "1997-01-01", "29.33"], ["1", "1997-01-18", "29.73"]]) is None
    True
    """
    best, where = 0.0, None
    widths = [_width(r) for r in rows[:_LOOK]]
    full = [sum(bool(c.strip()) for c in r) for r in rows[:_LOOK]]
    usual = max(set(full) - {0}, key=lambda w: (full.count(w) * (w > 1), w), default=1)
    skipped = 0
    for i, row in enumerate(rows[:_LOOK]):
        cells = [c.strip(" \t\ufeff\u00a0\u3000\"'") for c in row]
        filled = [c for c in cells if c]
        if not filled or max(len(c) for c in filled) > 120:
            continue
        skipped += i > 0 and full[i - 1] > max(1, 0.6 * usual)  # a full row above: this one is data
        numbers = sum(bool(_NUMBER.match(c)) or "@" in c for c in filled)
        known = sum(is_known(c) for c in filled)
        below = [w for w in widths[i + 1 : i + 21] if w]
        fit = (
            sum(abs(w - widths[i]) <= max(1, 0.35 * widths[i]) or w <= widths[i] for w in below) / len(below)
            if below
            else 1.0
        )
        distinct = len(set(filled)) / len(filled)
        score = (
            (len(filled) ** 0.5) * (1 - numbers / len(filled)) ** 2 * distinct * fit
            + 1.5 * known
            - 0.02 * i
            - 2.5 * skipped
        )
        if numbers > 0.4 * len(filled) and known < 0.5 * len(filled):
            continue
        if len(filled) == 1 and known == 0 and any(w > 1 for w in widths):
            continue
        if score > best:
            best, where = score, i
    return where


def _width(row: list[str]) -> int:
    filled = [i for i, c in enumerate(row) if c.strip()]
    return filled[-1] + 1 if filled else 0
