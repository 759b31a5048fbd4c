"""Groups the data show by themselves: k-means on what customers did, the number chosen by a stated criterion."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, silhouette_score
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.lake.frames import to_arrow
from regulars.understand.segments import describe

Vector = NDArray[np.float64]
FEATURES = ("days_since_last", "orders", "spent", "T")
CRITERIA = {"silhouette": silhouette_score, "calinski_harabasz": calinski_harabasz_score}


class KMeansSegments(BaseEstimator):  # type: ignore[misc]
    """Group customers who behave alike.

    k-means on the logarithms of days since the last purchase, orders, money and
    age as a customer, each standardised: in logarithms "twice as much" is the
    same step for small and large customers, so a few whales do not make all the
    groups. Groups are numbered by money spent per customer: ``k0`` spends most.

    How many: every number from 2 to ``most`` is fitted on a sample and has to
    be *stable*: the groups of two random halves, applied to the same customers,
    must agree (adjusted Rand index of at least .8). Among the stable ones the
    best ``criterion`` wins; when none is stable, the most stable one, and
    ``limits_`` says ``groups_not_stable``: then do not build on them.

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
    k_ : int
    trials_ : tuple of (k, criterion, stability)
    centers_ : ndarray of shape (k, 4)
    profiles_ : tuple of SegmentProfile
    limits_ : tuple of str

    References
    ----------
    Rousseeuw (1987), silhouettes; Hubert and Arabie (1985), adjusted Rand
    index; Ben-Hur, Elisseeff and Guyon (2002), stability of a clustering.
    """

    def __init__(
        self, *, k: int | str = "auto", criterion: str = "silhouette", most: int = 8, sample: int = 2000, seed: int = 0
    ) -> None:
        self.k = k
        self.criterion = criterion
        self.most = most
        self.sample = sample
        self.seed = seed

    def fit(self, rfm: Any, y: None = None, worth: ArrayLike | None = None) -> Self:
        """Find the groups of customers given by the columns ``days_since_last, orders, spent, T`` of ``RFM``."""
        if self.criterion not in CRITERIA:
            raise ValueError(f"criterion is one of {', '.join(CRITERIA)}, not {self.criterion!r}")
        figures = _figures(rfm)
        logs = _logs(figures)
        if len(logs) == 0:
            raise ValueError("there are no customers to group")
        self.mean_, self.scale_ = logs.mean(axis=0), logs.std(axis=0)
        self.scale_[self.scale_ < 1e-9] = 1.0
        X = (logs - self.mean_) / self.scale_
        rng = np.random.default_rng(self.seed)
        some = X if len(X) <= self.sample else X[np.sort(rng.choice(len(X), self.sample, replace=False))]
        distinct = len(np.unique(some.round(9), axis=0))
        self.limits_: tuple[str, ...] = ()
        self.trials_: tuple[tuple[int, float, float], ...] = ()
        # On samples this small threads wait for each other: one is ten times as fast on a busy machine.
        with threadpool_limits(limits=1):
            if self.k == "auto":
                self.k_ = self._choose(some, distinct, rng)
            else:
                self.k_ = min(int(self.k), distinct)
            many = X if len(X) <= 20_000 else X[np.sort(rng.choice(len(X), 20_000, replace=False))]
            found = KMeans(self.k_, n_init=10, random_state=self.seed).fit(many)
        self.centers_ = found.cluster_centers_
        nearest = self._nearest(X)
        count = np.maximum(np.bincount(nearest, minlength=self.k_), 1)
        money = np.bincount(nearest, figures["spent"], self.k_) / count
        self.centers_ = self.centers_[np.lexsort((np.arange(self.k_), -money))]
        self.profiles_ = describe(
            self.predict(rfm), figures, figures["spent"], worth,
            method="clusters", made_by="kmeans/1", limits=self.limits_,
        )  # fmt: skip
        return self

    def predict(self, rfm: Any) -> NDArray[np.str_]:
        """The group of every row: "k0" spends most."""
        check_is_fitted(self, "centers_")
        X = (_logs(_figures(rfm)) - self.mean_) / self.scale_
        return np.char.add("k", self._nearest(X).astype(np.str_))

    def _nearest(self, X: Vector) -> NDArray[np.int64]:
        far = (self.centers_**2).sum(axis=1) - 2.0 * X @ self.centers_.T
        return np.asarray(far.argmin(axis=1), dtype=np.int64)

    def _choose(self, X: Vector, distinct: int, rng: np.random.Generator) -> int:
        if distinct < 3 or len(X) < 20:
            self.limits_ = ("too_few_customers",)
            return 1
        half = rng.permutation(len(X)) < len(X) // 2
        trials = []
        for k in range(2, min(self.most, distinct - 1, len(X) // 5) + 1):
            whole = KMeans(k, n_init=4, random_state=self.seed).fit_predict(X)
            one, other = (KMeans(k, n_init=4, random_state=self.seed).fit(X[h]).predict(X) for h in (half, ~half))
            trials.append((k, float(CRITERIA[self.criterion](X, whole)), float(adjusted_rand_score(one, other))))
        self.trials_ = tuple(trials)
        stable = [t for t in trials if t[2] >= 0.8]
        if not stable:
            self.limits_ = ("groups_not_stable",)
            return max(trials, key=lambda t: t[2])[0]
        return max(stable, key=lambda t: t[1])[0]


def _figures(rfm: Any) -> dict[str, Vector]:
    table = to_arrow(rfm)
    if missing := [c for c in FEATURES if c not in table.column_names]:
        raise KeyError(f"the summary needs the columns {', '.join(FEATURES)}; missing: {', '.join(missing)}")
    return {c: np.asarray(table.column(c).to_numpy(), dtype=np.float64) for c in FEATURES}


def _logs(figures: dict[str, Vector]) -> Vector:
    return np.log1p(np.maximum(np.stack([figures[c] for c in FEATURES], axis=1), 0.0))
