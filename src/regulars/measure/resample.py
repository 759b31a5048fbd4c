"""Poisson bootstrap of journeys in the pass that counts them: sums by random bucket, drawn afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from regulars.measure.journeys import Journeys

    Vector = NDArray[np.float64]

# With this many buckets the spread is known to 1/sqrt(2 * 512) = 3 %; up to as many journeys have one each.
BUCKETS: Final = 512
# Beyond this many journeys in one row their split over the buckets is drawn at once.
MANY: Final = 256


class Buckets(NamedTuple):
    """What happened on each distinct path in each bucket (sparse, bucket by path), and the draws of the buckets."""

    won: sparse.csr_array
    money: sparse.csr_array
    lost: sparse.csr_array
    draws: Vector


def buckets(told: Journeys, draws: int, seed: int) -> Buckets:
    """Spread journeys over buckets at random, and draw a Poisson(1) weight for each bucket ``draws`` times.

    A journey's weight is that of its bucket. The sums of any method over the buckets,
    weighted, are its bootstrap replicates: one pass over the touches, whatever the number of draws.
    Source: Chamandy et al. (2012), Estimating Uncertainty for Massive Data Streams.
    """
    rng = np.random.default_rng(seed)
    won, lost = np.ceil(told.won).astype(np.int64), np.ceil(told.lost).astype(np.int64)
    count = int(won.sum() + lost.sum())
    size = max(min(BUCKETS, count), 1)
    own = size == count
    rows, places, weights = _spread(won, size, rng, 0 if own else None)
    each = weights / np.maximum(won, 1)[rows]
    shape = (size, len(told.length))
    at = (places, told.path[rows])
    gained, money = (sparse.csr_array((each * part[rows], at), shape=shape) for part in (told.won, told.money))
    rows, places, weights = _spread(lost, size, rng, int(won.sum()) if own else None)
    each = weights / np.maximum(lost, 1)[rows] * told.lost[rows]
    missed = sparse.csr_array((each, (places, told.path[rows])), shape=shape)
    return Buckets(gained, money, missed, rng.poisson(1.0, (draws, size)).astype(float))


def _spread(
    count: NDArray[np.int64], size: int, rng: np.random.Generator, first: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], Vector]:
    """(row, bucket, journeys) of a random split of each row's journeys; from ``first`` on one each, if given."""
    if first is not None:
        rows = np.repeat(np.arange(len(count)), count)
        return rows, first + np.arange(len(rows)), np.ones(len(rows))
    few = np.where(count <= MANY, count, 0)
    rows = np.repeat(np.arange(len(count)), few)
    places = rng.integers(0, size, len(rows))
    many = np.flatnonzero(count > MANY)
    if not len(many):
        return rows, places, np.ones(len(rows))
    split = rng.multinomial(count[many], np.full(size, 1.0 / size))
    at, bucket = np.nonzero(split)
    return (
        np.concatenate([rows, many[at]]), np.concatenate([places, bucket]),
        np.concatenate([np.ones(len(rows)), split[at, bucket].astype(float)]),
    )  # fmt: skip
