"""What comes next: revenue, orders and new customers of the next quarter, in all and by channel, market and product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure import outlook
from regulars.measure.channel_weeks import last_week
from regulars.measure.combine import METHODS
from regulars.measure.forecast import Forecast
from regulars.measure.sales import fact
from regulars.measure.similar import at_start
from regulars.measure.view import View
from regulars.tables.cards import ModelCard

MADE_BY: Final = "forecast/1"
WEEKS: Final = 13
DAYS: Final = 28
YEAR: Final = 52
# How much of the past a chart shows.
PAST: Final = {"week": 104, "day": 91}
LAUNCHES: Final = 300


@dataclass(frozen=True)
class Ahead:
    """One series: its ``past`` up to ``end`` (first day of the newest period), the steps ahead with 90 % intervals.

    ``total`` is the sum ahead as (low, value, high); ``before`` the sum of as many periods just past, ``year_ago`` of
    the same ones a year before; ``lift`` what the season adds, as a factor; ``told`` what would have been said one
    horizon ago about the newest periods; ``mae`` and ``mae_naive`` on the past.
    """

    figure: str
    cut: str
    member: str
    grain: str
    end: str
    past: tuple[float, ...]
    value: tuple[float, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    total: tuple[float | None, ...]
    before: float | None
    year_ago: float | None
    lift: tuple[float, ...]
    told: tuple[float | None, ...]
    method: str
    why: str
    mae: float | None
    mae_naive: float | None
    smape: float | None
    limits: tuple[str, ...]


@dataclass(frozen=True)
class Occasion:
    """A holiday within the weeks ahead: sales of its week over the weeks around it in earlier years, how often seen,
    and by what factor the forecast of that week was moved for it (None where the past is not clear about it)."""

    name: str
    day: str
    lift: float | None
    times: int
    told: float | None = None


@dataclass(frozen=True)
class ForecastBoard:
    """``lines`` by week, ``days`` the totals by day; ``trials`` (method, mean scaled error), best first; ``coverage``
    of the newest ``covered`` values by intervals made before them."""

    currency: str
    weeks: int
    lines: tuple[Ahead, ...]
    days: tuple[Ahead, ...]
    occasions: tuple[Occasion, ...]
    trials: tuple[tuple[str, float], ...]
    coverage: float | None
    covered: int
    made_by: str
    cards: tuple[ModelCard, ...]
    kpis: pd.DataFrame


def forecast_board(view: View) -> ForecastBoard | None:
    """The board of this turn; None while no figure has twelve full weeks."""
    currency, today = view.settings.currency, pd.Timestamp(view.today)
    if view.cube.money.empty and view.cube.won.empty:
        return None
    lines = outlook.product_weeks(fact(view.facts, "order_lines", view.today), currency)
    table = outlook.weekly(view.cube, lines, today, currency)
    if table.empty:
        return None
    known = _holidays(view, pd.to_datetime(table["day"]).min())
    model = Forecast(horizon=WEEKS).fit(table, launches=_launches(lines, today), holidays=known)
    ahead = pd.DataFrame(model.predict())
    by_day = outlook.daily(view.cube, today, currency)
    days = Forecast(horizon=DAYS, origins=4).fit(by_day, holidays=known) if not by_day.empty else None
    return ForecastBoard(
        currency=currency, weeks=WEEKS, lines=_lines(model, "week"),
        days=_lines(days, "day") if days is not None else (), occasions=_occasions(view, table, known, model),
        trials=tuple(model.trials_.dropna().itertuples(index=False, name=None)),
        coverage=model.coverage_, covered=model.covered_, made_by=MADE_BY, cards=(_card(model, table),),
        kpis=outlook.kpi_rows(ahead, currency),
    )  # fmt: skip


def _lines(model: Forecast, grain: str) -> tuple[Ahead, ...]:
    """In the order total, channels, markets, products, the largest first."""
    found = [_line(model, i, grain) for i in range(len(model.panel_.names))]
    cuts = ("", "channel", "market", "product")
    return tuple(sorted(found, key=lambda a: (outlook.FIGURES.index(a.figure), cuts.index(a.cut),
                                              a.member == outlook.REST, -sum(a.value))))  # fmt: skip


def _line(model: Forecast, i: int, grain: str) -> Ahead:
    figure, cut, member = (*model.panel_.names[i].split("|", 2), "", "")[:3]
    own, errors = model.panel_.values[i], model.errors_.iloc[i]
    own = own[np.isfinite(own)]
    steps, year = model.horizon, YEAR if grain == "week" else 7 * YEAR
    back = len(own) - year
    return Ahead(
        figure, cut, member, grain, model.panel_.ends[i].isoformat(), _plain(own[-PAST[grain]:]),
        _plain(model.values_[i]), _known(model.low_[i]), _known(model.high_[i]), _known(model.total_[i]),
        float(own[-steps:].sum()) if len(own) >= steps else None,
        float(own[back : back + steps].sum()) if back >= 0 else None,
        tuple(float(x) for x in np.round(model.lift_[i], 3)), _known(model.started_[i]), str(errors["method"]),
        model.why(i), _number(errors["mae"]), _number(errors["mae_naive"]), _number(errors["smape"]), model.limits_[i],
    )  # fmt: skip


def _plain(values: Any) -> tuple[float, ...]:
    return tuple(float(x) for x in np.round(values, 2))


def _known(values: Any) -> tuple[float | None, ...]:
    return tuple(_number(x) for x in np.round(values, 2))


def _number(value: Any) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _launches(lines: pd.DataFrame, today: pd.Timestamp) -> Any:
    """How products went from their first full week on: those that began after records did, the largest first."""
    if lines.empty:
        return None
    wide = lines.pivot_table(index="product", columns="week", values="amount", aggfunc="sum")
    wide = wide.reindex(columns=pd.date_range(wide.columns.min(), last_week(today), freq="7D"))
    later = wide[wide.iloc[:, :4].isna().all(axis=1) & wide.notna().any(axis=1)]
    if later.empty:
        return None
    later = later.loc[later.sum(axis=1).nlargest(LAUNCHES).index]
    begun = later.notna().cummax(axis=1)
    return at_start(later.fillna(0.0).where(begun).to_numpy(float))


def _holidays(view: View, first: pd.Timestamp) -> pd.DataFrame:
    """Every day of an occasion of the company's country, from the first day on record to the last one foretold."""
    from regulars.measure.holidays import country_of, holidays

    until = pd.Timestamp(view.today) + pd.Timedelta(weeks=WEEKS + 1)
    return holidays(first.date(), until.date(), country_of(view.settings))


