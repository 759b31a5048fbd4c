"""What follows what: who bought X, what did their next order hold, within so many days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from regulars.tables.shares import wilson
from regulars.understand.itemsets import incidence
from regulars.understand.purchase_lines import Purchases
from regulars.understand.rule_tests import false_discovery, fisher_more

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Follows:
    """Of ``times`` visits with ``product``, ``count`` were followed by a visit with ``then`` within the days.

    ``lift`` is against the share of all visits that were followed by ``then``;
    ``days`` is the median wait.
    """

    product: str
    then: str
    times: int
    count: int
    share: float
    low: float
    high: float
    lift: float
    q_value: float
    days: float


def follows(bought: Purchases, *, until: int, days: int = 90, least: int = 10, most: int = 20, alpha: float = 0.05,
            skip: NDArray[np.bool_] | None = None) -> tuple[Follows, ...]:  # fmt: skip
    """What the next visit holds more often than chance after a visit with X; the surest first.

    A visit is one customer on one day. Only visits whose ``days`` after them have passed count, so a short
    history does not look like disloyalty. The same product again is not a finding
    here, and products marked in ``skip`` (renewals) neither.
    """
    visits, who, day = _visits(bought)
    if len(who) < 2:
        return ()
    at = np.flatnonzero((who[1:] == who[:-1]) & (day[1:] - day[:-1] <= days) & (day[:-1] + days <= until))
    before, after = visits[at], visits[at + 1]
    asked = visits[np.flatnonzero(day + days <= until)]
    each, then = (np.asarray(v.sum(axis=0)).ravel().astype(np.int64) for v in (asked, after))
    pairs = sparse.coo_array(before.T @ after)
    n, x, y = (np.asarray(v).astype(np.int64) for v in (pairs.data, *pairs.coords))
    keep = (n >= least) & (x != y)
    if skip is not None:
        keep &= ~skip[x] & ~skip[y]
    n, x, y = n[keep], x[keep], y[keep]
    wide = int((each >= least).sum())
    total = asked.shape[0]
    q = false_discovery(fisher_more(n, each[x], then[y], total), wide * max(wide - 1, 1))
    low, high = wilson(n, each[x], 0.95)
    sure = np.flatnonzero(q <= alpha)
    top = sure[np.lexsort((y[sure], x[sure], -low[sure]))][:most]
    found = []
    for i in top:
        hit = np.flatnonzero((before[:, [x[i]]].toarray().ravel() > 0) & (after[:, [y[i]]].toarray().ravel() > 0))
        wait = float(np.median(day[at[hit] + 1] - day[at[hit]]))
        share = n[i] / each[x[i]]
        found.append(
            Follows(
                bought.products[x[i]], bought.products[y[i]], int(each[x[i]]), int(n[i]), float(share), float(low[i]),
                float(high[i]), float(share * total / then[y[i]]), float(q[i]), wait,
            )
        )  # fmt: skip
    return tuple(found)


def renewing(bought: Purchases, least: int = 20, steady: float = 0.7) -> NDArray[np.bool_]:
    """Products that come again by themselves: most waits between two purchases are within a tenth of the usual.

    A contract that renews is no choice, so it is nothing to suggest to who has it.
    """
    b = bought.known()
    order = np.lexsort((b.day, b.who, b.what))
    what, who, day = b.what[order], b.who[order], b.day[order]
    same = (what[1:] == what[:-1]) & (who[1:] == who[:-1]) & (day[1:] > day[:-1])
    wait, product = (day[1:] - day[:-1])[same], what[1:][same]
    out = np.zeros(len(b.products), dtype=np.bool_)
    starts = np.searchsorted(product, np.arange(len(b.products) + 1))
    for i in np.flatnonzero(np.diff(starts) >= least):
        some = wait[starts[i] : starts[i + 1]]
        usual = np.median(some)
        out[i] = bool(usual >= 5 and np.mean(np.abs(some - usual) <= max(0.1 * usual, 1.0)) >= steady)
    return out


def billed(bought: Purchases, renews: NDArray[np.bool_], least: float = 0.98) -> NDArray[np.bool_]:
    """What renews and hardly ever comes without a contract that does come alone: its bill, nothing to offer."""
    some, width = renews[bought.what], len(bought.products)
    order, what = bought.order[some], bought.what[some]
    count = np.bincount(what, minlength=width)
    alone = np.bincount(what[np.bincount(order, minlength=bought.orders)[order] == 1], minlength=width)
    never_alone = renews & (alone <= (1 - least) * count)
    with_contract = np.zeros(bought.orders, dtype=np.bool_)
    with_contract[order[~never_alone[what]]] = True
    beside = np.bincount(what[with_contract[order]], minlength=width)
    return np.asarray(never_alone & (count > 0) & (beside >= least * count))


def _visits(bought: Purchases) -> tuple[sparse.csr_array, Ints, Ints]:
    """Visits by products, and the customer and day of each, in order."""
    b = bought.known()
    span = int(b.day.max(initial=0)) + 1
    keys, at = np.unique(b.who * span + b.day, return_inverse=True)
    table = incidence(at.astype(np.int64), b.what, len(keys), len(b.products))
    who, day = np.divmod(keys, span)
    return table, who, day
