"""The limits of channels the owner keeps from one plan to the next, as the deciding step reads them."""

from __future__ import annotations

from typing import Any

from regulars.web.plans.models import Aim, Limit
from regulars.web.plans.wishes import CAUTIOUS


def limit_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.LIMITS``: money a week by channel; the order is that of the names."""
    return [
        {"channel": k.channel, "low": k.low, "high": k.high, "frozen": k.frozen}
        for k in Limit.objects.filter(unit="money").order_by("channel")
    ]


def aim_rows() -> list[dict[str, Any]]:
    """The row in the shape of ``tables.AIMS``, if the owner ever chose."""
    return [{"objective": a.objective, "risk": CAUTIOUS if a.cautious else None} for a in Aim.objects.all()[:1]]


def contact_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.CONTACTS``: the most people to write to in any seven days, by channel."""
    found = Limit.objects.filter(unit="contacts", high__isnull=False).order_by("channel")
    return [{"channel": k.channel, "most": k.high} for k in found]
