"""How many hands an inbox needs, and which hours to be at the desk, so that answers come in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array
from regulars.decide.result import Decision, InfeasibleError, Wish, relative_gap

WEEK = 168


def erlang_b(load: float, servers: int) -> float:
    """The chance that all servers are busy when nobody waits: B(n) = a B(n-1) / (n + a B(n-1)), B(0) = 1.

    >>> round(erlang_b(10.0, 10), 5)
    0.21458
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """The chance to wait: C = n B / (n - a (1 - B)); 1 where the load is not below the servers.

    ``load`` is arrivals an hour times hours of work each (erlangs). Source: Erlang (1917); Cooper, Introduction to
    Queueing Theory (1981), section 3.5.

    >>> round(erlang_c(2.0, 3), 4)
    0.4444
    """
    if load >= servers:
        return 1.0
    blocked = erlang_b(load, servers)
    return servers * blocked / (servers - load * (1 - blocked))


def in_time(load: float, servers: int, work: float, within: float) -> float:
    """The share answered within ``within`` (same unit as ``work``, the time each takes): 1 - C exp(-(n - a) t / s)."""
    if load >= servers:
        return 0.0
    return 1 - erlang_c(load, servers) * math.exp(-(servers - load) * within / work)


def servers_for(load: float, work: float, within: float, share: float) -> int:
    """The fewest servers with which that share is answered in time.

    >>> servers_for(48.0, 240.0, 15.0, 0.80)
    55
    """
    if load < 0 or work <= 0 or within < 0 or not 0 < share < 1:
        raise ValueError("load and within must be 0 or more, work above 0, share between 0 and 1")
    servers = math.floor(load) + 1 if load > 0 else 0
    while load > 0 and in_time(load, servers, work, within) < share:
        servers += 1
    return servers


