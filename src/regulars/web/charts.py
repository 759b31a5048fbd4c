"""Charts as the pages show them: an ECharts option, and the same figures as a table beside it.

A builder takes plain rows in the owner's units (yuan, not fen; 0..1 for shares) and words that are already
translated. ``static/regulars/charts.js`` adds colours of the theme, number formats and the exports.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from regulars.web.words.amounts import symbol

Row = Sequence[Any]


@dataclass(frozen=True)
class Axis:
    """What one column holds: its title, and its kind (``text``, ``day``, ``number``, ``money``, ``percent``)."""

    title: str
    kind: str = "number"
    unit: str = ""

    @property
    def named(self) -> str:
        unit = self.unit or (symbol().strip() if self.kind == "money" else "")
        return f"{self.title} ({unit})" if unit else self.title


@dataclass(frozen=True)
class Chart:
    """One chart: ``option`` for ECharts, ``columns`` and ``rows`` for the table, the CSV and the tooltip."""

    id: str
    title: str
    option: dict[str, Any]
    columns: list[Axis]
    rows: list[list[Any]]
    note: str = ""
    empty: str = ""
    kind: str = "axis"
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def data_id(self) -> str:
        return f"{self.id}-data"

    @property
    def payload(self) -> dict[str, Any]:
        """What the browser gets by ``json_script``."""
        columns = [{"title": str(c.named), "kind": c.kind, "unit": str(c.unit)} for c in self.columns]
        return {"title": str(self.title), "option": self.option, "columns": columns, "rows": self.rows,
                "kind": self.kind, "currency": symbol(), **self.extra}  # fmt: skip


def plain(value: Any) -> Any:
    """A value JSON can carry: days as ISO text, words as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def cleaned(rows: Sequence[Row]) -> list[list[Any]]:
    return [[plain(v) for v in row] for row in rows]


def axes(x: Axis, y: Axis, *, categories: list[Any] | None = None) -> dict[str, Any]:
    """Both axes with titles and units."""
    across: dict[str, Any] = {"name": x.named, "nameLocation": "middle", "nameGap": 28}
    if x.kind in ("text", "day"):
        across |= {"type": "category", "data": categories or [], "boundaryGap": x.kind == "text"}
    else:
        across |= {"type": "value", "scale": True, "kind": x.kind}
    up = {"type": "value", "name": y.named, "kind": y.kind, "nameLocation": "end"}
    return {"xAxis": across, "yAxis": up}


def line(id: str, title: str, rows: Sequence[Row], x: Axis, y: Axis, *, band: bool = False,
         targets: Sequence[tuple[str, float]] = (), more: Sequence[Axis] = (), **rest: Any) -> Chart:  # fmt: skip
    """Values over time. Rows are (x, value[, low, high][, further lines]); ``band`` shades low to high in grey."""
    data = cleaned(rows)
    columns = [x, y]
    option = axes(x, y, categories=[r[0] for r in data])
    series: list[dict[str, Any]] = []
    if band:
        columns += [Axis(_("Low"), y.kind, y.unit), Axis(_("High"), y.kind, y.unit)]
        low = [r[2] for r in data]
        width = [None if r[2] is None or r[3] is None else r[3] - r[2] for r in data]
        series += [
            {"type": "line", "name": "low", "role": "band-low", "data": low, "stack": "band"},
            {"type": "line", "name": "high", "role": "band", "data": width, "stack": "band"},
        ]
    series.append({"type": "line", "name": y.title, "role": "line", "data": [r[1] for r in data]})
    if targets:
        series[-1]["markLine"] = {"data": [{"name": str(n), "yAxis": v} for n, v in targets]}
    for place, axis in enumerate(more, start=4 if band else 2):
        columns.append(axis)
        series.append({"type": "line", "name": axis.title, "role": "second", "data": [r[place] for r in data]})
    option["series"] = worded(series)
    return Chart(id, title, option, columns, data, **rest)


def bar(id: str, title: str, rows: Sequence[Row], x: Axis, ys: Sequence[Axis], *, across: bool = False,
        intervals: bool = False, **rest: Any) -> Chart:  # fmt: skip
    """Values side by side. Rows are (name, value, value ...[, low, high]); ``across`` lays the bars flat."""
    data = cleaned(rows)
    columns = [x, *ys]
    option = axes(x, ys[0], categories=[r[0] for r in data])
    series = [
        {"type": "bar", "name": axis.title, "role": "bar" if place else "first", "data": [r[place + 1] for r in data]}
        for place, axis in enumerate(ys)
    ]
    extra: dict[str, Any] = {}
    if intervals:
        at = len(ys) + 1
        columns += [Axis(_("Low"), ys[0].kind, ys[0].unit), Axis(_("High"), ys[0].kind, ys[0].unit)]
        extra["intervals"] = {"low": at, "high": at + 1, "series": len(ys) - 1}
    if across:
        option["xAxis"], option["yAxis"] = option["yAxis"], option["xAxis"]
        option["yAxis"] |= {"inverse": True, "name": "", "nameLocation": "end"}
        option["xAxis"] |= {"nameLocation": "middle", "nameGap": 28}
    option["series"] = worded(series)
    return Chart(id, title, option, columns, data, extra=extra, **rest)


