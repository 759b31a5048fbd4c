"""Money that buys knowledge: a first try of new channels, and small bounded steps where curves are doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from regulars.decide.budget import BudgetDecision, Whole
from regulars.decide.curves import Array, Curves
from regulars.decide.result import Estimate, InfeasibleError, relative_gap

if TYPE_CHECKING:
    import pyarrow as pa

    from regulars.decide.budget_input import BudgetInput

# A channel nobody tried gets at most this share of the total in its first week.
ALLOWANCE: Final = 0.06
# From week to week a new channel may grow by half of its largest week, or by this share of all.
GROWTH: Final = 0.5
STEP: Final = 0.04
# What deliberate variation may cost in expectation, as a share of what the split brings.
COST: Final = 0.002
# How much wider than those of the known channels the curve of a new one is thought to be: 1 sd of the log.
STRANGE_SD: Final = 0.5
# Weeks with spend after which a new channel is judged by its own curve alone.
TRIED: Final = 10


def opened(
    asked: BudgetInput, limits: pa.Table | None, total: int, tried: Mapping[str, int], seed: int = 0
) -> BudgetInput:
    """The same question with the channels the owner listed without a curve, and room for doubtful ones to grow.

    A channel in ``limits`` that has no curve and is not frozen is given the belief the other channels make: in each
    draw the curve of one of them, times log-normal factors with mean one (worth) and median one (scale). It may get
    ``ALLOWANCE`` of ``total`` at first. While a listed channel was tried in fewer than ``TRIED`` weeks (``tried``), a
    part of its draws stays that belief: the first weeks of a new channel look worse than it is. As long as the data
    cannot tell its curve, it may go beyond its largest week by half of that, or by ``STEP`` of the total if that is
    more.
    """
    rows = [] if limits is None else limits.to_pylist()
    fresh = sorted(
        r["channel"] for r in rows if r["channel"] not in asked.curves.channels and not r["frozen"]
        and r["high"] != 0 and not asked.held.get(r["channel"])
    )  # fmt: skip
    curves = doubted(borrowed(asked.curves, fresh, seed), {r["channel"] for r in rows} - set(fresh), tried, seed)
    young = {r["channel"] for r in rows if tried.get(r["channel"], TRIED) < TRIED}
    seen = [
        max(round((1 + GROWTH) * s), s + round(STEP * total)) if c in asked.unproven & young else s
        for c, s in zip(asked.curves.channels, asked.seen, strict=True)
    ]
    high = {r["channel"]: round(r["high"]) for r in rows if r["channel"] in fresh and r["high"] is not None}
    return replace(
        asked, curves=curves, today=(*asked.today, *(0 for _ in fresh)),
        seen=(*seen, *(round(ALLOWANCE * total) for _ in fresh)), unproven=asked.unproven | frozenset(fresh),
        high={**asked.high, **high}, weights={} if fresh else asked.weights,
    )  # fmt: skip


def borrowed(curves: Curves, fresh: list[str], seed: int = 0) -> Curves:
    """The curves with one more for each new channel, drawn from what the known ones look like."""
    usable = curves.shape.ndim == 0 and not any(k is not None for k in curves.knots) and len(set(curves.forms)) == 1
    if not fresh or not usable:
        return curves
    rng = np.random.default_rng([seed, 5])
    worth, scale = (np.atleast_2d(a) for a in (curves.worth, curves.scale))
    if len(worth) == 1:
        worth, scale = (np.repeat(a, 200, axis=0) for a in (worth, scale))
    new_worth, new_scale = np.empty((len(worth), len(fresh))), np.empty((len(worth), len(fresh)))
    for j in range(len(fresh)):
        draw, like = np.arange(len(worth)), rng.integers(0, worth.shape[1], len(worth))
        factor = np.exp(STRANGE_SD * rng.standard_normal((2, len(worth))))
        new_worth[:, j] = worth[draw, like] * factor[0] * np.exp(-(STRANGE_SD**2) / 2)
        new_scale[:, j] = scale[draw, like] * factor[1]
    return replace(
        curves, channels=(*curves.channels, *fresh), forms=(*curves.forms, *(curves.forms[0] for _ in fresh)),
        worth=np.hstack([worth, new_worth]), scale=np.hstack([scale, new_scale]),
        knots=(*curves.knots, *(None for _ in fresh)) if curves.knots else (),
    )  # fmt: skip


def doubted(curves: Curves, listed: set[str], tried: Mapping[str, int], seed: int) -> Curves:
    """The curves, with the belief of a new channel in place of a part of the draws of those hardly tried."""
    young = [c for c in curves.channels if c in listed and tried.get(c, TRIED) < TRIED]
    known = [i for i, c in enumerate(curves.channels) if c not in young]
    if not young or not known or curves.worth.ndim == 1:
        return curves
    belief = borrowed(curves.take(known), young, seed)
    worth, scale = curves.worth.copy(), curves.scale.copy()
    rng = np.random.default_rng([seed, 6])
    for j, c in enumerate(young):
        i = curves.channels.index(c)
        swap = rng.permutation(len(worth))[: round(len(worth) * (1 - tried[c] / TRIED))]
        worth[swap, i], scale[swap, i] = belief.worth[swap, len(known) + j], belief.scale[swap, len(known) + j]
    return replace(curves, worth=worth, scale=scale)


def explored(asked: BudgetInput, best: BudgetDecision, now: datetime) -> BudgetDecision:
    """The best split moved towards what would be best if one draw of the curves were the truth, at a bounded cost.

    Formula: x = x* + l (x_k - x*), x_k the best split under draw k of this fortnight, l the largest share for which
    the mean curves lose at most ``COST`` of what x* brings. Channels whose curves are doubtful differ most between
    draws and vary most: posterior (Thompson) sampling with a safety bound. The rows that moved say ``explore=``
    with the share of the money that moved; the decision's gap is what knowledge costs.

    Source: Russo and others (2018), "A Tutorial on Thompson Sampling"; conservative exploration as in Wu and others
    (2016), "Conservative Bandits".
    """
    draws = np.atleast_2d(asked.curves.worth)
    if len(draws) < 2 or best.value <= 0:
        return best
    try:
        one = replace(asked, curves=_one_draw(asked.curves, now)).decide()
    except InfeasibleError:
        return best
    x, towards = best.solution.astype(float), one.solution.astype(float)
    whole = float(asked.curves.value(x).sum())
    if np.abs(towards - x).sum() < 1:
        return best

    def loss(share: float) -> float:
        moved = x + share * (towards - x)
        return whole - float(asked.curves.value(moved).sum()) + float(moved.sum() - x.sum())

    low, high = 0.0, 1.0
    if loss(1.0) > COST * whole:
        for _ in range(40):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if loss(middle) <= COST * whole else (low, middle)
    else:
        low = 1.0
    solution = np.floor(x + low * (towards - x)).astype(np.int64)
    return _moved(asked.curves, best, solution)


def _one_draw(curves: Curves, now: datetime) -> Curves:
    """The curves of one draw, the same for a fortnight."""
    k = int(np.random.default_rng([now.toordinal() // 14, 11]).integers(len(curves.worth)))
    shape = curves.shape[k] if curves.shape.ndim == 2 else curves.shape
    return replace(curves, worth=curves.worth[k], scale=curves.scale[k], shape=shape)


def _moved(curves: Curves, best: BudgetDecision, solution: Whole) -> BudgetDecision:
    """The decision with another split: what it brings, its rows, and how far it moved."""
    value = float(curves.value(solution).sum())
    today = np.array([r.today for r in best.rows])
    by_draw = np.atleast_2d(curves.values(solution) - curves.values(today)) - (solution - today)
    slope, rows = curves.slope(solution), []
    for i, row in enumerate(best.rows):
        step, change = int(solution[i]) - row.proposed, int(solution[i]) - row.today
        codes = ["raise" if change > 0 else "cut" if change < 0 else "keep", f"next_unit={slope[i]:.4g}", *row.why[2:]]
        if row.proposed and abs(step) > 0.01 * row.proposed:
            codes.append(f"explore={step / row.proposed:+.2f}")
        rows.append(
            replace(row, proposed=int(solution[i]), gain=_estimate(by_draw[:, i]), next_unit=float(slope[i]),
                    why=tuple(codes))
        )  # fmt: skip
    every = by_draw.sum(axis=1)
    return replace(
        best, solution=solution, value=value, gap=relative_gap(value, best.bound), rows=tuple(rows),
        gain=_estimate(every), sure=float((every > 0).mean()), why=(*best.why, "explored_money"),
        unspent=best.unspent + int(best.solution.sum() - solution.sum()),
    )  # fmt: skip


def _estimate(figures: Array) -> Estimate:
    return Estimate(float(figures.mean()), float(np.quantile(figures, 0.05)), float(np.quantile(figures, 0.95)))
