"""Which products are in a basket together, counted exactly: pairs, triples and larger sets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Baskets:
    """Baskets as a sparse table of ones: a row a basket, a column a product."""

    keys: list[str]
    table: sparse.csr_array

    @property
    def n(self) -> int:
        """How many baskets."""
        return int(self.table.shape[0])

    @property
    def counts(self) -> Ints:
        """Baskets per product."""
        return np.bincount(self.table.indices, minlength=len(self.keys)).astype(np.int64)


def baskets_of(table: pa.Table) -> Baskets:
    """Read (basket or order_id, product) rows; refunds, rows that are not goods and empty keys are left out.

    A product twice in a basket counts once. Raises ``KeyError`` naming the missing column.
    """
    basket = next((c for c in ("basket", "order_id", "basket_id") if c in table.column_names), None)
    product = next((c for c in ("product", "item") if c in table.column_names), None)
    if basket is None or product is None:
        raise KeyError("lines need a basket (or order_id) and a product column")
    keep = pc.and_(pc.is_valid(table[basket]), pc.is_valid(table[product]))
    if "kind" in table.column_names:
        keep = pc.and_(keep, pc.fill_null(pc.equal(table["kind"], "sale"), False))
    if "goods" in table.column_names:
        keep = pc.and_(keep, pc.fill_null(table["goods"], True))
    table = table.filter(keep)
    rows, _ = codes_of(table[basket])
    if "source" in table.column_names:
        sources, names = codes_of(table["source"])
        rows = rows * max(len(names), 1) + sources
    # Numbered from 0 without gaps, whatever the keys were.
    rows = np.unique(rows, return_inverse=True)[1].astype(np.int64)
    columns, keys = codes_of(table[product])
    return Baskets(keys, incidence(rows, columns, int(rows.max(initial=-1)) + 1, len(keys)))


def codes_of(column: Any) -> tuple[Ints, list[str]]:
    """Values as numbers in the order of their texts, and the texts."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    encoded = array if pa.types.is_dictionary(array.type) else pc.dictionary_encode(array)
    words = encoded.dictionary.cast(pa.string())
    order = pc.array_sort_indices(words)
    rank = np.empty(len(words), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(words))
    return rank[encoded.indices.to_numpy(zero_copy_only=False)], words.take(order).to_pylist()


def distinct(values: Ints) -> Ints:
    """The different values in order, by sorting: a hash of millions of numbers that lie close is slower."""
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def incidence(rows: Ints, columns: Ints, n: int, width: int) -> sparse.csr_array:
    """Ones where a row holds a column, whatever the number of times."""
    cell = distinct(rows * max(width, 1) + columns)
    at, which = np.divmod(cell, max(width, 1))
    starts = np.concatenate(([0], np.cumsum(np.bincount(at, minlength=n)))) if n else np.zeros(1, dtype=np.int64)
    return sparse.csr_array((np.ones(len(cell), dtype=np.int32), which, starts), shape=(n, width))


@dataclass
class Level:
    """All frequent sets of one size: products in a row (ascending), baskets of each set, and a way to find a set."""

    items: Ints
    counts: Ints
    parents: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    keys: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))


class Itemsets:
    """Frequent sets of products, level by level, with every set's baskets.

    ``limit`` is the size at which the search stopped because more than ``most`` sets
    of the next size are frequent; what is there is complete.

    Counting: below a set, only its baskets and the products still frequent in
    them are kept, as a small dense table D, and D'D counts all ways to grow it at
    once. Products are taken from the rarest on, which keeps the tables small.

    References
    ----------
    Agrawal and Srikant (1994) for levels; Zaki (2000), IEEE TKDE 12, for growing by classes of a common beginning.
    """

    def __init__(self, baskets: Baskets, least: int, max_size: int, most: int) -> None:
        counts = baskets.counts
        frequent = np.flatnonzero(counts >= max(least, 1))
        self.products: Ints = frequent[np.argsort(counts[frequent], kind="stable")].astype(np.int64)
        self.width, self.least, self.most, self.limit = len(self.products), max(least, 1), most, 0
        self.levels = [Level(np.arange(self.width, dtype=np.int64)[:, None], counts[self.products])]
        narrow = sparse.csc_array(baskets.table)[:, self.products]
        if max_size > 1 and self.width > 1:
            self._pairs(narrow)
        classes = self._classes(narrow) if max_size > 2 and len(self.levels) > 1 else []
        while classes and len(self.levels) < max_size:
            classes = self._grow(classes)

    def find(self, sets: Ints) -> Ints:
        """The place of each set (a row of ascending product numbers, known to be frequent) in its level."""
        at = sets[:, 0]
        for size in range(2, sets.shape[1] + 1):
            at = np.searchsorted(self.levels[size - 1].keys, at * self.width + sets[:, size - 1])
        return at

    def _pairs(self, narrow: sparse.csc_array) -> None:
        both = sparse.triu(narrow.T @ narrow, k=1).tocoo()
        keep = both.data >= self.least
        a, b, n = (np.asarray(v)[keep].astype(np.int64) for v in (both.coords[0], both.coords[1], both.data))
        order = np.argsort(a * self.width + b)
        if order.size:
            self._add(a[order], b[order], n[order], np.stack([a, b], axis=1)[order])

    def _add(self, parents: Ints, last: Ints, counts: Ints, items: Ints) -> None:
        self.levels.append(Level(items, counts, parents, parents * self.width + last))

    def _classes(self, narrow: sparse.csc_array) -> list[tuple[int, Ints, Ints, NDArray[np.bool_]]]:
        """For every product with two or more frequent partners: its set, the partners and their table of baskets."""
        pairs, rows = self.levels[1], sparse.csr_array(narrow)
        starts = np.searchsorted(pairs.items[:, 0], np.arange(self.width + 1))
        out = []
        for first in range(self.width):
            some = np.arange(starts[first], starts[first + 1])
            if len(some) < 2:
                continue
            partners = pairs.items[some, 1]
            mine = narrow.indices[narrow.indptr[first] : narrow.indptr[first + 1]]
            held = rows[mine][:, partners].toarray() > 0
            out.append((1, some, partners, held))
        return out

    def _grow(
        self, classes: list[tuple[int, Ints, Ints, NDArray[np.bool_]]]
    ) -> list[tuple[int, Ints, Ints, NDArray[np.bool_]]]:
        """One size more: each class has the places of its sets in the level, their last products and the table."""
        size = len(self.levels)
        parents, lasts, counts, found = [], [], [], []
        place = 0
        for _, sets, last, held in classes:
            dense: Any = held.astype(np.float32 if len(held) < 1 << 24 else np.float64)
            both: Any = dense.T @ dense
            i, j = np.nonzero(np.triu(both >= self.least, k=1))
            if not i.size:
                continue
            parents.append(sets[i])
            lasts.append(last[j])
            counts.append(both[i, j].astype(np.int64))
            starts = np.searchsorted(i, np.arange(len(last) + 1))
            for k in np.flatnonzero(np.diff(starts) > 1):
                js = j[starts[k] : starts[k + 1]]
                new = np.arange(place + starts[k], place + starts[k + 1])
                found.append((size, new, last[js], held[held[:, k]][:, js]))
            place += len(i)
            if place > self.most:
                self.limit = size
                return []
        if not parents:
            return []
        p, t = np.concatenate(parents), np.concatenate(lasts)
        items = np.concatenate([self.levels[-1].items[p], t[:, None]], axis=1)
        self._add(p, t, np.concatenate(counts), items)
        return found
