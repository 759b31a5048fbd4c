"""Do those who come now stay longer than those who came before? The triangles of a turn and what stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from regulars.measure.cohort_cells import cohort_cells, first_product
from regulars.measure.cohorts import Cohorts
from regulars.measure.proportions import alike
from regulars.measure.sales import fact
from regulars.measure.view import View
from regulars.tables.shares import newcombe

# Cohorts drawn per grain; older ones are in the averages only.
DRAWN: Final = {"month": 24, "quarter": 12, "week": 26}
CUT_DRAWN: Final = 18
CUTS_KEPT: Final = 8
MONIES: Final = 3
# A cohort of fewer says more about luck than about the month it came in.
FEWEST: Final = 30
POOLED: Final = 3
AGES: Final = (1, 3, 6)


@dataclass(frozen=True)
class Triangle:
    """One triangle: ``active`` and ``money`` (running sums per customer, by currency) hold a row per cohort.

    ``running``: the last figure of every row is of a period not over yet. ``curve`` is (age,
    customers, share, low, high) of all cohorts together, complete periods only.
    """

    grain: str
    by: str
    cut: str
    customers: int
    cohorts: tuple[str, ...]
    sizes: tuple[int, ...]
    active: tuple[tuple[int, ...], ...]
    money: dict[str, tuple[tuple[int, ...], ...]]
    running: bool
    curve: tuple[tuple[int, int, float, float, float], ...]


@dataclass(frozen=True)
class Extreme:
    """A cohort that stands out: its first day, size and the share that ordered at that age."""

    cohort: str
    customers: int
    share: float


@dataclass(frozen=True)
class Change:
    """Retention at one age: the newest cohorts beside those a year before, the difference with its interval."""

    age: int
    now: float
    before: float
    difference: float
    low: float
    high: float
    customers: int
    customers_before: int


@dataclass(frozen=True)
class CohortsBoard:
    """``age`` is where best and worst are compared; ``luck`` the chance of such differences among equal cohorts."""

    customers: int
    triangles: tuple[Triangle, ...]
    age: int | None
    best: Extreme | None
    worst: Extreme | None
    luck: float | None
    changes: tuple[Change, ...]
    limits: tuple[str, ...]
    made_by: str = "cohorts/1"


def cohorts_board(view: View) -> CohortsBoard | None:
    """The board of this turn; None while nobody has bought."""
    orders = fact(view.facts, "orders", view.today)
    won = view.cube.expressions["won"]
    groups = won.select("customer", cut=won.channel)
    month = cohort_cells(orders, "month", groups)
    if month.empty:
        return None
    whole = Cohorts().fit_cells(_together(month), view.today)
    found = [("first_order", whole), ("channel", _cut("channel", month, view))]
    found.append(
        ("market", _cut("market", cohort_cells(orders, "month", won.select("customer", cut=won.market)), view))
    )
    lines = view.facts.get("order_lines")
    if lines is not None:
        product = first_product(orders, fact(view.facts, "order_lines", view.today))
        found.append(("product", _cut("product", cohort_cells(orders, "month", product), view)))
    triangles = [t for by, one in found for t in _triangles(one, "month", by, view)]
    for grain in ("quarter", "week"):
        triangles += _triangles(
            Cohorts(grain=grain).fit_cells(cohort_cells(orders, grain), view.today), grain, "first_order", view
        )
    age, best, worst, luck = _extremes(whole)
    changes = tuple(c for c in (_change(whole, age) for age in AGES) if c is not None)
    limits = () if changes else ("cohorts_too_short_for_a_year",)
    if age is None:
        limits = (*limits, "cohorts_too_small")
    return CohortsBoard(int(whole.sizes_["customers"].sum()), tuple(triangles), age, best, worst, luck, changes, limits)


def _together(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(cut="")


def _cut(by: str, cells: pd.DataFrame, view: View) -> Cohorts:
    return Cohorts(by=by, most=CUTS_KEPT).fit_cells(cells, view.today)


def _triangles(found: Cohorts, grain: str, by: str, view: View) -> list[Triangle]:
    """One triangle a cut, the largest cut first; a cut that takes in everybody says nothing new."""
    drawn = DRAWN[grain] if by == "first_order" else CUT_DRAWN
    sizes = found.sizes_.groupby("cut")["customers"].sum().sort_values(ascending=False, kind="stable")
    if by != "first_order" and len(sizes) < 2:
        return []
    monies = found.revenue_.groupby("currency")["revenue"].sum().sort_values(ascending=False).index.tolist()
    monies = sorted(monies, key=lambda m: m != view.settings.currency)[:MONIES]
    return [_triangle(found, grain, by, str(cut), int(n), drawn, monies) for cut, n in sizes.items()]


def _triangle(found: Cohorts, grain: str, by: str, cut: str, customers: int, drawn: int, monies: list[str]) -> Triangle:
    own = found.retention_[found.retention_["cut"] == cut]
    kept = sorted(own["cohort"].unique())[-drawn:]
    own = own[own["cohort"].isin(kept)]
    money = found.revenue_[(found.revenue_["cut"] == cut) & found.revenue_["cohort"].isin(kept)]
    curve = found.curve_[found.curve_["cut"] == cut]
    columns = ["age", "customers", "retention", "low", "high"]
    return Triangle(
        grain, by, cut, customers, tuple(pd.Timestamp(c).date().isoformat() for c in kept),
        tuple(int(n) for n in own[own["age"] == 0]["customers"]), _rows(own, "active"),
        {m: _rows(money[money["currency"] == m].round({"per_customer": 0}), "per_customer") for m in monies},
        bool(len(own)) and not own["complete"].all(),
        tuple((int(a), int(n), round(s, 5), round(low, 5), round(high, 5))
              for a, n, s, low, high in curve[columns].itertuples(index=False)),
    )  # fmt: skip


def _rows(rows: pd.DataFrame, column: str) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(x) for x in own[column]) for _cohort, own in rows.groupby("cohort", sort=True))


def _extremes(found: Cohorts) -> tuple[int | None, Extreme | None, Extreme | None, float | None]:
    """Best and worst cohort at three periods, or at one while the history is short."""
    rows = found.retention_[found.retention_["complete"] & (found.retention_["customers"] >= FEWEST)]
    for age in (3, 1):
        own = rows[rows["age"] == age].sort_values(["retention", "cohort"], ignore_index=True)
        if len(own) >= 3:
            return age, _extreme(own.iloc[-1]), _extreme(own.iloc[0]), alike(own["active"], own["customers"])
    return None, None, None, None


def _extreme(row: Any) -> Extreme:
    return Extreme(row["cohort"].date().isoformat(), int(row["customers"]), float(row["retention"]))


def _change(found: Cohorts, age: int) -> Change | None:
    """The newest cohorts that reached an age beside the same months a year before; None where one side is small."""
    rows = found.retention_[found.retention_["complete"] & (found.retention_["age"] == age)]
    now = rows[rows["cohort"].isin(sorted(rows["cohort"].unique())[-POOLED:])]
    before = rows[rows["cohort"].isin([c - pd.DateOffset(years=1) for c in now["cohort"]])]
    n, m = int(now["customers"].sum()), int(before["customers"].sum())
    if n < FEWEST or m < FEWEST:
        return None
    hits, hits_before = int(now["active"].sum()), int(before["active"].sum())
    low, high = newcombe(hits, n, hits_before, m)
    return Change(age, hits / n, hits_before / m, hits / n - hits_before / m, low, high, n, m)
