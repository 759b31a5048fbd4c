"""The linear parts of sentiment: what labelled texts teach, and what unlabelled ones teach by agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from regulars.understand.text_features import inverse_frequency, present, tf_idf

Vector = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Head:
    """Two logistic regressions on one text: on tf-idf, and on presence weighted by naive-Bayes log ratios."""

    idf: Vector
    rare: Vector
    present: Vector
    bias: float

    def logit(self, counts: sparse.csr_matrix) -> Vector:
        """Log-odds of positive, a text a row."""
        told = tf_idf(counts, self.idf) @ self.rare + present(counts) @ self.present
        return np.asarray(told + self.bias, dtype=np.float64)


def learn(counts: sparse.csr_matrix, y: Flags, weight: Vector, strength: float, seed: int) -> Head:
    """Both regressions, averaged.

    The ratios are log((share of a place in positive texts) / (share in negative
    ones)) (Wang and Manning 2012, "Baselines and bigrams", eq. 2), smoothed by half a text.
    """
    idf = inverse_frequency(counts)
    rare = _regression(tf_idf(counts, idf), y, weight, strength, seed)
    have = present(counts)
    seen = counts.copy()
    seen.data = np.ones_like(seen.data)
    up = np.asarray(seen.T @ (weight * y)).ravel() + 0.5
    down = np.asarray(seen.T @ (weight * ~y)).ravel() + 0.5
    ratio = np.log((up / up.sum()) / (down / down.sum()))
    bayes = _regression(have @ sparse.diags(ratio), y, weight, strength, seed)
    return Head(
        idf,
        0.5 * rare.coef_.ravel(),
        0.5 * bayes.coef_.ravel() * ratio,
        float(0.5 * (rare.intercept_[0] + bayes.intercept_[0])),
    )


def _regression(rows: sparse.csr_matrix, y: Flags, weight: Vector, strength: float, seed: int) -> LogisticRegression:
    # Far more places than texts: the dual is four times as fast.
    model = LogisticRegression(C=strength, solver="liblinear", dual=True, max_iter=300, random_state=seed, tol=1e-2)
    return model.fit(rows, y, sample_weight=weight)


def fold_of(texts: Sequence[str], folds: int) -> NDArray[np.int64]:
    """Which fold a text falls into: by its own letters, so the same text is always in the same one."""
    return np.array([crc32(t.encode()) % folds for t in texts], dtype=np.int64)


def cross_learn(
    counts: sparse.csr_matrix, y: Flags, weight: Vector, fold: NDArray[np.int64], folds: int, strength: float, seed: int
) -> list[Head | None]:
    """A head per fold, learned from the texts of the others; None where those are all of one kind."""
    heads: list[Head | None] = []
    for k in range(folds):
        rows = fold != k
        both = rows.any() and 0 < int(y[rows].sum()) < int(rows.sum())
        heads.append(learn(counts[rows], y[rows], weight[rows], strength, seed) if both else None)
    return heads


def cross_logit(heads: Sequence[Head | None], counts: sparse.csr_matrix, fold: NDArray[np.int64]) -> Vector:
    """Each text by the head that did not see it."""
    z = np.zeros(counts.shape[0])
    for k, head in enumerate(heads):
        rows = np.flatnonzero(fold == k)
        if head is not None and len(rows):
            z[rows] = head.logit(counts[rows])
    return z


def blend(cold: Vector, learned: Vector, y: Flags, domain: NDArray[np.int64], domains: int) -> Vector:
    """How much to believe either: (a, b, c, d_1..d_k) of logit = a cold + b learned + c + d_domain.

    Maximum likelihood with a ridge around (1, 0, 0, ..): without labels the cold
    start decides, each label moves it a little.
    """
    start = np.zeros(3 + domains)
    start[0] = 1.0
    columns = np.column_stack([cold, learned, np.ones(len(y)), (domain[:, None] == np.arange(domains)).astype(float)])
    pull = np.concatenate([[2.0, 2.0, 1.0], np.full(domains, 4.0)])

    def loss(b: Vector) -> tuple[float, Vector]:
        z = columns @ b
        away = b - start
        value = float(np.sum(np.logaddexp(0.0, z) - y * z) + 0.5 * np.sum(pull * away**2))
        return value, columns.T @ (1.0 / (1.0 + np.exp(-np.clip(z, -40, 40))) - y) + pull * away

    return np.asarray(minimize(loss, start, jac=True, method="BFGS").x)
