"""Segment rules: a small language in JSON that an owner's form writes and a program can check.

A rule is a group or a leaf. Groups: ``{"all": [...]}``, ``{"any": [...]}`` and
``{"not": rule}``. Leaves::

    {"person": "city", "op": "is", "value": "上海"}
    {"person": "created", "op": "at_most", "value": 30}
    {"person": "fields.size", "op": "more_than", "value": 10}
    {"score": "clv", "op": "more_than", "value": 200000}
    {"fact": "orders", "measure": "count", "op": "at_least", "value": 2, "window": {"days": 90}}
    {"fact": "feedback", "measure": "latest", "where": {"kind": "csat"}, "op": "less_than", "value": 3}

Money is in minor units of the company's currency. A window is the last ``days``
company days with today (``ago`` moves its end back), or the days ``since`` and
``until``; without one everything up to today counts. What is not known fits no
comparison: ``is_not`` is the opposite of ``is``, so it fits who is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from regulars.understand.segment_facts import (
    ATTRIBUTES,
    DAYS,
    FACTS,
    FLAG,
    OWN_FIELDS,
    SCORES,
    TAGS,
    TEXT,
)

COMPARE: Final = ("at_least", "at_most", "more_than", "less_than", "is", "is_not", "between")
KNOWN: Final = ("known", "unknown")
OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    TEXT: ("is", "is_not", "one_of", "none_of", "contains", "starts_with", *KNOWN),
    FLAG: ("is",),
    TAGS: ("has", "has_not", *KNOWN),
    DAYS: COMPARE,
}

Number: TypeAlias = int | float
Value: TypeAlias = Number | str | bool | tuple[Number, ...] | tuple[str, ...] | None


@dataclass(frozen=True)
class All:
    """Every one of its rules holds."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of its rules holds."""

    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    """Its rule does not hold."""

    rule: Rule


@dataclass(frozen=True)
class Window:
    """Which days count: ``today - ago - days < day <= today - ago``, or ``since <= day <= until``; none after today."""

    days: int | None = None
    ago: int = 0
    since: date | None = None
    until: date | None = None

    @property
    def moves(self) -> bool:
        """Whether it moves with today."""
        return self.days is not None or self.ago > 0


@dataclass(frozen=True)
class Person:
    """An attribute of the person compared with a value; ``created`` is days since they became known."""

    name: str
    op: str
    value: Value


@dataclass(frozen=True)
class Score:
    """The newest score of the person compared with a value."""

    name: str
    op: str
    value: Value


@dataclass(frozen=True)
class Measured:
    """What a person did within a window, counted or added up, compared with a number."""

    fact: str
    measure: str
    op: str
    value: Value
    window: Window = Window()
    where: tuple[tuple[str, str], ...] = ()


Leaf: TypeAlias = Person | Score | Measured
Rule: TypeAlias = All | AnyOf | Not | Leaf


def leaves(rule: Rule) -> Iterator[Leaf]:
    """Every leaf of a rule, in reading order."""
    if isinstance(rule, All | AnyOf):
        for one in rule.rules:
            yield from leaves(one)
    elif isinstance(rule, Not):
        yield from leaves(rule.rule)
    else:
        yield rule


def tables_needed(rule: Rule) -> set[str]:
    """The tables of facts a rule reads."""
    return {FACTS[leaf.fact].table for leaf in leaves(rule) if isinstance(leaf, Measured)}


def kind_of(leaf: Leaf) -> str:
    """What sort of value a leaf compares."""
    if isinstance(leaf, Measured):
        return FACTS[leaf.fact].kind(leaf.measure)
    if isinstance(leaf, Score):
        return SCORES[leaf.name]
    # A column of a file is a number where it is compared with one.
    numeric = leaf.name.startswith(OWN_FIELDS) and not isinstance(leaf.value, str | type(None)) and leaf.op in COMPARE
    return "number" if numeric else ATTRIBUTES.get(leaf.name, TEXT)


def to_json(rule: Rule) -> dict[str, Any]:
    """The rule as JSON; ``parse(to_json(rule)) == rule``."""
    if isinstance(rule, All | AnyOf):
        return {"all" if isinstance(rule, All) else "any": [to_json(r) for r in rule.rules]}
    if isinstance(rule, Not):
        return {"not": to_json(rule.rule)}
    value = list(rule.value) if isinstance(rule.value, tuple) else rule.value
    compared = {"op": rule.op} | ({} if value is None else {"value": value})
    if isinstance(rule, Measured):
        window = {k: v for k, v in vars(rule.window).items() if v}
        window = {k: v.isoformat() if isinstance(v, date) else v for k, v in window.items()}
        where = {"where": dict(rule.where)} if rule.where else {}
        return {"fact": rule.fact, "measure": rule.measure, **where, **compared} | (
            {"window": window} if window else {}
        )
    return {"person" if isinstance(rule, Person) else "score": rule.name, **compared}
