"""Groups as overlapping clouds: a Gaussian mixture, its number and shapes by BIC."""

from __future__ import annotations

import warnings
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils.validation import check_is_fitted

from regulars.understand.grouping import FEWEST, Grouping, _figures
from regulars.understand.stability import Grouper

Vector = NDArray[np.float64]
SHAPES = ("full", "tied", "diag", "spherical")


class MixtureSegments(Grouping):
    r"""Group customers by a mixture of normal distributions, and say how sure each membership is.

    .. math:: BIC = -2 \log L + p \log n

    is computed for 1 to ``most`` groups and every shape of ``shapes``; the
    smallest wins, so that one group is a possible answer (``limits_`` then says
    ``one_group``). Unlike k-means, groups may be long, differ in size and
    overlap. Discrete figures such as the number of orders make spikes; the
    covariances are kept off zero by 1e-3 of the standardised unit.

    See ``Grouping`` for what goes in and how groups are numbered.

    Parameters
    ----------
    k : "auto" or int
    shapes : tuple of "full", "tied", "diag", "spherical"
        Forms of the clouds that are tried.
    most : int
        The largest number tried.
    sample : int
        Customers the mixture is learnt from; all are assigned.
    seed : int

    Attributes
    ----------
    k_, labels_, stability_, limits_, profiles_
        See ``Grouping``.
    shape_ : str
    trials_ : tuple of (k, shape, BIC)
    mixture_ : sklearn.mixture.GaussianMixture

    References
    ----------
    Fraley and Raftery (2002), "Model-Based Clustering, Discriminant Analysis,
    and Density Estimation", JASA 97; Schwarz (1978), BIC.
    """

    made_by: ClassVar[str] = "mixture/1"
    letter: ClassVar[str] = "m"

    def __init__(
        self,
        *,
        k: int | str = "auto",
        shapes: tuple[str, ...] = ("full", "diag"),
        most: int = 6,
        sample: int = 2000,
        seed: int = 0,
    ) -> None:
        self.k = k
        self.shapes = shapes
        self.most = most
        self.sample = sample
        self.seed = seed

    def predict_proba(self, X: Any) -> Vector:
        """The chance of belonging to each group, columns in the order of the groups' numbers."""
        check_is_fitted(self, "mixture_")
        rows = self._rows(X, _figures(X), learn=False)
        chances = self.mixture_.predict_proba(self.scaler_.transform(rows))
        out = np.empty_like(chances)
        out[:, self._order] = chances
        return np.asarray(out)

    def _check(self) -> None:
        if not self.shapes or set(self.shapes) - set(SHAPES):
            raise ValueError(f"shapes are some of {', '.join(SHAPES)}, not {self.shapes!r}")
        self.trials_: tuple[tuple[int, str, float], ...] = ()
        self.shape_ = self.shapes[0]

    def _number(self, X: Vector, distinct: int) -> int:
        if distinct < 3 or len(X) < FEWEST:
            self.limits_ = ("too_few_customers",) if self.k == "auto" else ()
            return 1 if self.k == "auto" else min(int(self.k), distinct)
        numbers = range(1, min(self.most, distinct - 1, len(X) // 10) + 1) if self.k == "auto" else (int(self.k),)
        self.trials_ = tuple(
            (k, shape, float(self._fitted(X, k, shape).bic(X))) for k in numbers for shape in self.shapes
        )
        k, self.shape_, _bic = min(self.trials_, key=lambda t: t[2])
        if k == 1 and self.k == "auto":
            self.limits_ = ("one_group",)
        return k

    def _groups(self, k: int) -> Grouper:
        def learn(X: Vector) -> Any:
            # A cloud of one customer has no extent; two of the same have none either, but can be fitted.
            rows = np.repeat(X, 2, axis=0) if len(X) == 1 else X
            self.mixture_ = self._fitted(rows, min(k, len(X)), self.shape_)
            return self.mixture_.predict

        return learn

    def _learnable(self, Z: Vector, rng: np.random.Generator) -> Vector:
        return Z if len(Z) <= self.sample else Z[np.sort(rng.choice(len(Z), self.sample, replace=False))]

    def _judge(self, X: Vector, assign: Any) -> None:
        # Resampling fits mixtures of its own; the one that assigns stays.
        kept = self.mixture_
        super()._judge(X, assign)
        self.mixture_ = kept

    def _fitted(self, X: Vector, k: int, shape: str) -> GaussianMixture:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return GaussianMixture(
                k, covariance_type=shape, reg_covar=1e-3, n_init=1, max_iter=200, random_state=self.seed
            ).fit(X)
