"""What subscribers consume: GPU seconds, API calls and logins, read from the meter at the end of each period."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from regulars.demo import company
from regulars.demo.cast import SUBSCRIBER, Cast
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.facts import Facts, fact_rows, pick

FADE_DAYS = 42.0
FADE_TO = 0.35
"""In the last six weeks before a cancellation usage fades to about this share: the warning a model can find."""

# API calls per GPU second by segment.
CALLS = np.array([3.0, 0.8, 0.5, 1.5])
METERS = ("gpu_seconds", "api_calls")


def meter_facts(
    rng: np.random.Generator, clock: Clock, cast: Cast, start: int, end: int, weeks: int, label: str
) -> Facts:
    """Usage rows (one a meter and period) and a ``login`` count, for contracts alive at each reading."""
    subs = np.flatnonzero((cast.kind == SUBSCRIBER) & (cast.first_at < end) & (cast.died_at > start))
    base = np.array([p.gpu_week for p in company.PLANS])[cast.plan_first] * cast.gpu
    people: list[Ints] = []
    reads: list[Reals] = []
    gpu: list[Reals] = []
    logins: list[Reals] = []
    period = 7 * weeks
    first_read = (start // period) * period + period - 0.02
    for read in np.arange(first_read, end, period):
        if read < start:
            continue
        who = subs[(cast.first_at[subs] < read) & (cast.died_at[subs] > read)]
        age = read - cast.first_at[who]
        left = cast.died_at[who] - read
        fade = np.where(left < FADE_DAYS, FADE_TO + (1 - FADE_TO) * np.minimum(left, FADE_DAYS) / FADE_DAYS, 1.0)
        level = fade * np.minimum(age / period, 1.0) * (1 + 0.12 * np.log1p(age / 30))
        people.append(who)
        reads.append(np.full(len(who), read))
        gpu.append(base[who] * weeks * level * rng.lognormal(-0.08, 0.4, len(who)))
        logins.append(rng.poisson(4.0 * weeks * level).astype(np.float64))
    if not people:
        return {}
    person, at = np.concatenate(people), np.concatenate(reads)
    seconds = np.round(np.concatenate(gpu), 1)
    calls = np.round(seconds * CALLS[cast.segment[person]])
    n = len(person)
    twice = np.concatenate([np.arange(n), np.arange(n)])
    customer = cast.customer.take(pa.array(person))
    count = np.concatenate(logins)
    seen = np.flatnonzero(count > 0)
    return {
        "usage": fact_rows(
            "usage", f"w{label}", clock, at[twice], customer=customer.take(pa.array(twice)),
            meter=pick(METERS, np.repeat([0, 1], n)), quantity=np.concatenate([seconds, calls]),
        ),
        "events": fact_rows(
            "events", f"l{label}", clock, at[seen], customer=customer.take(pa.array(seen)), name="login",
            value=count[seen], channel="app", market=pick([m.key for m in company.MARKETS],
                                                          cast.market[person[seen]]),
        ),
    }  # fmt: skip
