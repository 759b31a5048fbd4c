"""Experiments the owner made, as the record that feeds the models, and who is in which arm of those that run."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from regulars.tables import MEASURING
from regulars.web.experiments.apart import apart_table
from regulars.web.experiments.arms import arm_of, people, window
from regulars.web.experiments.models import Experiment


def experiments_table() -> list[dict[str, Any]]:
    """Every experiment in the shape of ``tables.EXPERIMENTS``.

    ``delta`` and ``se`` are totals of the window, so the unit of the record is ``total``. A test on people
    without a spend of its own says nothing about the channel's money, so it carries no channel.
    """
    rows = []
    for one in Experiment.objects.filter(deleted_at=None):
        last = (one.ended or one.start + timedelta(days=one.days)) - timedelta(days=1)
        told = one.channel if one.unit != "person" or one.spend else ""
        rows.append({
            "id": one.uid, "name": one.name, "unit": "total", "metric": one.metric, "channel": told or None,
            "market": one.market or None, "start": one.start, "end": max(last, one.start), "window_days": one.days,
            "spend": None if one.spend is None else float(one.spend), "delta": one.delta, "se": one.se,
            "currency": settings.HOME.settings.currency, "state": one.state,
            "body": json.dumps({"arms": one.arms, "control": next(iter(one.arms), None), "metric": one.metric,
                                "unit": one.unit, "channel": one.channel, "wanted_relative": one.wanted}),
        })  # fmt: skip
    return rows


def assignments_table() -> pa.Table:
    """One row a person and experiment that is not concluded, as ``tables.ASSIGNMENTS``; those never written to too."""
    from regulars.act.holdout import Holdout
    from regulars.web.bridge.sending import holdout_salt

    parts = []
    for one in Experiment.objects.filter(deleted_at=None, unit="person", outside=False).exclude(state="concluded"):
        keys = list(people(one).values_list("key", flat=True).iterator(20_000))
        begin, end = window(one)
        columns = ([one.uid] * len(keys), [arm_of(one, k) for k in keys], keys, [begin] * len(keys), [end] * len(keys))
        shape = MEASURING["assignments"]
        parts.append(pa.Table.from_pydict(dict(zip(shape.names, columns, strict=True)), schema=shape))
    home = settings.HOME
    share = home.settings.holdout_everywhere
    if share:
        parts.append(apart_table(Holdout(0.0, holdout_salt(home), share), timezone.now()))
    return pa.concat_tables(parts) if parts else MEASURING["assignments"].empty_table()
