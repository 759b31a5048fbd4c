"""Lumpy demand, where most periods sell nothing: Croston's method, its corrected form and TSB, many series at once."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kind = Literal["croston", "sba", "tsb"]
# Cut-offs of the four kinds of demand (Syntetos, Boylan & Croston 2005, JORS 56:495).
ADI_CUT: Final = 1.32
CV2_CUT: Final = 0.49
RATES: Final = (0.05, 0.1, 0.2, 0.3)
KINDS: Final = ("smooth", "intermittent", "erratic", "lumpy")


def demand_kind(y: Array) -> NDArray[np.str_]:
    """What kind of demand each row is: smooth, intermittent, erratic or lumpy.

    ``ADI`` = periods per period with a sale; ``CV2`` = squared coefficient of variation of the sales that were not 0.

    >>> demand_kind(np.array([[5.0, 6, 5, 6], [0, 0, 5, 5], [1, 9, 1, 30], [0, 0, 1, 30]])).tolist()
    ['smooth', 'intermittent', 'erratic', 'lumpy']
    """
    known = np.isfinite(y)
    sold = known & (y != 0)
    n = np.maximum(sold.sum(axis=1), 1)
    adi = known.sum(axis=1) / n
    mean = np.where(sold, y, 0.0).sum(axis=1) / n
    spread = np.where(sold, (y - mean[:, None]) ** 2, 0.0).sum(axis=1) / n
    cv2 = spread / np.where(mean != 0, mean**2, 1.0)
    return np.asarray(np.array(KINDS)[(adi >= ADI_CUT) * 1 + (cv2 >= CV2_CUT) * 2])


def croston(y: Array, horizon: int, kind: Kind = "sba", rates: tuple[float, ...] = RATES) -> Array:
    """Expected demand per period, flat over the horizon.

    Croston smooths the size of a sale ``z`` and the periods between two ``p`` when there is a sale and says ``z / p``;
    SBA takes its bias off, ``(1 - alpha / 2) z / p``; TSB smooths the chance of a sale in every period and says
    ``chance * z``, so that a product nobody buys any more fades out. The rate is the one of ``rates`` whose one-step
    forecasts had the smallest squared error.

    Args:
        y: (series, time), NaN only before a series begins.
        horizon: how many periods ahead.
        kind: ``croston``, ``sba`` or ``tsb``.

    Raises ``ValueError`` for another kind.
    Source: Croston (1972), ORQ 23:289; Syntetos & Boylan (2005), IJF 21:303; Teunter, Syntetos & Babai (2011),
    EJOR 214:606.

    >>> croston(np.array([[0.0, 4, 0, 4, 0, 4]]), 2, "croston", (0.1,)).tolist()
    [[2.0, 2.0]]
    """
    if kind not in ("croston", "sba", "tsb"):
        raise ValueError(f"kind must be croston, sba or tsb, got {kind!r}")
    alpha = np.array(rates)
    said, loss = _run(y, alpha, kind)
    best = said[np.arange(len(y)), np.argmin(loss, axis=1)]
    return np.repeat(best[:, None], horizon, axis=1)


def _run(y: Array, alpha: Array, kind: Kind) -> tuple[Array, Array]:
    n = len(y)
    known, sold = np.isfinite(y), np.isfinite(y) & (y != 0)
    any_sold = sold.any(axis=1)
    first = np.where(any_sold, sold.argmax(axis=1), y.shape[1])
    begin = np.where(known.any(axis=1), known.argmax(axis=1), 0)
    size = np.repeat(np.where(any_sold, y[np.arange(n), np.minimum(first, y.shape[1] - 1)], 0.0)[:, None],
                     len(alpha), axis=1)  # fmt: skip
    gap = np.repeat((first - begin + 1.0)[:, None], len(alpha), axis=1)
    chance = 1.0 / gap
    waited, loss = np.ones(n), np.zeros_like(size)
    for t in range(y.shape[1]):
        after = (t > first)[:, None]
        if not after.any():
            continue
        now = y[:, t, None]
        error = np.where(after, now - _said(size, gap, chance, alpha, kind), 0.0)
        loss += error * error
        hit = after & sold[:, t, None]
        size = np.where(hit, size + alpha * (now - size), size)
        gap = np.where(hit, gap + alpha * (waited[:, None] - gap), gap)
        chance = np.where(after, chance + alpha * (sold[:, t, None] - chance), chance)
        waited = np.where(sold[:, t] | (t <= first), 1.0, waited + 1.0)
    return np.where(any_sold[:, None], _said(size, gap, chance, alpha, kind), 0.0), loss


def _said(size: Array, gap: Array, chance: Array, alpha: Array, kind: Kind) -> Array:
    if kind == "tsb":
        return chance * size
    return size / gap * ((1 - alpha / 2) if kind == "sba" else 1.0)
