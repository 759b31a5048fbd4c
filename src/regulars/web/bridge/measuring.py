"""What the owner wrote down that measuring needs: experiments, targets, signals from outside, verdicts on alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from regulars.tables import MEASURING

# Table to the reads of its noun: a function that gives its rows as dictionaries.
READS: dict[str, Callable[[], list[dict[str, Any]]]] = {}


def measuring_tables() -> dict[str, pa.Table]:
    """Every table of ``tables.MEASURING``; empty where nobody wrote anything."""
    return {name: pa.Table.from_pylist(READS[name]() if name in READS else [], schema=shape)
            for name, shape in MEASURING.items()}  # fmt: skip