def scatter(id: str, title: str, rows: Sequence[Row], name: Axis, x: Axis, y: Axis, size: Axis | None = None,
            corners: Sequence[str] = (), **rest: Any) -> Chart:  # fmt: skip
    """A map. Rows are (name, x, y[, size])."""
    data = cleaned(rows)
    option = axes(x, y)
    option["series"] = [{"type": "scatter", "role": "scatter", "data": [[*r[1:], r[0]] for r in data]}]
    columns = [name, x, y, *([size] if size else [])]
    return Chart(id, title, option, columns, data, kind="item", extra={"sized": bool(size), "corners": list(corners)},
                 **rest)  # fmt: skip


def sankey(id: str, title: str, flows: Sequence[tuple[str, str, float]], **rest: Any) -> Chart:
    """A funnel or a journey: (from, to, people)."""
    data = cleaned(flows)
    names = list(dict.fromkeys(n for a, b, _n in data for n in (a, b)))
    option = {
        "series": [
            {
                "type": "sankey",
                "role": "sankey",
                "data": [{"name": n} for n in names],
                "links": [{"source": a, "target": b, "value": v} for a, b, v in data],
            }
        ]
    }
    columns = [Axis(_("From"), "text"), Axis(_("To"), "text"), Axis(_("People"))]
    return Chart(id, title, option, columns, data, kind="item", **rest)


def tree(id: str, title: str, rows: Sequence[tuple[str, str, str | None, float]], name: Axis, above: Axis, value: Axis,
         **rest: Any) -> Chart:  # fmt: skip
    """Families from left to right. Rows are (key, name, key of the one above or None, value), parents first."""
    nodes: dict[str, dict[str, Any]] = {}
    roots = []
    for key, word, parent, amount in rows:
        nodes[key] = {"name": word, "value": amount, "children": []}
        (nodes[parent]["children"] if parent in nodes else roots).append(nodes[key])
    option = {"series": [{"type": "tree", "role": "tree", "data": [{"name": "", "children": roots}]}]}
    data = [[word, nodes[parent]["name"] if parent in nodes else None, amount] for _key, word, parent, amount in rows]
    return Chart(id, title, option, [name, above, value], cleaned(data), kind="item", **rest)


def funnel(id: str, title: str, steps: Sequence[tuple[str, float]], unit: Axis, **rest: Any) -> Chart:
    """Steps that each keep fewer people than the one before, as flat bars with the share that went on."""
    rows = []
    for place, (name, value) in enumerate(steps):
        before = steps[place - 1][1] if place else value
        rows.append([name, value, value / before if before else None])
    chart = bar(id, title, [r[:2] for r in rows], Axis(_("Step"), "text"), [unit], across=True, **rest)
    return Chart(id, title, chart.option, [*chart.columns, Axis(_("Went on"), "percent")], cleaned(rows), **rest)


def cohorts(id: str, title: str, rows: Sequence[Sequence[Any]], **rest: Any) -> Chart:
    """The triangle: each row is (cohort, size, share after 0 periods, after 1 ...), shares 0..1 or None."""
    data = cleaned(rows)
    width = max((len(r) - 2 for r in data), default=0)
    cells = [[c - 2, y, v] for y, r in enumerate(data) for c, v in enumerate(r) if c >= 2 and v is not None]
    option = {
        "xAxis": {"type": "category", "data": [str(i) for i in range(width)], "name": _("Months since first order"),
                  "nameLocation": "middle", "nameGap": 28},
        "yAxis": {"type": "category", "data": [f"{r[0]} ({r[1]:,})" for r in data], "inverse": True},
        "visualMap": {"min": 0, "max": 1, "show": False, "kind": "percent"},
        "series": [{"type": "heatmap", "role": "heatmap", "data": cells}],
    }  # fmt: skip
    columns = [Axis(_("First order"), "text"), Axis(_("Customers")), *(Axis(str(i), "percent") for i in range(width))]
    return Chart(id, title, option, columns, data, kind="item", **rest)


def worded(series: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [s | {"name": str(s["name"])} for s in series]


def spark(values: Sequence[float | None], width: int = 96, height: int = 28) -> str:
    """The points of a small line drawn as SVG by ``parts/spark.html``, without any script."""
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = width / (len(values) - 1)
    return " ".join(
        f"{i * step:.1f},{height - 2 - (v - low) / span * (height - 4):.1f}"
        for i, v in enumerate(values)
        if v is not None
    )
