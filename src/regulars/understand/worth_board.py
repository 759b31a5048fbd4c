"""What there is to say about worth: how it is spread, where it comes from, and how far to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow
from regulars.tables import SCORES
from regulars.understand.cards import Decile, Group, ModelCard, fairness
from regulars.understand.contracts import VERSION, ContractWorth, CurvePoint
from regulars.understand.customer_equity import (
    Concentration,
    EquityRow,
    cohort_names,
    concentration,
    customer_equity,
    histogram,
    largest,
)
from regulars.understand.regression_ltv import RegressionLTV
from regulars.understand.rolling import Rolling, Trial
from regulars.understand.view import View

Vector = NDArray[np.float64]
WINDOW, SHORTEST = 90, 60
NEEDED = ("source", "id", "revision", "contract", "customer", "day", "kind", "plan", "months", "amount", "channel")


@dataclass(frozen=True)
class Tested:
    """The procedure on days it was not told: totals, bias before and after correction, errors per customer."""

    model: str
    days: int
    customers: int
    forecast: float
    actual: float
    bias: float
    bias_before: float
    mae: float
    likely_mae: float
    naive_mae: float
    deciles: tuple[Decile, ...]


@dataclass(frozen=True)
class Check:
    """Another way to the worth of newcomers: ridge regression on their first days, tested on the latest fifth."""

    window: int
    horizon: int
    customers: int
    bias: float
    mae: float
    naive_mae: float
    coefficients: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class ContractsBoard:
    """Running contracts: what they will still bring, how many renew, and the curve of the commonest length."""

    model: str
    months: int
    contracts: int
    active: int
    worth: float
    low: float
    high: float
    renewals: float
    p_renew: float
    curve: tuple[CurvePoint, ...]
    bias: float | None
    days: int
    limits: tuple[str, ...]


@dataclass(frozen=True)
class WorthBoard:
    """Worth of all customers; money in minor units. ``correction`` is the factor on orders foretold."""

    customers: int
    total: float
    historic: float
    orders: float
    horizon_days: int
    margin: float
    discount_rate: float
    spread: Concentration | None
    bins: tuple[tuple[float, float, int], ...]
    cohort_step: str
    cohorts: tuple[EquityRow, ...]
    channels: tuple[EquityRow, ...]
    model: str
    trials: tuple[Trial, ...]
    tested: Tested | None
    correction: float
    correction_gain: float
    corrected_cohorts: int
    groups: tuple[Group, ...]
    check: Check | None
    contracts: ContractsBoard | None
    limits: tuple[str, ...]
    made_by: str
    cards: tuple[ModelCard, ...]
    scores: pa.Table | None


def worth_board(view: View) -> WorthBoard | None:
    """The worth of this turn; None without customers and contracts."""
    contracts = _contracts(view)
    if len(view.cells.code) == 0:
        return None
    worth, rolling = view.worth, view.clv.rolling_
    clv = np.asarray(worth.column("clv").to_numpy(), dtype=np.float64)
    step, cohort = cohort_names(view.rfm.column("first_day"))
    channel = _of_people(view, view.rfm.column("customer").combine_chunks(), "channel")
    check, check_card = _check(view)
    correction = view.clv.correction_
    return WorthBoard(
        customers=worth.num_rows,
        total=float(clv.sum()),
        historic=float(np.sum(worth.column("clv_historic").to_numpy())),
        orders=float(np.sum(worth.column("expected_orders").to_numpy())),
        horizon_days=view.clv.horizon_days,
        margin=view.clv.margin,
        discount_rate=view.clv.discount_rate,
        spread=concentration(clv),
        bins=histogram(clv),
        cohort_step=step,
        cohorts=customer_equity(worth, cohort),
        channels=largest(customer_equity(worth, channel)),
        model=view.clv.model_.name,
        trials=rolling.trials if rolling else (),
        tested=_tested(rolling),
        correction=correction.overall,
        correction_gain=correction.gain,
        corrected_cohorts=len(correction.cohorts),
        groups=_groups(view, rolling),
        check=check,
        contracts=_contracts_board(contracts) if contracts else None,
        limits=view.clv.card_.limits,
        made_by=view.clv.card_.version,
        cards=(*((check_card,) if check_card else ()), *((contracts.card_,) if contracts else ())),
        scores=_scores(contracts, view) if contracts else None,
    )


def _tested(rolling: Rolling | None) -> Tested | None:
    if rolling is None:
        return None
    h = rolling.holdout
    return Tested(
        rolling.tested, h.days, h.customers, h.forecast, h.actual, h.bias, rolling.bias_before, h.mae,
        rolling.likely_mae, h.naive_mae, h.deciles,
    )  # fmt: skip


def _of_people(view: View, customers: pa.Array, column: str) -> pa.Array:
    """A column of the people for these customers, "" where not known."""
    if view.people.num_rows == 0:
        return pa.array([""] * len(customers), pa.string())
    at = pc.index_in(customers.cast(pa.string()), value_set=view.people.column("customer").combine_chunks())
    return pc.fill_null(view.people.column(column).combine_chunks().cast(pa.string()).take(at), "")


def _groups(view: View, rolling: Rolling | None) -> tuple[Group, ...]:
    """Orders foretold beside orders that came, by language and channel: is anybody foretold too high or too low?"""
    if rolling is None:
        return ()
    held = rolling.held
    customers = view.cells.customers.take(pa.array(held.code))
    found: list[Group] = []
    for by in ("language", "channel"):
        names = np.asarray(_of_people(view, customers, by).to_pylist(), dtype=object)
        known = names != ""
        if known.any():
            found += fairness(by, names[known].astype(str), held.said[known], held.came[known])[:8]
    return tuple(found)


def _check(view: View) -> tuple[Check | None, ModelCard | None]:
    """A horizon the history allows: the company's own, or what leaves as many customers to learn from."""
    span = view.cells.last_day - int(view.cells.day.min())
    horizon = min(view.clv.horizon_days, (span - WINDOW) // 2)
    if horizon < SHORTEST:
        return None, None
    try:
        model = RegressionLTV(window_days=WINDOW, horizon_days=horizon).fit_cells(view.cells)
    except ValueError:
        return None, None
    h = model.card_.holdout
    assert h is not None
    # Nobody of the latest fifth bought: there is no bias to speak of.
    if h.actual <= 0:
        return None, None
    return Check(
        WINDOW, horizon, h.customers, h.bias, h.mae, h.naive_mae, tuple(model.coef_.items())
    ), model.card_  # fmt: skip


def _contracts(view: View) -> ContractWorth | None:
    table = view.facts.get("subscriptions")
    if table is None:
        return None
    if hasattr(table, "to_pyarrow"):
        table = table.select([c for c in NEEDED if c in table.columns])
    rows = to_arrow(table)
    if "currency" in rows.column_names:
        rows = rows.drop_columns("currency")
    try:
        return ContractWorth(
            horizon_days=view.clv.horizon_days, margin=view.clv.margin, discount_rate=view.clv.discount_rate,
            zone=view.settings.zone,
        ).fit(rows, now=view.now) if rows.num_rows else None  # fmt: skip
    except ValueError:
        return None


def _contracts_board(found: ContractWorth) -> ContractsBoard:
    table = found.predict()
    months, curve = found.curve()
    worth, low, high = (
        np.asarray(table.column(c).to_numpy(), dtype=np.float64) for c in ("clv", "clv_low", "clv_high")
    )
    total, holdout = float(worth.sum()), found.card_.holdout
    chance = np.asarray(table.column("p_renew").to_numpy(), dtype=np.float64)
    return ContractsBoard(
        model=found.models_[months].name,
        months=months,
        contracts=found.contracts_.num_rows,
        active=table.num_rows,
        worth=total,
        low=max(total - float(np.sqrt(np.sum((worth - low) ** 2))), 0.0),
        high=total + float(np.sqrt(np.sum((high - worth) ** 2))),
        renewals=float(np.sum(table.column("expected_renewals").to_numpy())),
        p_renew=float(chance.mean()) if len(chance) else 0.0,
        curve=curve,
        bias=holdout.bias if holdout and np.isfinite(holdout.bias) else None,
        days=holdout.days if holdout else 0,
        limits=found.card_.limits,
    )


def _scores(found: ContractWorth, view: View) -> pa.Table | None:
    """What each customer's running contracts will still bring."""
    table: Any = found.predict()
    table = table.filter(pc.is_valid(table.column("customer")))
    if table.num_rows == 0:
        return None
    by = table.group_by("customer").aggregate(
        [("clv", "sum"), ("clv_low", "sum"), ("clv_high", "sum"), ("contract", "count"), ("p_renew", "min")]
    )
    why = pc.binary_join_element_wise(
        "contracts=", by.column("contract_count").cast(pa.string()), ";p_renew=",
        pc.round(by.column("p_renew_min"), 2).cast(pa.string()), "",
    )  # fmt: skip
    return SCORES.fill(
        {
            "customer": by.column("customer"), "name": "contract_worth", "value": by.column("clv_sum"),
            "low": by.column("clv_low_sum"), "high": by.column("clv_high_sum"), "made_by": VERSION,
            "made_at": view.now, "lake_version": view.lake_version, "why": why,
        },
        by.num_rows,
    )  # fmt: skip
