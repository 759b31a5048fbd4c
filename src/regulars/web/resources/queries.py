"""Reads of resources and cells, in the shape of ``tables.RESOURCES`` and ``tables.CELLS``."""

from __future__ import annotations

import json
from typing import Any

from regulars.web.resources.models import Resource, ServiceLevel, ServingCell

RESOURCE = ("code", "name", "unit", "amount", "meter", "per", "guarantee", "fairness")
NUMBERS = (
    "demand",
    "price",
    "unit_cost",
    "churn",
    "kappa",
    "fixed_cost",
    "capacity",
    "minimum",
    "low",
    "high",
    "frozen",
)
CELL = ("market", "mode", "partner", *NUMBERS, "signed", "uses", "closed")


def resource_rows() -> list[dict[str, Any]]:
    return list(Resource.objects.order_by("code").values(*RESOURCE))


def cell_rows() -> list[dict[str, Any]]:
    rows = ServingCell.objects.order_by("market", "mode", "partner").values(*CELL)
    return [{**row, "uses": json.dumps(row["uses"]) if row["uses"] else None} for row in rows]


def level_rows() -> list[dict[str, Any]]:
    rows = ServiceLevel.objects.order_by("kind", "name").values(
        "kind", "name", "price", "churn", "unit_cost", "fixed_cost", "times"
    )
    return [{**row, "times": json.dumps(row["times"]) if row["times"] else None} for row in rows]
