"""Tests that change whole markets or whole weeks: what they changed so far, and what they could see."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.geo_lift import FEWEST_BEFORE, GeoLift, geo_power
from regulars.measure.history import first_day
from regulars.measure.switchback import Switchback
from regulars.measure.view import View

MADE_BY: Final = "field_tests/1"
MOST: Final = 10
FIGURES: Final = {"revenue": "revenue", "orders": "orders", "buyers": "orders", "money_per_order": "revenue"}
BETWEEN: Final = re.compile(r"[,，、;；]")


@dataclass(frozen=True)
class FieldTest:
    """One test: its effect over the whole test where there is one yet, and what it could see.

    ``path`` has (first day, actual, expected, low, high) by week; ``detectable`` is the smallest relative effect
    seen four times out of five; ``plan`` has (day, on) of a test by the clock. Money is in minor units.
    """

    id: str
    unit: str
    figure: str
    markets: tuple[str, ...]
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    se: float | None = None
    relative: float | None = None
    p_value: float | None = None
    placements: int = 0
    fit_error: float | None = None
    weights: tuple[tuple[str, float], ...] = ()
    path: tuple[tuple[str, float, float, float | None, float | None], ...] = ()
    detectable: float | None = None
    plan: tuple[tuple[str, int], ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldTestsBoard:
    """Every test on markets or by the clock that is not concluded, the newest first."""

    tests: tuple[FieldTest, ...]
    currency: str
    made_by: str


def field_tests_board(view: View) -> FieldTestsBoard | None:
    """The board of this turn; None where no such test is planned or runs."""
    asked = [(row, json.loads(row["body"] or "{}")) for row in view.book["experiments"].to_pylist()]
    open_ = [(row, more["unit"]) for row, more in asked
             if more.get("unit") in ("geo", "time") and row["state"] != "concluded"]  # fmt: skip
    newest = sorted(open_, key=lambda one: one[0]["start"], reverse=True)[:MOST]
    if not newest:
        return None
    make = {"geo": _on_markets, "time": _by_the_clock}
    return FieldTestsBoard(tuple(make[unit](row, view) for row, unit in newest), view.settings.currency, MADE_BY)


def _on_markets(row: dict[str, Any], view: View) -> FieldTest:
    """Weekly sums of each market; the week in which the test starts counts as the test's."""
    figure = FIGURES.get(row["metric"], "revenue")
    weekly = _weekly(view, figure)
    known = {m.lower(): m for m in weekly["market"].unique()}
    wanted = [w.strip().lower() for w in BETWEEN.split(row["market"] or "") if w.strip()]
    treated = tuple(known[w] for w in wanted if w in known)
    test = FieldTest(row["id"], "geo", figure, treated)
    start = first_day(pd.Series([pd.Timestamp(row["start"])]), "week").iloc[0]
    before = weekly[weekly["day"] < start]
    if not treated or before["day"].nunique() < FEWEST_BEFORE or len(known) - len(treated) < 2:
        return _with(test, limits=("market_not_known",) if not treated else ("too_few_placements",))
    # A market that sold nothing before cannot be followed, nor follow.
    sold = before.groupby("market")[figure].sum()
    weekly = weekly[weekly["market"].isin(sold[sold > 0].index)]
    if not set(treated) <= set(weekly["market"]):
        return _with(test, limits=("market_not_known",))
    weeks = max(1, round(row["window_days"] / 7))
    power = geo_power(before[before["market"].isin(sold[sold > 0].index)], treated=treated,
                      periods=min(weeks, before["day"].nunique() - FEWEST_BEFORE) or 1, outcome=figure)  # fmt: skip
    test = _with(test, detectable=power.detectable, limits=power.limits)
    if not (weekly["day"] >= start).any():
        return test
    lift = GeoLift().fit(weekly, treated=treated, start=start, end=row["end"], outcome=figure)
    record = lift.record(id=row["id"], name="", channel="", market="", metric=figure)
    low, high = lift.interval_ or (None, None)
    path = tuple(
        (day.date().isoformat(), float(a), float(s), _known(lo), _known(hi))
        for day, a, s, lo, hi in zip(*(lift.path_[c] for c in ("date", "actual", "synthetic", "low", "high")),
                                     strict=True)
    )  # fmt: skip
    return _with(
        test, effect=lift.effect_, low=low, high=high, se=record["se"], relative=lift.relative_, p_value=lift.p_value_,
        placements=lift.placements_, fit_error=lift.fit_error_, path=path, limits=lift.limits_,
        weights=tuple(sorted(lift.weights_.items(), key=lambda one: -one[1])[:6]),
    )  # fmt: skip


