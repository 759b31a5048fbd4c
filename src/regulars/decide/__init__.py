"""Decide: budget, resources, modes, partners, next best action, schedule, bandit; every answer with a certificate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.decide.actions import ACTIONS, Action
    from regulars.decide.budget import Budget, BudgetDecision, BudgetRow
    from regulars.decide.curve_rows import read_curves
    from regulars.decide.curves import Curves
    from regulars.decide.next_best import NextBest
    from regulars.decide.quota import Quota
    from regulars.decide.result import Decision, Estimate, InfeasibleError, ShadowPrice, Wish
    from regulars.decide.turn import Proposal, decide
    from regulars.decide.uplift import Prior, Uplift, read_uplifts

_HOME = {
    "ACTIONS": "actions",
    "Action": "actions",
    "Budget": "budget",
    "BudgetDecision": "budget",
    "BudgetRow": "budget",
    "Curves": "curves",
    "Decision": "result",
    "Estimate": "result",
    "InfeasibleError": "result",
    "NextBest": "next_best",
    "Prior": "uplift",
    "Proposal": "turn",
    "Quota": "quota",
    "ShadowPrice": "result",
    "Uplift": "uplift",
    "Wish": "result",
    "decide": "turn",
    "read_curves": "curve_rows",
    "read_uplifts": "uplift",
}

__all__ = [
    "ACTIONS",
    "Action",
    "Budget",
    "BudgetDecision",
    "BudgetRow",
    "Curves",
    "Decision",
    "Estimate",
    "InfeasibleError",
    "NextBest",
    "Prior",
    "Proposal",
    "Quota",
    "ShadowPrice",
    "Uplift",
    "Wish",
    "decide",
    "read_curves",
    "read_uplifts",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"regulars.decide.{_HOME[name]}"), name)
    raise AttributeError(f"module 'regulars.decide' has no attribute {name!r}")
