"""What a resource is worth and how far that price holds, with the choices held; who conflicts where nothing fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from regulars.decide.conflicts import smallest_conflict
from regulars.decide.curves import Array
from regulars.decide.program import ON, Matrices, price_ranges
from regulars.decide.resources_model import Model
from regulars.decide.result import InfeasibleError, ShadowPrice

# Beyond this many options the smallest conflict is sought among the linear rows only.
EXACT_CONFLICT = 60


@dataclass(frozen=True)
class Range:
    """How far a price holds: from ``amount`` down to ``low`` at the price of less, up to ``high`` at that of more."""

    amount: float
    low: float
    high: float


def prices_and_ranges(model: Model, x: Array) -> tuple[dict[str, ShadowPrice], dict[str, Range]]:
    """Shadow prices and ranging of the rows that bind in the linear programme that stays when all choices are held."""
    held = _held(model, x)
    m, at = held
    if not at.size:
        return {}, {}
    prices = price_ranges(m, x[at])
    named = {c: p for c, p in prices.ranges.items() if not c.startswith(("at_most:serve:", "at_least:serve:"))}
    value = float(m.worth @ x[at])
    ranging = {}
    for code, price in named.items():
        i = m.codes[1].index(code)
        if np.isfinite(m.row_high[i]) and not np.isfinite(m.row_low[i]):
            ranging[code] = _range(m, i, price, value, float(m.row_high[i]))
    total = model.matrices
    place = {r.code: k for k, r in enumerate(model.program.rows)}
    shift = {c: float(total.row_high[place[c]]) - r.amount for c, r in ranging.items()}
    return named, {c: Range(r.amount + shift[c], r.low + shift[c], r.high + shift[c]) for c, r in ranging.items()}


def _held(model: Model, x: Array) -> tuple[Matrices, Any]:
    """The programme of the open options' shares alone: choices are constants, rows that none of them uses are gone."""
    m = model.matrices
    opened = model.serves[x[model.opens] > 0.5]
    at = np.sort(opened[opened >= 0])
    fixed = np.where(m.whole == 1, x, 0.0)
    taken = m.matrix @ fixed
    part = m.matrix[:, at]
    rows = np.flatnonzero((abs(part).sum(axis=1) > 0) & ~model.links)
    count = np.diff(part.tocsr().indptr)
    # A segment that one open cell alone may serve is that cell's own bound, already there.
    codes = m.codes[1]
    rows = np.array([r for r in rows if not (codes[r].startswith("segment:") and count[r] <= 1)], dtype=np.int64)
    return replace(
        m, codes=(tuple(m.codes[0][j] for j in at), tuple(codes[r] for r in rows)), worth=m.worth[at],
        matrix=csr_array(part[rows]), row_low=(m.row_low - taken)[rows], row_high=(m.row_high - taken)[rows],
        low=m.low[at], high=np.ones(len(at)), whole=np.zeros(len(at), dtype=np.int64),
        given=[m.given[int(r)] for r in rows],
    ), at  # fmt: skip


def _range(m: Matrices, i: int, price: ShadowPrice, value: float, amount: float) -> Range:
    """The optimum is concave in the limit: a price holds as far as some plan still earns along its line."""
    return Range(amount, amount - _far(m, i, price.less, value, -1.0), amount + _far(m, i, price.more, value, 1.0))


def _far(m: Matrices, i: int, price: float, value: float, sign: float) -> float:
    """The largest step t in the limit with a plan that earns value + sign * price * t."""
    if not np.isfinite(price):
        return 0.0
    size = max(abs(value), 1.0)
    unit = max(1.0, abs(float(m.row_high[i])))
    step = np.zeros((len(m.row_low), 1))
    step[i] = -sign * unit
    line = csr_array(np.append(m.worth, -sign * price * unit)[None, :] / size)
    matrix = vstack([hstack([m.matrix, csr_array(step)]), line]).tocsr()
    answer: Any = milp(
        np.append(np.zeros(len(m.worth)), -1.0),
        constraints=LinearConstraint(
            matrix, np.append(m.row_low, value / size - 1e-9), np.append(m.row_high, np.inf)
        ),
        bounds=Bounds(np.append(m.low, 0.0), np.append(m.high, np.inf)),
    )  # fmt: skip
    if answer.status in (3, 4) and answer.x is None:
        return np.inf
    far = 0.0 if answer.x is None else float(answer.x[-1]) * unit
    return far if far > ON * unit else 0.0


def conflict(model: Model) -> InfeasibleError:
    """The smallest set of limits and wishes that cannot hold together."""
    few = len(model.opens) <= EXACT_CONFLICT
    if not few:
        relaxed = model.program.relaxed()
        if Matrices.of(relaxed).solve() is None:
            found = smallest_conflict(relaxed)
            return InfeasibleError(found.conflict, smallest=False)
    return smallest_conflict(model.program)
