"""What each plan promised beside what it earned."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import pandas as pd

from regulars.measure.experiments import WINDOW_DAYS, Lift, detectable, lift, sample_ratio
from regulars.measure.trials import arms, assigned, is_simulated, trials
from regulars.tables import why

FEW: Final = 50
UNFAIR: Final = 0.001


def plans(
    facts: tuple[Any, Any], decisions: Any, *, now: datetime, currency: str, margin: float, holdout_share: float,
    message_cost: int = 0, window_days: int = WINDOW_DAYS,
) -> pd.DataFrame:  # fmt: skip
    """Rows of ``outcomes`` for every plan and action that reached somebody.

    ``lift_orders`` is the difference in the chance to buy and ``lift_revenue`` the
    difference in money per head (minor units) between people drawn to be written to and people held
    back; ``realised = lift_revenue * margin * treated - messages * message_cost``;
    ``predicted`` is the sum of what the plan promised for the people treated. While the
    window is open the interval is the one that allows looking every day; then the fixed one.

    Args:
        facts: messages and orders (Ibis tables).
        decisions: the decisions table (Ibis).
        now: the moment of measuring.
        currency: only money in this currency counts.
        margin: share of the revenue left after the cost of goods.
        holdout_share: planned share of people held back, to check the draw.
        message_cost: cost of one message in minor units.
        window_days: how long after a message an order counts.
    """
    messages, orders = facts
    columns = ["plan", "subject", "name", "value", "low", "high", "treated", "held", "why"]
    sums = trials(messages, orders, now=now, currency=currency, window_days=window_days)
    if sums.empty:
        return pd.DataFrame(columns=columns)
    promised = predicted(messages, decisions, simulated=is_simulated(orders))
    drawn_here = set(decisions.select("plan").distinct().to_pyarrow()["plan"].to_pylist())
    rows: list[tuple[Any, ...]] = []
    for (plan, action), own in sums.groupby(["plan", "action"]):
        treated_buy, held_buy, treated_money, held_money = arms(own)
        treated, held = treated_buy.people, held_buy.people
        still_open = own["last_s"].max() + window_days * 86_400 > now.timestamp()
        codes: dict[str, object] = {"window_days": window_days}
        if still_open:
            codes["window_open"] = None
        if held < FEW:
            codes["few_held"] = held
        # A campaign that no plan of ours drew has a share of its own that we do not know.
        if plan in drawn_here and sample_ratio(treated, held, holdout_share) < UNFAIR:
            codes["sample_ratio_off"] = None
        if treated and held:
            p = (treated_buy.total + held_buy.total) / (treated + held)
            codes["detectable"] = f"{detectable(treated, held, p * (1 - p)):.4g}"
            bought = lift(treated_buy, held_buy, kind="share", peeking=bool(still_open))
            money = lift(treated_money, held_money, peeking=bool(still_open))
            codes["method"] = f"{bought.method}_{money.method}"
            sent = float(own.loc[own["held"] == 0, "sent"].sum())
            scale, cost = margin * treated, message_cost * sent
            rows += [
                (plan, action, "lift_orders", *_ends(bought, 1.0, 0.0), treated, held, why(codes)),
                (plan, action, "lift_revenue", *_ends(money, 1.0, 0.0), treated, held, why(codes)),
                (plan, action, "realised", *_ends(money, scale, cost), treated, held, why(codes)),
            ]
        if (plan, action) in promised:
            value, low, high = promised[plan, action]
            rows.append((plan, action, "predicted", value, low, high, treated, held, "sum_of_treated"))
    return pd.DataFrame(rows, columns=columns)


def _ends(found: Lift, scale: float, cost: float) -> tuple[float, float | None, float | None]:
    """Estimate and interval scaled to a plan; an infinite end is unknown."""
    low, high = (None if abs(end) == float("inf") else scale * end - cost for end in (found.low, found.high))
    return scale * found.value - cost, low, high


def predicted(messages: Any, decisions: Any, *, simulated: bool = False) -> dict[Any, tuple[float, float, float]]:
    """What each plan promised for the people it treated: (value, low, high) by (plan, action).

    The ends are sums of the single ends: as wide as if all people erred together.
    """
    offers = decisions.filter((decisions.kind == "next_best") & decisions.customer.notnull())
    offers = offers.group_by(["plan", "subject", "customer"]).aggregate(
        value=offers.value.max(), low=offers.low.max(), high=offers.high.max()
    )
    offers = offers.select(
        "value", "low", "high", offer_plan=offers.plan, offer_action=offers.subject, offered=offers.customer
    )
    people = assigned(messages, simulated=simulated)
    people = people.filter(people.held == 0)
    both = people.join(
        offers,
        [people.plan == offers.offer_plan, people.action == offers.offer_action, people.customer == offers.offered],
    )
    sums = both.group_by(["plan", "action"]).aggregate(value=both.value.sum(), low=both.low.sum(), high=both.high.sum())
    rows = sums.to_pyarrow().to_pylist()
    return {(r["plan"], r["action"]): (r["value"], r["low"], r["high"]) for r in rows}
