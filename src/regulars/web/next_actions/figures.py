"""What each policy earns, drawn."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from regulars.web import charts
from regulars.web.words.amounts import major
from regulars.web.words.labels import label


def policies_chart(found: dict[str, Any] | None) -> charts.Chart | None:
    """Profit per 1,000 people of every policy, whiskers nine times out of ten."""
    if not found or not found["policies"]:
        return None
    rows = [(label("policy", p["name"]), *(float(major(p[k])) for k in ("value", "low", "high")))
            for p in found["policies"]]  # fmt: skip
    chart = charts.bar(
        "policies", _("What each way to choose would have earned"), rows, charts.Axis(_("Way to choose"), "text"),
        [charts.Axis(_("Profit per 1,000 people"), "money")], intervals=True,
        note=_("Judged on people who were written to or held back by lot, with doubly robust estimates; the whiskers "
               "hold nine times out of ten."),
    )  # fmt: skip
    chart.option["yAxis"]["name"] = ""
    return chart
