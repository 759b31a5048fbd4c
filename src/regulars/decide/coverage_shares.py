"""What a limit on each partner's share of the revenue says of a partner alone, so that the relaxation knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.sparse import csr_array, vstack

from regulars.decide.program import Matrices
from regulars.decide.resources_linear import linear

ROUNDS: Final = 4


def with_shares(
    m: Matrices, brings: Sequence[tuple[int, Sequence[tuple[int, float]]]], total: int, scale: float, share: float,
    own: float, free: Sequence[int] = (),
) -> Matrices:  # fmt: skip
    """The programme with r_p <= share (own + T) x_p, T what the relaxation says that all partners bring together.

    No plan earns more than the relaxation, so no partner more than its share of that: a third of a contract cannot
    bring what the whole may not. Each round lowers T, and with it every share. ``brings``: for each partner the column
    that signs it and its columns with their revenue; ``total`` the column of T in units of ``scale``; rows of ``free``
    do not count for T.
    """
    goal = np.zeros(len(m.worth))
    goal[total] = 1.0
    tight, last = m, np.inf
    for _ in range(ROUNDS):
        found = linear(freed(replace(tight, worth=goal), free))
        top = np.inf if found is None else float(goal @ found[0])
        if top > 0.995 * last or np.isinf(top):
            break
        last = top
        tight = _shares(m, brings, share * (own + last * scale))
    return tight


def freed(m: Matrices, rows: Sequence[int]) -> Matrices:
    """The same without these rows."""
    low, high = m.row_low.copy(), m.row_high.copy()
    low[list(rows)], high[list(rows)] = -np.inf, np.inf
    return replace(m, row_low=low, row_high=high)


def _shares(m: Matrices, brings: Sequence[tuple[int, Sequence[tuple[int, float]]]], most: float) -> Matrices:
    """With r_p <= most x_p, and each market's part of it, for the partners that could bring more."""
    rows: list[list[tuple[int, float]]] = []
    for sign, own in brings:
        if most > 0 and sum(r for _, r in own) > most:
            rows.append([*((j, r / most) for j, r in own), (sign, -1.0)])
            rows += [[(j, 1.0), (sign, -most / r)] for j, r in own if r > most]
    i = [k for k, row in enumerate(rows) for _ in row]
    j, a = ([e[k] for row in rows for e in row] for k in (0, 1))
    more = csr_array((np.array(a, dtype=float), (i, j)), shape=(len(rows), len(m.worth)))
    return replace(
        m, matrix=vstack([m.matrix, more]).tocsr(), row_low=np.append(m.row_low, np.full(len(rows), -np.inf)),
        row_high=np.append(m.row_high, np.zeros(len(rows))), given=[*m.given, *([True] * len(rows))],
    )  # fmt: skip
