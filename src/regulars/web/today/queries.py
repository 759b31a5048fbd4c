"""What the owner should do now, gathered from the other rooms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from regulars.web.alerts.waiting import alarm_waiting
from regulars.web.imports.queries import imports_waiting
from regulars.web.plans.queries import plan_waiting
from regulars.web.plans.replan import channel_of
from regulars.web.plans.what_if import split_of


@dataclass(frozen=True)
class Thing:
    """One thing that waits for a decision: what, what it should earn, where to decide."""

    title: str
    url: str
    icon: str
    value: int | None = None
    low: int | None = None
    high: int | None = None
    currency: str = ""
    broken: bool = False
    remedy_url: str = ""


@dataclass(frozen=True)
class Waiting:
    """Everything that waits, and how much it is."""

    things: list[Thing] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.things)


def address(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def alarm(plan: Any = None) -> Thing | None:
    """The worst alarm nobody has answered; with ``plan``, where to plan anew if it is about a channel of its money."""
    row = alarm_waiting()
    if row is None:
        return None
    url = f"{address('alerts:alerts')}#i-{row['id']}"
    split = split_of(plan) if plan is not None else None
    burns = bool(split) and channel_of(row) in {c["channel"] for c in split["channels"]}
    # What costs nothing is no reason to move money.
    burns = burns and (row["money"] is None or row["money"] < 0)
    return Thing(row["headline"], url, icon="alert-triangle", broken=row["severity"] == "severe",
                 remedy_url=address("plans:plan") if burns else "")  # fmt: skip


def waiting() -> Waiting:
    """Plans to approve and files to check; every page counts them in its frame, so four queries at most."""
    things = []
    found = plan_waiting()
    if found:
        plan, budget, people = found["plan"], found["budget"], found["people"]
        url = address("plans:plan")
        if budget:
            text = ngettext("Budget for %(n)s channel", "Budget for %(n)s channels", budget["n"]) % {"n": budget["n"]}
            # The plan's own interval: the sum of the channels' bounds would be wider than it is.
            gain = (plan.budget or {}).get("gain") or budget
            things.append(Thing(text, url, icon="scale", value=budget["value"], low=gain["low"],
                                high=gain["high"], currency=plan.currency))  # fmt: skip
        if people:
            text = ngettext("Actions for %(n)s person", "Actions for %(n)s people", people["n"])
            things.append(Thing(text % {"n": f"{people['n']:,}"}, url + "?tab=people", icon="send",
                                value=people["value"], low=people["low"], high=people["high"],
                                currency=plan.currency))  # fmt: skip
    for run in imports_waiting():
        failed = run.state == "failed"
        text = _("The file %(name)s could not be read") if failed else _("The file %(name)s waits to be checked")
        things.append(Thing(text % {"name": run.file_name}, address("imports:run", run.uid) or address("imports:list"),
                            icon="file-import", broken=failed))  # fmt: skip
    return Waiting(things)
