"""The board of the mix, drawn and in words."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.amounts import major, symbol
from regulars.web.words.labels import label
from regulars.web.words.reasons import sentences

# Green only for a gain an experiment has proven; grey where the data did not decide.
PROVEN, UNDECIDED = "#2fb344", "#a4acbb"
BASE = "#d5d9e2"


def unit(amount: float) -> float:
    """An amount in whole units of the currency."""
    return round(float(major(amount)), 2)


def breakeven(body: dict[str, Any]) -> float | None:
    """The return from which a channel pays for itself: 1 over what a unit of revenue leaves."""
    return 1 / body["profit"] if body["profit"] > 0 else None


def standing(channel: dict[str, Any]) -> str:
    """How far the figure of a channel can be trusted: proven, told by the weeks, or not decided."""
    return "proven" if channel["proven"] else "told" if channel["identified"] else "undecided"


def roas_chart(body: dict[str, Any]) -> charts.Chart:
    rows = [(label("channel", c["channel"]), round(c["roas"], 2), round(c["low"], 2), round(c["high"], 2))
            for c in body["channels"]]  # fmt: skip
    chart = charts.bar(
        "mix-roas", _("Revenue that 1 of spend brought"), rows, charts.Axis(_("Channel"), "text"),
        [charts.Axis(_("Revenue per 1 spent"))], intervals=True,
        note=_("Green: an experiment has proven that it brings something. Blue: the weeks tell. Grey: the data did not "
               "decide. The line is the range that holds nine times out of ten."),
    )  # fmt: skip
    colours = {"proven": PROVEN, "undecided": UNDECIDED}
    series = chart.option["series"][0]
    series["data"] = [
        {"value": r[1]} | ({"itemStyle": {"color": colours[s], "borderRadius": 3}} if s in colours else {})
        for r, s in zip(rows, map(standing, body["channels"]), strict=True)
    ]
    even = breakeven(body)
    if even is not None:
        series["markLine"] = {"data": [{"name": _("pays for itself"), "yAxis": round(even, 2)}]}
    chart.option["yAxis"] |= {"min": 0, "name": ""}
    return chart


def parts_chart(body: dict[str, Any]) -> charts.Chart | None:
    """Revenue by week, stacked by what brought it; what comes without any spend at the bottom."""
    parts = body["contributions"]
    if not parts:
        return None
    names = [c["channel"] for c in body["channels"] if c["channel"] in parts["series"]]
    columns = [charts.Axis(_("Week"), "day"), charts.Axis(_("Without any spend"), "money"),
               *(charts.Axis(label("channel", n), "money") for n in names)]  # fmt: skip
    rows = [[day, unit(base), *(unit(parts["series"][n][i]) for n in names)]
            for i, (day, base) in enumerate(zip(parts["weeks"], parts["base"], strict=True))]  # fmt: skip
    option = charts.axes(columns[0], charts.Axis("", "money"), categories=[r[0] for r in rows])
    option["series"] = charts.worded([
        {"type": "line", "name": axis.title, "role": "area", "stack": "parts", "showSymbol": False,
         "lineStyle": {"width": 0.5}, "areaStyle": {"opacity": 0.75}, "data": [r[i] for r in rows],
         **({"color": BASE} if i == 1 else {})}
        for i, axis in enumerate(columns) if i
    ])  # fmt: skip
    option["yAxis"] |= {"name": symbol().strip(), "min": 0}
    option["grid"] = {"left": 12, "right": 20, "top": 64, "bottom": 34, "containLabel": True}
    return charts.Chart(
        "mix-parts", _("Revenue a week by what brought it"), option, columns, rows,
        note=_("Means of the model. Bands of single weeks are wide: compare heights over months, not week by week."),
    )  # fmt: skip


def curves(body: dict[str, Any]) -> list[dict[str, Any]]:
    """A chart for each channel that spends, with today's point and what the next unit earns."""
    return [{**c, "chart": curve_chart(c), "standing": standing(c), "pays": pays(c, body)}
            for c in body["channels"] if c["spend"] > 0]  # fmt: skip


