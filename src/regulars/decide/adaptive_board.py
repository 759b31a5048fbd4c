"""The board of what is tried out: one reading a running try-out, and the share each arm should get."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from regulars import __version__
from regulars.decide.arms_reading import TryoutReading, read_tryout
from regulars.decide.view import View
from regulars.tables import DECISIONS


@dataclass(frozen=True)
class AdaptiveBoard:
    """A reading of each try-out that runs."""

    tryouts: tuple[TryoutReading, ...]
    made_by: str
    decisions: pa.Table


def adaptive_board(view: View) -> AdaptiveBoard | None:
    """The board of this turn; None while nothing is tried out."""
    asked = [t for t in view.book["tryouts"].to_pylist() if t["state"] == "running"] if "tryouts" in view.book else []
    if not asked:
        return None
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in view.book["exposures"].to_pylist():
        rows[row["tryout"]].append(row)
    made = tuple(read_tryout(t, rows[t["tryout"]], view.now) for t in asked if rows[t["tryout"]])
    kinds = {t["tryout"]: t["kind"] for t in asked}
    arms = [(t, a) for t in made for a in t.arms]
    decisions = DECISIONS.fill(
        {
            "id": [f"{view.plan}#a#{t.tryout}#{k}" for t in made for k in range(len(t.arms))],
            "plan": view.plan,
            "kind": "arm",
            "subject": [a.arm[:100] for _, a in arms],
            "channel": [kinds[t.tryout] for t, _ in arms],
            "why": [f"share={a.share:.3g};best={a.best:.3g}" for _, a in arms],
            "made_by": f"decide.bandit/{__version__}",
            "made_at": view.now,
            "lake_version": view.lake_version,
        },
        len(arms),
    )
    return AdaptiveBoard(made, f"decide.bandit/{__version__}", decisions)
