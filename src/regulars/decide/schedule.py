"""When to send: people to hours, each hour with room for so many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.quota import Quota
from regulars.decide.result import Decision, InfeasibleError, Wish


@dataclass(frozen=True)
class Schedule:
    """The assignment of sends to hours that is worth the most under the hours' capacity; exact.

    Formula: max sum v_ph x_ph, at most one hour a person, sum_p x_ph <= capacity_h: a transport problem, whose linear
    programme has a whole optimum (Dantzig 1951). ``everybody``: everyone who may be sent to must be, or it is an error.

    >>> Schedule({"9:00": 1, "20:00": 5}).decide(np.array([[.3, .2], [.3, .1]])).solution
    ('20:00', '9:00')
    """

    capacity: Mapping[str, int]
    everybody: bool = False

    def decide(self, worth: Array) -> Decision[tuple[str | None, ...]]:
        """Choose an hour for every row of ``worth`` (people, hours in the order of ``capacity``; -inf: not then).

        The solution has an hour a person, None where there is no room or no hour is worth anything. Raises
        ``InfeasibleError`` naming the hours that lack room when ``everybody`` cannot be served.
        """
        hours = list(self.capacity)
        table = np.atleast_2d(np.asarray(worth, dtype=float))
        may = np.isfinite(table)
        # A bonus above all worths makes serving one more person always better than serving others better.
        bonus = 2.0 * float(np.abs(table[may]).sum()) + 1.0 if self.everybody and may.any() else 0.0
        plan = Quota(groups=dict(self.capacity)).decide(np.where(may, table + bonus, -np.inf), hours)
        served = plan.solution >= 0
        if self.everybody and not served[may.any(axis=1)].all():
            raise InfeasibleError(_short(may, hours, self.capacity))
        extra = bonus * float(served.sum())
        return Decision(
            solution=tuple(hours[k] if k >= 0 else None for k in plan.solution.tolist()),
            value=plan.value - extra,
            bound=plan.bound - extra,
            gap=0.0 if bonus else plan.gap,
            binding=plan.binding,
            shadow_prices={} if bonus else plan.shadow_prices,
            why=plan.why if not bonus else ("everybody",),
        )


def _short(may: Array, hours: Sequence[str], capacity: Mapping[str, int]) -> list[Wish]:
    """The fewest hours that certain people depend on and that have too little room for them (Hall's condition)."""
    people = np.flatnonzero(may.any(axis=1))
    for size in range(1, len(hours) + 1):
        for some in combinations(range(len(hours)), size):
            others = [k for k in range(len(hours)) if k not in some]
            bound_to = people[~may[np.ix_(people, np.array(others))].any(axis=1)] if others else people
            room = sum(capacity[hours[k]] for k in some)
            if len(bound_to) > room:
                wishes = [Wish(f"capacity:{hours[k]}", hours[k], capacity[hours[k]]) for k in some]
                return [*wishes, Wish("everybody", "everybody", float(len(bound_to)))]
    return [Wish("everybody", "everybody", float(len(people)))]
