"""A long table of series as one block, series by time, every row ending at its newest value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.lake.frames import to_pandas

Array = NDArray[np.float64]
# Seasons worth looking for when nothing is said, by days in a step; 0 stands for months.
SEASONS: Final = {1: (7, 365), 7: (52,), 0: (12,)}
# Older history costs time and rarely says more; days need whole years.
MOST_POINTS: Final = 520
MOST_DAYS: Final = 1100


@dataclass(frozen=True)
class Panel:
    """``values`` (series, time) without holes after a row begins; ``ends`` the newest time of each; ``step`` days of a
    step (0: a month, None: plain numbers); ``bridged`` how many holes were filled by series."""

    names: tuple[str, ...]
    values: Array
    ends: tuple[Any, ...]
    step: int | None
    bridged: NDArray[np.int64]
    time: str
    parts: tuple[tuple[int, tuple[int, ...]], ...]

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many values each row has."""
        return np.asarray(np.isfinite(self.values).sum(axis=1))

    def time_at(self, row: int, ahead: int) -> Any:
        """The time of a step after the newest value of a row."""
        end = self.ends[row]
        if self.step is None:
            return end + ahead
        if self.step == 0:
            return (pd.Timestamp(end) + pd.DateOffset(months=ahead)).date()
        return (pd.Timestamp(end) + pd.Timedelta(days=self.step * ahead)).date()


def panel(table: Any, gaps: str = "unknown") -> Panel:
    """Read ``series, t`` (numbers) or ``series, day`` (dates), ``value`` and perhaps ``parent`` and ``family``.

    Args:
        table: one row per series and time; rows without a value are holes.
        gaps: ``unknown`` bridges holes by a straight line and lets each series end at its own newest value;
            ``zero`` says nothing was sold then, up to the newest time of the whole table.

    Raises ``ValueError`` naming what is wrong: missing columns, doubles, days off the rhythm, values
    that are not numbers, no values at all.
    """
    if gaps not in ("unknown", "zero"):
        raise ValueError(f"gaps must be 'unknown' or 'zero', got {gaps!r}")
    frame = to_pandas(table)
    time = "day" if "day" in frame.columns else "t"
    missing = [c for c in ("series", time, "value") if c not in frame.columns]
    if missing:
        raise ValueError(f"the table of series lacks {', '.join(missing)}; it needs series, t or day, and value")
    try:
        values = pd.to_numeric(frame["value"]).astype(float)
    except (ValueError, TypeError) as wrong:
        raise ValueError(f"the column value must hold numbers: {wrong}") from None
    known = values.notna().to_numpy()
    if not known.any():
        raise ValueError("the table of series holds no values")
    if np.isinf(values[known]).any():
        raise ValueError(f"series {frame['series'][np.isinf(values)].iloc[0]!r} holds an infinite value")
    own = pd.DataFrame({"series": frame["series"].astype(str), "at": frame[time], "value": values})[known]
    if own.duplicated(["series", "at"]).any():
        first = own[own.duplicated(["series", "at"])].iloc[0]
        raise ValueError(f"series {first['series']!r} has two values at {first['at']}; add them up first")
    place, step, zero = _places(own["at"], time)
    return _block(own, place, step, zero, gaps, time, _families(frame))


def _places(at: pd.Series, time: str) -> tuple[NDArray[np.int64], int | None, Any]:
    """(place of each row in time, days in a step, the time of place 0)."""
    if time == "t":
        numbers = pd.to_numeric(at).to_numpy()
        if (numbers != np.rint(numbers)).any():
            raise ValueError("t must hold whole numbers; use day for dates")
        return np.asarray(numbers, dtype=np.int64), None, 0
    stamps = pd.to_datetime(at)
    unique = np.sort(stamps.unique())
    if (
        len(unique) > 1
        and (pd.DatetimeIndex(unique).day == 1).all()
        and np.diff(unique).min() >= np.timedelta64(28, "D")
    ):
        return np.asarray(stamps.dt.year * 12 + stamps.dt.month - 1, dtype=np.int64), 0, 0
    step = int(np.diff(unique).min() / np.timedelta64(1, "D")) if len(unique) > 1 else 1
    zero = pd.Timestamp(unique[0])
    days = ((stamps - zero) / pd.Timedelta(days=1)).to_numpy()
    if step < 1 or (days % step != 0).any():
        raise ValueError(
            f"the days do not keep a rhythm of {max(step, 1)} days; count them by day, week or month first"
        )
    return np.asarray(days // step, dtype=np.int64), step, zero


def _block(
    own: pd.DataFrame, place: NDArray[np.int64], step: int | None, zero: Any, gaps: str, time: str,
    families: list[tuple[str, list[str]]],
) -> Panel:  # fmt: skip
    codes, names = pd.factorize(own["series"], sort=True)
    n = len(names)
    last = np.full(n, np.iinfo(np.int64).min)
    np.maximum.at(last, codes, place)
    if gaps == "zero":
        last[:] = place.max()
    back = last[codes] - place
    width = min(int(back.max()) + 1, MOST_DAYS if step == 1 else MOST_POINTS)
    values = np.full((n, width), np.nan)
    inside = back < width
    values[codes[inside], width - 1 - back[inside]] = own["value"].to_numpy()[inside]
    known = np.isfinite(values)
    begun = np.maximum.accumulate(known, axis=1)
    holes = begun & ~known
    bridged = holes.sum(axis=1)
    if gaps == "zero":
        values[holes] = 0.0
        bridged[:] = 0
    else:
        for row in np.flatnonzero(bridged):
            at = np.flatnonzero(known[row])
            inner = np.flatnonzero(holes[row])
            values[row, inner] = np.interp(inner, at, values[row, at])
    ends = tuple(_time(int(p), step, zero) for p in last)
    where = {name: i for i, name in enumerate(names)}
    parts = tuple((where[p], tuple(where[c] for c in own_ if c in where)) for p, own_ in families if p in where)
    lost = sorted({p for p, _ in families if p not in where})
    if lost:
        raise ValueError(f"the parent {lost[0]!r} has no rows of its own; add its sums to the table")
    return Panel(tuple(names), values, ends, step, bridged, time, parts)


def _time(place: int, step: int | None, zero: Any) -> Any:
    if step is None:
        return place
    if step == 0:
        return pd.Timestamp(year=place // 12, month=place % 12 + 1, day=1).date()
    return (zero + pd.Timedelta(days=step * place)).date()


def _families(frame: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """(parent, its children), one for each family that adds up to it."""
    if "parent" not in frame.columns:
        return []
    own = frame[frame["parent"].notna()]
    own = own.assign(series=own["series"].astype(str))
    keys = ["parent", "family"] if "family" in frame.columns else ["parent"]
    return [(str(key[0]), sorted(set(rows["series"]))) for key, rows in own.groupby(keys, dropna=False)]
