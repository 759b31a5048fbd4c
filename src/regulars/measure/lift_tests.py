"""Experiments as evidence: what a channel's spend really brought in a window, in the unit a model explains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.lake.frames import to_pandas

# A figure per head cannot be turned into a total without knowing the heads.
PER_HEAD: Final = ("person", "people", "customer", "customers", "user", "visitor", "order")
PER_WEEK: Final = ("week", "weekly", "per_week")
PER_DAY: Final = ("day", "daily", "per_day")
COLUMNS: Final = ("id", "name", "channel", "market", "start", "end", "weeks", "spend", "delta", "se")


def lift_tests(experiments: Any, worth: Mapping[str, float], *, currency: str) -> pd.DataFrame:
    """The experiments that say what a channel's spend brought, as totals of their window in one unit.

    Args:
        experiments: table in the shape of ``tables.EXPERIMENTS``, or None.
        worth: figure to what one unit of it counts in the unit wanted: {"revenue": 1, "orders": 9900} for money,
            {"orders": 1} for orders. Experiments on other figures are left out.
        currency: money of another currency is left out.

    Returns ``COLUMNS``: a row an experiment with a channel, a window, a delta and a standard error above 0. ``unit``
    says what delta counts: "week" and "day" are multiplied up to the window, a figure per head is left out,
    anything else is the total. ``spend`` is the spend tested in the window (missing: all of the channel).

    >>> ran = pd.DataFrame([{"id": "1", "channel": "search", "metric": "orders", "unit": "week", "start": "2026-01-05",
    ...                      "end": "2026-01-18", "delta": 10.0, "se": 2.0}])
    >>> lift_tests(ran, {"orders": 500.0}, currency="CNY")[["weeks", "delta", "se"]].values.tolist()
    [[2.0, 10000.0, 2000.0]]
    """
    rows = to_pandas(experiments).copy() if experiments is not None else pd.DataFrame()
    for column in ("id", "name", "unit", "metric", "channel", "market", "start", "end", "spend", "delta", "se",
                   "currency"):  # fmt: skip
        if column not in rows:
            rows[column] = None
    for column in ("spend", "delta", "se"):
        rows[column] = pd.to_numeric(rows[column], errors="coerce")
    rows["start"], rows["end"] = pd.to_datetime(rows["start"]), pd.to_datetime(rows["end"])
    metric = rows["metric"].where(rows["metric"].notna() & (rows["metric"] != ""), "revenue")
    scale = metric.map(dict(worth)).astype(float)
    unit = rows["unit"].astype(object).fillna("").astype(str).str.lower()
    days = (rows["end"] - rows["start"]).dt.days + 1.0
    foreign = (metric == "revenue") & rows["currency"].notna() & ~rows["currency"].isin(["", currency])
    known = (
        rows["channel"].notna() & (rows["channel"] != "") & (days > 0) & scale.gt(0)
        & np.isfinite(rows["delta"].astype(float)) & rows["se"].gt(0) & ~unit.isin(PER_HEAD) & ~foreign
    )  # fmt: skip
    times = np.where(unit.isin(PER_WEEK), days / 7, np.where(unit.isin(PER_DAY), days, 1.0)) * scale
    rows = rows.assign(weeks=days / 7, delta=rows["delta"] * times, se=rows["se"] * times)
    return rows.loc[known, list(COLUMNS)].reset_index(drop=True)


def proven(tests: pd.DataFrame) -> set[str]:
    """Channels an experiment has shown to bring something: one delta at least clearly above 0 (90 %, both sides)."""
    sure = tests[tests["delta"] - 1.645 * tests["se"] > 0]
    return {str(c) for c in sure["channel"]}
