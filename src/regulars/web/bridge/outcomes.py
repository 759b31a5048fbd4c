"""What plans earned, beside what they promised."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from regulars.web.plans.models import Plan, PlanRow


def outcomes_store(outcomes: pa.Table, now: datetime) -> None:
    """Write the realised gain of every plan that has been measured.

    A plan is ``measured`` once its lift has an interval; until then it is ``running``.
    """
    realised: dict[str, list[dict[str, float | None]]] = {}
    for row in outcomes.to_pylist():
        if row["name"] == "realised":
            realised.setdefault(row["plan"], []).append(row)
    for uid, rows in realised.items():
        known = [r for r in rows if r["value"] is not None]
        if not known:
            continue
        totals = {}
        for field, column in (("realised", "value"), ("realised_low", "low"), ("realised_high", "high")):
            values = [r[column] for r in known]
            totals[field] = None if any(v is None for v in values) else round(sum(v for v in values if v is not None))
        decided = all(v is not None for v in totals.values())
        Plan.objects.filter(uid=uid, state__in=("approved", "running", "measured")).update(
            **totals, measured_at=now, state="measured" if decided else "running"
        )
        # Rows that ran by themselves earn as well, though nobody said yes to their plan as a whole.
        Plan.objects.filter(
            uid__in=PlanRow.objects.filter(plan_id=uid, state="done").values("plan_id"),
            state__in=("proposed", "superseded"),
        ).update(**totals, measured_at=now)
