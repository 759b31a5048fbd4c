"""Ways to sell for their page: every market's options with where each figure comes from, and what turns the ranking."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa

from regulars.decide.comparisons import Doubt
from regulars.decide.flips import winner_map
from regulars.decide.modes import COSTS, CRITERIA, MODES, USUAL, ModeChoice, ModeDecision
from regulars.decide.ranking import Ranking
from regulars.decide.view import View
from regulars.tables import DECISIONS

MADE_BY: Final = "modes/1"
DAYS: Final = 365
MARKETS: Final = 12
# Shares of the weight space, and of markets, below which no change is proposed.
SURE: Final = 0.6
GRID: Final = 17
# How a channel sells, where no agreement says it.
WAYS: Final = {
    "agents": "agent", "agent": "agent", "affiliate": "agent", "partner": "reseller", "reseller": "reseller",
    "store": "direct", "offline": "direct", "sales": "direct", "events": "direct", "marketplace": "marketplace",
    "douyin": "platform", "wechat": "platform", "tmall": "marketplace", "taobao": "marketplace", "jd": "marketplace",
    "amazon": "marketplace",
}  # fmt: skip


@dataclass(frozen=True)
class MarketModes:
    """One market. ``figures`` by mode and criterion are (value, ``yours``, ``measured`` or ``assumed``); ``share`` the
    part of its revenue that each way brings now; rankings, flips and trades by ruling; ``grid`` who wins where the two
    heaviest criteria have which weight (-1: no such weights).
    """

    market: str
    revenue: int
    share: dict[str, float]
    figures: dict[str, dict[str, tuple[float, str]]]
    order: tuple[str, ...]
    scores: dict[str, dict[str, float]]
    winners: dict[str, str]
    robust: bool
    kernel: tuple[str, ...]
    flips: dict[str, dict[str, tuple[float, str]]]
    trades: dict[str, dict[str, Any] | None]
    ranks: dict[str, tuple[float, ...]]
    near: dict[str, float]
    axes: tuple[str, str]
    grid: list[list[int]]


@dataclass(frozen=True)
class ModesBoard:
    """``judgements`` as given or assumed (``said``), the weights they give, and which to think over."""

    made_by: str
    modes: tuple[str, ...]
    criteria: tuple[str, ...]
    costs: tuple[str, ...]
    weights: dict[str, float]
    consistency: float
    consistent: bool
    doubts: tuple[Doubt, ...]
    said: bool
    limit: str
    markets: tuple[MarketModes, ...]
    decisions: pa.Table | None = None


def modes_board(view: View) -> ModesBoard | None:
    """None while nothing was sold in any market and the owner wrote nothing."""
    today = view.now.astimezone(view.settings.tz).date()
    ways = channel_ways(view.book["agreements"].to_pylist())
    sold = _sold(view.facts, today, view.settings.currency)
    spent = _spent(view.facts, today, view.settings.currency)
    written = view.book["mode_figures"].to_pylist()
    names = list(sold)[:MARKETS] + [m for m in dict.fromkeys(r["market"] for r in written) if m and m not in sold]
    if not names:
        return None
    said = {(r["one"], r["other"]): r["times"] for r in view.book["mode_judgements"].to_pylist()}
    rule, limit = choice_of(said)
    weights, judged = rule.weighed()
    fees = _fees(view.book["agreements"].to_pylist())
    markets = tuple(
        _market(m, sold.get(m, {}), spent.get(m, {}), ways, fees, written, rule, view.settings.margin) for m in names
    )
    assert judged is not None
    return ModesBoard(
        MADE_BY, MODES, CRITERIA, COSTS, weights, judged.consistency_ratio, judged.consistent, judged.doubts[:3],
        bool(said) and not limit, limit, markets, _rows(view, markets),
    )  # fmt: skip


def choice_of(said: Mapping[tuple[str, str], float]) -> tuple[ModeChoice, str]:
    """The rule of these judgements; where they leave criteria uncompared, the usual ones and why."""
    rule = ModeChoice(judgements=dict(said) or None, ranking=Ranking({"any": 1.0}, draws=1500))
    try:
        weights, _ = rule.weighed()
    except ValueError:
        return ModeChoice(ranking=rule.ranking), "judgements_incomplete"
    if set(weights) != set(CRITERIA):
        return ModeChoice(ranking=rule.ranking), "judgements_incomplete"
    return rule, ""


def channel_ways(agreements: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Channel to way to sell: what agreements say, then what the name says; every other channel is the own site."""
    ways = dict(WAYS)
    for row in agreements:
        ways |= dict.fromkeys(json.loads(row["channels"]), row["mode"])
    return ways


