"""Decide: budget, resources, modes, partners, next best action, schedule, bandit; every answer with a certificate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.decide.actions import ACTIONS, Action
    from regulars.decide.ahp import ahp
    from regulars.decide.bandit import Bandit, BetaArm, NormalArm
    from regulars.decide.budget import BudgetAllocator, BudgetDecision, BudgetRow
    from regulars.decide.conflicts import smallest_conflict
    from regulars.decide.coverage import Offer
    from regulars.decide.curve_rows import read_curves
    from regulars.decide.curves import Curves
    from regulars.decide.fair_share import FairShare, ShareDecision
    from regulars.decide.markets import Market, MarketPlan, Partner, serve_markets
    from regulars.decide.modes import ModeChoice
    from regulars.decide.modes_margin import Mode, ModeMargins
    from regulars.decide.next_best import NextBestAction
    from regulars.decide.partners import PartnerChoice
    from regulars.decide.plan import Plan
    from regulars.decide.program import Column, Program, Row
    from regulars.decide.quota import Quota
    from regulars.decide.ranking import Ranking
    from regulars.decide.resources import ResourceAllocator, ResourceDecision
    from regulars.decide.resources_cells import Cell, Level
    from regulars.decide.result import Decision, Estimate, InfeasibleError, ShadowPrice, Wish
    from regulars.decide.schedule import ScheduleDecision, SendSchedule
    from regulars.decide.topsis import topsis
    from regulars.decide.turn import Proposal, decide
    from regulars.decide.uplift import Prior, Uplift, read_uplifts

_HOME = {
    "ACTIONS": "actions",
    "Action": "actions",
    "Bandit": "bandit",
    "BetaArm": "bandit",
    "BudgetAllocator": "budget",
    "BudgetDecision": "budget",
    "BudgetRow": "budget",
    "Cell": "resources_cells",
    "Column": "program",
    "Curves": "curves",
    "Decision": "result",
    "Estimate": "result",
    "FairShare": "fair_share",
    "InfeasibleError": "result",
    "Level": "resources_cells",
    "Market": "markets",
    "MarketPlan": "markets",
    "Mode": "modes_margin",
    "ModeChoice": "modes",
    "ModeMargins": "modes_margin",
    "NextBestAction": "next_best",
    "NormalArm": "bandit",
    "Offer": "coverage",
    "Partner": "markets",
    "PartnerChoice": "partners",
    "Plan": "plan",
    "Prior": "uplift",
    "Program": "program",
    "Proposal": "turn",
    "Quota": "quota",
    "Ranking": "ranking",
    "ResourceAllocator": "resources",
    "ResourceDecision": "resources",
    "Row": "program",
    "ScheduleDecision": "schedule",
    "SendSchedule": "schedule",
    "ShadowPrice": "result",
    "ShareDecision": "fair_share",
    "Uplift": "uplift",
    "Wish": "result",
    "ahp": "ahp",
    "decide": "turn",
    "read_curves": "curve_rows",
    "read_uplifts": "uplift",
    "serve_markets": "markets",
    "smallest_conflict": "conflicts",
    "topsis": "topsis",
}

__all__ = [
    "ACTIONS",
    "Action",
    "Bandit",
    "BetaArm",
    "BudgetAllocator",
    "BudgetDecision",
    "BudgetRow",
    "Cell",
    "Column",
    "Curves",
    "Decision",
    "Estimate",
    "FairShare",
    "InfeasibleError",
    "Level",
    "Market",
    "MarketPlan",
    "Mode",
    "ModeChoice",
    "ModeMargins",
    "NextBestAction",
    "NormalArm",
    "Offer",
    "Partner",
    "PartnerChoice",
    "Plan",
    "Prior",
    "Program",
    "Proposal",
    "Quota",
    "Ranking",
    "ResourceAllocator",
    "ResourceDecision",
    "Row",
    "ScheduleDecision",
    "SendSchedule",
    "ShadowPrice",
    "ShareDecision",
    "Uplift",
    "Wish",
    "ahp",
    "decide",
    "read_curves",
    "read_uplifts",
    "serve_markets",
    "smallest_conflict",
    "topsis",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"regulars.decide.{_HOME[name]}"), name)
    raise AttributeError(f"module 'regulars.decide' has no attribute {name!r}")
