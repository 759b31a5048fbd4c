"""Forecasts that add up: the company is the sum of its markets, and of its channels, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Method = Literal["mint", "wls", "ols", "bottom_up"]
METHODS: Final = ("mint", "wls", "ols", "bottom_up")
Parts = Sequence[tuple[int, Sequence[int]]]
# From here on, the covariance of all pairs is mostly noise and mostly cost.
MOST_FULL: Final = 1200


def reconcile(
    ahead: Array, parts: Parts, errors: Array | None = None, *, method: Method = "mint",
    positive: NDArray[np.bool_] | None = None,
) -> Array:  # fmt: skip
    """The closest forecasts to ``ahead`` that add up.

    With one row of ``C`` for every sum (1 for the whole, -1 for each part), ``C y = 0`` must hold and
    ``y~ = y - W C' (C W C')^+ C y``; ``W`` is the covariance of the errors, shrunk (``mint``), their
    variances (``wls``), the identity (``ols``); ``bottom_up`` believes the parts alone.

    Args:
        ahead: (series, steps) as foretold one by one.
        parts: (whole, its parts) by place; a whole may have several sets of parts, a part may be a whole.
        errors: (series, samples) of the same forecasts on the past; without them ``ols``.
        method: whom to believe.
        positive: (series,) which must not fall below zero; such a forecast is held at zero and the rest adapts.

    Returns (series, steps); a whole that differs from its sum by more than rounding is an error.
    Raises ``ValueError`` for another method, a whole that is part of itself, ``bottom_up`` with two sets of parts.
    Source: Wickramasuriya, Athanasopoulos & Hyndman (2019), JASA 114:804; Schafer & Strimmer (2005) for the shrinkage;
    Di Fonzo & Girolimetto (2023), IJF 39:39 for the form with constraints.

    >>> reconcile(np.array([[10.0], [4.0], [3.0]]), [(0, (1, 2))], method="ols").round(6).tolist()
    [[9.0], [5.0], [4.0]]
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    whole_parts = [(whole, tuple(own)) for whole, own in parts if len(own)]
    if not whole_parts:
        return ahead
    order = _from_below(whole_parts)
    if method == "bottom_up":
        if len(order) < len(whole_parts):
            raise ValueError("bottom_up needs one set of parts for each whole; choose mint, wls or ols")
        return _summed(ahead.copy(), order)
    sums = np.zeros((len(whole_parts), len(ahead)))
    for row, (whole, own) in enumerate(whole_parts):
        sums[row, whole] = 1.0
        sums[row, list(own)] -= 1.0
    weights = _weights(len(ahead), errors, method)
    said = _projected(ahead, sums, weights)
    if positive is not None:
        said = _held_up(ahead, said, sums, weights, positive)
    return said


def _projected(ahead: Array, sums: Array, weights: Array) -> Array:
    reach = weights @ sums.T
    gain = reach @ np.linalg.pinv(sums @ reach, hermitian=True)
    said = ahead - gain @ (sums @ ahead)
    # Once more takes the rounding of the first pass away.
    return np.asarray(said - gain @ (sums @ said))


def _held_up(ahead: Array, said: Array, sums: Array, weights: Array, positive: NDArray[np.bool_]) -> Array:
    """Hold what fell below zero at zero and reconcile the rest again, step by step of the horizon."""
    held = (said < 0) & positive[:, None]
    for step in np.flatnonzero(held.any(axis=0)):
        own, column = held[:, step], said[:, step]
        for _ in range(len(own)):
            free = np.where(own, 0.0, 1.0)
            column = _projected(np.where(own, 0.0, ahead[:, step])[:, None], sums, weights * np.outer(free, free))[:, 0]
            more = (column < -1e-9 * (1 + np.abs(ahead[:, step]))) & positive & ~own
            if not more.any():
                break
            own = own | more
        said[:, step] = np.where(own, 0.0, np.where(positive, np.maximum(column, 0.0), column))
    return said


def _weights(n: int, errors: Array | None, method: str) -> Array:
    if method == "ols" or errors is None:
        return np.eye(n)
    seen = np.isfinite(errors)
    count = seen.sum(axis=1)
    tested = count > 0
    if not tested.any():
        return np.eye(n)
    spread = np.where(seen, errors**2, 0.0).sum(axis=1) / np.maximum(count, 1)
    # A series nobody could test is trusted as little as the worst one.
    spread = np.maximum(np.where(tested, spread, spread.max()), 1e-9 * max(float(spread.max()), 1e-300))
    known = errors[np.ix_(tested, seen[tested].all(axis=0))]
    if method == "wls" or known.shape[1] < 4 or n > MOST_FULL:
        return np.diag(spread)
    together = np.eye(n)
    together[np.ix_(tested, tested)] = shrunk_correlation(known)
    return together * np.sqrt(np.outer(spread, spread))


def shrunk_correlation(errors: Array) -> Array:
    """Correlations (series, series) of errors (series, samples), pulled towards none by the noise in them.

    ``lambda = sum var(r_ij) / sum r_ij^2`` over the pairs, between 0 and 1.
    """
    n = errors.shape[1]
    centred = errors - errors.mean(axis=1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=1, keepdims=True))
    z = centred / np.where(spread > 0, spread, 1.0)
    r = z @ z.T / n
    noise = ((z**2) @ (z**2).T / n - r**2) / max(n - 1, 1)
    off = ~np.eye(len(r), dtype=bool)
    below = float((r[off] ** 2).sum())
    shrink = 1.0 if below <= 0 else float(np.clip(noise[off].sum() / below, 0.0, 1.0))
    out = (1 - shrink) * r
    np.fill_diagonal(out, 1.0)
    return np.asarray(out)


def _from_below(parts: Sequence[tuple[int, tuple[int, ...]]]) -> list[tuple[int, tuple[int, ...]]]:
    """The sums in an order in which every part is known before its whole; one set of parts each."""
    first = dict(reversed(parts))
    done: dict[int, tuple[int, ...]] = {}

    def visit(whole: int, above: frozenset[int]) -> None:
        if whole in above:
            raise ValueError(f"series {whole} is a part of itself")
        if whole in done or whole not in first:
            return
        for part in first[whole]:
            visit(part, above | {whole})
        done[whole] = first[whole]

    for whole in first:
        visit(whole, frozenset())
    return list(done.items())


def _summed(ahead: Array, order: list[tuple[int, tuple[int, ...]]]) -> Array:
    for whole, own in order:
        ahead[whole] = ahead[list(own)].sum(axis=0)
    return ahead
