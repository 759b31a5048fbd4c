"""Decide: budget, resources, modes, partners, next best action, schedule, bandit; every answer with a certificate."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regulars.decide.actions import ACTIONS, Action
    from regulars.decide.agreements import Agreement, Tier
    from regulars.decide.arms import BetaArm, NormalArm
    from regulars.decide.assign import Assignment
    from regulars.decide.assign_least import AtLeast, AtLeastAssignment
    from regulars.decide.assign_offers import Limit, Offers
    from regulars.decide.bandit import Bandit, BanditDecision
    from regulars.decide.bandit_delay import DelayCurve
    from regulars.decide.bandit_linear import LinearArms
    from regulars.decide.budget import BudgetAllocator, BudgetDecision, BudgetRow
    from regulars.decide.calls import Calendar, Calls
    from regulars.decide.commission import Commission
    from regulars.decide.comparisons import ahp
    from regulars.decide.conflicts import smallest_conflict
    from regulars.decide.coverage import Offer
    from regulars.decide.curve_rows import read_curves
    from regulars.decide.curves import Curves
    from regulars.decide.exploration_share import ExplorationShare
    from regulars.decide.fair_share import FairShare, ShareDecision
    from regulars.decide.markets import Market, MarketPlan, Partner, serve_markets
    from regulars.decide.modes import ModeChoice
    from regulars.decide.modes_margin import Mode, ModeMargins
    from regulars.decide.next_best import NextBestAction, NextBestDecision
    from regulars.decide.off_policy import OffPolicy
    from regulars.decide.pacing import DailyPacing
    from regulars.decide.partners import PartnerChoice
    from regulars.decide.plan import Plan
    from regulars.decide.program import Column, Program, Row
    from regulars.decide.quota import Quota
    from regulars.decide.ranking import Ranking
    from regulars.decide.resources import ResourceAllocator, ResourceDecision
    from regulars.decide.resources_cells import Cell, Level
    from regulars.decide.result import Decision, Estimate, InfeasibleError, ShadowPrice, Wish
    from regulars.decide.schedule import ScheduleDecision, SendSchedule
    from regulars.decide.schedule_response import HourResponse
    from regulars.decide.send_hours import SendHours
    from regulars.decide.staffing import DeskHours
    from regulars.decide.turn import Proposal, decide
    from regulars.decide.uplift import Prior, Uplift, read_uplifts
    from regulars.decide.weighing import topsis

_HOME = {
    "ACTIONS": "actions",
    "Action": "actions",
    "Agreement": "agreements",
    "Assignment": "assign",
    "AtLeast": "assign_least",
    "AtLeastAssignment": "assign_least",
    "Bandit": "bandit",
    "BanditDecision": "bandit",
    "BetaArm": "arms",
    "BudgetAllocator": "budget",
    "BudgetDecision": "budget",
    "BudgetRow": "budget",
    "Calendar": "calls",
    "Calls": "calls",
    "Cell": "resources_cells",
    "Column": "program",
    "Commission": "commission",
    "Curves": "curves",
    "DailyPacing": "pacing",
    "Decision": "result",
    "DelayCurve": "bandit_delay",
    "DeskHours": "staffing",
    "Estimate": "result",
    "ExplorationShare": "exploration_share",
    "FairShare": "fair_share",
    "HourResponse": "schedule_response",
    "InfeasibleError": "result",
    "Level": "resources_cells",
    "Limit": "assign_offers",
    "LinearArms": "bandit_linear",
    "Market": "markets",
    "MarketPlan": "markets",
    "Mode": "modes_margin",
    "ModeChoice": "modes",
    "ModeMargins": "modes_margin",
    "NextBestAction": "next_best",
    "NextBestDecision": "next_best",
    "NormalArm": "arms",
    "OffPolicy": "off_policy",
    "Offer": "coverage",
    "Offers": "assign_offers",
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
    "SendHours": "send_hours",
    "SendSchedule": "schedule",
    "ShadowPrice": "result",
    "ShareDecision": "fair_share",
    "Tier": "agreements",
    "Uplift": "uplift",
    "Wish": "result",
    "ahp": "comparisons",
    "decide": "turn",
    "read_curves": "curve_rows",
    "read_uplifts": "uplift",
    "serve_markets": "markets",
    "smallest_conflict": "conflicts",
    "topsis": "weighing",
}

__all__ = [
    "ACTIONS",
    "Action",
    "Agreement",
    "Assignment",
    "AtLeast",
    "AtLeastAssignment",
    "Bandit",
    "BanditDecision",
    "BetaArm",
    "BudgetAllocator",
    "BudgetDecision",
    "BudgetRow",
    "Calendar",
    "Calls",
    "Cell",
    "Column",
    "Commission",
    "Curves",
    "DailyPacing",
    "Decision",
    "DelayCurve",
    "DeskHours",
    "Estimate",
    "ExplorationShare",
    "FairShare",
    "HourResponse",
    "InfeasibleError",
    "Level",
    "Limit",
    "LinearArms",
    "Market",
    "MarketPlan",
    "Mode",
    "ModeChoice",
    "ModeMargins",
    "NextBestAction",
    "NextBestDecision",
    "NormalArm",
    "OffPolicy",
    "Offer",
    "Offers",
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
    "SendHours",
    "SendSchedule",
    "ShadowPrice",
    "ShareDecision",
    "Tier",
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
