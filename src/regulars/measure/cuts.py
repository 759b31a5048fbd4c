"""Sales by segment, product, partner, channel and market: sums that add up over days, for any span of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from regulars.lake.frames import to_arrow
from regulars.measure.buyers import period_of
from regulars.measure.sales import fact

NAMES: Final = ("channel", "market", "segment", "product", "partner")
# What has no segment: sales to nobody known, and customers no model has seen yet.
UNKNOWN: Final = "unknown"


def segments_of(scores: Any) -> pa.Table:
    """The newest ``segment`` of every customer: ``person, segment``."""
    given = to_arrow(scores)
    own = given.filter(pc.equal(given["name"], "segment")).select(["customer", "label", "made_at"])
    own = own.filter(pc.is_valid(own["label"]))
    frame = own.to_pandas().sort_values("made_at", kind="stable").drop_duplicates("customer", keep="last")
    return pa.table(
        {"person": pa.array(frame["customer"], pa.string()), "segment": pa.array(frame["label"], pa.string())}
    )


def sold(facts: Mapping[str, Any], today: date) -> Any:
    """Rows of orders that count: ``customer, day, channel, market, currency, revenue, one`` (1 sale, -1 voided)."""
    orders = fact(facts, "orders", today)
    paid = (orders.status == "paid") & (orders.kind == "sale")
    undone = (orders.status == "paid") & (orders.kind == "void") & (orders.amount < 0)
    return orders.select(
        "customer", "day", "channel", "market", "currency", revenue=orders.amount,
        one=paid.cast("int64") - undone.cast("int64"),
    )  # fmt: skip


def by_segment(facts: Mapping[str, Any], scores: Any, today: date) -> Any:
    """``sold`` with the customer's newest ``segment``."""
    rows = sold(facts, today)
    labels = ibis.memtable(segments_of(scores))
    joined = rows.left_join(labels, rows.customer == labels.person)
    return joined.mutate(segment=ibis.coalesce(joined.segment, ibis.literal(UNKNOWN))).select(*rows.columns, "segment")


def by_product(facts: Mapping[str, Any], today: date) -> Any:
    """Lines of goods: ``customer, product, day, currency, revenue, order``; postage and fees are no product.

    ``order`` is the order a sold line is on, null on money back, so that orders are counted once.
    """
    lines = fact(facts, "order_lines", today)
    goods = lines.filter(lines.goods)
    return goods.select(
        "customer", "product", "day", "currency", revenue=goods.amount,
        order=ibis.ifelse(goods.kind == "sale", goods.source + "/" + goods.order_id, ibis.null("string")),
    )  # fmt: skip


def by_partner(money: pd.DataFrame, sellers: pd.DataFrame) -> pd.DataFrame:
    """Daily sums with the ``partner`` whose agreement names their channel, market and day.

    ``sellers`` as ``tables.MEASURING["partners"]``; a null market is every market. Where two agreements name the same
    sales, the one for that market counts, then the one that began first: no sale is counted twice.
    """
    rows = money.reset_index(drop=True)
    partner = pd.Series(None, index=rows.index, dtype=object)
    days = pd.to_datetime(rows["day"])
    ranked = sellers.assign(wide=sellers["market"].isna())
    narrow_first = ranked.sort_values(["wide", "start", "partner"], kind="stable")
    for s in narrow_first.to_dict("records"):
        own = partner.isna() & (rows["channel"] == s["channel"]) & (days >= pd.Timestamp(s["start"]))
        if not s["wide"]:
            own &= rows["market"] == s["market"]
        if not pd.isna(s["end"]):
            own &= days <= pd.Timestamp(s["end"])
        partner[own] = s["partner"]
    return rows.assign(partner=partner).dropna(subset=["partner"])


def spans(today: date, days: int) -> dict[str, tuple[date, date]]:
    """The last ``days`` days, as many before, and the same a year (52 whole weeks) ago; both ends included.

    >>> spans(date(2026, 3, 31), 90)["last"]
    (datetime.date(2026, 1, 1), datetime.date(2026, 3, 31))
    """
    first = today - timedelta(days=days - 1)
    back = {"last": 0, "before": days, "year_before": 364}
    return {name: (first - timedelta(days=n), today - timedelta(days=n)) for name, n in back.items()}


def span_sums(rows: Any, cut: str, today: date, days: int) -> pd.DataFrame:
    """``cut, currency`` and ``revenue_<span>, orders_<span>`` of each of ``spans``: one query."""
    sums: dict[str, Any] = {}
    for name, (first, last) in spans(today, days).items():
        inside = (rows.day >= ibis.literal(first)) & (rows.day <= ibis.literal(last))
        sums[f"revenue_{name}"] = ibis.coalesce(rows.revenue.sum(where=inside), ibis.literal(0))
        sums[f"orders_{name}"] = ibis.coalesce(_orders(rows, inside), ibis.literal(0))
    found: pd.DataFrame = rows.group_by([cut, "currency"]).aggregate(**sums).to_pyarrow().to_pandas()
    return found.dropna(subset=[cut])


def period_sums(rows: Any, cut: str, grain: str, opened: date) -> pd.DataFrame:
    """``cut, currency, period, revenue, orders`` of one grain: one query."""
    period = ibis.literal(opened) if grain == "all" else period_of(rows.day, grain)
    grouped = rows.mutate(period=period).group_by([cut, "currency", "period"])
    found: pd.DataFrame = grouped.aggregate(
        revenue=lambda t: t.revenue.sum(), orders=lambda t: _orders(t, None)
    ).to_pyarrow().to_pandas()  # fmt: skip
    found["period"] = pd.to_datetime(found["period"]).dt.as_unit("s")
    return found.dropna(subset=[cut])


def _orders(rows: Any, inside: Any) -> Any:
    """Orders are added where rows are orders, and counted once each where rows are lines."""
    return rows.order.nunique(where=inside) if "order" in rows.columns else rows.one.sum(where=inside)
