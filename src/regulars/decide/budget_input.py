"""What the weekly split is decided on, read once: curves, spend, the owner's limits; and its form as plain data."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from regulars.decide.budget import BudgetAllocator, BudgetDecision, Group
from regulars.decide.budget_money import in_money
from regulars.decide.carry_over import WeekPlan
from regulars.decide.curves import Array, Curves

# What a split may be the best for. Contribution is what measuring found one conversion to be worth.
OBJECTIVES = ("contribution", "revenue", "new_customers", "clv")

# The amount, in minor units a week, whose worth is told.
EXTRA = 100_000
# How many problems the weeks of a turn may take where curves are S-shaped; the gap says what is left.
NODES = 40


@dataclass(frozen=True)
class BudgetInput:
    """One weekly split to decide; money in minor units a week, ``today`` and ``seen`` in the order of the curves.

    ``weights`` hold, by objective other than contribution, what turns a channel's worth into that objective's;
    ``held`` is the spend of channels without a curve, which stays where it is and is not part of ``total``.
    ``groups`` are limits of channels whose curves are by market. ``objective`` and ``risk`` are what the owner wants
    every plan to be the best for.
    """

    curves: Curves
    today: tuple[int, ...]
    seen: tuple[int, ...]
    unproven: frozenset[str] = frozenset()
    total: int | None = None
    low: Mapping[str, int] = field(default_factory=dict)
    high: Mapping[str, int] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()
    held: Mapping[str, int] = field(default_factory=dict)
    carry_over: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    objective: str = "contribution"
    risk: float | None = None
    groups: tuple[Group, ...] = ()

    def decide(self) -> BudgetDecision:
        """The best split for what is wanted, its gains in contribution; raises ``InfeasibleError`` for a conflict."""
        return in_money(self, self.best(self.objective, self.risk))

    def best(self, objective: str, risk: float | None = None, *, extra: int = EXTRA) -> BudgetDecision:
        """The best split for an objective, counted in it; raises ``InfeasibleError`` with the wishes in conflict."""
        return BudgetAllocator(total=self.total, objective=objective, risk=risk, extra=extra).decide(
            self.curves, self.today, low=self.low, high=self.high, frozen=self.frozen, largest_seen=self.seen,
            unproven=self.unproven, weights=self.weights, groups=self.groups,
        )  # fmt: skip

    def over_weeks(self, steady: BudgetDecision, weeks: int) -> WeekPlan:
        """The weeks ahead under the same limits, with what carries over; what is left is worth as in ``steady``."""
        return BudgetAllocator(total=self.total, objective=steady.objective, nodes=NODES).over_weeks(
            self.curves, self.today, carry_over=self.carry_over, weeks=weeks, steady=steady, low=self.low,
            high=self.high, frozen=self.frozen, largest_seen=self.seen, unproven=self.unproven, weights=self.weights,
            groups=self.groups,
        )  # fmt: skip

    def changed(
        self,
        *,
        total: int | None = None,
        limits: Mapping[str, Mapping[str, Any]] | None = None,
        frozen: Collection[str] | None = None,
    ) -> BudgetInput:
        """The same with another total, other limits of some channels, or other channels frozen."""
        low, high = dict(self.low), dict(self.high)
        for channel, limit in (limits or {}).items():
            for side, known in (("low", low), ("high", high)):
                if side in limit:
                    known.pop(channel, None)
                    if limit[side] is not None:
                        known[channel] = round(limit[side])
        return replace(
            self, total=self.total if total is None else total, low=low, high=high,
            frozen=self.frozen if frozen is None else frozenset(frozen),
        )  # fmt: skip

    def channels(self) -> tuple[dict[str, Any], ...]:
        """Everything by channel as plain data, from which ``read`` makes the same input again."""
        c, worth, scale = self.curves, np.atleast_2d(self.curves.worth), np.atleast_2d(self.curves.scale)
        return tuple(
            {
                "channel": name, "form": c.forms[i], "shape": c.shape_of(i), "worth": _short(worth[:, i]),
                "scale": _short(scale[:, i]), "today": self.today[i], "largest_seen": self.seen[i],
                "low": self.low.get(name), "high": self.high.get(name), "frozen": name in self.frozen,
                "unproven": name in self.unproven, "carry_over": self.carry_over.get(name, 0.0),
                "weights": {o: w[name] for o, w in self.weights.items() if name in w},
            }
            for i, name in enumerate(c.channels)
        )  # fmt: skip

    def counted(self) -> BudgetInput:
        """The same with curves that count in the objective."""
        if self.objective == "contribution":
            return self
        weight = [self.weights[self.objective][c] for c in self.curves.channels]
        return replace(self, curves=self.curves.times(weight), objective="contribution")

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> BudgetInput:
        """The input of the body of the topic ``split``."""
        rows = body["channels"]
        names = tuple(r["channel"] for r in rows)
        worth, scale = (np.array([r[part] for r in rows], dtype=float).T for part in ("worth", "scale"))
        if len(worth) == 1:
            worth, scale = worth[0], scale[0]
        shape = np.array([r["shape"] for r in rows], dtype=float)
        return cls(
            curves=Curves(names, tuple(r["form"] for r in rows), worth, scale, shape),
            today=tuple(r["today"] for r in rows),
            seen=tuple(r["largest_seen"] for r in rows),
            unproven=frozenset(r["channel"] for r in rows if r["unproven"]),
            total=body["total"],
            low={r["channel"]: r["low"] for r in rows if r["low"] is not None},
            high={r["channel"]: r["high"] for r in rows if r["high"] is not None},
            frozen=frozenset(r["channel"] for r in rows if r["frozen"]),
            held=body["held"],
            carry_over={r["channel"]: r["carry_over"] for r in rows},
            weights={o: {r["channel"]: r["weights"][o] for r in rows if o in r["weights"]}
                     for o in body["objectives"] if o != "contribution"},
            objective=body.get("objective", "contribution"), risk=body.get("risk"),
            groups=tuple(Group(g["code"], g["cells"], g["low"], g["high"]) for g in body.get("groups", ())),
        )  # fmt: skip


def _short(draws: Array) -> tuple[float, ...]:
    """Seven digits: a draw of a curve is not known better, and the page that carries them is half as long."""
    return tuple(float(f"{v:.7g}") if math.isfinite(v) else 0.0 for v in draws)
