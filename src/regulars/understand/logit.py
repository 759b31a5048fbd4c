"""The chance of one more purchase, or of belonging to a segment, from given weights."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

# Beyond this 1 / (1 + e^-z) is 1 in double precision: every customer looks the same.
SATURATED = 36.7


class UnscaledFeatures(UserWarning):
    """The features are so large beside their weights that every answer is 0 or 1."""


def logit_probability(weights: ArrayLike, features: ArrayLike, intercept: float = 0.0) -> float:
    r"""The probability a logistic model gives: :math:`1 / (1 + e^{-z})`, z = intercept + weights . features.

    Warns with ``UnscaledFeatures`` when |z| is beyond double precision: money in
    units of one beside shares between 0 and 1 decides alone. Standardise the
    features and estimate the weights again.

    >>> round(logit_probability((0.5, 0.3, 0.2), (5, 8, 1), intercept=1.0), 5)
    0.99776
    """
    w, x = np.asarray(weights, dtype=np.float64), np.asarray(features, dtype=np.float64)
    if w.shape != x.shape:
        raise ValueError(f"{w.size} weights do not fit {x.size} features")
    z = intercept + float(np.sum(w * x))
    if abs(z) > SATURATED:
        warnings.warn(
            f"the score is {z:.1f}, so the probability is {expit(z):.0f} to double precision for everybody near: "
            "standardise the features (subtract the mean, divide by the standard deviation) and fit the weights again",
            UnscaledFeatures,
            stacklevel=2,
        )
    return float(expit(z))
