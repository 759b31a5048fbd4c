"""Who owns what, as a sparse table of people by products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from regulars.understand.itemsets import codes_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ownership:
    """People by products: 1 where owned, or the weight. ``block`` numbers the group a product belongs to."""

    people: list[str]
    keys: list[str]
    table: sparse.csr_array
    block: Ints

    @property
    def owners(self) -> Ints:
        """How many people own each product."""
        return np.bincount(self.table.indices, minlength=len(self.keys)).astype(np.int64)

    def columns(self, some: Ints) -> Ownership:
        """Only some products."""
        keys = [self.keys[i] for i in some]
        return Ownership(self.people, keys, sparse.csr_array(self.table[:, some]), self.block[some])

    def narrowed(self, most: int) -> tuple[Ownership, tuple[str, ...]]:
        """At most so many products in a block, the most owned ones, and what had to be left out in words."""
        owned = self
        if len(self.keys) <= most:
            owned = Ownership(self.people, self.keys, self.table, np.zeros(len(self.keys), dtype=np.int64))
        owners = owned.owners
        order = np.lexsort((-owners, owned.block))
        first = np.searchsorted(owned.block[order], owned.block[order])
        kept = np.sort(order[np.arange(len(order)) - first < most])
        limits = []
        if len(np.unique(owned.block)) > 1:
            limits.append("products_learnt_by_category")
        if len(kept) < len(order):
            limits.append(f"rare_products_left_out={len(order) - len(kept)}")
            owned = owned.columns(kept)
        return owned, tuple(limits)

    def onto(self, keys: list[str]) -> Ownership:
        """The same people over another list of products; what is not on it is left out."""
        place = {key: i for i, key in enumerate(keys)}
        to = np.array([place.get(key, -1) for key in self.keys], dtype=np.int64)
        rows = np.repeat(np.arange(self.table.shape[0]), np.diff(self.table.indptr))
        column = to[self.table.indices] if len(self.keys) else self.table.indices.astype(np.int64)
        some = column >= 0
        shape = (self.table.shape[0], len(keys))
        table = sparse.csr_array((self.table.data[some], (rows[some], column[some])), shape=shape)
        return Ownership(self.people, list(keys), table, np.zeros(len(keys), dtype=np.int64))

    def apart(self, share: float, seed: int) -> tuple[sparse.csr_array, sparse.csr_array]:
        """A share of everybody's purchases set aside; who owns one product only keeps it."""
        rows = np.repeat(np.arange(self.table.shape[0]), np.diff(self.table.indptr))
        aside = (np.random.default_rng(seed).random(len(rows)) < share) & (np.diff(self.table.indptr)[rows] > 1)

        def part(some: NDArray[np.bool_]) -> sparse.csr_array:
            cells = (self.table.data[some], (rows[some], self.table.indices[some]))
            return sparse.csr_array(cells, shape=self.table.shape)

        return part(~aside), part(aside)


def ownership_of(table: pa.Table) -> Ownership:
    """Read (customer, product[, weight, category]) rows; refunds, what is not goods and empty keys are left out.

    With weights, the largest of a person and product counts. Raises ``KeyError``
    naming the missing column and ``ValueError`` for a negative weight.
    """
    for name in ("customer", "product"):
        if name not in table.column_names:
            raise KeyError(f"lines need a column '{name}'; they have {', '.join(table.column_names)}")
    keep = pc.and_(pc.is_valid(table["customer"]), pc.is_valid(table["product"]))
    if "kind" in table.column_names:
        keep = pc.and_(keep, pc.fill_null(pc.equal(table["kind"], "sale"), False))
    if "goods" in table.column_names:
        keep = pc.and_(keep, pc.fill_null(table["goods"], True))
    table = table.filter(keep)
    who, people = codes_of(table["customer"])
    what, keys = codes_of(table["product"])
    value = _weights(table)
    # The heaviest of each person and product comes first, and stays.
    order = np.lexsort((-value, what, who))
    cell = who[order] * max(len(keys), 1) + what[order]
    order = order[np.concatenate(([True], cell[1:] != cell[:-1]))] if len(cell) else order
    shape = (len(people), len(keys))
    matrix = sparse.csr_array((value[order], (who[order], what[order])), shape=shape)
    return Ownership(people, keys, matrix, _blocks(table, what, len(keys)))


def _weights(table: pa.Table) -> NDArray[Any]:
    if "weight" not in table.column_names:
        return np.ones(table.num_rows, dtype=np.int64)
    value: NDArray[Any] = table["weight"].to_numpy()
    if len(value) and not (value >= 0).all():
        raise ValueError("a weight is below 0 or missing; a weight says how sure we are that somebody likes a product")
    return value if np.issubdtype(value.dtype, np.integer) else value.astype(np.float64)


def _blocks(table: pa.Table, what: Ints, width: int) -> Ints:
    block = np.zeros(width, dtype=np.int64)
    if "category" in table.column_names:
        codes, _ = codes_of(pc.fill_null(table["category"].cast(pa.string()), ""))
        block[what] = codes
    return block
