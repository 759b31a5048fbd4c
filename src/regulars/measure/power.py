"""How many people, how many days, how small a difference: what an experiment can see, before it begins.

Needs nothing but the standard library, so a page can answer while the owner types.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

Method = Literal["always_valid", "fixed"]
NORMAL: Final = NormalDist()
LONGEST_DAYS: Final = 3650


def critical(method: Method = "always_valid", level: float = 0.95, alternatives: int = 1) -> float:
    """How many standard errors a difference must lie from zero at the planned end.

    ``fixed``: the two-sided normal quantile. ``always_valid``: the confidence sequence tuned to be
    tightest at the planned end. With several arms the error is shared out among them (Bonferroni).

    >>> round(critical("fixed"), 2), round(critical("always_valid"), 2)
    (1.96, 3.04)
    """
    if not 0 < level < 1:
        raise ValueError(f"level = {level} is not between 0 and 1; write 0.95 for 95 %")
    a = (1 - level) / max(alternatives, 1)
    if method == "fixed":
        return NORMAL.inv_cdf(1 - a / 2)
    e = -2 * math.log(a) + math.log(1 - 2 * math.log(a))
    return math.sqrt(2 * (1 + 1 / e) * math.log(math.sqrt(1 + e) / a))


def _se(variance: float, treated: float, control: float, variance_treated: float | None = None) -> float:
    if treated <= 0 or control <= 0:
        return math.inf
    return math.sqrt((variance if variance_treated is None else variance_treated) / treated + variance / control)


def minimum_detectable(
    variance: float, treated: float, control: float, *, level: float = 0.95, power: float = 0.8,
    method: Method = "always_valid", alternatives: int = 1,
) -> float:  # fmt: skip
    """Smallest difference per head that shows with this chance.

    ``(critical + z_power) sqrt(variance (1 / treated + 1 / control))``; for a share p the variance is p (1 - p).

    Args:
        variance: variance of the outcome from person to person.
        treated: people of one treated arm by the planned end.
        control: people of the control arm.
        level: how sure the answer must be.
        power: chance to see a difference of this size.
        method: ``always_valid`` when one looks on the way, ``fixed`` when one looks once at the end.
        alternatives: treated arms compared with the control.

    >>> round(minimum_detectable(0.05 * 0.95, 9_500, 500, method="fixed"), 4)
    0.028
    """
    return (critical(method, level, alternatives) + NORMAL.inv_cdf(power)) * _se(variance, treated, control)


def chance_to_see(
    delta: float, variance: float, treated: float, control: float, *, level: float = 0.95,
    method: Method = "always_valid", alternatives: int = 1,
) -> float:  # fmt: skip
    """Power: the chance that a true difference of ``delta`` shows at the planned end.

    For ``always_valid`` it is a lower end: the sequence may also have crossed earlier.

    >>> round(chance_to_see(0.028, 0.05 * 0.95, 9_500, 500, method="fixed"), 2)
    0.8
    """
    se, bar = _se(variance, treated, control), critical(method, level, alternatives)
    if not math.isfinite(se):
        return 0.0
    if se == 0:
        return 1.0 if delta else 0.0
    z = delta / se
    return NORMAL.cdf(z - bar) + NORMAL.cdf(-z - bar)


def people_needed(
    delta: float, variance: float, *, treated_share: float = 0.5, level: float = 0.95, power: float = 0.8,
    method: Method = "always_valid", alternatives: int = 1,
) -> int:  # fmt: skip
    """People in all (treated arm and control) for a difference of ``delta`` to show with this chance.

    ``variance ((critical + z_power) / delta)^2 (1 / share + 1 / (1 - share))``, rounded up.

    >>> people_needed(0.1, 1.0, method="fixed")  # Lehr's rule of 16 s^2 / d^2 an arm says 3,200
    3140
    """
    if delta == 0:
        raise ValueError("delta = 0 cannot be seen by any number of people; name the smallest difference that matters")
    if not 0 < treated_share < 1:
        raise ValueError(f"treated_share = {treated_share} leaves one arm empty; write a share between 0 and 1")
    z = critical(method, level, alternatives) + NORMAL.inv_cdf(power)
    return math.ceil(variance * (z / delta) ** 2 * (1 / treated_share + 1 / (1 - treated_share)))


@dataclass(frozen=True)
class Outlook:
    """When an experiment will know: people and days needed, and what it can see by the planned end.

    ``days`` is None when even ten years are too short.
    """

    people: int
    days: int | None
    detectable: float
    power: float


def duration(
    delta: float, variance: float, *, people_now: float = 0, people_a_day: float = 0, planned_days: int = 28,
    treated_share: float = 0.5, level: float = 0.95, power: float = 0.8, method: Method = "always_valid",
    alternatives: int = 1,
) -> Outlook:  # fmt: skip
    """Days until a difference of ``delta`` shows, from the company's own traffic.

    Args:
        delta: smallest difference per head that would change what you do.
        variance: variance of the outcome from person to person.
        people_now: people in the two arms already.
        people_a_day: people who join the two arms each day.
        planned_days: length of the plan, for what it can see by then.

    >>> duration(0.02, 0.09, people_a_day=200, planned_days=28).days
    68
    """
    rest = {"level": level, "method": method, "alternatives": alternatives}
    need = people_needed(delta, variance, treated_share=treated_share, power=power, **rest)  # type: ignore[arg-type]
    missing = max(need - people_now, 0)
    days = 0 if not missing else math.ceil(missing / people_a_day) if people_a_day > 0 else None
    by_then = people_now + people_a_day * planned_days
    arms = by_then * treated_share, by_then * (1 - treated_share)
    return Outlook(
        need, days if days is None or days <= LONGEST_DAYS else None,
        minimum_detectable(variance, *arms, power=power, **rest),  # type: ignore[arg-type]
        chance_to_see(delta, variance, *arms, **rest),  # type: ignore[arg-type]
    )  # fmt: skip
