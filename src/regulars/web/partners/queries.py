"""Reads of partners, and the rows that deciding and measuring are given."""

from __future__ import annotations

import json
from typing import Any

from regulars.web.partners.models import Agreement, Partner, Payment, Rules


def partners() -> list[Partner]:
    return list(Partner.objects.order_by("state", "name"))


def partner_of(code: str) -> Partner | None:
    return Partner.objects.prefetch_related("agreements", "payments").filter(code=code).first()


def rules() -> Rules:
    return Rules.objects.first() or Rules()


def partner_names() -> dict[str, str]:
    return dict(Partner.objects.values_list("code", "name"))


def partner_rows() -> list[dict[str, Any]]:
    """Rows of ``tables.DECIDING["partners"]``."""
    return [
        {"partner": p.code, "name": p.name, "region": p.region, "state": p.state, "mode": p.mode, "cost": p.cost,
         "capacity": p.capacity, "expected": json.dumps(p.expected)}
        for p in Partner.objects.order_by("code")
    ]  # fmt: skip


def agreement_row(a: Agreement) -> dict[str, Any]:
    """One row of ``tables.DECIDING["agreements"]``."""
    lists = {k: json.dumps(a.terms[k]) for k in ("channels", "markets", "tiers")}
    return {"id": a.uid, "partner": a.partner_id, "start": a.start, "end": a.end, "cost": 0, **a.terms, **lists}


def agreement_rows() -> list[dict[str, Any]]:
    """Rows of ``tables.DECIDING["agreements"]``, without those of partners that are only candidates."""
    found = Agreement.objects.exclude(partner__state="candidate").order_by("partner_id", "start", "uid")
    return [agreement_row(a) for a in found]


def payment_rows() -> list[dict[str, Any]]:
    """Rows of ``tables.DECIDING["partner_payments"]``."""
    rows = Payment.objects.order_by("due", "pk").values("partner_id", "due", "paid", "amount")
    return [{"partner": r.pop("partner_id"), **r} for r in rows]


def rule_rows() -> list[dict[str, Any]]:
    """The one row of ``tables.DECIDING["partner_rules"]``, where there is one."""
    return [
        {"budget": r.budget, "concentration": r.concentration, "most": r.most, "conflicts": json.dumps(r.conflicts),
         "regions": json.dumps(r.regions)}
        for r in Rules.objects.all()[:1]
    ]  # fmt: skip


def seller_rows() -> list[dict[str, Any]]:
    """Rows of ``tables.MEASURING["partners"]``: one a channel and market of each agreement."""
    found = Agreement.objects.exclude(partner__state="candidate").select_related("partner").order_by("start", "uid")
    return [
        {"partner": a.partner_id, "name": a.partner.name, "channel": channel, "market": market, "start": a.start,
         "end": a.end}
        for a in found for channel in a.terms["channels"] for market in (a.terms["markets"] or [None])
    ]  # fmt: skip
