"""The rows of a plan that are not about a single person: money, resources, ways to market, time, tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

# Every kind of decision; ``next_best`` is one row a person, all others are rows an owner reads one by one.
KINDS: Final = ("budget", "resource", "mode", "partner", "next_best", "schedule", "arm", "test")
# States in which a row is not carried out.
DROPPED: Final = ("declined", "denied")


@dataclass(frozen=True)
class Line:
    """One decision that is not about a single person.

    ``key`` names it across plans: kind and what it is about, without the plan's id.
    """

    key: str
    kind: str
    subject: str
    channel: str
    today: float | None
    proposed: float | None
    value: float
    low: float
    high: float
    why: str
    state: str = "proposed"

    @property
    def stands(self) -> bool:
        """Whether it is carried out as far as the owner has said."""
        return self.state not in DROPPED

    @property
    def spends(self) -> float:
        """Money a week it stands for: as proposed, or as today when declined; 0 for what is no money."""
        if self.kind != "budget":
            return 0.0
        return (self.proposed if self.stands else self.today) or 0.0

    @property
    def earns(self) -> float:
        """What it should earn; nothing when declined."""
        return self.value if self.stands else 0.0


def line_of(row: dict[str, Any], uid: str) -> Line:
    """One row of the decisions table as a line of its plan."""
    value = row["value"] or 0.0
    tail = row["id"].removeprefix(uid).lstrip("#/")
    key = row["subject"] if row["kind"] == "budget" else tail or row["subject"]
    return Line(
        f"{row['kind']}:{key}", row["kind"], row["subject"], row["channel"] or "", row["today"], row["proposed"], value,
        value if row["low"] is None else row["low"], value if row["high"] is None else row["high"], row["why"] or "",
        row["state"],
    )  # fmt: skip
