"""Lift tests as rows of a mix: which weeks and geos of the table add up to what a test measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.lake.frames import to_pandas
from regulars.measure.mix_table import ONE, MixTable

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LiftTest:
    """A test of a channel (its place in the table): lift, error, weight of each row (N,), share of spend taken away."""

    channel: int
    delta: float
    se: float
    weight: Array
    share: float


def lift_tests(tests: Any, table: MixTable) -> tuple[tuple[LiftTest, ...], tuple[str, ...]]:
    """Tests the table can use, and the names of those it cannot.

    A row of ``tables.EXPERIMENTS`` says that spend of ``spend`` on ``channel`` between ``start`` and ``end`` (both
    counted) brought ``delta`` of the target more, give or take ``se``. Where ``spend`` is empty, or all that was
    spent, the lift is all the channel brought in the window; where less, what the last part of it brought. Spend and
    delta below 0 are a cut and its loss. Weeks count by the share of their days inside the window.
    """
    if tests is None:
        return (), ()
    used, unused = [], []
    for number, row in enumerate(to_pandas(tests).to_dict("records")):
        found = _one(row, table)
        if found is None:
            unused.append(str(row.get("name") or row.get("id") or f"row {number}"))
        else:
            used.append(found)
    return tuple(used), tuple(unused)


def _one(row: dict[Any, Any], table: MixTable) -> LiftTest | None:
    delta, se, spend = (_number(row.get(k)) for k in ("delta", "se", "spend"))
    begin, end = (_day(row.get(k)) for k in ("start", "end"))
    if row.get("channel") not in table.channels or delta is None or begin is None or end is None:
        return None
    if not se or se <= 0:
        return None
    market = row.get("market")
    whole = market is None or pd.isna(market)
    if not whole and (table.geos == (ONE,) or str(market) not in table.geos):
        return None
    first, last = (np.array([(d - table.dates[0]).days for d in ends], dtype=float) for ends in
                   (table.dates, table.dates + pd.Timedelta(days=6)))  # fmt: skip
    day = [float((d - table.dates[0]).days) for d in (begin, end)]
    days = np.minimum(last, day[1]) - np.maximum(first, day[0]) + 1
    in_geo = np.array([whole or g == str(market) for g in table.geos], dtype=float)
    weight = in_geo[:, None] * np.clip(days, 0, 7) / 7
    channel = table.channels.index(str(row["channel"]))
    spent = float((weight * table.spend[channel]).sum())
    if spent <= 0:
        return None
    if spend:
        share, delta = min(abs(spend) / spent, 1.0), delta * np.sign(spend)
    else:
        share = 1.0
    return LiftTest(channel, float(delta), float(se), weight.reshape(-1), share if share < 0.999 else 1.0)


def _day(value: Any) -> pd.Timestamp | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).tz_localize(None).normalize()


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
