"""What the plan page shows: the split, what binds, the curves, the actions, and what earlier plans earned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.partners.queries import partner_names
from regulars.web.plans.history import subject_of
from regulars.web.plans.models import Aim, Plan, PlanRow
from regulars.web.plans.splits import OBJECTIVES
from regulars.web.words.amounts import major, money_text
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentence, sentences
from regulars.web.words.times import day_text

STATES = ("proposed", "approved", "declined", "done", "denied")


@dataclass(frozen=True)
class Action:
    """One kind of action of a plan: how many people, what it should earn, how far it has come.

    ``kept`` is what remains to be earned (value, low, high) without those the owner declined.
    """

    key: str
    channel: str
    people: int
    value: int
    low: int
    high: int
    why: str
    made_by: str
    states: dict[str, int] = field(default_factory=dict)
    kept: tuple[int, int, int] = (0, 0, 0)

    @property
    def open(self) -> int:
        return self.states["proposed"]

    @property
    def undoable(self) -> int:
        return self.states["approved"] + self.states["declined"]


def plan_of(uid: str | None) -> Plan | None:
    """The plan asked for, or the newest that was not replaced; with it what plans to come are the best for."""
    kept = {f"aim_{c}": Subquery(Aim.objects.values(c)[:1]) for c in ("objective", "cautious")}
    plans = Plan.objects.select_related("approved_by").annotate(**kept)
    return plans.filter(uid=uid).first() if uid else plans.exclude(state="superseded").order_by("-made_at").first()


def line_rows(plan: Plan) -> dict[str, list[PlanRow]]:
    """Every row that is not a next best action, by kind; some, like calls, name a person."""
    found: dict[str, list[PlanRow]] = {}
    rows = PlanRow.objects.filter(plan=plan).exclude(kind="next_best").select_related("plan", "person")
    for row in rows.order_by("kind", "subject", "id"):
        row.named = subject_of(row)  # type: ignore[attr-defined]
        found.setdefault(row.kind, []).append(row)
    if "partner" in found:
        names = partner_names()
        for row in found["partner"]:
            row.named = names.get(row.subject) or row.named  # type: ignore[attr-defined]
    return found


def other_rows(plan: Plan) -> list[PlanRow]:
    """The rows that are neither money nor people."""
    return [row for kind, rows in line_rows(plan).items() if kind != "budget" for row in rows]


def test_rows(lines: dict[str, list[PlanRow]]) -> list[PlanRow]:
    """The tests the plan would run."""
    return [row for row in lines.get("test", []) if row.state != "declined"]


def budget_rows(plan: Plan) -> list[PlanRow]:
    return list(PlanRow.objects.filter(plan=plan, kind="budget").select_related("plan").order_by("subject"))


def actions(plan: Plan) -> list[Action]:
    """Every kind of action, most valuable first, with its states counted and one row's reasons as a sample."""
    rows = PlanRow.objects.filter(plan=plan, kind="next_best")
    yes = ~Q(state="declined")
    kept = {f"kept_{c}": Sum(c, filter=yes) for c in ("value", "low", "high")}
    counted = {f"n_{s}": Count("id", filter=Q(state=s)) for s in STATES}
    sums = rows.values("subject", "channel").annotate(
        people=Count("id"), total=Sum("value"), total_low=Sum("low"), total_high=Sum("high"), **counted, **kept
    )
    found = []
    for r in sums.order_by("-total"):
        first = rows.filter(subject=r["subject"], channel=r["channel"]).order_by("-value", "id")
        why, made_by = first.values_list("why", "made_by").first() or ("", "")
        found.append(Action(r["subject"], r["channel"], r["people"], r["total"] or 0, r["total_low"] or 0,
                            r["total_high"] or 0, shared(why), made_by,
                            {s: r[f"n_{s}"] for s in STATES},
                            (r["kept_value"] or 0, r["kept_low"] or 0, r["kept_high"] or 0)))  # fmt: skip
    return found


# What differs from person to person says nothing about the whole action.
OWN = ("activity", "stake", "value_per_order", "days_since_last", "orders", "own_uplift", "recent", "alternative",
       "alternative_value", "propensity", "explored")  # fmt: skip


def shared(why: str) -> str:
    return ";".join(c for c in why.split(";") if c.partition("=")[0] not in OWN)


def people_rows(plan: Plan, action: str = "") -> QuerySet[PlanRow]:
    """The people of a plan, or of one of its actions, with their names."""
    rows = PlanRow.objects.filter(plan=plan, kind="next_best").select_related("person", "plan")
    return rows.filter(subject=action) if action else rows


def split_chart(plan: Plan, rows: list[PlanRow]) -> charts.Chart:
    """Today's split beside the proposed one."""

    def yuan(amount: int | None) -> float:
        return float(major(amount or 0, plan.currency))

    data = [(label("channel", r.subject), yuan(r.today), yuan(r.proposed)) for r in rows]
    return charts.bar(
        "split", _("Money a week, today and proposed"), data, charts.Axis(_("Channel"), "text"),
        [charts.Axis(_("Today"), "money"), charts.Axis(_("As proposed"), "money")],
    )  # fmt: skip


