"""The figures of Today: yesterday in one sentence, and five tiles of the newest whole week."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.bridge import kpis
from regulars.web.kpis.tiles import running_paces
from regulars.web.people.queries import at_risk
from regulars.web.targets.pace import Progress
from regulars.web.words.amounts import major, money_text, number_text, percent_text
from regulars.web.words.glossary import TERMS
from regulars.web.words.times import day_text, duration_text

NAMES = ("revenue", "new_customers", "cac", "repeat_rate", "csat", "first_response_s")


@dataclass(frozen=True)
class Tile:
    """One figure: its word and meaning, its value, how it moved, and its recent course."""

    title: str
    meaning: str
    value: str
    note: str = ""
    spark: str = ""
    url: str = ""


@dataclass(frozen=True)
class Yesterday:
    """The newest whole day beside the same day a week before."""

    day: dt.date
    orders: int
    revenue: float
    change: float | None


def yesterday(now: dt.date | None = None) -> Yesterday | None:
    """None before the first turn of the wheel."""
    found = kpis.latest(("revenue", "orders"), grain="day", now=now)
    revenue, orders = found["revenue"], found["orders"]
    if revenue.day is None or revenue.value is None:
        return None
    before = dict(revenue.series).get(revenue.day - dt.timedelta(days=7))
    return Yesterday(revenue.day, int(orders.value or 0), revenue.value, revenue.value / before - 1 if before else None)


def moved(now: float | None, before: float | None) -> str:
    """How a figure moved against the week before, in words."""
    if now is None or not before:
        return ""
    return _("%(change)s on the week before") % {"change": percent_text(now / before - 1, sign=True)}


def aimed(aims: dict[str, Progress], name: str, note: str) -> str:
    """A note, and how much of the running week's target is there."""
    found = aims.get(name)
    if found is None or found.value is None or not found.is_sum or found.target <= 0:
        return note
    share = percent_text(found.value / found.target)
    said = _("%(share)s of this week's target") % {"share": share}
    if found.state == "behind":
        said = _("%(share)s of this week's target, behind") % {"share": share}
    return f"{note} · {said}" if note else said


def drawn(latest: Any) -> str:
    return charts.spark([v for _day, v in latest.series[-13:-1]])


def tiles(now: dt.date | None = None) -> list[Tile]:
    """Revenue, new customers, repeat rate, worth at risk, satisfaction."""
    found = kpis.latest(NAMES, grain="week", now=now)
    revenue, new, cac = found["revenue"], found["new_customers"], found["cac"]
    repeat, csat, reply = found["repeat_rate"], found["csat"], found["first_response_s"]
    people, worth = at_risk()
    aims = running_paces("week")
    cost = _("%(cost)s for each") % {"cost": money_text(cac.value)} if cac.value is not None else ""
    slow = _("first answer after %(time)s") % {"time": duration_text(reply.value)} if reply.value is not None else ""
    return [
        Tile(_("Revenue this week"), _("Money received in the newest whole week, refunds taken off."),
             money_text(revenue.value), aimed(aims, "revenue", moved(revenue.value, revenue.previous)), drawn(revenue)),
        Tile(_("New customers"), str(TERMS["cac"][1]), number_text(new.value),
             aimed(aims, "new_customers", cost or moved(new.value, new.previous)), drawn(new)),
        Tile(_("Repeat rate"), str(TERMS["repeat_rate"][1]), percent_text(repeat.value),
             moved(repeat.value, repeat.previous), drawn(repeat)),
        Tile(_("Worth at risk"), _("What customers who slow down would still bring in profit if they stayed."),
             money_text(worth), _("%(people)s people") % {"people": number_text(people)},
             url="/understand/people/?activity=at_risk&sort=-clv"),
        Tile(_("Satisfied"), _("Share of this week's answers that gave 4 or 5 of 5 (CSAT)."), percent_text(csat.value),
             slow, drawn(csat)),
    ]  # fmt: skip


def revenue_chart(now: dt.date | None = None) -> charts.Chart:
    """Revenue by week, the running week left out because it has not ended."""
    latest = kpis.latest(("revenue",), grain="week", now=now)["revenue"]
    last = latest.day
    rows = [(day, float(major(v))) for day, v in latest.series if v is not None and last and day <= last][-26:]
    return charts.line(
        "revenue", _("Revenue by week"), rows, charts.Axis(_("Week from"), "day"), charts.Axis(_("Revenue"), "money"),
        note=_("The newest whole week began on %(day)s.") % {"day": day_text(last)} if last else "",
    )  # fmt: skip
