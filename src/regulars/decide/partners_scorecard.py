"""How each partner did in the last year: deals, revenue, margin, payment, satisfaction; few deals say little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from regulars.decide.agreements import Agreement
from regulars.decide.commission import Commission
from regulars.decide.commission_lines import Order

DAYS: Final = 365
# Deals whose weight the belief about all partners has against a partner's own.
PRIOR_DEALS: Final = 10.0
# From these scores on somebody is satisfied.
SATISFIED: Final = {"csat": 4.0, "review": 4.0, "nps": 7.0}


@dataclass(frozen=True)
class Share:
    """``good`` of ``of``, and what to believe of it: the share drawn towards that of all partners, with 90 % limits."""

    good: int
    of: int
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scorecard:
    """One partner over the last ``DAYS`` days; money in minor units.

    ``margin`` is what is left of its revenue after goods and commission; ``kept`` the orders nobody sent back,
    ``on_time`` the payments that came by their day, ``satisfied`` the answers of its customers. ``quality`` is the
    mean of the three, ``belief`` delivered over promised revenue drawn towards all partners (None: nothing promised).
    """

    partner: str
    deals: int
    revenue: int
    revenue_before: int
    commission: int
    margin: int
    kept: Share
    on_time: Share
    satisfied: Share
    quality: float
    belief: float | None
    months: tuple[tuple[str, int, int], ...]


def shares(counts: Sequence[tuple[int, int]]) -> list[Share]:
    """Shares of several partners, each drawn towards the share of all by as much as its few cases deserve.

    Formula: Beta-binomial with the mean of all partners together (one good and one bad case added) and the strength
    that the spread between them shows by moments, between 2 and 200; the 5 % and 95 % points of the posterior.
    Source: Efron and Morris, Journal of the American Statistical Association 70 (1975) 311-319.

    >>> few, many = shares([(2, 2), (80, 100)])
    >>> few.value < 1.0, round(many.value, 2)
    (True, 0.8)
    """
    from scipy.stats import beta

    table = np.array(counts, dtype=float).reshape(-1, 2)
    good: Any = table[:, 0]
    of: Any = table[:, 1]
    mean = (good.sum() + 1) / (of.sum() + 2)
    strength = _strength(good, of, mean)
    found = []
    for g, n in zip(good, of, strict=True):
        a, b = g + mean * strength, n - g + (1 - mean) * strength
        low, high = (float(beta.ppf(p, a, b)) for p in (0.05, 0.95))
        found.append(Share(int(g), int(n), float(a / (a + b)), low, high))
    return found


def _strength(good: Any, of: Any, mean: float) -> float:
    """Cases the common mean is worth: many where partners differ no more than chance makes them."""
    known = of > 1
    if known.sum() < 2:
        return 10.0
    seen = good[known] / of[known]
    n = float(of[known].mean())
    even = mean * (1 - mean)
    spread = float(np.average((seen - mean) ** 2, weights=of[known])) - even / n
    return float(np.clip(even / spread - 1, 2.0, 200.0)) if spread > 0 else 200.0


def scorecards(
    facts: Mapping[str, Any],
    agreements: Sequence[Agreement],
    *,
    today: date,
    margin: float,
    payments: Sequence[Mapping[str, Any]] = (),
    expected: Mapping[str, float] | None = None,
) -> list[Scorecard]:
    """One card a partner that has an agreement, from the orders of its channels and territory.

    ``margin`` is the share of an order that stays before commission, ``expected`` revenue a year by partner.
    """
    names = list(dict.fromkeys(a.partner for a in agreements))
    if not names:
        return []
    sold = _sold(facts, agreements, today)
    voices = _voices(facts, agreements, today)
    cards = [_sums(name, [a for a in agreements if a.partner == name], sold, today) for name in names]
    kept = shares([(max(c["deals"] - c["back"], 0), c["deals"]) for c in cards])
    timely = shares([_timely(name, payments, today) for name in names])
    pleased = shares([_pleased([a for a in agreements if a.partner == name], voices) for name in names])
    beliefs = _beliefs(cards, names, expected or {})
    out = []
    for k, (name, c) in enumerate(zip(names, cards, strict=True)):
        quality = float(np.mean([s[k].value for s in (kept, timely, pleased)]))
        left = round(c["revenue"] * margin) - c["commission"]
        out.append(Scorecard(name, c["deals"], c["revenue"], c["before"], c["commission"], left, kept[k], timely[k],
                             pleased[k], quality, beliefs.get(name), c["months"]))  # fmt: skip
    return out


def _sold(facts: Mapping[str, Any], agreements: Sequence[Agreement], today: date) -> pd.DataFrame:
    """``channel, market, currency, day, revenue, deals, back`` of two years: one query."""
    if "orders" not in facts:
        return pd.DataFrame(columns=["channel", "market", "currency", "day", "revenue", "deals", "back"])
    orders = facts["orders"]
    wanted = sorted({c for a in agreements for c in a.channels})
    rows = orders.filter(
        orders.channel.isin(wanted), orders.status == "paid",
        orders.day > ibis.literal(today - timedelta(days=2 * DAYS)),
        orders.day <= ibis.literal(today),
    )  # fmt: skip
    found: pd.DataFrame = (
        rows.group_by(["channel", "market", "currency", "day"])
        .aggregate(revenue=rows.amount.sum(), deals=(rows.kind == "sale").sum(), back=(rows.kind == "refund").sum())
        .to_pyarrow()
        .to_pandas()
    )
    return found


def _voices(facts: Mapping[str, Any], agreements: Sequence[Agreement], today: date) -> pd.DataFrame:
    """``channel, market, good, of``: answers of customers who bought through these channels: one query."""
    if not {"feedback", "orders"} <= set(facts):
        return pd.DataFrame(columns=["channel", "market", "good", "of"])
    said, orders = facts["feedback"], facts["orders"]
    wanted = sorted({c for a in agreements for c in a.channels})
    since = ibis.literal(today - timedelta(days=DAYS))
    buyers = orders.filter(orders.channel.isin(wanted), orders.day > since, orders.customer.notnull())
    buyers = buyers.select(buyer="customer", way="channel", place="market").distinct()
    least = ibis.cases(*((said.kind == kind, score) for kind, score in SATISFIED.items()))
    answers = said.filter(said.day > since, said.score.notnull(), said.kind.isin(list(SATISFIED)))
    answers = answers.mutate(pleased=(answers.score >= least).cast("int64"))
    joined = answers.inner_join(buyers, answers.customer == buyers.buyer)
    found: pd.DataFrame = (
        joined.group_by(["way", "place"])
        .aggregate(good=joined.pleased.sum(), of=joined.count())
        .to_pyarrow()
        .to_pandas()
    )
    return found.rename(columns={"way": "channel", "place": "market"})


def _sums(name: str, terms: Sequence[Agreement], sold: pd.DataFrame, today: date) -> dict[str, Any]:
    """Sums of the last year. Commission follows from the days' sums: it is a function of revenue alone."""
    since = today - timedelta(days=DAYS)
    total: dict[str, Any] = {"deals": 0, "revenue": 0, "before": 0, "back": 0, "commission": 0}
    months: dict[str, list[int]] = {}
    for a in terms:
        own = sold[sold["channel"].isin(list(a.channels)) & (sold["currency"] == a.currency)]
        if a.markets:
            own = own[own["market"].isin(list(a.markets))]
        days = pd.to_datetime(own["day"]).dt.date
        inside = (days >= a.start) & (days <= (a.end or today))
        last = own[inside & (days > since)]
        total["before"] += int(own[inside & (days <= since)]["revenue"].sum())
        for key in ("deals", "revenue", "back"):
            total[key] += int(last[key].sum())
        sums = own[inside].groupby(pd.to_datetime(own[inside]["day"]).dt.date)["revenue"].sum()
        where: str | None = a.markets[0] if a.markets else None
        orders = [
            Order(f"{day}", day, int(v), a.channels[0], where, a.currency)
            for day, v in zip(sums.index, sums, strict=True)
        ]
        for s in Commission(a).statements(orders, today):
            first = date(s.year, s.month, 1)
            if first > since:
                total["commission"] += s.payable
                at = months.setdefault(first.isoformat(), [0, 0])
                at[0] += s.revenue
                at[1] += s.payable
    total["months"] = tuple((month, *months[month]) for month in sorted(months))
    return total


