"""Where customers stand in their life with us: new, active, loyal, at risk, dormant or lost."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.tables import ACTIVITY, ActivityRule
from regulars.understand.day_cells import DayCells


def usual_gap_days(cells: DayCells) -> float:
    """The company's usual gap: the median days between two purchase days of one customer; 30 where nobody bought twice.

    >>> import pyarrow as pa
    >>> from regulars.understand.day_cells import day_cells
    >>> usual_gap_days(day_cells({"customer": ["a"] * 3, "day": ["2026-01-01", "2026-01-11", "2026-01-31"],
    ...                           "amount": [1, 1, 1]}))
    15.0
    """
    gaps = np.diff(cells.day)[cells.code[1:] == cells.code[:-1]]
    return float(np.median(gaps)) if gaps.size else 30.0


def activity(
    days_since_last: ArrayLike,
    days_since_first: ArrayLike,
    orders: ArrayLike,
    gap_days: float,
    rule: ActivityRule = ACTIVITY,
) -> NDArray[np.str_]:
    """The activity state of every customer by the company's shared rule, ``tables.ActivityRule.state`` on arrays.

    >>> activity([3, 200], [3, 400], [1, 6], gap_days=30).tolist()
    ['new', 'dormant']
    """
    since, age, count = (np.asarray(v, dtype=np.float64) for v in (days_since_last, days_since_first, orders))
    gap = max(gap_days, rule.shortest_gap_days)
    states = np.select(
        [
            since > rule.dormant_gaps * gap,
            since > rule.at_risk_gaps * gap,
            since > rule.active_gaps * gap,
            (count == 1) & (age <= gap),
            count >= rule.loyal_orders,
        ],
        ["lost", "dormant", "at_risk", "new", "loyal"],
        default="active",
    )
    return np.asarray(states, dtype=np.str_)
