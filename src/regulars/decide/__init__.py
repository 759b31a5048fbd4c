"""Decide: budget, resources, modes, partners, next best action, schedule, bandit; every answer with a certificate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.decide.budget import Budget, BudgetDecision, BudgetRow
    from regulars.decide.curves import Curves, read_curves
    from regulars.decide.result import Decision, Estimate, InfeasibleError, ShadowPrice, Wish

_HOME = {
    "Budget": "budget",
    "BudgetDecision": "budget",
    "BudgetRow": "budget",
    "Curves": "curves",
    "Decision": "result",
    "Estimate": "result",
    "InfeasibleError": "result",
    "ShadowPrice": "result",
    "Wish": "result",
    "read_curves": "curves",
}

__all__ = [
    "Budget",
    "BudgetDecision",
    "BudgetRow",
    "Curves",
    "Decision",
    "Estimate",
    "InfeasibleError",
    "ShadowPrice",
    "Wish",
    "read_curves",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"regulars.decide.{_HOME[name]}"), name)
    raise AttributeError(f"module 'regulars.decide' has no attribute {name!r}")
