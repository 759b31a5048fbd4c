"""What a board may look at: the facts, the people, the texts, and what the turn has understood so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.understand.clv import CLV
from regulars.understand.day_cells import DayCells


@dataclass(frozen=True)
class View:
    """One turn's knowledge.

    ``facts`` are the lake's tables by name. ``people``, ``texts`` and
    ``products`` come from the book, as in ``tables.PEOPLE, TEXTS, PRODUCTS``. ``rfm`` and ``worth``
    have a row per customer in the order of ``cells.customers``.
    """

    facts: Mapping[str, Any]
    people: pa.Table
    texts: pa.Table
    products: pa.Table
    cells: DayCells
    rfm: pa.Table
    worth: pa.Table
    clv: CLV
    scores: pa.Table
    now: datetime
    settings: Any
    lake_version: str