def _weekly(view: View, figure: str) -> pd.DataFrame:
    """A row per market and whole week: ``market, day, <figure>``, weeks without sales as nought."""
    money = view.cube.money
    own = money[money["market"].notna() & (money["currency"] == view.settings.currency)]
    over = pd.Timestamp(view.today) - pd.Timedelta(days=view.today.weekday())
    own = own[own["day"] < over]
    if own.empty:
        return pd.DataFrame({"market": pd.Series(dtype=str), "day": pd.Series(dtype="datetime64[s]"), figure: 0.0})
    wide = own.groupby(["market", first_day(own["day"], "week").rename("day")], observed=True)[figure].sum().unstack()
    weeks = pd.date_range(wide.columns.min(), over - pd.Timedelta(days=7), freq="7D")
    # The first week on record is rarely a whole one.
    full = wide.reindex(columns=weeks[1:]).fillna(0.0).rename_axis(columns="day")
    long: pd.DataFrame = full.stack(future_stack=True).rename(figure).reset_index()
    return long


def switch_for(days: int, id: str) -> Switchback:
    """Blocks so that there are about twelve pairs, of a week at most; the coins are the test's own.

    >>> switch_for(168, "a").block, switch_for(28, "a").block
    (7, 1)
    """
    block = min(7, max(1, days // 24))
    return Switchback(block=block, carry=1 if block > 2 else 0, seed=int.from_bytes(id.encode()[:6], "big"))


def _by_the_clock(row: dict[str, Any], view: View) -> FieldTest:
    figure = FIGURES.get(row["metric"], "revenue")
    test = FieldTest(row["id"], "time", figure, ())
    switch = switch_for(row["window_days"], row["id"])
    if row["window_days"] < 4 * switch.block:
        return _with(test, limits=("too_few_pairs",))
    plan = switch.plan(periods=row["window_days"], start=row["start"])
    test = _with(test, plan=tuple((d.isoformat(), int(on)) for d, on in zip(plan["day"], plan["on"], strict=True)))
    done = int((plan["day"] < view.today).sum()) // (2 * switch.block) * 2 * switch.block
    if done < 4 * switch.block:
        return test
    found = switch.fit(plan.head(done).assign(sold=_daily(view, row["start"], done, figure)), outcome="sold")
    # Per period times the periods it would be on if it stayed on: the whole window.
    scale, half = float(done), (found.interval_[1] - found.interval_[0]) / 2
    from scipy import special

    z = float(special.stdtrit(len(found.pairs_) - 1, 0.975))
    return _with(
        test, effect=found.effect_ * scale, low=found.interval_[0] * scale, high=found.interval_[1] * scale,
        se=half / z * scale if np.isfinite(half) else None, relative=found.relative_, p_value=found.p_value_,
        placements=len(found.pairs_), limits=found.limits_,
    )  # fmt: skip


def _daily(view: View, start: date, days: int, figure: str) -> list[float]:
    money = view.cube.money
    own = money[money["currency"] == view.settings.currency].groupby("day")[figure].sum()
    asked = pd.date_range(start, start + timedelta(days=days - 1))
    return [float(v) for v in own.reindex(asked).fillna(0.0)]


def _with(test: FieldTest, **more: Any) -> FieldTest:
    from dataclasses import replace

    return replace(test, **more)


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