def pays(channel: dict[str, Any], body: dict[str, Any]) -> str:
    """Whether the next unit of spend earns more than itself: surely, surely not, or nobody knows."""
    _mean, low, high = (v * body["profit"] for v in channel["next_unit"])
    if low > 1:
        return "yes"
    return "no" if high < 1 else "unknown"


def curve_chart(channel: dict[str, Any]) -> charts.Chart:
    rows = [[unit(v) for v in point] for point in channel["curve"]]
    across, up = charts.Axis(_("Spend a week"), "money"), charts.Axis(_("Revenue a week"), "money")
    option = charts.axes(across, up)
    option["xAxis"]["min"], option["yAxis"]["min"], option["yAxis"]["name"] = 0, 0, symbol().strip()
    today = unit(channel["spend"])
    series: list[dict[str, Any]] = [
        {"type": "line", "name": "low", "role": "band-low", "data": [[r[0], r[2]] for r in rows], "stack": "band"},
        {"type": "line", "name": "high", "role": "band", "data": [[r[0], r[3] - r[2]] for r in rows], "stack": "band"},
        {"type": "line", "name": _("Curve"), "role": "line", "data": [[r[0], r[1]] for r in rows],
         "markLine": {"data": [{"name": _("today"), "xAxis": today}]},
         "markPoint": {"symbol": "circle", "symbolSize": 10, "label": {"show": False}, "silent": True,
                       "data": [{"coord": [today, unit(channel["brings"][0])]}]}},
    ]  # fmt: skip
    ends = (charts.Axis(_("Low"), "money"), charts.Axis(_("High"), "money"))
    return charts.Chart(
        f"mix-{channel['channel']}", label("channel", channel["channel"]), option | {"series": charts.worded(series)},
        [across, up, *ends], rows,
    )  # fmt: skip


def channels(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The table beside the bars: what is known of each channel, and from where."""
    return [{**c, "standing": standing(c), "pays": pays(c, body), "why": channel_why(c)} for c in body["channels"]]


def channel_why(channel: dict[str, Any]) -> list[str]:
    told = [f"mix_prior_low={channel['prior_low']:.2f}", f"mix_prior_high={channel['prior_high']:.2f}",
            f"mix_overlap={channel['overlap']:.2f}"]  # fmt: skip
    if channel["reason"]:
        told.append(channel["reason"])
    if channel["proven"]:
        told.append("mix_proven")
    if channel["capture"]:
        told.append("demand_capture")
    return told


def tests(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Tests worth their cost, the most valuable first, each with the address that starts it."""
    told = {c["channel"]: c for c in body["channels"]}
    return [
        {**t, "url": "/measure/experiments/new/?" + urlencode({"channel": t["channel"], "weeks": t["weeks"]}),
         "decided": told[t["channel"]]["identified"], "long": 2 * t["weeks"], "off": t["low"] == 0}
        for t in body["tests"] if t["net"] > 0
    ]  # fmt: skip


def why(body: dict[str, Any]) -> list[str]:
    """What the figures rest on, as reason codes."""
    return [f"mix_weeks={body['weeks']}", "mix_now_only", f"mix_profit={body['profit']:.2f}",
            *([f"mix_experiments={body['experiments']}"] if body["experiments"] else []),
            *([f"mix_markets={body['markets']}"] if body["markets"] else []), "mix_not_proof"]  # fmt: skip


def checks(body: dict[str, Any]) -> list[str]:
    """How well the model stood its tests, in sentences."""
    codes = []
    if body["holdout"]:
        h = body["holdout"]
        better = h["wmape"] < h["naive"]
        codes += [
            f"mix_holdout_weeks={h['weeks']:.0f}", f"mix_error={h['wmape']:.4f}", f"mix_naive={h['naive']:.4f}",
            "mix_beats_naive" if better else "mix_no_better_than_naive", f"mix_coverage={h['coverage']:.4f}",
        ]  # fmt: skip
    d = body["diagnostics"]
    if "r_hat" in d:
        settled = d["r_hat"] <= 1.05 and not d.get("divergences")
        codes += ["mix_settled" if settled else "mix_not_settled", f"mix_r_hat={d['r_hat']:.3f}",
                  f"mix_ess={d['ess']:.0f}", f"mix_divergences={d.get('divergences', 0):.0f}"]  # fmt: skip
    return sentences(codes)
