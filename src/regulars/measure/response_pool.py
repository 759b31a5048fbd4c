"""What channels tell of one another: where, around the mean spend, half-saturation lies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]
FEWEST: Final = 3
# Beliefs about the company: its channels centre within a factor of 2 of the mean spend, and differ by 1.3 to 2.7.
_CENTRE_SD: Final = 0.7
_CENTRES: Final = np.linspace(-2.0, 2.0, 41)
_SPREADS: Final = np.array([0.3, 0.5, 0.75, 1.0])


def pooled_halves(evidence: Mapping[str, Array], steps: Array, sd: float) -> dict[str, Array]:
    """Log belief about log(half / mean spend) on ``steps`` for every channel, learned from the other channels.

    Formula: u_c ~ N(m, s^2) with m ~ N(0, 0.7^2) and s uniform on four values; what channel c is told is the mixture
    of N(m, s^2) over the posterior of (m, s) given the evidence of all other channels, so nothing is counted twice.
    ``evidence`` are log marginal likelihoods on ``steps``. With fewer than three channels it is N(0, sd^2).

    Source: partial pooling as in Gelman and Hill (2007), chapter 12.

    >>> told = pooled_halves({"a": np.zeros(3), "b": np.zeros(3)}, np.array([-1.0, 0.0, 1.0]), 1.0)
    >>> (told["a"] + 0.0).tolist()
    [-0.5, 0.0, -0.5]
    """
    if len(evidence) < FEWEST:
        return dict.fromkeys(evidence, -0.5 * (steps / sd) ** 2)
    centre, spread = (a.ravel() for a in np.meshgrid(_CENTRES, _SPREADS, indexing="ij"))
    law = -0.5 * ((steps[None, :] - centre[:, None]) / spread[:, None]) ** 2
    law = law - special.logsumexp(law, axis=1, keepdims=True)
    each = {c: special.logsumexp(law + told[None, :], axis=1) for c, told in evidence.items()}
    whole = -0.5 * (centre / _CENTRE_SD) ** 2 + sum(each.values())
    return {c: special.logsumexp(law + (whole - own)[:, None], axis=0) for c, own in each.items()}
