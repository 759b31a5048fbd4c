"""Messages and what they do: a known number of extra orders within 28 days, none for the holdout."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company
from regulars.demo.cast import Cast
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.facts import Facts, fact_rows, pick
from regulars.demo.purchases import Sales, amounts

# (action, days before the end, plan id)
PAST = (("win_back", 126, "demo-win-back"), ("cross_sell", 63, "demo-cross-sell"))
QUIET_DAYS = 45


def market_answer() -> Reals:
    """How much stronger than average each market answers; the average over people is one."""
    share = np.array([m.share for m in company.MARKETS])
    answer = np.array([m.answer for m in company.MARKETS])
    return np.asarray(answer / (share @ answer / share.sum()), dtype=np.float64)


def effect(action: str) -> float:
    """Extra orders per person who got the message, within 28 days, averaged over markets.

    >>> effect("win_back")
    0.12
    """
    return company.EFFECTS.get(action, company.OTHER_EFFECT)


def induce(rng: np.random.Generator, cast: Cast, person: Ints, at: Reals, size: Reals) -> Sales:
    """Extra orders of people whose message arrived: at most one each, soon rather than late."""
    chance = np.minimum(0.95, size * market_answer()[cast.market[person]])
    hit = np.flatnonzero(rng.random(len(person)) < chance)
    # Density falling with time over (0, 28) days; a mailing works within days or not at all.
    delay = 0.05 + (company.EFFECT_DAYS - 0.1) * rng.random(len(hit)) ** 2.0
    who = person[hit]
    return Sales(who, at[hit] + delay, amounts(rng, cast, who), np.ones(len(hit), dtype=bool))


def targets(cast: Cast, action: str, person: Ints, at: Reals, send: float) -> Ints:
    """Who a past campaign addressed: consent, and quiet (win back) or recently active (cross-sell)."""
    last = np.full(len(cast), -np.inf)
    before = at < send
    np.maximum.at(last, person[before], at[before])
    known = np.isfinite(last) & cast.consent
    recent = last > send - QUIET_DAYS
    return np.flatnonzero(known & (~recent if action == "win_back" else recent))


def past_campaigns(
    rng: np.random.Generator, clock: Clock, cast: Cast, person: Ints, at: Reals, end: int, label: str
) -> tuple[Facts, list[Sales]]:
    """The two mailings of the past: their messages rows and the orders they caused.

    ``person`` and ``at`` are all orders so far, one-off and subscription alike.
    """
    rows, sales = [], []
    for action, ago, plan in PAST:
        day = end - ago
        if day < 60:
            continue
        send = day + 0.25
        who = targets(cast, action, person, at, send)
        held = rng.random(len(who)) < company.HOLDOUT
        moment = send + rng.random(len(who)) * 0.02
        rows.append(_message_rows(clock, cast, who, moment, held.astype(np.int64), action, plan, label))
        gone = np.flatnonzero(~held & (rng.random(len(who)) < company.UNSUBSCRIBE))
        rows.append(
            _message_rows(clock, cast, who[gone], moment[gone] + 0.3, np.full(len(gone), 2), action, plan, label)
        )
        cast.consent[who[gone]] = False
        sales.append(induce(rng, cast, who[~held], moment[~held], np.full(int((~held).sum()), effect(action))))
    return ({"messages": pa.concat_tables(rows)} if rows else {}), sales


def _message_rows(
    clock: Clock, cast: Cast, who: Ints, at: Reals, state: Ints, action: str, plan: str, label: str
) -> pa.Table:
    customer = cast.customer.take(pa.array(who))
    message = pc.binary_join_element_wise(plan, customer, "-")
    states = pick(["sent", "holdout", "unsubscribed"], state)
    return fact_rows(
        "messages", pc.binary_join_element_wise(message, states, "-"), clock, at, message=message,
        customer=customer, state=states, plan=plan, action=action, channel="email",
        market=pick([m.key for m in company.MARKETS], cast.market[who]),
    )  # fmt: skip


def sent_now(
    rng: np.random.Generator, clock: Clock, cast: Cast, messages: pa.Table, start: int, end: int
) -> Sales | None:
    """Orders caused by messages that really went out in [start, end): state ``sent`` or ``sandboxed``.

    ``holdout`` rows cause nothing. Raises ``ValueError`` when a column is missing.
    """
    missing = [c for c in ("customer", "at", "state", "action") if c not in messages.column_names]
    if missing:
        raise ValueError(f"messages need the columns customer, at, state, action; missing: {', '.join(missing)}")
    if not messages.num_rows:
        return None
    went = pc.is_in(messages.column("state"), value_set=pa.array(["sent", "sandboxed"]))
    row = pc.index_in(messages.column("customer"), value_set=cast.customer)
    known = messages.append_column("row", row).filter(pc.and_(went, pc.is_valid(row)))
    at = clock.at(known.column("at"))
    inside = (at >= start) & (at < end)
    who = known.column("row").to_numpy().astype(np.int64)[inside]
    size = np.array([effect(a) for a in known.column("action").to_pylist()], dtype=np.float64)[inside]
    return induce(rng, cast, who, at[inside], size)
