"""Writes of partners, agreements, payments and rules; everything typed is said back in words where it cannot be."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from regulars.tables import currency_digits
from regulars.web.audit.services import record
from regulars.web.partners.models import STATES, Agreement, Partner, Payment, Rules

MODES = ("agent", "reseller", "marketplace", "platform", "direct")
LARGEST = Decimal(10) ** 13
MOST = 60


class PartnerProblem(ValueError):
    """What cannot be kept: ``field`` is where it was typed."""

    def __init__(self, field: str, text: str) -> None:
        self.field = field
        super().__init__(text)


def partner_save(code: str, said: Mapping[str, str], by: str) -> Partner:
    """Add or change a partner; ``expected`` is typed as one line a market: ``cn: 500000``."""
    name = said.get("name", "").strip()[:100]
    if not name:
        raise PartnerProblem("name", _("Give the partner a name."))
    kept = code or slugify(said.get("code") or name, allow_unicode=True)[:40] or secrets.token_hex(4)
    if not code and Partner.objects.filter(code=kept).exists():
        raise PartnerProblem("name", _("There is a partner with this name already."))
    if not code and Partner.objects.count() >= MOST:
        raise PartnerProblem("name", _("At most %(n)s partners can be kept.") % {"n": MOST})
    state, mode = said.get("state", "candidate"), said.get("mode", "agent")
    fields: dict[str, Any] = {
        "name": name, "region": said.get("region", "").strip()[:60], "state": state if state in STATES else "candidate",
        "mode": mode if mode in MODES else "agent", "cost": money(said, "cost") or 0,
        "capacity": money(said, "capacity"), "expected": _expected(said.get("expected", "")),
        "changed_at": timezone.now(),
    }  # fmt: skip
    with transaction.atomic():
        row, _new = Partner.objects.update_or_create(code=kept, defaults=fields)
        record(by, "partner_save", kept, state=fields["state"])
    return row


def partner_remove(code: str, by: str) -> None:
    """Take a partner away with its agreements and payments."""
    with transaction.atomic():
        if Partner.objects.filter(code=code).delete()[0]:
            record(by, "partner_remove", code)


def agreement_save(partner: Partner, uid: str, said: Mapping[str, str], by: str) -> Agreement:
    """Add or change an agreement; tiers are typed as one line each: ``0: 10%``."""
    from regulars.decide.agreements import Agreement as Terms
    from regulars.decide.agreements import Tier

    terms: dict[str, Any] = {
        "mode": partner.mode, "channels": words(said.get("channels", "")), "markets": words(said.get("markets", "")),
        "currency": said.get("currency", "").strip().upper()[:3] or settings.COMPANY.currency,
        "tiers": _tiers(said.get("tiers", "")), "rule": said.get("rule", "marginal"),
        "tier_period": said.get("tier_period", "month"), "rounding": said.get("rounding", "half_up"),
        "guarantee": money(said, "guarantee") or 0, "cap": money(said, "cap"),
        "commitment": money(said, "commitment") or 0, "payment_days": _whole(said, "payment_days", 30),
        "exclusive": bool(said.get("exclusive")),
    }  # fmt: skip
    start, end = day(said, "start"), day(said, "end")
    if start is None:
        raise PartnerProblem("start", _("Say on which day it begins."))
    if end is not None and end < start:
        raise PartnerProblem("end", _("It cannot end before it begins."))
    if not terms["channels"]:
        raise PartnerProblem("channels", _("Name at least one channel whose orders are this partner's."))
    rates = [rate for _start, rate in terms["tiers"]]
    if terms["rule"] == "whole" and rates != sorted(rates):
        raise PartnerProblem(
            "tiers", _("With one rate for all revenue, a lower rate above would pay less for selling more.")
        )
    if terms["cap"] is not None and terms["cap"] < terms["guarantee"]:
        raise PartnerProblem("cap", _("The most cannot be below what is guaranteed."))
    try:
        Terms(id="new", partner=partner.code, start=start, end=end,
              **{**terms, "tiers": tuple(Tier(*t) for t in terms["tiers"])})  # fmt: skip
    except ValueError as told:
        raise PartnerProblem("tiers", str(told)) from told
    with transaction.atomic():
        row, _new = Agreement.objects.update_or_create(
            uid=uid or secrets.token_hex(6),
            defaults={"partner": partner, "start": start, "end": end, "terms": terms, "changed_at": timezone.now()},
        )
        record(by, "agreement_save", row.uid, partner=partner.code)
    return row


def agreement_remove(uid: str, by: str) -> None:
    with transaction.atomic():
        if Agreement.objects.filter(uid=uid).delete()[0]:
            record(by, "agreement_remove", uid)


def payment_save(partner: Partner, said: Mapping[str, str], by: str) -> Payment:
    due, paid, amount = day(said, "due"), day(said, "paid"), money(said, "amount")
    if due is None:
        raise PartnerProblem("due", _("Say by which day it was due."))
    if not amount:
        raise PartnerProblem("amount", _("Say how much it was."))
    with transaction.atomic():
        row = Payment.objects.create(partner=partner, due=due, paid=paid, amount=amount)
        record(by, "partner_payment_save", partner.code, due=due.isoformat())
    return row


def rules_save(said: Mapping[str, str], by: str) -> Rules:
    """Keep the limits; conflicts are typed one pair a line (``north, east``), regions as ``south: 2``."""
    share = number(said, "concentration")
    if share is not None and not 0 < share <= 100:
        raise PartnerProblem("concentration", _("A share is more than 0 and at most 100 per cent."))
    known = set(Partner.objects.values_list("code", flat=True)) | set(Partner.objects.values_list("name", flat=True))
    codes = {p.name: p.code for p in Partner.objects.all()}
    pairs = []
    for line in said.get("conflicts", "").splitlines():
        pair = words(line)
        if not pair:
            continue
        if len(pair) != 2 or not set(pair) <= known or pair[0] == pair[1]:
            raise PartnerProblem(
                "conflicts", _("“%(line)s” does not name two of your partners.") % {"line": line.strip()}
            )
        pairs.append([codes.get(p, p) for p in pair])
    regions = {}
    for region, least in _lines(said.get("regions", ""), "regions"):
        if not re.fullmatch(r"[1-9]\d?", least):
            raise PartnerProblem("regions", _("“%(line)s” is not a number of partners.") % {"line": least})
        regions[region] = int(least)
    fields: dict[str, Any] = {
        "budget": money(said, "budget"), "concentration": None if share is None else float(share) / 100,
        "most": _whole(said, "most", 0) or None, "conflicts": pairs, "regions": regions,
    }  # fmt: skip
    with transaction.atomic():
        row, _new = Rules.objects.update_or_create(pk=1, defaults=fields)
        record(by, "partner_rules_save", "1")
    return row


def words(text: str) -> list[str]:
    return list(dict.fromkeys(w.strip() for w in re.split(r"[,，、;；\n]", text) if w.strip()))


def number(said: Mapping[str, str], field: str) -> Decimal | None:
    text = said.get(field, "").strip().replace(",", "").replace("，", "").rstrip("%")
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value < LARGEST:
        raise PartnerProblem(field, _("“%(text)s” is not an amount of 0 or more.") % {"text": text})
    return value


def money(said: Mapping[str, str], field: str) -> int | None:
    """An amount as typed, in minor units."""
    value = number(said, field)
    return (
        None if value is None else int((value * 10 ** currency_digits(settings.COMPANY.currency)).to_integral_value())
    )


def day(said: Mapping[str, str], field: str) -> date | None:
    text = said.get(field, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise PartnerProblem(field, _("“%(text)s” is not a day; write it like 2026-03-31.") % {"text": text}) from None


def _whole(said: Mapping[str, str], field: str, usual: int) -> int:
    value = number(said, field)
    if value is None:
        return usual
    if value != int(value) or value > 9999:
        raise PartnerProblem(field, _("Write a whole number."))
    return int(value)


def _lines(text: str, field: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = re.sub("：", ":", line).partition(":")
        if not colon or not name.strip() or not value.strip():
            raise PartnerProblem(field, _("Write “%(line)s” as a name, a colon and a number.") % {"line": line.strip()})
        found.append((name.strip(), value.strip()))
    return found


def _expected(text: str) -> dict[str, int]:
    return {market: money({"expected": v}, "expected") or 0 for market, v in _lines(text, "expected")}


def _tiers(text: str) -> list[list[int]]:
    """Lines like ``0: 10%``: from this revenue of the period on, this rate."""
    found = []
    for start, rate in _lines(text, "tiers"):
        share = number({"tiers": rate}, "tiers") or Decimal(0)
        if share > 100:
            raise PartnerProblem("tiers", _("A rate is at most 100 per cent."))
        found.append([money({"tiers": start}, "tiers") or 0, int((share * 10_000).to_integral_value())])
    starts = [t[0] for t in found]
    if not found or starts[0] != 0 or starts != sorted(set(starts)):
        raise PartnerProblem("tiers", _("The first line begins at 0 and each next line above the one before."))
    return found
