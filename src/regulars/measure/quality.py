"""Breaks in the facts themselves: missing days, rows imported twice, names that vanish, sources gone silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import binom, nbinom, poisson

from regulars.measure.sales import fact

DAYS: Final = 98
RECENT: Final = 14
RARE: Final = 1e-5
NAMES: Final = {"orders": ("channel", "market", "customer"), "touches": ("channel", "customer"), "spend": ("channel",)}


@dataclass(frozen=True)
class Break:
    """One thing wrong with a table of facts: ``kind`` is missing_days, doubled, nameless or late; ``source`` whence."""

    kind: str
    table: str
    source: str
    day: date
    end: date
    rows: int
    usual: float
    p: float


def breaks(facts: Mapping[str, Any], today: date) -> tuple[Break, ...]:
    """Breaks of the newest two weeks, in the tables that have a past to compare with.

    ``p`` is how often a healthy source looks like this by chance; only what is rarer than one in a hundred thousand
    is told, because a wrong word about somebody's data costs trust.
    """
    found: list[Break] = []
    for name, columns in NAMES.items():
        daily = counts(facts, name, columns, today)
        for source, own in daily.groupby("source"):
            found += _missing(name, str(source), own, today) + _nameless(name, str(source), own, columns, today)
            if name == "orders":
                found += _doubled(name, str(source), own, today)
    return tuple(sorted(found, key=lambda b: b.p))


def counts(facts: Mapping[str, Any], name: str, columns: tuple[str, ...], today: date) -> pd.DataFrame:
    """Rows by source and day, how many lack each name, and how many repeat another; one query."""
    rows = fact(facts, name, today)
    rows = rows.filter(rows.day >= today - timedelta(days=DAYS))
    sums = {f"no_{c}": rows[c].isnull().cast("int64").sum() for c in columns}
    if name == "orders":
        # The same customer, moment and amount under another id is one order that came in twice.
        rows = rows.filter((rows.kind == "sale") & rows.customer.notnull())
        one = rows.group_by(["source", "day", "customer", "at", "amount"]).aggregate(n=rows.count())
        twice = one.group_by(["source", "day"]).aggregate(doubled=(one.n - 1).sum())
        doubled = twice.to_pyarrow().to_pandas()
        rows = fact(facts, name, today)
        rows = rows.filter((rows.day >= today - timedelta(days=DAYS)) & (rows.kind == "sale"))
        sums = {f"no_{c}": rows[c].isnull().cast("int64").sum() for c in columns}
    grouped: pd.DataFrame = rows.group_by(["source", "day"]).aggregate(n=rows.count(), **sums).to_pyarrow().to_pandas()
    if name == "orders":
        grouped = grouped.merge(doubled, how="left", on=["source", "day"])
        grouped["doubled"] = grouped["doubled"].fillna(0)
    grouped["day"] = pd.to_datetime(grouped["day"])
    return grouped


def _missing(name: str, source: str, own: pd.DataFrame, today: date) -> list[Break]:
    """Days without a row where the same weekdays nearly never were; those up to yesterday are a late source."""
    yesterday = pd.Timestamp(today) - pd.Timedelta(days=1)
    days = pd.date_range(own["day"].min(), yesterday)
    if len(days) < 8 * 7 // 2:
        return []
    n = own.set_index("day")["n"].reindex(days).fillna(0).to_numpy()
    found = []
    empty = np.flatnonzero(n == 0)
    empty = empty[empty >= len(n) - RECENT]
    for run in np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1) if len(empty) else []:
        past = n[: run[0]]
        if len(past) < 28:
            continue
        chance = float(np.prod([_empty_chance(past[(len(past) - (t - run[0])) % 7 :: 7][-8:], past) for t in run]))
        if chance < RARE:
            late = run[-1] == len(n) - 1
            found.append(Break("late" if late else "missing_days", name, source, days[run[0]].date(),
                               days[run[-1]].date(), 0, float(past[-56:].mean() * len(run)), chance))  # fmt: skip
    return found


def _empty_chance(same: np.ndarray[Any, Any], past: np.ndarray[Any, Any]) -> float:
    """Chance of no row at all: negative binomial with the weekday's mean and the source's own overdispersion."""
    mean = float(same.mean()) if len(same) else float(past.mean())
    spread = float(past[-56:].var())
    whole = float(past[-56:].mean())
    if mean <= 0 or whole <= 0:
        return 1.0
    # At least one empty day among those seen keeps a chance of its own.
    seen = (float((past[-56:] == 0).sum()) + 0.5) / (len(past[-56:]) + 1)
    if spread <= whole:
        return max(float(poisson.pmf(0, mean)), seen if (past[-56:] == 0).any() else 0.0)
    size = whole**2 / (spread - whole)
    return max(float(nbinom.pmf(0, size, size / (size + mean))), seen if (past[-56:] == 0).any() else 0.0)


def _nameless(name: str, source: str, own: pd.DataFrame, columns: tuple[str, ...], today: date) -> list[Break]:
    """Days on which far more rows than before lack a name."""
    recent = own["day"] >= pd.Timestamp(today) - pd.Timedelta(days=RECENT)
    found = []
    for column in columns:
        past, now = own[~recent], own[recent]
        if past["n"].sum() < 50 or now.empty:
            continue
        share = (float(past[f"no_{column}"].sum()) + 1) / (float(past["n"].sum()) + 2)
        # Twice the worst day before, or chance by the binomial: whichever is harder to pass.
        worst = float((past[f"no_{column}"] / past["n"]).where(past["n"] >= 10).max())
        p = np.asarray(binom.sf(now[f"no_{column}"] - 1, now["n"], min(share, 1.0)))
        bad = (p < RARE) & (now[f"no_{column}"] / now["n"] > max(2 * np.nan_to_num(worst), share + 0.2)).to_numpy()
        if bad.any():
            days = now["day"][bad]
            found.append(Break("nameless", name, source, days.min().date(), days.max().date(),
                               int(now[f"no_{column}"][bad].sum()), share, float(p[bad].min())))  # fmt: skip
    return found


def _doubled(name: str, source: str, own: pd.DataFrame, today: date) -> list[Break]:
    """Days on which many orders repeat another to the moment and the amount."""
    recent = own["day"] >= pd.Timestamp(today) - pd.Timedelta(days=RECENT)
    past, now = own[~recent], own[recent]
    if now.empty or past["n"].sum() < 20:
        return []
    share = (float(past["doubled"].sum()) + 0.5) / (float(past["n"].sum()) + 1)
    p = np.asarray(binom.sf(now["doubled"] - 1, now["n"], min(share, 1.0)))
    bad = (p < RARE) & (now["doubled"] >= 3).to_numpy()
    if not bad.any():
        return []
    days = now["day"][bad]
    return [Break("doubled", name, source, days.min().date(), days.max().date(), int(now["doubled"][bad].sum()),
                  share, float(p[bad].min()))]  # fmt: skip
