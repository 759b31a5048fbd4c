"""Messages and people held back as an experiment: one row per person drawn, what was known then and what came."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import ibis
import pandas as pd
import pyarrow as pa

# The rules of who counts as drawn are those by which plans are measured: written to or tried, delivered or not
# (intention to treat), and those the gate stopped after the draw; the simulated company reads its sandbox.
ATTEMPTED: Final = ("sent", "failed", "unknown", "bounced", "unsubscribed")
DRAWN_THEN_DENIED: Final = ("quota_used", "frequency_cap")
SIMULATED: Final = "demo"
WINDOW_DAYS: Final = 28


def drawn_people(facts: Any, people: pa.Table, *, now: datetime, currency: str) -> pd.DataFrame:
    """A row per (plan, action, customer) whose 28 days are over.

    Columns: ``plan, action, customer, treated`` (1 or 0); known before: ``recency_days, orders, spent`` (minor
    units) and ``market, channel, language``; what came: ``bought`` (1 or 0) and ``revenue`` (minor units).
    """
    messages, orders = facts["messages"], facts["orders"]
    drawn = _assigned(messages, _simulated(orders)).filter(
        lambda t: t.start + ibis.interval(days=WINDOW_DAYS) <= ibis.literal(now)
    )
    real = orders.filter((orders.kind != "void") & orders.customer.notnull())
    real = real.select(
        buyer=real.customer, sold=real["at"],
        money=ibis.ifelse(real.currency == currency, real.amount, ibis.literal(0).cast("int64")),
        paid=((real.kind == "sale") & (real.status == "paid")).cast("int64"),
    )  # fmt: skip
    after = (real.sold > drawn.start) & (real.sold <= drawn.start + ibis.interval(days=WINDOW_DAYS))
    joined = drawn.left_join(real, [drawn.customer == real.buyer]).mutate(
        before=(lambda t: (t.sold <= t.start).fill_null(False)), after=after.fill_null(False)
    )
    zero = ibis.literal(0).cast("int64")
    rows = joined.group_by(["plan", "action", "customer", "treated", "start"]).aggregate(
        orders=ibis.coalesce((joined.paid * joined.before.cast("int64")).sum(), zero),
        spent=ibis.coalesce((joined.money * joined.before.cast("int64")).sum(), zero),
        last=joined.sold.max(where=joined.before & (joined.paid == 1)),
        bought=ibis.coalesce((joined.paid * joined.after.cast("int64")).max(), zero),
        revenue=ibis.coalesce((joined.money * joined.after.cast("int64")).sum(), zero),
    )
    frame: pd.DataFrame = rows.to_pyarrow().to_pandas()
    frame["recency_days"] = (frame["start"] - frame["last"]).dt.total_seconds() / 86_400.0
    known = people.select(["customer", "market", "channel", "language"]).to_pandas().drop_duplicates("customer")
    frame = frame.merge(known, on="customer", how="left")
    return frame.sort_values(["action", "plan", "customer"], ignore_index=True).drop(columns=["start", "last"])


def _assigned(messages: Any, simulated: bool) -> Any:
    known = messages.filter(messages.plan.notnull() & messages.action.notnull() & messages.customer.notnull())
    attempted = known.state.isin((*ATTEMPTED, "sandboxed") if simulated else ATTEMPTED)
    stopped = (known.state == "denied") & known.reason.isin(DRAWN_THEN_DENIED)
    known = known.filter(attempted | stopped | (known.state == "holdout"))
    return known.group_by(["plan", "action", "customer"]).aggregate(
        treated=1 - (known.state == "holdout").cast("int64").max(), start=known["at"].min()
    )


def _simulated(orders: Any) -> bool:
    return bool(orders.filter(orders.source == SIMULATED).limit(1).count().to_pyarrow().as_py())
