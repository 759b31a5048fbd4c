"""Budgets that were followed: what the moved money brought, before against after."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.channel_weeks import channel_weeks, conversion_values
from regulars.measure.history import Cubes, first_day
from regulars.tables import why

WEEKS_BEFORE: Final = 8
WEEKS_AFTER: Final = 4
RECENT_WEEKS: Final = 12
# The owner followed a proposal when spend went at least this share of the way.
FOLLOWED: Final = 0.5


def budgets(
    cube: Cubes, decisions: Any, worth: pd.DataFrame, *, today: date, currency: str, margin: float
) -> pd.DataFrame:
    """Rows ``predicted`` and ``realised`` (minor units a week) of each budget line that spend really followed.

    ``realised = (conversions after - before) * value - (spend after - before)``, weekly means
    of up to 4 full weeks after and 8 before the plan, in the week of the plan neither. This is a comparison in
    time, not an experiment: other things changed too (``before_after`` in ``why``). The interval (95 %) carries
    the scatter of the weekly counts.
    """
    columns = ["plan", "subject", "name", "value", "low", "high", "treated", "held", "why"]
    since = pd.Timestamp(today, tz="UTC") - pd.Timedelta(weeks=RECENT_WEEKS)
    lines = decisions.filter(decisions.kind == "budget").select(
        "plan", "subject", "today", "proposed", "value", "low", "high", "made_at"
    )
    frame: pd.DataFrame = lines.to_pyarrow().to_pandas()
    weekly, counted = channel_weeks(cube, pd.Timestamp(today), currency)
    frame = frame[pd.to_datetime(frame["made_at"], utc=True) >= since]
    # The owner may have chosen another split in the plan; the last one is what spend can have followed.
    frame = frame.sort_values("made_at", kind="stable").drop_duplicates(["plan", "subject"], keep="last").sort_index()
    if frame.empty or counted == "none":
        return pd.DataFrame(columns=columns)
    values = conversion_values(worth, currency, margin, counted)
    rows: list[tuple[Any, ...]] = []
    for line in frame.to_dict("records"):
        channel, today_spend = str(line["subject"]), float(line["today"])
        asked = float(line["proposed"]) - today_spend
        own = weekly[weekly["channel"] == channel].set_index("week")
        made = pd.Series([pd.Timestamp(line["made_at"]).tz_localize(None).normalize()])
        monday = first_day(made, "week").iloc[0]
        before = own[own.index < monday].tail(WEEKS_BEFORE)
        after = own[own.index > monday].head(WEEKS_AFTER)
        if before.empty or after.empty or abs(asked) <= 0.05 * max(abs(today_spend), 1.0):
            continue
        moved = float(after["spend"].mean()) - today_spend
        if moved / asked < FOLLOWED:
            continue
        price = float(values["value"].get(channel, values["value"][""]))
        gain = float(after["conversions"].mean() - before["conversions"].mean())
        cost = float(after["spend"].mean() - before["spend"].mean())
        # Counts scatter at least like Poisson counts; the weeks before show by how much more.
        counts = before["conversions"].to_numpy(float)
        each = max(float(counts.var(ddof=1)) if len(counts) > 1 else 0.0, float(counts.mean()))
        half = 1.96 * price * float(np.sqrt(each * (1 / len(before) + 1 / len(after))))
        codes = {"before_after": None, "weeks": len(after), "followed": f"{moved / asked:.2f}"}
        got = price * gain - cost
        rows += [
            (line["plan"], channel, "predicted", line["value"], line["low"], line["high"], None, None, "weekly"),
            (line["plan"], channel, "realised", got, got - half, got + half, None, None, why(codes)),
        ]
    return pd.DataFrame(rows, columns=columns)
