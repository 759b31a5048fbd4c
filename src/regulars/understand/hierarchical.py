"""Groups within groups: Ward's tree on a sample, everybody else put to the nearest centre."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.metrics import silhouette_score

from regulars.understand.grouping import FEWEST, Grouping, Nearest
from regulars.understand.stability import AGREEMENT, Grouper, halves, number_by_gap

Vector = NDArray[np.float64]


class HierarchicalSegments(Grouping):
    """Group customers by joining the two most alike groups again and again (Ward), and cutting the tree.

    Ward joins those whose union adds least to the sum of squares within. The
    tree needs the distance of every pair, so it is built on ``sample``
    customers; all others go to the nearest group's mean. The cut: among the
    numbers whose groups agree between two halves (adjusted Rand index of at
    least .8) the one with the best silhouette; the gap statistic says whether
    there is more than one group at all.

    See ``Grouping`` for what goes in and how groups are numbered.

    Parameters
    ----------
    k : "auto" or int
    most : int
        The largest number tried.
    sample : int
        Customers in the tree; memory grows with its square.
    seed : int

    Attributes
    ----------
    k_, labels_, stability_, limits_, profiles_
        See ``Grouping``.
    tree_ : ndarray of shape (sample - 1, 4)
        Each join: the two groups, their distance, the size (as in ``scipy.cluster.hierarchy.linkage``).
    trials_ : tuple of (k, silhouette, stability)

    References
    ----------
    Ward (1963), "Hierarchical Grouping to Optimize an Objective Function", JASA 58.
    """

    made_by: ClassVar[str] = "ward/1"
    letter: ClassVar[str] = "h"

    def __init__(self, *, k: int | str = "auto", most: int = 8, sample: int = 1200, seed: int = 0) -> None:
        self.k = k
        self.most = most
        self.sample = sample
        self.seed = seed

    def _check(self) -> None:
        self.trials_: tuple[tuple[int, float, float], ...] = ()

    def _number(self, X: Vector, distinct: int) -> int:
        self.tree_ = linkage(X, "ward") if len(X) > 1 else np.empty((0, 4))
        if self.k != "auto":
            return min(int(self.k), distinct)
        if distinct < 3 or len(X) < FEWEST:
            self.limits_ = ("too_few_customers",)
            return 1
        most = min(self.most, distinct - 1, len(X) // 5)
        half = np.random.default_rng(self.seed).permutation(len(X)) < len(X) // 2
        self.trials_ = tuple(
            (k, float(silhouette_score(X, _cut(self.tree_, k))), halves(X, self._groups(k), half))
            for k in range(2, most + 1)
        )
        stable = [t for t in self.trials_ if t[2] >= AGREEMENT]
        if not stable:
            self.limits_ = ("groups_not_stable",)
            return max(self.trials_, key=lambda t: t[2])[0]
        some = X[:: max(len(X) // 400, 1)]
        if number_by_gap(some, self._groups, most, seed=self.seed)[0] == 1:
            self.limits_ = ("one_group",)
        return max(stable, key=lambda t: t[1])[0]

    def _groups(self, k: int) -> Grouper:
        def learn(X: Vector) -> Any:
            labels = _cut(linkage(X, "ward"), k) if len(X) > 1 else np.zeros(len(X), dtype=np.int64)
            size = np.bincount(labels)[:, None]
            return Nearest(np.stack([np.bincount(labels, X[:, j]) for j in range(X.shape[1])], axis=1) / size)

        return learn

    def _learnable(self, Z: Vector, rng: np.random.Generator) -> Vector:
        return Z if len(Z) <= self.sample else Z[np.sort(rng.choice(len(Z), self.sample, replace=False))]


def _cut(tree: Vector, k: int) -> NDArray[np.int64]:
    return np.asarray(fcluster(tree, k, criterion="maxclust"), dtype=np.int64) - 1
