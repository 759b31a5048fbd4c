"""Decide, once: the curves, scores and outcomes of a turn become a plan to approve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.decide.actions import ACTIONS
from regulars.decide.budget import BudgetDecision
from regulars.decide.contact_effects import contact_effects, with_effects
from regulars.decide.contact_rules import recent_contacts, rule_of
from regulars.decide.explore_people import sober
from regulars.decide.explore_uplift import first_tries, in_orders, scaled_priors
from regulars.decide.findings import TOPICS
from regulars.decide.money import budget_rows, weekly_budget
from regulars.decide.next_best_hours import timed
from regulars.decide.next_best_least import decide_what_can
from regulars.decide.people import by_action, person_rows, profiles
from regulars.decide.result import Decision
from regulars.decide.uplift import Uplift, read_uplifts
from regulars.decide.view import View
from regulars.decide.wants import Wants
from regulars.lake.frames import to_arrow
from regulars.tables import DECIDING
from regulars.tables.boards import boards
from regulars.tables.cards import ModelCard


@dataclass(frozen=True)
class Proposal:
    """A plan to approve: the rows of the decisions table, the budget, the people, counts by action, and memo codes.

    ``findings`` are the boards of deciding by topic, ``cards`` their model cards, ``failed`` the boards that broke.
    """

    decisions: pa.Table
    budget: BudgetDecision | None
    people: Decision[pa.Table]
    actions: Mapping[str, Mapping[str, float]]
    uplifts: Mapping[str, Uplift]
    memo: tuple[str, ...]
    findings: Mapping[str, dict[str, Any] | None] = field(default_factory=dict)
    cards: tuple[ModelCard, ...] = ()
    failed: tuple[str, ...] = ()


def decide(
    people: Any,
    scores: Any,
    kpis: Any,
    outcomes: Any,
    *,
    now: datetime,
    settings: Wants,
    lake_version: str,
    plan_id: str,
    facts: Mapping[str, Any] | None = None,
    findings: Mapping[str, Mapping[str, Any] | None] | None = None,
    book: Mapping[str, pa.Table] | None = None,
    brief: bool = False,
) -> Proposal:
    """Propose the weekly budget, the next best action of every person, and what the boards of deciding add.

    Takes the people, scores, KPIs and outcomes of the turn (any kind of table), and where there are any the facts
    of the lake, the ``findings`` of the steps before and what the owner wrote (``tables.DECIDING``); answers rows of
    the decisions table with the ids ``<plan>#b#<channel>`` and ``<plan>#p#<customer>``. The same input gives the
    same rows. ``brief`` leaves the boards out.
    """
    memo: list[str] = []
    who, known, figures, earned = (to_arrow(t) for t in (people, scores, kpis, outcomes))
    written = {name: (book or {}).get(name, shape.empty_table()) for name, shape in DECIDING.items()}
    budget = weekly_budget(figures, now, settings, memo, written["limits"], written["aims"])
    unlike = [a.key for a in ACTIONS if a.stake != "order"]
    uplifts = read_uplifts(earned, scaled_priors(earned, {a.key: a.prior for a in ACTIONS}, unlike))
    told = contact_effects(facts or {}, who, now=now)
    uplifts = with_effects(uplifts, told)
    recent, reached, spoilt = recent_contacts((facts or {}).get("messages"), now, getattr(settings, "cap_days", 7))
    rule = rule_of(settings, written, reached, spoilt, plan_id)
    tries = first_tries(rule.actions, uplifts, reached)
    rule = replace(rule, action_quota={**tries, **rule.action_quota})
    rule = replace(rule, actions=in_orders(rule.actions, uplifts), measured_on=told.asked if told else {})
    about = profiles(who, known, recent, (findings or {}).get("uplift"))
    about = sober(about, who, facts or {}, told.markets if told else {}, now=now)
    best = decide_what_can(rule, about, uplifts=uplifts)
    rows = best.solution
    if rows.num_rows:
        memo.append(f"people={rows.num_rows}")
        if not any(u.plans for u in uplifts.values()):
            memo.append("uplifts_assumed")
    if told is not None:
        memo.append(f"left_alone_judged={told.held}")
    memo.extend(best.why)
    stamp = {"plan": plan_id, "made_at": now, "lake_version": lake_version}
    parts = [person_rows(rows, plan_id, stamp)]
    if budget is not None:
        parts.insert(0, budget_rows(budget, plan_id, stamp))
        memo.append(f"gain={budget.gain.value:.0f}")
        memo.extend(budget.why)
    view = View(facts or {}, who, known, figures, earned, findings or {}, written, budget, best, now, settings,
                lake_version, plan_id)  # fmt: skip
    more = boards("regulars.decide", {} if brief else TOPICS, view)
    parts[-1] = timed(parts[-1], getattr(more.made.get("schedule"), "times", {}))
    for board in more.made.values():
        if getattr(board, "decisions", None) is not None:
            parts.append(board.decisions)
        memo.extend(getattr(board, "memo", None) or ())
    return Proposal(
        decisions=pa.concat_tables(parts),
        budget=budget,
        people=best,
        actions=by_action(rows),
        uplifts=uplifts,
        memo=tuple(dict.fromkeys(memo)),
        findings=more.bodies,
        cards=tuple(card for b in more.made.values() for card in getattr(b, "cards", ())),
        failed=more.failed,
    )
