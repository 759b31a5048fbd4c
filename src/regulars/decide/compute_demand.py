"""How much of a meter every plan and every customer will ask for next week, from what was used so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.decide.curves import Array

WEEKS: Final = 110
RECENT: Final = 8
# A week back counts this much less when a customer's usual use is averaged.
FADE: Final = 0.8
YEAR: Final = 52
NO_PLAN: Final = ""
GRID: Final = tuple(product((0.1, 0.2, 0.35, 0.5, 0.7), (0.0, 0.05, 0.15), (0.9, 1.0)))


@dataclass(frozen=True)
class Outlook:
    """Next week's figure of one series with its 90 % interval, and the weeks it was learned from (oldest first)."""

    mean: float
    low: float
    high: float
    past: tuple[float, ...]
    seasonal: bool


@dataclass(frozen=True)
class Demand:
    """Next week's demand of one meter: by plan, and by customer (columns ``customer, plan, demand``)."""

    meter: str
    plans: Mapping[str, Outlook]
    customers: pd.DataFrame

    @property
    def total(self) -> float:
        """All plans together."""
        return float(sum(p.mean for p in self.plans.values()))


def demands(facts: Mapping[str, Any], today: date) -> dict[str, Demand]:
    """The demand of next week, by meter; empty where nothing was metered in the last ``RECENT`` weeks.

    Weeks end the day before ``today``. The engine sums by plan and day, and by customer with weights that fade by
    a fifth a week; a plan's series is forecast by ``next_week`` and its customers share the figure by their usual
    use, so that people and plans add up.
    """
    usage = facts.get("usage")
    if usage is None:
        return {}
    end = ibis.literal(today)
    usage = usage.filter((usage.day < end) & (usage.day >= ibis.literal(today - timedelta(weeks=WEEKS))))
    usage = usage.filter(usage.customer.notnull()).select("customer", "meter", "day", "quantity")
    joined = usage.left_join(_plans(facts, today), "customer").select("customer", "meter", "day", "quantity", "plan")
    daily = joined.group_by(["meter", "plan", "day"]).aggregate(quantity=joined.quantity.sum()).to_pyarrow().to_pandas()
    late = joined.filter(joined.day >= ibis.literal(today - timedelta(weeks=RECENT)))
    by_day = {today - timedelta(days=k + 1): FADE ** (k // 7) for k in range(7 * RECENT)}
    weight = ibis.cases(*((late.day == ibis.literal(d), w) for d, w in by_day.items()), else_=0.0)
    late = late.mutate(usual=late.quantity * weight)
    usual = late.group_by(["meter", "customer", "plan"]).aggregate(usual=late.usual.sum()).to_pyarrow().to_pandas()
    daily["plan"], usual["plan"] = daily["plan"].fillna(NO_PLAN), usual["plan"].fillna(NO_PLAN)
    usual = usual[usual["usual"] > 0].sort_values(["meter", "customer"], ignore_index=True)
    return {meter: _demand(meter, rows, daily[daily["meter"] == meter], today)
            for meter, rows in usual.groupby("meter")}  # fmt: skip


def next_week(past: Array) -> Outlook:
    """Forecast a weekly series one step: damped-trend smoothing, and the turn of the year where two years are known.

    Formula: level l_t = a y_t + (1 - a)(l + p b), trend b_t = c (l_t - l_{t-1}) + (1 - c) p b; (a, c, p) with the
    least squared one-step error of a small grid. With two years, the ratio of the same week last year to the eight
    weeks before it, shrunk by half, turns the figure. The interval is the 5 % and 95 % quantile of the one-step
    errors seen, at least the Poisson-like root of the figure. Source: Gardner and McKenzie, Management Science 31
    (1985) 1237-1246.

    >>> next_week(np.full(20, 50.0)).mean
    50.0
    """
    y = np.asarray(past, dtype=float)
    if y.size < 3:
        mean = float(y.mean()) if y.size else 0.0
        return Outlook(mean, max(0.0, mean - 1.645 * mean**0.5), mean + 1.645 * mean**0.5, tuple(y.tolist()), False)
    a, c, p = (np.array(v) for v in zip(*GRID, strict=True))
    level, trend = np.full(len(GRID), float(y[: min(4, y.size)].mean())), np.zeros(len(GRID))
    errors = np.empty((y.size, len(GRID)))
    for t, value in enumerate(y):
        ahead = level + p * trend
        errors[t] = value - ahead
        new = a * value + (1 - a) * ahead
        trend = c * (new - level) + (1 - c) * p * trend
        level = new
    warm = min(4, y.size - 2)
    best = int(np.argmin((errors[warm:] ** 2).mean(axis=0)))
    mean = float((level + p * trend)[best])
    turns = y.size >= 2 * YEAR and float(y[-YEAR - 8 : -YEAR].mean()) > 0
    if turns:
        mean *= 1 + 0.5 * (float(y[-YEAR]) / float(y[-YEAR - 8 : -YEAR].mean()) - 1)
    mean = max(0.0, mean)
    low, high = np.quantile(errors[warm:, best], [0.05, 0.95])
    return Outlook(mean, max(0.0, mean + min(float(low), 0.0)), mean + max(float(high), 0.0), tuple(y.tolist()), turns)


def _plans(facts: Mapping[str, Any], today: date) -> Any:
    """The plan of everybody with a contract, as of its newest change."""
    rows = facts.get("subscriptions")
    if rows is None:
        return ibis.memtable(pa.table({"customer": pa.array([], pa.string()), "plan": pa.array([], pa.string())}))
    rows = rows.filter(rows.customer.notnull() & (rows.day < ibis.literal(today)) & (rows.kind != "void"))
    return rows.group_by("customer").aggregate(plan=rows.plan.argmax(rows["at"]))


def _demand(meter: str, usual: pd.DataFrame, daily: pd.DataFrame, today: date) -> Demand:
    ages = np.array([(today - timedelta(days=1) - pd.Timestamp(d).date()).days // 7 for d in daily["day"]], dtype=int)
    plans: dict[str, Outlook] = {}
    parts = []
    for plan, rows in usual.groupby("plan"):
        of = (daily["plan"] == plan).to_numpy()
        weeks = np.bincount(ages[of], weights=daily["quantity"].to_numpy(dtype=float)[of])[::-1].astype(float)
        outlook = next_week(weeks)
        plans[str(plan)] = outlook
        share = rows["usual"] / rows["usual"].sum()
        parts.append(pd.DataFrame({"customer": rows["customer"], "plan": plan, "demand": outlook.mean * share}))
    return Demand(meter, plans, pd.concat(parts, ignore_index=True))
