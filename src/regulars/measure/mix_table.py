"""The weeks of a mix model as arrays: sales, spend and what carries its effect, by channel and geo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.lake.frames import to_pandas

Array = NDArray[np.float64]
FEWEST_WEEKS: Final = 30
ONE: Final = "all"


@dataclass(frozen=True)
class Columns:
    """Which column holds what; ``spend`` and ``media`` by channel (media is spend, an exposure or the reach)."""

    target: str
    date: str
    geo: str | None
    spend: Mapping[str, str]
    media: Mapping[str, str]
    frequency: Mapping[str, str]
    others: tuple[str, ...]

    @staticmethod
    def of(
        *, target: str, spend: Sequence[str] | Mapping[str, str], date: str, geo: str | None, others: tuple[str, ...],
        reach_frequency: Mapping[str, tuple[str, str]] | None, exposure: Mapping[str, str] | None,
    ) -> Columns:  # fmt: skip
        """Sort out what the caller named. Raises ``ValueError`` for an exposure or reach of an unknown channel."""
        paid = dict(spend) if isinstance(spend, Mapping) else {c: c for c in spend}
        reach = dict(reach_frequency or {})
        unknown = [c for c in (*reach, *(exposure or {})) if c not in paid]
        if unknown:
            raise ValueError(f"exposure or reach is given for {', '.join(unknown)}, which has no spend column")
        media = {**paid, **(exposure or {}), **{c: r[0] for c, r in reach.items()}}
        return Columns(target, date, geo, paid, media, {c: r[1] for c, r in reach.items()}, others)

    def read(self, table: Any, *, target: bool) -> pd.DataFrame:
        """The rows sorted by geo and date, with ``_date`` and ``_geo``; checked cell by cell.

        Raises ``ValueError`` naming the column and the first row that is wrong.
        """
        frame = to_pandas(table)
        numbers = dict.fromkeys([*self.spend.values(), *self.media.values(), *self.frequency.values()])
        wanted = [self.date, *numbers, *self.others] + ([self.geo] if self.geo else [])
        missing = [c for c in [*wanted, *([self.target] if target else [])] if c not in frame]
        if missing:
            raise ValueError(f"the table has no column {', '.join(map(str, missing))}")
        rows = frame.assign(_date=pd.to_datetime(frame[self.date]).dt.normalize())
        rows["_geo"] = frame[self.geo].astype(str) if self.geo else ONE
        for column in numbers:
            x = pd.to_numeric(rows[column], errors="coerce")
            bad = x.isna() | (x < 0) | ~np.isfinite(x.astype(float))
            if bad.any():
                raise ValueError(f"{column} must be 0 or more in every row; row {int(bad.to_numpy().argmax())} is not")
        if target:
            y = pd.to_numeric(rows[self.target], errors="coerce").astype(float)
            if not np.isfinite(y).all():
                row = int(np.argmin(np.isfinite(y.to_numpy())))
                raise ValueError(f"{self.target} must be a number in every row; row {row} is not")
        rows = rows.sort_values(["_geo", "_date"], kind="stable").reset_index(drop=True)
        if rows.duplicated(["_geo", "_date"]).any():
            raise ValueError("a week is there twice: the table needs one row a week" + (" and geo" if self.geo else ""))
        return rows


@dataclass(frozen=True)
class MixTable:
    """Arrays in geo-major order: ``y`` (geos, weeks), ``spend``, ``media`` and ``frequency`` (channels, geos, weeks).

    ``frequency`` is 0 for channels without one.
    """

    rows: pd.DataFrame
    dates: pd.DatetimeIndex
    geos: tuple[str, ...]
    channels: tuple[str, ...]
    silent: tuple[str, ...]
    y: Array
    spend: Array
    media: Array
    frequency: Array

    @staticmethod
    def of(table: Any, columns: Columns) -> MixTable:
        """Read and check the rows of a fit."""
        rows = columns.read(table, target=True)
        dates, geos = pd.DatetimeIndex(sorted(rows["_date"].unique())), tuple(sorted(rows["_geo"].unique()))
        if len(dates) < FEWEST_WEEKS:
            raise ValueError(f"a mix model needs at least {FEWEST_WEEKS} weeks, the table has {len(dates)}")
        steps = np.diff(dates.to_numpy()).astype("timedelta64[D]").astype(int)
        if (steps != 7).any():
            i = int((steps != 7).argmax())
            raise ValueError(
                f"rows must be one week apart; after {dates[i].date()} comes {dates[i + 1].date()}: "
                "sum days to weeks, and fill weeks without sales with 0"
            )
        if len(rows) != len(dates) * len(geos):
            lacking = rows.groupby("_geo").size().idxmin()
            raise ValueError(f"every geo needs a row in every week; {lacking} lacks some")
        for other in columns.others:
            if pd.isna(rows[other]).any() and pd.api.types.is_numeric_dtype(rows[other]):
                raise ValueError(f"{other} is empty in row {int(rows[other].isna().to_numpy().argmax())}")
        shape = (len(geos), len(dates))
        y = rows[columns.target].to_numpy(float).reshape(shape)
        if y.std() == 0:
            raise ValueError(f"{columns.target} is the same in every week, so nothing can be measured")
        if (np.abs(y).sum(axis=1) == 0).any():
            raise ValueError(f"{columns.target} is 0 in every week of {geos[int(np.abs(y).sum(axis=1).argmin())]}")
        spent = {c: rows[k].to_numpy(float).sum() * rows[columns.media[c]].to_numpy(float).sum()
                 for c, k in columns.spend.items()}  # fmt: skip
        channels = tuple(c for c, total in spent.items() if total > 0)
        if not channels:
            raise ValueError("no channel spent anything, so there is nothing to measure")
        arrays = media_of(rows, columns, channels, shape)
        return MixTable(rows, dates, geos, channels, tuple(c for c in spent if c not in channels), y, *arrays)


def media_of(rows: pd.DataFrame, columns: Columns, channels: tuple[str, ...], shape: tuple[int, int]
             ) -> tuple[Array, Array, Array]:  # fmt: skip
    """Spend, media and frequency (channels, geos, weeks) of sorted rows."""

    def stack(names: Mapping[str, str]) -> Array:
        zero = np.zeros(shape)
        return np.stack([rows[names[c]].to_numpy(float).reshape(shape) if c in names else zero for c in channels])

    return stack(columns.spend), stack(columns.media), stack(columns.frequency)


def with_history(rows: pd.DataFrame, fitted: MixTable, columns: Columns, weeks: int
                 ) -> tuple[pd.DatetimeIndex, Array, Array]:  # fmt: skip
    """Weeks from the first that still matters to the last of ``rows``, with media and frequency (channels, geos, time).

    Where ``rows`` say nothing, what was spent in the fit counts, and nothing elsewhere.
    """
    first = rows["_date"].min()
    dates = pd.date_range(first - pd.Timedelta(weeks=weeks), rows["_date"].max(), freq="7D")
    media = np.zeros((len(fitted.channels), len(fitted.geos), len(dates)))
    often = np.zeros_like(media)
    known = dates.get_indexer(fitted.dates)
    media[:, :, known[known >= 0]] = fitted.media[:, :, known >= 0]
    often[:, :, known[known >= 0]] = fitted.frequency[:, :, known >= 0]
    at = dates.get_indexer(pd.DatetimeIndex(rows["_date"]))
    if (at < 0).any():
        raise ValueError("rows must be whole weeks apart from each other")
    g = rows["_geo"].map({n: i for i, n in enumerate(fitted.geos)}).to_numpy(int)
    for c, channel in enumerate(fitted.channels):
        media[c, g, at] = rows[columns.media[channel]].to_numpy(float)
        if channel in columns.frequency:
            often[c, g, at] = rows[columns.frequency[channel]].to_numpy(float)
    return dates, media, often
