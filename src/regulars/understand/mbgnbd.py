"""MBG/NBD: BG/NBD in which a customer may leave right after the first purchase."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from regulars.understand.bgnbd import BetaGeo
from regulars.understand.dropout import purchases_before_leaving

Vector = NDArray[np.float64]


class ModifiedBetaGeo(BetaGeo):
    r"""Modified beta-geometric / NBD model: one-time buyers may be gone too.

    As ``BetaGeo``, but a customer may leave with probability p after *every*
    purchase, the first included, so the chance that a one-time buyer is still
    there falls with time, which is what an owner sees in the shop:

    .. math::
        P(alive) = \Big[1 + \tfrac{a}{b+x}
        \big(\tfrac{\alpha+T}{\alpha+t_x}\big)^{r+x}\Big]^{-1} \quad (x \ge 0)

    Parameters, attributes and methods are those of ``BetaGeo``.

    Examples
    --------
    >>> from regulars.understand import ModifiedBetaGeo
    >>> model = ModifiedBetaGeo(penalizer=0.1).fit({"frequency": [0, 0, 2, 5, 1, 0, 9],
    ...     "recency": [0, 0, 20, 33, 9, 0, 35], "T": [38.0, 35, 30, 37, 36, 29, 38]})
    >>> bool(model.p_alive(0, 0, 1) > model.p_alive(0, 0, 38))
    True

    References
    ----------
    Batislam, Denizel and Filiztekin (2007), "Empirical validation and
    comparison of models for customer base analysis", IJRM 24(3).
    """

    name: ClassVar[str] = "mbg_nbd"
    _shift: ClassVar[int] = 1

    def _expected_new(self, p: Vector, t: Vector) -> Vector:
        r, alpha, a, b = p
        return np.asarray(b / (a + b) * purchases_before_leaving(np.asarray(r), t / alpha, a, np.asarray(b + 1.0)))
