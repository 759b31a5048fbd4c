"""Every key figure of a company by period and cut, kept so that one more day can be added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.lake.frames import same_kind
from regulars.measure.amounts import divide
from regulars.measure.cubes import Cubes, cubes, first_day
from regulars.measure.cuts import UNKNOWN, by_product, period_sums, segments_of, sold
from regulars.measure.history import GRAINS, history
from regulars.measure.kpis import KPIS
from regulars.measure.sales import fact
from regulars.tables import SCORES

if TYPE_CHECKING:
    from typing import Self

FACTS = ("orders", "order_lines", "subscriptions", "touches", "spend", "feedback")
KEYS = ("name", "grain", "day", "channel", "market", "segment", "product", "partner", "currency", "value", "why")


class Kpis:
    """The key figures of ``regulars.measure.KPIS`` by day, week and month, in all and by channel, market, segment,
    product and partner.

    Every figure is made of sums by day (``cube_``), so days can be added: ``fit`` on the first days and
    ``partial_fit`` on the rest give the same table as ``fit`` on all of them, without reading the first days
    again. Figures about people (who is new, who came again, who left) are no sums; they go on from the purchases
    kept in ``cube_``. Formulas and definitions are those of ``regulars.measure.KPIS``.

    Args:
        currency: the company's currency; other currencies get rows of their own and are never added.
        margin: share of the revenue left after the cost of goods, 0 to 1.
        zone: the company's time zone; it decides which day ``now`` is.
        grains: periods to make, of ``day``, ``week`` (from Monday), ``month`` and ``all``.
        partners: who sells in a channel (channel to partner), where a partner's sales can be told by it.

    Attributes:
        table_: one row a figure, period and cut: ``name, grain, day`` (first of the period), ``channel, market,
            segment, product, partner`` (null: all of them), ``currency, value`` (money in minor units), ``why``
            (``period_running`` where the period has not ended). Made when first asked for, of the kind of the
            table of orders.
        cube_: the sums by day.
        until_: the last day counted.

    By segment, product and partner there are revenue, orders and average order value. A customer's segment is the
    newest one, for the past too; sales to nobody known are ``unknown``.
    Raises ``ValueError`` for a moment without a zone, an unknown grain, a margin out of range, and for rows of days
    that were counted already.

    >>> import datetime as dt
    >>> orders = pd.DataFrame({
    ...     "source": "till", "id": ["1", "2", "3"], "revision": 0, "customer": ["ann", "bob", "ann"],
    ...     "at": pd.to_datetime(["2026-03-02", "2026-03-03", "2026-03-10"], utc=True), "kind": "sale",
    ...     "day": [dt.date(2026, 3, 2), dt.date(2026, 3, 3), dt.date(2026, 3, 10)], "status": "paid",
    ...     "amount": [1000, 3000, 500], "ordered": [1000, 3000, 500], "currency": "CNY", "channel": "shop"})
    >>> orders["recorded_at"] = orders["at"]
    >>> first, then = orders[:2], orders[2:]
    >>> figures = Kpis(grains=["week"]).fit({"orders": first}, now=dt.datetime(2026, 3, 8, tzinfo=dt.UTC))
    >>> figures = figures.partial_fit({"orders": then}, now=dt.datetime(2026, 3, 15, tzinfo=dt.UTC))
    >>> table = figures.table_
    >>> table[(table.name == "revenue") & table.channel.isna()].value.tolist()
    [4000.0, 500.0]
    """

    until_: date
    cube_: Cubes
    _table: pd.DataFrame | None
    _bought: pd.DataFrame
    _lines: pd.DataFrame
    _like: Any

    def __init__(
        self, *, currency: str = "CNY", margin: float = 0.6, zone: str = "UTC", grains: Iterable[str] = GRAINS,
        partners: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self.currency = currency
        self.margin = margin
        self.zone = zone
        self.grains = grains
        self.partners = partners

    def fit(self, facts: Mapping[str, Any], scores: Any = None, *, now: datetime) -> Self:
        """Count everything up to ``now``.

        Args:
            facts: the lake's tables by name (pandas, Polars, Arrow or Ibis); missing ones count as empty.
            scores: scores of customers; ``clv`` and ``segment`` are read.
            now: the moment, with a time zone; what lies ahead of its day does not count.
        """
        return self._count(facts, scores, now, None)

    def partial_fit(self, facts: Mapping[str, Any], scores: Any = None, *, now: datetime) -> Self:
        """Add the days since ``until_``; ``facts`` are only those of the new days, ``scores`` all of them.

        A row that came late, of a day counted already, needs a ``fit`` on everything.
        """
        if not hasattr(self, "until_"):
            return self.fit(facts, scores, now=now)
        for name in FACTS:
            if name in facts:
                first = fact(facts, name).day.min().to_pyarrow().as_py()
                if first is not None and first <= self.until_:
                    raise ValueError(
                        f"{name} has rows of {first}, but days up to {self.until_} are counted already; "
                        "give only later days, or fit on everything"
                    )
        return self._count(facts, scores, now, self.cube_)

    @property
    def table_(self) -> Any:
        """The figures; see the class."""
        if not hasattr(self, "until_"):
            raise AttributeError("table_ is there after fit")
        if self._table is None:
            self._table = self._figures()
        return same_kind(pa.Table.from_pandas(self._table, preserve_index=False), self._like)

    def _count(self, facts: Mapping[str, Any], scores: Any, now: datetime, before: Cubes | None) -> Self:
        today = self._today(now)
        self._like = facts.get("orders", self._like if before is not None else pd.DataFrame())
        self.cube_ = cubes(facts, today, before)
        kept = self.cube_.expressions
        # What is kept must not read the old facts again, nor depend on where they were.
        self.cube_.expressions = {k: v if k == "costs" else ibis.memtable(v.to_pyarrow()) for k, v in kept.items()}
        people = sold(facts, today)
        own = people.group_by(["customer", "currency", "day"])
        bought = own.aggregate(revenue=people.revenue.sum(), orders=people.one.sum()).to_pyarrow().to_pandas()
        bought["period"] = pd.to_datetime(bought.pop("day")).dt.as_unit("s")
        lines = period_sums(by_product(facts, today), "product", "day", today)
        self._lines = lines if before is None else pd.concat([self._lines, lines], ignore_index=True)
        self._bought = bought if before is None else pd.concat([self._bought, bought], ignore_index=True)
        self._scores = SCORES.empty() if scores is None else scores
        self._table = None
        self.until_ = today
        return self

    def _today(self, now: datetime) -> date:
        if now.tzinfo is None:
            raise ValueError("now needs a time zone")
        unknown = set(self.grains) - set(GRAINS)
        if unknown:
            raise ValueError(f"grains may be {', '.join(GRAINS)}; unknown: {', '.join(sorted(unknown))}")
        if not 0 <= self.margin <= 1:
            raise ValueError(f"margin is a share from 0 to 1, not {self.margin}")
        return now.astimezone(ZoneInfo(self.zone)).date()

    def _figures(self) -> pd.DataFrame:
        rows = history(
            self.cube_, self._scores, today=self.until_, currency=self.currency, margin=self.margin,
            grains=self.grains, daily=tuple(KPIS),
        )  # fmt: skip
        rows = rows.assign(segment=None, product=None, partner=None)
        running = rows.loc[rows["why"] == "period_running"].drop_duplicates("grain").set_index("grain")["day"]
        cuts = self._daily().items()
        more = [self._cut(cut, daily, g, running.get(g)) for cut, daily in cuts for g in self.grains if len(daily)]
        whole = pd.concat([m for m in (rows, *more) if len(m)] or [rows], ignore_index=True)
        return whole[list(KEYS)]

    def _daily(self) -> dict[str, pd.DataFrame]:
        """Sums by day of the cuts that are no column of an order: ``<cut>, currency, period, revenue, orders``."""
        labels = segments_of(self._scores).to_pandas().set_index("person")["segment"]
        found = {"product": self._lines}
        if len(labels):
            own = self._bought["customer"].map(labels).astype(object).fillna(UNKNOWN)
            found["segment"] = self._bought.assign(segment=own)
        if self.partners:
            money = self.cube_.money.rename(columns={"day": "period"})
            sellers = money.assign(partner=money["channel"].map(dict(self.partners)))
            found["partner"] = sellers[sellers["partner"].notna()]
        return found

    def _cut(self, cut: str, daily: pd.DataFrame, grain: str, running: Any) -> pd.DataFrame:
        period = first_day(daily["period"], grain, self.cube_.opened).rename("day")
        sums = daily.groupby([cut, "currency", period])[["revenue", "orders"]].sum().astype(float).reset_index()
        # Orders are counted whatever money they were paid in.
        orders = sums.groupby([cut, "day"])["orders"].sum().reset_index().assign(currency=None)
        long = pd.concat([
            orders.rename(columns={"orders": "value"}).assign(name="orders"),
            sums.assign(name="revenue", value=sums["revenue"]),
            sums.assign(name="aov", value=divide(sums["revenue"], sums["orders"])),
        ], ignore_index=True)  # fmt: skip
        long["grain"] = grain
        long["why"] = np.where(long["day"] == running, "period_running", "") if running is not None else ""
        return pd.DataFrame({c: long.get(c) for c in KEYS})
