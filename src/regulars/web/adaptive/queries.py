"""Reads of what is tried out."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from regulars.web.adaptive.models import Exposure, Tryout

FIELDS = ("arm", "at", "shown", "won", "total", "square", "rewarded_at", "chance")
MOST = 200_000


def tryouts() -> list[Tryout]:
    return list(Tryout.objects.all())


def asked(one: Tryout) -> dict[str, Any]:
    """One try-out in the shape of ``tables.TRYOUTS``."""
    return {"tryout": one.uid, "name": one.name, "kind": one.kind, "reward": one.reward,
            "window_hours": float(one.window_hours), "floor": one.floor, "keep": one.keep, "rule": one.rule,
            "weeks": one.weeks, "state": one.state, "started": one.started}  # fmt: skip


def tryout_rows() -> list[dict[str, Any]]:
    """Rows in the shape of ``tables.TRYOUTS``."""
    return [asked(one) for one in tryouts()]


def exposure_rows() -> list[dict[str, Any]]:
    """The newest exposures of running try-outs in the shape of ``tables.EXPOSURES``."""
    rows = Exposure.objects.filter(tryout__state="running").order_by("-at", "-pk").values("tryout_id", *FIELDS)[:MOST]
    return [{"tryout": row.pop("tryout_id"), **row} for row in reversed(rows)]


def readings(rows: list[Tryout], now: datetime) -> dict[str, Any]:
    """What each try-out has shown so far."""
    from regulars.decide.arms_reading import read_tryout

    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    found = Exposure.objects.filter(tryout__in=rows).order_by("pk").values("tryout_id", *FIELDS)[:MOST]
    for row in found:
        by[row.pop("tryout_id")].append(row)
    return {one.uid: read_tryout(asked(one), by[one.uid], one.ended or now) for one in rows if by[one.uid]}
