"""What one more order of a person would bring: their usual order, made sober, and how their market answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Array = NDArray[np.float64]
WINDOW_DAYS: Final = 28
# One order seen counts as much as the company's mean counts by itself.
_LEAN: Final = 1.0
_TREATED: Final = ("sent", "sandboxed", "failed", "unknown", "bounced", "unsubscribed")
FEWEST_HELD: Final = 10


def sober(profile: pa.Table, scores: pa.Table, people: pa.Table, facts: Mapping[str, Any]) -> pa.Table:
    """The profiles with ``aov`` as the money an extra order brings, in the market the person works in.

    Formula: (n aov + mean) / (n + 1) for n orders; the mean alone for people with a contract, whose invoices say
    nothing of what they order besides, and for those who never ordered; times the market's answer to messages
    relative to all markets (``answers``).
    """
    keys = profile.column("customer")
    aov = np.asarray(profile.column("aov").cast(pa.float64()).to_numpy(), dtype=float)
    count = _figure(scores, "orders", keys)
    contract = _contracts(facts, keys)
    own = np.isfinite(aov) & (aov > 0) & ~contract
    if not own.any():
        return profile
    mean = float(np.average(aov[own], weights=np.nan_to_num(count[own], nan=1.0)))
    n = np.where(own, np.nan_to_num(count, nan=1.0), 0.0)
    size = (n * np.where(own, aov, 0.0) + _LEAN * mean) / (n + _LEAN)
    told = answers(facts) if "market" in people.column_names else {}
    if not told:
        return profile.set_column(profile.schema.get_field_index("aov"), "aov", pa.array(size))
    markets = people.column("market").take(pc.index_in(keys, value_set=people.column("customer").combine_chunks()))
    size = size * np.array([told.get(m, 1.0) for m in markets.to_pylist()])
    return profile.set_column(profile.schema.get_field_index("aov"), "aov", pa.array(size))


def answers(facts: Mapping[str, Any]) -> dict[str, float]:
    """How much more people of each market buy for a message, against all markets; shrunk to 1 by its scatter.

    Formula: with d_m the difference in the share who bought within 28 days between people written to and people held
    back, v_m its variance and D the pooled difference, the answer is (D + w_m (d_m - D)) / D, w_m = t / (t + v_m), and
    t the variance between markets by the method of moments (DerSimonian and Laird, 1986).
    """
    rows = _arms(facts)
    if rows is None:
        return {}
    found: dict[str, tuple[float, float]] = {}
    for market in sorted({r["market"] for r in rows}):
        arms = {r["held"]: (r["people"], r["buyers"]) for r in rows if r["market"] == market}
        if len(arms) < 2 or arms[1][0] < FEWEST_HELD:
            continue
        # Half a buyer on either side keeps a small arm without buyers from looking certain.
        share = {held: (b + 0.5) / (n + 1.0) for held, (n, b) in arms.items()}
        variance = sum(share[h] * (1 - share[h]) / arms[h][0] for h in (0, 1))
        found[market] = (share[0] - share[1], variance)
    if len(found) < 3:
        return {}
    d, v = (np.array(x) for x in zip(*found.values(), strict=True))
    w = 1 / v
    pooled = float((w * d).sum() / w.sum())
    # Without a clear effect in all there is nothing to compare.
    if pooled <= 1.5 / np.sqrt(w.sum()):
        return {}
    spread = float((w * (d - pooled) ** 2).sum()) - (len(d) - 1)
    between = max(0.0, spread / float(w.sum() - (w**2).sum() / w.sum()))
    factor = np.maximum((pooled + between / (between + v) * (d - pooled)) / pooled, 0.1)
    return dict(zip(found, factor.tolist(), strict=True))


def _arms(facts: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """People and buyers by market and arm."""
    messages, orders = facts.get("messages"), facts.get("orders")
    if messages is None or orders is None or not hasattr(messages, "to_pyarrow"):
        return None
    m = messages.filter(
        messages.plan.notnull() & messages.market.notnull() & messages.state.isin((*_TREATED, "holdout"))
    )
    m = m.group_by(["plan", "action", "customer", "market"]).aggregate(
        held=(m.state == "holdout").cast("int64").max(), start_s=m.at.epoch_seconds().min()
    )
    o = orders.filter((orders.kind == "sale") & (orders.status == "paid"))
    o = o.select(buyer=o.customer, sold_s=o.at.epoch_seconds())
    both = m.left_join(o, [m.customer == o.buyer, o.sold_s > m.start_s, o.sold_s <= m.start_s + WINDOW_DAYS * 86_400])
    each = both.group_by(["plan", "action", "customer", "market", "held"]).aggregate(
        bought=both.buyer.notnull().cast("int64").max()
    )
    sums = each.group_by(["market", "held"]).aggregate(people=each.count(), buyers=each.bought.sum())
    return sorted(sums.to_pyarrow().to_pylist(), key=lambda r: (r["market"], r["held"]))


def _figure(scores: pa.Table, name: str, keys: Any) -> Array:
    rows = scores.filter(pc.equal(scores.column("name"), name))
    at = pc.index_in(keys, value_set=rows.column("customer").combine_chunks().cast(keys.type))
    return np.asarray(rows.column("value").take(at).cast(pa.float64()).to_numpy(), dtype=float)


def _contracts(facts: Mapping[str, Any], keys: Any) -> NDArray[np.bool_]:
    subscriptions = facts.get("subscriptions")
    if subscriptions is None or not hasattr(subscriptions, "to_pyarrow"):
        return np.zeros(len(keys), dtype=bool)
    known = subscriptions.select("customer").distinct().to_pyarrow().column("customer").combine_chunks()
    return np.asarray(pc.is_in(keys, value_set=known.cast(keys.type)).to_numpy(zero_copy_only=False), dtype=bool)
