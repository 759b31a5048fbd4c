"""What is known of each market: its people, its buyers, what they spend, how that grows, what they say and ask for."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.understand.days import day_number
from regulars.understand.shrunk_shares import shrunk_shares
from regulars.understand.view import View

Array = NDArray[np.float64]
DAYS = 90
# Words by which people ask for something they do not have yet.
ASKS = re.compile(
    r"想要|希望|能不能|能否|可不可以|有没有|什么时候|求购|求一|建议|要是有|需要"
    r"|\bneed\b|\bwant\b|\bwish\b|\bwould like\b|\bdo you (?:have|offer|support)\b|\bcould you\b|\bcan you\b"
    r"|\blooking for\b|\bfeature request\b|\bplease add\b",
    re.IGNORECASE,
)


def market_facts(view: View, least: int = 5) -> pa.Table:
    """One row a market of at least ``least`` people, largest revenue first.

    ``people`` known there, ``customers`` of them, ``conversion`` (shrunk, see
    ``shrunk_shares``), ``revenue`` and ``revenue_before`` of the last and the
    previous 90 days, ``growth`` = ratio of the two pulled towards that of all
    markets, ``order_value``, ``repeat`` (share who bought again, shrunk),
    ``churn`` (mean chance of having left), ``clv`` (mean), ``satisfaction``
    (mean mark), ``asks`` (share of texts that ask for something, shrunk).
    ``*_error`` are standard errors; those of growth, conversion and asks are of
    the logarithm.
    """
    market = pc.fill_null(view.people.column("market"), "").combine_chunks()
    names, code = np.unique(market.to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    people = np.bincount(code, minlength=len(names))
    of_customer = _lookup(view.people.column("customer"), code, view.rfm.column("customer"))
    known = of_customer >= 0
    place = of_customer[known]

    def mean(values: Any) -> tuple[Array, Array]:
        v = np.asarray(values, dtype=np.float64)[known]
        n = np.maximum(np.bincount(place, minlength=len(names)), 1)
        middle = np.bincount(place, v, len(names)) / n
        spread = np.bincount(place, (v - middle[place]) ** 2, len(names)) / np.maximum(n - 1, 1)
        return middle, np.sqrt(spread / n)

    customers = np.bincount(place, minlength=len(names))
    again = np.bincount(place, view.rfm.column("frequency").to_numpy()[known] > 0, len(names))
    conversion, conversion_error = shrunk_shares(customers, np.maximum(people, customers))
    repeat, repeat_error = shrunk_shares(again, customers)
    clv, clv_error = mean(view.worth.column("clv").to_numpy())
    churn, churn_error = mean(1.0 - view.worth.column("p_alive").to_numpy())
    paid = np.maximum(view.rfm.column("orders").to_numpy(), 1)
    value, value_error = mean(view.rfm.column("spent").to_numpy() / paid)
    money = _money(view, of_customer, len(names))
    said = _said(view, code, len(names))
    keep = (people >= least) & (customers > 0) & (names != "")
    columns = {
        "market": names, "people": people, "customers": customers, "conversion": conversion,
        "conversion_error": conversion_error / conversion, **money, "order_value": value,
        "order_value_error": value_error, "repeat": repeat, "repeat_error": repeat_error, "churn": churn,
        "churn_error": churn_error, "clv": clv, "clv_error": clv_error, **said,
    }  # fmt: skip
    rows = np.flatnonzero(keep)
    rows = rows[np.argsort(-money["revenue"][rows], kind="stable")]
    return pa.table({name: np.asarray(values)[rows] for name, values in columns.items()})


def _lookup(keys: Any, values: NDArray[np.int64], wanted: Any) -> NDArray[np.int64]:
    """The value of each wanted key, -1 where it is unknown."""
    at = pc.index_in(wanted, value_set=keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys)
    place = np.asarray(pc.fill_null(at, -1).to_numpy(), dtype=np.int64)
    return np.where(place >= 0, values[np.maximum(place, 0)], -1) if len(values) else np.full(len(place), -1)


def _money(view: View, of_customer: NDArray[np.int64], n: int) -> dict[str, Array]:
    cells, end = view.cells, day_number(view.now, view.settings.zone)
    # The summary leaves out people who never bought, the cells number them too.
    of_code = np.full(len(cells.customers), -1)
    of_code[np.unique(cells.code)] = of_customer
    market = of_code[cells.code]
    amount = np.asarray(cells.amount, dtype=np.float64)
    sums = []
    for first, last in ((end - DAYS + 1, end), (end - 2 * DAYS + 1, end - DAYS)):
        rows = (market >= 0) & (cells.day >= first) & (cells.day <= last)
        total = np.bincount(market[rows], amount[rows], n)
        squares = np.bincount(market[rows], amount[rows] ** 2, n)
        sums.append((np.maximum(total, 0.0), squares))
    (now, now_squares), (before, before_squares) = sums
    common = np.log(max(now.sum(), 1.0)) - np.log(max(before.sum(), 1.0)) if before.sum() else 0.0
    both = (now > 0) & (before > 0)
    ratio = np.where(both, np.log(np.where(both, now, 1.0)) - np.log(np.where(both, before, 1.0)), common)
    # The variance of the logarithm of a sum of n orders, by the delta method.
    variance = np.where(
        both, now_squares / np.where(both, now, 1.0) ** 2 + before_squares / np.where(both, before, 1.0) ** 2, 1.0
    )
    between = max(float(np.var(ratio[both]) - np.mean(variance[both])), 0.0) if both.any() else 0.0
    kept = between / (between + variance) if between else np.zeros(n)
    return {
        "revenue": now, "revenue_before": before, "growth": np.exp(common + kept * (ratio - common)),
        "growth_error": np.sqrt(np.where(kept > 0, kept * variance, np.minimum(variance, 0.05))),
    }  # fmt: skip


def _said(view: View, code: NDArray[np.int64], n: int) -> dict[str, Array]:
    texts = view.texts
    at = _lookup(view.people.column("customer"), code, texts.column("customer").combine_chunks())
    mark = pc.and_(
        pc.is_in(texts.column("kind"), value_set=pa.array(["csat", "review"])), texts.column("score").is_valid()
    )
    rows = (at >= 0) & np.asarray(pc.fill_null(mark, False).to_numpy(zero_copy_only=False), dtype=bool)
    score = np.asarray(texts.column("score").to_numpy(), dtype=np.float64)
    count = np.bincount(at[rows], minlength=n)
    satisfaction = np.full(n, np.nan)
    np.divide(np.bincount(at[rows], score[rows], n), count, out=satisfaction, where=count > 0)
    wants = np.array([bool(ASKS.search(t or "")) for t in texts.column("text").to_pylist()], dtype=bool)
    written = np.bincount(at[at >= 0], minlength=n)
    asked = np.bincount(at[at >= 0], wants[at >= 0], n)
    share, error = shrunk_shares(asked, written)
    return {"texts": written, "satisfaction": satisfaction, "marks": count, "asks": share, "asks_error": error / share}
