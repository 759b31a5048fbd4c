"""What comes next as its page shows it: one series with its band, its parts, its record, seasons and holidays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.ahead import METHODS, OCCASIONS
from regulars.web.words.amounts import major, money_text, number_text
from regulars.web.words.kpis import kpi_title
from regulars.web.words.labels import label

CUTS = ("channel", "market", "product")
SHOWN_PAST = {"week": 52, "day": 56}


def key_of(line: dict[str, Any]) -> str:
    """What the address calls a series: ``revenue``, ``revenue|market|CN``."""
    return "|".join((line["figure"], line["cut"], line["member"])) if line["cut"] else line["figure"]


def name_of(line: dict[str, Any]) -> str:
    """What the page calls it."""
    if not line["cut"]:
        return _("Everything")
    if line["member"] == "other":
        return _("Other")
    return label("channel", line["member"]) if line["cut"] == "channel" else line["member"]


def owner_unit(line: dict[str, Any], value: float | None, currency: str) -> float | None:
    if value is None:
        return None
    return float(major(value, currency)) if line["figure"] == "revenue" else round(value, 1)


def text(line: dict[str, Any], value: float | None) -> str:
    """A figure as people read it."""
    if value is None:
        return "–"
    return money_text(value) if line["figure"] == "revenue" else number_text(value, 0)


def steps(line: dict[str, Any]) -> list[dt.date]:
    """First days of the periods ahead."""
    end, days = dt.date.fromisoformat(line["end"]), 7 if line["grain"] == "week" else 1
    return [end + dt.timedelta(days=days * (i + 1)) for i in range(len(line["value"]))]


def past_days(line: dict[str, Any]) -> list[dt.date]:
    end, days = dt.date.fromisoformat(line["end"]), 7 if line["grain"] == "week" else 1
    n = len(line["past"])
    return [end - dt.timedelta(days=days * (n - 1 - i)) for i in range(n)]


def chart(line: dict[str, Any], currency: str) -> charts.Chart:
    """The past as a line, what comes as a dashed one in its band."""

    def unit(value: float | None) -> float | None:
        return owner_unit(line, value, currency)

    keep = SHOWN_PAST[line["grain"]]
    rows: list[list[Any]] = [[d, unit(v), None, None, None]
                             for d, v in list(zip(past_days(line), line["past"], strict=True))[-keep:]]  # fmt: skip
    if rows:
        rows[-1][2:] = [rows[-1][1]] * 3
    for day, *told in zip(steps(line), line["low"], line["high"], line["value"], strict=True):
        rows.append([day, None, *(unit(v) for v in told)])
    kind = "money" if line["figure"] == "revenue" else "number"
    x = charts.Axis(_("Week from") if line["grain"] == "week" else _("Day"), "day")
    title = f"{kpi_title(line['figure'])} · {name_of(line)}"
    drawn = charts.line(
        "ahead", title, rows, x, charts.Axis(kpi_title(line["figure"]), kind), band=True,
        more=[charts.Axis(_("Forecast"), kind)], note=_("Grey is where nine values out of ten will lie."),
    )  # fmt: skip
    drawn.option["yAxis"]["name"] = drawn.columns[1].unit
    return drawn


def table(line: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a step."""
    return [
        {"day": d, "value": text(line, v), "low": text(line, low), "high": text(line, high), "season": lift - 1}
        for d, v, low, high, lift in zip(steps(line), line["value"], line["low"], line["high"], line["lift"],
                                         strict=True)
    ]  # fmt: skip


def parts(lines: list[dict[str, Any]], figure: str, cut: str) -> list[dict[str, Any]]:
    """The series of one cut with their sums ahead; they add up to the total."""
    return [
        {"key": key_of(line), "name": name_of(line), "value": text(line, line["total"][1]),
         "low": text(line, line["total"][0]), "high": text(line, line["total"][2]), "change": change(line),
         "method": str(METHODS.get(line["method"], line["method"])),
         "new": "new_from_similar" in line["limits"]}
        for line in lines if line["figure"] == figure and line["cut"] == cut
    ]  # fmt: skip


def change(line: dict[str, Any]) -> float | None:
    """The sum ahead over the sum of as many periods just past, less one."""
    return line["total"][1] / line["before"] - 1 if line["before"] and line["total"][1] is not None else None


def season(line: dict[str, Any]) -> dict[str, Any] | None:
    """The strongest and the weakest period ahead, where a season is known."""
    if max(line["lift"]) - min(line["lift"]) < 0.01:
        return None
    days, lift = steps(line), line["lift"]
    high, low = lift.index(max(lift)), lift.index(min(lift))
    return {"high_day": days[high], "high": lift[high] - 1, "low_day": days[low], "low": lift[low] - 1}


def occasions(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Holidays ahead, with what their week did in earlier years."""
    return [{**o, "day": dt.date.fromisoformat(o["day"]), "name": str(OCCASIONS.get(o["name"]) or
             o["name"].replace("_", " ").capitalize()), "change": None if o["lift"] is None else o["lift"] - 1,
             "told": o["told"] - 1 if o.get("told") else None}
            for o in body["occasions"]]  # fmt: skip


def trials(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Methods beside each other; 1 is the error of the last value gone on for one step."""
    return [{"name": str(METHODS.get(name, name)), "key": name, "error": error} for name, error in body["trials"]]


def record(line: dict[str, Any], kept: dict[dt.date, dict[str, Any]]) -> list[dict[str, Any]]:
    """Weeks that are over: what an earlier turn said, what came; else what would have been said a quarter ago."""
    came = dict(zip(past_days(line), line["past"], strict=True))
    rows = []
    for day, row in sorted(kept.items(), reverse=True):
        if day in came:
            rows.append(_compared(line, day, row["value"], came[day], row["low"], row["high"], row["made_at"]))
    if rows or line["cut"]:
        return rows[:26]
    told = [(d, t) for d, t in zip(past_days(line)[-len(line["told"]) :], line["told"], strict=False) if t is not None]
    return [_compared(line, d, t, came[d], None, None, None) for d, t in reversed(told)]


def _compared(line: dict[str, Any], day: dt.date, told: float, came: float, low: float | None, high: float | None,
              made_at: Any) -> dict[str, Any]:  # fmt: skip
    inside = None if low is None or high is None else low <= came <= high
    return {"day": day, "told": text(line, told), "came": text(line, came), "off": told / came - 1 if came else None,
            "inside": inside, "made_at": made_at}  # fmt: skip
