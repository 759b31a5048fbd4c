"""What customers say in charts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.charts import Axis, Chart
from regulars.web.voice.words import ASPECTS, theme_name
from regulars.web.words.labels import label

# A month with fewer marks has an interval as wide as the scale.
LEAST, TOPICS = 5, 10


def tone_chart(body: dict[str, Any]) -> Chart | None:
    """Share of praise by month with its band."""
    rows = [(m["month"], m["positive"], m["low"], m["high"]) for m in body["months"]]
    if len(rows) < 2:
        return None
    return charts.line("tone", _("Praise among texts that take a side"), rows, Axis(_("Month"), "day"),
                       Axis(_("Praise"), "percent"), band=True)  # fmt: skip


def marks_chart(body: dict[str, Any], kind: str) -> Chart | None:
    """One kind of mark by month with its band."""
    rows = [(m["month"], m["value"], m["low"], m["high"]) for m in body["trend"] if m["kind"] == kind]
    rows = [r for r, m in zip(rows, [m for m in body["trend"] if m["kind"] == kind], strict=True) if m["n"] >= LEAST]
    if len(rows) < 2:
        return None
    title, axis = {
        "csat": (_("Satisfied customers by month"), Axis(_("Satisfied"), "percent")),
        "nps": (_("Recommendation score by month"), Axis(_("Score"))),
        "review": (_("Review marks by month"), Axis(_("Mark"))),
    }[kind]
    return charts.line(kind, title, rows, Axis(_("Month"), "day"), axis, band=True)


def aspect_chart(body: dict[str, Any]) -> Chart | None:
    """Mean tone of each part of the offer, the most spoken of first."""
    rows = [(f"{ASPECTS[a['aspect']]} ({a['texts']})", a["tone"], a["low"], a["high"]) for a in body["aspects"]]
    if not rows:
        return None
    chart = charts.bar("aspects", _("Tone by part of the offer"), rows, Axis(_("Part (texts)"), "text"),
                       [Axis(_("Tone, -1 complaint to 1 praise"))], intervals=True)  # fmt: skip
    chart.option["yAxis"] |= {"min": -1, "max": 1, "nameLocation": "middle", "nameGap": 36}
    return chart


def heat_chart(body: dict[str, Any]) -> Chart | None:
    """How much more than others each segment writes of each topic."""
    themes = body["themes"][:TOPICS]
    count: dict[str, int] = {}
    for theme in themes:
        for segment, people, _lift in theme["need"]["segments"]:
            count[segment] = count.get(segment, 0) + people
    segments = sorted(count, key=lambda s: -count[s])
    if not segments:
        return None
    names = [theme_name(t, 2) for t in themes]
    table = []
    for name, theme in zip(names, themes, strict=True):
        lift = {s: round(x, 2) for s, _people, x in theme["need"]["segments"]}
        table.append([name, *(lift.get(s) for s in segments)])
    cells = [[x, y, row[x + 1]] for y, row in enumerate(table) for x in range(len(segments)) if row[x + 1] is not None]
    words = [label("segment", s) for s in segments]
    option = {
        "xAxis": {"type": "category", "data": words, "axisLabel": {"rotate": 30}},
        "yAxis": {"type": "category", "data": names, "inverse": True},
        "visualMap": {"min": 0.5, "max": 2, "show": False, "kind": "percent"},
        "series": [{"type": "heatmap", "role": "heatmap", "data": cells}],
    }
    columns = [Axis(_("Topic"), "text"), *(Axis(w, "percent") for w in words)]
    return Chart("heat", _("Topics by segment (100 = as often as everybody)"), option, columns, table, kind="item")
