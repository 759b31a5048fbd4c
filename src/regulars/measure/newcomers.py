"""What new customers bring within the weeks an effect is carried over: what spend can move, without those who stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

# The mix model forgets spend after so many weeks.
WITHIN_DAYS: Final = 56
# Share of the revenue whose customer must be known, and new customers there must be, before it is told apart.
KNOWN: Final = 0.8
FEWEST: Final = 200


@dataclass(frozen=True)
class Newcomers:
    """``revenue``: ``day, market, revenue`` of first orders, times ``factor``, plus what nobody's name is on.

    ``factor`` is what a new customer brings within eight weeks over their first order, less refunds; ``share`` the
    part of all revenue that is told here.
    """

    revenue: pd.DataFrame
    factor: float
    share: float


def newcomers(cube: Any, currency: str, today: pd.Timestamp) -> Newcomers | None:
    """Revenue of new customers booked to the day they were won; None where too few customers are known by name.

    Most revenue comes from customers won long before. It grows with the company, as spend does, so a model of all
    revenue credits spend with it; and its scatter hides what spend does. Booking a customer's first eight weeks to
    the first order keeps what the model means by a return and drops the rest (it is in the customers' worth).
    """
    bought, credit = cube.expressions.get("bought"), cube.expressions.get("credit")
    if bought is None or credit is None:
        return None
    own = bought.filter(bought.currency == currency)
    first = own.filter(own.number == 1)
    sums = first.group_by(["day", "market"]).aggregate(revenue=first.amount.sum(), n=first.count()).to_pyarrow()
    firsts = sums.to_pandas()
    nameless = credit.filter((credit.currency == currency) & credit.customer.isnull())
    others = nameless.group_by(["day", "market"]).aggregate(revenue=nameless.amount.sum()).to_pyarrow().to_pandas()
    gross = float(own.amount.sum().to_pyarrow().as_py() or 0)
    unknown = float(others["revenue"].sum()) if len(others) else 0.0
    if gross <= 0 or gross < KNOWN * (gross + unknown) or int(firsts["n"].sum()) < FEWEST:
        return None
    factor = _factor(own, first, today)
    if factor is None:
        return None
    money = cube.money[cube.money["currency"] == currency]
    kept = min(float(money["revenue"].sum()) / (gross + unknown), 1.0)
    frames = [firsts.assign(revenue=firsts["revenue"].astype(float) * factor)[["day", "market", "revenue"]],
              others.assign(revenue=others["revenue"].astype(float))]  # fmt: skip
    rows = pd.concat([f for f in frames if len(f)], ignore_index=True)
    rows["day"] = pd.to_datetime(rows["day"]).dt.as_unit("s")
    rows["revenue"] *= kept
    told = float(rows["revenue"].sum()) / max(float(money["revenue"].sum()), 1.0)
    return Newcomers(rows, factor * kept, min(told, 1.0))


def _factor(own: Any, first: Any, today: pd.Timestamp) -> float | None:
    """Eight weeks of revenue over the first order, of customers won at least eight weeks ago."""
    old = first.filter(first.day <= (today - pd.Timedelta(days=WITHIN_DAYS)).date())
    who = old.select(person=old.customer, since=old.day)
    pairs = own.join(who, own.customer == who.person)
    early = pairs.filter(pairs.day.delta(pairs.since, unit="day") < WITHIN_DAYS)
    top, bottom = (x.to_pyarrow().as_py() for x in (early.amount.sum(), old.amount.sum()))
    return float(top) / float(bottom) if top and bottom and float(bottom) > 0 else None
