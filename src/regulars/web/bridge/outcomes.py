"""What plans earned, beside what they promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.tables import why_codes
from regulars.web.plans.models import Plan, PlanRow


def outcomes_store(outcomes: pa.Table, now: datetime) -> None:
    """Write the realised gain of every plan that has been measured.

    Only what has an interval counts: an action with one person held back can never have
    one, and a sum without an interval would read as a proven gain. A plan is ``measured``
    when no window is open any more; until then it is ``running``.
    """
    realised: dict[str, list[dict[str, Any]]] = {}
    for row in outcomes.to_pylist():
        if row["name"] == "realised":
            realised.setdefault(row["plan"], []).append(row)
    for uid, rows in realised.items():
        known = [r for r in rows if all(is_number(r[c]) for c in ("value", "low", "high"))]
        totals = {
            field: round(sum(r[column] for r in known)) if known else None
            for field, column in (("realised", "value"), ("realised_low", "low"), ("realised_high", "high"))
        }
        open_ = any({"window_open", "period_running"} & set(why_codes(r["why"])) for r in rows)
        decided = bool(known) and not open_
        Plan.objects.filter(uid=uid, state__in=("approved", "running", "measured")).update(
            **totals, measured_at=now, state="measured" if decided else "running"
        )
        # Rows that ran by themselves earn as well, though nobody said yes to their plan as a whole.
        Plan.objects.filter(
            uid__in=PlanRow.objects.filter(plan_id=uid, state="done").values("plan_id"),
            state__in=("proposed", "superseded"),
        ).update(**totals, measured_at=now)


def is_number(value: float | None) -> bool:
    """Whether a figure is there: neither empty nor NaN."""
    return value is not None and value == value
