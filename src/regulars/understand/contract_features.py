"""What was known of each contract before each of its periods: the rows ``ChurnHazard`` learns from."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.understand.behaviour_features import History
from regulars.understand.person_periods import Contracts, held

Ints = NDArray[np.int64]
# Older periods are another company: other prices, other rivals.
RECENT_DAYS: Final = 730


def contract_rows(past: History, lives: Contracts, at: Ints, day: Ints, period: Ints) -> pa.Table:
    """Contracts ``at`` as they stood on these days: plan, price, changes, use and complaints strictly before."""
    known = held(lives, at, day)
    who = past.codes_of(lives.customer)[at]
    stranger, who = who < 0, np.maximum(who, 0)
    columns: dict[str, Any] = {"customer": lives.customer.take(pa.array(at)), "tenure": period, **known}
    if past.usage is not None:
        now, before = _window(past.usage, who, day, 28, 0), _window(past.usage, who, day, 56, 28)
        share = np.where(now + before > 0, now / np.maximum(now + before, 1e-9), 0.5)
        columns["usage_28"] = np.where(stranger, np.nan, now)
        columns["usage_share"] = np.where(stranger, np.nan, share)
    if past.tickets is not None:
        columns["tickets_90"] = np.where(stranger, 0.0, _window(past.tickets, who, day, 90, 0))
    if past.unhappy is not None:
        columns["unhappy_180"] = np.where(stranger, 0.0, _window(past.unhappy, who, day, 180, 0))
    for name in ("channel", "market"):
        columns[name] = getattr(lives, name).take(pa.array(at))
    table = pa.table(columns)
    if past.traits is not None and "language" in past.traits.column_names:
        table = table.append_column("language", past.traits.column("language").take(pa.array(who, mask=stranger)))
    return table


def _window(ledger: Any, who: Ints, day: Ints, start: int, end: int) -> NDArray[np.float64]:
    """The sum over day - start <= d < day - end, each row with its own day."""
    return np.asarray(ledger.on(who, day - start, day - end), dtype=np.float64)


def training_periods(lives: Contracts, most: int, seed: int = 0) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Contract, period and whether it ended there, of periods of the last two years; at most ``most`` of them."""
    seen = lives.periods
    at = np.repeat(np.arange(len(seen)), seen)
    period = np.arange(len(at)) - np.repeat(np.cumsum(seen) - seen, seen) + 1
    gone = lives.left[at] & (period == seen[at])
    rows = np.flatnonzero(lives.starts(at, period) >= lives.until - RECENT_DAYS)
    if len(rows) > most:
        rows = np.sort(np.random.default_rng(seed).permutation(rows)[:most])
    return at[rows], period[rows], gone[rows]
