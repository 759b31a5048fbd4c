"""Reads of versions and comparisons, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from regulars.web.plans.models import Plan, PlanVersion
from regulars.web.words.amounts import money_text
from regulars.web.words.labels import label

if TYPE_CHECKING:
    from regulars.decide.plan_changes import Change, Comparison


def versions(plan: Plan) -> list[PlanVersion]:
    """The versions of a plan, the newest first, each with a sentence on what it did."""
    rows = list(PlanVersion.objects.filter(plan=plan).defer("body")[:200])
    for row in rows:
        row.said = said(row, plan.currency)  # type: ignore[attr-defined]
    return rows


def version(plan: Plan, number: int | None) -> PlanVersion | None:
    """One version; None for the plan as it stands."""
    return PlanVersion.objects.filter(plan=plan, number=number).first() if number is not None else None


def others(plan: Plan, limit: int = 12) -> list[Plan]:
    """Other plans to compare with, the newest first."""
    return list(Plan.objects.exclude(pk=plan.pk).order_by("-made_at")[:limit])


def said(row: PlanVersion, currency: str) -> str:
    """What a version did, in words."""
    d = row.detail
    told = {
        "n": f"{d.get('rows', 0):,}", "to": d.get("to"), "people": f"{d.get('people', 0):,}",
        "about": about(d.get("about", "")), "channel": label("channel", d.get("channel", "")),
        "total": money_text(d.get("total", 0), currency), "modes": f"{d.get('modes', 0):,}",
        "signed": money_text(d.get("signed", 0), currency), "moved": money_text(d.get("moved", 0), currency),
    }  # fmt: skip
    words = {
        "made": _("Made by the turn."),
        "approve": _("Approved as a whole."),
        "reject": _("Rejected."),
        "rows": _("Single decisions: %(n)s."),
        "rows_approve": _("%(about)s approved: %(n)s."),
        "rows_decline": _("%(about)s declined: %(n)s."),
        "rows_reset": _("%(about)s open again: %(n)s."),
        "split": _("Another split of %(total)s a week: %(n)s channels changed."),
        "replan": _("Planned anew after an alarm about %(channel)s."),
        "rollback": _("Back to version %(to)s."),
        "autopilot": _("By itself: %(people)s people, %(moved)s moved."),
    }
    text = words.get(row.what, row.what) % told
    if row.what == "autopilot" and (d.get("modes") or d.get("signed")):
        text += " " + _("Markets sold to another way: %(modes)s; new contracts: %(signed)s a week.") % told
    return text


def about(key: str) -> str:
    kind = label("plan_kind", key)
    return label("action", key) if kind == key.replace("_", " ") else kind


@dataclass(frozen=True)
class Line:
    """One row of a comparison."""

    kind: str
    subject: str
    what: str
    before: float | None
    after: float | None
    money: float
    value: float
    budget: bool


@dataclass(frozen=True)
class Shown:
    """A comparison as the page draws it."""

    lines: list[Line]
    actions: list[tuple[str, Any]]
    whole: Any


def shown(found: Comparison) -> Shown:
    """The comparison with words instead of keys."""
    order = sorted(found.changes, key=lambda c: (c.kind != "budget", c.kind, -abs(c.money), c.key))
    lines = [_line(c) for c in order]
    return Shown(lines, [(a, g) for a, g in found.actions.items() if g.changed], found)


def _line(c: Change) -> Line:
    one = c.after or c.before
    budget = c.kind == "budget"
    ends = [None if k is None else k.spends if budget else k.proposed for k in (c.before, c.after)]
    subject = label("channel", one.subject) if one and (budget or one.subject == one.channel) else subject_of(one)
    return Line(c.kind, subject, c.what, ends[0], ends[1], c.money, c.value, budget)


def subject_of(line: Any) -> str:
    """The word for what a row is about: a channel, a market, or the name its room gave it."""
    if line is None:
        return ""
    for kind in ("channel", "market", "action", "fact"):
        word = label(kind, line.subject)
        if word != line.subject.replace("_", " "):
            return word
    return line.subject.replace("_", " ")
