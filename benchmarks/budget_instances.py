"""Small random budgets with every feature mixed, and the best split of each on a grid, by trying all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from regulars.decide import BudgetAllocator, Curves, Row
from regulars.decide.budget import BudgetDecision, Group

UNIT = 1000
FORMS = ("hyperbolic", "tanh", "exponential", "hill", "hill", "log", "power")


@dataclass(frozen=True)
class Instance:
    """One budget and what is asked of it."""

    allocator: BudgetAllocator
    curves: Curves
    today: Any
    asked: dict[str, Any]

    def decide(self) -> BudgetDecision:
        """Our answer."""
        return self.allocator.decide(self.curves, self.today, **self.asked)

    def grid(self) -> float | None:
        """The best over all splits in thousands; None where none of them keeps to the limits."""
        names, frozen = self.curves.channels, set(self.asked.get("frozen", ()))
        n, top = len(names), int((self.allocator.total or 0) / UNIT)
        x = np.stack(np.meshgrid(*[np.arange(top + 1.0)] * n, indexing="ij"), -1).reshape(-1, n) * UNIT
        x = x[x.sum(axis=1) <= (self.allocator.total or 0)]
        ok = np.ones(len(x), dtype=bool)

        def of(name: str) -> Any:
            return x[:, names.index(name)]

        for name in frozen:
            ok &= of(name) == self.today[names.index(name)]
        free = [c for c in names if c not in frozen]
        for name in free:
            ok &= of(name) >= self.asked.get("low", {}).get(name, 0)
            ok &= of(name) <= self.asked.get("high", {}).get(name, np.inf)
            ok &= (of(name) == 0) | (of(name) >= self.asked.get("minimums", {}).get(name, 0))
            share, now = self.asked.get("change", {}).get(name, np.inf), self.today[names.index(name)]
            ok &= abs(of(name) - now) <= share * now
        for g in self.asked["groups"]:
            own = sum(of(c) for c in g.cells)
            ok &= own >= (g.low or 0)
            ok &= own <= (np.inf if g.high is None else g.high)
            ok &= own <= (np.inf if g.share_high is None else g.share_high) * np.maximum(x.sum(axis=1), 1e-9) + 1e-6
            if g.ratio[1] is not None:
                ok &= own <= g.ratio[1] * sum(of(c) for c in g.of) + 1e-6
        for r in self.allocator.rows:
            ok &= sum(u * of(c) for c, u in r.uses.items()) <= r.high
        x = x[ok]
        return float(self._values(x).max()) if len(x) else None

    def possible(self) -> bool:
        """Whether any split, whole thousands or not, keeps to the limits: a mixed programme written out anew."""
        names, frozen, total = self.curves.channels, set(self.asked.get("frozen", ())), float(self.allocator.total or 0)
        n, rows, least, most = len(names), [], [], []

        def ask(uses: dict[int, float], low: float, high: float) -> None:
            rows.append([uses.get(k, 0.0) for k in range(2 * n)])
            least.append(low)
            most.append(high)

        def add(cells: Any, times: float = 1.0) -> dict[int, float]:
            return {names.index(c): times for c in cells}

        low, high = np.zeros(2 * n), np.append(np.full(n, total), np.ones(n))
        ask(add(names), 0, total)
        for i, name in enumerate(names):
            now, share = float(self.today[i]), self.asked.get("change", {}).get(name, np.inf)
            if name in frozen:
                low[i] = high[i] = now
                continue
            low[i] = max(self.asked.get("low", {}).get(name, 0), now * (1 - share))
            high[i] = min(high[i], self.asked.get("high", {}).get(name, np.inf), now * (1 + share))
            if low[i] > high[i]:
                return False
            ask({i: 1.0, n + i: -float(self.asked.get("minimums", {}).get(name, 0))}, 0, np.inf)
            ask({i: 1.0, n + i: -total}, -np.inf, 0)
        for g in self.asked["groups"]:
            ask(add(g.cells), g.low or 0, np.inf if g.high is None else g.high)
            if g.share_high is not None:
                ask({**add(names, -g.share_high), **add(g.cells, 1 - g.share_high)}, -np.inf, 0)
            if g.ratio[1] is not None:
                ask({**add(g.of, -g.ratio[1]), **add(g.cells)}, -np.inf, 0)
        for r in self.allocator.rows:
            ask({names.index(c): u for c, u in r.uses.items()}, r.low, r.high)
        whole = np.append(np.zeros(n), np.ones(n)).astype(int)
        found = milp(np.zeros(2 * n), integrality=whole, bounds=Bounds(low, high),
                     constraints=LinearConstraint(np.array(rows), least, most))  # fmt: skip
        return bool(found.status == 0)

    def _values(self, x: Any) -> Any:
        c, risk = self.curves, self.allocator.risk
        value = sum(np.atleast_2d(c.take([j] * len(x)).values(x[:, j])) for j in range(len(c.channels)))
        cost = np.array([self.asked.get("fixed", {}).get(m, 0) for m in c.channels], dtype=float)
        if risk is None:
            return value.mean(axis=0) - (x > 0) @ cost
        each = 1 / (risk * len(value))
        return np.clip(1 - each * np.arange(len(value)), 0, each) @ np.sort(value, axis=0) - (x > 0) @ cost


def instance(seed: int) -> Instance:
    """Two to four channels of any form, with draws or not, and a random handful of limits."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    names = [f"c{i}" for i in range(n)]
    forms = [str(f) for f in rng.choice(FORMS, n)]
    shape = np.where(np.array(forms) == "power", rng.uniform(0.3, 1, n), rng.uniform(0.6, 4, n))
    curves = Curves.make(
        names, ceiling=rng.lognormal(4, 1, n), half=UNIT * rng.lognormal(2.5, 0.7, n), value=UNIT * 0.5, form=forms,
        shape=shape,
    )  # fmt: skip
    risk = None
    if rng.random() < 0.35:
        curves = curves.draw(12, worth_sd=0.4, scale_sd=0.4, seed=seed)
        risk = float(rng.choice([0.1, 0.25, 0.5])) if rng.random() < 0.5 else None
    today = UNIT * rng.integers(1, 14, n)
    asked: dict[str, Any] = {"groups": []}

    def some(low: int, high: int) -> int:
        return int(UNIT * rng.integers(low, high))

    if rng.random() < 0.4:
        asked["low"] = {names[0]: some(0, 4)}
    if rng.random() < 0.4:
        asked["high"] = {names[-1]: some(4, 15)}
    if rng.random() < 0.2:
        asked["frozen"] = [names[1]]
    if rng.random() < 0.2:
        asked["change"] = {names[1]: 0.5}
    if rng.random() < 0.4:
        asked["minimums"] = {m: some(2, 9) for m in names if rng.random() < 0.5}
    if rng.random() < 0.3:
        asked["fixed"] = {m: some(0, 6) for m in names if rng.random() < 0.5}
    if rng.random() < 0.3:
        asked["groups"].append(Group("g", names[:2], low=float(some(0, 6)), high=float(some(6, 20))))
    if rng.random() < 0.2:
        asked["groups"].append(Group("s", [names[0]], share_high=0.6))
    if rng.random() < 0.2:
        asked["groups"].append(Group("r", [names[-1]], ratio=(None, 1.5), of=[names[0]]))
    rows = [Row("co2", {m: float(rng.integers(1, 4)) for m in names}, high=float(some(15, 60)))]
    rows = rows if rng.random() < 0.3 else []
    return Instance(BudgetAllocator(total=some(6, 32), risk=risk, rows=rows, extra=0), curves, today, asked)
