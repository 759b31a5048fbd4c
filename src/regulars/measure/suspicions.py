"""What is wrong beside the figures: broken facts, spend without result, drift, dependence on one channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import norm

from regulars.measure.chances import chances
from regulars.measure.decomposition import Cause
from regulars.measure.drift import drift_of_shares
from regulars.measure.idle_spend import idle_spend
from regulars.measure.incidents import Incident, incident_id, severity
from regulars.measure.quality import breaks
from regulars.measure.sales import fact
from regulars.measure.view import View

NOW_DAYS: Final = 28
PAST_DAYS: Final = 182
# From this share on the largest channel is a risk of its own when it also grew.
CONCENTRATED: Final = 0.5


def suspicions(view: View, week_revenue: float, order: float) -> list[Incident]:
    """Incidents that no figure's own course shows, with the money behind each."""
    out = _broken(view, week_revenue) + _idle(view, week_revenue, order)
    return out + _mixes(view, week_revenue) + _off(view, week_revenue, order)


def _broken(view: View, week: float) -> list[Incident]:
    found = []
    for b in breaks(view.facts, view.today):
        days = (b.end - b.day).days + 1
        # Days of sales that are not there are worth what those days usually bring.
        money = -round(week / 7 * days) if b.table == "orders" and b.kind in ("missing_days", "late") else None
        one = _incident("quality", b.table, b.source, b.day, b.end, float(b.rows), b.usual, money, week, b.p, b.kind)
        found.append(one)
    return found


def _idle(view: View, week: float, order: float) -> list[Incident]:
    cube, currency = view.cube, view.settings.currency
    spend = cube.spend[cube.spend["currency"] == currency]
    found = []
    for i in idle_spend(spend, cube.credit, view.today):
        money = -round(min(i.usual - i.orders, i.usual) * order)
        found.append(_incident("idle_spend", "spend", i.channel, i.day, i.end, float(i.orders), i.usual,
                               money if money < 0 else -i.spend, week, i.p, "no_result"))  # fmt: skip
    return found


def _off(view: View, week: float, order: float) -> list[Incident]:
    """Chances that came true more or less often than told; priced by the orders that makes."""
    return [
        _incident("calibration", b.name, None, b.day, b.end, b.came, b.told,
                  round((b.came - b.told) * b.people * order), week, b.p, "less" if b.came < b.told else "more")
        for b in chances(view.facts, view.today)
    ]  # fmt: skip


def _mixes(view: View, week: float) -> list[Incident]:
    """Channels and markets of orders, now against the half year before; and the share of the largest channel."""
    orders = fact(view.facts, "orders", view.today)
    since = view.today - timedelta(days=PAST_DAYS + NOW_DAYS)
    paid = orders.filter((orders.status == "paid") & (orders.kind == "sale") & (orders.day >= since))
    rows = paid.group_by(["day", "channel", "market"]).aggregate(n=paid.count()).to_pyarrow().to_pandas()
    if rows.empty:
        return []
    rows["day"] = pd.to_datetime(rows["day"])
    edge = pd.Timestamp(view.today) - pd.Timedelta(days=NOW_DAYS)
    found = []
    for by in ("channel", "market"):
        named = rows.assign(name=rows[by].astype(object).where(rows[by].notna(), ""))
        sides = [named[m].groupby("name")["n"].sum().astype(float).to_dict()
                 for m in (named["day"] < edge, named["day"] >= edge)]  # fmt: skip
        if min(sum(s.values()) for s in sides) < 100:
            continue
        moved = drift_of_shares(f"{by}_mix", *sides)
        if moved.grade == "much":
            found.append(_incident("drift", f"{by}_mix", None, edge.date(), view.today - timedelta(days=1), moved.psi,
                                   0.0, None, week, moved.p, "drifted", _shares(by, *sides)))  # fmt: skip
        elif by == "channel":
            found += _concentrated(sides[0], sides[1], edge.date(), view.today, week)
    return found


def _concentrated(past: dict[str, float], now: dict[str, float], since: date, today: date, week: float) -> Any:
    """The largest channel holds over half and clearly more than before."""
    top = max(now, key=now.__getitem__)
    n, m = sum(now.values()), sum(past.values())
    p1, p0 = now[top] / n, past.get(top, 0.0) / m
    whole = (now[top] + past.get(top, 0.0)) / (n + m)
    error = np.sqrt(whole * (1 - whole) * (1 / n + 1 / m))
    chance = float(norm.sf((p1 - p0) / error)) if error > 0 else 1.0
    if not top or p1 < CONCENTRATED or p1 - p0 < 0.1 or chance > 1e-4:
        return []
    return [_incident("concentration", "orders", top, since, today - timedelta(days=1), p1, p0, None, week, chance,
                      "concentrated", _shares("channel", past, now))]  # fmt: skip


def _shares(by: str, past: dict[str, float], now: dict[str, float]) -> tuple[Cause, ...]:
    """Each name's shift of share; the gains add up to the losses, so each is over all that moved."""
    n, m = sum(now.values()), sum(past.values())
    gaps = {k: now.get(k, 0.0) / n - past.get(k, 0.0) / m for k in {*past, *now}}
    whole = sum(abs(g) for g in gaps.values()) / 2 or 1.0
    found = [Cause(by, k, now.get(k, 0.0) / n, past.get(k, 0.0) / m, g, g / whole) for k, g in gaps.items()]
    ranked: Callable[[Cause], tuple[float, str]] = lambda c: (-abs(c.share), c.name)  # noqa: E731
    return tuple(sorted(found, key=ranked)[:6])


def _incident(
    kind: str, figure: str, channel: str | None, day: date, end: date, value: float, usual: float, money: int | None,
    week: float, p: float, way: str, parts: tuple[Cause, ...] = (),
) -> Incident:  # fmt: skip
    # A half year that slides on by a day each turn is still the same incident within its month.
    since = day.replace(day=1) if kind in ("drift", "concentration") else day
    grade = severity(money, week) if money is not None else "serious" if kind == "quality" else "slight"
    return Incident(
        incident_id(kind, figure, channel, way, since), kind, figure, channel, None, day.isoformat(), end.isoformat(),
        value, usual, None, None, money, grade, way, max(p, 1e-300), True, parts[0].by if parts else "", parts,
        0.0, (), (), 1.0, (f"alarm_{kind}",),
    )  # fmt: skip
