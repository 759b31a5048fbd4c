"""One thing tried out: what each arm has shown so far, which is likely the best, and whether to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from regulars.decide.arms import Arm, NormalArm
from regulars.decide.bandit import Bandit
from regulars.decide.bandit_delay import DelayCurve, money_arm, yes_no_arm
from regulars.decide.bandit_traffic import advise
from regulars.decide.curves import Array

HOUR: Final = 3600.0
WEEK: Final = 168.0
RECENT_WEEKS: Final = 4.0
FEWEST_DELAYS: Final = 10


@dataclass(frozen=True)
class ArmReading:
    """What is known of one arm: exposures, those whose reward would have come, rewards, the mean reward with its 90 %
    interval, the chance to be best, the loss to expect from settling on it, and the share it gets now."""

    arm: str
    shown: int
    ripe: float
    won: int
    mean: float
    low: float
    high: float
    best: float
    loss: float
    share: float


@dataclass(frozen=True)
class TryoutReading:
    """``advice``: start, too_little, go_on, level or finish; ``detectable`` the smallest relative difference that the
    weeks left can show and ``weeks`` what a difference of a fifth would take (None: never)."""

    tryout: str
    arms: tuple[ArmReading, ...]
    advice: str
    arm: str
    a_week: float
    detectable: float | None
    weeks: float | None
    delay_known: bool


def read_tryout(asked: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], now: datetime) -> TryoutReading:
    """Read the exposures of one try-out, as ``tables.TRYOUTS`` and ``tables.EXPOSURES`` give them.

    Exposures younger than the window count as far as their reward could have come by now (``DelayCurve``), where the
    delays of enough rewards are known; else only those as old as the window count, with their rewards.
    """
    names = list(dict.fromkeys(str(r["arm"]) for r in rows))
    if not names:
        raise ValueError(f"try-out {asked['tryout']!r} has no arms")
    log = _Log.of(rows, now)
    window = float(asked["window_hours"])
    curve = _curve(log, window)
    keep = np.power(float(asked["keep"]), log.age / WEEK)
    arms: dict[str, Arm] = {}
    for name in names:
        mine = log.arm == name
        if curve is None:
            mine &= log.age >= window
        weight, age = keep[mine], log.age[mine]
        if asked["reward"] == "money":
            arms[name] = money_arm(log.shown[mine] * weight, log.total[mine] * weight, log.square[mine] * weight, age,
                                   window, _prior(log, window))  # fmt: skip
        else:
            ripe = curve or DelayCurve(window).fit([], [])
            arms[name] = yes_no_arm(log.shown[mine] * weight, log.won[mine] * weight, age, ripe)
    bandit = Bandit(arms, floor=min(float(asked["floor"]), 1 / len(names)), rule=str(asked["rule"]))
    plan = bandit.decide(1, seed=0)
    recent = log.age <= RECENT_WEEKS * WEEK
    since = min(RECENT_WEEKS, max(float(log.age.max(initial=0.0)) / WEEK, 1 / 7))
    a_week = float(log.shown[recent].sum()) / since
    past = (now - asked["started"]).total_seconds() / HOUR / WEEK
    found = advise(bandit, a_week, max(float(asked["weeks"]) - past, 0.0))
    code = found.code if log.shown.sum() > 0 else "start"
    if asked["reward"] == "money" and code == "too_little":
        code = "go_on"
    readings = tuple(_reading(n, bandit, plan, log, curve, window) for n in names)
    return TryoutReading(
        str(asked["tryout"]), readings, code, found.arm, a_week,
        found.detectable if np.isfinite(found.detectable) and asked["reward"] != "money" else None,
        found.weeks if np.isfinite(found.weeks) and asked["reward"] != "money" else None, curve is not None,
    )  # fmt: skip


@dataclass(frozen=True)
class _Log:
    arm: Any
    age: Array
    shown: Array
    won: Array
    total: Array
    square: Array
    delay: Array

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]], now: datetime) -> _Log:
        def real(name: str) -> Array:
            return np.array([float(r[name] or 0) for r in rows])

        delay = [np.nan if r["rewarded_at"] is None else (r["rewarded_at"] - r["at"]).total_seconds() / HOUR
                 for r in rows]  # fmt: skip
        age = np.array([max((now - r["at"]).total_seconds(), 0.0) / HOUR for r in rows])
        return cls(np.array([str(r["arm"]) for r in rows]), age, real("shown"), real("won"), real("total"),
                   real("square"), np.array(delay))  # fmt: skip


def _curve(log: _Log, window: float) -> DelayCurve | None:
    known = np.isfinite(log.delay) & (log.won > 0) & (log.delay >= 0) & (log.delay <= np.minimum(log.age, window))
    if known.sum() < FEWEST_DELAYS:
        return None
    return DelayCurve(window).fit(log.delay[known], log.age[known], log.won[known])


def _prior(log: _Log, window: float) -> NormalArm:
    """As wide as the rewards of all arms together vary from exposure to exposure."""
    ripe = log.age >= window
    n = float(log.shown[ripe].sum())
    if n < 2:
        return NormalArm(noise=1.0, prior_mean=0.0, prior_sd=1.0)
    mean = float(log.total[ripe].sum()) / n
    noise = max(float(np.sqrt(max(log.square[ripe].sum() / n - mean**2, 0.0))), 1e-6)
    return NormalArm(noise=noise, prior_mean=mean, prior_sd=noise)


def _reading(name: str, bandit: Bandit, plan: Any, log: _Log, curve: DelayCurve | None, window: float) -> ArmReading:
    arm, mine = bandit.arms[name], log.arm == name
    ends = arm.quantiles(np.array([0.05, 0.95]))
    ripe = curve.share(log.age[mine]) if curve else (log.age[mine] >= window).astype(float)
    return ArmReading(
        name, int(log.shown[mine].sum()), float((log.shown[mine] * ripe).sum()), int(log.won[mine].sum()),
        float(arm.mean), float(ends[0]), float(ends[1]), plan.best[name], plan.losses[name], plan.propensities[name],
    )  # fmt: skip
