"""People no flow writes to at all: since when, and who they are; drawn by a hash, the same people for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from django.db import transaction

from regulars.tables import MEASURING
from regulars.web.audit.services import record
from regulars.web.experiments.models import Apart
from regulars.web.people.queries import known_by

if TYPE_CHECKING:
    from regulars.act.holdout import Holdout

# The name of the reading in measuring's table of who is in which arm.
EVERYWHERE = "everywhere"
YEAR = timedelta(days=365)


def apart_kept(share: float, now: datetime) -> Apart | None:
    """Write down from when on the share of the settings holds; another share is another group and begins anew."""
    running = Apart.objects.filter(until=None).first()
    if (running.share if running else 0.0) == share:
        return running
    with transaction.atomic():
        Apart.objects.filter(until=None).update(until=now)
        fresh = Apart.objects.create(share=share, since=now) if share else None
        record("program", "holdout_everywhere", "", share=share)
    return fresh


def apart_table(holdout: Holdout, now: datetime) -> pa.Table:
    """Everybody as ``tables.ASSIGNMENTS``: held or treated, from the start or from when they became known.

    A year is read at a time: after it the same people stay apart and the reading begins again.
    """
    shape = MEASURING["assignments"]
    running = Apart.objects.filter(until=None).first()
    if running is None or not holdout.everywhere:
        return shape.empty_table()
    begin = running.since + YEAR * max((now - running.since) // YEAR, 0)
    rows = list(known_by(now).values_list("key", "created_at"))
    start = [int(max(begin, at).timestamp()) for _key, at in rows]
    keys = [key for key, _at in rows]
    arm = ["held" if holdout.held_everywhere(key) else "treated" for key in keys]
    end = [int((begin + YEAR).timestamp())] * len(keys)
    columns = ([EVERYWHERE] * len(keys), arm, keys, start, end)
    return pa.Table.from_pydict(dict(zip(shape.names, columns, strict=True)), schema=shape)
