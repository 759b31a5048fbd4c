"""What was done by lot and what came of it: everybody a plan wrote to or held back, as a log to judge policies by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from regulars.decide.curves import Array
from regulars.decide.off_policy import Difference, OffPolicy, PolicyValue, arm_means, chosen

WINDOW_DAYS: Final = 28
# Drawn to be written to, delivered or not, and those the gate stopped after the draw (intention to treat).
_TRIED: Final = ("sent", "failed", "unknown", "bounced", "unsubscribed")
_STOPPED: Final = ("quota_used", "frequency_cap")
FOLDS: Final = 5
LEAN: Final = 400.0  # people that the mean of all counts for beside those of one cell
FEWEST: Final = 200
RECENCY: Final = (30.0, 90.0, 180.0, 365.0)
ORDERS: Final = (0.5, 1.5, 4.5, 9.5)


@dataclass(frozen=True)
class Judged:
    """One policy on the people who were drawn: profit per 1,000 people (minor units) and the share written to."""

    name: str
    share: float
    value: float
    low: float
    high: float
    effective: float
    limits: tuple[str, ...]


@dataclass(frozen=True)
class PolicyBoard:
    """Policies side by side; ``over_response`` and ``over_done`` is what the new one earns more, per 1,000 people.

    ``code``: ``better`` or ``worse`` than ranking by response where the interval says so, ``cannot_tell``, ``same``
    where both choose the same people (everybody or nobody gains), or ``too_few`` where nothing is judged.
    """

    people: int
    held: int
    days: int
    policies: tuple[Judged, ...]
    over_response: Difference | None
    over_done: Difference | None
    code: str


def contact_log(facts: Mapping[str, Any], *, now: datetime, currency: str) -> pd.DataFrame:
    """A row for every plan, action and person whose 28 days are over: treated, what was known then, what came.

    Columns: plan, action, customer, treated, orders, recency_days (before), revenue (after, minor units).
    """
    empty = pd.DataFrame(columns=["plan", "action", "customer", "treated", "orders", "recency_days", "revenue"])
    drawn, orders = drawn_people(facts), facts.get("orders")
    if drawn is None or orders is None:
        return empty
    drawn = drawn.filter(drawn.start + ibis.interval(days=WINDOW_DAYS) <= ibis.literal(now))
    real = orders.filter((orders.kind != "void") & orders.customer.notnull() & (orders.currency == currency))
    real = real.select(
        buyer=real.customer, sold=real["at"], money=real.amount,
        paid=((real.kind == "sale") & (real.status == "paid")).cast("int64"),
    )  # fmt: skip
    both = drawn.left_join(real, [drawn.customer == real.buyer])
    both = both.mutate(
        before=((both.sold <= both.start) & (both.paid == 1)).fill_null(False),
        after=((both.sold > both.start) & (both.sold <= both.start + ibis.interval(days=WINDOW_DAYS))).fill_null(False),
    )
    rows = both.group_by(["plan", "action", "customer", "treated", "start"]).aggregate(
        orders=both.before.cast("int64").sum(), last=both.sold.max(where=both.before),
        revenue=both.money.sum(where=both.after).fill_null(0),
    )  # fmt: skip
    frame: pd.DataFrame = rows.to_pyarrow().to_pandas()
    if frame.empty:
        return empty
    frame["recency_days"] = (frame["start"] - frame["last"]).dt.total_seconds() / 86_400.0
    frame["revenue"] = frame["revenue"].astype(float)
    frame = frame.drop(columns=["start", "last"])
    return frame.sort_values(["action", "plan", "customer"], ignore_index=True)


def drawn_people(facts: Mapping[str, Any]) -> Any | None:
    """Everybody a plan drew (Ibis): plan, action, channel, market, customer, treated (0: held back), start.

    Who the gate stopped after the draw stays among those to be written to (intention to treat).
    """
    messages, orders = facts.get("messages"), facts.get("orders")
    if messages is None or orders is None or not hasattr(messages, "to_pyarrow"):
        return None
    simulated = bool(orders.filter(orders.source == "demo").limit(1).count().to_pyarrow().as_py())
    known = messages.filter(messages.plan.notnull() & messages.action.notnull() & messages.customer.notnull())
    tried = known.state.isin((*_TRIED, "sandboxed") if simulated else _TRIED)
    known = known.filter(tried | (known.state == "holdout") | ((known.state == "denied") & known.reason.isin(_STOPPED)))
    return known.group_by(["plan", "action", "customer"]).aggregate(
        treated=1 - (known.state == "holdout").cast("int64").max(), start=known["at"].min(),
        channel=known.channel.max(), market=known.market.max(),
    )  # fmt: skip


def judge(log: pd.DataFrame, *, margin: float, cost: float) -> PolicyBoard:
    """Four policies on the log: nothing, what was done, the likeliest buyers, and those who gain.

    Each person is told apart by what was known then (recency, orders, action), by models that learnt from the other
    four fifths of the people. ``next_best`` writes where the gain foretold exceeds the cost; ``response`` writes to as
    many, the likeliest buyers first. The estimate is doubly robust, with the chance each plan drew with.
    """
    held = int((log["treated"] == 0).sum())
    empty = PolicyBoard(len(log), held, WINDOW_DAYS, (), None, None, "too_few")
    if min(held, len(log) - held) < FEWEST:
        return empty
    treated = log["treated"].to_numpy(dtype=np.int64)
    share = log.groupby(["plan", "action"])["treated"].transform("mean").to_numpy(dtype=float)
    mixed = (share > 0) & (share < 1)
    log, treated, share = log[mixed], treated[mixed], share[mixed]
    if min(int((treated == 0).sum()), int(treated.sum())) < FEWEST:
        return empty
    reward = margin * log["revenue"].to_numpy(dtype=float) - cost * treated
    bought = (log["revenue"].to_numpy(dtype=float) > 0).astype(float)
    cell, fold = cells(log), pd.util.hash_array(log["customer"].to_numpy(dtype=object), categorize=False) % FOLDS
    model = arm_means(treated, reward, cell, fold, 2, LEAN)
    response = arm_means(treated, bought, cell, fold, 2, LEAN)[:, 1]
    gains = model[:, 1] - model[:, 0] > 0
    n = len(log)
    order = np.lexsort((log["customer"].to_numpy(dtype=str), -response))
    likely = np.zeros(n, dtype=bool)
    likely[order[: int(gains.sum())]] = True
    done = np.stack([1 - share, share], axis=1)
    policies = {
        "nothing": chosen(np.zeros(n), 2), "as_done": done, "response": chosen(likely, 2),
        "next_best": chosen(gains, 2),
    }  # fmt: skip
    own = np.where(treated == 1, share, 1 - share)
    judge_ = OffPolicy(treated, reward, own, model=model)
    lines = [_line(name, policy, judge_.value(policy, "sndr")) for name, policy in policies.items()]
    over = _thousand(judge_.difference(policies["next_best"], policies["response"], "sndr"))
    done_ = _thousand(judge_.difference(policies["next_best"], done, "sndr"))
    code = "better" if over.low > 0 else "worse" if over.high < 0 else "cannot_tell"
    code = "same" if (likely == gains).all() else code
    return PolicyBoard(n, int((treated == 0).sum()), WINDOW_DAYS, tuple(lines), over, done_, code)


def cells(log: pd.DataFrame) -> Any:
    """Groups of people by what was known before: action, time since the last order, number of orders."""
    recency = np.digitize(log["recency_days"].fillna(np.inf).to_numpy(dtype=float), RECENCY)
    orders = np.digitize(log["orders"].to_numpy(dtype=float), ORDERS)
    action = pd.factorize(log["action"], sort=True)[0]
    return (action * 10 + recency) * 10 + orders


def _line(name: str, policy: Array, found: PolicyValue) -> Judged:
    return Judged(name, float(policy[:, 1].mean()), 1000 * found.value, 1000 * found.low, 1000 * found.high,
                  found.effective, found.limits)  # fmt: skip


def _thousand(found: Difference) -> Difference:
    return Difference(1000 * found.value, 1000 * found.low, 1000 * found.high, found.limits)
