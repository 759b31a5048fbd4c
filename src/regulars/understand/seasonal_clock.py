"""A clock that runs faster when the shop is busy, so that a quiet January is not taken for customers leaving."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from regulars.understand.day_cells import DayCells, day_cells
from regulars.understand.days import day_number
from regulars.understand.latent_attrition import LatentAttrition
from regulars.understand.mbgnbd import ModifiedBetaGeo
from regulars.understand.seasonal_rates import (
    MONTHS,
    WEEKDAYS,
    Calendar,
    Factor,
    months,
    regress,
    told,
    weekdays,
    worth_keeping,
)

Vector = NDArray[np.float64]
Days = NDArray[np.int64]
# Months are told from growth and leaving only by those that come again.
DAYS_FOR_MONTHS = 400
ROUNDS = 5


class SeasonalClock(BaseEstimator):  # type: ignore[misc]
    r"""Calendar time warped to the time in which customers buy evenly.

    .. math:: \Lambda(t) = \sum_{d \le t} \rho_d, \qquad
        \rho_d \propto e^{w_{weekday(d)} + m_{month(d)} + h_{holiday(d)}}

    Recency, T and forecast horizons are replaced by differences of
    :math:`\Lambda`; every model of repeat buying then keeps its closed form,
    and its forecasts follow the calendar. One unit of :math:`\Lambda` is an
    average day. Leaving runs on the same clock: right for BG/NBD and MBG/NBD,
    where it follows purchases, an approximation for the Pareto/NBD.

    The rates come from the daily count of *repeat* orders beside the count a
    model expects from the customers there were on that day, so that growth of
    the customer base and leaving are not taken for seasons. Model and rates are
    fitted in turn until neither moves. A kind of factor stays only when leaving
    it out would lose more than luck explains (5 %, with overdispersion).

    Parameters
    ----------
    weekday : bool or sequence of 7 numbers
        Learn the factors of Monday to Sunday, take the given ones, or none.
    month : "auto", bool or sequence of 12 numbers
        The same for January to December; "auto" learns them from 400 days on. True
        does so earlier, when a month cannot be told from customers leaving: on a
        panel of one year that made forecasts worse, not better.
    holidays : mapping of name to dates
        Days of its own kind, past and coming: ``{"Singles' Day": ["2025-11-11", "2026-11-11"]}``.
    holiday_factors : mapping of name to number
        Factors you know; the others are learned from past days of that name.
    model : LatentAttrition
        What expects the repeat orders; ``ModifiedBetaGeo(penalizer=1)`` when None.
    penalizer : float
        Ridge on the effects: draws rarely seen days to the usual.
    zone, until, currency
        As in ``RFM``.

    Attributes
    ----------
    factors_ : tuple of Factor
        What was kept.
    chances_ : dict of str to float
        For each kind tried, the chance that luck alone gives as much.
    model_ : LatentAttrition
        Fitted on the warped summary.
    first_day_, last_day_ : int
        Days since 1970-01-01 learned from.

    Examples
    --------
    >>> orders = {"customer": ["ann", "ann", "bob", "ann", "bob"], "amount": [9, 9, 5, 8, 4],
    ...           "day": ["2026-01-02", "2026-01-10", "2026-01-05", "2026-01-24", "2026-01-25"]}
    >>> clock = SeasonalClock(weekday=[0.5, 0.5, 0.5, 0.5, 0.5, 2.25, 2.25], month=False).fit(orders)
    >>> round(float(clock.elapsed("2026-01-04", "2026-01-09")), 6)  # Monday to Friday
    2.5
    >>> clock.summary(orders).column("T").to_pylist()
    [25.5, 20.5]

    References
    ----------
    Time change of a Poisson process: Cox and Lewis (1966), "The Statistical
    Analysis of Series of Events", ch. 2.
    """

    def __init__(
        self,
        *,
        weekday: bool | Sequence[float] = True,
        month: bool | str | Sequence[float] = "auto",
        holidays: Mapping[str, Sequence[date | str]] | None = None,
        holiday_factors: Mapping[str, float] | None = None,
        model: LatentAttrition | None = None,
        penalizer: float = 1.0,
        zone: str = "UTC",
        until: date | datetime | None = None,
        currency: str | None = None,
    ) -> None:
        self.weekday = weekday
        self.month = month
        self.holidays = holidays
        self.holiday_factors = holiday_factors
        self.model = model
        self.penalizer = penalizer
        self.zone = zone
        self.until = until
        self.currency = currency

    def fit(self, orders: Any, y: None = None) -> Self:
        """Learn the rates from orders (see ``day_cells`` for what counts) or from ``DayCells``.

        Raises ``ValueError`` when there is no paid order, or a given factor is not positive.
        """
        cells = self._cells(orders)
        if len(cells.code) == 0:
            raise ValueError("there is no paid order yet: nothing to set a clock by")
        self.first_day_, self.last_day_ = int(cells.day.min()), int(cells.last_day)
        self._holidays = {k: [day_number(d) for d in v] for k, v in (self.holidays or {}).items()}
        self._given = self._known()
        self._calendar = Calendar(self._to_learn(), self._holidays)
        self._effects = np.zeros(len(self._calendar.names))
        self.chances_: dict[str, float] = {}
        self.factors_: tuple[Factor, ...] = ()
        day = np.arange(self.first_day_, self.last_day_ + 1)
        self._set_level()
        for _ in range(ROUNDS):
            self._fit_model(cells)
            before = self.rate(day)
            if not self._calendar.names or not self._learn(cells, day):
                break
            if np.max(np.abs(np.log(self.rate(day) / before))) < 1e-3:
                break
        self._fit_model(cells)
        return self

    def rate(self, day: ArrayLike | str | date) -> Vector:
        """How fast the clock runs on these days (dates, or days since 1970-01-01); 1 is usual."""
        days = _numbers(day)
        flat = days.ravel()
        effect = self._given_effect(flat) + self._calendar.columns(flat) @ self._effects
        return np.asarray(np.exp(effect) / self._level).reshape(days.shape)

    def elapsed(self, begin: ArrayLike | str | date, end: ArrayLike | str | date) -> Vector:
        """Usual days between the evenings of two days."""
        start, stop = np.broadcast_arrays(_numbers(begin), _numbers(end))
        if start.size == 0:
            return np.zeros(start.shape)
        first, last = int(min(start.min(), stop.min())), int(max(start.max(), stop.max()))
        passed = np.append(0.0, np.cumsum(self.rate(np.arange(first + 1, last + 1))))
        return np.asarray(passed[stop - first] - passed[start - first])

    def horizon(self, days: int, since: str | date | int | None = None) -> float:
        """The next calendar days in usual days, from the last day learned from or ``since``."""
        check_is_fitted(self, "first_day_")
        begin = self.last_day_ if since is None else int(_numbers(since))
        return float(self.elapsed(begin, begin + days))

    def summary(self, orders: Any) -> pa.Table:
        """``customer, frequency, recency, T`` of every customer, in usual days."""
        check_is_fitted(self, "first_day_")
        cells = self._cells(orders)
        starts = cells.starts
        count = np.diff(np.append(starts, len(cells.code)))
        first, last = cells.day[starts], cells.day[starts + count - 1]
        return pa.table(
            {
                "customer": cells.customers.take(pa.array(cells.code[starts])),
                "frequency": (count - 1).astype(np.float64),
                "recency": self.elapsed(first, last),
                "T": self.elapsed(first, np.full_like(first, cells.last_day)),
            }
        )

    def _cells(self, orders: Any) -> DayCells:
        if isinstance(orders, DayCells):
            return orders
        until = None if self.until is None else day_number(self.until, self.zone)
        return day_cells(orders, zone=self.zone, until=until, currency=self.currency)

    def _known(self) -> dict[tuple[str, str], float]:
        """Logarithms of the factors that were given."""
        known: dict[tuple[str, str], float] = {}
        for kind, given, names in (("weekday", self.weekday, WEEKDAYS), ("month", self.month, MONTHS)):
            if isinstance(given, bool) or (kind == "month" and isinstance(given, str) and given == "auto"):
                continue
            if isinstance(given, str):
                raise ValueError(f"{kind} is not {given!r}: say True, False or {len(names)} factors")
            if len(given) != len(names):
                raise ValueError(f"{kind} takes {len(names)} factors, {len(given)} were given")
            known.update({(kind, n): float(f) for n, f in zip(names, given, strict=True)})
        known.update({("holiday", n): float(f) for n, f in (self.holiday_factors or {}).items()})
        if bad := [n for (_, n), f in known.items() if not f > 0]:
            raise ValueError(f"the factor of {bad[0]} must be above 0")
        if strange := [n for kind, n in known if kind == "holiday" and n not in self._holidays]:
            raise ValueError(f"holiday_factors names {strange[0]!r}, but holidays gives it no dates")
        return {k: float(np.log(f)) for k, f in known.items()}

    def _to_learn(self) -> tuple[tuple[str, str], ...]:
        day = np.arange(self.first_day_, self.last_day_ + 1)
        names: list[tuple[str, str]] = []
        if self.weekday is True and len(day) >= 28:
            names += [("weekday", WEEKDAYS[i]) for i in np.unique(weekdays(day))]
        auto = isinstance(self.month, str) and len(day) >= DAYS_FOR_MONTHS
        if self.month is True or auto:
            names += [("month", MONTHS[i]) for i in np.unique(months(day))]
        names += [
            ("holiday", n)
            for n, d in self._holidays.items()
            if ("holiday", n) not in self._given and np.isin(day, d).any()
        ]
        return tuple(names)

    def _set_level(self) -> None:
        """1 is the mean over whole weeks, or whole years where months count, up to the last day."""
        seasons = any(kind == "month" for kind, _ in (*self._given, *self._calendar.names))
        period, history = (365 if seasons else 7), self.last_day_ - self.first_day_ + 1
        self._level = 1.0
        self._level = float(np.mean(self.rate(self.last_day_ - np.arange(max(history // period, 1) * period))))

    def _given_effect(self, day: Days) -> Vector:
        if not self._given:
            return np.zeros(len(day))
        columns = Calendar(tuple(self._given), self._holidays).columns(day)
        return np.asarray(columns @ np.array(list(self._given.values())))

    def _fit_model(self, cells: DayCells) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.model_ = clone(self.model or ModifiedBetaGeo(penalizer=1.0)).fit(self.summary(cells))

    def _learn(self, cells: DayCells, day: Days) -> bool:
        """One round: regress counts on what the model expects; False when no factor is worth keeping."""
        first = np.zeros(len(cells.code), dtype=np.bool_)
        first[cells.starts] = True
        came, count = (
            np.bincount(cells.day[some] - self.first_day_, minlength=len(day)).astype(np.float64)
            for some in (first, ~first)
        )
        expected = self._expected(came, self.rate(day)) * np.exp(self._given_effect(day))
        calendar = Calendar(self._to_learn(), self._holidays)
        seen = expected > 0
        if count[seen].sum() < 50:
            self._calendar, self._effects = Calendar((), self._holidays), np.zeros(0)
            return False
        design = calendar.columns(day)[seen]
        kinds = [k for k, _ in calendar.names]
        self.chances_ = worth_keeping(count[seen], expected[seen], design, kinds, self.penalizer)
        kept = np.array([self.chances_[k] < 0.05 for k in kinds])
        found = regress(count[seen], expected[seen], design[:, kept], self.penalizer)
        self._calendar = Calendar(tuple(n for n, k in zip(calendar.names, kept, strict=True) if k), self._holidays)
        self._effects = found.effects
        self._set_level()
        self.factors_ = told(self._calendar.names, found, calendar.columns(day)[:, kept].sum(axis=0))
        return bool(kept.any())

    def _expected(self, came: Vector, rate: Vector) -> Vector:
        """Repeat orders expected each day if it were a usual one, from the customers who came before it."""
        passed = np.cumsum(rate)
        grid = passed[-1] * np.linspace(0.0, 1.0, 400) ** 2
        speed = np.gradient(np.asarray(self.model_.expected_purchases(grid)), grid)
        out = np.zeros(len(came))
        new = np.flatnonzero(came)
        for i in range(1, len(came)):
            earlier = new[: np.searchsorted(new, i)]
            age = passed[i] - 0.5 * rate[i] - passed[earlier]
            out[i] = came[earlier] @ np.interp(age, grid, speed)
        return out


def _numbers(day: Any) -> Days:
    if isinstance(day, str | date):
        return np.asarray(day_number(day))
    days = np.asarray(day)
    if days.dtype.kind in "iuf":
        return days.astype(np.int64)
    return days.astype("datetime64[D]").astype(np.int64)
