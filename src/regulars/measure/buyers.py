"""Distinct people per period: how many buyers came again, and how many of the people reached bought."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

_UNITS: Final = {"week": "W", "month": "M"}


def period_of(day: Any, grain: str) -> Any:
    """First day of the period as a date, the same on every engine."""
    return day if grain == "day" else day.truncate(_UNITS[grain]).cast("date")


class Buyers:
    """Counts of distinct people, made by the engine that holds the rows.

    Args:
        bought: numbered paid sales of known customers (see ``sales.numbered``).
        touches: the touches table.
        opened: the first day on record, where "all" begins.
    """

    def __init__(self, bought: Any, touches: Any, opened: pd.Timestamp) -> None:
        self.bought, self.touches, self.opened = bought, touches, opened

    def repeat_rate(self, grain: str, by: tuple[str, ...]) -> pd.Series:
        """Buyers with at least two purchases by the period's end over the buyers in it."""
        rows = self.bought
        keys = {"customer": rows.customer, **{c: rows[c] for c in by}}
        if grain != "all":
            keys["period"] = period_of(rows.day, grain)
        people = rows.group_by(**keys).aggregate(reached=rows.number.max())
        again = people.mutate(again=(people.reached >= 2).cast("int64"))
        groups = [*(["period"] if grain != "all" else []), *by]
        return self._share(again, groups, by, "again")

    def conversion_rate(self, grain: str, by: tuple[str, ...]) -> pd.Series:
        """People touched in the period who bought in it over the people touched in it."""
        seen = self.touches.filter(self.touches.customer.notnull())
        keys = {"customer": seen.customer, **{c: seen[c] for c in by}}
        bought_keys: dict[str, Any] = {"person": self.bought.customer}
        if grain != "all":
            keys["period"] = period_of(seen.day, grain)
            bought_keys["bought_in"] = period_of(self.bought.day, grain)
        people = seen.group_by(**keys).aggregate(touches=seen.count())
        bought = self.bought.group_by(**bought_keys).aggregate(orders=self.bought.count())
        on = [people.customer == bought.person]
        if grain != "all":
            on.append(people.period == bought.bought_in)
        joined = people.left_join(bought, on)
        joined = joined.mutate(converted=joined.orders.notnull().cast("int64"))
        return self._share(joined, [*(["period"] if grain != "all" else []), *by], by, "converted")

    def _share(self, rows: Any, groups: list[str], by: tuple[str, ...], column: str) -> pd.Series:
        measures = {"top": rows[column].sum(), "bottom": rows.count()}
        grouped = rows.group_by(groups).aggregate(**measures) if groups else rows.aggregate(**measures)
        frame = grouped.to_pyarrow().to_pandas()
        frame = frame[frame["bottom"] > 0].dropna(subset=list(by))
        if "period" not in frame:
            frame["period"] = self.opened
        frame["period"] = pd.to_datetime(frame["period"]).dt.as_unit("s")
        frame = frame.set_index(["period", *by])
        share: pd.Series = frame["top"].astype(float) / frame["bottom"].astype(float)
        return share
