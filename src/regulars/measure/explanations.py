"""Why a figure moved: the same change by channel, by market and by product, each adding up to it exactly."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.decomposition import Cause, causes, ratio_causes
from regulars.measure.sales import fact

WEEKS: Final = 8
MOST: Final = 30
# Which daily sums a figure is made of: (cube, column), for ratios top and bottom.
PARTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "revenue": (("money", "revenue"),), "orders": (("money", "orders"),), "new_customers": (("won", "n"),),
    "spend": (("spend", "amount"),), "aov": (("money", "revenue"), ("money", "orders")),
    "cac": (("spend", "amount"), ("won", "n")),
}  # fmt: skip


class Explanations:
    """Explains changes of one company's figures from its daily sums.

    Parameters
    ----------
    cube : Cubes
        Daily sums by channel and market.
    facts : mapping
        The lake's tables, for the products; asked once, and only when something needs them.
    currency : str
        The currency whose money is explained.
    since : date
        The oldest day that may have to be explained.
    today : date
        Today.
    """

    def __init__(self, cube: Any, facts: Any, currency: str, since: date, today: date) -> None:
        self.cube = cube
        self.facts = facts
        self.currency = currency
        self.since = pd.Timestamp(since) - pd.Timedelta(weeks=WEEKS)
        self.today = today
        self._lines: Any = None

    def of(
        self, figure: str, channel: str | None, market: str | None, first: pd.Timestamp, last: pd.Timestamp,
        expected: float,
    ) -> dict[str, tuple[Cause, ...]]:  # fmt: skip
        """Causes by dimension, of a figure over the days from first to last; empty where nothing adds up to it."""
        parts = PARTS.get(figure)
        if parts is None:
            return {}
        own = [self._rows(*p, channel, market, first, last) for p in parts]
        out: dict[str, tuple[Cause, ...]] = {}
        for by in ("channel", "market"):
            if (channel if by == "channel" else market) is None:
                found = self._explained(by, own, first, last, expected)
                if len(found) > 1:
                    out[by] = found
        if figure == "revenue" and channel is None and market is None:
            found = self._explained("product", [self._products(own[0], first, last)], first, last, expected)
            if len(found) > 1:
                out["product"] = found
        return out

    def _rows(
        self, cube: str, column: str, channel: str | None, market: str | None, first: pd.Timestamp, last: pd.Timestamp
    ) -> pd.DataFrame:
        rows: pd.DataFrame = getattr(self.cube, cube)
        if "currency" in rows and column in ("revenue", "amount"):
            rows = rows[rows["currency"] == self.currency]
        rows = rows[(rows["day"] > first - pd.Timedelta(weeks=WEEKS, days=1)) & (rows["day"] <= last)]
        for name, only in (("channel", channel), ("market", market)):
            if only is not None:
                rows = rows[rows[name] == only]
        kept: pd.DataFrame = rows[["day", "channel", "market"]].assign(value=rows[column].astype(float))
        return kept

    def _products(self, total: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
        """Revenue by product; postage, rebates and orders without lines are the rest, under no name."""
        if self._lines is None:
            sold = fact(self.facts, "order_lines", self.today)
            sold = sold.filter((sold.day >= self.since.date()) & (sold.currency == self.currency))
            grouped = sold.group_by(["day", "product"]).aggregate(value=sold.amount.sum())
            self._lines = grouped.to_pyarrow().to_pandas()
            self._lines["day"] = pd.to_datetime(self._lines["day"])
            self._lines["value"] = self._lines["value"].astype(float)
        lines: pd.DataFrame = self._lines
        lines = lines[(lines["day"] >= first - pd.Timedelta(weeks=WEEKS)) & (lines["day"] <= last)]
        if lines.empty:
            return pd.DataFrame()
        sums, named = total.groupby("day")["value"].sum(), lines.groupby("day")["value"].sum()
        rest = sums.sub(named, fill_value=0.0).rename("value").reset_index().assign(product=None)
        return pd.concat([lines, rest[["day", "product", "value"]]], ignore_index=True)

    def _explained(
        self, by: str, own: list[pd.DataFrame], first: pd.Timestamp, last: pd.Timestamp, expected: float
    ) -> tuple[Cause, ...]:
        if any(rows.empty for rows in own):
            return ()
        wide = [_wide(rows, by, first, last) for rows in own]
        days = (last - first).days + 1
        if len(wide) == 2:
            names = sorted(set(wide[0].columns) | set(wide[1].columns))
            top, bottom = (w.reindex(columns=names, fill_value=0.0).to_numpy() for w in wide)
            if not bottom[:-days].sum() or not bottom[-days:].sum():
                return ()
            return ratio_causes(by, names, (top[:-days].sum(axis=0), bottom[:-days].sum(axis=0)),
                                (top[-days:].sum(axis=0), bottom[-days:].sum(axis=0)))  # fmt: skip
        table = wide[0]
        past, now = table.to_numpy()[:-days], table.to_numpy()[-days:]
        weeks = past[-7 * (len(past) // 7) :].reshape(-1, 7, past.shape[1])
        usual = np.median(weeks, axis=0)
        spread = np.abs(weeks - usual).mean(axis=(0, 1))
        told = np.stack([usual[i % 7] for i in range(days)]).sum(axis=0)
        found = causes(by, list(table.columns), [round(v) for v in now.sum(axis=0)], told.tolist(), spread.tolist(),
                       round(expected))  # fmt: skip
        return found if len(found) <= MOST else _short(found, by)


def _wide(rows: pd.DataFrame, by: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    named = rows.assign(name=rows[by].astype(object).where(rows[by].notna(), ""))
    table = named.pivot_table(index="day", columns="name", values="value", aggfunc="sum")
    table.index = pd.DatetimeIndex(table.index).astype("datetime64[ns]")
    return table.reindex(pd.date_range(first - pd.Timedelta(weeks=WEEKS), last)).fillna(0.0)


def _short(found: tuple[Cause, ...], by: str) -> tuple[Cause, ...]:
    """The largest parts, the others as one; the sum stays what it was."""
    ranked = sorted(found, key=lambda c: -abs(c.change))
    kept, rest = ranked[: MOST - 1], ranked[MOST - 1 :]
    one = Cause(by, "…", sum(c.value for c in rest), sum(c.expected for c in rest), sum(c.change for c in rest),
                sum(c.share for c in rest))  # fmt: skip
    return tuple(sorted([*kept, one], key=lambda c: -c.share))