def _fees(agreements: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Mean first commission rate by way to sell."""
    rates: dict[str, list[float]] = {}
    for row in agreements:
        rates.setdefault(row["mode"], []).append(json.loads(row["tiers"])[0][1] / 1e6)
    return {mode: sum(r) / len(r) for mode, r in rates.items()}


def _market(
    market: str, sold: Mapping[str, float], spent: Mapping[str, float], ways: Mapping[str, str],
    fees: Mapping[str, float], written: Sequence[Mapping[str, Any]], rule: ModeChoice, margin: float,
) -> MarketModes:  # fmt: skip
    revenue, cost = (dict.fromkeys(MODES, 0.0) for _ in range(2))
    for channel, amount in sold.items():
        revenue[ways.get(channel, "own_site")] += amount
    for channel, amount in spent.items():
        cost[ways.get(channel, "own_site")] += amount
    figures: dict[str, dict[str, tuple[float, str]]] = {
        mode: {c: (float(v), "assumed") for c, v in usual.items()} for mode, usual in USUAL.items()
    }
    for mode in MODES:
        if revenue[mode] > 0 and cost[mode] > 0:
            figures[mode]["cost"] = (round(100 * cost[mode] / revenue[mode], 2), "measured")
        if mode in fees:
            figures[mode]["margin"] = (round(100 * (1 - fees[mode]), 2), "measured")
    for row in sorted(written, key=lambda r: r["market"] is not None):
        if row["market"] in (None, market) and row["mode"] in figures and row["criterion"] in CRITERIA:
            figures[row["mode"]][row["criterion"]] = (float(row["value"]), "yours")
    table = {mode: {c: figures[mode][c][0] for c in CRITERIA} for mode in MODES}
    total = sum(revenue.values())
    return MarketModes(
        market, round(total), {m: v / total for m, v in revenue.items() if total > 0 and v > 0}, figures,
        **ranked(rule, table),
    )  # fmt: skip


def ranked(rule: ModeChoice, table: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """The rankings of one market as the page keeps them: the fields of ``MarketModes`` from ``order`` on."""
    plan = rule.decide(table)
    axes, grid = _map(rule, plan, table)
    return {
        "order": plan.solution, "scores": plan.scores, "winners": plan.winners, "robust": plan.robust,
        "kernel": plan.kernel,
        "flips": {key: {c: (f.change, f.winner) for c, f in found.items()} for key, found in plan.flips.items()},
        "trades": {key: None if t is None else dict(vars(t)) for key, t in plan.trades.items()},
        "ranks": plan.acceptability.ranks, "near": plan.share, "axes": axes, "grid": grid,
    }  # fmt: skip


def _map(rule: ModeChoice, plan: ModeDecision, table: Mapping[str, Mapping[str, float]]) -> tuple[tuple[str, str], Any]:
    """Who wins over the weights of the two heaviest criteria."""
    criteria = list(plan.weights)
    x, y = sorted(criteria, key=lambda c: -plan.weights[c])[:2]
    ranking = Ranking(plan.weights, [c for c in rule.costs if c in plan.weights])
    figures = np.array([[table[m][c] for c in criteria] for m in MODES], dtype=float)
    scorer = ranking.scorers(figures)[0][ranking.ruling]
    w = np.array(list(plan.weights.values()))
    return (x, y), winner_map(scorer, w, criteria.index(x), criteria.index(y), GRID)


def _sold(facts: Mapping[str, Any], today: date, currency: str) -> dict[str, dict[str, float]]:
    """Revenue of the last year by market and channel, the largest market first."""
    if "orders" not in facts:
        return {}
    orders = facts["orders"]
    rows = orders.filter(orders.status == "paid", orders.currency == currency, orders.market.notnull(),
                         orders.day > ibis.literal(today - timedelta(days=DAYS)))  # fmt: skip
    return _nested(rows.group_by(["market", "channel"]).aggregate(amount=rows.amount.sum()))


def _spent(facts: Mapping[str, Any], today: date, currency: str) -> dict[str, dict[str, float]]:
    """Marketing money of the last year by market and channel; money of no market is left out."""
    if "spend" not in facts:
        return {}
    spend = facts["spend"]
    rows = spend.filter(spend.currency == currency, spend.market.notnull(),
                        spend.day > ibis.literal(today - timedelta(days=DAYS)))  # fmt: skip
    return _nested(rows.group_by(["market", "channel"]).aggregate(amount=rows.amount.sum()))


def _nested(sums: Any) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for r in sums.to_pyarrow().to_pylist():
        if r["amount"] > 0:
            found.setdefault(r["market"], {})[r["channel"] or "unknown"] = float(r["amount"])
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0])))


def _rows(view: View, markets: Sequence[MarketModes]) -> pa.Table | None:
    """A change is proposed where the figures are the owner's and most weights agree on another way than today's."""
    rows = []
    for m in markets:
        yours = any(source == "yours" for figures in m.figures.values() for _, source in figures.values())
        today = max(m.share, key=lambda k: m.share[k], default=None)
        best = m.order[0]
        if not yours or best == today or m.near[best] < SURE:
            continue
        agreeing = sum(winner == best for winner in m.winners.values())
        rows.append({
            "id": f"{view.plan}#m#{m.market}", "plan": view.plan, "kind": "mode", "subject": m.market, "channel": best,
            "made_by": MADE_BY, "made_at": view.now, "lake_version": view.lake_version,
            "why": f"mode_today={today};mode_best={best};mode_share={m.near[best]:.3f};mode_robust={agreeing}"
                   + (";mode_every_rule" if agreeing == len(m.winners) else ""),
        })  # fmt: skip
    if not rows:
        return None
    return DECISIONS.fill({c: [row.get(c) for row in rows] for c in DECISIONS.names})
