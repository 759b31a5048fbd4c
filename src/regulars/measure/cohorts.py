"""Cohorts: who came together, how many of them order again, and what they bring over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from regulars.measure.cohort_cells import CELLS, GRAINS, cohort_cells, first_cut, first_product, period_start
from regulars.measure.sales import fact
from regulars.tables.shares import wilson

if TYPE_CHECKING:
    from datetime import date

CUTS: Final = ("first_order", "channel", "market", "product")
OTHER: Final = "other"


class Cohorts:
    """Cohorts by the period of the first order: retention and money per cohort and age, with intervals.

    ``retention(c, k) = customers of cohort c with a paid order in period c + k / customers of cohort c``,
    so age 0 is 1 by definition. ``revenue(c, k)`` is the money of cohort c in period c + k, refunds taken
    off; ``per_customer`` its running sum over all customers of the cohort. Money of different currencies has
    rows of its own. The interval is Wilson's, which holds for small cohorts.

    Args:
        grain: length of a period: ``week``, ``month`` or ``quarter``.
        by: ``first_order`` for one triangle; ``channel``, ``market`` or ``product`` cut it by the
            channel, market or dearest product of the customer's first order.
        most: cuts kept apart, the largest first; the rest together are ``other``.
        level: share of the intervals that hold, 0 to 1.

    Attributes:
        sizes_: frame ``cohort, cut, customers``.
        retention_: frame ``cohort, cut, age, customers, active, retention, low, high, complete``.
        revenue_: frame ``cohort, cut, age, currency, revenue, cumulative, per_customer, complete``, minor units.
        curve_: frame ``cut, age, customers, active, retention, low, high``: all complete cohorts of that age together.
        cells_: the sums it was made from; cells of other days can be added to them.

    ``cohort`` is the first day of the period; ``complete`` is false for the period still running.
    Raises ``ValueError`` for an unknown grain or cut, or where a cut's table is missing.
    Source: Fader and Hardie 2017, "Exploring the distribution of customer lifetime value"; Wilson 1927.

    >>> import datetime as dt
    >>> rows = {"customer": ["a", "b", "a"], "day": [dt.date(2026, 1, 3), dt.date(2026, 1, 9), dt.date(2026, 2, 5)],
    ...         "amount": [1000, 500, 700]}
    >>> found = Cohorts(grain="month").fit(rows, until=dt.date(2026, 2, 28))
    >>> found.retention_["retention"].tolist(), found.revenue_["per_customer"].tolist()
    ([1.0, 0.5], [750.0, 1100.0])
    """

    sizes_: pd.DataFrame
    retention_: pd.DataFrame
    revenue_: pd.DataFrame
    curve_: pd.DataFrame
    cells_: pd.DataFrame

    def __init__(self, *, grain: str = "month", by: str = "first_order", most: int = 12, level: float = 0.9) -> None:
        self.grain = grain
        self.by = by
        self.most = most
        self.level = level

    def fit(self, orders: Any, *, lines: Any = None, groups: Any = None, until: date | None = None) -> Cohorts:
        """Count the cohorts of all orders.

        Args:
            orders: the orders table, or any table with ``customer, day, amount``; missing columns are filled.
            lines: the order lines, for ``by="product"``.
            groups: ``customer, cut``, to cut by something else, such as the channel of the first touch.
            until: the last day to count; the last day on record when left out.
        """
        self._check()
        rows = fact({"orders": orders_of(orders)}, "orders", until)
        if groups is None and self.by != "first_order":
            if self.by == "product" and lines is None:
                raise ValueError("by='product' needs the order lines: fit(orders, lines=...)")
            groups = (first_product(rows, fact({"order_lines": lines}, "order_lines", until))
                      if self.by == "product" else first_cut(rows, self.by))  # fmt: skip
        if until is None:
            until = rows.day.max().to_pyarrow().as_py()
        return self.fit_cells(cohort_cells(rows, self.grain, groups), until)

    def fit_cells(self, cells: pd.DataFrame, until: date | None) -> Cohorts:
        """Make the triangles from sums, such as those of two ranges of days put together; ``until`` as in ``fit``."""
        self._check()
        cells = cells.groupby(["cohort", "cut", "period", "currency"], as_index=False)[list(CELLS[-3:])].sum()
        self.cells_ = cells = self._largest(cells)
        self._triangles(cells, until)
        return self

    def _check(self) -> None:
        if self.grain not in GRAINS:
            raise ValueError(f"grain is one of {', '.join(GRAINS)}, not {self.grain!r}")
        if self.by not in CUTS:
            raise ValueError(f"by is one of {', '.join(CUTS)}, not {self.by!r}")

    def _largest(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Keep the largest cuts apart and put the rest together."""
        size = cells[cells["period"] == cells["cohort"]].groupby("cut")["people"].sum()
        if len(size) <= self.most:
            return cells
        kept = size.sort_values(kind="stable", ascending=False).index[: self.most]
        cut = cells["cut"].where(cells["cut"].isin(kept), OTHER)
        keys = ["cohort", "cut", "period", "currency"]
        return cells.assign(cut=cut).groupby(keys, as_index=False)[list(CELLS[-3:])].sum()

    def _triangles(self, cells: pd.DataFrame, until: date | None) -> None:
        """Every observed cell of every cohort, those where nobody came included."""
        people = cells.groupby(["cohort", "cut", "period"], as_index=False)["people"].sum()
        sizes = people[people["period"] == people["cohort"]]
        sizes = sizes[["cohort", "cut", "people"]].sort_values(["cut", "cohort"], ignore_index=True)
        last, over = last_period(until, self.grain)
        ages = np.maximum(last - sizes["cohort"].to_numpy(), -1) + 1
        row = np.repeat(np.arange(len(sizes)), ages)
        age = np.arange(len(row)) - np.repeat(np.cumsum(ages) - ages, ages)
        grid = sizes.iloc[row].reset_index(drop=True).rename(columns={"people": "customers"})
        grid["age"], grid["period"] = age, grid["cohort"] + age
        grid["complete"] = (grid["period"] < last) | over
        kept = grid.merge(people, how="left", on=["cohort", "cut", "period"])
        kept["active"] = kept["people"].fillna(0).astype("int64")
        self.curve_ = self._shares(
            kept[kept["complete"]].groupby(["cut", "age"], as_index=False)[["customers", "active"]].sum()
        )
        kept = self._shares(kept)
        kept["cohort"] = period_start(kept["cohort"], self.grain)
        self.retention_ = kept[
            ["cohort", "cut", "age", "customers", "active", "retention", "low", "high", "complete"]
        ].copy()
        self.revenue_ = self._money(cells, grid)
        self.sizes_ = sizes.assign(cohort=period_start(sizes["cohort"], self.grain)).rename(
            columns={"people": "customers"}
        )[["cohort", "cut", "customers"]]

    def _shares(self, rows: pd.DataFrame) -> pd.DataFrame:
        low, high = wilson(rows["active"], rows["customers"], self.level)
        return rows.assign(retention=rows["active"] / rows["customers"], low=low, high=high)

    def _money(self, cells: pd.DataFrame, grid: pd.DataFrame) -> pd.DataFrame:
        monies = cells[["currency"]].drop_duplicates().sort_values("currency")
        keys = ["cohort", "cut", "period", "currency"]
        rows = grid.merge(monies, how="cross").merge(cells[[*keys, "revenue"]], how="left", on=keys)
        rows["revenue"] = rows["revenue"].fillna(0).astype("int64")
        rows = rows.sort_values(["cut", "cohort", "currency", "age"], ignore_index=True)
        rows["cumulative"] = rows.groupby(["cut", "cohort", "currency"])["revenue"].cumsum()
        rows["per_customer"] = rows["cumulative"] / rows["customers"]
        rows["cohort"] = period_start(rows["cohort"], self.grain)
        return rows[["cohort", "cut", "age", "currency", "revenue", "cumulative", "per_customer", "complete"]]


