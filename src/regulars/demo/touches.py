"""Paths from the first touch to the first order, or to nothing: a Markov chain over channels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company
from regulars.demo.cast import Cast, Flags, categorical
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.facts import fact_rows, pick

GAP_DAYS = 1.4
LONGEST_DAYS = 85.0


@dataclass(frozen=True)
class Paths:
    """Touches (person, moment, channel, whether it is the person's first) and how each path ended."""

    person: Ints
    at: Reals
    channel: Ints
    first: Flags
    converts: Flags
    first_at: Reals


def walk(rng: np.random.Generator, channel: Ints, created: Reals) -> Paths:
    """Walk everyone's path: next channel by the matrix, or an order, or loss of interest."""
    n = len(created)
    moves = np.array(company.NEXT_TOUCH)
    convert = np.array(company.CONVERT)
    # Columns: the next channel, an order, lost.
    table = np.hstack([moves, convert[:, None], (1 - moves.sum(axis=1) - convert)[:, None]])
    order, lost = len(convert), len(convert) + 1
    who, here, elapsed = np.arange(n), channel.copy(), np.zeros(n)
    converts, length = np.zeros(n, dtype=bool), np.zeros(n)
    steps = [(who, elapsed, here)]
    while len(who):
        there = categorical(rng, here, table)
        elapsed = elapsed + rng.exponential(GAP_DAYS, len(who))
        buys = there == order
        converts[who[buys]] = True
        length[who] = elapsed
        on = (there != order) & (there != lost)
        who, here, elapsed = who[on], there[on], elapsed[on]
        steps.append((who, elapsed, here))
    # A path longer than the look-back of 90 days is squeezed, so that every touch counts.
    squeeze = np.minimum(1.0, LONGEST_DAYS / np.maximum(length, 1e-9))
    person = np.concatenate([s[0] for s in steps])
    after = np.concatenate([s[1] for s in steps]) * squeeze[person]
    first = np.zeros(len(person), dtype=bool)
    first[:n] = True
    return Paths(
        person, created[person] + after, np.concatenate([s[2] for s in steps]), first,
        converts, created + length * squeeze,
    )  # fmt: skip


def touch_facts(paths: Paths, cast: Cast, clock: Clock, label: str) -> pa.Table:
    """The touches table of new people."""
    who = pa.array(paths.person)
    referrer = cast.referrer.take(who)
    by_hand = pa.array(paths.first & (paths.channel == len(company.CHANNELS)))
    return fact_rows(
        "touches", f"t{label}", clock, paths.at,
        customer=cast.customer.take(who),
        kind=pick([c.touch for c in company.ALL_CHANNELS], paths.channel),
        campaign=pick([f"{c.key}-always-on" for c in company.ALL_CHANNELS], paths.channel),
        referrer=pc.if_else(by_hand, referrer, pa.scalar(None, pa.string())),
        channel=pick(company.CHANNEL_KEYS, paths.channel),
        market=pick([m.key for m in company.MARKETS], cast.market[paths.person]),
    )  # fmt: skip


def absorption(remove: int | None = None) -> Reals:
    """Chance of an order from each starting channel, in closed form; with a channel removed if asked.

    (I - Q)^-1 r, where Q moves between channels and r leads to an order (absorbing Markov chain).
    """
    moves, convert = np.array(company.NEXT_TOUCH), np.array(company.CONVERT)
    if remove is not None:
        moves[:, remove] = 0.0
        moves[remove, :] = 0.0
        convert[remove] = 0.0
    return np.asarray(np.linalg.solve(np.eye(len(convert)) - moves, convert), dtype=np.float64)
