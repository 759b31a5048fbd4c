"""Every plan as an experiment: people written to beside people held back, and what both bought afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import ibis
import pandas as pd

from regulars.measure.experiments import WINDOW_DAYS, Arm
from regulars.measure.sales import seconds

# Whoever was drawn to be written to counts as treated, delivered or not: dropping the
# undelivered from one arm only would compare different people (intention to treat).
ATTEMPTED: Final = ("sent", "failed", "unknown", "bounced", "unsubscribed")
# In the simulated company the simulated people read what lies in the sandbox; elsewhere nobody does.
SIMULATED: Final = "demo"
# The gate draws the holdout before these two checks, so people they stop were drawn as well.
DRAWN_THEN_DENIED: Final = ("quota_used", "frequency_cap")
EVERYWHERE: Final = "holdout_everywhere"


def assigned(messages: Any, *, simulated: bool = False) -> Any:
    """One row per (plan, action, customer): ``held`` (1 or 0), ``sent`` (messages gone out) and ``start_s``."""
    # Whoever no flow writes to at all is measured apart: in one flow they would miss all the others as well.
    apart = (messages.reason == EVERYWHERE).fill_null(False)
    known = messages.filter(messages.plan.notnull() & messages.action.notnull() & ~apart)
    attempted = known.state.isin((*ATTEMPTED, "sandboxed") if simulated else ATTEMPTED)
    drawn = attempted | ((known.state == "denied") & known.reason.isin(DRAWN_THEN_DENIED))
    known = known.mutate(
        held=(known.state == "holdout").cast("int64"), one=attempted.cast("int64"), at_s=seconds(known.at)
    ).filter(drawn | (known.state == "holdout"))
    # A message has a row per change of state; it cost once.
    once = known.group_by(["plan", "action", "customer", "message"]).aggregate(
        held=known.held.max(), one=known.one.max(), at_s=known.at_s.min()
    )
    return once.group_by(["plan", "action", "customer"]).aggregate(
        held=once.held.max(), sent=once.one.sum(), start_s=once.at_s.min()
    )


def is_simulated(orders: Any) -> bool:
    """Whether the orders are those of the demo company."""
    return bool(orders.filter(orders.source == SIMULATED).limit(1).count().to_pyarrow().as_py())


def trials(messages: Any, orders: Any, *, now: datetime, currency: str, window_days: int = WINDOW_DAYS) -> pd.DataFrame:
    """Sums of both arms of every plan and action.

    Counts the paid orders, and the money received less refunds in ``currency``, from
    the moment of assignment to ``window_days`` later or now, the same for both arms.

    Returns a frame ``plan, action, held, people, sent, buyers, revenue, squares, last_s``.
    """
    people = assigned(messages, simulated=is_simulated(orders)).mutate(
        until_s=lambda t: t.start_s + window_days * 86_400
    )
    real = orders.filter((orders.kind != "void") & orders.customer.notnull() & (orders.at <= ibis.literal(now)))
    real = real.select(
        buyer=real.customer, sold_s=seconds(real.at),
        money=ibis.ifelse(real.currency == currency, real.amount, ibis.literal(0).cast("int64")),
        paid=((real.kind == "sale") & (real.status == "paid")).cast("int64"),
    )  # fmt: skip
    after = people.left_join(
        real,
        [people.customer == real.buyer, real.sold_s > people.start_s, real.sold_s <= people.until_s],
    )
    own = after.group_by(["plan", "action", "customer", "held", "sent", "start_s"]).aggregate(
        revenue=ibis.coalesce(after.money.sum(), ibis.literal(0)).cast("float64"),
        bought=ibis.coalesce(after.paid.max(), ibis.literal(0)).cast("int64"),
    )
    own = own.mutate(square=own.revenue * own.revenue)
    sums = own.group_by(["plan", "action", "held"]).aggregate(
        people=own.count(), sent=own.sent.sum(), buyers=own.bought.sum(), revenue=own.revenue.sum(),
        squares=own.square.sum(), last_s=own.start_s.max(),
    )  # fmt: skip
    frame: pd.DataFrame = sums.to_pyarrow().to_pandas()
    return frame.sort_values(["plan", "action", "held"], ignore_index=True)


def arms(rows: pd.DataFrame) -> tuple[Arm, Arm, Arm, Arm]:
    """Treated and held arm of one plan and action, for buying (yes/no) and for money per head."""
    both = []
    for held in (0, 1):
        own = rows[rows["held"] == held]
        n, buyers = int(own["people"].sum()), float(own["buyers"].sum())
        both.append((Arm(n, buyers, buyers), Arm(n, float(own["revenue"].sum()), float(own["squares"].sum()))))
    (treated_buy, treated_money), (held_buy, held_money) = both
    return treated_buy, held_buy, treated_money, held_money
