"""Figures by day or week as one matrix: a column a figure and slice, on the scale where its scatter is even."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
SLICES: Final = ("channel", "market")
# What a figure is decides how its scatter grows with its level.
KINDS: Final = {
    "revenue": "money", "spend": "money", "orders": "count", "new_customers": "count", "aov": "ratio", "cac": "ratio",
    "conversion_rate": "share", "csat": "share", "nps": "plain", "first_response_s": "ratio", "resolution_s": "ratio",
}  # fmt: skip
ADDS_UP: Final = ("money", "count")
# A series that is zero more often than this has no usual day; its weeks may still be usual.
MOSTLY: Final = 0.1


@dataclass(frozen=True)
class Series:
    """``values`` (n, m) of consecutive periods; ``keys`` are (figure, channel, market) with None for all."""

    grain: str
    days: pd.DatetimeIndex
    keys: tuple[tuple[str, str | None, str | None], ...]
    kinds: tuple[str, ...]
    values: Array

    def take(self, columns: NDArray[np.bool_]) -> Series:
        """Some of the columns."""
        at = np.flatnonzero(columns)
        keys, kinds = tuple(self.keys[i] for i in at), tuple(self.kinds[i] for i in at)
        return Series(self.grain, self.days, keys, kinds, self.values[:, at])


def series(rows: pd.DataFrame, until: pd.Timestamp, grain: str = "day") -> Series:
    """Rows ``figure, day, value[, channel, market]`` as a matrix up to ``until``.

    A day without a row is a zero where the figure adds up, and a gap drawn from the last known value where it is a
    ratio; a series begins with its figure's first row, because a channel that did not exist sold nothing.
    """
    slices = [s for s in SLICES if s in rows]
    keyed = rows.assign(**{s: rows[s].astype(object).where(rows[s].notna(), "") for s in slices})
    for missing in set(SLICES) - set(slices):
        keyed[missing] = ""
    keyed["day"] = pd.to_datetime(keyed["day"]).astype("datetime64[ns]")
    keyed = keyed[keyed["day"] <= until]
    wide = keyed.pivot_table(index="day", columns=["figure", *SLICES], values="value", aggfunc="sum", observed=True)
    if wide.empty:
        return Series(grain, pd.DatetimeIndex([]), (), (), np.zeros((0, 0)))
    step = "D" if grain == "day" else "7D"
    wide = wide.reindex(pd.date_range(wide.index.min(), until, freq=step))
    keys = tuple((str(c[0]), str(c[1]) or None, str(c[2]) or None) for c in wide.columns.tolist())
    kinds = tuple(kind_of(k[0], wide.iloc[:, i]) for i, k in enumerate(keys))
    adds = np.array([k in ADDS_UP for k in kinds])
    values = wide.to_numpy(dtype=np.float64)
    values = np.where(adds, np.nan_to_num(values), pd.DataFrame(values).ffill().bfill().to_numpy())
    return Series(grain, pd.DatetimeIndex(wide.index), keys, kinds, values)


def kind_of(figure: str, values: pd.Series) -> str:
    """Money, count, share, ratio or plain; an unknown figure is money where it is never negative."""
    return KINDS.get(figure, "money" if float(values.min()) >= 0 else "plain")


def by_week(daily: Series) -> Series:
    """Sums over whole weeks that begin on Monday; figures that do not add up are left out."""
    columns = np.array([k in ADDS_UP for k in daily.kinds], dtype=bool)
    kept = daily.take(columns)
    monday = int(np.argmax(daily.days.day_of_week == 0)) if (daily.days.day_of_week == 0).any() else len(daily.days)
    weeks = (len(daily.days) - monday) // 7
    part = kept.values[monday : monday + 7 * weeks]
    summed = part.reshape(weeks, 7, part.shape[1]).sum(axis=1)
    return Series("week", daily.days[monday : monday + 7 * weeks : 7], kept.keys, kept.kinds, summed)


def dense(values: Array) -> NDArray[np.bool_]:
    """Columns that are almost never zero in the newest 91 rows."""
    return np.asarray((values[-91:] == 0).mean(axis=0) <= MOSTLY, dtype=bool)


def evened(values: Array, kinds: tuple[str, ...]) -> tuple[Array, Array]:
    """Values on the scale where their scatter does not grow with the level, and the smallest scatter to believe.

    Roots for money; Anscombe's ``2 sqrt(x + 3/8)`` for counts, whose Poisson scatter is then 1; logarithms for ratios.
    """
    out, floor = values.copy(), np.zeros(values.shape[1])
    for i, kind in enumerate(kinds):
        column = values[:, i]
        if kind == "count":
            out[:, i], floor[i] = 2 * np.sqrt(np.maximum(column, 0) + 0.375), 1.0
        elif kind == "money":
            out[:, i] = np.sign(column) * np.sqrt(np.abs(column))
        elif kind == "ratio" and column.min(initial=1.0) > 0:
            out[:, i] = np.log(column)
    return out, floor


def back(scaled: Array, values: Array, kinds: tuple[str, ...]) -> Array:
    """Undo ``evened``; ``values`` say which ratios were taken as they are."""
    out = scaled.copy()
    for i, kind in enumerate(kinds):
        if kind == "count":
            out[:, i] = np.maximum((np.maximum(scaled[:, i], 0) / 2) ** 2 - 0.375, 0.0)
        elif kind == "money":
            out[:, i] = np.sign(scaled[:, i]) * scaled[:, i] ** 2
        elif kind == "ratio" and values[:, i].min(initial=1.0) > 0:
            out[:, i] = np.exp(scaled[:, i])
    return out
