"""Regression LTV: the money of a customer's first months foretells the money of the months after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.understand.cards import Holdout, ModelCard, compare
from regulars.understand.day_cells import DayCells, day_cells
from regulars.understand.days import as_dates

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
FEATURES = ("purchases", "money", "first_purchase", "last_purchase_day", "purchases_late")
FEWEST = 60
PENALTIES = 10.0 ** np.arange(-3, 5)


@dataclass(frozen=True)
class Early:
    """Customers whose first days are over: behaviour in them, and the money of the days after (NaN: not over yet)."""

    code: Ints
    first: Ints
    features: Vector
    later: Vector


class RegressionLTV(BaseEstimator):  # type: ignore[misc]
    r"""Ridge regression of a customer's later money on the first days' behaviour.

    .. math::
        \hat\beta = \arg\min_\beta \sum_i (y_i - \beta_0 - x_i'\beta)^2 + \lambda |\beta|^2

    y is the money in the ``horizon_days`` after the first ``window_days``; x the
    purchases, ln(1 + money), ln(1 + first purchase), day of the last purchase and
    purchases of the second half of the window, all scaled. The penalty is chosen by
    generalised cross-validation. No assumption on how people buy, but it can only
    speak of customers as they were a year ago; use it to check ``CLV`` and for
    newcomers.

    Parameters
    ----------
    window_days : int
        How many first days are looked at.
    horizon_days : int
        How many days after them are foretold.
    zone, currency
        As in ``RFM``.
    level : float
        Share of customers the interval holds.

    Attributes
    ----------
    coef_ : dict of str to float
        Money for one standard deviation more of each feature.
    intercept_, penalty_ : float
    card_ : ModelCard
        With the result on the fifth of the customers who came last, foretold by those before.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> rate, first = rng.gamma(1.0, 0.02, 400), rng.integers(0, 200, 400)
    >>> who = np.repeat(np.arange(400), 1 + rng.poisson(rate * 365))
    >>> opening = np.concatenate(([True], who[1:] != who[:-1]))
    >>> day = first[who] + np.where(opening, 0, rng.integers(1, 366, len(who)))
    >>> orders = {"customer": who.astype(str), "day": as_dates(day), "amount": np.full(len(who), 1000)}
    >>> model = RegressionLTV(horizon_days=180).fit(orders)
    >>> model.card_.holdout.mae < model.card_.holdout.naive_mae
    True

    References
    ----------
    Golub, Heath and Wahba (1979), "Generalized Cross-Validation as a Method for
    Choosing a Good Ridge Parameter", Technometrics 21(2).
    """

    def __init__(
        self, *, window_days: int = 90, horizon_days: int = 365, zone: str = "UTC", currency: str | None = None,
        level: float = 0.9,
    ) -> None:  # fmt: skip
        self.window_days = window_days
        self.horizon_days = horizon_days
        self.zone = zone
        self.currency = currency
        self.level = level

    def fit(self, orders: Any, y: None = None) -> Self:
        """Learn from orders (see ``day_cells`` for what counts)."""
        return self.fit_cells(day_cells(orders, zone=self.zone, currency=self.currency))

    def fit_cells(self, cells: DayCells) -> Self:
        """Learn from purchase days already counted.

        Raises ``ValueError`` when fewer than 60 customers came long enough ago.
        """
        if self.window_days < 1 or self.horizon_days < 1:
            raise ValueError("window_days and horizon_days are at least 1")
        early = _early(cells, self.window_days, self.horizon_days)
        known = np.flatnonzero(np.isfinite(early.later))
        if len(known) < FEWEST:
            raise ValueError(
                f"{len(known)} customers came at least {self.window_days + self.horizon_days} days ago; {FEWEST} are "
                "needed: take a shorter horizon_days or more history"
            )
        known = known[np.argsort(early.first[known], kind="stable")]
        cut = len(known) * 4 // 5
        self._solve(early, known[:cut])
        late = known[cut:]
        said, came = self._mean(early.features[late]), early.later[late]
        naive = np.full(len(late), float(early.later[known[:cut]].mean()))
        tested = compare(said, came, naive, self.horizon_days)
        # Misses on customers the fit had not seen, in units of the forecast's size: big forecasts miss by more.
        self._misses = np.sort((came - said) / np.sqrt(said + self._floor))
        self._solve(early, known)
        self._early, self._customers = early, cells.customers
        self.card_ = self._card(cells, len(known), tested)
        return self

    def predict(self) -> pa.Table:
        """The money of the horizon for every customer whose first days are over: ``customer, ltv, ltv_low, ltv_high``.

        For those longer with you it is the money of *their* days after the first, in hindsight.
        """
        check_is_fitted(self, "coef_")
        said = self._mean(self._early.features)
        tail = (1.0 - self.level) / 2.0
        width = np.sqrt(said + self._floor)
        low, high = (np.maximum(said + width * np.quantile(self._misses, q), 0.0) for q in (tail, 1.0 - tail))
        who = self._customers.take(pa.array(self._early.code))
        return pa.table({"customer": who, "ltv": said, "ltv_low": np.minimum(low, said), "ltv_high": high})

    def _solve(self, early: Early, rows: Ints) -> None:
        x, y = early.features[rows], early.later[rows]
        self._centre, spread = x.mean(axis=0), x.std(axis=0)
        self._scale = np.where(spread > 0, spread, 1.0)
        self.intercept_ = float(y.mean())
        left, size, right = np.linalg.svd((x - self._centre) / self._scale, full_matrices=False)
        along, n = left.T @ (y - self.intercept_), len(y)
        best = np.inf
        for penalty in PENALTIES:
            kept = size**2 / (size**2 + penalty)
            missed = float(np.sum((y - self.intercept_) ** 2) - np.sum(along**2) + np.sum(((1.0 - kept) * along) ** 2))
            score = n * missed / (n - 1.0 - float(kept.sum())) ** 2
            if score < best:
                best, self.penalty_ = score, float(penalty)
                self._beta = right.T @ (size / (size**2 + penalty) * along)
        self._floor = max(self.intercept_, 1.0)
        self.coef_ = dict(zip(FEATURES, self._beta.tolist(), strict=True))

    def _mean(self, features: Vector) -> Vector:
        # Money of a customer is not negative.
        return np.asarray(np.maximum(self.intercept_ + (features - self._centre) / self._scale @ self._beta, 0.0))

    def _card(self, cells: DayCells, n: int, tested: Holdout) -> ModelCard:
        limits = ("no_better_than_the_mean",) if tested.mae >= tested.naive_mae else ()
        return ModelCard(
            model="regression_ltv",
            version="ridge/1",
            trained_from=str(as_dates(cells.day[[cells.day.argmin()]])[0]),
            trained_to=str(as_dates(np.array([cells.last_day]))[0]),
            n=n,
            features=FEATURES,
            parameters=tuple((k, v, None) for k, v in self.coef_.items()),
            holdout=tested,
            limits=limits,
            data="orders",
        )


def _early(cells: DayCells, window: int, horizon: int) -> Early:
    starts = cells.starts
    counts = np.diff(np.append(starts, len(cells.code)))
    age = cells.day - np.repeat(cells.day[starts], counts)
    money = np.maximum(cells.amount.astype(np.float64), 0.0)

    def total(values: Vector) -> Vector:
        return np.asarray(np.add.reduceat(values, starts), dtype=np.float64) if len(starts) else np.zeros(0)

    inside, late = age < window, (age >= window // 2) & (age < window)
    last = np.maximum.reduceat(np.where(inside, age, 0), starts) if len(starts) else starts
    features = np.stack(
        [
            total(inside.astype(np.float64)),
            np.log1p(total(np.where(inside, money, 0.0))),
            np.log1p(money[starts]),
            last.astype(np.float64),
            total(late.astype(np.float64)),
        ],
        axis=1,
    )
    later = total(np.where((age >= window) & (age < window + horizon), money, 0.0))
    first = cells.day[starts]
    later[cells.last_day - first + 1 < window + horizon] = np.nan
    over = cells.last_day - first + 1 >= window
    return Early(cells.code[starts][over], first[over], features[over], later[over])
