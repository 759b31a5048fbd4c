"""A million sends planned over the hours of a day, everybody with a worth of their own, to a proved optimum.

Run: ``python -m benchmarks.schedule``. CPU seconds, the gap to the dual bound, and peak memory; at 2,000
people the value is compared with a general linear programme over every pair (HiGHS).
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import resource
import time

import numpy as np
from benchmarks.rows import Row, answer
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from regulars.decide.schedule import SendSchedule

HOURS, PEOPLE, TARGET = 24, 1_000_000, 60.0


def people(n: int) -> tuple[np.ndarray, dict[str, int]]:
    """Eight shapes of a day, own habits, own worth, twenty zones with their nights; rooms for 105 % of all."""
    rng = np.random.default_rng(1)
    day = np.exp(rng.normal(0, 0.4, (8, HOURS)))
    worth = day[rng.integers(0, 8, n)] * rng.gamma(2, 0.5, (n, 1)) * np.exp(rng.normal(0, 0.2, (n, HOURS)))
    worth[(rng.random((20, HOURS)) < 0.35)[rng.integers(0, 20, n)]] = -np.inf
    return worth, {f"{h}:00": int(1.05 * n * share) for h, share in enumerate(rng.dirichlet(np.full(HOURS, 5.0)))}


def by_programme(worth: np.ndarray, rooms: dict[str, int]) -> tuple[float, float]:
    start = time.process_time()
    row, slot = np.nonzero(np.isfinite(worth))
    each = np.arange(len(row))
    limits = [coo_array((np.ones(len(row)), (k, each)), shape=(size, len(row)))
              for k, size in ((row, len(worth)), (slot, HOURS))]  # fmt: skip
    most = np.concatenate([np.ones(len(worth)), list(rooms.values())])
    answer = linprog(-worth[row, slot], A_ub=vstack(limits).tocsr(), b_ub=most, method="highs")
    return -float(answer.fun), time.process_time() - start


def rows() -> list[Row]:
    worth, rooms = people(2_000)
    start = time.process_time()
    plan = SendSchedule(rooms).decide(worth)
    own = time.process_time() - start
    value, seconds = by_programme(worth, rooms)
    same = abs(plan.value - value) <= 1e-7 * value
    out = [Row("2,000 people x 24 hours, the same value", f"{own:.2f} s CPU", f"HiGHS over every pair {seconds:.2f} s",
               f"{seconds / own:.1f}x", "", same)]  # fmt: skip
    worth, rooms = people(PEOPLE)
    start = time.process_time()
    plan = SendSchedule(rooms).decide(worth)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.append(Row(f"{PEOPLE:,} sends x 24 hours, each with a worth of its own",
                   f"{seconds:.1f} s CPU, gap {plan.gap:.0e}, {len(plan.binding)} hours full, {peak:.0f} MB", "", "",
                   f"<= {TARGET:.0f} s", seconds <= TARGET and plan.gap <= 1e-9))  # fmt: skip
    return out


if __name__ == "__main__":
    answer(rows)
