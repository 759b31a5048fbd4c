"""Ids for rows that have none: made of what the row says, so that a longer file gives the same ids."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from regulars.collect.grouping import nth

if TYPE_CHECKING:
    from regulars.collect.columns import Columns

_SAYS: Final = (
    "customer_id",
    "email",
    "phone",
    "name",
    "product_title",
    "sku",
    "channel",
    "event",
    "score",
    "text",
    "plan",
    "deal_title",
    "company",
    "amount",
    "total",
    "line_amount",
    "quantity",
)


def content_ids(columns: Columns, rows: np.ndarray, at: np.ndarray) -> list[str]:
    """Ids made of customer, time, amount and product, with a count for repeats.

    The same row gets the same id in a longer file, because only the rows before
    it with the same content count.
    """
    parts: list[list[object]] = [columns.cells(n).take(rows).text().to_pylist() for n in _SAYS if columns.has(n)]
    parts.append(at[rows].tolist())
    texts = ["|".join("" if p is None else str(p) for p in row) for row in zip(*parts, strict=True)]
    return counted(["row:" + hashlib.sha256(t.encode()).hexdigest()[:16] for t in texts])


def counted(ids: list[str]) -> list[str]:
    """Number the repeats of ids, the first keeps its own.

    >>> counted(["a", "b", "a"])
    ['a', 'b', 'a#2']
    """
    if not ids:
        return []
    again = nth([pd.factorize(np.array(ids, object))[0]])
    return [i if n == 0 else f"{i}#{n + 1}" for i, n in zip(ids, again.tolist(), strict=True)]
