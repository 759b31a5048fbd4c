"""Maps from distances: metric scaling by majorisation (SMACOF), many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PointMap:
    """Points of shape (n, dimensions) centred at 0, Kruskal's stress-1, and the steps it took."""

    points: Array
    stress: float
    steps: int


def distances(points: Array) -> Array:
    """Euclidean distances between the rows of (..., n, p), as (..., n, n)."""
    squared = np.sum(points**2, axis=-1)
    product = points @ np.swapaxes(points, -1, -2)
    apart = np.sqrt(np.maximum(squared[..., :, None] + squared[..., None, :] - 2.0 * product, 0.0))
    itself = np.arange(points.shape[-2])
    apart[..., itself, itself] = 0.0
    return np.asarray(apart)


def classical(delta: Array, dimensions: int = 2) -> Array:
    """Torgerson's scaling: exact when the distances are Euclidean, and the start of SMACOF otherwise."""
    n = delta.shape[-1]
    centre = np.eye(n) - 1.0 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ delta**2 @ centre)
    most = np.argsort(-values)[:dimensions]
    points = vectors[:, most] * np.sqrt(np.maximum(values[most], 0.0))
    if points.shape[1] < dimensions:
        points = np.pad(points, ((0, 0), (0, dimensions - points.shape[1])))
    # One of the two mirror images, so that the same data give the same picture.
    largest = np.argmax(np.abs(points), axis=0)
    signs = np.where(points[largest, np.arange(dimensions)] < 0, -1.0, 1.0)
    return np.asarray(points * signs)


def smacof(delta: ArrayLike, dimensions: int = 2, steps: int = 300, tolerance: float = 1e-8) -> PointMap:
    r"""Place n things so that their distances on the map come as near as can be to the distances given.

    .. math:: \sigma_1 = \sqrt{\sum_{i<j} (\delta_{ij} - d_{ij})^2 / \sum_{i<j} d_{ij}^2}

    Each Guttman transform lowers the raw stress, so the result is never worse
    than the classical solution it starts from. As a rule of thumb (Kruskal
    1964) .05 is good, .10 fair, .20 poor.

    Raises ``ValueError`` when ``delta`` is not a square, symmetric, non-negative
    table with a zero diagonal.

    >>> triangle = smacof([[0, 3, 4], [3, 0, 5], [4, 5, 0]])
    >>> round(triangle.stress, 6), np.round(distances(triangle.points)[1, 2], 6)
    (0.0, np.float64(5.0))

    References
    ----------
    de Leeuw (1977); Borg and Groenen, "Modern Multidimensional Scaling", 2nd ed., section 8.6.
    """
    given = np.asarray(delta, dtype=np.float64)
    square = given.ndim == 2 and given.shape[0] == given.shape[1]
    if not square or not np.allclose(given, given.T) or np.any(given < 0) or np.any(np.diag(given) != 0):
        raise ValueError("distances must be a square, symmetric table, 0 on its diagonal and never negative")
    points, used = majorised(given[None], classical(given, dimensions)[None], steps, tolerance)
    return PointMap(points[0], float(stress(given[None], points)[0]), used)


def majorised(delta: Array, start: Array, steps: int, tolerance: float = 1e-8) -> tuple[Array, int]:
    """Guttman transforms of a stack of maps (b, n, d) for distances (b, n, n), until none gets better."""
    points = start - start.mean(axis=1, keepdims=True)
    n = delta.shape[-1]
    scale = np.maximum(np.sum(delta**2, axis=(1, 2)), 1e-300)
    last = np.sum((delta - distances(points)) ** 2, axis=(1, 2))
    diagonal = np.arange(n)
    for used in range(1, steps + 1):
        length = distances(points)
        ratio = np.divide(delta, length, out=np.zeros_like(delta), where=length > 1e-12)
        weight = -ratio
        weight[:, diagonal, diagonal] += ratio.sum(axis=2)
        points = weight @ points / n
        raw = np.sum((delta - distances(points)) ** 2, axis=(1, 2))
        if np.all(last - raw <= tolerance * scale):
            return points, used
        last = raw
    return points, steps


def stress(delta: Array, points: Array) -> Array:
    """Kruskal's stress-1 of each map; 0 where all points coincide as they should."""
    length = distances(points)
    total = np.sum(length**2, axis=(1, 2))
    off = np.sum((delta - length) ** 2, axis=(1, 2))
    return np.asarray(np.sqrt(np.divide(off, total, out=np.zeros_like(off), where=total > 0)))


def laid_onto(points: Array, target: Array) -> Array:
    """A stack of maps turned, mirrored and scaled to lie on a target as well as they can (Procrustes)."""
    moved, wanted = points - points.mean(axis=1, keepdims=True), target - target.mean(axis=0)
    u, s, vt = np.linalg.svd(np.swapaxes(moved, 1, 2) @ wanted)
    size = np.sum(moved**2, axis=(1, 2))
    scale = np.divide(s.sum(axis=1), size, out=np.ones_like(size), where=size > 0)
    return np.asarray(scale[:, None, None] * (moved @ (u @ vt)) + target.mean(axis=0))
