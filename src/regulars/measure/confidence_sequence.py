"""Intervals that stay right however often one looks: a normal mixture, and an exact one for shares of few people."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Vector = NDArray[np.float64]
# From here on the normal law holds well enough for the simulations in tests/measure/test_confidence_sequence.py.
FEWEST: Final = 50
# Both outcomes of a share must have been seen this often before its normal law is trusted.
FEWEST_CASES: Final = 10


def tuned(expected: float, level: float = 0.95) -> float:
    """Information per unit that makes the sequence tightest at ``expected`` units.

    ``(-2 log a + log(1 - 2 log a)) / expected`` with a = 1 - level.
    Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Ann. Stat. 52(6), appendix B.2.
    """
    a = 1 - level
    return (-2 * math.log(a) + math.log(1 - 2 * math.log(a))) / expected


def half_width(se: ArrayLike, information: ArrayLike, level: float = 0.95, *, one_sided: bool = False) -> Vector:
    """Half the width of the sequence around an estimate with standard error ``se``.

    With ``information`` e (squared prior scale over squared standard error; it must grow with the data):
    ``se sqrt(2 (1 + 1/e) log(sqrt(1 + e) / a))``, one-sided ``log(1 + sqrt(1 + e) / (2 a))``.

    Source: Robbins (1970), Ann. Math. Stat. 41:1397; Waudby-Smith et al. (2024), eq. 9 and 14.

    >>> round(float(half_width(1.0, 8.2)), 3)  # the price of peeking: 1.96 at a fixed end
    3.035
    """
    e, a = np.asarray(information, dtype=float), 1 - level
    root = np.sqrt(1 + e)
    logs = np.log1p(root / (2 * a)) if one_sided else np.log(root / a)
    return np.asarray(np.asarray(se, dtype=float) * np.sqrt(2 * (1 + 1 / e) * logs), dtype=float)


def sequence_p(z: ArrayLike, information: ArrayLike, *, one_sided: bool = False) -> Vector:
    """Always-valid p-value of z = estimate / se: below ``a`` exactly when the sequence at 1 - a leaves out zero.

    >>> half = half_width(1.0, 8.2)
    >>> round(float(sequence_p(half, 8.2)), 6)
    0.05
    """
    z_, e = np.asarray(z, dtype=float), np.asarray(information, dtype=float)
    power = z_**2 * e / (2 * (1 + e))
    if not one_sided:
        return np.asarray(np.minimum(np.sqrt(1 + e) * np.exp(-power), 1.0))
    with np.errstate(over="ignore", divide="ignore"):
        p = np.sqrt(1 + e) / (2 * np.expm1(power))
    return np.asarray(np.where(z_ > 0, np.minimum(p, 1.0), 1.0))


def _log_likelihood(x: Vector, n: Vector, p: Vector) -> Vector:
    return np.asarray(special.xlogy(x, p) + special.xlog1py(n - x, -p), dtype=float)


def held_apart(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, d: ArrayLike) -> Vector:
    """The second of the two likeliest shares that differ by exactly d; the first is d above it.

    Source: Miettinen and Nurminen (1985), Statistics in Medicine 4:213, appendix 1 (a cubic in closed form).

    >>> held_apart(8, 10, 4, 10, 0.0).round(6).item()  # no difference: the pooled share
    0.6
    """
    x1, n1, x0, n0, d = (np.asarray(v, dtype=float) for v in (x1, n1, x0, n0, d))
    n, x = np.maximum(n1 + n0, 1.0), x1 + x0
    a0, a1, a2 = x0 * d * (1 - d), (n0 * d - n - 2 * x0) * d + x, (n + n0) * d - n - x
    third = a2 / (3 * n)
    c = third**3 - a1 * a2 / (6 * n**2) + a0 / (2 * n)
    b = np.where(c >= 0, 1.0, -1.0) * np.sqrt(np.maximum(third**2 - a1 / (3 * n), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = (np.pi + np.arccos(np.clip(np.where(b == 0, 0.0, c / b**3), -1, 1))) / 3
    return np.asarray(np.clip(2 * b * np.cos(angle) - third, np.maximum(0.0, -d), np.minimum(1.0, 1 - d)))


def share_evidence(x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, d: ArrayLike = 0.0) -> Vector:
    """Log of the evidence against "the shares differ by d"; one over it is an always-valid p-value.

    Each arm's chance under a Beta(1/2, 1/2) mixture of shares, over the largest chance any two
    shares d apart could give. Under the truth this is below a martingale that starts at 1, so it passes 1/a with a
    chance of at most a, at any number of people and whenever one looks (Ville).

    Source: Robbins (1970); Wasserman, Ramdas and Balakrishnan (2020), PNAS 117(29), section 8 (mixture and likelihood).
    """
    x1, n1, x0, n0, d = (np.asarray(v, dtype=float) for v in (x1, n1, x0, n0, d))
    mixed = [special.betaln(x + 0.5, n - x + 0.5) - special.betaln(0.5, 0.5) for x, n in ((x1, n1), (x0, n0))]
    p0 = held_apart(x1, n1, x0, n0, d)
    with np.errstate(divide="ignore"):
        best = _log_likelihood(x1, n1, np.clip(p0 + d, 0.0, 1.0)) + _log_likelihood(x0, n0, p0)
    return np.asarray(mixed[0] + mixed[1] - best)


def share_sequence(
    x1: ArrayLike, n1: ArrayLike, x0: ArrayLike, n0: ArrayLike, level: float = 0.95
) -> tuple[Vector, Vector]:
    """Exact confidence sequence of the difference of two shares, by any number of people; wide, never wrong.

    All d that ``share_evidence`` does not speak against, found by bisection.

    >>> low, high = share_sequence(9, 10, 1, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.1, 0.996)
    """
    x1, n1, x0, n0 = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (x1, n1, x0, n0)))
    bar, seen = -math.log(1 - level), x1 / np.maximum(n1, 1) - x0 / np.maximum(n0, 1)
    ends = []
    for edge in (-1.0, 1.0):
        out, inside = np.full(seen.shape, edge), seen.copy()
        for _ in range(50):
            middle = (out + inside) / 2
            beyond = share_evidence(x1, n1, x0, n0, middle) > bar
            out, inside = np.where(beyond, middle, out), np.where(beyond, inside, middle)
        ends.append(np.where(share_evidence(x1, n1, x0, n0, np.full(seen.shape, edge)) > bar, out, edge))
    return ends[0], ends[1]
