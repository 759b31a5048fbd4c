"""Response curves: what a week's spend in a channel brings, with the weeks it was learnt from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.translation import gettext as _

from regulars.tables import why_codes
from regulars.web import charts
from regulars.web.bridge.kpis import kpi_channels, response_rows
from regulars.web.kpis.figures import ended
from regulars.web.words.amounts import major, symbol

POINTS, DRAWS, USUAL_WEEKS = 33, 400, 8
UNDECIDED = ("data_did_not_decide", "spend_hardly_varied")


@dataclass(frozen=True)
class Response:
    """One channel's curve: drawn, with what the next unit of money earns, and whether the data decided."""

    channel: str
    chart: charts.Chart
    why: str
    made_by: str
    made_at: dt.datetime
    usual: float
    brings: float
    baseline: float
    counted: str
    next_unit: float | None
    next_low: float | None
    next_high: float | None
    undecided: bool


def responses(now: dt.date | None) -> list[Response]:
    """The curve of every channel that has one, the largest spend first."""
    weeks = weekly(now)
    found = [response(row, weeks.get(row["channel"], {})) for row in response_rows() if drawable(row)]
    return sorted(found, key=lambda r: -r.usual)


def drawable(row: dict[str, Any]) -> bool:
    return row.get("ceiling") is not None and (row.get("half") or 0) > 0


def weekly(now: dt.date | None) -> dict[str, dict[dt.date, dict[str, float]]]:
    """Spend, new customers and orders of each channel and whole week."""
    own = settings.COMPANY.currency
    found: dict[str, dict[dt.date, dict[str, float]]] = {}
    for r in kpi_channels("week", ("spend", "new_customers", "orders")):
        if r["currency"] in (None, own) and r["value"] is not None and ended(r["day"], "week", now):
            found.setdefault(r["channel"], {}).setdefault(r["day"], {})[r["name"]] = r["value"]
    return found


def usual_spend(weeks: dict[dt.date, dict[str, float]]) -> float:
    """Mean spend of the last eight whole weeks, as the plan reckons "today"; a week without a row spent nothing."""
    if not weeks:
        return 0.0
    last = max(weeks)
    days = [last - dt.timedelta(weeks=i) for i in range(min(USUAL_WEEKS, (last - min(weeks)).days // 7 + 1))]
    return sum(weeks.get(d, {}).get("spend", 0.0) for d in days) / len(days)


def response(row: dict[str, Any], weeks: dict[dt.date, dict[str, float]]) -> Response:
    """Draw ``baseline + ceiling x / (x + half)`` over twice the usual spend or all that was ever tried."""
    from regulars.decide.curve_rows import log_sd
    from regulars.decide.curves import Curves

    codes = why_codes(row["why"])
    counted = codes.get("counted") or "new_customers"
    usual = usual_spend(weeks)
    seen = [(w.get("spend", 0.0), w.get(counted)) for w in weeks.values()]
    most = max([usual * 2, *(s for s, _n in seen), row["half"] * 0.25])
    x = np.linspace(0.0, most, POINTS)
    form = codes.get("form") or "hyperbolic"
    curve = Curves.make([row["channel"]], ceiling=[row["ceiling"]], half=[row["half"]], form=form)
    # The interval of decide: ceiling and half are uncertain together, what usual spend brings is known best.
    drawn = curve.draw(
        DRAWS, seed=7, level=[usual or np.inf],
        worth_sd=log_sd(row["ceiling"], row["ceiling_low"], row["ceiling_high"]),
        scale_sd=log_sd(row["half"], row["half_low"], row["half_high"]),
    )  # fmt: skip
    base = row.get("baseline") or 0.0
    middle = base + np.array([curve.values([v])[0] for v in x])
    every = np.stack([drawn.values([v])[:, 0] for v in x], axis=1)
    low, high = base + np.quantile(every, [0.05, 0.95], axis=0)
    earned = earns(curve, drawn, usual, row)
    return Response(
        row["channel"],
        chart(row["channel"], counted, x, middle, low, high, seen, usual),
        row["why"] or "", row["made_by"], row["made_at"], usual, float(np.interp(usual, x, middle)), base, counted,
        *earned, any(code in codes for code in UNDECIDED),
    )  # fmt: skip


def earns(curve: Any, drawn: Any, usual: float, row: dict[str, Any]) -> tuple[float | None, float | None, float | None]:
    """What the next unit of money earns at the usual spend, with its interval; None where a conversion has no worth."""
    if row.get("value") is None:
        return None, None, None
    step = max(usual * 0.01, 1.0)
    each = (drawn.values([usual + step]) - drawn.values([usual]))[:, 0] / step * row["value"]
    low, high = np.quantile(each, [0.05, 0.95])
    return float(curve.step([usual], step)[0]) / step * row["value"], float(low), float(high)


def chart(channel: str, counted: str, x: Any, middle: Any, low: Any, high: Any, seen: list[Any], usual: float) -> Any:
    """The curve with its grey band, the weeks it was learnt from as dots, and a line at the usual spend."""
    money = counted == "revenue"
    words = {"new_customers": _("New customers a week"), "orders": _("Orders a week"), "revenue": _("Revenue a week")}
    across = charts.Axis(_("Spend a week"), "money")
    up = charts.Axis(words.get(counted, words["new_customers"]), "money" if money else "number")
    ends = (charts.Axis(_("Low"), up.kind), charts.Axis(_("High"), up.kind))

    def shown(v: float) -> float:
        return round(float(major(v)) if money else float(v), 2)

    table = [
        [float(major(a)), *(shown(v) for v in (m, lo, hi))] for a, m, lo, hi in zip(x, middle, low, high, strict=True)
    ]
    dots = [[float(major(s)), n] for s, n in seen if n is not None and not money]
    series: list[dict[str, Any]] = [
        {"type": "line", "name": "low", "role": "band-low", "data": [[r[0], r[2]] for r in table], "stack": "band"},
        {"type": "line", "name": "high", "role": "band", "data": [[r[0], r[3] - r[2]] for r in table], "stack": "band"},
        {"type": "line", "name": _("Curve"), "role": "line", "data": [[r[0], r[1]] for r in table]},
    ]
    if usual > 0:
        series[-1]["markLine"] = {"data": [{"name": _("today"), "xAxis": float(major(usual))}]}
    if dots:
        series.append({"type": "scatter", "name": _("Weeks seen"), "role": "scatter", "data": dots, "symbolSize": 5})
    option = charts.axes(across, up)
    option["xAxis"]["min"] = 0
    # The title of the chart says what is counted; a long name at the axis would be cut.
    option["yAxis"] |= {"name": symbol().strip() if money else "", "min": 0}
    return charts.Chart(
        f"curve-{channel}", up.title, option | {"series": charts.worded(series)}, [across, up, *ends], table
    )