def square_root_servers(load: float, wait: float) -> float:
    """About how many servers keep the chance to wait at ``wait``: a + b sqrt(a).

    b solves wait = 1 / (1 + b Phi(b) / phi(b)). Source: Halfin and Whitt, Operations Research 29 (1981) 567-588.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    beta = brentq(lambda b: 1 / (1 + b * norm.cdf(b) / norm.pdf(b)) - wait, 1e-9, 8.0)
    return float(load + beta * math.sqrt(load))


@dataclass(frozen=True)
class DeskDecision(Decision[tuple[int, ...]]):
    """``solution``: the hours of the week at the desk (Monday 0:00 is 0); ``value`` is minus their number;
    ``in_time`` the share of arrivals expected to be answered in time."""

    in_time: float = 0.0
    load: tuple[float, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class DeskHours:
    """The fewest hours of the week at the desk with which messages are answered in time.

    Formula: min sum y_s over y in {0, 1}; flows x_ts from the hour t a message comes to the hour s it is answered,
    t <= s <= t + ``within``, around the week; sum_s x_ts + late_t = a_t; sum_t x_ts <= ``an_hour`` y_s; late messages
    are at most 1 - ``share`` of all. a_t holds ``margin`` standard deviations above the mean arrivals of the day
    (square-root staffing), so a usual busy day fits too. Hours are added where they help most and dropped where they
    can be spared; ``bound`` is the linear programme with parts of hours, so a gap of 0 proves that no plan has fewer.

    ``an_hour``: messages answered in an hour at the desk; ``allowed``: hours one could be there (all when empty).
    Raises ``InfeasibleError`` when even all allowed hours are too few. Source: Halfin and Whitt (1981) for the margin.

    >>> DeskHours(an_hour=6, within=30, allowed=(9, 33)).decide(np.r_[np.zeros(8), 5.0, np.zeros(159)]).solution
    (9, 33)
    """

    an_hour: float = 6.0
    within: int = 8
    share: float = 0.90
    margin: float = 1.0
    allowed: Sequence[int] = ()

    def decide(self, arrivals: ArrayLike) -> DeskDecision:
        """Choose the hours for the mean arrivals of each of the 168 hours of the week."""
        mean = np.asarray(arrivals, dtype=float)
        if mean.shape != (WEEK,) or not np.isfinite(mean).all() or mean.min() < 0:
            raise ValueError("arrivals must be 168 numbers, 0 or more, one for each hour of the week from Monday 0:00")
        if self.an_hour <= 0 or not 0 < self.share < 1 or not 0 <= self.within < WEEK:
            raise ValueError("an_hour must be above 0, share between 0 and 1, within 0 to 167 hours")
        days = mean.reshape(7, 24)
        daily = days.sum(axis=1, keepdims=True)
        busy = (days * (1 + self.margin / np.sqrt(np.maximum(daily, 1e-9)))).ravel() if daily.any() else mean
        open_ = sorted({int(h) % WEEK for h in self.allowed}) or list(range(WEEK))
        if not busy.any():
            return DeskDecision((), 0.0, 0.0, 0.0, (), {}, ("no_arrivals",), 1.0, (0.0,) * WEEK)
        answer = _fewest(busy, open_, self)
        if answer is None:
            raise InfeasibleError([
                Wish("allowed", "hours at the desk", len(open_)), Wish("an_hour", "answers an hour", self.an_hour),
                Wish("share", "share answered in time", self.share),
            ])  # fmt: skip
        chosen, bound, on_time = answer
        gap = relative_gap(-float(len(chosen)), -float(math.ceil(bound - 1e-6)))
        return DeskDecision(
            tuple(chosen), -float(len(chosen)), -float(math.ceil(bound - 1e-6)), gap, ("share",), {},
            (f"arrivals={mean.sum():.4g}", f"planned={busy.sum():.4g}", f"hours={len(chosen)}"), on_time,
            tuple(float(v) for v in busy),
        )  # fmt: skip


def _fewest(busy: Array, open_: list[int], rule: DeskHours) -> tuple[list[int], float, float] | None:
    """Hours added one by one, each the one that helps most, then those that can be spared dropped; and a bound."""
    everything = np.zeros((1, WEEK), dtype=bool)
    everything[0, open_] = True
    if answered_in_time(busy, everything, rule.an_hour, rule.within)[0] < rule.share - 1e-9:
        return None
    desk, on_time = np.zeros(WEEK, dtype=bool), 0.0
    while on_time < rule.share - 1e-9:
        left = [h for h in open_ if not desk[h]]
        trial = np.repeat(desk[None], len(left), axis=0)
        trial[np.arange(len(left)), left] = True
        shares = answered_in_time(busy, trial, rule.an_hour, rule.within)
        best = int(np.argmax(np.round(shares, 12)))
        desk, on_time = trial[best], float(shares[best])
    while True:
        mine = np.flatnonzero(desk)
        trial = np.repeat(desk[None], len(mine), axis=0)
        trial[np.arange(len(mine)), mine] = False
        shares = answered_in_time(busy, trial, rule.an_hour, rule.within)
        best = int(np.argmax(np.round(shares, 12)))
        if shares[best] < rule.share - 1e-9:
            break
        desk, on_time = trial[best], float(shares[best])
    return np.flatnonzero(desk).tolist(), _least(busy, open_, rule), on_time


def answered_in_time(arrivals: Array, desks: Array, an_hour: float, within: int) -> Array:
    """The share of a usual week's messages answered in time, for every plan of desk hours (rows of 168 flags).

    Whoever has waited longest is answered first and whoever is late already last; with the same promise to all no
    other order answers more in time. The second of two weeks counts, so Monday starts with what Sunday left.
    """
    waiting = np.zeros((len(desks), within + 1))
    done = np.zeros(len(desks))
    for s in range(2 * WEEK):
        waiting[:, 1:] = waiting[:, :-1]
        waiting[:, 0] = arrivals[s % WEEK]
        if not desks[:, s % WEEK].any():
            continue
        older = np.cumsum(waiting[:, ::-1], axis=1)[:, ::-1] - waiting
        served = np.clip(an_hour * desks[:, s % WEEK, None] - older, 0.0, waiting)
        waiting -= served
        if s >= WEEK:
            done += served.sum(axis=1)
    return np.asarray(np.minimum(done / arrivals.sum(), 1.0))


def _least(busy: Array, open_: list[int], rule: DeskHours) -> float:
    """No plan has fewer hours than this: the same programme with parts of hours allowed."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    comes = np.flatnonzero(busy > 0)
    seat = {h: k for k, h in enumerate(open_)}
    pairs = [(i, seat[(t + d) % WEEK]) for i, t in enumerate(comes.tolist()) for d in range(rule.within + 1)
             if (t + d) % WEEK in seat]  # fmt: skip
    i, s = (np.array(v, dtype=np.int64) for v in zip(*pairs, strict=True))
    seats, flows, kinds = len(open_), len(i), len(comes)
    # Rows: what comes at each hour at most once, what a seat can do, and how much must be in time.
    row = np.concatenate([i, kinds + s, kinds + np.arange(seats), np.full(flows, kinds + seats)])
    column = np.concatenate([seats + np.arange(flows), seats + np.arange(flows), np.arange(seats),
                             seats + np.arange(flows)])  # fmt: skip
    entry = np.concatenate([np.ones(2 * flows), np.full(seats, -rule.an_hour), -np.ones(flows)])
    matrix: Any = coo_array((entry, (row, column)), shape=(kinds + seats + 1, seats + flows)).tocsr()
    limits = np.concatenate([busy[comes], np.zeros(seats), [-rule.share * busy.sum()]])
    bounds: Any = [(0, 1)] * seats + [(0, None)] * flows
    answer: Any = linprog(
        np.concatenate([np.ones(seats), np.zeros(flows)]), A_ub=matrix, b_ub=limits, bounds=bounds,
    )  # fmt: skip
    return float(answer.fun) if answer.x is not None else 0.0
