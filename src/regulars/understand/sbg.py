"""sBG: how long contracts are renewed, and why the retention rate of a cohort rises with age."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from regulars.understand.bdw import BetaDiscreteWeibull

Vector = NDArray[np.float64]


class ShiftedBetaGeometric(BetaDiscreteWeibull):
    r"""Shifted-beta-geometric model of contract renewal.

    Each customer leaves at every renewal with an own, constant probability
    :math:`\theta \sim Beta(\alpha, \beta)`:

    .. math::
        S(t) = \frac{B(\alpha, \beta + t)}{B(\alpha, \beta)}, \qquad
        r(t) = \frac{\beta + t - 1}{\alpha + \beta + t - 1}

    Nobody becomes more loyal; the restless leave first, so the retention r(t) of
    those who remain rises. A constant churn rate misses that, and with it the
    worth of old customers. Parameters, attributes and methods are those of
    ``BetaDiscreteWeibull`` with c = 1.

    Examples
    --------
    >>> model = ShiftedBetaGeometric().fit_curve([1000, 869, 743, 653, 593, 551, 517, 491])
    >>> round(model.alpha_, 3), round(model.beta_, 3), model.survival([8, 12]).round(3).tolist()
    (0.668, 3.806, [0.46, 0.378])

    References
    ----------
    Fader and Hardie (2007), "How to Project Customer Retention", Journal of
    Interactive Marketing 21(1), eq. 5-7.
    """

    name: ClassVar[str] = "sbg"
    PARAMETERS: ClassVar[tuple[str, ...]] = ("alpha", "beta")
    TYPICAL: ClassVar[tuple[float, ...]] = (0.8, 3.0)

    def _power(self, p: Vector, t: Vector) -> tuple[Vector, Vector, Vector]:
        nothing = np.zeros_like(t)
        return t, nothing, nothing
