"""What is out of line, as few incidents with their likely causes and the money at stake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pandas as pd

from regulars.measure.answers import SCORES, Answers, cost_of_bad
from regulars.measure.decomposition import Cause, clearest
from regulars.measure.explanations import Explanations
from regulars.measure.incidents import (
    Incident,
    Moved,
    Point,
    incident_id,
    lead,
    limited,
    severity,
    together,
)
from regulars.measure.monitor import Monitor
from regulars.measure.suspicions import suspicions
from regulars.measure.verdicts import Verdicts, verdicts
from regulars.measure.view import View

DAILY: Final = ("revenue", "orders", "new_customers", "spend")
WEEKLY: Final = ("aov", "cac", "conversion_rate", "csat", "first_response_s", "resolution_s")
CHART_DAYS: Final = 42
MOST_CAUSES: Final = 6
# More of these is worse.
WORSE_UP: Final = ("spend", "cac", "first_response_s", "resolution_s")


@dataclass(frozen=True)
class AlertsBoard:
    """Incidents of the last ``days`` days, the newest first; ``raised`` are thresholds that verdicts moved."""

    incidents: tuple[Incident, ...]
    days: int
    watched: int
    alarms_a_week: int
    false_a_week: float
    week_revenue: int
    raised: tuple[tuple[str, str, float], ...]
    limits: tuple[str, ...]
    made_by: str = "monitor/1"


def alerts_board(view: View) -> AlertsBoard | None:
    """The board of this turn; None while no figure has a past to compare with."""
    until = view.today - timedelta(days=1)
    kpis = view.kpis
    if kpis.empty:
        return None
    kpis = kpis[kpis["currency"].isna() | (kpis["currency"] == view.settings.currency)]
    kpis = kpis.rename(columns={"name": "figure"})[["figure", "day", "grain", "channel", "market", "value"]]
    daily = kpis[(kpis["grain"] == "day") & kpis["figure"].isin(DAILY)]
    weekly = kpis[(kpis["grain"] == "week") & kpis["figure"].isin(WEEKLY) & kpis["value"].notna()]
    if daily.empty and weekly.empty:
        return None
    answers = Answers(view.cube.feedback)
    weekly = answers.enough(weekly)
    said = verdicts(view.book.get("verdicts"))
    settings = view.settings
    model = Monitor(false_a_week=settings.false_alarms_a_week, raised=said.raised)
    model.fit(daily, weekly=weekly if len(weekly) else None, until=until)
    if not model.watched_:
        return None
    worth = _Worth(kpis, view, answers)
    found = _incidents(model, view, worth, said) + suspicions(view, worth.week, worth.order)
    return AlertsBoard(
        limited(found, settings.alarms_a_week, said.muted), model.days, model.watched_, settings.alarms_a_week,
        settings.false_alarms_a_week,
        round(worth.week), tuple((f, c, k) for (f, c), k in said.raised.items()), (),
    )  # fmt: skip


class _Worth:
    """What a change of a figure is worth in minor units, on the average of the last thirteen weeks."""

    def __init__(self, kpis: pd.DataFrame, view: View, answers: Answers) -> None:
        self.view, self.answers = view, answers
        self.bad: dict[tuple[str, float], float | None] = {}
        all_ = kpis[kpis["channel"].isna() & kpis["market"].isna()]
        since = pd.Timestamp(view.today) - pd.Timedelta(days=91)
        recent = all_[(all_["grain"] == "day") & (pd.to_datetime(all_["day"]) >= since)]
        sums = recent.groupby("figure")["value"].sum()
        self.week = float(sums.get("revenue", 0.0)) / 13
        own = kpis[(kpis["grain"] == "day") & (pd.to_datetime(kpis["day"]) >= since)]
        own = own.assign(**{c: own[c].astype(object).where(own[c].notna(), "") for c in ("channel", "market")})
        self.weekly = (own.groupby(["figure", "channel", "market"])["value"].sum() / 13).to_dict()
        orders = float(sums.get("orders", 0.0))
        self.order = float(sums.get("revenue", 0.0)) / orders if orders else 0.0
        clv = all_[(all_["figure"] == "clv") & all_["value"].notna()]["value"]
        self.customer = float(clv.iloc[-1]) if len(clv) else self.order

    def of(self, figure: str, channel: str | None, market: str | None, change: float) -> int | None:
        """Negative for a loss; None where a figure has no price."""
        slice_ = (channel or "", market or "")
        price = {
            "revenue": 1.0, "orders": self.order, "new_customers": self.customer, "spend": -1.0,
            "aov": self.weekly.get(("orders", *slice_)), "cac": -self.weekly.get(("new_customers", *slice_), 0.0),
        }.get(figure)  # fmt: skip
        return None if price is None else round(change * price)

    def of_answers(
        self, figure: str, first: pd.Timestamp, last: pd.Timestamp, value: float, usual: float
    ) -> int | None:
        """What the answers that were worse than usual cost in the next 90 days; None where history does not say."""
        if (figure, usual) not in self.bad:
            view = self.view
            self.bad[figure, usual] = cost_of_bad(view.facts, figure, usual, view.today, view.settings.currency)
        cost = self.bad[figure, usual]
        return None if cost is None else -round(cost * self.answers.more_bad(figure, first, last, value, usual))


def _incidents(model: Monitor, view: View, worth: _Worth, said: Verdicts) -> list[Incident]:
    alarms = model.found_
    if alarms.empty:
        return []
    explain = Explanations(view.cube, view.facts, view.settings.currency, alarms["day"].min().date(), view.today)
    changes = (alarms["value"] - alarms["expected"]).tolist()
    slices = zip(alarms["figure"], alarms["channel"], alarms["market"], changes, strict=True)
    prices = {i: worth.of(*s) for i, s in enumerate(slices)}
    columns = ["figure", "channel", "market", "day", "end", "value", "expected"]
    for i, (figure, channel, market, *told) in enumerate(alarms[columns].itertuples(index=False, name=None)):
        if figure in SCORES and channel is None and market is None:
            prices[i] = worth.of_answers(figure, *told)
    return [_incident(model, alarms, rows, lead(alarms, rows, prices), prices, explain, worth, said)
            for rows in together(alarms)]  # fmt: skip


def _incident(
    model: Monitor, alarms: pd.DataFrame, rows: list[int], first: int, prices: dict[int, int | None],
    explain: Explanations, worth: _Worth, said: Verdicts,
) -> Incident:  # fmt: skip
    row = alarms.iloc[first]
    key = (str(row["figure"]), row["channel"], row["market"])
    explains = worth.answers.causes if key[0] in SCORES else explain.of
    parts = explains(*key, row["day"], row["end"], float(row["expected"]))
    by, taken = clearest(parts)
    shown: tuple[Cause, ...] = parts.get(by, ())[:MOST_CAUSES]
    moved = []
    for i in sorted(set(rows) - {first}, key=lambda i: -abs(prices[i] or 0)):
        m = alarms.iloc[i]
        moved.append(Moved(str(m["figure"]), m["channel"], m["market"], float(m["value"]), float(m["expected"])))
    money = prices[first]
    p = float(row["p"])
    grade = severity(money, worth.week)
    if money is None and p < 1e-5:
        grade = "serious"
    return Incident(
        incident_id(str(row["kind"]), *key, row["day"].date()), str(row["kind"]), *key,
        row["day"].date().isoformat(), row["end"].date().isoformat(), float(row["value"]), float(row["expected"]),
        _number(row["low"]), _number(row["high"]), money, grade,
        "up" if row["value"] > row["expected"] else "down", p, True, by, shown, sum(c.share for c in taken),
        tuple(moved[:6]), _points(model, key, row), said.raised.get((key[0], key[1] or ""), 1.0),
        _why(str(row["kind"]), key[0], money, 1 / worth.view.settings.false_alarms_a_week),
    )  # fmt: skip


# How each kind of alarm is found, as a reason code.
_FOUND: Final = {
    kind: f"alarm_{kind}" for kind in ("day", "week", "shift", "quality", "idle_spend", "drift", "calibration")
}


def _why(kind: str, figure: str, money: int | None, weeks: float) -> tuple[str, ...]:
    codes = [_FOUND[kind], f"alarm_rare={weeks:.3g}"]
    if figure in SCORES:
        codes.append("alarm_slow_share" if figure != "csat" else "alarm_unhappy_share")
        codes.append("alarm_bad_priced" if money is not None else "alarm_bad_no_price")
    return tuple(codes)


def _points(model: Monitor, key: tuple[str, str | None, str | None], row: Any) -> tuple[Point, ...]:
    band = model.expected_.get(key)
    if band is None:
        return ()
    end = row["end"] + pd.Timedelta(days=7)
    kept = band[band["day"] <= end].tail(CHART_DAYS)
    return tuple(Point(d.date().isoformat(), float(v), _number(low), _number(high))
                 for d, v, low, high in kept[["day", "value", "low", "high"]].itertuples(index=False))  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
