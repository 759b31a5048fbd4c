"""What matters how much: weights from pairwise comparisons, how well they agree, and which one to think over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array

# Mean consistency index of random judgements, Saaty (1980), by number of criteria.
_RANDOM: Final = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
MOST: Final = len(_RANDOM) - 1
# Saaty's limit: above it, judge again.
AGREE: Final = 0.1
# How far apart judgements may be: "absolutely more important".
_SCALE: Final = 9.0
# Comparisons tried out one by one; the cure is never far down the list.
_TRIED: Final = 12


@dataclass(frozen=True)
class Doubt:
    """One comparison seen against all others.

    ``given`` is the judgement, ``others`` what all the other comparisons say it should be, ``consistency_ratio`` what
    would be left if it said that. ``row`` and ``column`` are places in the list of criteria, from 0.
    """

    row: int
    column: int
    given: float
    others: float
    consistency_ratio: float


@dataclass(frozen=True)
class Weights:
    """Weights of the criteria, the largest eigenvalue, and the consistency ratio (above 0.1: judge again).

    ``missing`` comparisons were left out and follow from the others. ``doubts``: the comparisons that fit worst,
    first the one whose change would mend most.
    """

    weights: tuple[float, ...]
    eigenvalue: float
    consistency_ratio: float
    missing: int = 0
    doubts: tuple[Doubt, ...] = ()

    @property
    def consistent(self) -> bool:
        """Whether the judgements agree well enough to be used."""
        return self.consistency_ratio <= AGREE


def ahp(judgements: ArrayLike, names: Sequence[str] | None = None) -> Weights:
    """Weights from pairwise judgements ("reach matters 3 times as much as price"); some may be left out as NaN.

    Formula: the principal eigenvector of the reciprocal matrix; CI = (lambda - n) / (n - 1); CR = CI / RI(n). Left
    out comparisons take the values that make lambda least (a convex problem in their logarithms, with one solution
    when all criteria hang together); RI is then RI(n) (1 - 2 m / ((n - 1)(n - 2))) for m left out.

    Args:
        judgements: square table; the entry (i, j) says how many times i matters as much as j; the entry (j, i) is
            one over it, or NaN as well.
        names: the criteria in words, for messages.

    Raises ``ValueError`` when the table is not square, positive and reciprocal, has more than 15 criteria, or leaves
    out so much that two groups of criteria are never compared (it names them).

    Source: Saaty, The Analytic Hierarchy Process (1980); Bozoki, Fulop and Ronyai, Mathematical and Computer
    Modelling 52 (2010) 318-333 for what is left out; Agoston and Csato, European Journal of Operational Research 300
    (2022) 927-937 for its random index.

    >>> w = ahp([[1, 3, 5], [1/3, 1, 2], [1/5, 1/2, 1]])
    >>> [round(x, 5) for x in w.weights], round(w.eigenvalue, 6), round(w.consistency_ratio, 4)
    ([0.64833, 0.22965, 0.12202], 3.003695, 0.0032)
    """
    given = _checked(np.asarray(judgements, dtype=float))
    n = len(given)
    gaps = [(i, j) for i, j in combinations(range(n), 2) if np.isnan(given[i, j])]
    _connected(given, names)
    whole = _completed(given, gaps)
    eigenvalue, weights = _principal(whole)
    ratio = _ratio(eigenvalue, n, len(gaps))
    return Weights(tuple(weights.tolist()), eigenvalue, ratio, len(gaps), _doubts(given, whole, gaps, ratio))


def _checked(m: Array) -> Array:
    if m.ndim != 2 or m.shape[0] != m.shape[1] or not 1 <= len(m) <= MOST:
        raise ValueError(f"judgements have shape {m.shape}: give a square table of 1 to {MOST} criteria")
    m = m.copy()
    np.fill_diagonal(m, np.where(np.isnan(np.diag(m)), 1.0, np.diag(m)))
    # Half a pair says the other half.
    m = np.where(np.isnan(m) & ~np.isnan(m.T), 1.0 / np.where(m.T == 0, np.nan, m.T), m)
    known = ~np.isnan(m)
    with np.errstate(invalid="ignore"):
        wrong = known & ~((m > 0) & np.isfinite(m) & np.isclose(m * m.T, 1.0, rtol=1e-6))
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        raise ValueError(f"judgement ({i + 1}, {j + 1}) must be above 0 and 1 / judgement ({j + 1}, {i + 1})")
    return m


def _connected(m: Array, names: Sequence[str] | None) -> None:
    """Raise where the comparisons fall into groups that are never compared with each other."""
    reach = np.linalg.matrix_power((~np.isnan(m)).astype(float), len(m)) > 0
    if not reach.all():
        called = list(names) if names else [str(k + 1) for k in range(len(m))]
        one = [called[k] for k in np.flatnonzero(reach[0])]
        rest = [called[k] for k in np.flatnonzero(~reach[0])]
        raise ValueError(
            f"nothing compares {', '.join(one)} with {', '.join(rest)}: judge at least one pair across the two groups"
        )


def _completed(m: Array, gaps: list[tuple[int, int]]) -> Array:
    """The table with the left out comparisons at the values that make the largest eigenvalue least."""
    if not gaps:
        return m
    from scipy.optimize import minimize

    at = tuple(np.array(side) for side in zip(*gaps, strict=True))
    filled = m.copy()

    def put(x: Array) -> None:
        filled[at], filled[at[::-1]] = np.exp(x), np.exp(-x)

    def goal(x: Array) -> tuple[float, Array]:
        put(x)
        values, right = np.linalg.eig(filled)
        top = int(np.argmax(values.real))
        w = np.abs(right[:, top].real)
        left_values, left = np.linalg.eig(filled.T)
        y = np.abs(left[:, int(np.argmax(left_values.real))].real)
        slope = (y[at[0]] * w[at[1]] * filled[at] - y[at[1]] * w[at[0]] * filled[at[::-1]]) / float(y @ w)
        return float(values[top].real), slope

    logs = _log_least_squares(m)
    found: Any = minimize(goal, logs[at[0]] - logs[at[1]], jac=True, method="BFGS", options={"gtol": 1e-11})
    put(found.x)
    return filled


def _log_least_squares(m: Array) -> Array:
    """Logarithms of weights that fit the known comparisons best; exact for consistent ones."""
    known = ~np.isnan(m)
    np.fill_diagonal(known, False)
    tie = np.diag(known.sum(axis=1)) - known.astype(float)
    aim = np.where(known, np.log(np.where(known, m, 1.0)), 0.0).sum(axis=1)
    return np.asarray(np.linalg.lstsq(tie, aim, rcond=None)[0])


def _principal(m: Array) -> tuple[float, Array]:
    values, vectors = np.linalg.eig(m)
    top = int(np.argmax(values.real))
    w = np.abs(vectors[:, top].real)
    return float(values[top].real), w / w.sum()


def _ratio(eigenvalue: float, n: int, missing: int) -> float:
    if n < 3:
        return 0.0
    random = _RANDOM[n] * (1 - 2 * missing / ((n - 1) * (n - 2)))
    # A tree of comparisons has no cycle, so nothing in it can contradict itself.
    return max((eigenvalue - n) / (n - 1), 0.0) / random if random > 1e-9 else 0.0


def _doubts(given: Array, whole: Array, gaps: list[tuple[int, int]], ratio: float) -> tuple[Doubt, ...]:
    """The known comparisons furthest from the weights, each with what all others say instead; the best cure first."""
    n = len(given)
    if n < 3 or ratio <= 1e-9:
        return ()
    w = _principal(whole)[1]
    known = [(i, j) for i, j in combinations(range(n), 2) if not np.isnan(given[i, j])]
    known.sort(key=lambda pair: -abs(np.log(given[pair] * w[pair[1]] / w[pair[0]])))
    found = []
    for i, j in known[:_TRIED]:
        less = given.copy()
        less[i, j] = less[j, i] = np.nan
        try:
            _connected(less, None)
        except ValueError:
            # Nothing else compares the two sides: it can contradict nobody.
            continue
        full = _completed(less, [*gaps, (i, j)])
        others = float(np.clip(full[i, j], 1 / _SCALE, _SCALE))
        full[i, j], full[j, i] = others, 1 / others
        found.append(Doubt(i, j, float(given[i, j]), others, _ratio(_principal(full)[0], n, len(gaps))))
    return tuple(sorted(found, key=lambda d: (round(d.consistency_ratio, 6), d.row, d.column)))
