"""Where sales come from: the last ninety days by channel, market, segment, product and partner, beside two others."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from regulars.measure.cubes import first_day
from regulars.measure.cut_people import cut_people
from regulars.measure.cuts import (
    by_partner,
    by_product,
    by_segment,
    period_sums,
    segments_of,
    sold,
    span_sums,
    spans,
)
from regulars.measure.view import View

DAYS: Final = 90
LISTED: Final = 20
MONTHS: Final = 25


@dataclass(frozen=True)
class CutRow:
    """One value of a cut; money in minor units. ``before`` are the ninety days before the last, ``year_before``
    the same days 52 weeks ago, None where the company was not there yet; ``months`` is (first day, revenue, orders).
    ``buyers`` are known by name, ``again`` the share of them with two orders or more in these days, ``new`` the share
    of the revenue from customers won in them, ``refunded`` of the money taken that went back; None where not known.
    """

    key: str
    revenue: int
    orders: int
    share: float | None
    revenue_before: int | None
    revenue_year_before: int | None
    orders_before: int | None
    orders_year_before: int | None
    months: tuple[tuple[str, int, int], ...]
    buyers: int | None = None
    again: float | None = None
    new: float | None = None
    refunded: float | None = None


@dataclass(frozen=True)
class KeyFiguresBoard:
    """``cuts`` by name: the largest first; ``limits`` say which cuts cannot be made and why."""

    days: int
    since: str
    until: str
    currency: str
    cuts: dict[str, tuple[CutRow, ...]]
    others: dict[str, int]
    limits: tuple[str, ...]


def key_figures_board(view: View) -> KeyFiguresBoard | None:
    """The cuts of this turn in the company's own currency; None while nothing was sold."""
    if view.cube.money.empty:
        return None
    currency = view.settings.currency
    found: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {cut: _of_cube(view, cut) for cut in ("channel", "market")}
    limits = []
    sellers = view.book["partners"].to_pandas() if "partners" in view.book else pd.DataFrame()
    if sellers.empty:
        limits.append("no_partner_in_orders")
    else:
        found["partner"] = _of_sums(by_partner(view.cube.money, sellers), "partner", view)
    if segments_of(view.scores).num_rows:
        found["segment"] = _asked(by_segment(view.facts, view.scores, view.today), "segment", view)
    else:
        limits.append("no_segment_yet")
    found["product"] = _asked(by_product(view.facts, view.today), "product", view)
    if found["product"][0].empty:
        limits.append("no_order_lines")
    cuts, others = {}, {}
    for cut, (spanned, months) in found.items():
        own = spanned[spanned["currency"] == currency]
        rows = _rows(own, months[months["currency"] == currency], cut, view, _people(view, cut))
        if rows:
            cuts[cut] = rows
            others[cut] = max(0, int((own["revenue_last"] != 0).sum()) - LISTED)
    since, until = spans(view.today, DAYS)["last"]
    return KeyFiguresBoard(
        DAYS, since.isoformat(), until.isoformat(), currency, cuts, others, tuple(limits)
    )  # fmt: skip


def _people(view: View, cut: str) -> pd.DataFrame | None:
    """Who bought in the last ninety days; None for partners, whose agreements name sales and not people."""
    won = view.cube.expressions.get("won")
    if cut == "partner" or won is None:
        return None
    if cut == "segment":
        rows = by_segment(view.facts, view.scores, view.today)
    else:
        rows = by_product(view.facts, view.today) if cut == "product" else sold(view.facts, view.today)
    return cut_people(rows, won, cut, spans(view.today, DAYS)["last"], view.settings.currency)


def _of_cube(view: View, cut: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Channel and market are columns of the daily sums already."""
    return _of_sums(view.cube.money.dropna(subset=[cut]), cut, view)


def _of_sums(money: pd.DataFrame, cut: str, view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sums by span and by month of daily sums."""
    parts = {}
    for name, (first, last) in spans(view.today, DAYS).items():
        inside = money[(money["day"] >= pd.Timestamp(first)) & (money["day"] <= pd.Timestamp(last))]
        sums = inside.groupby([cut, "currency"])[["revenue", "orders"]].sum()
        parts[f"revenue_{name}"], parts[f"orders_{name}"] = sums["revenue"], sums["orders"]
    spanned = pd.DataFrame(parts).fillna(0).reset_index()
    month = first_day(money["day"], "month").rename("period")
    return spanned, money.groupby([cut, "currency", month])[["revenue", "orders"]].sum().reset_index()


def _asked(rows: Any, cut: str, view: View) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sums by span, and by month of the largest only."""
    spanned = span_sums(rows, cut, view.today, DAYS)
    own = spanned[spanned["currency"] == view.settings.currency]
    top = own.nlargest(LISTED, "revenue_last")[cut].tolist()
    if not top:
        return spanned, pd.DataFrame(columns=[cut, "currency", "period", "revenue", "orders"])
    return spanned, period_sums(rows.filter(rows[cut].isin(top)), cut, "month", view.today)


def _rows(
    spanned: pd.DataFrame, months: pd.DataFrame, cut: str, view: View, people: pd.DataFrame | None
) -> tuple[CutRow, ...]:
    own = spanned[(spanned["revenue_last"] != 0) | (spanned["orders_last"] != 0)]
    total = float(own["revenue_last"].clip(lower=0).sum())
    opened = view.cube.money["day"].min()
    # A span that began before the company did compares with nothing.
    known = {name: opened <= pd.Timestamp(first) for name, (first, _) in spans(view.today, DAYS).items()}
    recent = months[months["period"] > pd.Timestamp(view.today) - pd.DateOffset(months=MONTHS)].sort_values("period")
    course = {
        str(key): tuple(
            (pd.Timestamp(m["period"]).date().isoformat(), int(m["revenue"]), int(m["orders"]))
            for m in rows.to_dict("records")
        )
        for key, rows in recent.groupby(cut)
    }

    def of(row: dict[Hashable, Any], figure: str, span: str) -> int | None:
        return int(row[f"{figure}_{span}"]) if known[span] else None

    return tuple(
        CutRow(
            str(row[cut]), int(row["revenue_last"]), int(row["orders_last"]),
            max(float(row["revenue_last"]), 0.0) / total if total > 0 else None,
            of(row, "revenue", "before"), of(row, "revenue", "year_before"),
            of(row, "orders", "before"), of(row, "orders", "year_before"), course.get(str(row[cut]), ()),
            **_shares(people, row[cut], float(row["revenue_last"])),
        )
        for row in own.nlargest(LISTED, "revenue_last").to_dict("records")
    )  # fmt: skip


def _shares(people: pd.DataFrame | None, key: Any, revenue: float) -> dict[str, Any]:
    """Buyers and shares of one value of a cut."""
    if people is None or key not in people.index:
        return {}
    own = people.loc[key]
    buyers, gross = int(own["buyers"]), float(own["gross"])
    return {
        "buyers": buyers, "again": float(own["again"]) / buyers if buyers else None,
        "new": min(max(float(own["revenue_new"]) / revenue, 0.0), 1.0) if revenue > 0 else None,
        "refunded": float(own["refunded"]) / gross if gross > 0 else None,
    }  # fmt: skip
