"""The history of every key figure by day, week, month and since the beginning, in all, per channel and per market.

The engine groups, so only sums and counts cross over; periods and ratios are made here. Money of different
currencies is never added: every money figure has one row per currency.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from regulars.measure.amounts import Ratios, amounts, divide
from regulars.measure.cubes import Cubes, cubes, first_day, spread_spend
from regulars.measure.kpis import KPIS, OF_MONEY
from regulars.measure.staying import staying

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

# Longer histories than these are read from the coarser grains.
DAYS_KEPT: Final = 400
WEEKS_KEPT: Final = 160
MARKETS_BY_DAY: Final = 20
DAILY: Final = ("revenue", "orders", "new_customers", "spend")
GRAINS: Final = ("day", "week", "month", "all")
CUTS: Final = ((), ("channel",), ("market",))
COLUMNS: Final = ("name", "day", "grain", "channel", "market", "value", "currency", "why")


def history(
    facts: Mapping[str, Any] | Cubes, scores: Any, *, today: date, currency: str, margin: float,
    grains: Iterable[str] = GRAINS, daily: Collection[str] = DAILY, figures: Collection[str] = tuple(KPIS),
) -> pd.DataFrame:  # fmt: skip
    """Every key figure by period: a frame with the columns ``COLUMNS``.

    Args:
        facts: the lake's tables by name, Ibis or Arrow, or daily sums made before.
        scores: Arrow table of scores; only ``clv`` is read.
        today: the last day to count, in the company's zone.
        currency: the company's currency; other currencies get rows of their own.
        margin: share of the revenue that is left after the cost of goods, 0 to 1.
        grains: periods to make, of day, week, month and all.
        daily: the figures kept by day; those of people cost one query a cut more.
        figures: the figures kept in the coarser grains.
    """
    from regulars.measure.buyers import Buyers
    from regulars.measure.ratings import ratings
    from regulars.measure.worth import customers_worth, worth

    cube = facts if isinstance(facts, Cubes) else cubes(facts, today)
    if cube.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    buyers = Buyers(cube.expressions["bought"], cube.expressions["seen"], cube.opened)
    parts: list[dict[str, Any]] = []
    grains = tuple(grains)
    for grain in grains:
        only = daily if grain == "day" else figures
        for by in CUTS:
            counted = _figures(cube, buyers, grain, by, today, currency, margin, brief=not set(only) - set(DAILY))
            parts += [_rows(*f, grain, by) for f in counted if f[0] in only]
    rated = ratings(cube.feedback, partial(first_day, opened=cube.opened), grains, daily)
    parts += [_rows(*f) for f in rated]
    if "all" in grains:
        people = customers_worth(cube.expressions["won"], scores)
        parts += [_rows(*f) for f in worth(people, cube, currency, margin)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return _trim(pd.DataFrame({c: np.concatenate([p[c] for p in parts]) for c in parts[0]}), cube, today)


def _figures(
    cube: Cubes, buyers: Any, grain: str, by: tuple[str, ...], today: date, currency: str, margin: float, brief: bool
) -> list[tuple[str, pd.Series, str | None]]:
    """(name, values by (period, *by), currency) of one grain and cut; ``brief`` gives only what adds up."""
    won = cube.sums(cube.won, grain, by, ["n", "referred"])
    count = cube.sums(cube.money, grain, by, ["orders"])["orders"]
    out: list[tuple[str, pd.Series, str | None]] = [("orders", count, None), ("new_customers", won["n"], None)]
    seen = {m for c in (cube.money, cube.spend, cube.recurring) for m in c["currency"].dropna().unique()}
    monies = sorted(seen, key=lambda m: (m != currency, m))
    if brief:
        for money in monies:
            out += amounts(cube, grain, by, money)
        return out
    churn, days = staying(cube.spells, partial(first_day, opened=cube.opened), grain, by, today)
    for money in monies:
        out += amounts(cube, grain, by, money, Ratios(today, margin, won["n"], days))
    again = cube.sums(cube.repeats, grain, by, ["purchases", "repeat"])
    loyalty = divide(again["repeat"], again["purchases"])
    out += [("loyalty_index", loyalty, None), ("new_order_share", 1 - loyalty, None)]
    if cube.touched:
        out.append(("referral_rate", divide(won["referred"], won["n"]), None))
    out.append(("repeat_rate", buyers.repeat_rate(grain, by), None))
    out.append(("conversion_rate", _conversion(cube, buyers, grain, by), None))
    if by != ("market",) and cube.markets:
        sold_in = cube.money[(cube.money["orders"] > 0) & cube.money["market"].notna()]
        keys = [first_day(sold_in["day"], grain, cube.opened).rename("period"), *(sold_in[c] for c in by)]
        out.append(("market_coverage", sold_in.groupby(keys)["market"].nunique() / cube.markets, None))
    if grain != "all":
        out += [("churn_rate", churn, None), ("retention_rate", 1 - churn, None)]
    return out


def _conversion(cube: Cubes, buyers: Any, grain: str, by: tuple[str, ...]) -> pd.Series:
    if cube.touched:
        reached: pd.Series = buyers.conversion_rate(grain, by)
        return reached
    clicks = cube.sums(cube.spend, grain, by, ["clicks"])["clicks"]
    paid = cube.money if by == ("market",) else cube.credit
    bought = cube.sums(paid[paid["channel"].isin(cube.spend["channel"])], grain, by, ["orders"])["orders"]
    return divide(bought, clicks).clip(upper=1.0)


def _rows(name: str, values: pd.Series, money: str | None, grain: str, by: tuple[str, ...]) -> dict[str, Any]:
    """Columns of one figure; what is unknown is kept in the totals only."""
    if by:
        values = values[values.notna()]
    places = {c: values.index.get_level_values(c).to_numpy(dtype=object) for c in by}
    nothing = np.full(len(values), None, dtype=object)
    own = money if KPIS[name].unit == "minor units" or name in OF_MONEY else None
    return {
        "name": np.full(len(values), name, dtype=object),
        "day": values.index.get_level_values("period").to_numpy().astype("datetime64[s]"),
        "grain": np.full(len(values), grain, dtype=object), "channel": places.get("channel", nothing),
        "market": places.get("market", nothing), "value": values.to_numpy(dtype=np.float64, na_value=np.nan),
        "currency": np.full(len(values), own, dtype=object),
    }  # fmt: skip


def _trim(rows: pd.DataFrame, cube: Cubes, today: date) -> pd.DataFrame:
    """Keep the long history in coarse grains, the largest markets by day, and mark the period still running."""
    oldest = {"day": DAYS_KEPT, "week": 7 * WEEKS_KEPT}
    age = (pd.Timestamp(today) - rows["day"]).dt.days
    keep = age < rows["grain"].map(oldest).fillna(np.inf)
    top = cube.money.groupby("market")["orders"].sum().nlargest(MARKETS_BY_DAY).index
    keep &= (rows["grain"] != "day") | rows["market"].isna() | rows["market"].isin(top)
    running = {
        grain: first_day(pd.Series([pd.Timestamp(today)]), grain).iloc[0]
        for grain, last in (("week", today + timedelta(days=1)), ("month", today + timedelta(days=1)))
        if first_day(pd.Series([pd.Timestamp(last)]), grain).iloc[0]
        == first_day(pd.Series([pd.Timestamp(today)]), grain).iloc[0]
    }
    rows["why"] = np.where(rows["day"] == rows["grain"].map(running), "period_running", "")
    kept: pd.DataFrame = rows[keep][list(COLUMNS)].reset_index(drop=True)
    return kept


__all__ = ["COLUMNS", "CUTS", "DAILY", "GRAINS", "Cubes", "cubes", "first_day", "history", "spread_spend"]
