"""Writes of resources and cells."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.tables import currency_digits
from regulars.web.audit.services import record
from regulars.web.resources.models import FAIRNESS, Resource, ServiceLevel, ServingCell
from regulars.web.resources.queries import NUMBERS

# The resources a company usually counts; anything else gets a code of its own name.
USUAL = ("cash", "gpu_hours", "tokens", "storage", "support_hours", "data", "co2")
MODES = ("direct", "agent", "reseller", "marketplace", "platform")
LEVEL_KINDS = ("latency", "support")
MONEY = ("price", "unit_cost", "fixed_cost")
SHARES = ("churn",)
LARGEST = 1e15
MOST_RESOURCES, MOST_CELLS, MOST_LEVELS = 20, 200, 8


class ResourceProblem(ValueError):
    """What cannot be kept as asked: says why in the owner's words."""


def resource_save(said: Mapping[str, str], by: str) -> Resource:
    """Keep what there is of a resource a week; cash is typed in money, a guarantee in per cent."""
    kind, name = said.get("kind", ""), said.get("name", "").strip()[:60]
    code = kind if kind in USUAL or Resource.objects.filter(code=kind).exists() else _code(name)
    if not code:
        raise ResourceProblem(_("Give the resource a name."))
    amount = number(said.get("amount", ""), _("Amount a week"))
    if amount is None:
        raise ResourceProblem(_("Say how much there is of it in a week."))
    meter = said.get("meter", "").strip()[:60]
    hours = code.endswith("_hours") and meter.endswith("_seconds")
    promise = number(said.get("guarantee", ""), _("Promised to everybody")) or 0.0
    if promise > 100:
        raise ResourceProblem(_("A share is at most 100 per cent."))
    fairness = said.get("fairness", "balanced")
    fields: dict[str, Any] = {
        "name": name if code not in USUAL else "", "unit": said.get("unit", "").strip()[:20],
        "amount": minor(amount) if code == "cash" else amount, "meter": meter, "per": 3600.0 if hours else 1.0,
        "guarantee": promise / 100, "fairness": fairness if fairness in FAIRNESS else "balanced",
    }  # fmt: skip
    if not Resource.objects.filter(code=code).exists() and Resource.objects.count() >= MOST_RESOURCES:
        raise ResourceProblem(_("At most %(n)s can be kept.") % {"n": MOST_RESOURCES})
    with transaction.atomic():
        kept, _new = Resource.objects.update_or_create(
            code=code, defaults={**fields, "changed_by": by[:150], "changed_at": timezone.now()}
        )
        record(by, "resource_save", code, amount=fields["amount"])
    return kept


def resource_remove(code: str, by: str) -> None:
    """Let a resource be plenty again."""
    with transaction.atomic():
        if Resource.objects.filter(code=code).delete()[0]:
            record(by, "resource_remove", code)


def cell_save(said: Mapping[str, str], resources: tuple[str, ...], by: str) -> ServingCell:
    """Keep the owner's word on one cell; what is left empty stays what the facts say."""
    market, partner = said.get("market", "").strip()[:100], said.get("partner", "").strip()[:60] or "self"
    mode = said.get("mode", "direct")
    if not market or "/" in market or "/" in partner:
        raise ResourceProblem(_("Give the market and the partner a name without “/”."))
    if mode not in MODES:
        raise ResourceProblem(_("Choose how the market is served."))
    fields: dict[str, Any] = {}
    for name in NUMBERS:
        value = number(said.get(name, ""), name)
        if value is not None and name in MONEY:
            value = minor(value)
        if value is not None and name in SHARES:
            value /= 100
        fields[name] = value
    if fields["churn"] is not None and fields["churn"] > 1:
        raise ResourceProblem(_("A share is at most 100 per cent."))
    if fields["low"] is not None and fields["high"] is not None and fields["low"] > fields["high"]:
        raise ResourceProblem(_("“At least” is more than “at most”."))
    uses = {code: number(said.get(f"use-{code}", ""), code) for code in resources if code != "cash"}
    fields |= {"uses": {k: v for k, v in uses.items() if v is not None}, "closed": said.get("closed") == "1",
               "signed": True if said.get("signed") == "1" else None}  # fmt: skip
    known = ServingCell.objects.filter(market=market, mode=mode, partner=partner).exists()
    if not known and ServingCell.objects.count() >= MOST_CELLS:
        raise ResourceProblem(_("At most %(n)s can be kept.") % {"n": MOST_CELLS})
    with transaction.atomic():
        kept, _new = ServingCell.objects.update_or_create(
            market=market, mode=mode, partner=partner,
            defaults={**fields, "changed_by": by[:150], "changed_at": timezone.now()},
        )  # fmt: skip
        record(by, "cell_save", kept.code)
    return kept


