"""The weeks of revenue, orders and new customers in all and by channel, market and product, as series that add up."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from regulars.measure.channel_weeks import last_week
from regulars.measure.history import Cubes, first_day

FIGURES: Final = ("revenue", "orders", "new_customers")
MONEY: Final = "revenue"
FEWEST_WEEKS: Final = 12
MOST_WEEKS: Final = 208
# How many of each cut are kept apart; the others are one series, so that the sums stay whole.
MOST: Final = {"channel": 8, "market": 12, "product": 20}
REST: Final = "other"
# The largest are those of the last half year.
RECENT: Final = 26


def series_key(figure: str, cut: str = "", member: str = "") -> str:
    """The name of one series: ``revenue``, ``revenue|market|CN``."""
    return "|".join((figure, cut, member)) if cut else figure


def weekly(cube: Cubes, lines: pd.DataFrame | None, today: pd.Timestamp, currency: str) -> pd.DataFrame:
    """Full weeks as ``series, day, value, parent, family``: the total of each figure and its parts by every cut.

    Args:
        cube: the daily sums of a turn.
        lines: ``week, product, amount`` of what was sold, or None.
        today: the newest day; the week it is in is not over.
        currency: only money in this currency.

    Figures with fewer than 12 full weeks are left out; the first week on record is rarely a whole one and is dropped.
    """
    end, parts = last_week(today), []
    for figure, rows, column in _sources(cube, currency):
        if rows.empty or rows["day"].min() > end:
            continue
        rows = rows.assign(week=first_day(rows["day"], "week"))
        weeks = pd.date_range(rows["week"].min(), end, freq="7D")[1:][-MOST_WEEKS:]
        if len(weeks) < FEWEST_WEEKS:
            continue
        total = rows.groupby("week")[column].sum().reindex(weeks).fillna(0.0).astype(float)
        parts.append(_long(total.to_frame(series_key(figure)), "", ""))
        for cut in ("channel", "market"):
            wide = _wide(rows, cut, column, weeks)
            if wide.shape[1] > 1:
                parts.append(_long(_keyed(wide, figure, cut), figure, cut))
        if figure == MONEY and lines is not None and not lines.empty:
            wide = _wide(lines.rename(columns={"amount": column}), "product", column, weeks).drop(
                columns=REST, errors="ignore"
            )
            # Postage, discounts and small products are what is left of the total.
            wide[REST] = total - wide.sum(axis=1)
            parts.append(_long(_keyed(wide, MONEY, "product"), figure, "product"))
    empty = pd.DataFrame(columns=["series", "day", "value", "parent", "family"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def daily(cube: Cubes, today: pd.Timestamp, currency: str) -> pd.DataFrame:
    """Days that are over as ``series, day, value``, totals only; figures with fewer than 12 weeks are left out."""
    end, parts = today.normalize() - pd.Timedelta(days=1), []
    for figure, rows, column in _sources(cube, currency):
        if rows.empty or (end - rows["day"].min()).days < 7 * FEWEST_WEEKS:
            continue
        days = pd.date_range(rows["day"].min(), end, freq="D")
        total = rows.groupby("day")[column].sum().reindex(days).fillna(0.0).astype(float)
        parts.append(_long(total.to_frame(series_key(figure)), "", ""))
    empty = pd.DataFrame(columns=["series", "day", "value", "parent", "family"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def kpi_rows(ahead: pd.DataFrame, currency: str) -> pd.DataFrame:
    """Rows ``revenue_forecast``, ``orders_forecast`` and ``new_customers_forecast`` of totals, channels and markets."""
    keys = [(*key.split("|", 2), "", "")[:3] for key in ahead["series"]]
    wanted = [cut != "product" and not (cut and member == REST) for _figure, cut, member in keys]
    kept = ahead[wanted]
    figure, cut, member = (
        pd.Series([key[i] for key, holds in zip(keys, wanted, strict=True) if holds], kept.index, dtype=object)
        for i in range(3)
    )
    return pd.DataFrame({
        "name": figure + "_forecast", "day": pd.to_datetime(kept["day"]), "grain": "week",
        "channel": member.where(cut == "channel"), "market": member.where(cut == "market"), "value": kept["value"],
        "low": kept["low"], "high": kept["high"], "currency": pd.Series(currency, kept.index).where(figure == MONEY),
        "why": kept["why"],
    })  # fmt: skip


def _sources(cube: Cubes, currency: str) -> tuple[tuple[str, pd.DataFrame, str], ...]:
    money = cube.money[cube.money["currency"] == currency]
    return ((MONEY, money, "revenue"), ("orders", cube.money, "orders"), ("new_customers", cube.won, "n"))


def _wide(rows: pd.DataFrame, cut: str, column: str, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """Weeks by member, the largest of the last half year apart and the rest as one."""
    member = rows[cut].astype(object).where(rows[cut].notna(), REST)
    recent = rows["week"] >= weeks[-min(RECENT, len(weeks))]
    top = rows[recent].groupby(member[recent])[column].sum().drop(REST, errors="ignore").nlargest(MOST[cut]).index
    member = member.where(member.isin(top), REST)
    wide = rows.groupby(["week", member])[column].sum().unstack()
    return pd.DataFrame(wide.reindex(weeks).fillna(0.0).astype(float))


def _keyed(wide: pd.DataFrame, figure: str, cut: str) -> pd.DataFrame:
    return wide.set_axis([series_key(figure, cut, str(m)) for m in wide.columns], axis=1)


def _long(wide: pd.DataFrame, parent: str, family: str) -> pd.DataFrame:
    long = wide.rename_axis(index="day").reset_index().melt("day", var_name="series", value_name="value")
    # A part begins with its first sale; the weeks before say nothing about its pace.
    begun = (long["value"] != 0).groupby(long["series"]).cummax()
    long = long[begun] if parent else long
    return long.assign(parent=parent or None, family=family or None)


def product_weeks(lines: Any, currency: str) -> pd.DataFrame:
    """``week, product, amount`` of goods sold, grouped by the engine; refunds count in the week they came in."""
    own = lines.filter(lines.goods & (lines.currency == currency) & lines.product.notnull())
    found = own.group_by([own.day.truncate("W").name("week"), own.product]).aggregate(amount=own.amount.sum())
    frame: pd.DataFrame = found.to_pyarrow().to_pandas()
    return frame.assign(week=pd.to_datetime(frame["week"]).dt.as_unit("s"), amount=frame["amount"].astype(float))