def last_period(until: date | None, grain: str) -> tuple[int, bool]:
    """Number of the period that holds the last day, and whether it ends with it.

    >>> import datetime as dt
    >>> last_period(dt.date(2026, 1, 31), "month"), last_period(dt.date(2026, 2, 1), "month")
    ((24312, True), (24313, False))
    """
    if until is None:
        return -1, True
    day = pd.Timestamp(until)

    def number(stamp: pd.Timestamp) -> int:
        if grain == "week":
            return int((stamp - pd.Timestamp(0)).days + 3) // 7
        return (stamp.year * 12 + stamp.month - 1) // (3 if grain == "quarter" else 1)

    here = number(day)
    return here, number(day + pd.Timedelta(days=1)) != here


def orders_of(orders: Any) -> Any:
    """A caller's own table as orders: what is missing is filled as a paid sale at noon of its day."""
    import ibis
    import pyarrow as pa

    from regulars.lake.frames import to_arrow
    from regulars.tables import TABLES

    if isinstance(orders, ibis.Table) and {"kind", "status", "source", "id", "at"} <= set(orders.columns):
        return orders
    given = to_arrow(orders)
    missing = [c for c in ("customer", "day", "amount") if c not in given.column_names]
    if missing:
        raise ValueError(f"the orders have no column {', '.join(missing)}; rename yours or add it")
    n = given.num_rows
    own = {c: given.column(c) for c in given.column_names if c in TABLES["orders"].names}
    own["day"] = own["day"].cast(pa.timestamp("us")).cast(pa.date32()) if pa.types.is_timestamp(
        own["day"].type) else own["day"]  # fmt: skip
    ids = pa.array([str(i) for i in range(n)])
    noon = own["day"].cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    filled = {"source": "own", "id": ids, "revision": 0, "at": noon, "recorded_at": noon, "kind": "sale",
              "status": "paid", "currency": "", "ordered": own["amount"], **own}  # fmt: skip
    return TABLES["orders"].fill(filled, n)
