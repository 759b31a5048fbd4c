"""Synthetic controls: what would have happened, as a weighted mean of what happened elsewhere."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
TOLERANCE: Final = 1e-9
MOST_STEPS: Final = 4000


def onto_simplex(points: Array) -> Array:
    """The nearest points whose entries are not negative and add up to one; (..., n) to (..., n).

    Source: Duchi et al. (2008), "Efficient Projections onto the l1-Ball", algorithm 1.

    >>> onto_simplex(np.array([0.8, 0.6])).round(3).tolist()
    [0.6, 0.4]
    """
    n = points.shape[-1]
    down = -np.sort(-points, axis=-1)
    over = np.cumsum(down, axis=-1) - 1.0
    active = down - over / np.arange(1, n + 1) > 0
    last = n - 1 - np.argmax(active[..., ::-1], axis=-1)
    shift = np.take_along_axis(over, last[..., None], axis=-1) / (last[..., None] + 1)
    nearest: Array = np.maximum(points - shift, 0.0)
    return nearest


def synthetic_weights(target: Array, donors: Array, allowed: NDArray[np.bool_], ridge: float) -> Array:
    """Weights of donors that follow each target best before the test, for many targets at once.

    Minimises ``|y - X w|^2 + ridge |w|^2`` over ``w >= 0, sum w = 1`` by accelerated projected gradient;
    stops when the duality gap shows that no weights are better by more than a billionth of ``|y|^2``.

    Args:
        target: (targets, times), each with its mean taken off.
        donors: (donors, times), each with its mean taken off.
        allowed: (targets, donors); who may stand in for whom.
        ridge: pulls towards equal weights; above zero the answer is unique.

    Returns (targets, donors). Source: Abadie, Diamond & Hainmueller (2010), JASA 105:493; the penalty as in
    Arkhangelsky et al. (2021), AER 111:4088.
    """
    gram = donors @ donors.T + ridge * np.eye(len(donors))
    pull = target @ donors.T
    size = np.maximum((target**2).sum(axis=1), 1e-300)
    step = 1.0 / max(float(np.linalg.eigvalsh(gram)[-1]), 1e-300)
    weights: Array = allowed / allowed.sum(axis=1, keepdims=True)
    ahead, momentum = weights, 1.0
    barred = np.where(allowed, 0.0, np.inf)
    for _ in range(MOST_STEPS):
        slope = ahead @ gram - pull
        new = onto_simplex(np.where(allowed, ahead - step * slope, -1e18))
        slope = new @ gram - pull
        # Frank-Wolfe gap: an upper bound of what any other weights could still save.
        gap = (new * slope).sum(axis=1) - (slope + barred).min(axis=1)
        if (gap <= TOLERANCE * size).all():
            return new
        speed = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        turned = ((ahead - new) * (new - weights)).sum() > 0
        ahead = new if turned else new + (momentum - 1) / speed * (new - weights)
        weights, momentum = new, 1.0 if turned else speed
    return weights
