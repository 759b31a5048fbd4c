"""What to change because of what happens outside, with a gain only where our own past says how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.demand_gains import Bid, best_bid, demand_worth

ACTIONS: Final = ("reprice", "raise_bid", "cut", "test", "add_channel")
# A price moves by no more than this in one step: the curve was not seen beyond.
STEP: Final = 0.1
CLEAR_GAP: Final = 0.05
DRAWS: Final = 2000


@dataclass(frozen=True)
class Proposal:
    """A change to the plan that a signal speaks for.

    ``gain`` is profit a week in minor units with its interval, None where nothing measured says how much;
    ``why`` holds reason codes with their values.
    """

    action: str
    product: str
    market: str
    watched: str
    gain: float | None
    low: float | None
    high: float | None
    currency: str
    change: float | None
    why: dict[str, Any]


def proposals(watch: Any, sold: pd.DataFrame, end: pd.Timestamp) -> tuple[Proposal, ...]:
    """Every change a fitted ``MarketWatch`` speaks for, the largest gain first, those without one last."""
    found = [
        *_of_prices(watch, sold, end),
        *_of_stock(watch, sold, end),
        *_of_ranks(watch),
        *_of_demand(watch, sold, end),
    ]
    return tuple(sorted(found, key=lambda p: (p.gain is None, -(p.gain or 0.0))))


def _each(rows: pd.DataFrame) -> Iterator[Any]:
    return iter(rows.itertuples())


def _of_prices(watch: Any, sold: pd.DataFrame, end: pd.Timestamp) -> list[Proposal]:
    found = []
    curve = watch.elasticities_.set_index("product") if len(watch.elasticities_) else None
    cheapest = watch.gaps_.sort_values("theirs").drop_duplicates(["product", "market"])
    for g in _each(cheapest):
        weekly = _weekly(watch, sold, end, g.product, g.market, g.currency)
        why: dict[str, Any] = {"price_gap": f"{g.gap:.4f}", "gap_days": int(g.days)}
        best = None
        if curve is not None and g.product in curve.index and curve.loc[g.product, "known"]:
            e, low, high = (float(curve.loc[g.product, c]) for c in ("elasticity", "low", "high"))
            why |= {"elasticity": f"{e:.2f}", "elasticity_low": f"{low:.2f}", "elasticity_high": f"{high:.2f}"}
            best = _best_price(watch, weekly, e, (high - low) / 3.29)
        if best is not None:
            change, value, low, high = best
            found.append(Proposal("reprice", g.product, g.market, g.watched, value, low, high, g.currency, change,
                                  {**why, "not_a_proof": None}))  # fmt: skip
        elif abs(g.gap) >= CLEAR_GAP:
            why["cannot_say_gain"] = None
            found.append(Proposal("test", g.product, g.market, g.watched, None, None, None, g.currency,
                                  -STEP if g.gap > 0 else STEP, why))  # fmt: skip
    return found


def _best_price(watch: Any, weekly: float, elasticity: float, se: float) -> tuple[float, float, float, float] | None:
    """The price step within ``STEP`` that earns most, if it earns in nine worlds of ten; else None.

    ``profit(x) = R (1 + x)^e (1 + x - cost)`` with weekly sales R and the cost share of today's price.
    """
    draws = np.random.default_rng(watch.seed).normal(elasticity, se, DRAWS)
    steps = np.array([s for s in np.linspace(-STEP, STEP, 21) if abs(s) > 1e-9])
    factor = (1 + steps)[:, None] ** draws[None, :]
    gains = weekly * (factor * (1 + steps - (1 - watch.margin))[:, None] - watch.margin)
    low, high = np.quantile(gains, [0.5 - watch.level / 2, 0.5 + watch.level / 2], axis=1)
    at = int(np.argmax(np.where(low > 0, gains.mean(axis=1), -np.inf)))
    if low[at] <= 0:
        return None
    return float(steps[at]), float(gains[at].mean()), float(low[at]), float(high[at])


def _of_stock(watch: Any, sold: pd.DataFrame, end: pd.Timestamp) -> list[Proposal]:
    found = []
    for s in _each(watch.stock_[watch.stock_["out"].astype(bool)]):
        own = sold[sold["product"] == s.product]
        coin = str(own["currency"].iloc[-1]) if len(own) else ""
        why: dict[str, Any] = {"competitor_out": (end - s.since).days + 1}
        gain: list[float | None] = [None, None, None]
        bid = None
        if s.lift is not None and not np.isnan(s.lift) and s.lift_low > 0:
            bid = _bid(watch, own, end, s.product, s.market, coin, (s.lift, s.lift_low, s.lift_high))
        if bid is not None:
            gain = [bid.gain, bid.low, bid.high]
            why |= {"stock_out_lift": f"{s.lift:.4f}", "bid_channel": bid.channel, "bid_extra": round(bid.extra)}
        elif s.lift is not None and not np.isnan(s.lift) and s.lift_low > 0:
            weekly = watch.margin * _weekly(watch, own, end, s.product, s.market, coin)
            gain = [weekly * lift for lift in (s.lift, s.lift_low, s.lift_high)]
            why["stock_out_lift"] = f"{s.lift:.4f}"
        else:
            why["cannot_say_gain"] = None
        found.append(Proposal("raise_bid", s.product, s.market, s.watched, gain[0], gain[1], gain[2], coin, None, why))
    return found


def _of_ranks(watch: Any) -> list[Proposal]:
    rows = watch.ranks_[watch.ranks_["notable"].astype(bool) & (watch.ranks_["watched"] == "")]
    return [Proposal("test", r.product, r.market, "", None, None, None, "", None,
                     {"rank_moved": f"{r.move:+.0f}", "cannot_say_gain": None})
            for r in _each(rows) if r.move > 0]  # fmt: skip


def _bid(
    watch: Any, own: pd.DataFrame, end: pd.Timestamp, product: str, market: str, coin: str,
    lift: tuple[float, float, float],
) -> Bid | None:  # fmt: skip
    """What the channel with the best curve earns by more spend on the part of the business that is asked for more."""
    whole = watch.revenue_ or 0.0
    if whole <= 0:
        return None
    part = _weekly(watch, own, end, product, market, coin) * 4
    return best_bid(watch.responses_, min(part / whole, 1.0), lift, level=watch.level, seed=watch.seed)


def _of_demand(watch: Any, sold: pd.DataFrame, end: pd.Timestamp) -> list[Proposal]:
    served = set(sold["market"])
    found = []
    for d in _each(watch.demand_[watch.demand_["notable"].astype(bool)]):
        action = "cut" if d.change < 0 else "raise_bid" if not d.market or d.market in served else "add_channel"
        if d.change < 0 and d.market and d.market not in served:
            continue
        why: dict[str, Any] = {"demand_change": f"{d.change:.4f}", "demand_low": f"{d.low:.4f}",
                               "demand_high": f"{d.high:.4f}"}  # fmt: skip
        own = sold[sold["product"] == d.product] if d.product else sold
        own = own[own["market"] == d.market] if d.market else own
        coin = str(own["currency"].iloc[-1]) if len(own) else ""
        gain, more = _priced(watch, own, end, d, action, coin)
        found.append(Proposal(action, d.product, d.market, "", *gain, coin if gain[0] is not None else "", None,
                              {**why, **more}))  # fmt: skip
    return found


def _priced(
    watch: Any, own: pd.DataFrame, end: pd.Timestamp, d: Any, action: str, coin: str
) -> tuple[tuple[float | None, float | None, float | None], dict[str, Any]]:
    """What a demand signal is worth: first what sales have moved with it, then what more spend would add to that."""
    nothing: dict[str, Any] = {"cannot_say_gain": None}
    if own.empty or action == "add_channel":
        return (None, None, None), nothing
    index = watch.index_[(watch.index_["product"] == d.product) & (watch.index_["market"] == d.market)]
    amounts = own[own["currency"] == coin]
    weekly = watch.margin * float(amounts.loc[amounts["day"] > end - pd.Timedelta(days=28), "amount"].sum()) / 4
    units = own.groupby("day")["quantity"].sum()
    worth = demand_worth(index, units, weekly, (d.change, d.low, d.high), watch.level)
    if worth is None or weekly <= 0:
        return (None, None, None), nothing
    told = {"demand_worth": round(worth[0])}
    if action == "cut":
        return (None, None, None), told | nothing
    lift = (worth[0] / weekly, worth[1] / weekly, worth[2] / weekly)
    bid = _bid(watch, own, end, d.product, d.market, coin, lift)
    if bid is None:
        return (None, None, None), told | nothing
    return (bid.gain, bid.low, bid.high), told | {"bid_channel": bid.channel, "bid_extra": round(bid.extra)}


def _weekly(watch: Any, sold: pd.DataFrame, end: pd.Timestamp, product: str, market: str, coin: str) -> float:
    """What the product sells a week now, in minor units."""
    own = sold[sold["currency"] == coin]
    own = own[own["product"] == product] if product else own
    own = own[own["market"] == market] if market else own
    recent = own[own["day"] > end - pd.Timedelta(days=watch.window_days)]
    return float(recent["amount"].sum() * 7 / watch.window_days)
