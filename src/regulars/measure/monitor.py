"""Watch the key figures: tell the owner when a day is out of line, and which channel made it so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
WEEKS: Final = 8
FEWEST_WEEKS: Final = 4
# Measured on white noise: Gaussian days pass this about once in 800 days, Poisson days less often.
THRESHOLD: Final = 4.0
_TO_SD: Final = 1.4826


@dataclass(frozen=True)
class Alert:
    """One figure on one day that is out of line with the same weekdays of the past weeks."""

    name: str
    day: date
    value: float
    expected: float
    z: float
    causes: tuple[tuple[str, float], ...]

    @property
    def way(self) -> str:
        """``up`` or ``down``."""
        return "up" if self.value > self.expected else "down"


def robust_z(values: Array, weekdays: NDArray[np.int64], *, weeks: int = WEEKS, floor: float = 0.0) -> Array:
    """How far each day is from the median of the same weekday, in robust standard deviations; NaN without a past.

    ``z_t = (y_t - median_(same weekday, last weeks)) / s_t`` with s_t = 1.4826 times the median absolute
    deviation of all days of the window from their own weekday's median (pooled, because eight
    values alone give a poor scale), corrected for the window's size and for the error of the median itself.

    Args:
        values: one value a day, without gaps.
        weekdays: 0-6 of each day.
        weeks: length of the window.
        floor: smallest standard deviation to believe: 0.5 for square roots of counts (Poisson).
    """
    n = len(values)
    z = np.full(n, np.nan)
    for t in range(7 * FEWEST_WEEKS, n):
        past = slice(max(0, t - 7 * weeks), t)
        window, days = values[past], weekdays[past]
        medians = np.array([np.median(window[days == d]) if (days == d).any() else np.nan for d in range(7)])
        k = max(1, int((days == weekdays[t]).sum()))
        rest = window - medians[days]
        # Residuals around a median of k values are too small by about sqrt(1 - 1/k); the
        # median itself errs with variance (pi/2)/k.
        scale = _TO_SD * float(np.median(np.abs(rest))) / np.sqrt(max(1 - 1 / k, 0.25))
        scale *= np.sqrt(1 + 1.57 / k)
        centre = medians[weekdays[t]]
        scale = max(scale, floor)
        if scale == 0:
            scale = _TO_SD * float(np.abs(rest).mean())
        if np.isnan(centre):
            continue
        gap = values[t] - centre
        z[t] = 0.0 if gap == 0 else (gap / scale if scale > 0 else np.sign(gap) * np.inf)
    return z


def monitor(
    kpis: pd.DataFrame, *, until: date, days: int = 7, threshold: float = THRESHOLD,
    names: tuple[str, ...] = ("revenue", "orders", "new_customers", "spend"), counts: tuple[str, ...] = (
        "orders", "new_customers"),
) -> list[Alert]:  # fmt: skip
    """Alerts of the last ``days`` whole days, the strongest first.

    Args:
        kpis: daily rows ``name, day, channel, value`` (channel null for the total), one currency.
        until: the last whole day.
        days: how many days back to look.
        threshold: how many robust standard deviations are out of line.
        names: figures to watch.
        counts: those of them that are counts.

    The causes are the channels' shares of the change, largest first: (value - expected)
    of the channel over that of the total.
    """
    alerts: list[Alert] = []
    for name in names:
        own = kpis[kpis["name"] == name]
        if own.empty:
            continue
        total = _daily(own[own["channel"].isna()], until)
        if len(total) <= 7 * FEWEST_WEEKS:
            continue
        weekdays = pd.DatetimeIndex(total.index).day_of_week.to_numpy().astype(np.int64)
        keep = 7 * WEEKS + days
        values = total.to_numpy()[-keep:]
        # Sales scatter more on good days; their square roots scatter alike (and exactly so for Poisson counts).
        rooted = np.sqrt(values) if values.min() >= 0 else values
        z = robust_z(rooted, weekdays[-keep:], floor=0.5 if name in counts else 0.0)
        for back in range(min(days, len(z))):
            if abs(z[-1 - back]) > threshold:
                day = total.index[-1 - back]
                expected = _expected(total, day)
                alerts.append(Alert(
                    name, day.date(), float(total[day]), expected, float(z[-1 - back]),
                    _causes(own[own["channel"].notna()], day, until, float(total[day]) - expected),
                ))  # fmt: skip
    return sorted(alerts, key=lambda a: -abs(a.z))


def _daily(rows: pd.DataFrame, until: date) -> pd.Series:
    """One value for every day from the first one on record; a day without a row is a zero."""
    summed = rows.groupby(pd.to_datetime(rows["day"]))["value"].sum()
    if summed.empty:
        return pd.Series(dtype=float)
    return summed.reindex(pd.date_range(summed.index.min(), pd.Timestamp(until), freq="D")).fillna(0.0).astype(float)


def _expected(series: pd.Series, day: pd.Timestamp) -> float:
    """Median of the same weekday over the window before a day."""
    past = [day - pd.Timedelta(weeks=w) for w in range(1, WEEKS + 1)]
    return float(np.median([series[p] for p in past if p in series.index] or [0.0]))


def _causes(rows: pd.DataFrame, day: pd.Timestamp, until: date, change: float) -> tuple[tuple[str, float], ...]:
    if not change:
        return ()
    shares = []
    for channel, own in rows.groupby("channel"):
        series = _daily(own, until)
        # Days before a channel's first sale are zeros, not unknown.
        full = series.reindex(pd.date_range(day - pd.Timedelta(weeks=WEEKS), day)).fillna(0.0)
        shares.append((str(channel), (float(full[day]) - _expected(full, day)) / change))
    return tuple(sorted(shares, key=lambda s: -s[1])[:3])
