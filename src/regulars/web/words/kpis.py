"""A key figure's name and value, as an owner reads them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.web.words.amounts import money_text, number_text, percent_text
from regulars.web.words.times import duration_text


def _kpi(name: str) -> Any:
    from regulars.measure.kpis import KPIS

    known = KPIS if isinstance(KPIS, dict) else {k.key: k for k in KPIS}
    return known.get(name)


def kpi_title(name: str) -> str:
    """What a figure is called."""
    kpi = _kpi(name)
    if kpi is None:
        return name.replace("_", " ")
    return kpi.zh if (get_language() or "").startswith("zh") else kpi.en


def kpi_definition(name: str) -> str:
    """What a figure means, in one sentence."""
    kpi = _kpi(name)
    if kpi is None:
        return ""
    return kpi.zh_definition if (get_language() or "").startswith("zh") else kpi.en_definition


def kpi_unit(name: str) -> str:
    """The unit of a figure."""
    kpi = _kpi(name)
    return kpi.unit if kpi else ""


def kpi_better(name: str) -> str:
    """Which way is better, up or down."""
    kpi = _kpi(name)
    return kpi.better if kpi else "up"


def kpi_text(name: str, value: float | None, currency: str | None = None) -> str:
    """A figure's value in its unit."""
    if value is None:
        return "–"
    unit = kpi_unit(name)
    if unit == "minor units":
        return money_text(value, currency)
    if unit == "share":
        return percent_text(value)
    if unit == "seconds":
        return duration_text(value)
    if unit == "months":
        return _("%(n)s months") % {"n": number_text(value, 1)}
    return number_text(value, 0 if unit == "count" or abs(value) >= 1000 else 2)


def kpi_cell(row: dict[str, Any], settings: Any) -> str:
    """The value of one row of figures."""
    return kpi_text(row["name"], row["value"], row["currency"] or settings.currency)
