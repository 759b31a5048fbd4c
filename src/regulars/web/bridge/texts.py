"""What customers wrote, for the step that reads it; nothing of it goes into the lake."""

from __future__ import annotations

import pyarrow as pa

from regulars.tables import TEXTS
from regulars.web.answers.models import Answer


def texts_table() -> pa.Table:
    """Every text with something in it, oldest first, in the shape of ``TEXTS``."""
    rows = Answer.objects.exclude(text="").order_by("at", "id")
    found = rows.values_list("id", "person_id", "at", "kind", "score", "text", "status", "channel", "label")
    columns = [list(c) for c in zip(*found.iterator(20_000), strict=True)] or [[] for _ in TEXTS]
    return pa.table(
        [pa.array([v if v != "" else None for v in c], f.type) for c, f in zip(columns, TEXTS, strict=True)],
        schema=TEXTS,
    )
