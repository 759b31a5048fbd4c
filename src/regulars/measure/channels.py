"""How each channel does: what it sold, whom it won, what it cost, and whether it is rising or falling."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.measure.history import Cubes, cubes

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUMS = ("revenue", "orders", "new_customers", "spend", "clicks")


def channels(
    facts: Mapping[str, Any] | Cubes, *, today: date, currency: str, days: int = 28, margin: float = 1.0
) -> pa.Table:
    """The channels of the last ``days`` days beside the ``days`` before them, best return first.

    ``roas = revenue / spend``, ``cac = spend / new customers``, ``roi = (margin * revenue - spend) / spend``,
    ``trend = revenue / revenue before - 1``; unknown (null) where the bottom is zero.
    Revenue and orders are credited by last touch, new customers by first touch.

    Args:
        facts: the lake's tables by name, or daily sums made before.
        today: the last day to count.
        currency: only money in this currency is counted.
        days: length of the window in days.
        margin: share of the revenue left after the cost of goods.

    >>> channels({}, today=date(2026, 3, 1), currency="CNY").num_rows
    0
    """
    cube = facts if isinstance(facts, Cubes) else cubes(facts, today)
    end = pd.Timestamp(today)
    now = _window(cube, end, days, currency)
    before = _window(cube, end - pd.Timedelta(days=days), days, currency).reindex(now.index, fill_value=0)
    spend = now["spend"].where(now["spend"] > 0)
    now["roas"] = now["revenue"] / spend
    now["roi"] = (margin * now["revenue"] - now["spend"]) / spend
    now["cac"] = now["spend"] / now["new_customers"].where(now["new_customers"] > 0)
    now["conversion_rate"] = (now["orders"] / now["clicks"].where(now["clicks"] > 0)).clip(upper=1)
    now["revenue_before"] = before["revenue"]
    now["trend"] = now["revenue"] / before["revenue"].where(before["revenue"] > 0) - 1
    now["currency"] = currency
    now = now.sort_values(["roas", "revenue"], ascending=False, na_position="last").rename_axis("channel").reset_index()
    for column in _SUMS:
        now[column] = np.rint(now[column]).astype("int64")
    schema = pa.schema([
        ("channel", pa.string()), *((c, pa.int64()) for c in _SUMS),
        *((c, pa.float64()) for c in ("roas", "roi", "cac", "conversion_rate", "revenue_before", "trend")),
        ("currency", pa.string()),
    ])  # fmt: skip
    return pa.Table.from_pandas(now[schema.names], schema=schema, preserve_index=False)


def _window(cube: Cubes, end: pd.Timestamp, days: int, currency: str) -> pd.DataFrame:
    """Sums per channel of the ``days`` days up to ``end``, both included."""

    def total(rows: pd.DataFrame, column: str) -> pd.Series:
        inside = rows[(rows["day"] <= end) & (rows["day"] > end - pd.Timedelta(days=days))]
        return inside.groupby("channel")[column].sum()

    own = cube.credit[cube.credit["currency"] == currency]
    cost = cube.spend[cube.spend["currency"] == currency]
    return pd.DataFrame({
        "revenue": total(own, "revenue"), "orders": total(cube.credit, "orders"),
        "new_customers": total(cube.won, "n"), "spend": total(cost, "amount"), "clicks": total(cube.spend, "clicks"),
    }).astype(float).fillna(0.0)  # fmt: skip
