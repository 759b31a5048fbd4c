"""What the owner wrote down that measuring needs: experiments, targets, signals from outside, verdicts on alarms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from regulars.tables import MEASURING
from regulars.web.bridge.experiments import assignments_table, experiments_table
from regulars.web.bridge.partners import seller_rows
from regulars.web.bridge.signals import signals
from regulars.web.bridge.targets import target_rows
from regulars.web.bridge.verdicts import verdicts_rows

# Table to the reads of its noun: a function that gives its rows as dictionaries, or as the table itself.
READS: dict[str, Callable[[], list[dict[str, Any]] | pa.Table]] = {
    "experiments": experiments_table, "assignments": assignments_table, "verdicts": verdicts_rows,
    "targets": target_rows, "signals": signals, "partners": seller_rows,
}  # fmt: skip


def measuring_tables() -> dict[str, pa.Table]:
    """Every table of ``tables.MEASURING``; empty where nobody wrote anything."""
    given = {name: READS[name]() if name in READS else [] for name in MEASURING}
    return {name: rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows, schema=MEASURING[name])
            for name, rows in given.items()}  # fmt: skip
