"""A day's advertising money, hour by hour, never more than there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from regulars.decide.result import Decision, relative_gap

HOURS = 24


@dataclass(frozen=True)
class DailyPacing:
    """How much may be spent in each hour of a day, so that the money follows the day's traffic and never runs over.

    Formula: of what is left at hour h, hour h gets the share w_h / sum_{k >= h} w_k of its traffic in that of the rest
    of the day (hours outside ``open`` have none), at most ``catch_up`` times what the hour would get on plan. What an
    hour leaves goes to the later ones by itself. Amounts are whole minor units. A spend is let through only when
    spent + promised + its highest price fits into both the day and the hour (``ask``); what it cost is then ``told``.
    So long as no cost exceeds what was promised for it, the day can never be overspent, whatever comes.

    ``reserve``: money kept back until the end, for costs that the platform reports late.
    Raises ``ValueError`` for money below 0, or traffic that is not 24 numbers of 0 or more. Source: Agarwal and others,
    Budget pacing for targeted online advertisements at LinkedIn, KDD 2014.

    >>> day = DailyPacing(budget=2400, traffic=[1.0] * 24)
    >>> day.decide(12).solution[12], day.spend(0, 100).decide(12).solution[12]
    (200, 191)
    """

    budget: int
    traffic: Sequence[float] = (1.0,) * HOURS
    open: Sequence[int] = tuple(range(HOURS))
    catch_up: float = 2.0
    reserve: int = 0
    spent: tuple[int, ...] = (0,) * HOURS
    promised: dict[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.budget < 0 or not 0 <= self.reserve <= max(self.budget, 0) or self.catch_up < 1:
            raise ValueError("budget must be 0 or more, reserve between 0 and budget, catch_up 1 or more")
        if len(self.traffic) != HOURS or any(not 0 <= w < float("inf") for w in self.traffic):
            raise ValueError("traffic must be 24 numbers, 0 or more, one an hour")

    @property
    def gone(self) -> int:
        """Spent and promised."""
        return sum(self.spent) + sum(cost for _, cost in self.promised.values())

    def allowance(self, hour: int) -> int:
        """The most that may be spent and promised in an hour, given what has gone before it."""
        weight = self._weights()
        rest, whole = sum(weight[hour:]), sum(weight)
        if weight[hour] <= 0 or whole <= 0:
            return 0
        money = self.budget - self.reserve
        before = self.gone - self._in(hour)
        left = max(money - before, 0)
        fair = int(left * weight[hour] / rest)
        return min(fair, left, int(self.catch_up * money * weight[hour] / whole) + 1)

    def ask(self, code: str, hour: int, highest: int) -> DailyPacing | None:
        """Promise money for one spend that costs at most ``highest``; None when it may not be made."""
        if highest < 0 or code in self.promised:
            raise ValueError(f"{code!r} is asked for twice, or costs less than nothing")
        if self.gone + highest > self.budget - self.reserve or self._in(hour) + highest > self.allowance(hour):
            return None
        return replace(self, promised={**self.promised, code: (hour, highest)})

    def told(self, code: str, cost: int) -> DailyPacing:
        """What a promised spend cost; raises ``ValueError`` when it was not promised or costs more."""
        if code not in self.promised:
            raise ValueError(f"{code!r} was not asked for")
        hour, highest = self.promised[code]
        if not 0 <= cost <= highest:
            raise ValueError(f"{code!r} cost {cost}, promised was at most {highest}: stop the campaign and look")
        rest = {k: v for k, v in self.promised.items() if k != code}
        return replace(self, promised=rest).spend(hour, cost)

    def spend(self, hour: int, cost: int) -> DailyPacing:
        """The day after a cost that was not asked for, as a platform reports it; it counts at once."""
        return replace(self, spent=tuple(s + cost * (k == hour) for k, s in enumerate(self.spent)))

    def decide(self, hour: int) -> Decision[tuple[int, ...]]:
        """The plan from this hour on: whole amounts for each of the 24 hours, the past as spent."""
        weight = self._weights()
        left = max(self.budget - self.reserve - self.gone + self._in(hour), 0)
        rest = sum(weight[hour:])
        plan = list(self.spent[:hour]) + [0] * (HOURS - hour)
        for k in range(hour, HOURS):
            cap = int(self.catch_up * (self.budget - self.reserve) * weight[k] / sum(weight)) + 1 if rest > 0 else 0
            plan[k] = min(int(left * weight[k] / rest), cap, left) if rest > 0 and weight[k] > 0 else 0
            left, rest = left - plan[k], rest - weight[k]
        value, bound = float(sum(plan)), float(max(self.budget, sum(plan)))
        binding = ("budget",) if value >= self.budget - self.reserve else ("catch_up",) if rest > 0 or left else ()
        return Decision(tuple(plan), value, bound, relative_gap(value, bound), binding, {}, (f"left={left}",))

    def _in(self, hour: int) -> int:
        return self.spent[hour] + sum(cost for h, cost in self.promised.values() if h == hour)

    def _weights(self) -> list[float]:
        return [w if k in set(self.open) else 0.0 for k, w in enumerate(self.traffic)]
