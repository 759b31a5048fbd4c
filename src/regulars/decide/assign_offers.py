"""What could be done for whom, read in pieces: a million people times eighty options never lie in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from regulars.decide.curves import Array

Choice = NDArray[np.int64]
Block = Callable[[slice | Choice], Mapping[str, NDArray[np.floating]]]
NOBODY: Final = -1
PIECE: Final = 8_192  # people at a time: eighty options of them stay in the cache
KINDS: Final = ("money", "units")  # what an option may use besides one contact


@dataclass(frozen=True)
class Offers:
    """``people`` rows, ``options`` columns; ``block`` gives any of the people as option-major arrays.

    A block is a mapping with ``worth`` (options, people asked for), -inf where an option is not open, and where a
    limit counts them ``money`` and ``units``, both 0 or more.

    >>> Offers.dense(np.array([[5.0, 9.0]])).block(slice(0, 1))["worth"].tolist()
    [[5.0], [9.0]]
    """

    people: int
    options: int
    block: Block

    @classmethod
    def dense(cls, worth: Array, *, money: Array | None = None, units: Array | None = None) -> Offers:
        """Offers from tables in memory, one row a person, one column an option."""
        tables = {"worth": np.atleast_2d(np.asarray(worth, dtype=float))}
        for name, table in (("money", money), ("units", units)):
            if table is not None:
                tables[name] = np.broadcast_to(np.asarray(table, dtype=float), tables["worth"].shape)
                if not (np.isfinite(tables[name]) & (tables[name] >= 0)).all():
                    raise ValueError(f"{name} of an option must be 0 or more")
        if np.isnan(tables["worth"]).any() or np.isposinf(tables["worth"]).any():
            raise ValueError("worth of an option must be a number, or -inf where it is not open")
        people, options = tables["worth"].shape
        return cls(people, options, lambda rows: {k: t[rows].T for k, t in tables.items()})

    def pieces(self) -> Iterator[slice]:
        """All people, piece by piece."""
        return (slice(at, min(at + PIECE, self.people)) for at in range(0, self.people, PIECE))


@dataclass(frozen=True)
class Limit:
    """At most ``most`` in all over these ``options`` (None: every one).

    ``of``: what is counted: ``people`` contacted, ``money`` (minor units) or ``units`` (of what is in stock).
    ``code`` names the limit where it binds, like ``quota:phone``.
    """

    code: str
    most: float
    options: tuple[int, ...] | None = None
    of: str = "people"

    def __post_init__(self) -> None:
        if not self.most >= 0:
            raise ValueError(f"limit {self.code!r} must be 0 or more, got {self.most}")
        if self.of not in ("people", *KINDS):
            raise ValueError(f"limit {self.code!r} counts {self.of!r}; it can count people, money or units")


@dataclass(frozen=True)
class Rows:
    """Limits as arrays: ``member`` says which option a limit counts, ``kind`` 0 people, 1 money, 2 units."""

    limits: tuple[Limit, ...]
    most: Array
    member: Array
    kind: NDArray[np.int8]

    @classmethod
    def of(cls, limits: tuple[Limit, ...], options: int) -> Rows:
        """The limits as arrays; a number of people is rounded down."""
        member = np.zeros((len(limits), options))
        for r, limit in enumerate(limits):
            member[r, list(range(options) if limit.options is None else limit.options)] = 1.0
        kind = np.array([("people", *KINDS).index(k.of) for k in limits], dtype=np.int8)
        most = np.array([k.most if k.of != "people" else np.floor(k.most + 1e-9) for k in limits], dtype=float)
        return cls(limits, most, member, kind)

    def prices(self, dual: Array) -> Array:
        """What an option pays at these prices: one row each for a contact, its money and its units."""
        out = np.zeros((3, self.member.shape[1]))
        for kind in range(3):
            out[kind] = dual[self.kind == kind] @ self.member[self.kind == kind]
        return out

    def used(self, sums: Array) -> Array:
        """What each limit counts, from sums by kind and option."""
        return np.einsum("ro,ro->r", self.member, sums[self.kind]) if len(self.most) else np.zeros(0)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which amounts besides contacts are counted at all."""
        return tuple(k for i, k in enumerate(KINDS, start=1) if (self.kind == i).any())


