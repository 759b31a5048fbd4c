"""What a decided budget says: the split, its certificate, what it gains over today, what binds, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from regulars.decide.budget_limits import Limits, Whole
from regulars.decide.budget_solve import Solved, touched
from regulars.decide.curves import Array, Curves
from regulars.decide.result import Decision, Estimate

# Ends and inner points of the gain that a page draws.
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True)
class BudgetRow:
    """One channel of a budget: money a week now and proposed, what the change and the next unit earn, and why.

    ``worth``, ``half``, ``form`` and ``shape`` draw its curve: what it can ever bring a week, the spend that
    brings half, and how it bends.
    """

    channel: str
    today: int
    proposed: int
    low: int
    high: float
    gain: Estimate
    next_unit: float
    worth: float
    half: float
    form: str
    why: tuple[str, ...]
    shape: float = 1.0


@dataclass(frozen=True)
class BudgetDecision(Decision[Whole]):
    """A split of the weekly budget; ``solution`` is minor units a week per channel, in the order of the curves.

    ``gain`` is the expected gain over today, change of spend paid, with its 90 % interval over the parameter draws,
    and ``sure`` the share of draws in which it is positive (None without draws). ``extra`` more money would earn
    ``extra_earns`` (solved anew, not extrapolated from the shadow price). ``worthwhile`` is the total at which the
    next unit of money earns exactly one unit, within the same limits. ``gap`` compares the whole minor units with the
    continuous bound, ``continuous_gap`` the continuous split with it: the difference is the price of whole cents.

    ``quantiles`` maps shares of the draws, as text, to the gain over today: 0.25 of the draws gain less than
    ``quantiles["0.25"]``. ``objective`` is what value and gain are counted in (a gain in contribution is net of the
    change of spend; in anything else it is not). ``risk`` is the share of worst draws whose mean ``value`` is.
    ``reached`` is the gain over today in the objective where the other gains were counted in contribution after all
    (``budget_money.in_money``), else None.
    """

    rows: tuple[BudgetRow, ...]
    today_value: float
    gain: Estimate
    sure: float | None
    unspent: int
    extra: int
    extra_earns: float
    worthwhile: int
    continuous_gap: float
    quantiles: Mapping[str, float] = field(default_factory=dict)
    objective: str = "contribution"
    risk: float | None = None
    reached: Estimate | None = None


def codes(curves: Curves, solved: Solved, unspent: int, first: str, objective: str) -> tuple[str, ...]:
    """Reason codes of the whole split."""
    out = [first, f"next_unit={solved.price.more:.4g}"]
    if solved.price.more < 1 and not unspent and objective == "contribution":
        out.append("next_unit_below_cost")
    if unspent:
        out.append(f"unspent={unspent}")
    if any(c.startswith("beyond_seen:") for c in solved.shadow_prices):
        out.append("explore")
    if curves.worth.ndim == 2:
        out.append(f"draws={len(curves.worth)}")
    if objective != "contribution":
        out.append(f"objective={objective}")
    return (*out, *solved.why)


def estimate(figures: Array) -> Estimate:
    """Mean and 90 % interval over the draws."""
    if len(figures) == 1:
        return Estimate(float(figures[0]))
    return Estimate(float(figures.mean()), float(np.quantile(figures, 0.05)), float(np.quantile(figures, 0.95)))


def estimates(figures: Array) -> list[Estimate]:
    """The same of every column, at once."""
    if len(figures) == 1:
        return [Estimate(float(v)) for v in figures[0]]
    low, high = np.quantile(figures, (0.05, 0.95), axis=0)
    return [Estimate(*map(float, v)) for v in zip(figures.mean(axis=0), low, high, strict=True)]


def rows_of(
    curves: Curves, limits: Limits, today: Whole, solution: Whole, by_draw: Array
) -> tuple[BudgetRow, ...]:  # fmt: skip
    """One row a channel."""
    slope, halves = curves.slope(solution), curves.halves
    worth, stops = np.atleast_2d(curves.worth).mean(axis=0), touched(limits, solution)
    rows, gains = [], estimates(by_draw)
    for i, name in enumerate(curves.channels):
        change = int(solution[i] - today[i])
        why = ["raise" if change > 0 else "cut" if change < 0 else "keep", f"next_unit={slope[i]:.4g}"]
        if i in stops:
            stop = limits.wish(stops[i], i).code.partition(":")[0]
            why.append(stop)
            if stop == "beyond_seen":
                why.append("explore" if limits.high[i] > 0 else "never_tried")
        if limits.minimum[i] > 0 and not solution[i]:
            why.append("not_worth_its_minimum")
        rows.append(
            BudgetRow(
                channel=name, today=int(today[i]), proposed=int(solution[i]), low=int(limits.low[i]),
                high=float(limits.high[i]), gain=gains[i], next_unit=float(slope[i]),
                worth=float(worth[i]), half=float(halves[i]), form=curves.forms[i], why=tuple(why),
                shape=curves.shape_of(i),
            )
        )  # fmt: skip
    return tuple(rows)


def quantiles(gains: Array) -> dict[str, float]:
    """Shares of the draws, as text, to the gain over today; empty without draws."""
    if len(gains) == 1:
        return {}
    return {f"{q:g}": float(v) for q, v in zip(QUANTILES, np.quantile(gains, QUANTILES), strict=True)}
