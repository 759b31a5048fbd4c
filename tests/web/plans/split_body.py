"""A finding to solve anew: two channels whose curves are known, and one that is not part of the split."""

from __future__ import annotations

import random
from datetime import UTC, datetime

DRAWS = 40


def body(**changes) -> dict:
    rng = random.Random(3)
    rows = [
        {"channel": name, "form": "hyperbolic", "shape": 1.0, "today": 100_000, "largest_seen": 400_000, "low": None,
         "high": None, "frozen": False, "unproven": False, "carry_over": 0.0, "weights": {},
         "worth": [worth * rng.uniform(0.8, 1.2) for _ in range(DRAWS)], "scale": [half] * DRAWS}
        for name, worth, half in (("organic", 300_000, 90_000), ("paid_search", 900_000, 100_000),
                                  ("referral", 500_000, 80_000), ("social", 400_000, 120_000),
                                  ("email", 200_000, 50_000))
    ]  # fmt: skip
    return {"total": 500_000, "held": {"fair": 70_000}, "extra": 100_000, "objectives": ["contribution"],
            "stretch": 1.5, "channels": rows, "answer": None, "weekly": None, "conflict": []} | changes  # fmt: skip


def found(made_at: datetime = datetime(2026, 3, 5, 7, 0, tzinfo=UTC), **changes) -> None:
    """Keep it as the turn that made ``plan-2`` would."""
    from regulars.web.findings.models import Finding

    Finding.objects.update_or_create(topic="split", defaults={"body": body(**changes), "made_at": made_at})
