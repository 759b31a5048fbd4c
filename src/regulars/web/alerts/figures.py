"""Incidents in words and charts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.alerts.queries import Said
from regulars.web.words.amounts import major, percent_text
from regulars.web.words.kpis import kpi_text, kpi_title, kpi_unit
from regulars.web.words.labels import label

AXES = {"minor units": "money", "share": "percent"}


def slice_name(by: str, name: str) -> str:
    """A channel, market or product as the owner reads it; nameless is what carries none."""
    if not name:
        return {"channel": _("No channel known"), "market": _("No market known"), "product": _("Other")}.get(by, "–")
    if name == "…":
        return _("All others")
    if by == "kind":
        return label("mark", name)
    return label(by, name) if by in ("channel", "market") else name


def where(row: dict[str, Any]) -> str:
    """The slice an incident is about; empty for the whole company."""
    parts = [slice_name(by, row[by]) for by in ("channel", "market") if row[by]]
    return " · ".join(parts)


def what(row: dict[str, Any]) -> str:
    """The figure and where: "Orders (Search ads)"."""
    place = where(row)
    title = label("alarm_figure", row["figure"]) if row["kind"] in SPECIAL else kpi_title(row["figure"])
    return f"{title} ({place})" if place else title


SPECIAL = ("quality", "idle_spend", "drift", "concentration", "calibration")


def headline(row: dict[str, Any]) -> str:
    """What happened, in one sentence."""
    if row["kind"] in SPECIAL:
        return f"{what(row)}: {label('alarm_what', row['way'])}"
    told = {"what": what(row), "value": kpi_text(row["figure"], row["value"]),
            "usual": kpi_text(row["figure"], row["expected"])}  # fmt: skip
    if row["kind"] == "shift":
        since = _("%(what)s at another level: %(value)s since then, %(usual)s would be usual")
        return since % told
    return _("%(what)s: %(value)s, usual is %(usual)s") % told


def cause_words(row: dict[str, Any]) -> str:
    """The likely cause: the few slices that explain most of the change."""
    if not row["causes"]:
        return ""
    taken, share = [], 0.0
    for cause in row["causes"]:
        if taken and share >= min(row["explained"], 0.999):
            break
        taken.append(slice_name(row["by"], cause["name"]))
        share += cause["share"]
    if len(taken) > 2 or row["explained"] <= 0:
        return _("No single part explains it: it is spread over many.")
    names = _(", ").join(taken)
    if row["explained"] >= 1:
        return _("All of it comes from %(names)s.") % {"names": names}
    return _("%(share)s of it comes from %(names)s.") % {"names": names, "share": percent_text(row["explained"])}


def amount(row: dict[str, Any], value: float) -> str:
    """A part of a change, in the figure's unit; of a mix, in shares."""
    return percent_text(value) if row["kind"] in SPECIAL else kpi_text(row["figure"], value)


def bars(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Each cause as a bar: width by its share, to the left when it worked against the change."""
    most = max((abs(c["share"]) for c in row["causes"]), default=1) or 1
    unit = kpi_unit(row["figure"])
    return [
        {**c, "title": slice_name(row["by"], c["name"]), "width": round(100 * min(abs(c["share"]) / most, 1)),
         "against": c["share"] < 0, "text": amount(row, abs(c["change"])),
         "sign": "+" if c["change"] > 0 else "−" if c["change"] < 0 else "", "unit": unit}
        for c in row["causes"]
    ]  # fmt: skip


def chart(row: dict[str, Any]) -> charts.Chart | None:
    """The figure's days with the range that would have been usual."""
    if len(row["points"]) < 2:
        return None
    kind = AXES.get(kpi_unit(row["figure"]), "number")

    def units(value: float | None) -> float | None:
        return None if value is None else round(float(major(value)), 2) if kind == "money" else round(value, 4)

    rows = [(p["day"], *(units(p[k]) for k in ("value", "low", "high"))) for p in row["points"]]
    return charts.line(f"band-{row['id']}", what(row), rows, charts.Axis(_("Day"), "day"),
                       charts.Axis(kpi_title(row["figure"]), kind), band=True,
                       note=_("The band is what would be usual for each day."))  # fmt: skip


def dates(row: dict[str, Any]) -> dict[str, dt.date]:
    return {k: dt.date.fromisoformat(row[k]) for k in ("day", "end")}


def card(row: dict[str, Any], said: Said, now: Any) -> dict[str, Any]:
    """Everything the card of one incident shows."""
    return {
        **row, **dates(row), "headline": headline(row), "chart": chart(row), "bars": bars(row),
        "cause": cause_words(row),
        "by_name": label("alarm_by", row["by"]) if row["by"] else "", "opinion": said.opinion(row["id"]),
        "sleeps": said.sleeps(row["id"], now), "mutes": said.mutes(row),
        "also": [f"{what({**m, 'kind': 'day'})}: {kpi_text(m['figure'], m['value'])} "
                 f"({_('usual')} {kpi_text(m['figure'], m['expected'])})" for m in row["moved"]],
        "what": what(row), "factor": f"{row['raised']:.1f}" if row["raised"] > 1 else "",
    }  # fmt: skip


def line(row: dict[str, Any], said: Said) -> dict[str, Any]:
    """One row of the history."""
    own = {"headline": headline(row), "opinion": said.opinion(row["id"]), "mutes": said.mutes(row)}
    return {**row, **dates(row), **own}


def muted(verdict: Any) -> dict[str, Any]:
    row = {"kind": "day", "figure": verdict.figure, "channel": verdict.channel or None, "market": None}
    return {"pk": verdict.pk, "what": what(row), "at": verdict.at}


def raised(figure: str, channel: str, factor: float) -> dict[str, Any]:
    row = {"kind": "day", "figure": figure, "channel": channel or None, "market": None}
    return {"what": what(row), "factor": f"{factor:.2g}"}
