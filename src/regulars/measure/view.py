"""What a board of this step may look at: the facts, what was measured so far, and what the owner wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from regulars.measure.history import Cubes


@dataclass(frozen=True)
class View:
    """One turn's knowledge.

    ``facts`` are the lake's tables by name (Ibis), ``cube`` their daily sums up to
    ``today``, ``kpis`` the figures counted so far in the shape of ``tables.KPIS``, ``scores`` and
    ``decisions`` the turn's own. ``book`` holds what the owner wrote down, as ``tables.MEASURING``.
    """

    facts: Mapping[str, Any]
    cube: Cubes
    kpis: pd.DataFrame
    outcomes: pd.DataFrame
    scores: pa.Table
    decisions: Any
    book: Mapping[str, pa.Table]
    today: date
    now: datetime
    settings: Any
    lake_version: str
