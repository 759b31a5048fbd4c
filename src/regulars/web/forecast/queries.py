"""Reads of the forecast page: what earlier turns said, kept in the lake with the moment they said it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from regulars.web.bridge.lake import lake

COLUMNS = ("name", "day", "value", "low", "high", "currency", "made_at")
FIGURES = ("revenue", "orders", "new_customers")


def told_before(figure: str, currency: str, first: date) -> dict[date, dict[str, Any]]:
    """For each week from ``first`` on, what the newest turn before that week began said about it, totals only."""
    store = lake()
    mark = store.watermark("kpis", "loop")
    if mark is None:
        return {}
    found: dict[date, dict[str, Any]] = {}
    for row in _kept(str(store.path), mark):
        own = row["name"] == f"{figure}_forecast" and row["currency"] in (None, currency)
        if own and row["day"] >= first and row["made_at"].date() <= row["day"]:
            held = found.get(row["day"])
            if held is None or held["made_at"] < row["made_at"]:
                found[row["day"]] = row
    return found


@lru_cache(maxsize=2)
def _kept(path: str, mark: int) -> list[dict[str, Any]]:
    """Every total ever foretold; read once for each turn of the wheel."""
    rows = lake().table("kpis")
    names = [f"{figure}_forecast" for figure in FIGURES]
    own = rows.filter(rows.name.isin(names) & (rows.grain == "week") & rows.channel.isnull() & rows.market.isnull())
    return own.select(*COLUMNS).to_pyarrow().to_pylist()