@dataclass(frozen=True)
class Crowd:
    """The people with anything to gain and the options that could be theirs, a few a person.

    ``option`` (people, few), ``worth`` beside it (-inf where there is none), ``uses`` its money and units
    where a limit counts them. ``weight`` counts a person more than once in a sample.
    """

    who: Choice
    option: NDArray[np.int16]
    worth: Array
    uses: tuple[Array | None, Array | None]
    weight: Array | None
    options: int

    def net(self, rows: Rows, dual: Array) -> Array:
        """Every option's worth after paying the prices; what is not worth anything before is never taken."""
        return self.piece(rows.prices(dual), slice(0, len(self.who)))

    def piece(self, price: Array, people: slice) -> Array:
        """The same for some of the people, from prices by kind and option."""
        if not self.dense:
            price = np.append(price, np.zeros((3, 1)), axis=1)
        option = np.arange(self.options) if self.dense else self.option[people]
        net: Array = self.worth[people] - price[0][option]
        for kind, use in enumerate(self.uses, start=1):
            if use is not None:
                net -= price[kind][option] * use[people]
        return net

    @property
    def dense(self) -> bool:
        """Whether every option has a column of its own."""
        return bool(self.option.shape[1] == self.options)

    def sums(self, taken: NDArray[np.bool_] | Choice, at: Choice) -> Array:
        """Contacts, money and units by option when these people (``taken``) take their columns ``at``."""
        who = np.flatnonzero(taken) if taken.dtype == bool else taken
        option, weight = self.option[who, at[who]], None if self.weight is None else self.weight[who]
        out = np.zeros((3, self.options))
        out[0] = np.bincount(option, weights=weight, minlength=self.options)
        for kind, use in enumerate(self.uses, start=1):
            if use is not None:
                own = use[who, at[who]]
                out[kind] = np.bincount(option, weights=own if weight is None else own * weight, minlength=self.options)
        return out


def gather(offers: Offers, rows: Rows, few: int, dual: Array, who: Choice | None = None,
           weight: Array | None = None) -> Crowd:  # fmt: skip
    """The ``few`` options a person that are worth most at these prices, of everybody or of those named."""
    parts: list[tuple[Any, Any, Array, tuple[Array | None, Array | None]]] = []
    price = rows.prices(dual)
    few = min(few, offers.options)
    pieces: Iterator[slice | Choice] = (
        iter(offers.pieces()) if who is None else (who[at : at + PIECE] for at in range(0, len(who), PIECE))
    )
    for piece in pieces:
        found = offers.block(piece)
        names = np.arange(piece.start, piece.stop) if isinstance(piece, slice) else piece
        worth = found["worth"]
        keep = np.flatnonzero(worth.max(axis=0) > 0) if len(worth) else np.zeros(0, dtype=np.int64)
        worth = np.ascontiguousarray(worth[:, keep].T)
        net = worth - price[0].astype(worth.dtype)
        uses = [np.ascontiguousarray(found[k][:, keep].T) if k in rows.kinds else None for k in KINDS]
        for kind, use in enumerate(uses, start=1):
            if use is not None:
                net -= price[kind].astype(worth.dtype) * use
        net[~(worth > 0)] = -np.inf
        if few < offers.options:
            option = np.argpartition(net, offers.options - few, axis=1)[:, offers.options - few :]
            option.sort(axis=1)
        else:
            option = np.broadcast_to(np.arange(offers.options), net.shape)
        own = np.take_along_axis(worth, option, axis=1).astype(np.float64)
        got = [None if u is None else np.take_along_axis(u, option, axis=1).astype(np.float64) for u in uses]
        dead = ~(own > 0)
        option = option.astype(np.int16) if few >= offers.options else np.where(dead, -1, option).astype(np.int16)
        own[dead] = -np.inf
        parts.append((names[keep], option, own, (got[0], got[1])))
    join = [np.concatenate([p[i] for p in parts]) if parts else np.zeros((0,)) for i in range(3)]
    uses_ = tuple(
        np.concatenate([p[3][i] for p in parts]) if k in rows.kinds and parts else None for i, k in enumerate(KINDS)
    )
    kept = join[0].astype(np.int64)
    if weight is not None and who is not None:
        order = np.argsort(who, kind="stable")
        weight = weight[order][np.searchsorted(who[order], kept)]
    return Crowd(kept, join[1].astype(np.int16).reshape(len(kept), few), join[2].reshape(len(kept), few),
                 (uses_[0], uses_[1]), weight, offers.options)  # fmt: skip


def ceiling(offers: Offers, rows: Rows, dual: Array) -> float:
    """What no assignment can exceed, from every option of everybody: sum of the best nets plus what the limits cost.

    Pieces in single precision are rounded; their rounding is added, so the answer stays a bound.
    """
    price, total, noise = rows.prices(dual), 0.0, 0.0
    for piece in offers.pieces():
        found = offers.block(piece)
        worth = found["worth"]
        net = worth - price[0].astype(worth.dtype)[:, None]
        for kind, name in enumerate(KINDS, start=1):
            if name in rows.kinds:
                net -= price[kind].astype(worth.dtype)[:, None] * found[name]
        if not len(net):
            continue
        total += float(np.maximum(net.max(axis=0), 0).sum(dtype=np.float64))
        if worth.dtype == np.float32:
            noise += 4 * float(np.finfo(np.float32).eps) * float(np.maximum(worth.max(axis=0), 0).sum(dtype=np.float64))
    return total + noise + float(dual @ rows.most)
