"""What the owner typed on the pages of experiments, read and refused in words."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.tables import currency_digits
from regulars.web.experiments.services import UNITS, ExperimentProblem

TEXTS = ("name", "question", "metric", "unit", "channel", "market", "start", "days", "arms", "share", "wanted", "spend",
         "delta", "se", "lesson")  # fmt: skip


def typed(source: Any) -> dict[str, str]:
    """Every field as typed, so that nothing is lost on an error."""
    arms = f"{_('Control')}, {pgettext('arm', 'New')}"
    start = {"metric": "buyers", "unit": "person", "days": "28", "share": "50", "wanted": "20",
             "arms": arms, "start": timezone.localdate().isoformat()}  # fmt: skip
    return {k: source.get(k, start.get(k, "")) for k in TEXTS}


def number(text: str, what: str, low: float = -math.inf, high: float = math.inf) -> float | None:
    plain = text.strip().replace(",", "").replace("，", "").rstrip("%")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not low <= value <= high or math.isinf(value):
        raise ExperimentProblem(_("%(what)s: “%(text)s” cannot be used here.") % {"what": what, "text": text})
    return value


def minor(text: str, what: str) -> float | None:
    """Money as typed, in minor units."""
    value = number(text, what, -1e12, 1e12)
    return None if value is None else float(Decimal(str(value)).scaleb(currency_digits(settings.COMPANY.currency)))


def asked(form: dict[str, str]) -> dict[str, Any]:
    """The fields of an experiment, in the units they are kept in."""
    try:
        start = dt.date.fromisoformat(form["start"])
    except ValueError:
        raise ExperimentProblem(_("The start is a day, such as 2026-03-01.")) from None
    days = number(form["days"], _("Length in days"), 1, 365)
    spend = minor(form["spend"], _("Spend tested"))
    wanted = number(form["wanted"], _("Change worth seeing"), 0.1, 1000)
    return {
        "name": form["name"], "question": form["question"], "metric": form["metric"], "unit": form["unit"],
        "channel": form["channel"], "market": form["market"], "start": start, "days": int(days or 28),
        "wanted": None if wanted is None else wanted / 100, "spend": None if spend is None else round(spend),
        "arms": shares(form) if form["unit"] == "person" else {},
    }  # fmt: skip


def shares(form: dict[str, str]) -> dict[str, float]:
    """Planned share of each arm: the control's as typed, the rest in equal parts."""
    names = [n.strip()[:40] for n in form["arms"].replace("，", ",").replace("、", ",").split(",") if n.strip()]
    control = (number(form["share"], _("Share of the control"), 1, 99) or 50) / 100
    if len(names) < 2 or len(set(names)) < len(names):
        raise ExperimentProblem(_("Name two to six arms, the control first, each with its own name."))
    return {names[0]: control, **dict.fromkeys(names[1:], (1 - control) / (len(names) - 1))}


def calculator(source: Any) -> dict[str, Any]:
    """What the calculator needs, whatever state the form is in."""
    form = typed(source)

    def safe(name: str, default: float, low: float, high: float) -> float:
        try:
            return number(form[name], name, low, high) or default
        except ExperimentProblem:
            return default

    arms = max(len([n for n in form["arms"].replace("，", ",").replace("、", ",").split(",") if n.strip()]), 2)
    return {"unit": form["unit"] if form["unit"] in UNITS else "person", "days": int(safe("days", 28, 1, 365)),
            "share": safe("share", 50, 1, 99) / 100, "wanted": safe("wanted", 20, 0.1, 1000) / 100,
            "arms": min(arms, 6), "channel": form["channel"], "market": form["market"]}  # fmt: skip


def change(metric: str, text: str, what: str) -> float | None:
    """A change as typed: money in minor units, anything else as it stands."""
    return minor(text, what) if metric in ("revenue", "money_per_order") else number(text, what, -1e12, 1e12)