def cell_forget(code: str, by: str) -> None:
    """Take the owner's word on a cell back: the facts hold again."""
    parts = code.split("/")
    with transaction.atomic():
        if len(parts) == 3:
            market, mode, partner = parts
            if ServingCell.objects.filter(market=market, mode=mode, partner=partner).delete()[0]:
                record(by, "cell_forget", code)


def level_save(said: Mapping[str, str], resources: tuple[str, ...], by: str) -> ServiceLevel:
    """Offer a choice of service: per cent of today's price, risk of leaving and use, and what it costs on top."""
    kind, name = said.get("kind", ""), said.get("name", "").strip()[:40]
    if kind not in LEVEL_KINDS or not name or set(name) & set(":/+"):
        raise ResourceProblem(_("Give the choice of service a name without “:”, “/” and “+”."))
    share = {n: number(said.get(n, ""), n) for n in ("price", "churn", *(f"use-{c}" for c in resources))}
    costs = {n: minor(number(said.get(n, ""), n) or 0.0) for n in ("unit_cost", "fixed_cost")}
    factor = {k: 1.0 if v is None else v / 100 for k, v in share.items()}
    times = {c: factor[f"use-{c}"] for c in resources if share[f"use-{c}"] is not None and c != "cash"}
    known = ServiceLevel.objects.filter(kind=kind, name=name).exists()
    if not known and ServiceLevel.objects.count() >= MOST_LEVELS:
        raise ResourceProblem(_("At most %(n)s can be kept.") % {"n": MOST_LEVELS})
    fields = {"price": factor["price"], "churn": factor["churn"], "times": times, **costs}
    with transaction.atomic():
        kept, _new = ServiceLevel.objects.update_or_create(
            kind=kind, name=name, defaults={**fields, "changed_by": by[:150], "changed_at": timezone.now()}
        )
        record(by, "level_save", name, kind=kind)
    return kept


def level_remove(kind: str, name: str, by: str) -> None:
    """Offer a choice of service no longer."""
    with transaction.atomic():
        if ServiceLevel.objects.filter(kind=kind, name=name).delete()[0]:
            record(by, "level_remove", name, kind=kind)


def wish_relax(wish: str, by: str) -> bool:
    """Give up one wish of a conflict; false where it is not one of ours to give up."""
    kind, _sep, rest = wish.partition(":")
    names = {"at_least": "low", "at_most": "high", "frozen": "frozen"}
    with transaction.atomic():
        if not rest:
            gone = bool(Resource.objects.filter(code=wish).delete()[0])
        elif kind in ("signed", "minimum", "capacity"):
            column, value = ("signed", None) if kind == "signed" else (kind, 0.0 if kind == "minimum" else None)
            gone = bool(ServingCell.objects.filter(partner=rest).update(**{column: value}))
        elif kind in names and rest.count("/") == 2:
            market, mode, partner = rest.split("/")
            rows = ServingCell.objects.filter(market=market, mode=mode, partner=partner)
            gone = bool(rows.update(**{names[kind]: None}))
        else:
            return False
        if gone:
            record(by, "wish_relax", wish[:100])
    return gone


def number(text: str, what: str) -> float | None:
    """A number of 0 or more as typed; None where nothing was typed."""
    plain = text.strip().replace(",", "").replace("，", "").removesuffix("%").removesuffix("％").strip()
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not 0 <= value <= LARGEST:
        raise ResourceProblem(_("%(what)s: give a number of 0 or more.") % {"what": what})
    return value


def minor(value: float) -> float:
    return value * 10 ** currency_digits(settings.COMPANY.currency)


def _code(name: str) -> str:
    """A code from a name: letters and figures where there are, else a number of its own."""
    if not name:
        return ""
    known = Resource.objects.filter(name=name).first()
    if known:
        return known.code
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30]
    base, n = plain or "resource", 1
    while Resource.objects.filter(code=(code := base if n == 1 else f"{base}-{n}")).exists() or code in USUAL:
        n += 1
    return code
