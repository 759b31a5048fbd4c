"""Reads of targets."""

from __future__ import annotations

from regulars.web.targets.models import Target


def targets(grain: str, channel: str | None = None, market: str | None = None) -> dict[str, Target]:
    """The targets of one grain and slice, by key figure."""
    rows = Target.objects.filter(grain=grain, channel=channel or "", market=market or "")
    return {t.kpi: t for t in rows}
