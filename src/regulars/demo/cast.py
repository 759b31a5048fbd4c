"""The latent state of every simulated person: what nobody could observe, and what we must estimate."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.demo import company
from regulars.demo.clock import Clock, Ints, Reals

Flags = NDArray[np.bool_]

NOBODY, ONE_OFF, SUBSCRIBER = 0, 1, 2
KINDS = ("none", "one_off", "subscriber")

# Crockford's base 32 without the vowel-like look-alikes i, l, o, u.
_LETTERS = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", dtype=np.uint8)
_MASK = (1 << 60) - 1


def keys(seed: int, first: int, count: int) -> pa.Array:
    """Surrogate keys of 12 characters, unique for different counters, scattered by the seed.

    The counter passes an odd multiplication and xor-shifts modulo 2^60, each of which is a
    bijection, so two people never share a key.

    >>> keys(8, 0, 2).to_pylist() == keys(8, 0, 3).to_pylist()[:2]
    True
    """
    salt = int(np.random.default_rng([seed, 60]).integers(0, 1 << 60))
    with np.errstate(over="ignore"):
        x = (np.arange(first, first + count, dtype=np.uint64) ^ np.uint64(salt)) & np.uint64(_MASK)
        for factor in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9):
            x = (x * np.uint64(factor | 1)) & np.uint64(_MASK)
            x ^= x >> np.uint64(31)
    shifts = np.arange(55, -1, -5, dtype=np.uint64)
    letters = _LETTERS[((x[:, None] >> shifts) & np.uint64(31)).astype(np.int64)]
    offsets = np.arange(0, 12 * count + 1, 12, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters)))


@dataclass(frozen=True)
class Cast:
    """One array per trait; all have one entry per person."""

    customer: pa.Array
    referrer: pa.Array
    employer: Ints
    channel: Ints
    market: Ints
    segment: Ints
    place: Ints
    english: Flags
    consent: Flags
    kind: Ints
    created: Reals
    first_at: Reals
    """First order; infinite for people who never buy."""
    rate: Reals
    """One-off orders a season day while alive, Gamma(r, alpha)."""
    dropout: Reals
    """Chance to leave after each repeat order, Beta(a, b)."""
    size: Reals
    """Gamma-Gamma rate: orders of this person are Gamma(p, size)."""
    died_at: Reals
    """Repeat order after which they left, or the cancellation; infinite while alive."""
    theta: Reals
    """Chance to cancel at each renewal."""
    cancel_after: Ints
    """The renewal at which they cancel, 1 = the first."""
    plan: Ints
    plan_first: Ints
    gpu: Reals
    """Usage relative to the plan's usual."""
    mood: Reals
    """Satisfaction, standard normal."""
    refers: Reals
    """Expected referrals over a lifetime."""

    def __len__(self) -> int:
        return len(self.created)

    def take(self, index: Ints | Flags) -> Cast:
        """The people at these positions, or where the mask is true."""
        where = np.flatnonzero(index) if index.dtype == np.bool_ else index
        picked = {
            f.name: v.take(pa.array(where)) if isinstance(v := getattr(self, f.name), pa.Array) else v[where]
            for f in fields(self)
        }
        return replace(self, **picked)

    def table(self) -> pa.Table:
        """As an Arrow table, to be saved."""
        return pa.table({f.name: pa.array(getattr(self, f.name)) for f in fields(self)})

    @classmethod
    def read(cls, table: pa.Table) -> Cast:
        """From the table that ``table`` made."""
        out = {}
        for f in fields(cls):
            column = table.column(f.name).combine_chunks()
            column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
            text = pa.types.is_string(column.type)
            out[f.name] = column if text else np.array(column.to_numpy(zero_copy_only=False))
        return cls(**out)


def gather(casts: list[Cast]) -> Cast:
    """Several casts as one."""
    if len(casts) == 1:
        return casts[0]
    out = {}
    for f in fields(Cast):
        parts = [getattr(c, f.name) for c in casts]
        out[f.name] = pa.concat_arrays(parts) if isinstance(parts[0], pa.Array) else np.concatenate(parts)
    return Cast(**out)


def categorical(rng: np.random.Generator, rows: Ints, table: Reals) -> Ints:
    """Draw one column per entry of ``rows`` from that row's probabilities."""
    edges = np.cumsum(table, axis=1)
    edges[:, -1] = 1.0
    u = rng.random(len(rows))
    out = np.zeros(len(rows), dtype=np.int64)
    for j in range(table.shape[1] - 1):
        out += u > edges[rows, j]
    return out


def draw_traits(
    rng: np.random.Generator, customer: pa.Array, referrer: pa.Array, channel: Ints, created: Reals,
    employer: Ints, market: Ints, place: Ints, english: Flags, converts: Flags, first_at: Reals, clock: Clock,
) -> Cast:  # fmt: skip
    """Give new people their habits: how often, how much, how long."""
    n = len(created)
    buy = company.Purchases()
    share = np.array([c.subscriber_share for c in company.ALL_CHANNELS])
    subscribes = rng.random(n) < share[channel]
    kind = np.where(converts, np.where(subscribes, SUBSCRIBER, ONE_OFF), NOBODY).astype(np.int64)
    plan = categorical(rng, np.zeros(n, dtype=np.int64), np.array([[p.share for p in company.PLANS]]))
    theta = np.clip(
        rng.beta(np.array([p.alpha for p in company.PLANS])[plan], np.array([p.beta for p in company.PLANS])[plan]),
        1e-6, 1 - 1e-9,
    )  # fmt: skip
    dropout = rng.beta(buy.a, buy.b, n)
    # The likelier to leave, the lower the mood, with noise: churn can be foreseen, but not perfectly.
    worry = np.where(kind == SUBSCRIBER, np.sqrt(theta), np.sqrt(dropout))
    mood = np.clip((0.45 - worry) * 1.8 + rng.normal(0.35, 0.8, n), -2.5, 2.5)
    cancel = np.minimum(rng.geometric(theta), 10_000)
    ends = np.full(n, np.inf)
    who = (kind == SUBSCRIBER) & (cancel < 400)
    ends[who] = clock.due(first_at[who], cancel[who])
    return Cast(
        customer=customer, referrer=referrer, employer=employer, channel=channel, market=market,
        segment=categorical(rng, np.zeros(n, dtype=np.int64), np.array([company.SEGMENT_SHARE])),
        place=place, english=english, consent=rng.random(n) < np.where(kind == NOBODY, 0.55, 0.82),
        kind=kind, created=created, first_at=np.where(kind == NOBODY, np.inf, first_at),
        rate=rng.gamma(buy.r, 1 / buy.alpha, n), dropout=dropout, size=rng.gamma(buy.q, 1 / buy.v, n),
        died_at=ends, theta=theta, cancel_after=cancel.astype(np.int64), plan=plan, plan_first=plan.copy(),
        gpu=rng.lognormal(-0.25, 0.7, n), mood=mood,
        refers=rng.gamma(company.REFERRAL_SHAPE, company.REFERRALS / company.REFERRAL_SHAPE, n),
    )  # fmt: skip
