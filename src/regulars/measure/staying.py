"""Who stayed by period and cut: the share lost of those at the start, and the days customers were customers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from regulars.measure.lapses import customer_days, lost_and_at_start


def staying(
    spells: pd.DataFrame, first_day: Callable[[pd.Series, str], pd.Series], grain: str, by: tuple[str, ...], today: date
) -> tuple[pd.Series, pd.Series]:
    """(lost over customers at start, customer days) by (period, *by), from the counts of ``lapses.lapses``.

    The first period has no start and its loss is unknown. The period still running ends today.
    """
    spells = spells.dropna(subset=list(by))
    names = ["period", *by]
    if spells.empty:
        nothing = pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[] for _ in names], names=names))
        return nothing, nothing
    origin = pd.Timestamp("1970-01-01")
    opened = origin + pd.Timedelta(days=int(spells["since"].min()))
    days = pd.Series(pd.date_range(opened, pd.Timestamp(today), freq="D").as_unit("s"))
    starts = first_day(days, grain).drop_duplicates()
    ends = pd.Series([*starts.iloc[1:], pd.Timestamp(today) + pd.Timedelta(days=1)])
    start_no, end_no = ((s - origin).dt.days.to_numpy() for s in (starts, ends))
    lost_parts, day_parts = [], []
    for key, own in spells.groupby(list(by), dropna=True) if by else [((), spells)]:
        lost, base = lost_and_at_start(own, start_no, end_no)
        index = (
            pd.MultiIndex.from_tuples([(s, *key) for s in starts], names=names)
            if by
            else pd.Index(starts, name="period")
        )
        share = np.divide(lost, base, out=np.full(len(lost), np.nan), where=base > 0)
        lost_parts.append(pd.Series(share, index=index))
        day_parts.append(pd.Series(customer_days(own, start_no, end_no).astype(float), index=index))
    return pd.concat(lost_parts), pd.concat(day_parts)
