"""The rows a budget is decided on: what a week's spend in each channel brings, and what one conversion is worth."""

from __future__ import annotations

from typing import Any

import pandas as pd

from regulars.measure.channel_weeks import channel_weeks, conversion_values, last_week
from regulars.measure.history import Cubes, first_day
from regulars.measure.mix import FEWEST_WEEKS, MarketingMix
from regulars.measure.response import Curve, ResponseCurves
from regulars.measure.worth import customers_worth
from regulars.tables import why


def responses(cube: Cubes, scores: Any, today: pd.Timestamp, currency: str, margin: float) -> pd.DataFrame:
    """Rows ``response_ceiling``, ``_half``, ``_baseline`` and ``_value`` per channel, grain week, 90 % intervals.

    Where new customers (or at least orders) can be credited to the channels with spend,
    a curve per channel is fitted to them, and one conversion is worth first-order margin plus mean CLV
    (or the order's margin). Where nothing can be credited, one mix model explains total
    revenue: then a "conversion" is one minor unit of revenue, worth the margin.
    """
    weekly, counted = channel_weeks(cube, today, currency)
    if weekly.empty:
        return pd.DataFrame()
    if counted == "none":
        return _from_total(weekly, cube, today, currency, margin)
    values = conversion_values(customers_worth(cube.expressions["won"], scores), currency, margin, counted)
    if values.empty:
        return pd.DataFrame()
    rows: list[dict[str, Any]] = []
    rule = "clv_and_first_order" if counted == "new_customers" else "order_margin"
    for channel, curve in ResponseCurves().fit(weekly).curves_.items():
        known = channel in values.index
        value, low, high, n = (float(v) for v in values.loc[[channel if known else ""]].to_numpy()[0])
        customers, worth = (int(n) if known else 0), (value, low, high)
        rows += _rows(curve, counted, worth, why({"value": rule, "customers": customers}), today, currency)
    return pd.DataFrame(rows)


def _from_total(weekly: pd.DataFrame, cube: Cubes, today: pd.Timestamp, currency: str, margin: float) -> pd.DataFrame:
    money = cube.money[cube.money["currency"] == currency]
    weeks = pd.Index(sorted(weekly["week"].unique()))
    if money.empty or len(weeks) < FEWEST_WEEKS:
        return pd.DataFrame()
    wide = weekly.pivot(index="week", columns="channel", values="spend").reindex(weeks)
    channels = tuple(str(c) for c in wide.columns)
    if "revenue" in channels:  # a channel of that name would hide what is explained
        wide = wide.rename(columns={"revenue": "channel revenue"})
        channels = tuple(str(c) for c in wide.columns)
    revenue = money.groupby(first_day(money["day"], "week"))["revenue"].sum().reindex(weeks).fillna(0.0)
    if float(revenue.sum()) <= 0:
        return pd.DataFrame()
    # A year's wave needs most of a second year to be told from a trend.
    model = MarketingMix(harmonics=2 if len(weeks) >= 78 else 0)
    model.fit(wide.assign(revenue=revenue.astype(float)), channels=channels)
    rows: list[dict[str, Any]] = []
    for curve in model.curves_.values():
        rows += _rows(curve, "revenue", (margin, margin, margin), why({"value": "margin"}), today, currency)
    return pd.DataFrame(rows).replace({"channel": {"channel revenue": "revenue"}})


def _rows(
    curve: Curve, counted: str, worth: tuple[float, float, float], worth_why: str, today: pd.Timestamp, currency: str
) -> list[dict[str, Any]]:
    codes = {"counted": counted, "weeks": curve.weeks, "carry_over": f"{curve.decay:.2f}",
             "dispersion": f"{curve.dispersion:.2f}", **dict.fromkeys(curve.flags)}  # fmt: skip
    figures = (
        ("response_ceiling", curve.ceiling, None, why(codes)), ("response_half", curve.half, currency, why(codes)),
        ("response_baseline", curve.baseline, None, why(codes)), ("response_value", worth, currency, worth_why),
    )  # fmt: skip
    return [
        {"name": name, "day": last_week(today), "grain": "week", "channel": curve.channel, "value": value, "low": low,
         "high": high, "currency": money, "why": reason}
        for name, (value, low, high), money, reason in figures
    ]  # fmt: skip
