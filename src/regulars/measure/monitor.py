"""Watch the key figures: tell the owner when a day is out of line, and which channel made it so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import t as student

from regulars.lake.frames import same_kind, to_arrow
from regulars.measure.alarm_rows import COLUMNS, Key, frame, newest_first, spells
from regulars.measure.residuals import Array, baseline
from regulars.measure.series import Series, back, by_week, dense, evened, series
from regulars.measure.shifts import shifts

WEEKS: Final = 8
FEWEST_WEEKS: Final = 4
DAYS: Final = 90
WEEKS_OF_WEEKS: Final = 26
# Student degrees of freedom that z has in quiet series, measured on Gaussian, Poisson and gamma noise:
# 12 for a median of 8 days with a pooled scatter; a third of the weeks for weekly figures.
DEGREES: Final = 12.0
_HEAVY: Final = 0.02
_LOUD: Final = 3.0
# However few figures are watched, what comes by chance once in a thousand times is no news.
RARE: Final = 0.001


class Monitor:
    r"""Watch many figures at once and say which days, weeks or levels are out of line, rarely and with reason.

    A day is compared with the same weekday of the eight weeks before (median), in units of the pooled robust
    scatter on the scale where it is even: roots of money, Anscombe's roots of counts, logarithms of ratios. It rings
    when

    .. math:: P(|T_{12}| > |z| / (h f)) < \frac{a}{K}

    (at most .001) with ``a`` the false alarms a week you accept, K the comparisons made in a week, h >= 1 how much
    heavier than usual the series' own tails are, and f >= 1 what "not useful" verdicts added. Figures too sparse
    for days are compared by week, and a level that moved without any single day out of line is found by exact
    splitting.

    Parameters
    ----------
    false_a_week : float
        False alarms to expect a week in a company where nothing happens.
    days : int
        How far back to look; every day is judged by its own past only.
    weeks : int
        How many weeks a usual day is learnt from.
    raised : mapping of (figure, channel) to float, optional
        By how much verdicts raised the threshold.

    Attributes
    ----------
    alarms_ : frame of the input's kind
        ``kind`` (day, week, shift), ``figure, channel, market, day, end, value, expected, low, high, z, p``,
        the newest first.
    expected_ : dict of (figure, channel, market) to DataFrame
        ``day, value, expected, low, high`` of the days looked at, of every series that is watched by day.
    watched_ : int
        How many series were compared.
    tests_a_week_ : float
        Comparisons in a week; the threshold on p is ``false_a_week`` over it.

    Raises
    ------
    ValueError
        When a column is missing, values are not numbers, or a parameter is out of range.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> sold = np.tile([100.0, 90, 95, 105, 140, 180, 60], 16) + np.random.default_rng(0).normal(0, 4, 112)
    >>> sold[-2] = 20
    >>> rows = pd.DataFrame({"day": pd.date_range("2026-01-05", periods=112), "value": sold})
    >>> Monitor().fit(rows).alarms_[["day", "kind"]].astype(str).values.tolist()
    [['2026-04-25', 'day']]

    References
    ----------
    Hampel (1974) on the median absolute deviation; Anscombe (1948); Killick et al. (2012).
    """

    def __init__(
        self, *, false_a_week: float = 0.5, days: int = DAYS, weeks: int = WEEKS,
        raised: Mapping[tuple[str, str], float] | None = None,
    ) -> None:  # fmt: skip
        self.false_a_week = false_a_week
        self.days = days
        self.weeks = weeks
        self.raised = raised

    def fit(self, table: Any, y: Any = None, *, weekly: Any = None, until: date | None = None) -> Monitor:
        """Judge the last ``days`` days.

        Parameters
        ----------
        table : table with ``day, value`` and optionally ``figure, channel, market`` (null for all)
            One row a day and slice; a day without a row is a zero.
        weekly : table of the same columns, optional
            Ratios by week (first day of each), such as order value or satisfaction.
        until : date, optional
            The last whole day; None is the last day in the table.
        """
        if not 0 < self.false_a_week <= 7 or self.days < 1 or self.weeks < FEWEST_WEEKS:
            raise ValueError(f"false_a_week must be above 0 and at most 7, days above 0, weeks {FEWEST_WEEKS} or more")
        rows = _rows(table)
        last = pd.Timestamp(until) if until is not None else pd.to_datetime(rows["day"]).max()
        daily = series(rows, last) if len(rows) else None
        ratios = None
        if weekly is not None and len(one := _rows(weekly)):
            ratios = series(one, last - pd.Timedelta(days=6 + (last.day_of_week + 1) % 7), "week")
        self.found_ = self._judge(daily, ratios)
        self.alarms_ = same_kind(to_arrow(self.found_), table)
        return self

    def _judge(self, daily: Series | None, ratios: Series | None) -> pd.DataFrame:
        usual, weekly = None, [] if ratios is None else [ratios]
        if daily is not None and len(daily.keys):
            full = dense(daily.values)
            usual = daily.take(full)
            sparse = by_week(daily.take(~full))
            weekly.append(sparse.take(dense(sparse.values)) if len(sparse.days) else sparse)
        weekly = [w for w in weekly if len(w.keys)]
        many = 0 if usual is None else len(usual.keys)
        self.watched_ = many + sum(len(w.keys) for w in weekly)
        # A level is one question a week, however many days it could have begun on.
        self.tests_a_week_ = 8.0 * many + sum(len(w.keys) for w in weekly)
        self.expected_: dict[Key, pd.DataFrame] = {}
        self.p_ = min(self.false_a_week / max(self.tests_a_week_, 1.0), RARE)
        parts = [self._by_week(w) for w in weekly]
        if usual is not None and many:
            parts += [self._by_day(usual), self._by_shift(usual)]
        parts = [p for p in parts if len(p)]
        if not parts:
            return pd.DataFrame(columns=COLUMNS)
        return newest_first(parts)

    def _by_day(self, s: Series) -> pd.DataFrame:
        scaled, floor = evened(s.values, s.kinds)
        base = baseline(scaled, window=self.weeks, fewest=FEWEST_WEEKS, floor=floor)
        reach = self._reach(base.z(scaled), s, DEGREES)
        found, kept = spells(s, scaled, base, reach, DEGREES, max(0, len(s.days) - self.days), "day")
        self.expected_ |= kept
        return found

    def _by_week(self, s: Series) -> pd.DataFrame:
        scaled, floor = evened(s.values, s.kinds)
        base = baseline(scaled, season=1, window=WEEKS_OF_WEEKS, fewest=WEEKS_OF_WEEKS // 2, floor=floor)
        degrees = min(len(s.days), WEEKS_OF_WEEKS) / 3
        reach = self._reach(base.z(scaled), s, degrees)
        since = max(0, len(s.days) - self.days // 7)
        found, kept = spells(s, scaled, base, reach, degrees, since, "week")
        self.expected_ |= {k: v for k, v in kept.items() if k not in self.expected_}
        return found

    def _by_shift(self, s: Series) -> pd.DataFrame:
        scaled, _floor = evened(s.values, s.kinds)
        factor = self._factors(s)
        moved, told = shifts(scaled, self.p_ / factor**4)
        if not moved:
            return pd.DataFrame(columns=COLUMNS)
        expected = back(told, s.values, s.kinds)
        rows = []
        for one in moved:
            k, key = one.column, s.keys[one.column]
            value, usual = float(s.values[one.since :, k].sum()), float(expected[one.since :, k].sum())
            rows.append(("shift", *key, s.days[one.since], s.days[-1], value, usual, None, None, one.z, one.p))
        return frame(rows)

    def _factors(self, s: Series) -> Array:
        told = self.raised or {}
        return np.array([told.get((figure, channel or ""), 1.0) for figure, channel, _market in s.keys])

    def _reach(self, z: Array, s: Series, degrees: float) -> Array:
        """The z each series has to pass: heavier tails than Student's have to reach further."""
        seen = _once_a_spell(z)
        known = np.isfinite(seen).sum(axis=0) >= 1 / _HEAVY
        heavy = np.ones(len(s.keys))
        if known.any():
            tail = np.nanquantile(seen[:, known], 1 - _HEAVY, axis=0)
            heavy[known] = np.maximum(1.0, tail / student.isf(_HEAVY / 2, degrees))
        return np.asarray(student.isf(self.p_ / 2, degrees) * heavy * self._factors(s))


def _once_a_spell(z: Array) -> Array:
    """|z| with each run of loud days kept once: else an outage of some days would pass for a heavy tail and hide."""
    seen = np.where(np.isfinite(z), np.abs(z), np.nan)
    loud = seen > _LOUD
    follows = loud[1:] & loud[:-1] & (np.sign(z[1:]) == np.sign(z[:-1]))
    for t in np.flatnonzero(follows.any(axis=1)):
        on = follows[t]
        seen[t + 1, on] = np.maximum(seen[t + 1, on], seen[t, on])
        seen[t, on] = np.nan
    return np.asarray(seen)


def _rows(table: Any) -> pd.DataFrame:
    given: pd.DataFrame = to_arrow(table).to_pandas()
    missing = {"day", "value"} - set(given.columns)
    if missing:
        raise ValueError(f"table: no column {' and '.join(sorted(missing))}; a day and a value are needed")
    if "figure" not in given:
        given["figure"] = "value"
    try:
        given["value"] = given["value"].astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError("table: column value holds something that is no number") from error
    kept: pd.DataFrame = given[np.isfinite(given["value"].to_numpy())]
    return kept
