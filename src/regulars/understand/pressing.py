"""Tickets nobody answered that can not wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.understand.emotion import urgency

Vector = NDArray[np.float64]
PRESSING, PRESSING_DAYS, PRESSING_MOST = 0.5, 45, 20


@dataclass(frozen=True)
class Pressing:
    """An unanswered text that can not wait."""

    answer: int
    urgency: float
    reason: str


def pressing(texts: pa.Table, positive: Vector, *, now: datetime) -> tuple[Pressing, ...]:
    """The most pressing first, at most twenty; ``positive`` is the probability of praise of each row of ``texts``."""
    since = now - timedelta(days=PRESSING_DAYS)
    columns = (texts.column(c).to_pylist() for c in ("id", "at", "kind", "status"))
    said = texts.column("text").to_pylist()
    waiting = [
        (i, number)
        for i, (number, at, kind, status) in enumerate(zip(*columns, strict=True))
        if at >= since and kind == "ticket" and status in (None, "new", "open", "pending")
    ]
    score, reason = urgency([said[i] for i, _ in waiting])
    # Praise that happens to name a refund can wait; an angry ticket presses more than a calm one.
    found = [
        (float(s) * (1.5 - float(positive[i])) / 1.5, number, str(why))
        for (i, number), s, why in zip(waiting, score, reason, strict=True)
        if s >= PRESSING and positive[i] < 0.8
    ]
    found.sort(key=lambda one: (-one[0], -one[1]))
    return tuple(Pressing(number, round(s, 3), why) for s, number, why in found[:PRESSING_MOST])
