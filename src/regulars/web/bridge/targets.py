"""Targets as the measuring step reads them."""

from __future__ import annotations

from typing import Any

from regulars.web.targets.models import Target


def target_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.TARGETS``; all channels or markets are null there."""
    return [
        {"kpi": t.kpi, "grain": t.grain, "channel": t.channel or None, "market": t.market or None, "value": t.value,
         "currency": t.currency or None}
        for t in Target.objects.order_by("kpi", "grain", "channel", "market")
    ]  # fmt: skip
