"""From chances to suggestions: who may be offered what, what is left out and why, and the reason for each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.understand.itemsets import distinct
from regulars.understand.ranking_metrics import best

Flags = NDArray[np.bool_]

# The reasons in the order they are asked; a suggestion left out counts under the first that holds.
REASONS: Final = ("not_for_sale", "category_excluded", "out_of_stock", "already_owned", "no_consent")


@dataclass(frozen=True)
class Eligibility:
    """What may be offered to whom.

    ``not_for_sale``: products no longer offered. ``excluded_categories``: left
    out with all their products; ``categories`` says which product is in which.
    ``stock``: units at hand, products not named have no limit. ``repeatable``:
    products somebody may buy again (None: all). ``consented``: people who may be
    written to (None: all, for suggestions that are only shown to the owner).
    """

    not_for_sale: Collection[str] = ()
    excluded_categories: Collection[str] = ()
    categories: Mapping[str, str] = field(default_factory=dict)
    stock: Mapping[str, float] = field(default_factory=dict)
    repeatable: Collection[str] | None = None
    consented: Collection[str] | None = None

    def hidden(self, people: Sequence[str], products: Sequence[str], owned: Flags) -> tuple[Flags, dict[str, int]]:
        """What must not be offered, people by products, and how many offers fell to each reason."""
        category = [self.categories.get(p) for p in products]
        sold_out = [self.stock.get(p, 1) <= 0 for p in products]
        once = [self.repeatable is not None and p not in self.repeatable for p in products]
        mute = np.zeros(len(people), dtype=np.bool_)
        if self.consented is not None:
            allowed = set(self.consented)
            mute = np.array([p not in allowed for p in people], dtype=np.bool_)
        tests: tuple[tuple[str, Any], ...] = (
            ("not_for_sale", np.array([p in set(self.not_for_sale) for p in products], dtype=np.bool_)[None, :]),
            (
                "category_excluded",
                np.array([c in set(self.excluded_categories) for c in category], dtype=np.bool_)[None, :],
            ),
            ("out_of_stock", np.array(sold_out, dtype=np.bool_)[None, :]),
            ("already_owned", owned & np.array(once, dtype=np.bool_)[None, :]),
            ("no_consent", mute[:, None]),
        )
        hidden = np.zeros((len(people), len(products)), dtype=np.bool_)
        counts = {}
        for reason, flag in tests:
            fresh = np.broadcast_to(flag, hidden.shape) & ~hidden
            counts[reason] = int(fresh.sum())
            hidden |= fresh
        return hidden, counts


@dataclass(frozen=True)
class Suggestions:
    """``table``: customer, product, chance, rank; ``left_out``: how many offers each reason removed.

    ``nothing_left`` counts the people to whom nothing may be offered. ``top``
    holds the columns of the products, -1 where there is none.
    """

    table: pa.Table
    left_out: dict[str, int]
    nothing_left: int
    top: NDArray[np.int64]


def suggestions(
    people: Sequence[str], products: Sequence[str], chance: NDArray[np.float64], owned: Flags, rules: Eligibility,
    n: int = 1,
) -> Suggestions:  # fmt: skip
    """The n offers with the highest chance for every person, after everything that must not be offered is gone.

    Stock is asked for as "any left", not shared out: how many can be served is
    the plan's business, which knows all offers.

    >>> chance, owned = np.array([[0.9, 0.2]]), np.array([[True, False]])
    >>> found = suggestions(["ann"], ["setup", "gpu"], chance, owned, Eligibility(repeatable={"gpu"}))
    >>> found.table.column("product").to_pylist(), found.left_out["already_owned"]
    (['gpu'], 1)
    """
    hidden, left_out = rules.hidden(people, products, owned)
    top = best(chance, n, hidden)
    at, place = np.nonzero(top >= 0)
    item = top[at, place]
    table = pa.table(
        {
            "customer": pa.array(list(people), pa.string()).take(pa.array(at)),
            "product": pa.array(list(products), pa.string()).take(pa.array(item)),
            "chance": chance[at, item],
            "rank": (place + 1).astype(np.int64),
        }
    )
    nothing = int((top < 0).all(axis=1).sum()) if top.shape[1] else len(people)
    return Suggestions(table, left_out, nothing, top)


def repeatable(people: NDArray[np.int64], products: NDArray[np.int64], days: NDArray[np.int64], width: int,
               least: float = 0.05) -> Flags:  # fmt: skip
    """Products that at least so many of their buyers bought on two days or more.

    One nobody has bought yet counts as repeatable: nobody owns it either.

    >>> repeatable(np.array([1, 1, 2]), np.array([0, 0, 0]), np.array([1, 9, 3]), 1).tolist()
    [True]
    """
    if not len(people):
        return np.zeros(width, dtype=np.bool_)
    many, span = int(people.max()) + 1, int(days.max()) + 1
    pair = distinct((products * many + people) * span + days) // span
    starts = np.flatnonzero(np.concatenate(([True], pair[1:] != pair[:-1])))
    times, product = np.diff(np.append(starts, len(pair))), pair[starts] // many
    buyers = np.bincount(product, minlength=width)
    again = np.bincount(product, weights=times > 1, minlength=width)
    return np.asarray((again + 0.5 * least) / (buyers + 0.5) >= least)
