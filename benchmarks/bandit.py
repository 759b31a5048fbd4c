"""Regret of Thompson sampling over 10,000 rounds, 200 histories, against the figures published for it.

Run: ``python -m benchmarks.bandit``. Bernoulli arms, uniform priors; the mean with its standard error beside what
was measured for other implementations on the same two problems (35.99 +- 2.11 and 51.99 +- 3.24, 200 runs each).
Where mabwiser is installed (see ``mabwiser_peer``) it plays the same two problems, in fewer histories.
With late rewards (the outcome known 500 rounds later, chosen in batches) the same is printed without a target.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time

import numpy as np
from benchmarks import mabwiser_peer as peer
from benchmarks.rows import Row, answer
from numpy.typing import ArrayLike

from regulars.decide.bandit import bernoulli_regret

ROUNDS, RUNS, PEER_RUNS = 10_000, 200, 30
PUBLISHED = (((0.10, 0.05, 0.05, 0.05), 35.99, 2.11), ((0.06, 0.05, 0.04, 0.03, 0.02), 51.99, 3.24))


def late_regret(rates: ArrayLike, rounds: int, batch: int, *, runs: int, seed: int) -> np.ndarray:
    """Regret where a batch of outcomes is known only after the next batch has been chosen."""
    p, rng = np.asarray(rates), np.random.default_rng(seed)
    wins, losses = np.zeros((runs, len(p))), np.zeros((runs, len(p)))
    regret, waiting = np.zeros(runs), None
    for _ in range(rounds // batch):
        picks = rng.beta((1 + wins)[:, None], (1 + losses)[:, None], (runs, batch, len(p))).argmax(axis=2)
        shown = np.stack([(picks == k).sum(axis=1) for k in range(len(p))], axis=1)
        regret += (shown * (p.max() - p)).sum(axis=1)
        if waiting is not None:
            wins, losses = wins + waiting[0], losses + waiting[1]
        won = rng.binomial(shown, p)
        waiting = (won, shown - won)
    return regret


def rows() -> list[Row]:
    out = []
    for rates, mean, error in PUBLISHED:
        start = time.process_time()
        regret = bernoulli_regret(rates, ROUNDS, runs=RUNS, seed=1)
        seconds = time.process_time() - start
        own = 1.96 * regret.std(ddof=1) / np.sqrt(RUNS)
        apart = abs(regret.mean() - mean) / np.hypot(own, error)
        what = "regret of Thompson sampling, rates " + " ".join(f"{r:g}" for r in rates)
        out.append(Row(what, f"{regret.mean():.2f} +- {own:.2f} ({seconds:.1f} s CPU)", f"{mean} +- {error}",
                       f"{apart:.2f} intervals apart", "<= 1", apart <= 1))  # fmt: skip
        if peer.installed():
            cpu, theirs = peer.ask(list(rates), ROUNDS, PEER_RUNS)
            error_ = 1.96 * np.std(theirs, ddof=1) / np.sqrt(PEER_RUNS)
            ahead = np.mean(theirs) - regret.mean()
            wide = np.hypot(own, error_)
            out.append(Row("  against mabwiser: regret, and CPU of 10,000 rounds",
                           f"{regret.mean():.2f} +- {own:.2f} ({1e3 * seconds / RUNS:.1f} ms)",
                           f"{np.mean(theirs):.2f} +- {error_:.2f} ({1e3 * cpu / PEER_RUNS:.0f} ms)",
                           f"{cpu / PEER_RUNS / (seconds / RUNS):.0f}x", "no more regret",
                           bool(ahead >= -wide)))  # fmt: skip
        late = late_regret(rates, ROUNDS, 500, runs=RUNS, seed=1)
        out.append(Row("  in batches of 500, known a batch late", f"{late.mean():.2f}"))
    return out


if __name__ == "__main__":
    answer(rows)
