"""Random companies to plan resources for, in the manner of the three markets: sizes, tastes and partners drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.decide.resources_cells import Cell, Level

RESOURCES = ("gpu_hours", "tokens", "support_hours", "storage", "co2")


def instance(seed: int, *, markets: int, partners: int, tight: float = 0.45) -> tuple[list[Cell], dict[str, float]]:
    """Cells and limits: demand and price vary by market, cost, capacity, minimum and use of resources by partner."""
    rng = np.random.default_rng(seed)
    demand = rng.lognormal(6.5, 0.8, markets).round() + 20
    price = rng.uniform(80, 160, markets).round(2)
    cost = price * rng.uniform(0.35, 0.6, markets)
    churn = rng.uniform(0.05, 0.35, markets)
    kappa = np.r_[1.0, rng.uniform(1.02, 1.3, partners - 1)]
    fixed = rng.uniform(0.5, 2, partners) * float(demand.mean() * price.mean()) * 0.06
    capacity = np.r_[np.inf, rng.uniform(0.5, 1.6, partners - 1) * demand.sum() / partners]
    minimum = np.r_[0.0, rng.uniform(0.15, 0.4, partners - 1) * capacity[1:]]
    use = rng.uniform(0.2, 1.0, (len(RESOURCES), partners)) * rng.uniform(0.005, 0.05, (len(RESOURCES), 1))
    use[:, 0] *= 1.4
    cells = [
        Cell(
            f"m{i}", "direct" if p == 0 else ("reseller", "agent", "marketplace")[p % 3], f"p{p}", float(demand[i]),
            float(price[i]), float(cost[i]), float(churn[i]), float(kappa[p]), float(fixed[p]), float(capacity[p]),
            float(minimum[p]), segments=(0.4, 0.3, 0.3), effects=(1.0, 0.7, 0.4),
            uses={code: float(use[q, p]) for q, code in enumerate(RESOURCES)},
        )
        for i in range(markets) for p in range(partners)
    ]  # fmt: skip
    limits = {code: tight * 0.7 * float(demand.sum() * use[q].mean()) for q, code in enumerate(RESOURCES)}
    return cells, limits | {"cash": tight * float(demand @ cost)}


LEVELS: dict[str, tuple[Level, ...]] = {
    "support": (
        Level("basic"),
        Level("business", price=1.08, churn=0.85, fixed_cost=800.0, times={"support_hours": 1.6}),
        Level("premium", price=1.15, churn=0.7, fixed_cost=2_000.0, times={"support_hours": 2.6, "gpu_hours": 1.1}),
    )
}


def report(seed: int, markets: int, partners: int, levels: Any) -> dict[str, float]:
    """Plan one instance and say what was proved and what it took."""
    import time

    from regulars.decide.resources import ResourceAllocator

    cells, limits = instance(seed, markets=markets, partners=partners)
    start, wall = time.process_time(), time.perf_counter()
    plan = ResourceAllocator(limits, levels=levels).decide(cells)
    return {
        "cells": len(cells), "options": len(cells) * max(1, len(next(iter(levels.values()), ()))),
        "value": plan.value, "gap": plan.gap, "cpu": time.process_time() - start, "wall": time.perf_counter() - wall,
        "relaxation": plan.relaxation / plan.value - 1,
    }  # fmt: skip
