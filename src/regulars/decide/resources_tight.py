"""How much an option can serve at most, told to the relaxation: a part opened serves no more than its part of that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from regulars.decide.curves import Array
from regulars.decide.program import Matrices
from regulars.decide.resources_model import Model


@dataclass(frozen=True)
class Tight:
    """A programme with rows sum_k weight_ok s_ok <= y_o for the options o that some limit alone keeps from serving all.

    ``weight`` has a row for every option, 0 where nothing keeps it. The rows come after those of the model, in the
    order of ``rooms``, the options that have one.
    """

    matrices: Matrices
    weight: Array
    rooms: Any

    def most(self, left: Array) -> Array:
        """The most an opened option can earn with these worths of its segments: a fractional knapsack each, exact."""
        worth = np.maximum(left, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            order = np.argsort(np.where(worth > 0, -worth / self.weight, np.inf), axis=1, kind="stable")
        taken = np.take_along_axis(self.weight, order, axis=1)
        before = np.cumsum(taken, axis=1) - taken
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(taken > 0, np.clip((1.0 - before) / taken, 0.0, 1.0), 1.0)
        return np.asarray((np.take_along_axis(worth, order, axis=1) * part).sum(axis=1))


def tightened(model: Model) -> Tight:
    """The programme with what every limit says of single options, the strictest limit of each.

    In a row sum a x <= b with the other columns at their least, an opened option has a'_o s_o <= b - least - a_o; with
    y_o whole that is a'_o s_o <= (b - least - a_o) y_o, which cuts off opening a third of a cell to serve a third of a
    market that its partner could never serve whole. Source: Nemhauser and Wolsey (1988), II.2.2 (coefficient
    reduction) and II.2.4 (variable upper bound flow).
    """
    m, (count, width) = model.matrices, model.serves.shape
    entries = m.matrix.tocoo()
    row, column, a = (np.asarray(v) for v in (entries.row, entries.col, entries.data))
    with np.errstate(invalid="ignore"):
        least = np.bincount(row, np.minimum(a * m.low[column], a * m.high[column]), len(m.row_high))
    slack = m.row_high - least
    option = np.full(len(m.worth), -1)
    segment = np.zeros(len(m.worth), dtype=np.int64)
    there = model.serves >= 0
    option[model.serves[there]], segment[model.serves[there]] = np.nonzero(there)
    opens = np.full(len(m.worth), -1)
    opens[model.opens] = np.arange(count)
    at = (option[column] >= 0) & np.isfinite(slack[row]) & ~model.links[row]
    key = row[at] * count + option[column[at]]
    keys, place = np.unique(key, return_inverse=True)
    weight = np.zeros((len(keys), width))
    weight[place, segment[column[at]]] = a[at]
    own = np.zeros(len(keys))
    of_open = opens[column] >= 0
    found = np.searchsorted(keys, row[of_open] * count + opens[column[of_open]])
    known = (found < len(keys)) & (
        keys[np.minimum(found, len(keys) - 1)] == row[of_open] * count + opens[column[of_open]]
    )
    own[found[known]] = a[of_open][known]
    room = slack[keys // count] + np.minimum(own, 0.0) - own
    good = (room > 0) & (weight >= 0).all(axis=1)
    weight, of = weight[good] / room[good, None], (keys % count)[good]
    total = weight.sum(axis=1)
    order = np.lexsort((-total, of))
    first = order[np.r_[True, of[order][1:] != of[order][:-1]]] if len(order) else order
    first = first[total[first] > 1.0 + 1e-9]
    every = np.zeros((count, width))
    every[of[first]] = weight[first]
    rooms = of[first]
    return Tight(_with_rooms(m, model, every, rooms), every, rooms)


def _with_rooms(m: Matrices, model: Model, weight: Array, rooms: Any) -> Matrices:
    """The programme with a row for each of these options at its end."""
    serves = model.serves[rooms]
    i, k = np.nonzero(serves >= 0)
    more = csr_array(
        (np.concatenate([weight[rooms][i, k], -np.ones(len(rooms))]),
         (np.concatenate([i, np.arange(len(rooms))]), np.concatenate([serves[i, k], model.opens[rooms]]))),
        shape=(len(rooms), len(m.worth)),
    )  # fmt: skip
    return replace(
        m, matrix=vstack([m.matrix, more]).tocsr(), row_low=np.append(m.row_low, np.full(len(rooms), -np.inf)),
        row_high=np.append(m.row_high, np.zeros(len(rooms))), given=[*m.given, *([True] * len(rooms))],
    )  # fmt: skip
