"""Small random plans over weeks with every feature mixed, and the best of each on a grid, by trying all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.decide import BudgetAllocator, Curves
from regulars.decide.budget import Group
from regulars.decide.carry_over import WeekPlan

UNIT = 1000
FORMS = ("hyperbolic", "tanh", "exponential", "hill", "hill", "hill", "log", "power")


@dataclass(frozen=True)
class WeeksInstance:
    """Two channels over two or three weeks, and what is asked of them."""

    allocator: BudgetAllocator
    curves: Curves
    today: Any
    totals: tuple[float, ...]
    asked: dict[str, Any]

    def decide(self) -> WeekPlan:
        """Our answer."""
        weeks = len(self.totals)
        return self.allocator.over_weeks(self.curves, self.today, weeks=weeks, totals=self.totals, **self.asked)

    def best(self, later: Any) -> float | None:
        """The best over all plans in thousands; None where none of them keeps to what is asked."""
        weeks = []
        for total in self.totals:
            top = int(total / UNIT)
            one = np.array([(a, b) for a in range(top + 1) for b in range(top + 1 - a)], dtype=float) * UNIT
            weeks.append(one[[bool(self.holds(x[:, None], each=True)) for x in one]])
        at = np.stack(np.meshgrid(*[np.arange(len(w)) for w in weeks], indexing="ij"), -1).reshape(-1, len(weeks))
        x = np.stack([w[at[:, t]] for t, w in enumerate(weeks)], -1)
        x = x[self._over_plan(x)]
        return float(self.value(x, later).max()) if len(x) else None

    def holds(self, x: Any, *, each: bool = False) -> bool:
        """Whether a plan keeps to what is asked in ``each`` week; without it also over all weeks and its totals."""
        (a, b), over = x, self.asked["over_plan"]
        least = 0 if "b" in over else self.asked.get("minimums", {}).get("b", 0)
        ok = (a >= self.asked.get("low", {}).get("a", 0)) & (b <= self.asked.get("high", {}).get("b", np.inf))
        ok &= (b == 0) | (b >= least)
        for g in self.asked["groups"]:
            if g.code == "r":
                ok &= b <= g.ratio[1] * a + 2
            elif g.code not in over:
                ok &= (a >= g.low) & (a <= g.high)
        if each:
            return bool(ok.all())
        return bool(ok.all() and (x.sum(axis=0) <= self.totals).all() and self._over_plan(x[None]).all())

    def _over_plan(self, x: Any) -> Any:
        ok, over = np.ones(len(x), dtype=bool), self.asked["over_plan"]
        sums = x.sum(axis=2)
        for g in self.asked["groups"]:
            if g.code in over:
                ok &= (sums[:, 0] >= g.low) & (sums[:, 0] <= g.high)
        if "b" in over:
            ok &= (sums[:, 1] == 0) | (sums[:, 1] >= self.asked["minimums"]["b"])
        return ok

    def value(self, x: Any, later: Any) -> Any:
        """What plans (n, channels, weeks) bring, ``later`` the worth of what is left of each channel."""
        season = self.asked.get("season", np.ones(len(self.totals)))
        out = np.zeros(len(x))
        for i, name in enumerate("ab"):
            keep, stock = self.asked["carry_over"][name], np.full(len(x), float(self.today[i]))
            wide = self.curves.take([i] * len(x))
            for t in range(len(self.totals)):
                stock = (1 - keep) * x[:, i, t] + keep * stock
                out += season[t] * wide.value(stock)
            out += later[i] * stock - self.asked.get("fixed", {}).get(name, 0) * (x[:, i] > 0).sum(axis=1)
        return out


def weeks_instance(seed: int) -> WeeksInstance:
    """Curves of any form, with draws or not, and a random handful of wishes, each week or over the plan."""
    rng = np.random.default_rng(seed)
    weeks = int(rng.integers(2, 4))
    forms = [str(f) for f in rng.choice(FORMS, 2)]
    shape = np.where(np.array(forms) == "power", rng.uniform(0.3, 1, 2), rng.uniform(0.6, 4, 2))
    curves = Curves.make("ab", ceiling=rng.lognormal(4, 1, 2), half=UNIT * rng.lognormal(1.6, 0.6, 2), value=UNIT / 2,
                         form=forms, shape=shape)  # fmt: skip
    curves = curves.draw(12, worth_sd=0.4, scale_sd=0.4, seed=seed) if rng.random() < 0.3 else curves
    today, top = UNIT * rng.integers(0, 8, 2), 8 if weeks == 3 else 14

    def some(low: int, high: int) -> int:
        return int(UNIT * rng.integers(low, high))

    total = some(3, top)
    totals = tuple(float(some(2, top)) for _ in range(weeks)) if rng.random() < 0.3 else (float(total),) * weeks
    asked: dict[str, Any] = {"carry_over": {c: float(rng.choice([0, 0.3, 0.6])) for c in "ab"}}
    over: list[str] = []
    if rng.random() < 0.3:
        asked["season"] = rng.uniform(0.6, 1.6, weeks)
    if rng.random() < 0.3:
        asked["low"] = {"a": some(0, 3)}
    if rng.random() < 0.3:
        asked["high"] = {"b": some(2, 9)}
    if rng.random() < 0.4:
        asked["minimums"] = {"b": some(2, 6)}
        over += ["b"] if rng.random() < 0.4 else []
    if rng.random() < 0.3:
        asked["fixed"] = {"b": some(0, 4)}
    groups = []
    if rng.random() < 0.4:
        groups.append(Group("g", ["a"], low=float(some(0, 4)), high=float(some(4, 9))))
        over += ["g"] if rng.random() < 0.5 else []
    if rng.random() < 0.25:
        groups.append(Group("r", ["b"], ratio=(None, 1.5), of=["a"]))
    return WeeksInstance(
        BudgetAllocator(total=total, extra=0), curves, today, totals, asked | {"groups": groups, "over_plan": over}
    )
