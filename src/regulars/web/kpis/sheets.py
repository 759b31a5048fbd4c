"""Key figures as a spreadsheet: every period beside the one before and a year ago, and every cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from regulars.web.kpis.compare import compared
from regulars.web.kpis.tiles import ended, rows_of, slice_of, today
from regulars.web.spreadsheet import csv_line, plain
from regulars.web.targets.queries import targets
from regulars.web.words.amounts import major
from regulars.web.words.kpis import kpi_title, kpi_unit
from regulars.web.words.labels import label


def csv_lines(grain: str, of: str = "") -> Iterator[str]:
    """Every period of every figure, one row each, for a spreadsheet."""
    yield "\ufeff"
    yield csv_line((
        _("Figure"), _("Key"), _("Period from"), _("Ended"), _("Value"), _("Unit"), _("Channel"), _("Market"),
        _("Period before"), _("A year ago"), _("Target"),
    ))  # fmt: skip
    now = today()
    channel, market = slice_of(of)
    aims = targets(grain, channel, market)
    for r in compared(rows_of(grain, of), grain):
        unit = kpi_unit(r["name"])
        aim = aims.get(r["name"])
        mine = aim is not None and (not aim.currency or aim.currency == r["currency"])

        def cell(value: float | None, row: dict[str, Any] = r, unit: str = unit) -> Any:
            return major(value, row["currency"]) if unit == "minor units" and value is not None else plain(value)

        yield csv_line([
            plain(kpi_title(r["name"])), r["name"], r["day"].isoformat(),
            _("yes") if ended(r["day"], grain, now) else _("no"), cell(r["value"]),
            (r["currency"] or "") if unit == "minor units" else unit,
            plain(label("channel", channel)) if channel else "", plain(market or ""),
            cell(r["previous"]), cell(r["last_year"]), cell(aim.value) if mine and aim else "",
        ])  # fmt: skip
