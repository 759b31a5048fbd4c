"""Planning resources: the proved gap at 2,000 cells over six drawn companies, what-if at 200, and HiGHS as it comes.

Run: ``python -m benchmarks.resources [--all]``. Companies are drawn in the manner of the three markets
(``benchmarks.resources_instances``), with and without levels of service. The peer is the same programme given to
HiGHS whole with a gap of 1 %, in the same run.
"""

from __future__ import annotations

import itertools
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import statistics
import sys
import time
from typing import Any

import numpy as np
from benchmarks.resources_instances import LEVELS, instance, report
from benchmarks.rows import Row, answer
from scipy.optimize import Bounds, LinearConstraint, milp

from regulars.decide.fair_share import FairShare
from regulars.decide.resources import ResourceAllocator
from regulars.decide.resources_cells import combined
from regulars.decide.resources_model import build

SEEDS = range(6)
LIMIT = 30.0
# (markets, partners, levels of service): a few partners everywhere, many partners, many markets.
LARGE: tuple[tuple[int, int, dict[str, Any]], ...] = (
    (200, 10, {}), (200, 10, LEVELS), (400, 5, {}), (400, 5, LEVELS), (50, 40, {}), (50, 40, LEVELS),
)  # fmt: skip


def whole(seed: int, markets: int, partners: int, levels: dict[str, Any]) -> tuple[float, float]:
    """The peer: CPU seconds and gap of HiGHS on the whole programme, stopped at the limit."""
    cells, limits = instance(seed, markets=markets, partners=partners)
    m = build(cells, combined(levels), limits, {}).matrices
    start = time.process_time()
    found: Any = milp(
        -m.worth, constraints=LinearConstraint(m.matrix, m.row_low, m.row_high), bounds=Bounds(m.low, m.high),
        integrality=m.whole, options={"mip_rel_gap": 0.01, "time_limit": 2 * LIMIT},
    )  # fmt: skip
    seconds = time.process_time() - start
    return seconds, 1.0 if found.x is None else float(found.mip_gap)


def large(markets: int, partners: int, levels: dict[str, Any]) -> Row:
    ours = [report(s, markets, partners, levels) for s in SEEDS]
    peer = [whole(s, markets, partners, levels) for s in list(SEEDS)[:2]]
    cpu, gap = max(r["cpu"] for r in ours), max(r["gap"] for r in ours)
    middle, wall = statistics.median(r["cpu"] for r in ours), max(r["wall"] for r in ours)
    slow = statistics.mean(p[0] for p in peer)
    return Row(
        f"plan of {markets * partners:,} cells, {markets} markets x {partners} partners"
        + (", 3 levels of service" if levels else "") + f", {len(ours)} companies",
        f"{middle:.1f} s CPU (at most {cpu:.1f}; wall {wall:.1f}), proved gap at most {gap:.2%}",
        f"HiGHS whole, 2 companies: {slow:.1f} s CPU, gap at most {max(p[1] for p in peer):.2%}",
        f"{slow / statistics.mean(r['cpu'] for r in ours[:2]):.1f}x", "< 30 s, gap <= 1 %", cpu < LIMIT and gap <= 0.01,
    )  # fmt: skip


def what_if() -> Row:
    cpu, gaps = [], []
    for seed, levels in itertools.product(SEEDS, ({}, LEVELS)):
        cells, limits = instance(seed, markets=40, partners=5)
        start = time.process_time()
        plan = ResourceAllocator(limits, levels).what_if(cells, {"gpu_hours": 1.2 * limits["gpu_hours"]})
        cpu.append(time.process_time() - start)
        gaps.append(plan.gap)
    return Row(
        f"what-if at 200 cells, {len(cpu)} companies",
        f"{statistics.median(cpu):.2f} s CPU (at most {max(cpu):.2f}), gap at most {max(gaps):.2%}",
        target="< 1 s", met=max(cpu) < 1.0,
    )  # fmt: skip


def fair() -> Row:
    rng = np.random.default_rng(0)
    n = 1_000_000
    demand, worth = rng.lognormal(0, 2, n), rng.lognormal(0, 1, n)
    start = time.process_time()
    plan = FairShare().decide(demand, float(0.6 * demand.sum()), worth=worth, guarantee=0.1 * demand)
    seconds = time.process_time() - start
    return Row("share of a capacity among 1M customers", f"{seconds:.2f} s CPU, gap {plan.gap:.0e}",
               target="gap <= 1e-9", met=plan.gap <= 1e-9)  # fmt: skip


def rows() -> list[Row]:
    """What-if, fair shares, and the large plans: two kinds of company, all six with ``--all``."""
    sizes = LARGE if "--all" in sys.argv else (LARGE[1], LARGE[4])
    return [what_if(), fair(), *(large(*size) for size in sizes)]


if __name__ == "__main__":
    answer(rows)
