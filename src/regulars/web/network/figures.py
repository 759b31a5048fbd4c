"""Word of mouth, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.amounts import major


def tree_chart(body: dict[str, Any], names: Mapping[str, str]) -> charts.Chart | None:
    """The largest families as trees, from who came first to who came last."""
    rows: list[tuple[str, str, str | None, float]] = []
    for family in body["trees"]:
        for node in family:
            key = node["customer"]
            rows.append((key, names.get(key, _("erased")), node["referrer"], float(major(node["worth"]))))
    if not rows:
        return None
    return charts.tree(
        "families", _("The largest families"), rows, charts.Axis(_("Person"), "text"),
        charts.Axis(_("Brought by"), "text"), charts.Axis(_("Expected value"), "money"),
        note=_("Read from left to right: who brought whom. At most sixty people of each family are drawn."),
    )  # fmt: skip


def months_chart(body: dict[str, Any]) -> charts.Chart | None:
    rows = [(m["month"], m["value"], m["low"], m["high"]) for m in body["months"] if m["complete"]]
    if len(rows) < 2:
        return None
    chart = charts.line(
        "viral-months", _("Brought within 90 days, by month of joining"), rows, charts.Axis(_("Joined in"), "text"),
        charts.Axis(_("New customers per customer")), band=True,
        note=_("Months that have not had their 90 days yet are left out; the band holds nine times out of ten."),
    )  # fmt: skip
    chart.option["yAxis"]["name"] = ""
    return chart
