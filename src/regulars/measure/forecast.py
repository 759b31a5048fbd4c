"""Where figures are going: many series at once, the method chosen on the past, intervals of measured coverage."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind
from regulars.measure.combine import LEAST, METHODS, Backtest, backtest, choose
from regulars.measure.conformal import half_widths, measured_coverage
from regulars.measure.croston import demand_kind
from regulars.measure.holiday_lifts import HolidayLifts, holiday_lifts
from regulars.measure.reconcile import reconcile
from regulars.measure.season_shapes import season_shape
from regulars.measure.series_panel import SEASONS, Panel, panel
from regulars.measure.similar import at_start, from_similar
from regulars.tables import why

Array = NDArray[np.float64]


class Forecast(BaseEstimator):  # type: ignore[misc]
    """Forecast every series of a table ``horizon`` steps ahead, adding up where they are parts of each other.

    Clear seasons are taken out, the methods of ``combine.METHODS`` run on what is left, and the combination
    ``(ETS + damped + Theta + optimised Theta + autoregression) / 5`` is believed unless another method was clearly
    better when both were started at earlier moments. Intervals come from the same past errors (``conformal``).

    Args:
        horizon: how many steps ahead.
        season: steps in a season, several shortest first, 1 for none; None takes 7 and 365 for days, 52 for weeks,
            12 for months, none for plain numbers.
        level: the share of what comes that an interval shall hold.
        method: ``auto``, or one of ``combine.METHODS`` for all.
        origins: how many earlier moments to start from; 0 leaves out tests, choice and measured coverage.
        gaps: what a missing step means: ``unknown`` (bridged) or ``zero`` (nothing sold).
        sums: how parts and wholes are made to agree: ``mint``, ``wls``, ``ols``, ``bottom_up``.
        seed: kept for the common signature of the house; nothing here is drawn by lot.

    Attributes:
        errors_: a row per series: ``method, mae, mae_naive, mase, smape, starts`` on the past (Pandas).
        trials_: mean absolute scaled error of every method over all series (Pandas, best first).
        coverage_: share of the newest truths inside intervals made before them, or None where untested.
        covered_: how many truths that share counts.
        total_: (series, 3) low end, value and high end of the sum over all steps.
        started_: (series, steps) what would have been said one horizon ago.
        limits_: codes by series: ``too_few_values``, ``too_short_to_test``, ``constant``, ``gaps_bridged``.
        holidays_: ``series, holiday, lift, low, high, times``: the factor of a period that is all holiday.
        seasons_: by series, the seasons found; ``lift_`` (series, steps) what they add, as a factor.

    ``fit`` takes ``series, t | day, value`` and perhaps ``parent, family`` (``series_panel.panel``; wholes need rows of
    their own) and raises ``ValueError`` for what it cannot read. Sources: in the modules named.

    >>> table = pd.DataFrame({"series": "all", "t": range(30), "value": [10.0, 12.0, 14.0] * 10})
    >>> ahead = Forecast(horizon=3, season=3).fit(table).predict()
    >>> ahead["value"].round(3).tolist(), ahead["method"].iloc[0]
    ([10.0, 12.0, 14.0], 'seasonal_naive')
    """

    def __init__(
        self, *, horizon: int = 13, season: int | tuple[int, ...] | None = None, level: float = 0.9,
        method: str = "auto", origins: int = 6, gaps: str = "unknown", sums: str = "mint", seed: int = 7,
    ) -> None:  # fmt: skip
        self.horizon = horizon
        self.season = season
        self.level = level
        self.method = method
        self.origins = origins
        self.gaps = gaps
        self.sums = sums
        self.seed = seed

    limits_: tuple[tuple[str, ...], ...]

    def fit(self, table: Any, y: Any = None, *, launches: Array | None = None, holidays: Any = None) -> Self:
        """Learn from every series of the table; ``y`` is ignored.

        ``holidays`` (``day, holiday``, over the past and the steps ahead, as ``measure.holidays`` makes them) are taken
        out of the past by what each was measured to do, and put under the steps ahead (``holiday_lifts``).

        ``launches`` (series, time), from their first value on, are what new series are compared with
        (``similar``); without it, those of the table that began after the others.
        """
        self._check()
        self.panel_ = panel(table, self.gaps)
        values = self.panel_.values
        self._lifts: HolidayLifts | None = None
        if holidays is not None:
            self._lifts = holiday_lifts(self.panel_, holidays, self.horizon)
            values = values / np.exp(self._lifts.past)
        self.holidays_ = pd.DataFrame() if self._lifts is None else self._lifts.table(self.panel_.names)
        positive = np.nanmin(values, axis=1) >= 0
        periods = self._periods(self.panel_)
        told, record = backtest(values, self.horizon, periods, self.origins, positive)
        self.kinds_ = demand_kind(values)
        chosen = choose(record, self.kinds_, self.method)
        rows = np.arange(len(values))
        ahead = np.stack([told[name] for name in METHODS])[chosen, rows]
        ahead = np.where(positive[:, None], np.maximum(ahead, 0.0), ahead)
        if self._lifts is not None:
            ahead = ahead * np.exp(self._lifts.ahead)
        errors = record.errors[chosen, rows]
        young, like = self._young(launches)
        if like is not None:
            ahead[young] = like[0]
        if self.panel_.parts:
            ahead = reconcile(ahead, self.panel_.parts, errors.reshape(len(rows), -1), method=self.sums,  # type: ignore[arg-type]
                              positive=positive)  # fmt: skip
        self._keep(record, errors, chosen, ahead, positive)
        if like is not None:
            self._from_similar(young, like)
        self._find_seasons(values, periods)
        self._like = table
        return self

    def predict(self, X: Any = None) -> Any:
        """The next steps: ``series, step, t | day, value, low, high, method, why``, in the kind of table given."""
        check_is_fitted(self, "values_")
        p, steps = self.panel_, self.horizon
        n = len(p.names)
        names = np.repeat(np.array(p.names, dtype=object), steps)
        result = pa.table({
            "series": pa.array(names, pa.string()), "step": np.tile(np.arange(1, steps + 1), n),
            p.time: pa.array([p.time_at(i, h) for i in range(n) for h in range(1, steps + 1)]),
            "value": self.values_.ravel(), "low": pa.array(self.low_.ravel(), from_pandas=True),
            "high": pa.array(self.high_.ravel(), from_pandas=True),
            "method": pa.array(np.repeat(self.errors_["method"].to_numpy(object), steps), pa.string()),
            "why": pa.array(np.repeat(np.array([self.why(i) for i in range(n)], dtype=object), steps), pa.string()),
        })  # fmt: skip
        return same_kind(result, self._like)

    def why(self, row: int) -> str:
        """The reason codes of one series."""
        own = self.errors_.iloc[row]
        codes: dict[str, object] = {"method": own["method"]}
        if own["starts"] and own["mae_naive"] > 0:
            codes["error_over_last"] = f"{own['mae'] / own['mae_naive']:.2f}"
        codes |= {f"season_{period}": None for period in self.seasons_[row]}
        if self.kinds_[row] in ("lumpy", "intermittent"):
            codes["demand_" + str(self.kinds_[row])] = None
        codes |= dict.fromkeys(self.limits_[row])
        return why(codes)

    def _young(self, launches: Array | None) -> tuple[NDArray[np.int64], tuple[Array, Array, Array] | None]:
        """Which series are too new for a test, and what similar ones did after the same age."""
        values, counts = self.panel_.values, self.panel_.counts
        young = (
            np.flatnonzero((counts < LEAST) & (counts < values.shape[1])) if self.method == "auto" else np.empty(0, int)
        )
        if not len(young):
            return young, None
        old = at_start(values[counts < values.shape[1]]) if launches is None else launches
        return young, from_similar(at_start(values[young])[:, :LEAST], old, self.horizon, level=self.level)

    def _from_similar(self, young: NDArray[np.int64], like: tuple[Array, Array, Array]) -> None:
        value, low, high = like
        shift = self.values_[young] - value
        self.low_[young], self.high_[young] = np.maximum(low + shift, 0.0), high + shift
        total = self.values_[young].sum(axis=1)
        # Similar curves err together over the steps: the interval of the sum is the sum of the intervals.
        self.total_[young] = np.stack([self.low_[young].sum(axis=1), total, self.high_[young].sum(axis=1)], axis=1)
        self.errors_.loc[young, "method"] = "similar"
        found = list(self.limits_)
        for i in young:
            found[i] = (*found[i], "new_from_similar")
        self.limits_ = tuple(found)

    def _check(self) -> None:
        if self.horizon < 1:
            raise ValueError(f"horizon must be at least 1 step, got {self.horizon}")
        if self.method != "auto" and self.method not in METHODS:
            raise ValueError(f"method must be auto or one of {', '.join(METHODS)}, got {self.method!r}")
        if self.origins < 0:
            raise ValueError(f"origins must be 0 or more, got {self.origins}")

    def _periods(self, p: Panel) -> tuple[int, ...]:
        if self.season is None:
            return SEASONS.get(p.step, ()) if p.step is not None else ()
        given = (self.season,) if isinstance(self.season, int | np.integer) else tuple(self.season)
        if any(int(s) < 1 for s in given):
            raise ValueError(f"season must be at least 1 step, got {self.season}")
        return tuple(int(s) for s in given if s > 1)

    def _keep(self, record: Backtest, errors: Array, chosen: NDArray[np.int64], ahead: Array,
              positive: NDArray[np.bool_]) -> None:  # fmt: skip
        values, counts = self.panel_.values, self.panel_.counts
        moved = np.abs(np.diff(values, axis=1)) if values.shape[1] > 1 else np.full((len(values), 1), np.nan)
        known = np.isfinite(moved).sum(axis=1)
        now = np.where(known > 0, np.nansum(moved, axis=1) / np.maximum(known, 1), np.nan)
        half = half_widths(errors, record.scale, now, self.level)
        if self._lifts is not None:
            half = half * np.exp(self._lifts.ahead)
        self.values_, self.low_, self.high_ = ahead, ahead - half, ahead + half
        self.low_ = np.where(positive[:, None], np.maximum(self.low_, 0.0), self.low_)
        # Errors of the steps offset each other in part: the sum has an interval of its own.
        whole = half_widths(
            errors.sum(axis=2, keepdims=True), record.scale * self.horizon, now * self.horizon, self.level
        )
        self.total_ = np.concatenate([ahead.sum(axis=1, keepdims=True) + d for d in (-whole, 0 * whole, whole)], axis=1)
        self.total_ = np.where(positive[:, None], np.maximum(self.total_, 0.0), self.total_)
        self.started_ = record.truth[:, 0] - errors[:, 0]
        if self._lifts is not None and self._lifts.past.shape[1] >= self.horizon:
            self.started_ = self.started_ * np.exp(self._lifts.past[:, -self.horizon :])
        found = measured_coverage(errors, record.scale, self.level)
        self.coverage_: float | None = None if found is None else found[0]
        self.covered_ = 0 if found is None else found[1]
        self.errors_ = _errors(record, chosen, self.panel_.names)
        scaled = record.mae() / np.where(now > 0, now, np.nan)
        tested = np.isfinite(scaled).all(axis=0)
        mean = scaled[:, tested].mean(axis=1) if tested.any() else np.full(len(METHODS), np.nan)
        self.trials_ = pd.DataFrame({"method": METHODS, "mase": mean}).sort_values("mase", ignore_index=True)
        starts = self.errors_["starts"].to_numpy()
        self.limits_ = tuple(
            tuple(code for code, holds in (
                ("too_few_values", counts[i] < 2), ("too_short_to_test", starts[i] == 0),
                ("constant", bool(counts[i] > 1 and now[i] == 0)), ("gaps_bridged", self.panel_.bridged[i] > 0),
            ) if holds)
            for i in range(len(counts))
        )  # fmt: skip

    def _find_seasons(self, values: Array, periods: tuple[int, ...]) -> None:
        found: list[list[int]] = [[] for _ in values]
        self.lift_ = np.ones_like(self.values_) if self._lifts is None else np.exp(self._lifts.ahead)
        plain = values
        for period in periods:
            shape = season_shape(plain, period)
            plain = shape.without(plain)
            for row in np.flatnonzero(shape.clear):
                found[row].append(period)
            self.lift_ = self.lift_ * np.where(shape.ratio[:, None], shape.ahead(self.horizon), 1.0)
        self.seasons_ = tuple(tuple(own) for own in found)


def _errors(record: Backtest, chosen: NDArray[np.int64], names: tuple[str, ...]) -> pd.DataFrame:
    """How the chosen method of each series did on the past, beside the last value gone on for ever."""
    mae = record.mae()
    rows = np.arange(len(names))
    errors, truth = record.errors[chosen, rows], record.truth
    with np.errstate(invalid="ignore", divide="ignore"):
        each = 2 * np.abs(errors) / (np.abs(truth) + np.abs(truth - errors))
    each = np.where(errors == 0, 0.0, each)
    known = np.isfinite(each)
    count = known.sum(axis=(1, 2))
    tested = np.isfinite(record.scale)
    scale = np.where(tested, record.scale, 0.0).sum(axis=1) / np.maximum(tested.sum(axis=1), 1)
    own = mae[chosen, rows]
    return pd.DataFrame({
        "series": names, "method": np.array(METHODS, dtype=object)[chosen], "mae": own,
        "mae_naive": mae[METHODS.index("naive")], "mase": own / np.where(scale > 0, scale, np.nan),
        "smape": np.where(count > 0, np.where(known, each, 0.0).sum(axis=(1, 2)) / np.maximum(count, 1), np.nan),
        "starts": np.isfinite(errors).any(axis=2).sum(axis=1),
    })  # fmt: skip
