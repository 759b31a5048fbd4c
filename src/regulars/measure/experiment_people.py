"""Who was in an experiment and what they did: one row a person, with what was known of them before it began."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import ibis
import pandas as pd

from regulars.measure.sales import seconds
from regulars.measure.trials import assigned, is_simulated

DAY_S: Final = 86_400
# What a person brought in this many days before is the covariate of CUPED.
BEFORE_DAYS: Final = 180
LOOK_BACK_DAYS: Final = 400
COLUMNS: Final = ("bought", "first_s", "orders", "revenue", "x", "orders_before", "last_before_s")


def trial_people(messages: Any, orders: Any, *, now: datetime, currency: str, window_days: int) -> pd.DataFrame:
    """Everybody drawn to be written to or held back in the last 400 days, per plan and action.

    Returns ``plan, action, customer, held, start_s`` and ``COLUMNS``: what they did within ``window_days`` of
    being drawn, and before. One query; orders are read once.
    """
    recent = messages.filter(messages.at >= ibis.literal(now) - ibis.interval(days=LOOK_BACK_DAYS))
    people = assigned(recent, simulated=is_simulated(orders)).mutate(until_s=lambda t: t.start_s + window_days * DAY_S)
    return _outcomes(people, orders, ["plan", "action", "customer", "held", "start_s"], now, currency)


def own_people(assignments: Any, orders: Any, *, now: datetime, currency: str) -> pd.DataFrame:
    """Everybody drawn into experiments of the owner's own: ``experiment, customer, arm, start_s, until_s``."""
    keys = ["experiment", "arm", "customer", "start_s"]
    return _outcomes(ibis.memtable(assignments), orders, keys, now, currency)


def _outcomes(people: Any, orders: Any, keys: list[str], now: datetime, currency: str) -> pd.DataFrame:
    real = orders.filter((orders.kind != "void") & orders.customer.notnull() & (orders.at <= ibis.literal(now)))
    real = real.select(
        buyer=real.customer, sold_s=seconds(real.at),
        money=ibis.ifelse(real.currency == currency, real.amount, ibis.literal(0).cast("int64")),
        paid=((real.kind == "sale") & (real.status == "paid")).cast("int64"),
    )  # fmt: skip
    both = people.left_join(real, [people.customer == real.buyer, real.sold_s <= people.until_s])
    after, zero = both.sold_s > both.start_s, ibis.literal(0).cast("int64")
    paid_after, paid_before = after & (both.paid == 1), (both.sold_s <= both.start_s) & (both.paid == 1)
    near = (both.sold_s <= both.start_s) & (both.sold_s > both.start_s - BEFORE_DAYS * DAY_S)
    own = both.group_by(keys).aggregate(
        orders=ibis.ifelse(paid_after, 1, 0).sum(),
        first_s=ibis.ifelse(paid_after, both.sold_s, ibis.null("int64")).min(),
        revenue=ibis.ifelse(after, both.money, zero).sum(),
        x=ibis.ifelse(near, both.money, zero).sum(),
        orders_before=ibis.ifelse(paid_before, 1, 0).sum(),
        last_before_s=ibis.ifelse(paid_before, both.sold_s, ibis.null("int64")).max(),
    )
    frame: pd.DataFrame = own.to_pyarrow().to_pandas()
    frame["bought"] = (frame["orders"] > 0).astype("int64")
    return frame


def groups_before(people: pd.DataFrame) -> dict[str, pd.Series]:
    """Groups known before the start, by cut: how often somebody had bought, and how long they had been silent.

    Today's segments are left out on purpose: the message itself moves people between them.
    """
    count = people["orders_before"].fillna(0)
    silence = (people["start_s"] - people["last_before_s"]) / DAY_S
    often = pd.Series("none", index=people.index).mask(count == 1, "one").mask(count > 1, "several")
    silent = pd.Series("never", index=people.index).mask(silence <= 90, "quarter")
    silent = silent.mask((silence > 90) & (silence <= 365), "year").mask(silence > 365, "longer")
    return {"orders_before": often, "silence_before": silent}
