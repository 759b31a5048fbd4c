"""The arithmetic of EASE: Gram, inverse, weights, and an exact update of the inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from regulars.understand.ranking_metrics import best, ndcg

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
# Rows scored at once: a block of dense scores stays small whatever the number of people.
BLOCK = 4096


def gram(table: sparse.csr_array) -> NDArray[Any]:
    """How many people own both, for every two products: whole numbers as long as the weights are."""
    return np.asarray((table.T @ table).toarray())


def inverse(g: NDArray[Any], penalty: Vector, block: Ints) -> Vector:
    """The inverse of Gram plus penalty, block by block, by Cholesky: n^3 floating point operations a block."""
    out = np.zeros(g.shape)
    for b in np.unique(block):
        some = np.flatnonzero(block == b)
        a = g[np.ix_(some, some)].astype(np.float64)
        a[np.diag_indices_from(a)] += penalty[some]
        factor, info = linalg.lapack.dpotrf(a, lower=1, clean=0, overwrite_a=1)
        half, more = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
        if info or more:
            raise ValueError("the Gram matrix and the penalty have no inverse; raise lam")
        low = np.tril(half)
        out[np.ix_(some, some)] = low + np.tril(low, -1).T
    return out


def weights(precision: Vector, owners: Any, discount: float) -> Vector:
    """B from the inverse, with the discount for what many own."""
    b = -precision / np.maximum(precision.diagonal(), 1e-300)
    np.fill_diagonal(b, 0.0)
    return np.asarray(b / np.maximum(np.asarray(owners, dtype=np.float64), 1.0) ** discount)


def quality(known: sparse.csr_array, later: sparse.csr_array, b: Vector, k: int = 10) -> float:
    """Mean nDCG@k of suggestions from what is known, on what was bought later."""
    total, people = 0.0, 0
    for start in range(0, known.shape[0], BLOCK):
        some, came = known[start : start + BLOCK], later[start : start + BLOCK]
        each = ndcg(best(some @ b, k, some.toarray() > 0), came)
        total, people = total + float(np.nansum(each)), people + int(np.isfinite(each).sum())
    return total / people if people else float("nan")


@dataclass(frozen=True)
class Fold:
    """Purchases known and purchases set aside, with the Gram of what is known."""

    known: sparse.csr_array
    later: sparse.csr_array
    gram: NDArray[Any]

    def quality(self, lam: float, power: float, discount: float, block: Ints) -> float:
        """Mean nDCG@10 on what was set aside, of weights learnt from what is known."""
        owners = self.gram.diagonal()
        b = weights(inverse(self.gram, lam * np.maximum(owners, 1.0) ** power, block), owners, discount)
        return quality(self.known, self.later, b)


def fold(known: sparse.csr_array, later: sparse.csr_array, most: int = 2_000) -> Fold:
    """All of what is known is learnt; of the people with something set aside at most so many are asked."""
    people = np.flatnonzero(np.diff(later.indptr) > 0)[:most]
    return Fold(known[people], later[people], gram(known))


def updated(p: Vector, some: Ints, change: Vector) -> Vector:
    """The inverse after ``change`` was added to rows and columns ``some`` (Woodbury), symmetric to the last bit."""
    left: Any = p[:, some]
    middle: Any = linalg.solve(np.eye(len(some)) + np.asarray(change) @ left[some], change)
    new = p - left @ middle @ left.T
    return np.asarray((new + new.T) / 2.0)
