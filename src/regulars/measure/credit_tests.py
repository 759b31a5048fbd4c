"""Credit beside what tests proved: for channels an experiment has measured, which method came nearest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from regulars.measure.lift_tests import lift_tests

# A test counts for so long; what a channel does changes.
FRESH_DAYS: Final = 365
NINE_IN_TEN: Final = 1.645


@dataclass(frozen=True)
class Proof:
    """One test of a channel: profit per 1 spent with its 90 % interval, beside what the methods credit.

    ``code`` is ``credit_too_high`` or ``credit_too_low`` when every method lies outside the interval on
    that side, else ``credit_fits``; ``closest`` is the method nearest to the test.
    """

    channel: str
    start: str
    end: str
    roas: float
    low: float
    high: float
    least: float
    most: float
    closest: str
    code: str


def proofs(
    experiments: Any, credited: Mapping[str, Mapping[str, float]], spend: pd.DataFrame, *, order_value: float,
    margin: float, currency: str, today: date,
) -> tuple[Proof, ...]:  # fmt: skip
    """What the tests of the last year proved, the newest first.

    Args:
        experiments: rows of ``tables.EXPERIMENTS``; only those with a channel, a change and its error count.
        credited: channel to method to profit per 1 spent.
        spend: daily spend ``day, channel, amount``; a test without its own spend is of all of the channel's.
        order_value: money of a mean order, which turns tests counted in orders into money.
        margin: share of the revenue left after the cost of goods.
        currency: money of another currency is left out.
        today: tests that ended within a year before count.
    """
    worth = {"revenue": 1.0, "orders": order_value, "new_customers": order_value}
    tests = lift_tests(experiments, worth, currency=currency)
    tests = tests[(tests["end"] > pd.Timestamp(today - timedelta(days=FRESH_DAYS))) & tests["channel"].isin(credited)]
    found = []
    for row in tests.sort_values("end", ascending=False).to_dict("records"):
        inside = spend[(spend["channel"] == row["channel"]) & spend["day"].between(row["start"], row["end"])]
        cost = float(inside["amount"].sum()) if pd.isna(row["spend"]) or not row["spend"] else float(row["spend"])
        if cost:
            found.append(_proof(row, margin / cost, credited[row["channel"]]))
    return tuple(found)


def _proof(row: Mapping[Any, Any], per: float, credited: Mapping[str, float]) -> Proof:
    # A cut has spend and change below 0: the profit per unit is the same ratio.
    roas, half = row["delta"] * per, NINE_IN_TEN * row["se"] * abs(per)
    low, high, least, most = roas - half, roas + half, min(credited.values()), max(credited.values())
    code = "credit_too_high" if least > high else "credit_too_low" if most < low else "credit_fits"
    closest = min(credited, key=lambda method: abs(credited[method] - roas))
    return Proof(row["channel"], row["start"].date().isoformat(), row["end"].date().isoformat(), roas, low, high, least,
                 most, closest, code)  # fmt: skip
