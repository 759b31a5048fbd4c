"""What a board of this step may look at: what was understood and measured, what the owner wrote, what is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from regulars.decide.budget import BudgetDecision
from regulars.decide.result import Decision


@dataclass(frozen=True)
class View:
    """One turn's knowledge.

    ``facts`` are the lake's tables by name (Ibis), ``people``, ``scores``, ``kpis`` and ``outcomes`` the turn's own
    (Arrow), ``findings`` what understanding and measuring found by topic, as plain dictionaries or their dataclasses.
    ``book`` holds what the owner wrote down, as ``tables.DECIDING``. ``budget`` and ``best`` are the split of the
    money and the next best actions of this turn.
    """

    facts: Mapping[str, Any]
    people: pa.Table
    scores: pa.Table
    kpis: pa.Table
    outcomes: pa.Table
    findings: Mapping[str, Mapping[str, Any] | None]
    book: Mapping[str, pa.Table]
    budget: BudgetDecision | None
    best: Decision[pa.Table]
    now: datetime
    settings: Any
    lake_version: str
    plan: str
