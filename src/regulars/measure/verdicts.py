"""What the owner said of alarms, and by how much it moved the thresholds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from regulars.lake.frames import to_arrow

# Each "not useful" makes a figure reach a fifth further before it rings again, each "useful" takes one back;
# never more than double, so that no figure can be silenced without saying so (that is what muting is for).
STEP: Final = 1.2
MOST: Final = 2.0


@dataclass(frozen=True)
class Verdicts:
    """``raised`` thresholds by (figure, channel), and what is ``muted``."""

    raised: dict[tuple[str, str], float] = field(default_factory=dict)
    muted: frozenset[tuple[str, str]] = frozenset()


def verdicts(table: Any) -> Verdicts:
    """Read rows of ``tables.VERDICTS``; the threshold factor is ``min(2, 1.2 ** (not useful - useful))``, at least 1.

    >>> import pyarrow as pa
    >>> rows = {"figure": ["orders"] * 3, "channel": [None] * 3, "verdict": ["not_useful", "not_useful", "useful"]}
    >>> verdicts(pa.table(rows)).raised
    {('orders', ''): 1.2}
    """
    if table is None:
        return Verdicts()
    rows = to_arrow(table).select(["figure", "channel", "verdict"]).to_pylist()
    keys = [((str(r["figure"]), r["channel"] or ""), r["verdict"]) for r in rows]
    count = Counter()  # type: Counter[tuple[str, str]]
    for key, verdict in keys:
        count[key] += {"not_useful": 1, "useful": -1}.get(verdict, 0)
    raised = {key: min(MOST, STEP**n) for key, n in count.items() if n > 0}
    return Verdicts(raised, frozenset(key for key, verdict in keys if verdict == "muted"))
