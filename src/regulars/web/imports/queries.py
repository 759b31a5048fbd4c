"""Reads of imports."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When

from regulars.web.imports.models import ImportRun
from regulars.web.jobs.queries import job_of_run

STEPS = ("file", "mapping", "check", "import", "result")
AT = {"mend": 1, "checking": 2, "checked": 2, "importing": 3, "done": 4}


def imports_waiting() -> list[ImportRun]:
    """Files that wait for the owner: to be checked, to be imported after a check, or because they failed."""
    waits = Q(state__in=("uploaded", "ready", "failed")) | (Q(state="done", dry_run=True) & ~Q(path=""))
    return list(ImportRun.objects.filter(waits).order_by("-created_at")[:5])


def runs() -> QuerySet[ImportRun]:
    """Every file that was brought in, for the history."""
    stands = Case(When(state="done", dry_run=True, then=Value("checked")), default=F("state"), output_field=CharField())
    return ImportRun.objects.defer("mapping").annotate(stands=stands)


def run_of(uid: str) -> ImportRun | None:
    return ImportRun.objects.filter(uid=uid).first()


def sources() -> list[str]:
    """The sources known so far: a file of the same source changes its orders instead of adding them again."""
    named = ImportRun.objects.exclude(source="").order_by("source")
    return list(named.values_list("source", flat=True).distinct()[:50])


@dataclass(frozen=True)
class Progress:
    """How far a file has come: its phase, the step of the rail, the job that works on it."""

    phase: str
    job: str = ""

    @property
    def step(self) -> int:
        return AT[self.phase]

    @property
    def rail(self) -> list[tuple[str, bool]]:
        """The five steps, and which is now."""
        return [(name, i == self.step) for i, name in enumerate(STEPS)]


def progress_of(run: ImportRun) -> Progress:
    """The phase of a run; one that says it runs while no job works on it was stopped."""
    if run.state in ("queued", "running", "done", "ready"):
        job = job_of_run(run.uid)
        if job:
            return Progress("checking" if job["argument"].get("dry_run") else "importing", job["uid"])
    if run.state == "done" and run.counts:
        return Progress("checked" if run.dry_run else "done")
    return Progress("mend")


def problem_of(run: ImportRun) -> dict[str, Any] | None:
    """What went wrong with a run, also when it ended without saying so."""
    known = dict(run.problem or {})
    if not known and run.state not in ("queued", "running"):
        return None
    if known.get("code", "stopped") != "stopped":
        return known
    # A cancelled job says nothing; anything else that broke off says what it was.
    code = "broken_off" if known.get("what") else "trial_stopped" if run.dry_run else "stopped"
    return {"code": code, "where": run.file_name, "values": {"text": known.get("what", "")}}


def rejects(run: ImportRun) -> Iterator[list[str]]:
    """The rows set aside as they were, header first, with number, reason and detail at the end."""
    path = settings.HOME.path / run.rejects_path
    if not run.rejects_path or not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file)


def rejects_shown(run: ImportRun, limit: int = 50) -> list[dict[str, Any]]:
    """The first rows set aside: number, reason, detail and cells."""
    lines = rejects(run)
    next(lines, None)
    first = islice(lines, limit)
    return [{"row": r[-3], "reason": r[-2], "detail": r[-1], "cells": r[:-3]} for r in first if len(r) > 3]


def money_agrees(counts: dict[str, Any]) -> bool | None:
    """Whether the money in the file is the money stored, to the smallest unit; None where there is none."""
    from decimal import Decimal

    from regulars.web.words.amounts import major

    came, kept = counts.get("money_in") or {}, counts.get("money_stored") or {}
    if not came:
        return None
    return all(abs(Decimal(str(a)) - major(kept.get(c, 0), c)) < Decimal("0.01") for c, a in came.items())
