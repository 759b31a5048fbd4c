"""Scores of a turn, from long rows in the lake's shape to one row a person."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from regulars.web.bridge.bulk import stamp, upsert
from regulars.web.bridge.score_texts import more_texts, why_texts
from regulars.web.people.models import Person, PersonScore

if TYPE_CHECKING:
    from collections.abc import Iterator

# What has a column of its own; all other scores are kept together as one text.
WHOLE = ("orders", "spent", "clv", "clv_historic")
REAL = ("recency_days", "weighted_score", "p_alive", "expected_orders", "churn")
LABEL = ("rfm", "segment", "cluster", "activity")
INTERVAL = ("clv", "churn")


def scores_publish(scores: pa.Table, now: datetime) -> int:
    """Keep the newest scores of everybody where a page reads them by key; returns how many people.

    People who no longer have scores lose their old ones; a score of somebody
    who has been erased meanwhile is dropped.
    """
    rows = list(_wide(scores, now))
    columns = [
        "person_id", *WHOLE, *REAL, *LABEL, *(f"{n}_{e}" for n in INTERVAL for e in ("low", "high")),
        "more", "why", "made_by", "made_at",
    ]  # fmt: skip
    with transaction.atomic():
        known = set(Person.objects.values_list("key", flat=True))
        kept = [row for row in rows if row[0] in known]
        upsert(PersonScore, columns, kept, key=("person_id",))
        PersonScore.objects.exclude(made_at=now).delete()
        buyers = Person.objects.filter(score__orders__gt=0)
        buyers.filter(
            stage__in=("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity")
        ).update(stage="customer")
    return len(kept)


def _wide(scores: pa.Table, now: datetime) -> Iterator[tuple[Any, ...]]:
    if scores.num_rows == 0:
        return
    encoded = pc.dictionary_encode(scores["customer"].combine_chunks())
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    keys = encoded.dictionary.to_pylist()
    where = np.asarray(encoded.indices)
    names = scores["name"].to_numpy(zero_copy_only=False)
    values = {c: scores[c].to_numpy(zero_copy_only=False) for c in ("value", "low", "high", "label")}
    models = pc.unique(scores["made_by"]).to_pylist()

    def column(name: str, part: str) -> list[Any]:
        out = np.full(len(keys), None, dtype=object)
        chosen = names == name
        out[where[chosen]] = values[part][chosen]
        return out.tolist()

    def number(x: Any) -> float | None:
        return None if x is None or x != x else float(x)

    def whole(x: Any) -> int | None:
        return None if x is None or x != x else round(float(x))

    parts: list[list[Any]] = [keys]
    parts += [[whole(x) for x in column(n, "value")] for n in WHOLE]
    parts += [[number(x) for x in column(n, "value")] for n in REAL]
    parts += [[x or "" for x in column(n, "label")] for n in LABEL]
    for name in INTERVAL:
        cast = whole if name in WHOLE else number
        parts += [[cast(x) for x in column(name, end)] for end in ("low", "high")]
    more, explained = more_texts(scores, where, len(keys)), why_texts(scores, where, len(keys))
    moment = stamp(now)
    made_by = ", ".join(sorted(m for m in models if m))[:200]
    yield from zip(*parts, more, explained, [made_by] * len(keys), [moment] * len(keys), strict=True)


def latest(lake: Any, table: str) -> Any:
    """The rows of the newest turn of a table the loop writes, as an Ibis table."""
    rows = lake.table(table)
    return rows.filter(rows.made_at == rows.made_at.max())
