"""Markets side by side: which are alike, where each stands on a map, which deserves the next effort."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import silhouette_score

from regulars.lake.frames import to_arrow
from regulars.understand.market_potential import Potential, market_potential
from regulars.understand.smacof import distances, laid_onto, majorised, smacof

Array = NDArray[np.float64]
LIMIT_STRESS = 0.20


@dataclass(frozen=True)
class Place:
    """A market on the map with the ellipse it lies in: centre, half axes, and the angle of the long one in radians."""

    market: str
    x: float
    y: float
    group: int
    long: float
    short: float
    angle: float


@dataclass(frozen=True)
class Direction:
    """Where on the map an attribute grows: a unit arrow and the share of its spread the map shows (R squared)."""

    name: str
    x: float
    y: float
    shown: float


class Markets(BaseEstimator):  # type: ignore[misc]
    r"""Cluster markets by their attributes and draw the map of what is like what.

    Attributes are standardised (logarithm first where all are above 0 and the
    largest is ten times the smallest), distances are Euclidean, the map is the
    least-stress one in two dimensions (``smacof``), groups are Ward's with the
    number of the best silhouette (1 when no cut reaches ``least_silhouette``).
    Ellipses say how far a market may move because its attributes are estimates:
    they are redrawn from their standard errors, mapped anew and laid onto the map.

    Parameters
    ----------
    weights : mapping or None
        How much each attribute counts in "alike"; None: all the same.
    level : float
        Share of redrawn places the ellipse holds.
    draws : int
        Redrawn maps.
    most_groups : int
        No more groups than this.
    least_silhouette : float
        Below it markets are called one group: .25 is Kaufman and Rousseeuw's
        bound for "no substantial structure".
    seed : int
        Same seed, same ellipses.

    Attributes
    ----------
    places_ : tuple of Place
        In the order given.
    directions_ : tuple of Direction
    stress_ : float
        Kruskal's stress-1; above .20 the map hides too much.
    silhouette_ : float or None
    limits_ : tuple of str
        ``map_hides_much``, ``no_groups``, ``too_few_markets``.

    Examples
    --------
    >>> found = Markets().fit({"market": ["a", "b", "c"], "price": [1, 1.1, 9], "repeat": [0.2, 0.25, 0.9]})
    >>> ab, ac = (abs(found.places_[0].x - found.places_[i].x) for i in (1, 2))
    >>> ab < ac
    True

    References
    ----------
    de Leeuw and Mair (2009), "Multidimensional Scaling Using Majorization",
    JSS 31(3); Jacoby and Armstrong (2014) for ellipses by resampling.
    """

    def __init__(
        self,
        *,
        weights: Mapping[str, float] | None = None,
        level: float = 0.9,
        draws: int = 200,
        most_groups: int = 6,
        least_silhouette: float = 0.25,
        seed: int = 0,
    ) -> None:
        self.weights = weights
        self.level = level
        self.draws = draws
        self.most_groups = most_groups
        self.least_silhouette = least_silhouette
        self.seed = seed

    def fit(self, attributes: Any, y: None = None, errors: Mapping[str, ArrayLike] | None = None) -> Self:
        """Place the markets; a table of ``market`` and numbers, and the standard errors of those that are estimates.

        A missing number takes the mean of the others. Raises ``KeyError`` without
        a column ``market`` and ``ValueError`` for one named twice.
        """
        table = to_arrow(attributes)
        if "market" not in table.column_names:
            raise KeyError(f"markets need a column 'market'; there is {', '.join(table.column_names)}")
        names = [str(m) for m in table.column("market").to_pylist()]
        if len(set(names)) < len(names):
            raise ValueError("a market is named twice")
        kept, columns, spreads = [], [], []
        for name in table.column_names:
            if name == "market" or (self.weights is not None and not self.weights.get(name, 0.0)):
                continue
            made = _standard(np.asarray(table.column(name).to_numpy(zero_copy_only=False), dtype=np.float64),
                             np.asarray((errors or {}).get(name, 0.0), dtype=np.float64))  # fmt: skip
            if made is not None:
                kept.append(name)
                columns.append(made[0])
                spreads.append(made[1])
        n = len(names)
        scale = np.sqrt([1.0 if self.weights is None else float(self.weights[k]) for k in kept])
        X = (np.array(columns).T if columns else np.zeros((n, 1))) * (scale if columns else 1.0)
        spread = (np.array(spreads).T if columns else np.zeros((n, 1))) * (scale if columns else 1.0)
        self.names_ = tuple(kept)
        delta = distances(X)
        found = smacof(delta) if n else None
        self.stress_ = found.stress if found else 0.0
        points = found.points if found else np.zeros((0, 2))
        self.groups_, self.silhouette_ = self._groups(X)
        self.places_ = self._places(names, points, X, spread)
        self.directions_ = _directions(points, dict(zip(kept, X.T, strict=False)))
        told = (("too_few_markets", n < 4), ("map_hides_much", self.stress_ > LIMIT_STRESS),
                ("no_groups", n >= 4 and self.silhouette_ is None))  # fmt: skip
        self.limits_ = tuple(code for code, holds in told if holds)
        return self

    def potential(self, factors: Mapping[str, ArrayLike], **more: Any) -> tuple[Potential, ...]:
        """Rank these markets; see ``market_potential``."""
        return market_potential([p.market for p in self.places_], factors, **more)

    def _groups(self, X: Array) -> tuple[NDArray[np.int64], float | None]:
        """Ward's groups, numbered by size, and their silhouette."""
        n = len(X)
        best, labels = self.least_silhouette, np.zeros(n, dtype=np.int64)
        value = None
        for k in range(2, min(self.most_groups, n - 1) + 1):
            if len(np.unique(X, axis=0)) < k:
                break
            cut = AgglomerativeClustering(n_clusters=k).fit_predict(X)
            if (score := float(silhouette_score(X, cut))) > best:
                best, labels, value = score, cut, score
        if not n:
            return labels, value
        keys, first, size = np.unique(labels, return_index=True, return_counts=True)
        rank = np.empty(len(keys), dtype=np.int64)
        rank[np.lexsort((first, -size))] = np.arange(len(keys))
        return rank[labels], value

    def _places(self, names: list[str], points: Array, X: Array, spread: Array) -> tuple[Place, ...]:
        n = len(names)
        shapes = np.zeros((n, 3))
        if n > 2 and np.any(spread > 0):
            rng = np.random.default_rng(self.seed)
            drawn = X + spread * rng.standard_normal((self.draws, *X.shape))
            start = np.broadcast_to(points, (self.draws, *points.shape)).copy()
            maps = laid_onto(majorised(distances(drawn), start, 100, 1e-6)[0], points)
            # The radius that holds `level` of a normal cloud in two dimensions.
            radius = np.sqrt(-2.0 * np.log(1.0 - self.level))
            for i in range(n):
                values, vectors = np.linalg.eigh(np.cov(maps[:, i].T))
                half = radius * np.sqrt(np.maximum(values, 0.0))
                shapes[i] = half[1], half[0], np.arctan2(vectors[1, 1], vectors[0, 1])
        return tuple(
            Place(name, float(points[i, 0]), float(points[i, 1]), int(self.groups_[i]), *map(float, shapes[i]))
            for i, name in enumerate(names)
        )


def _standard(values: Array, error: Array) -> tuple[Array, Array] | None:
    """Values with mean 0 and spread 1, and their standard errors on that scale; None where all are the same."""
    error = np.broadcast_to(error, values.shape)
    known = np.isfinite(values)
    if known.sum() < 2:
        return None
    values = np.where(known, values, values[known].mean())
    if values.min() > 0 and values.max() >= 10 * values.min():
        values, error = np.log(values), error / values
    off = values.std()
    if off <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return None
    return (values - values.mean()) / off, np.where(known & np.isfinite(error), error, off) / off


def _directions(points: Array, columns: Mapping[str, Array]) -> tuple[Direction, ...]:
    """Least-squares arrows of the attributes on the map (property fitting), best shown first."""
    found = []
    for name, values in columns.items():
        slope, *_ = np.linalg.lstsq(points, values - values.mean(), rcond=None)
        total = float(np.sum((values - values.mean()) ** 2))
        shown = float(np.sum((points @ slope) ** 2)) / total if total else 0.0
        size = float(np.hypot(*slope)) or 1.0
        found.append(Direction(name, float(slope[0] / size), float(slope[1] / size), min(shown, 1.0)))
    return tuple(sorted(found, key=lambda d: -d.shown))