# Told beside each action or each number instead; the rest of the memo is about the whole.
BESIDE = ("prior_uplift", "measured_uplift", "draws")
UNSURE = "data_did_not_decide="
FIRST = ("gain", "same_total", "total", "unspent", "next_unit", "next_unit_below_cost", "people", "uplifts_assumed")


def memo(plan: Plan, rows: list[PlanRow]) -> list[str]:
    """The plan in plain words: where money moves, what that earns, who hears from us, what is not known."""

    def key(code: str) -> int:
        head = code.partition("=")[0]
        return FIRST.index(head) if head in FIRST else len(FIRST)

    def named(found: list[PlanRow]) -> str:
        return _(", ").join(
            f"{label('channel', r.subject)} {money_text(r.today or 0, plan.currency)} → "
            f"{money_text(r.proposed or 0, plan.currency)}" for r in found
        )  # fmt: skip

    moved = sorted((r for r in rows if r.today is not None and r.proposed is not None),
                   key=lambda r: abs(r.proposed - r.today), reverse=True)  # fmt: skip
    up, down = [r for r in moved if r.proposed > r.today], [r for r in moved if r.proposed < r.today]
    said = []
    if up:
        said.append(_("Spend more a week: %(channels)s.") % {"channels": named(up[:3])})
    if down:
        said.append(_("Spend less a week: %(channels)s.") % {"channels": named(down[:3])})
    kept = [c for c in plan.memo if c.partition("=")[0] not in BESIDE]
    unsure = [c.partition("=")[2] for c in kept if c.startswith(UNSURE)]
    if len(unsure) > 1:
        # One sentence for all of them: seven of the same would hide the rest.
        names = _(", ").join(label("channel", u) for u in unsure)
        kept = [c for c in kept if not c.startswith(UNSURE)]
        return [*said, *sentences(sorted(kept, key=key)), sentence(UNSURE.rstrip("="), names)]
    return said + sentences(sorted(kept, key=key))


def binding(plan: Plan) -> list[dict[str, Any]]:
    """What binds the split, and what one more unit of each would earn."""
    budget = plan.budget or {}
    prices = budget.get("shadow_prices") or {}
    codes = budget.get("binding") or ()
    plain = budget.get("objective") in (None, "contribution")
    return [{"text": sentence(code), "more": (prices.get(code) or {}).get("more") if plain else None}
            for code in codes]  # fmt: skip


def aim(plan: Any, split: dict[str, Any] | None) -> dict[str, Any]:
    """What every plan is the best for, what it may be, and what is not known for every channel."""
    known = (split or {}).get("objectives") or OBJECTIVES
    return {"objective": plan.aim_objective or "contribution", "cautious": bool(plan.aim_cautious),
            "choices": OBJECTIVES, "unknown": [o for o in OBJECTIVES if o not in known]}  # fmt: skip


def more_money(plan: Plan) -> dict[str, Any] | None:
    """What more money would earn, solved anew: the amount, what comes back, and the total worth spending."""
    budget = plan.budget or {}
    if not budget.get("extra") or budget.get("extra_earns") is None:
        return None
    earns = round(budget["extra_earns"])
    return {"amount": budget["extra"], "earns": earns, "pays": earns > budget["extra"],
            "worthwhile": budget.get("worthwhile"), "sure": budget.get("sure"), "gain": budget.get("gain")}  # fmt: skip


def past_chart(plans: list[Plan]) -> charts.Chart | None:
    """What was promised beside what was earned, plan by plan, both with their ranges; oldest first."""
    rows: list[tuple[Any, ...]] = []
    tones = []
    for p in reversed([p for p in plans if p.realised is not None][:8]):
        hoped = (p.promised, p.promised_low, p.promised_high) if p.promised is not None else None
        day = day_text(p.made_at)
        if hoped:
            rows.append((_("%(day)s promised") % {"day": day}, *(yuan(p, v) for v in hoped)))
            tones.append("#a4acbb")
        rows.append((_("%(day)s earned") % {"day": day},
                     *(yuan(p, v) for v in (p.realised, p.realised_low, p.realised_high))))  # fmt: skip
        tones.append("#2fb344" if (p.realised_low or 0) > 0 else "#d63939" if (p.realised_high or 0) < 0 else "")
    if not rows:
        return None
    chart = charts.bar(
        "past", _("What plans promised and what they earned"), rows, charts.Axis(_("Plan"), "text"),
        [charts.Axis(_("Gain"), "money")], intervals=True,
        note=_("Only the parts that could be measured; the promise is that of the same parts. Green: proven."),
    )  # fmt: skip
    series = chart.option["series"][0]
    series["data"] = [{"value": r[1]} | ({"itemStyle": {"color": c, "borderRadius": 3}} if c else {})
                      for r, c in zip(rows, tones, strict=True)]  # fmt: skip
    return chart


def yuan(plan: Plan, amount: int | None) -> float:
    return float(major(amount or 0, plan.currency))


def past(uid: str, limit: int = 20) -> list[Plan]:
    """Earlier plans somebody decided on, newest first."""
    plans = Plan.objects.exclude(uid=uid).exclude(state="superseded").select_related("approved_by")
    return list(plans.order_by("-made_at")[:limit])
