"""Reads of experiments."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from regulars.web.experiments.models import Experiment

# What the board computes for each metric of the owner's.
FIGURES = {"buyers": "buy", "orders": "orders", "revenue": "money", "money_per_order": "money_per_order"}


def experiments() -> list[Experiment]:
    """All experiments, the newest first."""
    return list(Experiment.objects.filter(deleted_at=None))


def experiment(uid: str) -> Experiment | None:
    """One experiment, deleted ones included: they can be brought back."""
    return Experiment.objects.filter(uid=uid).first()


def planned_end(one: Experiment) -> date:
    """The first day after the plan."""
    return one.start + timedelta(days=one.days)


def reading(body: dict[str, Any] | None, uid: str) -> dict[str, Any] | None:
    """What the last turn says of an experiment of the owner's own."""
    return next((t for t in (body or {}).get("own", []) if t["id"] == uid), None)


def primary(one: Experiment, found: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures the experiment was made for, one an arm."""
    return [f for f in found["figures"] if f["name"] == FIGURES[one.metric]]
