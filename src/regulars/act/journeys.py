"""Journeys: waits, conditions and actions a person is led through, each step at most once.

A journey is data without loops; ``step`` is a pure function of the enrolment, the
facts and the time, so the same history gives the same path. Actions go through the
gate like every message; their key makes doing them twice impossible.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

Facts = Mapping[str, Any]


class JourneyError(ValueError):
    """A journey that cannot run: says which step and what is wrong."""


_TESTS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
    "in": lambda value, choices: value in choices,
}  # fmt: skip


@dataclass(frozen=True)
class Test:
    """A question about the facts; a fact that is not known answers no.

    >>> Test("orders", ">=", 2).met({"orders": 3}), Test("orders", ">=", 2).met({})
    (True, False)
    """

    __test__ = False  # not for pytest

    fact: str
    sign: str
    value: Any

    def __post_init__(self) -> None:
        if self.sign not in _TESTS:
            raise JourneyError(f"{self.fact} {self.sign}: use one of {' '.join(_TESTS)}")

    def met(self, facts: Facts) -> bool:
        """The answer; things that cannot be compared answer no."""
        value = facts.get(self.fact)
        try:
            return value is not None and bool(_TESTS[self.sign](value, self.value))
        except TypeError:
            return False


@dataclass(frozen=True)
class Wait:
    """Wait for so many hours; with ``until``, go on to ``met`` as soon as that is true."""

    key: str
    hours: float
    then: str
    until: Test | None = None
    met: str | None = None


@dataclass(frozen=True)
class Condition:
    """Go one way or the other."""

    key: str
    test: Test
    yes: str
    no: str


@dataclass(frozen=True)
class Action:
    """Do something, e.g. send the template ``win_back`` or give points."""

    key: str
    action: str
    then: str


@dataclass(frozen=True)
class Exit:
    """The end of a path and what it means."""

    key: str
    outcome: str = "done"


Step = Wait | Condition | Action | Exit


def _next(step: Step) -> tuple[str, ...]:
    match step:
        case Wait():
            return (step.then, *([step.met] if step.met else []))
        case Condition():
            return (step.yes, step.no)
        case Action():
            return (step.then,)
        case Exit():
            return ()


@dataclass(frozen=True)
class Journey:
    """A journey: its steps, the first being where people enter, and the goal that ends it early."""

    key: str
    steps: tuple[Step, ...]
    goal: Test | None = None

    def __post_init__(self) -> None:
        found = {s.key: s for s in self.steps}
        if not self.steps or len(found) != len(self.steps):
            raise JourneyError(f"{self.key}: a journey needs steps, each with a name of its own")
        for s in self.steps:
            for name in _next(s):
                if name not in found:
                    raise JourneyError(f"{self.key}: step {s.key} leads to {name}, which does not exist")
            if isinstance(s, Wait) and (s.hours < 0 or (s.until is None) != (s.met is None)):
                raise JourneyError(f"{self.key}: wait {s.key} needs 0 hours or more, and until together with met")
        reached: set[str] = set()
        self._walk(self.steps[0].key, found, (), reached)
        if unreached := set(found) - reached:
            raise JourneyError(f"{self.key}: no path leads to {', '.join(sorted(unreached))}")

    def _walk(self, name: str, found: Mapping[str, Step], path: tuple[str, ...], reached: set[str]) -> None:
        if name in path:
            raise JourneyError(f"{self.key}: {' > '.join((*path[path.index(name) :], name))} goes round in a circle")
        if name not in reached:
            for following in _next(found[name]):
                self._walk(following, found, (*path, name), reached)
            reached.add(name)

    def __getitem__(self, key: str) -> Step:
        return next(s for s in self.steps if s.key == key)


@dataclass(frozen=True)
class Enrolment:
    """Where a person is: the step, since when, the steps behind them, and the outcome once out."""

    person: str
    journey: str
    at: str
    since: datetime
    done: tuple[str, ...] = ()
    outcome: str | None = None

    @property
    def active(self) -> bool:
        """True while the person is still on the way."""
        return self.outcome is None


@dataclass(frozen=True)
class Due:
    """An action to do for a person; ``key`` is the same however often it is worked out."""

    key: str
    person: str
    action: str
    at: datetime


def enrol(journey: Journey, person: str, now: datetime) -> Enrolment:
    """Put a person at the first step."""
    return Enrolment(person, journey.key, journey.steps[0].key, now)


def step(journey: Journey, enrolment: Enrolment, facts: Facts, now: datetime) -> tuple[Enrolment, tuple[Due, ...]]:
    """Lead a person on as far as they can go now.

    Waits count from when they were reached, so a machine that was off for a week
    spreads messages out as before instead of sending them all at once.

    >>> from datetime import UTC
    >>> hello = Journey("hello", (Action("mail", "onboard", "end"), Exit("end")))
    >>> now = datetime(2026, 5, 1, tzinfo=UTC)
    >>> state, due = step(hello, enrol(hello, "p1", now), {}, now)
    >>> state.outcome, due[0].action
    ('done', 'onboard')
    """
    if enrolment.journey != journey.key:
        raise JourneyError(f"{enrolment.person} is in {enrolment.journey}, not in {journey.key}")
    due: list[Due] = []
    while enrolment.active:
        if journey.goal is not None and journey.goal.met(facts):
            return replace(enrolment, outcome="goal"), tuple(due)
        here = journey[enrolment.at]
        match here:
            case Exit():
                return replace(enrolment, outcome=here.outcome, done=(*enrolment.done, here.key)), tuple(due)
            case Condition():
                following = here.yes if here.test.met(facts) else here.no
            case Action():
                due.append(Due(f"{journey.key}/{enrolment.person}/{here.key}", enrolment.person, here.action, now))
                following = here.then
            case Wait():
                if here.until is not None and here.met is not None and here.until.met(facts):
                    following = here.met
                elif now >= enrolment.since + timedelta(hours=here.hours):
                    following = here.then
                else:
                    break
        enrolment = replace(enrolment, at=following, since=now, done=(*enrolment.done, here.key))
    return enrolment, tuple(due)


def wakes_at(journey: Journey, enrolment: Enrolment) -> datetime | None:
    """When a waiting person goes on at the latest; None when they are out."""
    if not enrolment.active:
        return None
    here = journey[enrolment.at]
    return enrolment.since + timedelta(hours=here.hours) if isinstance(here, Wait) else enrolment.since


def replay(
    journey: Journey, enrolment: Enrolment, history: Iterable[tuple[Facts, datetime]]
) -> tuple[Enrolment, tuple[Due, ...]]:
    """Lead a person through a history of facts and times; gives the same path every time."""
    due: list[Due] = []
    for facts, now in history:
        enrolment, more = step(journey, enrolment, facts, now)
        due += more
    return enrolment, tuple(due)
