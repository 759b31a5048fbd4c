"""Groups the data show by themselves: k-means on what customers did, the number chosen by stated criteria."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, silhouette_score

from regulars.understand.grouping import FEWEST, Grouping, Nearest
from regulars.understand.stability import AGREEMENT, Grouper, elbow, halves, number_by_gap

Vector = NDArray[np.float64]
CRITERIA = {"silhouette": silhouette_score, "calinski_harabasz": calinski_harabasz_score}
# The gap statistic fits every number on several reference samples; so many rows are enough to tell one group from more.
GAP_ROWS = 500


class KMeansSegments(Grouping):
    """Group customers who behave alike, by k-means.

    How many: every number from 2 to ``most`` is fitted on a sample and has to
    be *stable*: the groups of two random halves, applied to the same customers,
    must agree (adjusted Rand index of at least .8). Among the stable ones the
    best ``criterion`` wins. Before that, the gap statistic is asked whether the
    customers fall into groups at all; where it answers one, ``limits_`` says
    ``one_group``: k-means then cuts an even cloud into slices, however stable.
    When no number is stable the most stable one is taken, and ``limits_`` says
    ``groups_not_stable``. The groups chosen are then looked for in bootstrap
    samples, each on its own.

    See ``Grouping`` for what goes in and how groups are numbered.

    Parameters
    ----------
    k : "auto" or int
        The number of groups.
    criterion : "silhouette" or "calinski_harabasz"
        What makes a number good among the stable ones.
    most : int
        The largest number tried.
    sample : int
        Customers used to choose the number; all are assigned.
    seed : int
        Same seed, same groups.

    Attributes
    ----------
    k_, labels_, stability_, limits_, profiles_
        See ``Grouping``.
    trials_ : tuple of (k, criterion, stability)
    by_gap_, by_elbow_ : int or None
        The number of groups by the gap statistic and by the elbow of the sum of squares.

    References
    ----------
    Rousseeuw (1987), silhouettes; Hubert and Arabie (1985), adjusted Rand
    index; Ben-Hur, Elisseeff and Guyon (2002), stability of a clustering;
    Tibshirani, Walther and Hastie (2001), gap; Hennig (2007), single groups.
    """

    made_by: ClassVar[str] = "kmeans/2"

    def __init__(
        self, *, k: int | str = "auto", criterion: str = "silhouette", most: int = 8, sample: int = 2000, seed: int = 0
    ) -> None:
        self.k = k
        self.criterion = criterion
        self.most = most
        self.sample = sample
        self.seed = seed

    def _check(self) -> None:
        if self.criterion not in CRITERIA:
            raise ValueError(f"criterion is one of {', '.join(CRITERIA)}, not {self.criterion!r}")
        self.trials_: tuple[tuple[int, float, float], ...] = ()
        self.by_gap_: int | None = None
        self.by_elbow_: int | None = None

    def _groups(self, k: int) -> Grouper:
        return lambda X: Nearest(KMeans(min(k, len(X)), n_init=4, random_state=self.seed).fit(X).cluster_centers_)

    def _number(self, X: Vector, distinct: int) -> int:
        if self.k != "auto":
            return min(int(self.k), distinct)
        if distinct < 3 or len(X) < FEWEST:
            self.limits_ = ("too_few_customers",)
            return 1
        most = min(self.most, distinct - 1, len(X) // 5)
        half = np.random.default_rng(self.seed).permutation(len(X)) < len(X) // 2
        trials, within = [], [float(((X - X.mean(axis=0)) ** 2).sum())]
        for k in range(2, most + 1):
            whole = KMeans(k, n_init=4, random_state=self.seed).fit(X)
            within.append(float(whole.inertia_))
            score = float(CRITERIA[self.criterion](X, whole.labels_))
            trials.append((k, score, halves(X, self._groups(k), half)))
        self.trials_, self.by_elbow_ = tuple(trials), elbow(np.array(within))
        some = X[:: max(len(X) // GAP_ROWS, 1)]
        self.by_gap_ = number_by_gap(some, self._quick, most, seed=self.seed)[0]
        return self._chosen(trials)

    def _chosen(self, trials: list[tuple[int, float, float]]) -> int:
        stable = [t for t in trials if t[2] >= AGREEMENT]
        if not stable:
            self.limits_ = ("groups_not_stable",)
            return max(trials, key=lambda t: t[2])[0]
        if self.by_gap_ == 1:
            self.limits_ = ("one_group",)
        return max(stable, key=lambda t: t[1])[0]

    def _quick(self, k: int) -> Grouper:
        return lambda X: Nearest(KMeans(k, n_init=1, random_state=self.seed).fit(X).cluster_centers_)
