"""Whether chains tell the same story, and how many independent draws they are worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Array = NDArray[np.float64]


def r_hat(chains: Array) -> Array:
    """Rank-normalised split potential scale reduction, (D,), of draws (chains, draws, D): 1 where chains agree.

    The larger of that of the draws and of their distances from the median.
    Source: Vehtari et al. (2021), "Rank-normalization, folding, and localization", eq. 4 and section 3.3.

    >>> r_hat(np.random.default_rng(0).normal(size=(4, 200, 1))).round(2).tolist()
    [1.0]
    """
    parts = _halves(chains)
    folded = np.abs(parts - np.median(parts, axis=(0, 1)))
    return np.maximum(_plain(_normal_ranks(parts)), _plain(_normal_ranks(folded)))


def ess(chains: Array) -> Array:
    """Effective number of draws (D,) behind a mean, by Geyer's initial monotone sequence over split chains.

    >>> bool(400 < ess(np.random.default_rng(0).normal(size=(4, 200, 1)))[0] < 1600)
    True
    """
    parts = _halves(chains)
    m, n = parts.shape[:2]
    centred = parts - parts.mean(axis=1, keepdims=True)
    spectrum = np.fft.rfft(centred, 2 * n, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :n].mean(axis=0) / n
    within = covariance[0] * n / (n - 1)
    total = within * (n - 1) / n + parts.mean(axis=1).var(axis=0, ddof=1)
    out = np.full(parts.shape[2], float(m * n))
    moving = total > 0
    rho = 1 - (within[moving] - covariance[:, moving]) / total[moving]
    rho[0] = 1.0
    pairs = rho[: n - n % 2].reshape(n // 2, 2, -1).sum(axis=1)
    pairs = np.minimum.accumulate(np.where(np.minimum.accumulate(pairs > 0, axis=0), pairs, 0.0), axis=0)
    out[moving] = m * n / np.maximum(2 * pairs.sum(axis=0) - 1, 1 / np.log10(max(m * n, 10)))
    return out


def _halves(chains: Array) -> Array:
    half = chains.shape[1] // 2
    return np.concatenate([chains[:, :half], chains[:, half : 2 * half]])


def _normal_ranks(parts: Array) -> Array:
    flat = parts.reshape(-1, parts.shape[2])
    rank = stats.rankdata(flat, axis=0)
    return np.asarray(special.ndtri((rank - 0.375) / (len(flat) + 0.25))).reshape(parts.shape)


def _plain(parts: Array) -> Array:
    n = parts.shape[1]
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = parts.mean(axis=1).var(axis=0, ddof=1)
    return np.asarray(np.sqrt(np.where(within > 0, (n - 1) / n + between / np.where(within > 0, within, 1), 1.0)))
