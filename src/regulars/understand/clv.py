"""Customer lifetime value: what each customer will still bring, in money of today."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.cards import ModelCard
from regulars.understand.day_cells import DayCells, day_cells
from regulars.understand.days import as_dates, day_number
from regulars.understand.futures import Futures
from regulars.understand.repeat_buying import VERSION, card_metrics, choose_and_fit, fit_spend, parameters_of
from regulars.understand.rfm import summary

Vector = NDArray[np.float64]
YEAR = 365.0
MONTH = 30.0


def discounted_cash_flow(amounts: ArrayLike, rate: float, years: int | None = None) -> float:
    r"""The worth today of money that comes at the end of each year.

    .. math:: \sum_{t=1}^{n} \frac{A_t}{(1 + i)^t}

    Give the amounts year by year, or one amount and the number of years.
    Money that comes at the *start* of each year is worth (1 + i) times as much;
    money already received belongs in ``historic``, not here.

    >>> round(discounted_cash_flow(1000, rate=0.10, years=5), 2)
    3790.79
    """
    flow = np.asarray(amounts, dtype=np.float64)
    if years is not None:
        flow = np.repeat(flow.ravel(), years) if flow.size == 1 else flow
    flow = flow.ravel()
    if years is not None and flow.size != years:
        raise ValueError(f"{flow.size} amounts were given for {years} years")
    if rate <= -1.0:
        raise ValueError("a discount rate is above -1 (-100 % a year)")
    return float(np.sum(flow / (1.0 + rate) ** np.arange(1, flow.size + 1)))


def expected_worth(probability: float, spend_a_year: float, years: float) -> float:
    """The simplest forecast: chance of staying times spend a year times years, undiscounted.

    >>> expected_worth(0.7, 500, 5)
    1750.0
    """
    return probability * spend_a_year * years


class CLV(BaseEstimator):  # type: ignore[misc]
    r"""What each customer will bring over a horizon: discounted margin, past value excluded.

    .. math::
        CLV = margin \cdot E[M | x, m] \cdot P(alive) \cdot c \cdot
        \sum_{k} \frac{E[N(t_k)] - E[N(t_{k-1})]}{(1 + i)^{(t_{k-1} + t_k)/2\ /\ 365}}

    The number of future purchases N comes from MBG/NBD, BG/NBD or Pareto/NBD, their
    worth M from Gamma-Gamma, and each 30-day period is discounted on its own,
    at its middle. What was earned up to today is not in it: see ``historic``.

    Which model: all three are put on several past days and foretell what
    followed; MBG/NBD is kept unless another one gave what came a clearly higher
    probability (``rolling_holdout``). The factor c, for all or by the month in
    which customers first bought, takes off a bias those tests showed, and is 1
    unless it helps on tests it has not seen (``Correction``).

    ``expected_orders`` is a mean: sums of it are right, but most single customers
    buy less, since few buy much. ``likely_orders`` is the median, the number to
    expect of one person: its absolute error is the smallest.

    Parameters
    ----------
    horizon_days : int
        How far ahead you count.
    margin : float
        The share of a sale you keep; 1 counts revenue.
    discount_rate : float
        A year: 0.10 says 1,100 in a year are worth 1,000 today.
    zone, until, currency
        As in ``RFM``: the company's time zone, the last day seen, its currency.
    model : "auto", "mbg_nbd", "bg_nbd" or "pareto_nbd"
        How repeat buying is modelled.
    level : float
        Share of futures the interval holds.
    draws : int
        Simulated futures per kind of customer.
    seed : int
        Same seed, same interval.

    Attributes
    ----------
    summary_ : pyarrow.Table
        The RFM columns of every customer.
    model_ : ModifiedBetaGeo, BetaGeo or ParetoNBD
    rolling_ : Rolling or None
        Every candidate at every cut-off; None when the history is too short.
    correction_ : Correction
        The factors c.
    spend_ : GammaGamma or None
        None when no purchase brought money.
    card_ : ModelCard
        Parameters, the forecast of the held-out days beside what came, limits.

    Notes
    -----
    With fewer than 30 customers or 10 repeat buyers the parameters are drawn to
    a typical shop (``penalizer=1``): an assumption more than an estimate, and
    ``card_.limits`` says ``too_few_customers``.

    The interval covers both the parameters' uncertainty and the luck of one
    customer; P(alive) enters it at its estimate. See ``Futures``.

    Examples
    --------
    >>> orders = {"customer": ["ann", "ann", "bob", "ann"], "amount": [900, 1100, 500, 1000],
    ...           "day": ["2026-01-01", "2026-01-11", "2026-01-05", "2026-01-28"]}
    >>> worth = CLV(horizon_days=365, margin=0.6).fit(orders).predict(["ann", "bob"]).to_pylist()
    >>> worth[0]["clv"] > worth[1]["clv"] > 0
    True

    References
    ----------
    Fader, Hardie and Lee (2005), "RFM and CLV", JMR 42; Gupta and Lehmann
    (2003), "Customers as Assets", for the discounting.
    """

    def __init__(
        self,
        *,
        horizon_days: int = 365,
        margin: float = 1.0,
        discount_rate: float = 0.10,
        zone: str = "UTC",
        until: date | datetime | None = None,
        currency: str | None = None,
        model: str = "auto",
        level: float = 0.9,
        draws: int = 2000,
        seed: int = 0,
    ) -> None:
        self.horizon_days = horizon_days
        self.margin = margin
        self.discount_rate = discount_rate
        self.zone = zone
        self.until = until
        self.currency = currency
        self.model = model
        self.level = level
        self.draws = draws
        self.seed = seed

    def fit(self, orders: Any, y: None = None) -> Self:
        """Learn from orders (see ``day_cells`` for what counts).

        Raises ``ValueError`` when there is no paid order at all.
        """
        until = None if self.until is None else day_number(self.until, self.zone)
        return self.fit_cells(day_cells(orders, zone=self.zone, until=until, currency=self.currency))

    def fit_cells(self, cells: DayCells) -> Self:
        """Learn from purchase days already counted."""
        if len(cells.code) == 0:
            raise ValueError("there is no paid order yet: nothing to learn a customer's worth from")
        self.summary_ = summary(cells)
        found = choose_and_fit(cells, self.summary_, self.model)
        self.model_, self.rolling_, self.correction_ = found.model, found.rolling, found.correction
        self.spend_, money_limits = fit_spend(cells, self.summary_)
        self.card_ = ModelCard(
            model="clv",
            version=f"{self.model_.name}+gamma_gamma/{VERSION}",
            trained_from=str(as_dates(cells.day[[cells.day.argmin()]])[0]),
            trained_to=str(as_dates(np.array([cells.last_day]))[0]),
            n=self.summary_.num_rows,
            features=("frequency", "recency", "T", "monetary"),
            parameters=parameters_of(self.model_, self.spend_),
            holdout=self.rolling_.holdout if self.rolling_ else None,
            limits=(*found.limits, *money_limits),
            metrics=card_metrics(self.rolling_),
            data="orders",
        )
        # Futures are shared by all customers of the fit, so that whom you ask about does not change the answer.
        x, T = (_column(self.summary_, c) for c in ("frequency", "T"))
        self.futures_ = self._futures(x, T)
        return self

    def predict(self, customers: Any = None) -> Any:
        """The worth of these customers; all of the fit when None.

        ``customers`` is a list of keys or a table with a ``customer`` column (the
        same kind of table comes back), or with the RFM columns of people who were
        not in the fit. Columns: ``customer, clv, clv_low, clv_high,
        expected_orders, expected_orders_low, expected_orders_high, likely_orders, p_alive,
        p_alive_low, p_alive_high, value_per_order, clv_historic``; money in the
        unit of the orders. Who never bought gets nulls.
        """
        check_is_fitted(self, "model_")
        if customers is None:
            return self._worth(self.summary_)
        if isinstance(customers, list | tuple | np.ndarray):
            customers = pa.table({"customer": pa.array(customers)})
        table = to_arrow(customers)
        if {"frequency", "recency", "T"} <= set(table.column_names):
            return same_kind(self._worth(table), customers)
        wanted = table.column("customer").combine_chunks().cast(self.summary_.column("customer").type)
        at = pc.index_in(wanted, value_set=self.summary_.column("customer"))
        return same_kind(
            self._worth(self.summary_).drop_columns("customer").take(at).add_column(0, "customer", wanted), customers
        )

    def historic(self) -> pa.Table:
        """The margin already earned from each customer: margin times net money so far, undiscounted."""
        check_is_fitted(self, "summary_")
        past = self.margin * _column(self.summary_, "spent")
        return pa.table({"customer": self.summary_.column("customer"), "clv_historic": past})

    def discounted_purchases(self, x: Vector, T: Vector) -> tuple[Vector, Vector]:
        """Purchases over the horizon of customers who are alive: their mean, and their discounted mean."""
        ends = np.append(np.arange(MONTH, self.horizon_days, MONTH), float(self.horizon_days))
        middles = (ends + np.append(0.0, ends[:-1])) / 2.0
        factor = (1.0 + self.discount_rate) ** (-middles / YEAR)
        cells, at = np.unique(np.stack([x, T]), axis=1, return_inverse=True)
        total = self.model_.mean_when_alive(
            self.model_.parameters_, ends[None, :], cells[0][:, None], cells[1][:, None]
        )
        return total[at, -1], (np.diff(total, axis=1, prepend=0.0) @ factor)[at]

    def _worth(self, table: pa.Table) -> pa.Table:
        x, tx, T = (_column(table, c) for c in ("frequency", "recency", "T"))
        m = _column(table, "monetary") if "monetary" in table.column_names else np.zeros(len(x))
        alive = self.model_.p_alive(x, tx, T)
        alive_low, alive_high = self.model_.p_alive_interval(x, tx, T, self.level)
        purchases, discounted = self.discounted_purchases(x, T)
        each = self.spend_.conditional_expected_value(x, m) if self.spend_ else np.zeros(len(x))
        tail = (1.0 - self.level) / 2.0
        futures = self.futures_ if self.futures_.covers(x, T) else self._futures(x, T)
        few, little = futures.quantiles(x, T, alive, tail)
        many, much = futures.quantiles(x, T, alive, 1.0 - tail)
        likely, _ = futures.quantiles(x, T, alive, 0.5)
        c = self._factor(table)
        scale = np.zeros(len(x))
        if self.spend_ is not None:
            scale = self.margin * (self.spend_.v_ + x * np.where(x > 0, np.maximum(m, 0.0), 0.0))
        scale = scale * np.divide(discounted, purchases, out=np.ones(len(x)), where=purchases > 0)
        columns: dict[str, Any] = {
            "customer": table.column("customer") if "customer" in table.column_names else pa.nulls(len(x), pa.string()),
            "clv": c * self.margin * each * alive * discounted,
            "clv_low": c * scale * little,
            "clv_high": c * scale * much,
            "expected_orders": c * alive * purchases,
            "expected_orders_low": np.round(c * few),
            "expected_orders_high": np.round(c * many),
            "likely_orders": np.round(c * likely),
            "p_alive": alive,
            "p_alive_low": alive_low,
            "p_alive_high": alive_high,
            "value_per_order": each,
        }
        if "spent" in table.column_names:
            columns["clv_historic"] = self.margin * _column(table, "spent")
        return pa.table(columns)

    def _futures(self, x: Vector, T: Vector) -> Futures:
        return Futures.simulate(self.model_, self.spend_, x, T, float(self.horizon_days), self.draws, self.seed)

    def _factor(self, table: pa.Table) -> Vector:
        """The correction of each customer; that of all where the first purchase is not known."""
        if "first_day" not in table.column_names:
            return np.full(table.num_rows, self.correction_.overall)
        days = table.column("first_day").cast(pa.int32()).to_numpy().astype(np.int64)
        return self.correction_.factors(days)


def _column(table: pa.Table, name: str) -> Vector:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)
