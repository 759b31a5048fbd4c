"""Writes of experiments; each leaves an entry in the audit log."""

from __future__ import annotations

import math
import secrets
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.web.audit.services import record
from regulars.web.experiments.models import Experiment

ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
METRICS = ("buyers", "orders", "revenue", "money_per_order")
UNITS = ("person", "geo", "time")
LONGEST_DAYS = 365
MOST_ARMS = 6


class ExperimentProblem(ValueError):
    """Something about an experiment that cannot be kept as asked, in the owner's words."""


def _uid() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def _checked(asked: dict[str, Any]) -> dict[str, Any]:
    if not asked["name"].strip():
        raise ExperimentProblem(_("Give the experiment a name."))
    if asked["metric"] not in METRICS or asked["unit"] not in UNITS:
        raise ExperimentProblem(_("Choose what is measured and on whom."))
    if not 1 <= asked["days"] <= LONGEST_DAYS:
        raise ExperimentProblem(_("It lasts at least one day and at most a year."))
    return asked | {"name": asked["name"].strip()[:120], "question": asked.get("question", "").strip()[:500],
                    "channel": asked.get("channel", "")[:100], "market": asked.get("market", "")[:100]}  # fmt: skip


def experiment_create(asked: dict[str, Any], by: str) -> Experiment:
    """Start an experiment; for people, those known now are drawn into its arms."""
    kept = _checked(asked)
    if kept["unit"] == "person":
        arms = kept.get("arms") or {}
        if not 2 <= len(arms) <= MOST_ARMS or min(arms.values()) <= 0:
            raise ExperimentProblem(_("Name two to six arms, the control first, each with its own name."))
    else:
        kept["arms"] = {}
        if not kept["channel"]:
            raise ExperimentProblem(_("Say which channel is switched off or changed in some places or weeks."))
    if kept["start"] < timezone.localdate() - timedelta(days=1):
        raise ExperimentProblem(_("It cannot begin in the past; type in the result of a test that is over instead."))
    now = timezone.now()
    with transaction.atomic():
        one = Experiment.objects.create(uid=_uid(), made_by=by, drawn_at=now, created_at=now, **kept)
        record(by, "experiment_create", one.uid, unit=one.unit, metric=one.metric)
    return one


def experiment_type(asked: dict[str, Any], delta: float | None, se: float | None, by: str) -> Experiment:
    """Keep the result of a test that was run elsewhere."""
    kept, today = _checked(asked), timezone.localdate()
    ended = kept["start"] + timedelta(days=kept["days"])
    _result_checked(delta, se)
    if ended > today + timedelta(days=1):
        raise ExperimentProblem(_("This test is not over yet."))
    if not kept["channel"]:
        raise ExperimentProblem(_("Say which channel was tested."))
    now = timezone.now()
    with transaction.atomic():
        one = Experiment.objects.create(
            uid=_uid(), made_by=by, drawn_at=now, created_at=now, outside=True, state="concluded", delta=delta, se=se,
            ended=ended, **(kept | {"arms": {}}),
        )  # fmt: skip
        record(by, "experiment_type", one.uid, channel=one.channel, metric=one.metric)
    return one


def _result_checked(delta: float | None, se: float | None) -> None:
    if delta is None or se is None or not math.isfinite(delta) or not 0 < se < math.inf:
        raise ExperimentProblem(_("A result is a change and its standard error above zero, both numbers."))


def experiment_stop(uid: str, by: str) -> bool:
    """End an experiment before its day; what came in until today counts."""
    return _moved(uid, by, "experiment_stop", {"state": "running"}, state="stopped", ended=timezone.localdate())


def experiment_conclude(
    uid: str, delta: float | None, se: float | None, result: dict[str, Any], lesson: str, by: str, ended: date
) -> bool:
    """Keep the result as the record the models learn from."""
    _result_checked(delta, se)
    return _moved(uid, by, "experiment_conclude", {"state__in": ("running", "stopped")}, state="concluded", delta=delta,
                  se=se, result=result, lesson=lesson.strip()[:2000], ended=ended)  # fmt: skip


def experiment_reopen(uid: str, by: str) -> bool:
    """Take a conclusion or a stop back: the experiment runs on to its planned day."""
    return _moved(uid, by, "experiment_reopen", {"state__in": ("stopped", "concluded"), "outside": False},
                  state="running", delta=None, se=None, result={}, ended=None)  # fmt: skip


def experiment_delete(uid: str, by: str) -> bool:
    """Take an experiment away; it can be brought back."""
    return _moved(uid, by, "experiment_delete", {"deleted_at": None}, deleted_at=timezone.now())


def experiment_restore(uid: str, by: str) -> bool:
    """Bring a deleted experiment back."""
    return _moved(uid, by, "experiment_restore", {"deleted_at__isnull": False}, deleted_at=None)


def _moved(uid: str, by: str, verb: str, only: dict[str, Any], **to: Any) -> bool:
    with transaction.atomic():
        changed = Experiment.objects.filter(uid=uid, **only).update(**to)
        if changed:
            record(by, verb, uid)
    return bool(changed)
