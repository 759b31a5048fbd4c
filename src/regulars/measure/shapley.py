"""Shapley values of two games of channels: journeys won, and the rate at which journeys are won."""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy import sparse

from regulars.measure.journeys import tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from regulars.measure.journeys import Journeys
    from regulars.measure.resample import Buckets

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

# Beyond this many channels 2^n values no longer fit: orderings are drawn instead, with an error bar.
EXACT: Final = 22
ORDERINGS: Final = 400
# Orderings that serve the replicates, whose spread matters and not their level.
SPREAD_ORDERINGS: Final = 64


def paths_game(told: Journeys) -> tuple[sparse.csr_array, Codes]:
    """Shares of the game "journeys won within the set": equal for each distinct channel of a path.

    A path's orders belong to a set as soon as it holds every channel of the path, so the game is a
    sum of unanimity games and its Shapley value is ``sum over paths of orders / distinct channels``: exact
    without walking through 2^n sets.

    Returns path by channel (sparse), and the number of distinct channels on each path.
    """
    path, channel = told.members
    size = np.bincount(path, minlength=len(told.length))
    shape = (len(told.length), len(told.names))
    return sparse.csr_array((1.0 / size[path], (path, channel)), shape=shape), size


class Rates(NamedTuple):
    """Shapley values of a rate game (channel by orders, money), and their standard error where drawn."""

    value: Vector
    error: Vector | None


def rate_game(told: Journeys, won: Vector, money: Vector, lost: Vector, seed: int) -> Rates:
    """Shapley values of the game "orders per journey among the journeys within the set".

    The values of the sets come from one zeta transform over 2^n cells, for up to 22 channels. Beyond,
    orderings are drawn in pairs (each with its reverse). The values add up to the rate of all journeys.
    Source: Castro, Gomez and Tejada (2009) for the drawing.
    """
    n = len(told.names)
    if n > EXACT:
        each = _drawn(told, np.stack([won, money, won + lost]), np.random.default_rng(seed), ORDERINGS)
        return Rates(each.mean(axis=0), each.std(axis=0, ddof=1) / np.sqrt(len(each)))
    path, channel = told.members
    sets = np.bincount(path, np.left_shift(1, channel), len(told.length)).astype(np.int64)
    inside = [_zeta(tally(sets, part, 2**n), n) for part in (won, money, won + lost)]
    some = np.maximum(inside[2], 1e-300)
    return Rates(np.stack([_shapley(np.where(inside[2] > 0, part / some, 0.0), n) for part in inside[:2]], 1), None)


def _zeta(cells: Vector, n: int) -> Vector:
    """Sums over all subsets of each set, in place."""
    for i in range(n):
        block = cells.reshape(-1, 2, 2**i)
        block[:, 1] += block[:, 0]
    return cells


def _shapley(value: Vector, n: int) -> Vector:
    size = np.zeros(1, dtype=np.int64)
    for _ in range(n - 1):
        size = np.concatenate([size, size + 1])
    weight = np.array([factorial(s) * factorial(n - s - 1) / factorial(n) for s in range(n)])[size]
    found = np.zeros(n)
    for i in range(n):
        block = value.reshape(-1, 2, 2**i)
        found[i] = weight @ (block[:, 1] - block[:, 0]).ravel()
    return found


def _drawn(told: Journeys, parts: Vector, rng: np.random.Generator, orderings: int) -> Vector:
    """Marginal rates (pair of orderings, channel, orders or money) for orderings drawn with their reverses."""
    found = np.zeros((max(orderings // 2, 2), len(told.names), 2))
    for pair in range(len(found)):
        order = rng.permutation(len(told.names))
        for own in (order, order[::-1]):
            joined = np.cumsum(np.stack([tally(_joins(told, own), p, len(own)) for p in parts]), axis=1)
            found[pair, own] += _marginals(joined[:2], joined[2]).T / 2
    return found


def _joins(told: Journeys, order: Codes) -> Codes:
    """The place in an ordering at which a path is within the channels so far: that of its latest channel."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    path, channel = told.members
    begin = np.searchsorted(path, np.arange(len(told.length)))
    joins: Codes = np.maximum.reduceat(place[channel], begin)
    return joins


def _marginals(joined: Vector, journeys: Vector) -> Vector:
    """What each place of an ordering adds to the rate of those before it."""
    rate = np.where(journeys > 0, joined / np.where(journeys > 0, journeys, 1.0), 0.0)
    return np.diff(rate, axis=-1, prepend=0.0)


def rate_replicates(told: Journeys, drawn: Buckets, seed: int) -> Vector:
    """Bootstrap replicates (draw, channel, orders or money); all see the same orderings, so their spread is sampling's.

    Their level carries the error of few orderings and is to be centred on the exact value.
    """
    rng, n = np.random.default_rng(seed), len(told.names)
    parts = (drawn.won, drawn.money, drawn.won + drawn.lost)
    found = np.zeros((len(drawn.draws), n, 2))
    # Turned round, an ordering puts every channel once in every place, which steadies the mean.
    bases = [rng.permutation(n) for _ in range(-(-SPREAD_ORDERINGS // n))]
    turns = [np.roll(base, k) for base in bases for k in range(n)]
    for order in turns:
        joins = _joins(told, order)
        at = sparse.csr_array((np.ones(len(joins)), (np.arange(len(joins)), joins)), shape=(len(joins), n))
        won, money, both = (drawn.draws @ np.cumsum((part @ at).todense(), axis=1) for part in parts)
        found[:, order] += np.stack([_marginals(won, both), _marginals(money, both)], axis=2) / len(turns)
    return found
