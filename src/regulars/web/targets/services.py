"""Writes of targets."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.tables import currency_digits
from regulars.web.audit.services import record
from regulars.web.targets.models import Target

GRAINS = ("week", "month")
LARGEST = Decimal(10) ** 13


class TargetProblem(ValueError):
    """A target that cannot be kept as asked: says why in the owner's words."""


def target_set(kpi: str, grain: str, channel: str | None, market: str | None, text: str, by: str) -> Target:
    """Keep what a key figure should reach, typed in the owner's unit: yuan, per cent, hours.

    Raises ``TargetProblem`` for an unknown figure or period and for what is not a number.
    """
    value = value_of(kpi, text)
    if grain not in GRAINS:
        raise TargetProblem(_("A target is for a week or a month."))
    from regulars.measure.kpis import KPIS

    money = settings.COMPANY.currency if KPIS[kpi].unit == "minor units" else ""
    with transaction.atomic():
        target, _made = Target.objects.update_or_create(
            kpi=kpi, grain=grain, channel=channel or "", market=market or "",
            defaults={"value": value, "currency": money, "changed_by": by[:150], "changed_at": timezone.now()},
        )  # fmt: skip
        record(by, "target_set", kpi, grain=grain, channel=channel or "", market=market or "", value=value)
    return target


def target_remove(kpi: str, grain: str, channel: str | None, market: str | None, by: str) -> bool:
    """Take a target away; false when there was none."""
    with transaction.atomic():
        rows = Target.objects.filter(kpi=kpi, grain=grain, channel=channel or "", market=market or "")
        gone = bool(rows.delete()[0])
        if gone:
            record(by, "target_remove", kpi, grain=grain, channel=channel or "", market=market or "")
    return gone


def value_of(kpi: str, text: str) -> float:
    """A target as typed, in the unit the figure is kept in.

    Raises ``TargetProblem``.
    """
    from regulars.measure.kpis import KPIS

    if kpi not in KPIS:
        raise TargetProblem(_("There is no such key figure."))
    unit = KPIS[kpi].unit
    plain = text.strip().replace(",", "").replace("，", "").removesuffix("%").removesuffix("％").strip()
    try:
        typed = Decimal(plain)
        if not typed.is_finite() or abs(typed) >= LARGEST:
            raise InvalidOperation
    except InvalidOperation:
        raise TargetProblem(_("A target is a number, such as 2000.")) from None
    if unit != "points" and kpi not in ("roi", "profit_per_new_customer") and typed < 0:
        raise TargetProblem(_("A target is not below zero."))
    if unit == "share" and typed > (1000 if kpi == "net_revenue_retention" else 100):
        raise TargetProblem(_("A share is at most 100 per cent."))
    digits = currency_digits(settings.COMPANY.currency)
    kept = {"minor units": typed.scaleb(digits), "share": typed / 100, "seconds": typed * 3600}.get(unit, typed)
    if unit == "minor units":
        return float(math.floor(kept))
    return float(kept)
