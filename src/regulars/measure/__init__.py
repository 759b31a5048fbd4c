"""Measure: what was earned, through which channel, and what the money did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.measure.attribution import attribute_paths, attribution
    from regulars.measure.channels import channels
    from regulars.measure.experiments import Lift, lift
    from regulars.measure.history import history
    from regulars.measure.kpis import KPIS, Kpi
    from regulars.measure.response import Curve, ResponseCurves
    from regulars.measure.turn import Measurement, measure

_HOMES = {
    "KPIS": "kpis", "Kpi": "kpis", "history": "history", "channels": "channels", "attribution": "attribution",
    "attribute_paths": "attribution", "Lift": "experiments", "lift": "experiments", "Curve": "response",
    "ResponseCurves": "response", "Measurement": "turn", "measure": "turn",
}  # fmt: skip
__all__ = [
    "KPIS", "Curve", "Kpi", "Lift", "Measurement", "ResponseCurves", "attribute_paths", "attribution", "channels",
    "history", "lift", "measure",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that pages start without scipy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
