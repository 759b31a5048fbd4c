"""A split that is the best for something other than contribution, told in contribution so that it can be compared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from regulars.decide.budget import BudgetDecision
from regulars.decide.budget_answer import estimate, estimates, quantiles
from regulars.decide.curves import Array

if TYPE_CHECKING:
    from regulars.decide.budget_input import BudgetInput


def in_money(asked: BudgetInput, decision: BudgetDecision) -> BudgetDecision:
    """The same split with its gains, and what more money would bring, in contribution, spend paid.

    What was maximised stays: ``value``, ``bound``, ``gap``, ``shadow_prices`` and ``objective``; ``reached`` is its
    gain over today. ``extra_earns`` is what the contribution of the split with ``extra`` more is above this one's.
    """
    if decision.objective == "contribution":
        return decision
    curves, today, solution = asked.curves, np.array(asked.today), decision.solution
    by_draw = np.atleast_2d(curves.values(solution) - curves.values(today)) - (solution - today)
    weight = np.array([asked.weights[decision.objective][c] for c in curves.channels])
    reached = (np.atleast_2d(curves.values(solution) - curves.values(today)) * weight).sum(axis=1)
    gains, slope, each = by_draw.sum(axis=1), curves.slope(solution), estimates(by_draw)
    rows = []
    for i, row in enumerate(decision.rows):
        why = tuple(f"next_unit={slope[i]:.4g}" if c.startswith("next_unit=") else c for c in row.why)
        rows.append(replace(row, gain=each[i], next_unit=float(slope[i]), worth=float(_mean(curves.worth)[i]), why=why))
    total = sum(asked.today) if asked.total is None else asked.total
    more = asked.changed(total=total + decision.extra).best(decision.objective, decision.risk, extra=0).solution
    return replace(
        decision, rows=tuple(rows), gain=estimate(gains), quantiles=quantiles(gains),
        sure=float((gains > 0).mean()) if len(gains) > 1 else None, reached=estimate(reached),
        extra_earns=float(curves.value(more).sum() - curves.value(solution).sum()),
        worthwhile=asked.best("contribution", extra=0).worthwhile,
        why=tuple(c for c in decision.why if not c.startswith("next_unit")),
    )  # fmt: skip


def _mean(figures: Array) -> Array:
    return np.asarray(np.atleast_2d(figures).mean(axis=0))
