"""What each holiday did to each series, measured against the periods around it and carried to the parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.lake.frames import to_pandas
from regulars.measure.series_panel import Panel

Array = NDArray[np.float64]
# Periods beside a holiday that stand for its usual level: for weeks those two and three away, which shopping before it
# hardly touches; for days the same weekday one and two weeks away.
BESIDE: Final = {1: (-14, -7, 7, 14)}
WEEKS_BESIDE: Final = (-3, -2, 2, 3)
# How far a holiday moves sales in log, before the data: of a whole, and of a part around its whole.
WIDE, NEAR = 0.4, 0.15
FEWEST: Final = 26
# An effect below twice its own error is left at nothing: dozens of minor days would only add noise.
TOLD: Final = 2.0


@dataclass(frozen=True)
class HolidayLifts:
    """``effect``, ``error`` (series, holidays) in log for a period that is all holiday; ``past`` and ``ahead`` (series,
    steps) what that makes of each period; ``times`` how many periods of each row a holiday touched."""

    names: tuple[str, ...]
    effect: Array
    error: Array
    past: Array
    ahead: Array
    times: NDArray[np.int64]

    def table(self, series: Sequence[str]) -> pd.DataFrame:
        """``series, holiday, lift, low, high, times``: factors of a period that is all holiday, 90 % intervals."""
        rows, columns = np.nonzero((self.effect != 0) & (self.times > 0))
        middle, error = self.effect[rows, columns], self.error[rows, columns]
        return pd.DataFrame({
            "series": np.array(series, dtype=object)[rows], "holiday": np.array(self.names, dtype=object)[columns],
            "lift": np.exp(middle), "low": np.exp(middle - 1.645 * error), "high": np.exp(middle + 1.645 * error),
            "times": self.times[rows, columns],
        })  # fmt: skip


def holiday_lifts(p: Panel, holidays: Any, horizon: int) -> HolidayLifts:
    r"""Measure holidays on the past of a panel of days or weeks, and lay them under the steps ahead.

    With x the share of a period that a holiday fills and h the difference from the mean of the periods beside it,

    .. math:: h(\log y_t) = \sum_k \beta_k\, h(x_{kt}) + \epsilon_t, \qquad \beta_k \sim N(\mu_k, \tau^2)

    so level, trend and a slow season fall out; :math:`\mu = 0` for wholes and the whole's own effect for its
    parts, which saw each holiday once or twice and little of it. The scatter of :math:`\epsilon` is robust, so that one
    bad week is not a holiday. Series with a period without sales, or fewer than 26 values, have no effect.

    Args:
        p: the panel; its step is days or weeks.
        holidays: table ``day, holiday`` over the past and the steps ahead.
        horizon: steps ahead.

    Raises ``ValueError`` for a panel without days or a table without those columns.
    """
    if p.step is None or p.step < 1:
        raise ValueError("holidays need days: give the table of series a column day, by day or by week")
    given = to_pandas(holidays)
    if lost := [c for c in ("day", "holiday") if c not in given.columns]:
        raise ValueError(f"the table of holidays lacks {' and '.join(lost)}; it needs day and holiday")
    n, length = p.values.shape
    names, shares = _shares(p, given, horizon)
    effect, error = np.zeros((n, len(names))), np.zeros((n, len(names)))
    beside = BESIDE.get(p.step, WEEKS_BESIDE)
    known = np.isfinite(p.values)
    fit = (known.sum(axis=1) >= FEWEST) & (np.where(known, p.values, 1.0).min(axis=1) > 0)
    whole = {child: parent for parent, children in p.parts for child in children}
    for row in sorted(np.flatnonzero(fit).tolist(), key=lambda i: i in whole):
        own = shares[row]
        parent = whole.get(row)
        start = np.zeros(len(names)) if parent is None else effect[parent]
        usual = WIDE if parent is None else NEAR
        effect[row], error[row] = _effects(np.log(np.where(known[row], p.values[row], np.nan)), own[:length], beside,
                                           start, usual)  # fmt: skip
    times = np.where(known[:, :, None], shares[:, :length] > 0, False).sum(axis=1)
    told = np.abs(effect) >= TOLD * error
    effect = np.where(told, effect, 0.0)
    laid = np.einsum("ntk,nk->nt", shares, effect)
    return HolidayLifts(names, effect, error, laid[:, :length], laid[:, length:], times)


def _shares(p: Panel, given: pd.DataFrame, horizon: int) -> tuple[tuple[str, ...], Array]:
    """(names, (series, time and steps ahead, holidays) share of each period): rows may end at different days."""
    step = int(p.step or 1)
    days = pd.to_datetime(given["day"]).to_numpy().astype("datetime64[D]").astype(int)
    codes, names = pd.factorize(given["holiday"].astype(str), sort=True)
    n, length = p.values.shape
    out = np.zeros((n, length + horizon, len(names)))
    made: dict[int, Array] = {}
    for row, end in enumerate(p.ends):
        last = int(np.datetime64(pd.Timestamp(end).date(), "D").astype(int))
        if last not in made:
            place = (days - last) // step + length - 1
            inside = (place >= 0) & (place < length + horizon)
            one = np.zeros((length + horizon, len(names)))
            np.add.at(one, (place[inside], codes[inside]), 1.0 / step)
            made[last] = np.minimum(one, 1.0)
        out[row] = made[last]
    return tuple(names), out


def _effects(logs: Array, shares: Array, beside: Sequence[int], start: Array, usual: float) -> tuple[Array, Array]:
    """Posterior mean and deviation of every holiday's effect on one series."""
    y, x = _against(logs[:, None], beside)[:, 0], _against(shares, beside)
    used = np.isfinite(y)
    if used.sum() < FEWEST:
        return start.copy(), np.full(len(start), usual)
    y, x = y[used], x[used]
    quiet = np.abs(x).max(axis=1) == 0
    rest = y[quiet] if quiet.sum() >= 8 else y
    noise = max(1.4826 * float(np.median(np.abs(rest - np.median(rest)))), 1e-3)
    precision = x.T @ x / noise**2 + np.eye(len(start)) / usual**2
    covariance = np.linalg.inv(precision)
    return covariance @ (x.T @ y / noise**2 + start / usual**2), np.sqrt(np.diag(covariance))


def _against(values: Array, beside: Sequence[int]) -> Array:
    """Each value less the mean of those beside it; not-a-number where fewer than two are known."""
    length = len(values)
    sums, count = np.zeros_like(values), np.zeros_like(values)
    for shift in beside:
        at = np.arange(length) + shift
        inside = (at >= 0) & (at < length)
        own = np.full_like(values, np.nan)
        own[inside] = values[at[inside]]
        known = np.isfinite(own)
        sums += np.where(known, own, 0.0)
        count += known
    return np.asarray(np.where(count >= 2, values - sums / np.maximum(count, 1), np.nan))
