"""What goes with what people own: EASE, a linear model in closed form that can learn and forget a customer exactly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.ease_solve import BLOCK, fold, gram, inverse, updated, weights
from regulars.understand.ease_store import packed, unpacked
from regulars.understand.ownership import Ownership, ownership_of
from regulars.understand.ranking_metrics import best

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]

# Tried when lam is not given, as multiples of the mean number of buyers of a product.
GRID = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class EASE(BaseEstimator):  # type: ignore[misc]
    r"""Suggest the products whose owners own what this person owns.

    With :math:`X` people by products (1 where owned) and the Gram matrix
    :math:`G = X^T X` (how many own both), the weights that reproduce X from
    itself, with nothing allowed to stand for itself, have a closed form:

    .. math::
        P = (G + \Lambda)^{-1}, \quad B_{ij} = -P_{ij} / P_{jj}, \; B_{jj} = 0, \quad
        \Lambda_{jj} = \lambda \max(G_{jj}, 1)^{power}

    The score of product j for a person is :math:`\sum_{i\,owned} B_{ij} /
    G_{jj}^{discount}`: a plain sum over what they own, so ``because`` is exact.
    ``power = discount = 0`` is EASE as published; a penalty that grows with the
    number of owners and a small discount for what everybody owns anyway help a
    little on every set we tried.

    G holds whole numbers, so adding or erasing a customer is exact: the Gram
    after ``erase`` is bit for bit that of a fit without the customer, and a new
    customer needs no fit at all.

    Parameters
    ----------
    lam : float or None
        How much the weights are held back. None tries a grid on a fifth of the
        purchases set aside (nDCG@10), and keeps the best.
    power, discount : float
        See above.
    max_items : int
        The most products in one block; the time grows with the cube (1,000
        products: 0.2 s, 10,000: minutes). Beyond it products are split by
        their ``category`` when lines have one, and the rarest of a block are
        left out: ``limits_`` says so, and they are for the back-off by content.
    folds : int
        How often purchases are set aside to choose ``lam``.
    seed : int
        Decides which purchases are set aside to choose ``lam``.

    Attributes
    ----------
    items_ : list of str
    gram_ : numpy.ndarray of int64 (float64 when lines carry broken weights)
    coef_ : numpy.ndarray, the weights B with the discount, items by items
    lam_ : float
    trials_ : tuple of (lam, nDCG@10)
    n_people_ : int
    limits_ : tuple of str

    Examples
    --------
    >>> from regulars.understand import EASE
    >>> lines = {"customer": ["a", "a", "b", "b", "c"], "product": ["gpu", "api", "gpu", "api", "gpu"]}
    >>> model = EASE(lam=1.0).fit(lines)
    >>> model.suggest(["gpu"])[0][0]
    'api'

    References
    ----------
    Steck (2019), WWW, eq. 8; Steck (2020), NeurIPS, for penalties that grow with popularity.
    """

    def __init__(
        self, *, lam: float | None = None, power: float = 0.5, discount: float = 0.15, max_items: int = 10_000,
        folds: int = 2, seed: int = 0,
    ) -> None:  # fmt: skip
        self.lam = lam
        self.power = power
        self.discount = discount
        self.max_items = max_items
        self.folds = folds
        self.seed = seed

    # --- learning --------------------------------------------------------------------

    def fit(self, lines: Any, y: None = None) -> Self:
        """Learn from rows of (customer, product[, weight, category]).

        Raises ``KeyError`` for a missing column, ``ValueError`` for a negative weight or penalty.
        """
        return self.fit_owned(ownership_of(to_arrow(lines)))

    def fit_owned(self, owned: Ownership) -> Self:
        """Learn from people by products, as ``ownership_of`` makes it."""
        if self.lam is not None and not self.lam > 0:
            raise ValueError(f"lam is a penalty above 0, not {self.lam}")
        owned, self.limits_ = owned.narrowed(self.max_items)
        self.items_, self.block_ = owned.keys, owned.block
        self.n_people_ = int(np.count_nonzero(np.diff(owned.table.indptr)))
        self.gram_ = gram(owned.table)
        self.trials_: tuple[tuple[float, float], ...] = ()
        self.lam_ = float(self.lam) if self.lam is not None else self._chosen(owned)
        return self._solve()

    def add(self, lines: Any) -> Self:
        """Learn customers more, exactly: all rows of each, of people the model has not seen.

        Products it does not know yet are left out until the next fit.
        """
        return self._moved(lines, 1)

    def erase(self, lines: Any) -> Self:
        """Forget customers exactly: the same rows they were learnt from.

        Raises ``ValueError`` when the model cannot have learnt from these rows.
        """
        return self._moved(lines, -1)

    def _moved(self, lines: Any, sign: int) -> Self:
        check_is_fitted(self, "gram_")
        rows = ownership_of(to_arrow(lines)).onto(self.items_)
        moved = sign * gram(rows.table)
        after = self.gram_ + moved
        if sign < 0 and (after.diagonal() < 0).any():
            first = self.items_[int(np.argmax(after.diagonal() < 0))]
            raise ValueError(
                f"more owners of {first!r} to forget than were ever learnt: these rows were not learnt from"
            )
        touched = np.unique(rows.table.indices).astype(np.int64)
        before, self.gram_ = self.gram_, after
        self.n_people_ += sign * int(np.count_nonzero(np.diff(rows.table.indptr)))
        # Beyond a third of the products a fresh inverse costs less than the update.
        if 3 * len(touched) > len(self.items_):
            return self._solve()
        change = moved[np.ix_(touched, touched)].astype(np.float64)
        change += np.diag(self._penalty(after)[touched] - self._penalty(before)[touched])
        precision: Vector = self.precision_
        self.precision_: Vector = updated(precision, touched, np.where(self._same(touched), change, 0.0))
        return self._weights()

    def _same(self, some: Ints) -> NDArray[np.bool_]:
        return np.asarray(self.block_[some][:, None] == self.block_[some])

    def _penalty(self, g: Any) -> Vector:
        return np.asarray(self.lam_ * np.maximum(g.diagonal(), 1.0) ** self.power)

    def _solve(self) -> Self:
        self.precision_ = inverse(self.gram_, self._penalty(self.gram_), self.block_)
        return self._weights()

    def _weights(self) -> Self:
        self.coef_ = weights(self.precision_, self.gram_.diagonal(), self.discount)
        return self

    def _chosen(self, owned: Ownership) -> float:
        """The penalty with the best nDCG@10 on purchases set aside, refined once around the best of the grid."""
        mean = max(float(self.gram_.diagonal().mean()) if len(self.items_) else 0.0, 1.0)
        unit = mean ** (1.0 - self.power)
        folds = [fold(*owned.apart(0.2, self.seed + i)) for i in range(self.folds)]
        if sum(f.later.nnz for f in folds) < 50 * self.folds:
            self.limits_ = (*self.limits_, "too_few_to_choose_penalty")
            return float(unit)
        found: dict[float, float] = {}

        def tried(lam: float) -> float:
            if lam not in found:
                found[lam] = float(np.mean([f.quality(lam, self.power, self.discount, self.block_) for f in folds]))
            return found[lam]

        top = max((float(step * unit) for step in GRID), key=tried)
        for step in (0.55, 1.8):
            tried(top * step)
        self.trials_ = tuple(sorted(found.items()))
        return max(found, key=lambda lam: found[lam])

    # --- asking ----------------------------------------------------------------------

    def scores(self, lines: Any) -> tuple[list[str], Vector]:
        """The people of the rows in the order of their keys, and their score for every product of ``items_``."""
        check_is_fitted(self, "coef_")
        owned = ownership_of(to_arrow(lines)).onto(self.items_)
        return owned.people, np.asarray(owned.table @ self.coef_)

    def recommend(self, lines: Any, n: int = 10, *, hide: Iterable[str] = (), repeat: bool = False) -> Any:
        """The best n products for each person of the rows, as the kind of table given.

        Columns ``customer, product, score, rank, because, share``: ``because`` is
        the owned product that adds most, ``share`` its part of what speaks for it.
        ``hide`` are products not to be shown; what a person owns is shown only
        with ``repeat``.
        """
        check_is_fitted(self, "coef_")
        owned = ownership_of(to_arrow(lines)).onto(self.items_)
        hidden = np.isin(np.array(self.items_, dtype=object), list(hide))
        rows, columns, values, reasons, shares = [], [], [], [], []
        for start in range(0, owned.table.shape[0], BLOCK):
            some = owned.table[start : start + BLOCK]
            score = np.asarray(some @ self.coef_)
            held = some.toarray() > 0
            top = best(score, n, hidden | (held & (not repeat)))
            at, place = np.nonzero(top >= 0)
            item = top[at, place]
            parts = np.where(held[at], self.coef_[:, item].T, -np.inf)
            why = parts.argmax(axis=1) if len(self.items_) else item
            largest = parts[np.arange(len(at)), why]
            for_it = np.maximum(np.where(held[at], parts, 0.0), 0.0).sum(axis=1)
            rows.append(at + start)
            columns.append(item)
            values.append(score[at, item])
            reasons.append(np.where(largest > 0, why, -1))
            shares.append(largest.clip(0) / np.maximum(for_it, 1e-300))
        who, item, why = (np.concatenate(v) if v else np.empty(0, dtype=np.int64) for v in (rows, columns, reasons))
        names = pa.array(self.items_, pa.string())
        starts = np.flatnonzero(np.concatenate(([True], who[1:] != who[:-1]))) if len(who) else who
        rank = np.arange(len(who)) - np.repeat(starts, np.diff(np.append(starts, len(who)))) + 1
        table = pa.table(
            {
                "customer": pa.array(owned.people, pa.string()).take(pa.array(who)),
                "product": names.take(pa.array(item)),
                "score": np.concatenate(values) if values else np.empty(0),
                "rank": rank.astype(np.int64),
                "because": names.take(pa.array(why, mask=why < 0)),
                "share": np.concatenate(shares) if shares else np.empty(0),
            }
        )
        return same_kind(table, lines)

    def suggest(self, products: Iterable[str], n: int = 5) -> list[tuple[str, float, str | None]]:
        """What goes with a basket: (product, score, the product of the basket that speaks most for it)."""
        have = list(dict.fromkeys(products))
        table = self.recommend({"customer": ["?"] * len(have), "product": have}, n) if have else None
        rows = table.to_pylist() if table is not None else []
        return [(r["product"], r["score"], r["because"]) for r in rows]

    def because(self, products: Iterable[str], product: str) -> list[tuple[str, float]]:
        """What each owned product adds to the score of another, largest first; they add up to the score exactly.

        Raises ``KeyError`` for a product the model does not know.
        """
        check_is_fitted(self, "coef_")
        place = {key: i for i, key in enumerate(self.items_)}
        if product not in place:
            raise KeyError(f"product {product!r} is not among the {len(self.items_)} the model learnt")
        parts = [
            (key, float(self.coef_[place[key], place[product]])) for key in dict.fromkeys(products) if key in place
        ]
        return sorted(parts, key=lambda p: (-p[1], p[0]))

    # --- keeping ---------------------------------------------------------------------

    def to_bytes(self) -> bytes:
        """The model in few bytes: only the whole numbers of half the Gram; the weights follow from them."""
        check_is_fitted(self, "gram_")
        about = {
            "params": self.get_params(), "lam": self.lam_, "people": self.n_people_, "items": self.items_,
            "limits": list(self.limits_), "trials": [list(t) for t in self.trials_],
        }  # fmt: skip
        return packed(about, self.gram_, self.block_)

    @classmethod
    def from_bytes(cls, data: bytes) -> EASE:
        """The model ``to_bytes`` wrote. Raises ``ValueError`` when the bytes are something else."""
        about, g, block = unpacked(data)
        model = cls(**about["params"])
        model.gram_, model.block_, model.items_ = g, block, list(about["items"])
        model.lam_, model.n_people_ = about["lam"], about["people"]
        model.limits_, model.trials_ = tuple(about["limits"]), tuple((a, b) for a, b in about["trials"])
        return model._solve()