def _occasions(view: View, table: pd.DataFrame, known: pd.DataFrame, model: Forecast) -> tuple[Occasion, ...]:
    """Holidays of the weeks ahead, what revenue did in their week in earlier years, and what is in the forecast."""
    own = table[table["series"] == outlook.MONEY].set_index("day")["value"]
    if own.empty:
        return ()
    end = last_week(pd.Timestamp(view.today)) + pd.Timedelta(weeks=1)
    until = end + pd.Timedelta(weeks=WEEKS)
    lifts = model.holidays_
    measured: dict[str, float] = {}
    if len(lifts):
        own_lifts = lifts[lifts["series"] == outlook.MONEY]
        measured = dict(zip(own_lifts["holiday"], own_lifts["lift"], strict=True))
    found = []
    coming = known[(known["eve"] == 0) & (known["day"] >= end) & (known["day"] < until)]
    for name, day in zip(coming["holiday"], coming["day"], strict=True):
        same = known["holiday"] == name
        before = known.loc[same & (known["eve"] == 0) & (known["day"] < end), "day"]
        seen = [x for x in (_lift(own, one) for one in before) if x is not None]
        monday = day - pd.Timedelta(days=day.weekday())
        share = float((same & (known["day"] >= monday) & (known["day"] < monday + pd.Timedelta(days=7))).sum()) / 7
        told = measured[name] ** share if name in measured else None
        found.append(Occasion(str(name), day.date().isoformat(), float(np.mean(seen)) if seen else None, len(seen),
                              told))  # fmt: skip
    return tuple(found)


def _lift(weekly: pd.Series, day: pd.Timestamp) -> float | None:
    """The week of a day over the mean of the weeks two and three before and after it, which it hardly touches."""
    week = day - pd.Timedelta(days=day.weekday())
    around = [week + pd.Timedelta(weeks=k) for k in (-3, -2, 2, 3)]
    usual = weekly.reindex(around).dropna()
    if week not in weekly.index or len(usual) < 3 or usual.mean() <= 0:
        return None
    return float(weekly[week] / usual.mean())


def _card(model: Forecast, table: pd.DataFrame) -> ModelCard:
    errors = model.errors_[model.errors_["starts"] > 0]
    totals = errors[~errors["series"].str.contains("|", regex=False)]
    metrics: list[tuple[str, float, float | None, float | None]] = []
    for name, rows in (("forecast_error", totals), ("forecast_error_parts", errors)):
        if len(rows) and rows["smape"].notna().any():
            metrics.append((name, float(rows["smape"].mean()), None, None))
    usable = errors[errors["mae_naive"] > 0]
    if len(usable):
        ratio = float(np.exp(np.log(np.maximum(usable["mae"] / usable["mae_naive"], 1e-9)).mean()))
        metrics.append(("error_over_last", ratio, None, None))
    if model.coverage_ is not None:
        metrics.append(("interval_coverage", model.coverage_, None, None))
    limits = sorted({c for own in model.limits_ for c in own if c in ("too_short_to_test", "new_from_similar")})
    used = model.errors_["method"].value_counts()
    days = pd.to_datetime(table["day"])
    return ModelCard(
        model="forecast", version=MADE_BY, trained_from=days.min().date().isoformat(),
        trained_to=days.max().date().isoformat(), n=len(model.errors_),
        features=tuple(m for m in METHODS if m in used.index), parameters=(), holdout=None, limits=tuple(limits),
        metrics=tuple(metrics), data="orders, order_lines",
    )  # fmt: skip
