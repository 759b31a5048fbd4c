"""Recency, frequency, monetary value: what a customer's purchases say at a glance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind
from regulars.understand.customer_states import CustomerStates, customer_states, states_in_parts, states_of
from regulars.understand.day_cells import DayCells
from regulars.understand.days import as_dates, day_number

FIFTHS = (0.2, 0.4, 0.6, 0.8)
LABELS = pa.array([f"{r}-{f}-{m}" for r in range(1, 6) for f in range(1, 6) for m in range(1, 6)])
UNITS = {"days": 1.0, "weeks": 7.0}


class RFM(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Summarise every customer's purchases and score them 1 to 5 on recency, frequency and money.

    Purchases of one day are one purchase. With the purchase days
    ``d_0 < d_1 < ... < d_x`` of a customer and the last day observed ``d_T``:

    =============  =============================================================
    ``frequency``  x, the number of repeat purchase days
    ``recency``    (d_x - d_0) / unit, age of the customer at the last purchase
    ``T``          (d_T - d_0) / unit, age of the customer today
    ``monetary``   mean net money of the repeat purchase days, 0 without any
    ``spent``      net money of all days: sales less refunds
    ``orders``     number of paid orders
    ``r f m``      1 (worst) to 5 (best) by the quintiles of days since the last
                   purchase, ``orders`` and ``spent``; equal values, equal score
    =============  =============================================================

    The first purchase is left out of ``frequency`` and ``monetary`` because it
    made the person a customer: the models of repeat buying count from there.

    Parameters
    ----------
    zone : str
        Your company's time zone: decides on which day an order falls. Not used
        when the orders carry a ``day`` column already.
    until : date, aware datetime or None
        The last day you look at; later orders are not seen. None: the last order's day.
    unit : "days" or "weeks"
        The unit of ``recency`` and ``T``.
    currency : str or None
        The currency money is counted in; orders in another still count as
        purchases, their money does not.

    Attributes
    ----------
    summary_ : pyarrow.Table
        One row per customer, sorted by customer key.
    scored_ : pyarrow.Table
        The same with the scores ``r, f, m`` and the label ``rfm``.
    cuts_ : dict of str to ndarray of shape (4,)
        The quintile limits of recency, frequency and money.

    Examples
    --------
    >>> orders = {"customer": ["ann", "ann", "bob"], "amount": [900, 1100, 500],
    ...           "day": ["2026-01-01", "2026-01-11", "2026-01-05"]}
    >>> table = RFM(until=date(2026, 1, 31)).fit_transform(orders)
    >>> table.select(["customer", "frequency", "recency", "T", "monetary", "spent"]).to_pylist()[0]
    {'customer': 'ann', 'frequency': 1, 'recency': 10.0, 'T': 30.0, 'monetary': 1100.0, 'spent': 2000}

    References
    ----------
    Fader, Hardie and Lee (2005), "RFM and CLV: Using Iso-Value Curves for
    Customer Base Analysis", Journal of Marketing Research 42.
    """

    def __init__(
        self,
        *,
        zone: str = "UTC",
        until: date | datetime | None = None,
        unit: str = "days",
        currency: str | None = None,
    ) -> None:
        self.zone = zone
        self.until = until
        self.unit = unit
        self.currency = currency

    def fit(self, orders: Any, y: None = None) -> Self:
        """Count the purchases and learn the quintile limits; orders as in the lake, see ``day_cells``.

        A table of the lake (Ibis) is read a stretch of days at a time; give rows
        that hold now, ``Lake.current("orders")``.
        """
        return self._learn(self._summary(orders))

    def fit_cells(self, cells: DayCells) -> Self:
        """Learn from purchase days already counted."""
        return self.fit_states(states_of(cells))

    def fit_states(self, states: CustomerStates) -> Self:
        """Learn from the states of customers, merged as days went by."""
        return self._learn(summary(states, self._days_per_unit()))

    def _learn(self, table: pa.Table) -> Self:
        self.summary_ = table
        self.cuts_ = {
            name: np.sort(values)[np.ceil(np.array(FIFTHS) * len(values)).astype(int) - 1]
            if len(values)
            else np.zeros(4)
            for name, values in _scored(self.summary_).items()
        }
        self.scored_ = self._with_scores(self.summary_)
        return self

    def transform(self, orders: Any) -> Any:
        """Summaries of these orders, scored by the limits learnt; the same kind of table as given."""
        check_is_fitted(self, "cuts_")
        return same_kind(self._with_scores(self._summary(orders)), orders)

    def fit_transform(self, orders: Any, y: None = None, **_: Any) -> Any:
        """Fit, then give the scored summaries of the same orders without counting them twice."""
        return same_kind(self.fit(orders).scored_, orders)

    def _summary(self, orders: Any) -> pa.Table:
        until = None if self.until is None else day_number(self.until, self.zone)
        unit = self._days_per_unit()
        if hasattr(orders, "to_pyarrow") and {"day", "kind", "status", "currency"} <= set(orders.columns):
            parts = states_in_parts(orders, until=until, currency=self.currency)
            return pa.concat_tables([summary(part, unit) for part in parts])
        return summary(customer_states(orders, zone=self.zone, until=until, currency=self.currency), unit)

    def _days_per_unit(self) -> float:
        if self.unit not in UNITS:
            raise ValueError(f"unit is 'days' or 'weeks', not {self.unit!r}")
        return UNITS[self.unit]

    def _with_scores(self, table: pa.Table) -> pa.Table:
        scores = {name: _above(values, self.cuts_[name]) + 1 for name, values in _scored(table).items()}
        for name, score in scores.items():
            table = table.append_column(name, pa.array(score, pa.int64()))
        place = (scores["r"] * 5 + scores["f"]) * 5 + scores["m"] - 31
        return table.append_column("rfm", LABELS.take(pa.array(place)))


def summary(known: DayCells | CustomerStates, days_per_unit: float = 1.0) -> pa.Table:
    """The RFM columns of each customer who ever bought, sorted by customer key."""
    states = states_of(known) if isinstance(known, DayCells) else known
    buyers = np.flatnonzero(states.days)
    everybody = len(buyers) == len(states.customers)

    def of(values: NDArray[Any]) -> NDArray[Any]:
        return values if everybody else values[buyers]

    first, last, frequency = of(states.first), of(states.last), of(states.days) - 1
    # A refund older than all we saw can only be of the first purchase.
    repeat, first_amount = of(states.repeat_amount), of(states.first_amount) + of(states.early)
    return pa.table(
        {
            "customer": states.customers if everybody else states.customers.take(pa.array(buyers)),
            "first_day": as_dates(first),
            "last_day": as_dates(last),
            "frequency": frequency.astype(np.int64),
            "recency": (last - first) / days_per_unit,
            "T": (states.to_day - first) / days_per_unit,
            "days_since_last": (states.to_day - last).astype(np.int64),
            "orders": of(states.orders).astype(np.int64),
            "monetary": np.divide(repeat, frequency, out=np.zeros(len(buyers)), where=frequency > 0),
            "spent": first_amount + repeat,
        }
    )


def _above(values: NDArray[Any], cuts: NDArray[Any]) -> NDArray[np.int64]:
    """How many of the few limits each value exceeds; comparing is cheaper than searching."""
    count = np.zeros(len(values), dtype=np.int64)
    for cut in cuts:
        count += values > cut
    return count


def _scored(table: pa.Table) -> dict[str, NDArray[Any]]:
    return {
        "r": -table.column("days_since_last").to_numpy(),
        "f": table.column("orders").to_numpy(),
        "m": table.column("spent").to_numpy(),
    }