def _timely(name: str, payments: Sequence[Mapping[str, Any]], today: date) -> tuple[int, int]:
    due = [p for p in payments if p["partner"] == name and (p["paid"] or p["due"] < today)]
    return sum(bool(p["paid"]) and p["paid"] <= p["due"] for p in due), len(due)


def _pleased(terms: Sequence[Agreement], voices: pd.DataFrame) -> tuple[int, int]:
    good = of = 0
    for a in terms:
        own = voices[voices["channel"].isin(list(a.channels))]
        if a.markets:
            own = own[own["market"].isin(list(a.markets))]
        good, of = good + int(own["good"].sum()), of + int(own["of"].sum())
    return good, of


def _beliefs(
    cards: Sequence[Mapping[str, Any]], names: Sequence[str], expected: Mapping[str, float]
) -> dict[str, float]:
    """Delivered over promised, in deals: (delivered + k pooled) / (promised + k), k = ``PRIOR_DEALS``."""
    known = [(n, c) for n, c in zip(names, cards, strict=True) if expected.get(n, 0) > 0]
    if not known:
        return {}
    promised_all = sum(expected[n] for n, _ in known)
    pooled = sum(max(c["revenue"], 0) for _, c in known) / promised_all
    found = {}
    for name, c in known:
        size = c["revenue"] / c["deals"] if c["deals"] and c["revenue"] > 0 else None
        promised = expected[name] / size if size else 0.0
        delivered = c["deals"] if size else 0
        found[name] = (delivered + PRIOR_DEALS * pooled) / (promised + PRIOR_DEALS)
    return found
