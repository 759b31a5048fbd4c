"""Noise of a mix that lasts: a good week is followed by a good week, and counts for less than two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulars.measure.laplace import laplace
from regulars.measure.mix_density import MixDensity

Array = NDArray[np.float64]
TRIED: Final = tuple(np.round(np.arange(0.0, 0.95, 0.1), 1).tolist())
# Twice the log likelihood that lasting noise must gain to be believed: white noise passes once in about twenty.
CLEAR: Final = 2.7
_SIGMAS: Final = np.linspace(-1.2, 0.6, 13)


def estimated(make: Callable[[float], MixDensity], rng: np.random.Generator) -> float:
    r"""The carry :math:`\varphi` of the noise most likely with the base integrated out; 0 where it is not clear.

    At the top of the posterior without carry, the marginal likelihood of each :math:`\varphi` with its own best
    :math:`\sigma`; a parabola through the best three. Residuals alone would tell too little: a flexible base takes
    part of what lasts.

    Args:
        make: the density for a carry.
        rng: of the starts.
    """
    plain = make(0.0)
    starts = np.concatenate([np.median(plain.beliefs.draw(400, rng), axis=0)[None], plain.beliefs.draw(1, rng)])
    top = laplace(plain, starts).mode
    rows = np.repeat(top[None], len(_SIGMAS), axis=0)
    rows[:, -1] += _SIGMAS
    levels = np.array([_level(make(phi), rows, phi) for phi in TRIED])
    best = int(np.argmax(levels))
    if best == 0 or 2 * (levels[best] - levels[0]) < CLEAR:
        return 0.0
    if best == len(TRIED) - 1:
        return float(TRIED[best])
    a, b, c = levels[best - 1 : best + 2]
    return float(np.clip(TRIED[best] + 0.05 * (a - c) / min(a - 2 * b + c, -1e-9), 0.0, TRIED[-1]))


def _level(density: MixDensity, rows: Array, phi: float) -> float:
    top = float(np.max(density(rows)[0]))
    return top + 0.5 * float(density.geos) * float(np.log1p(-(phi**2)))
