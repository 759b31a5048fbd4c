"""The next product of every customer, with its chance and reason, and of every segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.understand.cards import ModelCard
from regulars.understand.cross_sell import VERSION, CrossSell
from regulars.understand.next_orders import billed
from regulars.understand.popularity import Popularity
from regulars.understand.purchase_lines import Purchases
from regulars.understand.recommend import Eligibility, repeatable, suggestions
from regulars.understand.view import View

HORIZONS = (30, 90)
LEAST_CASES = 100
FEATURES, SAMPLE = 16, 6_000


@dataclass(frozen=True)
class SegmentOffer:
    """The products most often next in a segment: (product, people, mean chance, times the mean of everybody)."""

    segment: str
    people: int
    offers: tuple[tuple[str, int, float, float], ...]


@dataclass(frozen=True)
class Offers:
    """``table``: customer, product, chance, low, high, why, made_by."""

    table: pa.Table
    segments: tuple[SegmentOffer, ...]
    horizon_days: int
    left_out: dict[str, int]
    nothing_left: int
    limits: tuple[str, ...]
    card: ModelCard | None


def offers(view: View, bought: Purchases, renews: NDArray[np.bool_], today: int) -> Offers:
    """Who bought gets their likeliest product; who has not gets what sells to people of their channel."""
    known = bought.known()
    recent = int((known.day > today - HORIZONS[0]).sum())
    horizon = HORIZONS[0] if recent >= LEAST_CASES else HORIZONS[1]
    model = CrossSell(horizon_days=horizon, max_features=FEATURES, max_people=SAMPLE).fit_purchases(known, today)
    newcomers = _newcomers(view, known)
    if not model.models_:
        return Offers(newcomers, (), horizon, {}, 0, model.limits_, None)
    chance, people, owned = model.chances()
    again = repeatable(known.who, known.what, known.day, len(known.products)) & ~renews
    rules = Eligibility(
        not_for_sale={known.products[i] for i in np.flatnonzero(billed(known, renews))},
        repeatable={known.products[i] for i in np.flatnonzero(again)},
    )
    found = suggestions(people, model.targets_, chance, owned, rules)
    at = np.flatnonzero(found.top[:, 0] >= 0) if found.top.shape[1] else np.empty(0, dtype=np.int64)
    item = found.top[at, 0] if len(at) else at
    names = pa.array(known.products, pa.string())
    low, high, reason = model.explained(at, item)
    because = pc.binary_join_element_wise("because_bought", names.take(pa.array(reason, mask=reason < 0)), "=")
    table = pa.table(
        {
            "customer": found.table["customer"], "product": found.table["product"], "chance": chance[at, item],
            "low": low, "high": high,
            "why": pc.binary_join_element_wise(
                f"within_days={horizon}", pc.fill_null(because, "usual_rhythm"), ";"),
            "made_by": pa.repeat(VERSION, len(at)),
        }
    )  # fmt: skip
    left = {k: v for k, v in found.left_out.items() if v}
    return Offers(
        pa.concat_tables([table, newcomers]), _segments(view, table), horizon, left, found.nothing_left, model.limits_,
        model.card_,
    )  # fmt: skip


def _segments(view: View, table: pa.Table, most: int = 3) -> tuple[SegmentOffer, ...]:
    """The next products of each rule segment, most people first."""
    mine = view.scores.filter(pc.equal(view.scores["name"], "segment")).select(["customer", "label"])
    if mine.num_rows == 0 or table.num_rows == 0:
        return ()
    mine = pa.table({"customer": mine["customer"].cast(pa.string()), "segment": mine["label"].cast(pa.string())})
    frame = table.join(mine, "customer", join_type="inner")
    everybody = float(np.mean(table["chance"].to_numpy()))
    by = frame.group_by(["segment", "product"]).aggregate([("chance", "count"), ("chance", "mean")])
    sizes: dict[str, int] = {}
    rows: dict[str, list[tuple[str, int, float, float]]] = {}
    for r in by.to_pylist():
        sizes[r["segment"]] = sizes.get(r["segment"], 0) + r["chance_count"]
        entry = (r["product"], r["chance_count"], r["chance_mean"], r["chance_mean"] / max(everybody, 1e-12))
        rows.setdefault(r["segment"], []).append(entry)
    return tuple(
        SegmentOffer(name, sizes[name], tuple(sorted(rows[name], key=lambda o: (-o[1], o[0]))[:most]))
        for name in sorted(sizes, key=lambda s: (-sizes[s], s))
    )


def _newcomers(view: View, known: Purchases) -> pa.Table:
    """People without a purchase: what sells to customers who came the same way, drawn towards everybody's taste."""
    empty = {"customer": pa.string(), "product": pa.string(), "chance": pa.float64(), "low": pa.float64(),
             "high": pa.float64(), "why": pa.string(), "made_by": pa.string()}  # fmt: skip
    channels = dict(zip(view.people["customer"].to_pylist(), view.people["channel"].to_pylist(), strict=True))
    first = _firsts(known)
    came = [channels.get(known.people[i]) or None for i in known.who[first]]
    buyers = set(known.people)
    fresh = [c for c in channels if c not in buyers]
    if not len(first) or not fresh:
        return pa.schema(list(empty.items())).empty_table()
    names = pa.array(known.products, pa.string())
    lines = {"product": names.take(pa.array(known.what[first])), "channel": pa.array(came, pa.string())}
    model = Popularity(by="channel").fit(pa.table(lines))
    top: dict[Any, str] = {g: model.top(g, 1)[0][0] for g in (None, *model.groups_)}
    product = [top.get(channels[c] or None, top[None]) for c in fresh]
    why = [f"popular_in={channels[c]}" if channels[c] in top and channels[c] else "popular" for c in fresh]
    nothing = pa.nulls(len(fresh), pa.float64())
    made = pa.repeat("popularity/1", len(fresh))
    return pa.table([fresh, product, nothing, nothing, nothing, why, made], schema=pa.schema(list(empty.items())))


def _firsts(known: Purchases) -> NDArray[np.int64]:
    """The rows of everybody's first day: what newcomers will be doing."""
    order = np.lexsort((known.day, known.who))
    who, day = known.who[order], known.day[order]
    start = np.searchsorted(who, who)
    return order[day == day[start]] if len(order) else order
