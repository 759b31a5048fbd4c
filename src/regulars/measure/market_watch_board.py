"""What happens outside, and what it speaks for: prices, stock, ranks, voice, demand and news beside our sales."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.demand_gains import response_rows
from regulars.measure.market_watch import MarketWatch
from regulars.measure.sales import fact
from regulars.measure.view import View

# Two years teach how sales move with a price gap; more would be another market.
HISTORY_DAYS: Final = 730
NEWS: Final = 30
DRAWN_DAYS: Final = 180
SERIES: Final = 8
LISTED: Final = 30


@dataclass(frozen=True)
class MarketWatchBoard:
    """Rows of the frames of ``MarketWatch`` as dictionaries; ``prices`` are (watched, product, day, price) to draw."""

    signals: int
    gaps: tuple[dict[str, Any], ...]
    elasticities: tuple[dict[str, Any], ...]
    stock: tuple[dict[str, Any], ...]
    ranks: tuple[dict[str, Any], ...]
    voice: tuple[dict[str, Any], ...]
    demand: tuple[dict[str, Any], ...]
    news: tuple[dict[str, Any], ...]
    prices: tuple[dict[str, Any], ...]
    proposals: tuple[dict[str, Any], ...]
    made_by: str = "market_watch/1"


def market_watch_board(view: View) -> MarketWatchBoard | None:
    """The board of this turn; None while there is no signal."""
    signals = view.book["signals"].to_pandas()
    if signals.empty:
        return None
    signals["at"] = pd.to_datetime(signals["at"], utc=True).dt.tz_convert(view.settings.tz).dt.tz_localize(None)
    found = MarketWatch(margin=view.settings.margin).fit(
        signals, _sales(view, signals), until=view.today,
        responses=response_rows(view.kpis, view.cube.spend, pd.Timestamp(view.today), view.settings.currency),
        revenue=_revenue(view),
    )  # fmt: skip
    return MarketWatchBoard(
        len(signals), _top(found.gaps_), _top(found.elasticities_), _top(found.stock_), _top(found.ranks_),
        _top(found.voice_), _top(found.demand_),
        _news(signals), _prices(signals, view.today), tuple(_plain(asdict(p)) for p in found.proposals_[:LISTED]),
    )  # fmt: skip


def _revenue(view: View) -> float:
    """What the company sold in the last four weeks."""
    money = view.cube.money
    recent = money[(money["day"] > pd.Timestamp(view.today) - pd.Timedelta(days=28))
                   & (money["currency"] == view.settings.currency)]  # fmt: skip
    return float(recent["revenue"].sum())


def _top(rows: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    return _records(rows.head(LISTED))


def _sales(view: View, signals: pd.DataFrame) -> pd.DataFrame:
    """Daily sales of the products that are watched, and of every market where demand is: summed by the engine."""
    lines = fact(view.facts, "order_lines", view.today)
    watched = sorted(set(signals["product"].dropna()) - {""})
    lines = lines.filter(lines.goods & (lines.day >= view.today - timedelta(days=HISTORY_DAYS)))
    lines = lines.filter(lines["product"].isin(watched)) if watched else lines.limit(0)
    orders = fact(view.facts, "orders", view.today).filter(lambda t: t.kind == "sale")
    orders = orders.select(of=orders.source, key=orders.id, market=orders.market)
    both = lines.left_join(orders, [lines.source == orders.of, lines.order_id == orders.key])
    sums = both.group_by(["day", "product", "market", "currency"]).aggregate(
        quantity=both.quantity.sum(), amount=both.amount.sum()
    )
    frame: pd.DataFrame = sums.to_pyarrow().to_pandas()
    # Markets we sell in count as served even where no watched product is sold there.
    money = view.cube.money
    served = pd.DataFrame({"market": sorted(set(money["market"].dropna()) - set(frame["market"].dropna()))})
    served = served.assign(day=pd.Timestamp(view.today), product="", currency=view.settings.currency, quantity=0.0,
                           amount=0)  # fmt: skip
    return pd.concat([frame, served], ignore_index=True) if len(frame) else served


def _news(signals: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    rows = signals[signals["title"].fillna("").ne("") & signals["kind"].isin(["news", "mention"])]
    rows = rows.sort_values("at", ascending=False).head(NEWS)
    return _records(rows[["at", "watched", "title", "link", "source"]])


def _prices(signals: pd.DataFrame, today: Any) -> tuple[dict[str, Any], ...]:
    """The prices of the series seen most often, one a day."""
    rows = signals[(signals["kind"] == "price") & (signals["at"] > pd.Timestamp(today) - pd.Timedelta(days=DRAWN_DAYS))]
    keys = ["watched", "product", "currency"]
    rows = rows.assign(day=rows["at"].dt.date, **{k: rows[k].fillna("") for k in keys})
    top = rows.groupby(keys).size().nlargest(SERIES).index
    rows = rows[pd.MultiIndex.from_frame(rows[keys]).isin(top)] if len(rows) else rows
    last = rows.sort_values("at").drop_duplicates([*keys, "day"], keep="last")
    return _records(last[[*keys, "day", "value"]])


def _records(rows: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    return tuple(_plain(row) for row in rows.to_dict("records"))


def _plain(row: Any) -> dict[str, Any]:
    """Values JSON can carry."""
    return {str(k): _value(v) for k, v in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        return _plain(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
