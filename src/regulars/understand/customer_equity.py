"""Customer equity: what all customers together are worth, by when they came and through which channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Vector = NDArray[np.float64]
# More bars than this cannot be read; the oldest cohorts and the smallest channels are put together.
MOST = 16
STEPS = ("month", "quarter", "year")
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class EquityRow:
    """One group: its customers, worth still to come with limits, worth so far, and orders foretold.

    Money in minor units. ``low`` and ``high`` hold the group's total nine times in
    ten as far as the luck of its customers goes: single intervals, added as
    independent.
    """

    key: str
    customers: int
    share: float
    equity: float
    low: float
    high: float
    each: float
    historic: float
    orders: float
    p_alive: float


@dataclass(frozen=True)
class Concentration:
    """How worth is spread: the share of customers that holds half of it, the curve, and the Gini coefficient."""

    customers: int
    half: float
    points: tuple[tuple[float, float], ...]
    gini: float


def customer_equity(worth: pa.Table, group: pa.Array) -> tuple[EquityRow, ...]:
    r"""The worth of customers (columns of ``CLV.predict``) by group, in the order of the keys.

    .. math:: CE_g = \sum_{i \in g} CLV_i

    >>> table = pa.table({"clv": [3.0, 1.0], "clv_low": [2.0, 0.0], "clv_high": [4.0, 2.0], "clv_historic": [9.0, 1.0],
    ...     "expected_orders": [2.0, 1.0], "p_alive": [0.9, 0.5]})
    >>> [(row.key, row.equity, row.customers) for row in customer_equity(table, pa.array(["web", "shop"]))]
    [('shop', 1.0, 1), ('web', 3.0, 1)]

    Raises ``ValueError`` when there is not one group name per customer.
    """
    if len(group) != worth.num_rows:
        raise ValueError(f"{len(group)} group names were given for {worth.num_rows} customers")
    coded = pc.fill_null(group.cast(pa.string()), "").dictionary_encode()
    names, at = coded.dictionary.to_pylist(), np.asarray(coded.indices.to_numpy(zero_copy_only=False))
    k = len(names)
    count = np.bincount(at, minlength=k)

    def total(values: Vector) -> Vector:
        return np.bincount(at, np.nan_to_num(values), k).astype(np.float64)

    wanted = ("clv", "clv_low", "clv_high", "clv_historic", "expected_orders", "p_alive")
    clv, low, high, past, orders, alive = (np.asarray(worth.column(c).to_numpy(), dtype=np.float64) for c in wanted)
    equity = total(clv)
    down, up = (np.sqrt(total(np.maximum(d, 0.0) ** 2)) for d in (clv - low, high - clv))
    everything = float(equity.sum()) or 1.0
    rows = [
        EquityRow(
            str(names[i]), int(count[i]), float(equity[i] / everything), float(equity[i]),
            float(max(equity[i] - down[i], 0.0)), float(equity[i] + up[i]), float(equity[i] / count[i]), float(p),
            float(o), float(a / count[i]),
        )
        for i, p, o, a in zip(range(k), total(past), total(orders), total(alive), strict=True)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda r: r.key))


def cohort_names(first_day: pa.ChunkedArray | pa.Array) -> tuple[str, pa.Array]:
    """The finest step, and each customer's cohort, that leaves at most ``MOST`` cohorts: 2026-03, 2026-Q1 or 2026."""
    days = pa.array(first_day) if not isinstance(first_day, pa.ChunkedArray) else first_day.combine_chunks()
    month = np.asarray(days.cast(pa.int32()).to_numpy(), dtype="datetime64[D]").astype("datetime64[M]").astype(int)
    for step, months in zip(STEPS, (1, 3, 12), strict=True):
        number = month // months
        if len(number) == 0 or number.max() - number.min() < MOST or step == "year":
            break
    number = np.maximum(number, number.max(initial=0) - MOST + 1)
    distinct, at = np.unique(number, return_inverse=True)
    words = []
    for n in distinct.tolist():
        year, rest = 1970 + n * months // 12, n * months % 12
        words.append({1: f"{year}-{rest + 1:02d}", 3: f"{year}-Q{rest // 3 + 1}", 12: f"{year}"}[months])
    return step, pa.array(words, pa.string()).take(pa.array(at))


def largest(rows: tuple[EquityRow, ...], most: int = MOST) -> tuple[EquityRow, ...]:
    """The rows worth most first, at most so many."""
    return tuple(sorted(rows, key=lambda r: (-r.equity, r.key)))[:most]


def concentration(clv: Vector) -> Concentration | None:
    """How few hold half; None where there is nothing to share.

    >>> found = concentration(np.array([50.0, 30.0, 10.0, 10.0]))
    >>> found.half, found.points[-1], round(found.gini, 2)
    (0.25, (1.0, 1.0), 0.35)
    """
    falling = -np.sort(-np.maximum(np.nan_to_num(clv), 0.0))
    held = np.cumsum(falling)
    if not len(held) or held[-1] <= 0:
        return None
    n, held = len(held), held / held[-1]
    half = (int(np.searchsorted(held, 0.5 - 1e-12)) + 1) / n
    points = tuple((share, float(held[max(round(share * n), 1) - 1])) for share in SHARES)
    rank = np.arange(n, 0, -1)
    gini = float((2 * rank - n - 1) @ (falling / falling.sum())) / n
    return Concentration(n, half, points, gini)


def histogram(clv: Vector, bins: int = 12) -> tuple[tuple[float, float, int], ...]:
    """(from, to, customers) in round steps; the last bin holds the tail beyond the 98th percentile."""
    values = np.nan_to_num(clv)
    if not len(values) or values.max() <= 0:
        return ()
    reach = max(float(np.quantile(values, 0.98)), 1.0)
    rough = reach / bins
    unit = 10.0 ** np.floor(np.log10(rough))
    step = float(next(s * unit for s in (1, 2, 5, 10) if s * unit >= rough))
    place = np.clip((values // step).astype(np.int64), 0, int(np.ceil(reach / step)))
    count = np.bincount(place)
    last = len(count) - 1
    return tuple(
        (i * step, float(values.max()) if i == last else (i + 1) * step, int(n)) for i, n in enumerate(count.tolist())
    )
