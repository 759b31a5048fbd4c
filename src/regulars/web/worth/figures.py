"""Worth in charts: its distribution, cohorts and channels, the retention of contracts, and the test of the forecast."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.amounts import major, money_text, percent_text
from regulars.web.words.labels import label

# Names of the trade, the same in every language.
MODELS = {
    "mbg_nbd": "MBG/NBD", "bg_nbd": "BG/NBD", "pareto_nbd": "Pareto/NBD", "sbg": "sBG", "bdw": "BdW",
}  # fmt: skip


def bins_chart(body: dict[str, Any]) -> charts.Chart | None:
    """How many customers are worth how much; the last bar is everybody above."""
    if not body["bins"]:
        return None
    last = len(body["bins"]) - 1
    rows = [
        (f"{money_text(low)}+" if i == last else f"{money_text(low)}–{money_text(high)}", count)
        for i, (low, high, count) in enumerate(body["bins"])
    ]
    return charts.bar(
        "bins", _("How many are worth how much"), rows, charts.Axis(_("Expected value"), "text"),
        [charts.Axis(_("Customers"))],
    )  # fmt: skip


def spread_chart(body: dict[str, Any]) -> charts.Chart:
    """The concentration curve."""
    rows = [(percent_text(share), held) for share, held in body["spread"]["points"]]
    chart = charts.bar(
        "spread", _("How the value is spread"), rows, charts.Axis(_("The most valuable customers"), "text"),
        [charts.Axis(_("Share of all value"), "percent")],
    )  # fmt: skip
    chart.option["yAxis"] |= {"name": "", "max": 1}
    return chart


def cohorts_chart(body: dict[str, Any]) -> charts.Chart:
    """Worth still to come and earned so far, by when customers first bought."""
    rows = [_row(row["key"], row) for row in body["cohorts"]]
    return _no_axis_name(charts.bar(
        "cohorts", _("Customer equity by first purchase"), rows, charts.Axis(_("First purchase"), "text"),
        [charts.Axis(_("Earned so far"), "money"), charts.Axis(_("Still to come"), "money")], intervals=True,
    ))  # fmt: skip


def channels_chart(body: dict[str, Any]) -> charts.Chart:
    """The same by the channel customers came through, the largest first."""
    rows = [_row(label("channel", row["key"]) if row["key"] else _("Unknown"), row) for row in body["channels"]]
    return _no_axis_name(charts.bar(
        "channels", _("Customer equity by channel"), rows, charts.Axis(_("Channel"), "text"),
        [charts.Axis(_("Earned so far"), "money"), charts.Axis(_("Still to come"), "money")], intervals=True,
    ))  # fmt: skip


def _no_axis_name(chart: charts.Chart) -> charts.Chart:
    # Two kinds of bars share the axis; the legend names them.
    chart.option["yAxis"]["name"] = ""
    return chart


def _row(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
    return (name, *(float(major(row[k])) for k in ("historic", "equity", "low", "high")))


def curve_chart(contracts: dict[str, Any]) -> charts.Chart:
    """The share of contracts still running after each renewal: by model with its range, and as counted."""
    rows = [(str(p["renewals"]), p["model"], p["low"], p["high"], p["seen"]) for p in contracts["curve"]]
    x = charts.Axis(_("Renewals"), "text")
    chart = charts.line(
        "curve", _("How many contracts go on"), rows, x, charts.Axis(_("Projected"), "percent"), band=True,
        more=[charts.Axis(_("Counted"), "percent")],
    )  # fmt: skip
    chart.option["yAxis"] |= {"min": 0, "max": 1}
    return chart


def deciles_chart(tested: dict[str, Any]) -> charts.Chart:
    """Orders foretold and orders that came, by tenths of the customers."""
    rows = [(str(i), d["forecast"], d["actual"]) for i, d in enumerate(tested["deciles"], start=1)]
    chart = charts.bar(
        "deciles", _("Foretold and what came"), rows,
        charts.Axis(_("Tenths of the customers, most active first"), "text"),
        [charts.Axis(_("Orders foretold")), charts.Axis(_("Orders that came"))],
    )  # fmt: skip
    chart.option["yAxis"]["name"] = str(_("Orders per customer"))
    return chart


def trusted(check: dict[str, Any]) -> bool:
    """Whether the second opinion beat the average and came near in total."""
    return bool(check["mae"] < check["naive_mae"] and abs(check["bias"]) < 0.3)


def trials(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Candidates at each cut-off, the farthest first; the best score of each is marked."""
    found = []
    for days in sorted({row["days"] for row in rows}, reverse=True):
        some = [row for row in rows if row["days"] == days]
        best = max(row["log_score"] for row in some)
        found += [{**row, "name": MODELS.get(row["model"], row["model"]), "first": i == 0,
                   "best": row["log_score"] == best} for i, row in enumerate(some)]  # fmt: skip
    return found
