"""The weekly split: truth on small instances, the certificate on many cells, and a general solver beside it.

Run: ``python -m benchmarks.budget``. The peer is SLSQP of SciPy with exact slopes, on one thread, in the same run.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time

import numpy as np
from benchmarks.budget_instances import instance
from benchmarks.rows import Row, answer
from benchmarks.weeks_instances import weeks_instance
from scipy.optimize import minimize

from regulars.decide import BudgetAllocator, Curves, InfeasibleError
from regulars.decide.waterfill import fill

FIRST, INSTANCES = (int(os.environ.get(f"REGULARS_{w}", d)) for w, d in (("FIRST_BUDGET", "0"), ("BUDGETS", "1000")))

WEEKS = int(os.environ.get("REGULARS_WEEK_PLANS", "200"))


def curves(n: int, seed: int) -> Curves:
    rng = np.random.default_rng(seed)
    forms = [("hyperbolic", "exponential", "tanh")[i % 3] for i in range(n)]
    return Curves.make([f"c{i}" for i in range(n)], ceiling=rng.lognormal(5, 1, n), half=rng.lognormal(8, 1, n),
                       value=rng.lognormal(3, 0.5, n), form=forms)  # fmt: skip


def truth() -> list[Row]:
    worse = solved = refused = wrong = 0
    gaps, cpu = [], 0.0
    for seed in range(FIRST, FIRST + INSTANCES):
        one = instance(seed)
        best = one.grid()
        begin = time.process_time()
        try:
            found = one.decide()
        except InfeasibleError:
            refused += 1
            wrong += best is not None or one.possible()
            continue
        except ValueError:
            worse += 1
            continue
        cpu += time.process_time() - begin
        solved += 1
        gaps.append(found.continuous_gap)
        # whole units of money can lose a few units against a grid that happens to hit a corner
        worse += best is not None and (found.value < best - 1e-6 * abs(best) - 10 or found.bound < best - 1e-6)
    closed = float(np.mean(np.array(gaps) <= 1e-6))
    return [
        Row(f"Budgets of every kind mixed, {INSTANCES} instances against all splits on a grid",
            f"{worse} worse, {wrong} wrongly infeasible ({solved} solved, {refused} infeasible, for a MIP too)", "", "",
            "none worse", worse + wrong == 0),
        Row("  their gap, proved", f"{100 * closed:.1f} % <= 1e-6, largest {max(gaps):.1e}; "
            f"{1000 * cpu / solved:.0f} CPU ms each", "", "", "", None),
    ]  # fmt: skip


def weeks() -> list[Row]:
    worse = refused = wrong = 0
    gaps, cpu = [], 0.0
    for seed in range(WEEKS):
        one, begin = weeks_instance(seed), time.process_time()
        try:
            plan = one.decide()
        except InfeasibleError:
            refused += 1
            wrong += one.best(np.zeros(2)) is not None
            continue
        cpu += time.process_time() - begin
        best = one.best(plan.later)
        gaps.append(plan.gap)
        worse += not one.holds(plan.solution)
        worse += best is not None and (plan.value < best - 1e-6 * abs(best) - 10 or plan.bound < best - 1e-6)
    closed = float(np.mean(np.array(gaps) <= 1e-5))
    return [
        Row(f"Plans over weeks of every kind mixed, {WEEKS} instances against all plans on a grid",
            f"{worse} worse, {wrong} wrongly infeasible ({len(gaps)} solved, {refused} infeasible)", "", "",
            "none worse", worse + wrong == 0),
        Row("  their gap, proved", f"{100 * closed:.1f} % <= 1e-5, largest {max(gaps):.1e}; "
            f"{1000 * cpu / len(gaps):.0f} CPU ms each", "", "", "", None),
    ]  # fmt: skip


def certificate() -> list[Row]:
    n = 10_000
    c = curves(n, n)
    low, high = np.zeros(n), np.full(n, np.inf)
    best = min(_cpu(lambda: fill(c, 30_000.0 * n, low, high)) for _ in range(5))
    filled = fill(c, 30_000.0 * n, low, high)
    gap = (filled.bound - filled.value) / filled.bound
    rng = np.random.default_rng(n)
    today = rng.lognormal(8, 1, n)
    whole = min(_cpu(lambda: BudgetAllocator(total=30_000 * n).decide(c, today)) for _ in range(3))
    return [
        Row("Split of 10,000 cells with its certificate", f"{1000 * best:.0f} CPU ms, gap {gap:.0e}", "", "",
            "<= 1e-6 in < 100 ms", bool(gap <= 1e-6 and best < 0.1)),
        Row("  with whole units, prices and reasons of every cell", f"{1000 * whole:.0f} CPU ms"),
    ]  # fmt: skip


def peer() -> list[Row]:
    rows = []
    for n in (10, 100):
        c = curves(n, n)
        total, high = 4000.0 * n, np.full(n, 40_000.0)
        unit, size = 4000.0, float(c.value(np.full(n, 4000.0)).sum())
        ours = min(_cpu(lambda c=c, t=total, h=high, n=n: fill(c, t, np.zeros(n), h)) for _ in range(7))
        filled = fill(c, total, np.zeros(n), high)
        theirs, best = _slsqp(c, n, unit, size, high / unit)
        ahead = filled.value - best
        rows.append(
            Row(f"Split of {n} channels against SLSQP", f"{1000 * ours:.2f} CPU ms, better by {ahead / size:.0e}",
                f"{1000 * theirs:.0f} CPU ms", f"{theirs / ours:.0f}x", ">= 100x" if n == 100 else "",
                bool(theirs / ours >= 100 and ahead >= -1e-12 * size) if n == 100 else None)
        )  # fmt: skip
    return rows


def _slsqp(c: Curves, n: int, unit: float, size: float, high: np.ndarray) -> tuple[float, float]:
    """CPU seconds and the best value of SLSQP with exact slopes, money in ``unit`` and value in ``size``."""
    begin = time.process_time()
    found = minimize(
        lambda x: -float(c.value(x * unit).sum()) / size, np.ones(n), jac=lambda x: -c.slope(x * unit) * unit / size,
        bounds=[(0, h) for h in high], method="SLSQP", options={"ftol": 1e-12, "maxiter": 1000},
        constraints={"type": "eq", "fun": lambda x: x.sum() - n, "jac": lambda x: np.ones(n)},
    )  # fmt: skip
    return time.process_time() - begin, -found.fun * size


def _cpu(work: object) -> float:
    begin = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - begin


def rows() -> list[Row]:
    return certificate() + peer() + truth() + weeks()


if __name__ == "__main__":
    answer(rows)
