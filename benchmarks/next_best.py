"""The next best action of a million people: time, memory and the gap that is proved.

Run: ``python -m benchmarks.next_best [people]``. Twenty actions through four channels, limits on every channel and
action, on all contacts and on money; what each option brings is computed in pieces, as the turn does.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import resource
import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from benchmarks.rows import Row, answer

from regulars.decide import Assignment, Limit, Offers

ACTIONS, CHANNELS = 20, 4
COST = np.array([1, 8, 3, 300], dtype=np.float32)
LIFT = np.array([1, 1.1, 0.8, 6], dtype=np.float32)


def offers(people: int, seed: int = 0) -> Offers:
    """People with a stake, an uplift for every action, consent by channel and actions that suit them."""
    rng = np.random.default_rng(seed)
    stake = rng.lognormal(8, 1, people).astype(np.float32)
    uplift = rng.normal(0.004, 0.004, (ACTIONS, people)).astype(np.float32)
    away = rng.uniform(0, 0.01, ACTIONS).astype(np.float32)
    consent = rng.random((CHANNELS, people)) < np.array([0.7, 0.5, 0.4, 0.3])[:, None]
    suits = rng.random((ACTIONS, people)) < 0.5

    def block(rows: Any) -> Mapping[str, Any]:
        own = stake[rows]
        worth, money = (np.empty((ACTIONS * CHANNELS, len(own)), dtype=np.float32) for _ in range(2))
        for a in range(ACTIONS):
            for c in range(CHANNELS):
                k, u = a * CHANNELS + c, uplift[a, rows]
                money[k] = COST[c] + away[a] * own
                worth[k] = u * LIFT[c] * own - money[k]
                worth[k][~(consent[c, rows] & suits[a, rows])] = -np.inf
        return {"worth": worth, "money": money}

    return Offers(people, ACTIONS * CHANNELS, block)


def limits(people: int) -> tuple[Limit, ...]:
    """A quota for every channel and action, one for all contacts, and a budget."""
    shares = np.random.default_rng(1).uniform(0.005, 0.06, ACTIONS)
    options = range(ACTIONS * CHANNELS)
    return (
        *(Limit(f"quota:{c}", people * s, tuple(options[c::CHANNELS])) for c, s in enumerate((0.4, 0.05, 0.2, 0.0005))),
        *(Limit(f"action:{a}", people * s, tuple(options[a * 4 : a * 4 + 4])) for a, s in enumerate(shares)),
        Limit("budget", people * 6.0, of="money"),
        Limit("quota:total", people * 0.45),
    )


def rows(people: int = 1_000_000) -> list[Row]:
    """Gap, time and memory, beside their targets at a million people."""
    asked, bound = offers(people), limits(people)
    begun = time.process_time()
    plan = Assignment(bound).decide(asked)
    cpu, peak = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    shape = f"next best action, {people:,} people x {ACTIONS} actions x {CHANNELS} channels, {len(bound)} limits"
    full = people == 1_000_000
    return [
        Row(f"{shape}: proved gap", f"{plan.gap:.1e}", target="<= 0.5 %", met=plan.gap <= 0.005 if full else None),
        Row(f"{shape}: CPU", f"{cpu:.1f} s", target="<= 60 s", met=cpu <= 60 if full else None),
        Row(f"{shape}: peak memory", f"{peak:.2f} GB", target="<= 2 GB", met=peak <= 2 if full else None),
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        answer(lambda: rows(int(sys.argv[1])))
    else:
        answer(rows)
