"""Measure: what each channel really earned, what caused what, what changed and what comes next."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "Attribution": "attribution",
    "ChangePoints": "change_points",
    "Cohorts": "cohorts",
    "Curve": "response",
    "Experiment": "experiment",
    "Forecast": "forecast",
    "Funnel": "funnel",
    "GeoLift": "geo_lift",
    "KPIS": "kpis",
    "Kpi": "kpis",
    "Kpis": "key_figures",
    "Lift": "experiments",
    "MarketWatch": "market_watch",
    "Measurement": "turn",
    "MixModel": "mix_model",
    "Monitor": "monitor",
    "OnlineChangePoints": "online_change_points",
    "PathBuilder": "path_builder",
    "ResponseCurves": "response",
    "Surprise": "surprise",
    "Switchback": "switchback",
    "channels": "channels",
    "cross_check": "mix_cross_check",
    "history": "history",
    "holiday_effects": "holidays",
    "lift": "experiments",
    "measure": "turn",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that pages start without scipy."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
