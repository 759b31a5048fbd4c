"""What the owner wrote down that deciding needs: limits of channels and whatever else the boards of deciding ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from regulars.tables import DECIDING
from regulars.web.bridge.adaptive import exposure_rows, tryout_rows
from regulars.web.bridge.calendar import calendar_rows, called_rows
from regulars.web.bridge.contact_rules import contact_rule_rows, strategy_rows
from regulars.web.bridge.limits import aim_rows, contact_rows, limit_rows
from regulars.web.bridge.modes import figure_rows, judgement_rows
from regulars.web.bridge.partners import agreement_rows, partner_rows, payment_rows, rule_rows
from regulars.web.bridge.resources import cell_rows, level_rows, resource_rows

# Table to the reads of its noun: a function that gives its rows as dictionaries, or as the table itself.
READS: dict[str, Callable[[], list[dict[str, Any]] | pa.Table]] = {
    "partners": partner_rows, "agreements": agreement_rows, "partner_payments": payment_rows,
    "partner_rules": rule_rows, "mode_figures": figure_rows, "mode_judgements": judgement_rows,
    "contact_rules": contact_rule_rows, "strategies": strategy_rows,
    "resources": resource_rows, "cells": cell_rows, "levels": level_rows,
    "limits": limit_rows, "contacts": contact_rows, "aims": aim_rows,
    "calendar": calendar_rows, "called": called_rows, "tryouts": tryout_rows, "exposures": exposure_rows,
}  # fmt: skip


def deciding_tables() -> dict[str, pa.Table]:
    """Every table of ``tables.DECIDING``; empty where nobody wrote anything."""
    given = {name: READS[name]() if name in READS else [] for name in DECIDING}
    return {name: rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(rows, schema=DECIDING[name])
            for name, rows in given.items()}  # fmt: skip
