"""What contracts are worth: subscription facts become contracts, their renewals a retention curve and money."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from regulars.understand.bdw import BetaDiscreteWeibull
from regulars.understand.cards import Holdout, ModelCard, compare
from regulars.understand.contract_facts import DAYS_A_MONTH, contract_table
from regulars.understand.days import as_dates, day_number
from regulars.understand.repeat_buying import parameters_of
from regulars.understand.sbg import ShiftedBetaGeometric

Vector = NDArray[np.float64]
VERSION = "contracts/1"
# Below these the curve is drawn to a typical service and the card says so.
FEWEST_CONTRACTS, FEWEST_ENDED = 30, 10
# One more parameter must raise twice the log-likelihood by the 95 % point of chi-squared with one degree of freedom.
LIKELIHOOD_RATIO = 3.84
YEAR = 365.0


@dataclass(frozen=True)
class CurvePoint:
    """After so many renewals: share there by count (Kaplan-Meier; None beyond the data) and by model, with limits."""

    renewals: int
    seen: float | None
    model: float
    low: float
    high: float


class ContractWorth(BaseEstimator):  # type: ignore[misc]
    r"""What each running contract will still bring: discounted margin of the renewals to come.

    .. math::
        CLV = margin \cdot price \cdot \sum_{k=1}^{K} \frac{S(n + k)}{S(n)} (1 + i)^{-t_k / 365}

    n renewals are behind the contract, the k-th of the K within the horizon is
    t_k days ahead. S is sBG, or BdW where the data speak for a
    change of loyalty with age (likelihood ratio above 3.84), for each length of period on
    its own. The payment for the running period is past value.

    Parameters
    ----------
    horizon_days, margin, discount_rate
        As in ``CLV``; the rate is a year's.
    zone : str
        The company's time zone.
    level : float
        Share of futures the interval holds.

    Attributes
    ----------
    contracts_ : pyarrow.Table
        One row per contract; see ``contract_table``.
    models_ : dict of int to BetaDiscreteWeibull
        By months of one period.
    card_ : ModelCard

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> rows = {"contract": ["a", "b", "b"], "customer": ["ann", "bob", "bob"], "kind": ["start", "start", "cancel"],
    ...     "day": ["2026-01-01", "2026-01-01", "2026-03-20"], "months": [1, 1, 1], "amount": [900, 500, 500]}
    >>> model = ContractWorth(horizon_days=365).fit(rows, now=datetime(2026, 4, 15, tzinfo=UTC))
    >>> [(r["contract"], r["renewals"], r["active"]) for r in model.contracts_.to_pylist()]
    [('a', 3, True), ('b', 3, False)]
    >>> model.predict().column("contract").to_pylist()
    ['a']

    References
    ----------
    Fader and Hardie (2010), "Customer-Base Valuation in a Contractual Setting:
    The Perils of Ignoring Heterogeneity", Marketing Science 29(1).
    """

    def __init__(
        self, *, horizon_days: int = 365, margin: float = 1.0, discount_rate: float = 0.10, zone: str = "UTC",
        level: float = 0.9,
    ) -> None:  # fmt: skip
        self.horizon_days = horizon_days
        self.margin = margin
        self.discount_rate = discount_rate
        self.zone = zone
        self.level = level

    def fit(self, subscriptions: Any, y: None = None, *, now: datetime) -> Self:
        """Learn from rows of the ``subscriptions`` table as of ``now``.

        Raises ``ValueError`` when there is no contract.
        """
        today = day_number(now, self.zone)
        table = contract_table(subscriptions, today)
        if table.num_rows == 0:
            raise ValueError("there is no contract yet: nothing to learn renewals from")
        self.contracts_ = table
        self.models_, limits = _models(table)
        start = table.column("start_day").to_numpy()
        self.card_ = ModelCard(
            model="contracts",
            version="+".join(sorted({m.name for m in self.models_.values()})) + "/" + VERSION.split("/")[1],
            trained_from=str(as_dates(np.array([start.min()]))[0]),
            trained_to=str(as_dates(np.array([today]))[0]),
            n=table.num_rows,
            features=("renewals", "ended", "months"),
            parameters=parameters_of(*self.models_.values()),
            holdout=_holdout(subscriptions, today, int(start.min())),
            limits=limits,
            data="subscriptions",
        )
        return self

    def predict(self) -> pa.Table:
        """The worth of every running contract.

        Columns ``contract, customer, months, renewals, price, p_renew, clv, clv_low,
        clv_high, expected_renewals``; money in minor units. The limits are of
        one contract: how long it may last.
        """
        check_is_fitted(self, "models_")
        table = self.contracts_.filter(self.contracts_.column("active"))
        parts = []
        for months, model in self.models_.items():
            rows = np.asarray(table.column("months").to_numpy()) == months
            parts.append(self._worth(table.filter(pa.array(rows)), months, model))
        return pa.concat_tables(parts)

    def curve(self, renewals: int | None = None) -> tuple[int, tuple[CurvePoint, ...]]:
        """Months of the commonest period, and its retention curve, projected half as far again as seen."""
        check_is_fitted(self, "models_")
        length = np.asarray(self.contracts_.column("months").to_numpy())
        months = int(np.bincount(length).argmax())
        table = self.contracts_.filter(pa.array(length == months))
        seen = _kaplan_meier(table)
        last = renewals if renewals is not None else min(max(len(seen) * 3 // 2, 6), 36)
        k = np.arange(last + 1)
        model = self.models_[months]
        share, (low, high) = model.survival(k), model.survival_interval(k, level=self.level)
        return months, tuple(
            CurvePoint(i, seen[i] if i < len(seen) else None, float(share[i]), float(low[i]), float(high[i]))
            for i in range(last + 1)
        )

    def _worth(self, table: pa.Table, months: int, model: BetaDiscreteWeibull) -> pa.Table:
        period = months * DAYS_A_MONTH
        age = table.column("renewals").to_numpy().astype(np.float64)
        to_next = np.clip((age + 1.0) * period - table.column("days").to_numpy(), 0.0, period)
        periods = max(int(self.horizon_days / period), 1)
        each = (1.0 + self.discount_rate) ** (period / YEAR) - 1.0
        # The first renewal is nearer than a whole period.
        sooner = (1.0 + self.discount_rate) ** ((period - to_next) / YEAR)
        price = table.column("price").to_numpy().astype(np.float64) * self.margin
        value = sooner * price
        distinct, at = np.unique(age, return_inverse=True)
        stay = model.survival(np.arange(1, periods + 1)[None, :], distinct[:, None])
        tail = (1.0 - self.level) / 2.0
        fewest, most = ((stay >= limit).sum(axis=1)[at] for limit in (1.0 - tail, tail))
        sums = np.concatenate([[0.0], np.cumsum((1.0 + each) ** -np.arange(1.0, periods + 1.0))])
        return pa.table(
            {
                "contract": table.column("contract"),
                "customer": table.column("customer"),
                "months": table.column("months"),
                "renewals": table.column("renewals"),
                "price": table.column("price"),
                "p_renew": stay[at, 0],
                "clv": value * model.residual(age, periods, each),
                "clv_low": value * sums[fewest],
                "clv_high": value * sums[most],
                "expected_renewals": stay.sum(axis=1)[at],
            }
        )


def _models(table: pa.Table) -> tuple[dict[int, BetaDiscreteWeibull], tuple[str, ...]]:
    length = np.asarray(table.column("months").to_numpy())
    ended = ~np.asarray(table.column("active").to_numpy(zero_copy_only=False), dtype=bool)
    limits: set[str] = set()
    models = {}
    for months in np.unique(length).tolist():
        rows = length == months
        # Who is in the first period still says nothing about renewing.
        some = table.filter(pa.array(rows))
        data = {"periods": some.column("renewals"), "ended": pa.array(ended[rows])}
        few = rows.sum() < FEWEST_CONTRACTS or ended[rows].sum() < FEWEST_ENDED
        if few:
            limits.add("too_few_contracts")
        models[int(months)] = _curve_model(data, bool(few))
    return models, tuple(sorted(limits))


def _curve_model(data: Any, few: bool) -> BetaDiscreteWeibull:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if few:
            return ShiftedBetaGeometric(penalizer=1.0).fit(data)
        plain = ShiftedBetaGeometric().fit(data)
        if not plain.converged_:
            plain = ShiftedBetaGeometric(penalizer=1.0).fit(data)
        ageing = BetaDiscreteWeibull().fit(data)
    better = 2.0 * (ageing.log_likelihood_ - plain.log_likelihood_) > LIKELIHOOD_RATIO
    return ageing if better and ageing.converged_ and np.all(np.isfinite(ageing.covariance_)) else plain


def _kaplan_meier(table: pa.Table) -> list[float]:
    """The share there after 0, 1, 2 ... renewals, while at least ten contracts were at stake."""
    t = np.asarray(table.column("renewals").to_numpy(), dtype=np.int64)
    ended = ~np.asarray(table.column("active").to_numpy(zero_copy_only=False), dtype=bool)
    share, curve = 1.0, [1.0]
    for k in range(1, int(t.max(initial=0)) + 1):
        stake = int(np.sum(t >= k))
        if stake < 10:
            break
        share *= 1.0 - float(np.sum(ended & (t == k))) / stake
        curve.append(share)
    return curve


def _holdout(subscriptions: Any, today: int, first: int) -> Holdout | None:
    """Fitted as of two thirds of the time: contracts then running, foretold and found still running today."""
    cut = today - (today - first) // 3
    before = contract_table(subscriptions, cut)
    running = before.filter(before.column("active"))
    if running.num_rows < FEWEST_CONTRACTS or today - cut < 28:
        return None
    models, _limits = _models(before)
    now = contract_table(subscriptions, today)
    still = np.isin(
        running.column("contract").to_numpy(zero_copy_only=False),
        now.filter(now.column("active")).column("contract").to_numpy(zero_copy_only=False),
    )
    age = running.column("renewals").to_numpy().astype(np.float64)
    length = running.column("months").to_numpy()
    days = running.column("days").to_numpy().astype(np.float64)
    ahead = np.maximum(np.floor((days + today - cut) / (length * DAYS_A_MONTH) + 0.02) - age, 0.0)
    chance = np.zeros(running.num_rows)
    for months, model in models.items():
        rows = length == months
        chance[rows] = model.survival(ahead[rows], age[rows])
    pace = np.mean(np.asarray(before.column("active").to_numpy(zero_copy_only=False), dtype=float))
    return compare(chance, still.astype(np.float64), np.full(len(chance), pace), today - cut)
