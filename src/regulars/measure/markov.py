"""Journeys as a Markov chain of any order, and what is lost when a channel is deleted from it, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from scipy import sparse

from regulars.measure.journeys import coded, tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from regulars.measure.journeys import Journeys
    from regulars.measure.resample import Buckets

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

# Up to this many states one dense inverse answers for all channels; beyond, sparse sweeps do.
DENSE: Final = 800
# Up to this many states every replicate is solved anew; beyond, its first-order change is.
RESOLVED: Final = 48
SWEEPS: Final = 100_000
SETTLED: Final = 1e-14


@dataclass(frozen=True)
class Chain:
    """States and moves of the journeys.

    State ``x`` is the last ``order`` channels (fewer at the beginning); ``member[x, k]``
    says whether channel ``k`` is among them. Moves are the distinct pairs ``source -> target``;
    ``begin`` and ``end`` are the states each distinct path begins and ends in, ``move`` the moves of all paths, one
    after the other, and ``path`` the path that makes each.
    """

    member: NDArray[np.bool_]
    source: Codes
    target: Codes
    begin: Codes
    end: Codes
    move: Codes
    path: Codes

    @cached_property
    def moves(self) -> sparse.csr_array:
        """How often each distinct path makes each move (sparse, path by move)."""
        shape = (len(self.begin), len(self.source))
        return sparse.csr_array((np.ones(len(self.move)), (self.path, self.move)), shape=shape)

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.member)

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return int(self.member.shape[1])


class Counts(NamedTuple):
    """How often the chain begins in each state, makes each move, and ends in each state; with the money of the ends."""

    begin: Vector
    moves: Vector
    won: Vector
    lost: Vector
    money: Vector


def chain(told: Journeys, order: int) -> Chain:
    """The states and moves of the journeys, for a memory of ``order`` touches."""
    n = len(told.names)
    if (n + 1) ** order >= 2**62:
        raise ValueError(f"order {order} is too long for {n} channels; take a shorter one")
    digits = np.zeros((order, len(told.channel)), dtype=np.int64)
    for back in range(order):
        old = np.flatnonzero(told.place >= back)
        digits[back, old] = told.channel[old - back] + 1
    if order == 1:
        states, state = np.arange(n)[None] + 1, told.channel
    else:
        code = ((n + 1) ** np.arange(order)) @ digits
        _, where, state = np.unique(code, return_index=True, return_inverse=True)
        states = digits[:, where]
    member = np.zeros((states.shape[1], n + 1), dtype=bool)
    for row in states:
        member[np.arange(len(row)), row] = True
    inner = np.ones(len(state), dtype=bool)
    ends = told.start[1:] - 1
    inner[ends] = False
    step = np.flatnonzero(inner)
    pairs = state[step] * len(member) + state[step + 1]
    both, move = coded(pairs, len(member) ** 2)
    return Chain(member[:, 1:], both // len(member), both % len(member), state[told.start[:-1]], state[ends],
                 move, told.at[step])  # fmt: skip


def counts(made: Chain, won: Vector, money: Vector, lost: Vector) -> Counts:
    """Add up the chain for the journeys of each distinct path."""
    both, size = won + lost, made.states
    return Counts(
        tally(made.begin, both, size), tally(made.move, both[made.path], len(made.source)),
        tally(made.end, won, size), tally(made.end, lost, size), tally(made.end, money, size),
    )  # fmt: skip


class Law(NamedTuple):
    """The chances of beginning in each state and of each move, and the orders and money that end there per visit."""

    begin: Vector
    move: Vector
    out: Vector
    reward: Vector


def law(made: Chain, seen: Counts) -> Law:
    """Counts as chances; the second column of ``reward`` is money."""
    out = np.bincount(made.source, seen.moves, made.states) + seen.won + seen.lost
    out = np.where(out > 0, out, 1.0)
    reward = np.stack([seen.won, seen.money], axis=1) / out[:, None]
    return Law(seen.begin / max(seen.begin.sum(), 1.0), seen.moves / out[made.source], out, reward)


def removal_effects(made: Chain, seen: Counts) -> Vector:
    """Share of orders (column 0) and of money (column 1) lost when a channel is deleted: its visitors are lost.

    With ``N = (I - Q)^-1``, start law ``s``, reward ``r`` and ``D`` the states that contain the channel, deleting
    them loses ``(s'N)_D (N_DD)^-1 (N r)_D`` of ``s'N r``: one inverse serves every channel, and for order 1 this is
    ``(s'N)_k (N r)_k / N_kk``. Where states abound, the values of the thinned chains are swept to machine
    precision instead, all channels at once.
    """
    chances = law(made, seen)
    if made.states > DENSE:
        worth = _swept(made, chances)
        value = np.einsum("x,xkj->kj", chances.begin, worth)
        return _effects(value[-1], value[:-1])
    return _dense(made.member, chances.begin, _matrix(made, chances.move), chances.reward)


def _matrix(made: Chain, move: Vector) -> Vector:
    """Moves as a square matrix; more rows of moves give a stack of matrices."""
    found = np.zeros((*move.shape[:-1], made.states, made.states))
    found[..., made.source, made.target] = move
    return found


def _dense(member: NDArray[np.bool_], begin: Vector, Q: Vector, reward: Vector) -> Vector:
    N = np.linalg.inv(np.eye(len(Q)) - Q)
    visits, worth = begin @ N, N @ reward
    if member.sum() == len(member) and (member.argmax(axis=1) == np.arange(len(member))).all():
        lost = visits[:, None] * worth / np.diag(N)[:, None]
    else:
        lost = np.zeros((member.shape[1], 2))
        for k in range(member.shape[1]):
            D = np.flatnonzero(member[:, k])
            lost[k] = visits[D] @ np.linalg.solve(N[np.ix_(D, D)], worth[D])
    whole = begin @ worth
    return _effects(whole, whole - lost)


def _effects(whole: Vector, without: Vector) -> Vector:
    """1 - without / whole; nothing to lose is no effect, and rounding below zero is none either."""
    safe = np.where(whole > 0, whole, 1.0)
    return np.where(whole > 0, np.maximum(1.0 - without / safe, 0.0), 0.0)


def _swept(made: Chain, chances: Law) -> Vector:
    """Worth of a visit to each state (state, channel deleted or none, orders or money), by Jacobi sweeps."""
    keep = np.concatenate([~made.member, np.ones((made.states, 1), dtype=bool)], axis=1)
    own = made.source == made.target
    stay = np.bincount(made.source[own], chances.move[own], made.states)
    loop = 1.0 / (1.0 - np.minimum(stay, 1.0 - 1e-12))
    Q = sparse.csr_array(((chances.move * loop[made.source])[~own], (made.source[~own], made.target[~own])),
                         shape=(made.states, made.states))  # fmt: skip
    reward, mask = (chances.reward * loop[:, None])[:, None, :], keep[:, :, None]
    return _settled(Q, np.asarray(reward * mask), mask)


def _settled(Q: sparse.csr_array, first: Vector, mask: NDArray[np.bool_]) -> Vector:
    """The fixed point of ``mask * (first + Q x)``."""
    found, scale = first, max(float(np.abs(first).max()), 1e-300)
    for _ in range(SWEEPS):
        new = (first.reshape(len(first), -1) + Q @ found.reshape(len(first), -1)).reshape(first.shape) * mask
        change = float(np.abs(new - found).max())
        found = new
        if change <= SETTLED * scale:
            break
    return found


def visits(made: Chain, chances: Law) -> Vector:
    """Expected visits to each state, with each channel deleted and (last column) with none."""
    keep = np.concatenate([~made.member, np.ones((made.states, 1), dtype=bool)], axis=1)
    back = sparse.csr_array((chances.move, (made.target, made.source)), shape=(made.states, made.states))
    return _settled(back, chances.begin[:, None] * keep, keep)


def replicates(made: Chain, seen: Counts, drawn: Buckets) -> Vector:
    """Removal effects of every bootstrap replicate (draw, channel, orders or money)."""
    if made.states <= RESOLVED:
        return _resolved(made, drawn)
    return _linearised(made, seen, drawn)


def _resolved(made: Chain, drawn: Buckets) -> Vector:
    size = made.states
    begin, end = (_incidence(codes, size) for codes in (made.begin, made.end))
    both = drawn.won + drawn.lost
    sums = [_dense_rows(part) for part in (both @ begin, both @ made.moves, drawn.won @ end, drawn.lost @ end,
                                           drawn.money @ end)]  # fmt: skip
    starts, moves, won, lost, money = (drawn.draws @ part for part in sums)
    out = moves @ _dense_rows(_incidence(made.source, size)) + won + lost
    out = np.where(out > 0, out, 1.0)
    N = np.linalg.inv(np.eye(size) - _matrix(made, moves / out[:, made.source]))
    law_begin = starts / np.maximum(starts.sum(axis=1, keepdims=True), 1.0)
    visit = np.einsum("bx,bxy->by", law_begin, N)
    worth = N @ (np.stack([won, money], axis=2) / out[:, :, None])
    whole = np.einsum("bx,bxj->bj", law_begin, worth)
    lost_by = np.zeros((len(N), made.channels, 2))
    for k in range(made.channels):
        D = np.flatnonzero(made.member[:, k])
        block = np.linalg.solve(N[:, D[:, None], D[None, :]], worth[:, D])
        lost_by[:, k] = np.einsum("bx,bxj->bj", visit[:, D], block)
    return _effects(whole[:, None, :], whole[:, None, :] - lost_by)


def _linearised(made: Chain, seen: Counts, drawn: Buckets) -> Vector:
    """First-order change of what each thinned chain earns when journeys weigh more or less (influence function)."""
    chances = law(made, seen)
    worth, visit = _swept(made, chances), visits(made, chances)
    weight = visit / chances.out[:, None]
    value = np.einsum("x,xkj->kj", chances.begin, worth)
    size, both = made.states, drawn.won + drawn.lost
    begin, end = (_incidence(codes, size) for codes in (made.begin, made.end))
    found = np.zeros((drawn.draws.shape[0], made.channels + 1, 2))
    for j, reward in enumerate((drawn.won, drawn.money)):
        gain = weight[made.source] * (worth[made.target, :, j] - worth[made.source, :, j])
        change = both @ (made.moves @ gain)
        change += (both @ begin) @ ((worth[:, :, j] - value[None, :, j]) / max(float(seen.begin.sum()), 1.0))
        change += (reward @ end) @ weight - (both @ end) @ (weight * worth[:, :, j])
        found[:, :, j] = value[None, :, j] + (drawn.draws - 1.0) @ change
    return _effects(found[:, -1:, :], found[:, :-1, :])


def _incidence(codes: Codes, size: int) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(codes)), (np.arange(len(codes)), codes)), shape=(len(codes), size))


def _dense_rows(part: Any) -> Vector:
    return np.asarray(part.toarray() if hasattr(part, "toarray") else part, dtype=np.float64)
