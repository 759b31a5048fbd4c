"""Whether the chances we told of people came true as often as told, and still do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import ibis
import numpy as np
from scipy.stats import norm

from regulars.measure.sales import fact, sales

# Chances that orders alone can check, and the days they look ahead.
CHECKED: Final = {"buy_30": 30}
PAST_DAYS: Final = 240
FEWEST: Final = 200
RARE: Final = 1e-4
# A month that was good or bad for everybody moves every chance a little: that alone is no reason to learn anew.
FAR: Final = 0.25


@dataclass(frozen=True)
class Broken:
    """Chances ``name`` told on ``day``: ``told`` is the share they let one expect, ``came`` the share that did."""

    name: str
    day: date
    end: date
    people: int
    told: float
    came: float
    p: float


@dataclass(frozen=True)
class _Batch:
    """One turn's chances: how many, their sum, how many came, and the sum of p (1 - p)."""

    day: date
    n: float
    told: float
    came: float
    var: float


def chances(facts: Mapping[str, Any], today: date) -> tuple[Broken, ...]:
    r"""Chances that are further off than they were, on the newest turn whose time is over.

    With :math:`g = \overline{y - p}` of that turn and :math:`g_0` of the turns before it (each a whole horizon
    apart, so that no order counts twice), told when :math:`|g - g_0|` is above a quarter of the mean chance and
    rarer than one in ten thousand, the variance of each gap being :math:`\sum p (1 - p) / n^2`. Before there are
    earlier turns, g is held against 0. Empty while no turn is old enough.

    References
    ----------
    Spiegelhalter (1986), "Probabilistic Prediction in Patient Management and Clinical Trials".
    """
    scores = facts.get("scores")
    if scores is None:
        return ()
    rows = scores if isinstance(scores, ibis.Table) else ibis.memtable(scores)
    return tuple(b for name, days in CHECKED.items() if (b := _checked(rows, facts, name, days, today)) is not None)


def _checked(rows: Any, facts: Mapping[str, Any], name: str, days: int, today: date) -> Broken | None:
    last, oldest = today - timedelta(days=days), today - timedelta(days=days + PAST_DAYS)
    own = rows.filter((rows.name == name) & rows.value.notnull())
    own = own.mutate(told_on=own.made_at.date())
    own = own.filter((own.told_on < last) & (own.told_on >= oldest))
    turns = sorted((r["told_on"] for r in own.select("told_on").distinct().to_pyarrow().to_pylist()), reverse=True)
    asked: list[date] = []
    for day in turns:
        if not asked or (asked[-1] - day).days >= days:
            asked.append(day)
    if not asked:
        return None
    batches = _batches(own.filter(own.told_on.isin(asked)), facts, days, today)
    return judged(name, days, [batches[d] for d in asked if d in batches])


def _batches(own: Any, facts: Mapping[str, Any], days: int, today: date) -> dict[date, _Batch]:
    newest = ibis.window(group_by=[own.customer, own.told_on], order_by=[ibis.desc(own.made_at)])
    one = own.mutate(place=ibis.row_number().over(newest))
    one = one.filter(one.place == 0).select("told_on", "value", person=one.customer)
    bought = sales(fact(facts, "orders", today))
    bought = bought.filter(bought.customer.notnull()).select("day", "customer").distinct()
    pairs = one.left_join(bought, one.person == bought.customer)
    gap = pairs.day.delta(pairs.told_on, unit="day")
    came = ((gap > 0) & (gap <= days)).fill_null(False).cast("int64")
    each = pairs.group_by(["told_on", "person"]).aggregate(told=pairs["value"].max(), came=came.max())
    sums = each.group_by("told_on").aggregate(
        n=each.count(), told=each.told.sum(), came=each.came.sum(), var=(each.told * (1 - each.told)).sum()
    )
    found = sums.to_pyarrow().to_pylist()
    return {r["told_on"]: _Batch(r["told_on"], *(float(r[c]) for c in ("n", "told", "came", "var"))) for r in found}


def judged(name: str, days: int, batches: list[_Batch]) -> Broken | None:
    """The newest batch against the others, or None where it is as it was."""
    if not batches or batches[0].n < FEWEST or batches[0].told <= 0:
        return None
    now, before = batches[0], batches[1:]
    n0 = sum(b.n for b in before)
    usual = sum(b.came - b.told for b in before) / n0 if n0 >= FEWEST else 0.0
    error = now.var / now.n**2 + (sum(b.var for b in before) / n0**2 if n0 >= FEWEST else 0.0)
    gap = (now.came - now.told) / now.n - usual
    p = float(2 * norm.sf(abs(gap) / np.sqrt(error))) if error > 0 else 1.0
    if p >= RARE or abs(gap) < FAR * now.told / now.n:
        return None
    told = float(np.clip(now.told / now.n + usual, 0.0, 1.0))
    return Broken(name, now.day, now.day + timedelta(days=days), int(now.n), told, now.came / now.n, p)
