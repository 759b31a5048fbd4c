"""Geo-lift: what a change in some markets did, held against a mix of the markets where nothing changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.lake.frames import to_pandas
from regulars.measure.synthetic import synthetic_weights

Array = NDArray[np.float64]
MOST_PLACEMENTS: Final = 400
FEWEST_BEFORE: Final = 8


@dataclass(frozen=True)
class Power:
    """How large a relative effect must be to be seen: the test's power at each effect, and the smallest one seen
    four times out of five.
    """

    markets: tuple[str, ...]
    periods: int
    effects: tuple[float, ...]
    power: tuple[float, ...]
    detectable: float | None
    limits: tuple[str, ...]


class GeoLift:
    """Effect of a change in some markets, by synthetic control with placebo inference.

    Each market is divided by its mean before the test. The treated ones together are followed by weights
    ``w >= 0, sum w = 1`` of the others, fitted before the start with a ridge and an intercept; the effect is
    ``sum over the test of (actual - synthetic)``. The same is done with every set of untouched markets of the same
    number as if it had been treated (up to 400 sets): how large their effects are by chance gives interval and
    p-value. With m sets the p-value cannot go under 1 / (m + 1); where that is above 1 - ``level`` the interval is
    left open and ``limits_`` says ``too_few_placements``.

    Args:
        level: how sure the interval is, 0.9 by default.
        ridge: pull towards equal weights, in variances of a market before the test.
        seed: for the choice of sets where there are more than 400.

    Learned: ``effect_`` (in the outcome's unit, over the whole test), ``interval_`` ((low, high) or None),
    ``relative_``, ``p_value_``, ``weights_`` (market to weight), ``fit_error_`` (mean absolute error before the test
    over the mean), ``path_`` (frame ``date, actual, synthetic, low, high, during``), ``placebo_`` (relative effects
    of the sets), ``placements_``, ``limits_``.

    Source: Abadie, Diamond & Hainmueller (2010), JASA 105:493, for the control and the placebo test; Ferman & Pinto
    (2021), Quantitative Economics 12:1197, for the intercept.

    >>> rng = np.random.default_rng(1)
    >>> days = pd.date_range("2026-01-05", periods=40, freq="7D")
    >>> wave = 100 + 10 * np.sin(np.arange(40) / 4)
    >>> rows = [pd.DataFrame({"market": f"m{i}", "day": days, "revenue": (i + 1) * (wave + rng.normal(0, 1, 40))})
    ...         for i in range(15)]
    >>> table = pd.concat(rows)
    >>> hit = (table["market"] == "m4") & (table["day"] >= "2026-09-07")
    >>> table.loc[hit, "revenue"] *= 1.10
    >>> lift = GeoLift().fit(table, treated=["m4"], start="2026-09-07", date="day", outcome="revenue")
    >>> 0.08 < lift.relative_ < 0.12, lift.interval_[0] > 0, round(lift.p_value_, 3)
    (True, True, 0.067)
    """

    def __init__(self, *, level: float = 0.9, ridge: float = 0.1, seed: int = 7) -> None:
        self.level, self.ridge, self.seed = level, ridge, seed

    def fit(
        self, table: Any, *, treated: Sequence[str], start: Any, end: Any = None, unit: str = "market",
        date: str = "day", outcome: str = "revenue",
    ) -> GeoLift:  # fmt: skip
        """Fit a table with a row per market and period.

        Args:
            table: the columns named below; every market needs the same periods.
            treated: markets where something changed.
            start: first period of the test.
            end: last period counted; the newest one if left out.
            unit, date, outcome: names of the columns.

        Raises ``ValueError`` naming a missing column, an unknown market, or a period some market lacks.
        """
        markets, dates, values = _wide(table, unit, date, outcome)
        unknown = sorted(set(treated) - set(markets))
        if unknown or not treated:
            raise ValueError(f"no market called {', '.join(unknown)}" if unknown else "name at least one market")
        stop = pd.Timestamp(end) if end is not None else dates[-1]
        values, dates = values[:, dates <= stop], dates[dates <= stop]
        before = int((dates < pd.Timestamp(start)).sum())
        if before < FEWEST_BEFORE or before == len(dates):
            raise ValueError(
                f"the test starts {start}: {before} periods lie before it and {len(dates) - before} in it; "
                f"at least {FEWEST_BEFORE} before and one in it are needed"
            )
        own = np.isin(markets, list(treated))
        if own.all() or (~own).sum() < 2:
            raise ValueError("at least two markets where nothing changed are needed to compare with")
        sets = [tuple(np.flatnonzero(own)), *_placements(np.flatnonzero(~own), int(own.sum()), self.seed)]
        effects, weights, gaps, level = _effects(values, sets, np.flatnonzero(~own), before, self.ridge)
        self._keep(np.array(markets), dates, values, own, before, effects, weights[0], gaps, level)
        return self

    def _keep(
        self, markets: NDArray[np.str_], dates: pd.DatetimeIndex, values: Array, own: NDArray[np.bool_], before: int,
        effects: Array, weights: Array, gaps: Array, level: Array,
    ) -> None:  # fmt: skip
        during = len(dates) - before
        self.placebo_ = effects[1:]
        self.placements_ = len(self.placebo_)
        self.relative_ = float(effects[0])
        self.baseline_ = float(level[0])
        self.effect_ = self.relative_ * self.baseline_ * during
        beyond = int((np.abs(self.placebo_) >= abs(self.relative_) - 1e-12).sum())
        self.p_value_ = (1 + beyond) / (1 + self.placements_)
        half = chance_half(self.placebo_, self.level)
        self.interval_ = None
        self.limits_: tuple[str, ...] = ()
        if half is None:
            self.limits_ += ("too_few_placements",)
        else:
            scale = self.baseline_ * during
            self.interval_ = (self.effect_ - half * scale, self.effect_ + half * scale)
        self.weights_ = {str(m): float(w) for m, w in zip(markets, weights, strict=True) if w > 1e-6}
        actual = values[own].sum(axis=0)
        synthetic = actual - gaps[0] * self.baseline_
        self.fit_error_ = float(np.abs(gaps[0, :before]).mean())
        if self.fit_error_ > float(np.abs(gaps[1:, :before]).mean(axis=1).max(initial=0.0)):
            self.limits_ += ("poor_fit_before",)
        spread = np.full(len(dates), np.nan)
        if half is not None:
            spread[:] = np.quantile(np.abs(gaps[1:]), self.level, axis=0) * self.baseline_
        self.path_ = pd.DataFrame({
            "date": dates, "actual": actual, "synthetic": synthetic, "low": synthetic - spread,
            "high": synthetic + spread, "during": np.arange(len(dates)) >= before,
        })  # fmt: skip
        self.start_, self.end_ = dates[before].date(), dates[-1].date()

    def record(self, *, id: str, name: str, channel: str, market: str, metric: str, currency: str | None = None,
               spend: float | None = None) -> dict[str, Any]:  # fmt: skip
        """The result as a row of ``tables.EXPERIMENTS``, for the mix model and the response curves.

        The standard error is that of a normal law with the same interval; None where the interval is open.
        """
        from scipy import special

        half = None if self.interval_ is None else (self.interval_[1] - self.interval_[0]) / 2
        z = float(special.ndtri(0.5 + self.level / 2))
        return {
            "id": id, "name": name, "unit": "geo", "metric": metric, "channel": channel, "market": market,
            "start": self.start_, "end": self.end_, "window_days": _days(self.start_, self.end_), "spend": spend,
            "delta": self.effect_, "se": None if half is None else half / z, "currency": currency, "state": "concluded",
        }  # fmt: skip


def geo_power(
    table: Any, *, treated: Sequence[str], periods: int, effects: Sequence[float] = (0.0, 0.02, 0.05, 0.1, 0.15, 0.2),
    unit: str = "market", date: str = "day", outcome: str = "revenue", level: float = 0.9, ridge: float = 0.1,
    seed: int = 7,
) -> Power:  # fmt: skip
    """What a test of some markets would see, from history alone: placebo tests in other sets of markets.

    Power at a relative effect is the share of placebo sets whose effect, with the true one added, passes what chance
    does in all the other sets; at an effect of nought it is the rate of false alarms. Starts are tried every
    ``periods`` back in time.

    Args:
        table: history without a test; as in ``GeoLift.fit``.
        treated: the markets you think of; their number counts, and their size against the others.
        periods: length of the test.
        effects: relative effects to try.
    """
    markets, _dates, values = _wide(table, unit, date, outcome)
    size = len(set(treated))
    if size == 0 or size > len(markets) - 2 or not set(treated) <= set(markets):
        raise ValueError("name markets of the table, and leave at least two to compare with")
    everyone = np.arange(len(markets))
    sets = _placements(everyone, size, seed)
    starts = list(range(values.shape[1] - periods, FEWEST_BEFORE - 1, -periods))[:6]
    if not starts:
        raise ValueError(f"{values.shape[1]} periods are too few for a test of {periods}")
    found = np.array([_effects(values[:, : s + periods], sets, everyone, s, ridge)[0] for s in starts])
    half = [chance_half(row, level) for row in found]
    if any(h is None for h in half):
        return Power(tuple(treated), periods, tuple(effects), (), None, ("too_few_placements",))
    # Each set is judged by the chance of the others, so that a set never widens its own bar.
    bars = np.array([[chance_half(np.delete(row, i), level) or math.inf for i in range(len(row))] for row in found])
    grid = np.unique(np.r_[np.asarray(effects, dtype=float), np.linspace(0, 0.6, 121)])
    seen = np.array([(np.abs(found + e) > bars).mean() for e in grid])
    enough = grid[seen >= 0.8]
    power = tuple(float(seen[np.searchsorted(grid, e)]) for e in effects)
    return Power(tuple(treated), periods, tuple(effects), power, float(enough[0]) if len(enough) else None, ())


def chance_half(placebo: Array, level: float) -> float | None:
    """Half width that holds ``level`` of the effects chance makes, counting the real one among them; None if too few.

    >>> chance_half(np.array([0.1, -0.2, 0.3]), 0.9) is None
    True
    """
    rank = math.ceil(level * (len(placebo) + 1) - 1e-9)
    return None if rank > len(placebo) else float(np.sort(np.abs(placebo))[rank - 1])


def _wide(table: Any, unit: str, date: str, outcome: str) -> tuple[list[str], pd.DatetimeIndex, Array]:
    frame = to_pandas(table)
    missing = [c for c in (unit, date, outcome) if c not in frame]
    if missing:
        raise ValueError(f"the table has no column {', '.join(missing)}")
    wide = frame.assign(**{date: pd.to_datetime(frame[date])}).pivot_table(
        index=unit, columns=date, values=outcome, aggfunc="sum"
    )
    if wide.isna().to_numpy().any():
        row, column = np.argwhere(wide.isna().to_numpy())[0]
        market, day = wide.index[row], wide.columns[column]
        raise ValueError(f"market {market} has no row for {day:%Y-%m-%d}: every market needs every period")
    values = wide.to_numpy(dtype=float)
    if (values.mean(axis=1) <= 0).any():
        raise ValueError(f"market {wide.index[int(values.mean(axis=1).argmin())]} sells nothing: leave it out")
    return [str(m) for m in wide.index], pd.DatetimeIndex(wide.columns), values


def _placements(markets: NDArray[np.intp], size: int, seed: int) -> list[tuple[np.intp, ...]]:
    """Sets of markets that could have been treated instead; all of them, or 400 drawn without repeating."""
    if math.comb(len(markets), size) <= MOST_PLACEMENTS:
        return list(combinations(markets, size)) if len(markets) - size >= 2 else []
    rng = np.random.default_rng(seed)
    drawn: dict[tuple[np.intp, ...], None] = {}
    while len(drawn) < MOST_PLACEMENTS:
        drawn[tuple(sorted(rng.choice(markets, size, replace=False)))] = None
    return list(drawn)


def _effects(
    values: Array, sets: Sequence[tuple[np.intp, ...]], donors: NDArray[np.intp], before: int, ridge: float
) -> tuple[Array, Array, Array, Array]:
    """Relative effect of each set, its weights over all markets, its relative gaps by period, its level before."""
    if not sets:
        return np.empty(0), np.empty((0, len(values))), np.empty((0, values.shape[1])), np.empty(0)
    member = np.zeros((len(sets), len(values)))
    member[np.repeat(np.arange(len(sets)), [len(s) for s in sets]), np.concatenate(sets)] = 1.0
    total = member @ values
    level = total[:, :before].mean(axis=1)
    target = total / level[:, None] - 1
    own = values[donors] / np.maximum(values[donors, :before].mean(axis=1, keepdims=True), 1e-300) - 1
    penalty = ridge * float((own[:, :before] ** 2).sum(axis=1).mean()) + 1e-12
    allowed = member[:, donors] == 0
    weights = synthetic_weights(target[:, :before], own[:, :before], allowed, penalty)
    gaps = target - weights @ own
    spread = np.zeros((len(sets), len(values)))
    spread[:, donors] = weights
    return gaps[:, before:].mean(axis=1), spread, gaps, level


def _days(start: date, end: date) -> int:
    return (end - start + timedelta(days=1)).days
