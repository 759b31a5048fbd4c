"""Partners for their page: how each did, whom to sign within the budget, and what one more of budget gives."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any, Final

import ibis
import pyarrow as pa

from regulars.decide.agreements import Agreement, Tier
from regulars.decide.coverage import Offer
from regulars.decide.partners import PartnerChoice, PartnerDecision
from regulars.decide.partners_scorecard import DAYS, Scorecard, scorecards
from regulars.decide.result import InfeasibleError
from regulars.decide.view import View
from regulars.tables import DECISIONS

MADE_BY: Final = "partners/1"
STEPS: Final = 11
# Up to so many offers what each limit costs is solved; beyond, only what the few dearest cost, and for the others what
# they cost at most: more would keep the page waiting.
SMALL: Final = 12
DEAREST: Final = 2


@dataclass(frozen=True)
class PartnersBoard:
    """``cards`` of partners; ``choice`` everything a page needs to solve again; ``answer`` what is best, ``conflict``
    the wishes that cannot hold together, ``frontier`` the best value by budget.
    """

    made_by: str
    currency: str
    scorecards: tuple[Scorecard, ...]
    choice: dict[str, Any]
    answer: dict[str, Any] | None
    conflict: tuple[dict[str, Any], ...]
    frontier: tuple[tuple[float, float, tuple[str, ...]], ...]
    decisions: pa.Table | None = None
    memo: tuple[str, ...] = field(default=())


def agreement_of(row: Mapping[str, Any]) -> Agreement:
    """An agreement from a row of ``tables.DECIDING["agreements"]``."""
    told = {k: v for k, v in row.items() if k not in ("channels", "markets", "tiers")}
    return Agreement(
        **told, channels=tuple(json.loads(row["channels"])), markets=tuple(json.loads(row["markets"] or "[]")),
        tiers=tuple(Tier(int(start), int(rate)) for start, rate in json.loads(row["tiers"])),
    )  # fmt: skip


def partners_board(view: View) -> PartnersBoard | None:
    """None while the owner has written down no partner."""
    partners = view.book["partners"].to_pylist()
    if not partners:
        return None
    today = view.now.astimezone(view.settings.tz).date()
    agreements = [agreement_of(row) for row in view.book["agreements"].to_pylist()]
    expected = {p["partner"]: json.loads(p["expected"] or "{}") for p in partners}
    cards = scorecards(
        view.facts, agreements, today=today, margin=view.settings.margin,
        payments=view.book["partner_payments"].to_pylist(),
        expected={k: float(sum(v.values())) for k, v in expected.items()},
    )  # fmt: skip
    won = _won(view.facts, today, view.settings.currency)
    rules = (view.book["partner_rules"].to_pylist() or [None])[0]
    choice = choice_of(partners, agreements, cards, expected, won, rules)
    answer, conflict, frontier = solved(choice)
    best = None if answer is None else asdict(answer)
    rows = _rows(view, partners, answer) if rules and rules["budget"] is not None else None
    return PartnersBoard(MADE_BY, view.settings.currency, tuple(cards), choice, best, conflict, frontier, rows)


def choice_of(
    partners: Sequence[Mapping[str, Any]], agreements: Sequence[Agreement], cards: Sequence[Scorecard],
    expected: Mapping[str, Mapping[str, float]], won: Mapping[str, float], rules: Mapping[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    """Offers and limits as plain values; ``solved`` reads them again."""
    card = {c.partner: c for c in cards}
    usual = sum(c.quality for c in cards) / len(cards) if cards else 1.0
    kept = [c.belief for c in cards if c.belief is not None]
    # Of somebody who has sold nothing yet, the best guess is how the others kept their promise.
    usual_belief = sum(kept) / len(kept) if kept else 1.0
    open_ = [p for p in partners if p["state"] != "ended"]
    demand: dict[str, float] = dict(won)
    for p in open_:
        for market, revenue in expected[p["partner"]].items():
            # A market holds at least what the best placed partner expects of it.
            demand[market] = max(demand.get(market, 0.0), float(revenue))
    offers = []
    for p in open_:
        own = card.get(p["partner"])
        belief = usual_belief if own is None or own.belief is None else own.belief
        service = 1.0 if own is None else own.quality / usual
        terms = [a for a in agreements if a.partner == p["partner"]]
        covers = {m: v / demand[m] for m, v in expected[p["partner"]].items() if demand.get(m, 0) > 0}
        offers.append({
            "name": p["partner"], "cost": float(p["cost"] or 0), "covers": covers, "region": p["region"] or "",
            "quality": float(min(1.0, belief * service)), "signed": False,
            "capacity": None if p["capacity"] is None else float(p["capacity"]),
            "exclusive": sorted({m for a in terms if a.exclusive for m in a.markets}),
            "commission": float(terms[-1].tiers[0].rate / 1e6) if terms else 0.0,
        })  # fmt: skip
    rules = rules or {}
    total = sum(o["cost"] for o in offers)
    known = {o["name"] for o in offers}
    pairs = [list(pair) for pair in json.loads(rules.get("conflicts") or "[]") if set(pair) <= known]
    return {
        "offers": offers, "demand": demand, "budget": total if rules.get("budget") is None else float(rules["budget"]),
        "concentration": rules.get("concentration"), "most": rules.get("most"), "conflicts": pairs,
        "regions": json.loads(rules.get("regions") or "{}"),
    }  # fmt: skip


def solved(
    choice: Mapping[str, Any], budget: float | None = None, steps: int = STEPS
) -> tuple[PartnerDecision | None, tuple[dict[str, Any], ...], tuple[tuple[float, float, tuple[str, ...]], ...]]:
    """The best set, or the wishes in conflict, and the best value by budget."""
    offers = [
        Offer(**{**o, "capacity": float("inf") if o["capacity"] is None else o["capacity"]}) for o in choice["offers"]
    ]
    rule = PartnerChoice(
        budget=choice["budget"] if budget is None else budget, demand=choice["demand"],
        concentration=choice["concentration"], conflicts=[(a, b) for a, b in choice["conflicts"]],
        regions=choice["regions"], most=choice["most"],
    )  # fmt: skip
    most, share = choice["most"], choice["concentration"]
    if most is not None and share is not None and most * share < 1 - 1e-9:
        # Equal partners already have more than that each: whoever is signed, nobody could sell anything.
        return None, ({"code": "concentration", "amount": share}, {"code": "most", "amount": most}), ()
    whole = sum(o.cost for o in offers)
    budgets = [whole * k / (steps - 1) for k in range(steps)] if steps > 1 and whole > 0 else []
    frontier = tuple(rule.frontier(offers, budgets))
    try:
        return rule.decide(offers, exact=None if len(offers) <= SMALL else DEAREST), (), frontier
    except InfeasibleError as told:
        return None, tuple({"code": w.code, "amount": w.amount} for w in told.conflict), frontier


def _won(facts: Mapping[str, Any], today: date, currency: str) -> dict[str, float]:
    """Revenue of the last year by market, in the company's currency."""
    if "orders" not in facts:
        return {}
    orders = facts["orders"]
    rows = orders.filter(
        orders.status == "paid", orders.currency == currency, orders.market.notnull(),
        orders.day > ibis.literal(today - timedelta(days=DAYS)), orders.day <= ibis.literal(today),
    )  # fmt: skip
    found = rows.group_by("market").aggregate(revenue=rows.amount.sum()).to_pyarrow().to_pylist()
    return {r["market"]: float(r["revenue"]) for r in sorted(found, key=lambda r: -r["revenue"]) if r["revenue"] > 0}


def _rows(view: View, partners: Sequence[Mapping[str, Any]], answer: PartnerDecision | None) -> pa.Table | None:
    """Whom to sign and with whom to end; nothing where all stays as it is."""
    if answer is None:
        return None
    rows = []
    for p in partners:
        chosen, now = p["partner"] in answer.solution, p["state"] == "signed"
        if p["state"] == "ended" or chosen == now:
            continue
        gain = answer.revenue.get(p["partner"])
        rows.append({
            "id": f"{view.plan}#r#{p['partner']}", "plan": view.plan, "kind": "partner", "subject": p["partner"],
            "channel": "sign" if chosen else "end", "today": float(p["cost"] or 0) / 52 * now,
            "proposed": float(p["cost"] or 0) / 52 * chosen, "value": gain, "made_by": MADE_BY, "made_at": view.now,
            "lake_version": view.lake_version,
            "why": f"partner_{'sign' if chosen else 'end'};covered={answer.covered:.3f}",
        })  # fmt: skip
    if not rows:
        return None
    return DECISIONS.fill({c: [row.get(c) for row in rows] for c in DECISIONS.names})
