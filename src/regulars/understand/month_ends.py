"""How every customer stood at past month ends, counted again from the purchase days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.understand.day_cells import DayCells

Vector = NDArray[np.float64]


def month_ends(first_day: int, last_day: int, most: int = 25) -> NDArray[np.int64]:
    """The last days of the complete months between two days, the newest ``most``; days since 1970-01-01.

    >>> [str(np.datetime64(int(d), "D")) for d in month_ends(19_723, 19_813)]  # 2024-01-01 to 2024-03-31
    ['2024-01-31', '2024-02-29', '2024-03-31']
    """
    begin = np.datetime64(first_day, "D").astype("datetime64[M]") + 1
    stop = np.datetime64(last_day + 1, "D").astype("datetime64[M]") + 1
    ends = np.arange(begin, stop).astype("datetime64[D]").astype(np.int64) - 1
    return np.asarray(ends[-most:] if most else ends, dtype=np.int64)


@dataclass(frozen=True)
class Standing:
    """What was known of every customer at several days; every array has shape (customers, days).

    ``x``, ``tx`` and ``T`` are frequency, recency and age in days as in ``RFM``;
    before the first purchase ``known`` is False and they are 0.
    ``log_gaps`` sums the logarithms of the customer's
    own gaps between purchase days, the raw matter of a personal rhythm.
    """

    days: NDArray[np.int64]
    known: NDArray[np.bool_]
    x: Vector
    tx: Vector
    T: Vector
    orders: Vector
    spent: Vector
    log_gaps: Vector

    @property
    def silence(self) -> Vector:
        """Days since the last purchase."""
        return self.T - self.tx


def standing(cells: DayCells, days: NDArray[np.int64]) -> Standing:
    """Every customer's standing at the end of these days, ascending; one pass over the cells.

    Customers come in the order of ``RFM.summary_``: those with a purchase.
    Cost: cells + customers x days.
    """
    starts, m = cells.starts, len(days)
    n = len(starts)
    row = np.zeros(len(cells.code), dtype=np.int64)
    row[starts[1:]] = 1
    row = np.cumsum(row)
    slot = np.searchsorted(days, cells.day)
    seen = slot < m
    place = row[seen] * m + slot[seen]

    def summed(weights: Vector | None = None) -> Vector:
        found = np.bincount(place, None if weights is None else weights[seen], n * m)
        return np.asarray(np.cumsum(found.reshape(n, m), axis=1), dtype=np.float64)

    gap = np.zeros(len(cells.day))
    again = np.flatnonzero(row[1:] == row[:-1]) + 1
    gap[again] = np.log(cells.day[again] - cells.day[again - 1])
    # Cells are in the order of their days, so the last write to a place is the newest day.
    last = np.full(n * m, -1, dtype=np.int64)
    last[place] = cells.day[seen]
    newest = np.maximum.accumulate(last.reshape(n, m), axis=1)
    first = cells.day[starts][:, None]
    count = summed()
    known = count > 0
    return Standing(
        days=days,
        known=known,
        x=np.maximum(count - 1.0, 0.0),
        tx=np.where(known, newest - first, 0).astype(np.float64),
        T=np.where(known, days[None, :] - first, 0).astype(np.float64),
        orders=summed(cells.orders.astype(np.float64)),
        spent=summed(cells.amount.astype(np.float64)),
        log_gaps=summed(gap),
    )
