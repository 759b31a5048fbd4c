"""A share of the people gets one of the options that pay by lot, with its chance kept, so that we go on learning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.decide.assign_offers import NOBODY, Choice, Limit, Offers
from regulars.decide.curves import Array

RESERVE: Final = 0.05  # of a limit, that the lot may use up at most


@dataclass(frozen=True)
class Lot:
    """What was done in the end: the choice, the chance it had, who was drawn, and among how many (0: no lot)."""

    choice: Choice
    propensity: Array
    drawn: NDArray[np.bool_]
    paying: Choice


@dataclass(frozen=True)
class ExplorationShare:
    """With chance ``share`` a person gets, by lot, one of the options that pay for them; else the best one.

    Formula: P(option a) = (1 - share) [a = best] + share [a in open] / |open|, with ``open`` the options whose value
    is positive and that no tight limit covers. Whoever gets an option that few can have keeps it for certain, and
    nobody is given by lot what does not pay or what harms. The lot is a hash of the person and ``key``: the same on
    every run, drawn anew for every key.

    >>> ExplorationShare(0.5, "plan1").lots(["a", "b"]).shape
    (2, 2)
    """

    share: float = 0.0
    key: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"the share to explore must lie between 0 and 1, got {self.share}")

    def lots(self, customers: Any) -> Array:
        """Two numbers in [0, 1) a person: whether they are drawn, and which option they get."""
        names = np.asarray(customers, dtype=object)
        out = np.empty((len(names), 2))
        for i, salt in enumerate(("who", "what")):
            seed = f"{salt}{self.key}".encode()[-16:].rjust(16, b"\0").decode("latin-1")
            hashed = pd.util.hash_array(names, hash_key=seed, categorize=False)
            out[:, i] = (hashed >> np.uint64(11)).astype(np.float64) / 2**53
        return out

    def room(
        self, offers: Offers, limits: tuple[Limit, ...], lots: Array
    ) -> tuple[tuple[Limit, ...], NDArray[np.bool_]]:
        """The limits less what the lot could use at most, and which options the lot may give at all."""
        may = np.ones(offers.options, dtype=bool)
        if not limits or not self.share:
            return limits, may
        drawn = np.flatnonzero(lots[:, 0] < self.share)
        found = offers.block(drawn)
        pays = found["worth"] > 0
        out = []
        for limit in limits:
            on = np.zeros(offers.options, dtype=bool)
            on[list(range(offers.options) if limit.options is None else limit.options)] = True
            use = pays.astype(float) if limit.of == "people" else np.where(pays, found[limit.of], 0.0)
            most = float(use[on].max(axis=0, initial=0.0).sum())
            if most <= RESERVE * limit.most:
                out.append(Limit(limit.code, limit.most - most, limit.options, limit.of))
            else:
                out.append(limit)
                may &= ~on
        return tuple(out), may

    def draw(self, offers: Offers, best: Choice, may: NDArray[np.bool_], lots: Array) -> Lot:
        """The choice after the lot; people for whom nothing pays are left in peace."""
        choice, chance = best.copy(), np.ones(len(best))
        drawn = np.zeros(len(best), dtype=bool)
        paying = np.zeros(len(best), dtype=np.int64)
        if not self.share:
            return Lot(choice, chance, drawn, paying)
        free = np.append(may, False)
        who = np.flatnonzero((best != NOBODY) & free[best])
        for piece in np.array_split(who, max(1, len(who) // 50_000)):
            open_ = (offers.block(piece)["worth"] > 0) & may[:, None]
            count = np.maximum(open_.sum(axis=0), 1)  # whom only a minimum asks for has none that pays
            lot = lots[piece, 0] < self.share
            place = np.minimum((lots[piece, 1] * count).astype(np.int64), count - 1)
            option = np.argmax(np.cumsum(open_, axis=0) > place, axis=0)
            choice[piece] = np.where(lot, option, best[piece])
            chance[piece] = self.share / count + np.where(choice[piece] == best[piece], 1 - self.share, 0.0)
            drawn[piece], paying[piece] = lot, count
        return Lot(choice, chance, drawn, paying)
