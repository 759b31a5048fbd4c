"""What plans earned, beside what they promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.tables import DECISIONS, why_codes
from regulars.web.plans.models import Plan, PlanRow


def outcomes_store(outcomes: pa.Table, now: datetime) -> None:
    """Write the realised gain of every plan that has been measured.

    Only what has an interval counts: an action with one person held back can never have
    one, and a sum without an interval would read as a proven gain. A plan is ``measured``
    when no window is open any more; until then it is ``running``.
    """
    by_plan: dict[str, list[dict[str, Any]]] = {}
    for row in outcomes.to_pylist():
        if row["name"] in ("realised", "predicted"):
            by_plan.setdefault(row["plan"], []).append(row)
    for uid, rows in by_plan.items():
        earned = [r for r in rows if r["name"] == "realised"]
        if not earned:
            continue
        totals = _totals(outcomes, uid) | {"parts": _parts(rows)}
        open_ = any({"window_open", "period_running"} & set(why_codes(r["why"])) for r in earned)
        decided = totals["realised"] is not None and not open_
        Plan.objects.filter(uid=uid, state__in=("approved", "running", "measured")).update(
            **totals, measured_at=now, state="measured" if decided else "running"
        )
        # Rows that ran by themselves earn as well, though nobody said yes to their plan as a whole.
        Plan.objects.filter(
            uid__in=PlanRow.objects.filter(plan_id=uid, state="done").values("plan_id"),
            state__in=("proposed", "superseded"),
        ).update(**totals, measured_at=now)


def _totals(outcomes: pa.Table, uid: str) -> dict[str, Any]:
    """What was earned and what the same parts had promised, each with its interval; None where nothing is known."""
    from regulars.decide.plan import Plan as Whole

    found = Whole.read(DECISIONS.empty(), uid).measured(outcomes)
    out: dict[str, Any] = {}
    for name, estimate in zip(("promised", "realised"), found, strict=True):
        ends = (None, None, None) if estimate is None else (estimate.value, estimate.low, estimate.high)
        for end, value in zip(("", "_low", "_high"), ends, strict=True):
            out[name + end] = None if value is None else round(value)
    return out


def _parts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Promised and earned of each action and channel; what has no interval is not shown as earned."""
    out: dict[str, dict[str, Any]] = {}
    for row in rows:
        part = out.setdefault(row["subject"], {"subject": row["subject"], "promised": None, "earned": None, "why": ""})
        if all(is_number(row[c]) for c in ("value", "low", "high")):
            part["promised" if row["name"] == "predicted" else "earned"] = [
                round(row[c]) for c in ("value", "low", "high")
            ]
        if row["name"] == "realised":
            part["why"] = row["why"] or ""
    return [out[s] for s in sorted(out)]


def is_number(value: float | None) -> bool:
    """Whether a figure is there: neither empty nor NaN."""
    return value is not None and value == value
