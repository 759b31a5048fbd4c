"""What all ways of finding groups share: figures in, a number chosen by stated criteria, stability, names by money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.lake.frames import to_arrow
from regulars.understand.robust_logs import RobustLogs
from regulars.understand.segments import SegmentProfile, describe
from regulars.understand.stability import AGREEMENT, DISSOLVED, STABLE, Grouper, Stability, resampled

Vector = NDArray[np.float64]
Labels = NDArray[np.int64]
FEATURES = ("days_since_last", "orders", "spent", "T")
FEWEST = 20
# Resampling looks at so many rows; more would not change the verdict.
JUDGED = 800


class Grouping(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Find groups of customers who behave alike; see the ways to do it below.

    A table of customers needs the columns ``days_since_last, orders, spent, T``
    of ``RFM``; their logarithms are standardised and outliers pulled in
    (``RobustLogs``). A plain matrix is taken as it is, its skewed columns
    logged. The number of groups is chosen on a sample and all are assigned.
    Groups of a table are numbered by money spent per customer and called
    ``k0, k1 ...``; those of a matrix by size, and are numbers.

    Attributes
    ----------
    labels_ : ndarray of int, shape (rows,)
    k_ : int
    stability_ : Stability or None
        None for one group.
    limits_ : tuple of str
        ``too_few_customers``; ``one_group`` when the criteria say that there is
        no division; ``groups_not_stable`` when the division does not come back
        in other samples. Do not build on groups with any of these.
    profiles_ : tuple of SegmentProfile
        Of a table; a group that dissolves in resampling carries ``group_not_stable``.
    """

    made_by: ClassVar[str] = "grouping/1"
    letter: ClassVar[str] = "k"
    sample: int
    seed: int

    def fit(self, X: Any, y: None = None, worth: ArrayLike | None = None) -> Self:
        """Find the groups of customers in a table, or of the rows of a matrix."""
        self._check()
        figures = _figures(X)
        rows = self._rows(X, figures, learn=True)
        money = figures["spent"] if figures is not None else None
        self.scaler_ = RobustLogs(logs="auto" if figures is None else True).fit(rows)
        Z = self.scaler_.transform(rows)
        rng = np.random.default_rng(self.seed)
        some = Z if len(Z) <= self.sample else Z[np.sort(rng.choice(len(Z), self.sample, replace=False))]
        self.limits_: tuple[str, ...] = ()
        self.stability_: Stability | None = None
        # On samples this small threads wait for each other: one is ten times as fast on a busy machine.
        with threadpool_limits(limits=1):
            self.k_ = self._number(some, len(np.unique(some.round(9), axis=0)))
            assign = self._groups(self.k_)(self._learnable(Z, rng))
            found = assign(Z)
            self._order = self._numbered(found, money)
            if self.k_ > 1:
                self._judge(some[:: max(len(some) // JUDGED, 1)], assign)
        self._assign = assign
        self.labels_ = self._order[found]
        self.profiles_ = self._profiles(X, figures, worth)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """The group of every row: "k0" spends most; of a matrix, its number."""
        check_is_fitted(self, "labels_")
        figures = _figures(X)
        rows = self._rows(X, figures, learn=False)
        found = self._order[self._assign(self.scaler_.transform(rows))]
        return found if figures is None else np.char.add(self.letter, found.astype(np.str_))

    def _check(self) -> None:
        """Refuse parameters that make no sense."""

    def _number(self, X: Vector, distinct: int) -> int:
        """Choose how many; may set ``limits_``."""
        raise NotImplementedError

    def _groups(self, k: int) -> Grouper:
        """How rows are put into k groups."""
        raise NotImplementedError

    def _learnable(self, Z: Vector, rng: np.random.Generator) -> Vector:
        """The rows the final groups are learnt from."""
        return Z if len(Z) <= 20_000 else Z[np.sort(rng.choice(len(Z), 20_000, replace=False))]

    def _judge(self, X: Vector, assign: Any) -> None:
        self.stability_ = resampled(X, self._groups(self.k_), self._order[assign(X)], draws=10, seed=self.seed)
        # Halves are small samples; groups that hold in samples of full size are trusted, unless one group is enough.
        held = self.stability_.agreement >= AGREEMENT and min(self.stability_.groups) >= STABLE
        if held and self.limits_ == ("groups_not_stable",) and (getattr(self, "by_gap_", 1) or 1) > 1:
            self.limits_ = ()
        dissolved = np.mean(np.array(self.stability_.groups) < DISSOLVED) > 0.5
        if not self.limits_ and self.stability_.agreement < AGREEMENT and dissolved:
            self.limits_ = ("groups_not_stable",)

    def _rows(self, X: Any, figures: dict[str, Vector] | None, *, learn: bool) -> Vector:
        if figures is None:
            return np.asarray(validate_data(self, X, dtype=np.float64, reset=learn))
        if len(figures["spent"]) == 0:
            raise ValueError("there are no customers to group")
        self.n_features_in_ = len(FEATURES)
        return np.maximum(np.stack([figures[c] for c in FEATURES], axis=1), 0.0)

    def _numbered(self, found: Labels, money: Vector | None) -> Labels:
        count = np.bincount(found, minlength=self.k_)
        by = count if money is None else np.bincount(found, money, self.k_) / np.maximum(count, 1)
        order = np.empty(self.k_, dtype=np.int64)
        order[np.lexsort((np.arange(self.k_), -by))] = np.arange(self.k_)
        return order

    def _profiles(
        self, X: Any, figures: dict[str, Vector] | None, worth: ArrayLike | None
    ) -> tuple[SegmentProfile, ...]:
        if figures is None:
            return ()
        keys = np.char.add(self.letter, self.labels_.astype(np.str_))
        found = describe(
            keys, figures, figures["spent"], worth, method="clusters", made_by=self.made_by, limits=self.limits_
        )
        if self.stability_ is None or self.limits_:
            return found
        weak = {f"{self.letter}{i}" for i, match in enumerate(self.stability_.groups) if match < DISSOLVED}
        return tuple(replace(p, limits=("group_not_stable",)) if p.key in weak else p for p in found)


def _figures(X: Any) -> dict[str, Vector] | None:
    """The columns of ``FEATURES``; None for a plain matrix."""
    # Some sparse matrices are dictionaries; they are refused where matrices are checked.
    table = isinstance(X, dict) or any(hasattr(X, name) for name in ("column_names", "columns", "to_pyarrow"))
    if issparse(X) or not table:
        return None
    names = list(X) if isinstance(X, dict) else list(getattr(X, "column_names", None) or X.columns)
    if hasattr(X, "iloc") and not set(FEATURES) & {str(n) for n in names}:
        return None
    if missing := [c for c in FEATURES if c not in names]:
        raise KeyError(f"the summary needs the columns {', '.join(FEATURES)}; missing: {', '.join(missing)}")
    rows = to_arrow(X)
    return {c: np.asarray(rows.column(c).to_numpy(), dtype=np.float64) for c in FEATURES}


@dataclass(frozen=True)
class Nearest:
    """Puts rows to the nearest of these centres."""

    centres: Vector

    def __call__(self, X: Vector) -> Labels:
        """The number of the nearest centre, row by row."""
        lengths = (self.centres**2).sum(axis=1)
        return np.asarray((lengths - 2.0 * X @ self.centres.T).argmin(axis=1), dtype=np.int64)
