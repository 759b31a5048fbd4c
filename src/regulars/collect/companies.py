"""The distinct companies a file names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from regulars.collect.canonical import COMPANIES
from regulars.collect.names import is_masked

if TYPE_CHECKING:
    from regulars.collect.columns import Columns


def read_companies(columns: Columns, *, with_fields: bool) -> pa.Table:
    """One row per company name; where a file lists companies, what else it says of them goes to ``fields``."""
    cells = columns.cells("company").each(lambda t: None if is_masked(t) else " ".join(t.split()))
    if not len(cells.values):
        return COMPANIES.empty_table()
    codes = np.where(columns.used, cells.codes, -1)
    kept, first = np.unique(codes[codes >= 0], return_index=True)
    at = np.flatnonzero(codes >= 0)[first]
    order = np.argsort(at)
    kept, at = kept[order], at[order]
    texts = {n: columns.cells(n).take(at).text() for n in ("market", "region", "country", "website")}
    fields: list[str | None] = [None] * len(at)
    if with_fields:
        names = [
            c.column
            for c in columns.mapping.choices
            if c.field not in ("company", "market", "region", "country", "website")
        ]
        values = [columns.sheet.cells(columns.position(n)).take(at).text().to_pylist() for n in names]
        rows = (
            [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in zip(*values, strict=True)]
            if names
            else []
        )
        fields = [json.dumps(r, ensure_ascii=False) if r else None for r in rows] or fields
    return pa.table(
        [
            cells.values.take(pa.array(kept)),
            texts["market"],
            texts["region"],
            texts["country"],
            texts["website"],
            pa.array(fields, pa.string()),
        ],
        schema=COMPANIES,
    )
