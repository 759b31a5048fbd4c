"""The sales pipeline: bigger customers pass through it, and so do leads that agents and events bring."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company
from regulars.demo.cast import NOBODY, SUBSCRIBER, Cast
from regulars.demo.clock import Clock, Ints
from regulars.demo.facts import ids, pick

STAGES = (
    ("prospecting", "open", 0.10), ("qualification", "open", 0.20), ("proposal", "open", 0.50),
    ("negotiation", "open", 0.80), ("won", "won", 1.00), ("lost", "lost", 0.00),
)  # fmt: skip
WON, LOST = 4, 5
DECIDE_DAYS = 40.0
# Share of leads that get a deal though they never buy.
ATTEMPTS = {"agents": 0.45, "events": 0.40}
ATTEMPT_ELSEWHERE = 0.03
DEAL_PLAN = 1
"""Plans from this one on are sold through a deal."""


def deal_table(rng: np.random.Generator, clock: Clock, cast: Cast, end: int, label: str) -> tuple[pa.Table, pa.Table]:
    """Deals as they stand at day ``end``, and the same deals as they will be once decided (undecided ones only)."""
    n = len(cast)
    buys = (cast.kind == SUBSCRIBER) & (cast.plan_first >= DEAL_PLAN)
    tried = np.array([ATTEMPTS.get(key, ATTEMPT_ELSEWHERE) for key in company.CHANNEL_KEYS])
    fails = (cast.kind == NOBODY) & (cast.employer >= 0) & (rng.random(n) < tried[cast.channel])
    who = np.flatnonzero(buys | fails)
    opened = cast.created[who]
    closed = np.where(buys[who], cast.first_at[who], opened + rng.gamma(2.0, DECIDE_DAYS / 2, len(who)))
    done = closed < end
    final = np.where(buys[who], WON, LOST)
    # How far an undecided deal has come grows with its age.
    far = np.clip(((end - opened) / np.maximum(closed - opened, 1e-6) * 4).astype(np.int64), 0, 3)
    wanted = np.where(buys[who], cast.plan_first[who], rng.choice([1, 2], len(who), p=[0.75, 0.25]))
    price = np.array([p.price for p in company.PLANS])[wanted]
    seats = np.where(rng.random(len(who)) < 0.3, 2, 1)

    def rows(stage: Ints, closed_at: pa.Array) -> pa.Table:
        return pa.table(
            {
                "id": ids(f"d{label}", len(who)),
                "customer": cast.customer.take(pa.array(who)),
                "title": pick([f"{p.zh}年度采购" for p in company.PLANS], wanted),
                "title_en": pick([f"{p.en}, one year" for p in company.PLANS], wanted),
                "stage": pick([s[0] for s in STAGES], stage),
                "type": pick([s[1] for s in STAGES], stage),
                "probability": pa.array(np.array([s[2] for s in STAGES])[stage]),
                "amount": pa.array((price * 12 * seats).astype(np.int64)),
                "currency": pa.repeat(company.CURRENCY, len(who)),
                "channel": pick(company.CHANNEL_KEYS, cast.channel[who]),
                "created_at": clock.times(opened),
                "closed_at": closed_at,
            }
        )

    closing = clock.times(closed)
    now = rows(np.where(done, final, far), pc.if_else(pa.array(done), closing, pa.scalar(None, closing.type)))
    return now, rows(final, closing).filter(pa.array(~done))


def settled(deals: pa.Table, clock: Clock, end: int) -> tuple[pa.Table, pa.Table]:
    """Split undecided deals into those decided before day ``end``, with how, and the rest."""
    edge = pa.scalar(clock.times(np.array([float(end)]))[0].as_py(), pa.timestamp("us", tz="UTC"))
    decided = pc.less(deals.column("closed_at"), edge)
    return deals.filter(decided), deals.filter(pc.invert(decided))
