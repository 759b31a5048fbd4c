"""Rules read from JSON: every mistake is named with its place and with what is allowed there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

from regulars.understand.segment_facts import (
    ATTRIBUTES,
    FACTS,
    FLAG,
    MONEY,
    OWN_FIELDS,
    RUNNING,
    SCORES,
    TAGS,
    TEXT,
    words_of,
)
from regulars.understand.segment_rules import (
    COMPARE,
    KNOWN,
    OPERATORS,
    All,
    AnyOf,
    Measured,
    Not,
    Person,
    Rule,
    Score,
    Value,
    Window,
    leaves,
)

MOST_LEAVES: Final = 60
MOST_DEEP: Final = 6
LONGEST_TEXT: Final = 200
MOST_VALUES: Final = 200
LONGEST_WINDOW: Final = 36_525


class RuleProblem(ValueError):
    """A rule that cannot be used: where in it, what is wrong, what is allowed instead."""

    def __init__(self, path: str, code: str, given: object = "", allowed: tuple[str, ...] = ()) -> None:
        self.path, self.code, self.given, self.allowed = path or "rule", code, given, allowed
        choice = f"; allowed: {', '.join(allowed)}" if allowed else ""
        super().__init__(f"{self.path}: {PROBLEMS[code].format(given=given)}{choice}")


PROBLEMS: Final = {
    "not_a_rule": "a rule is an object with all, any, not, person, score or fact",
    "empty": "a group needs at least one rule",
    "too_deep": f"groups may not be nested more than {MOST_DEEP} deep",
    "too_many": f"a rule may not have more than {MOST_LEAVES} conditions",
    "extra": "nobody knows what {given!r} means here",
    "attribute": "there is no attribute {given!r} of a person",
    "score": "there is no score {given!r}",
    "fact": "there is no fact {given!r}",
    "measure": "{given!r} cannot be measured here",
    "operator": "the comparison {given!r} does not fit here",
    "number": "a number is needed, not {given!r}",
    "text": f"a text of 1 to {LONGEST_TEXT} characters is needed, not {{given!r}}",
    "texts": f"a list of 1 to {MOST_VALUES} texts is needed, not {{given!r}}",
    "flag": "true or false is needed, not {given!r}",
    "two": "two numbers, the smaller first, are needed, not {given!r}",
    "minor": "money is a whole number of minor units (cents), not {given!r}",
    "none": "this comparison takes no value, not {given!r}",
    "where": "{given!r} does not narrow this fact",
    "needs": "say {given} of the fact",
    "word": "{given!r} is none of its words",
    "window": "a window has days (1 to 36525) and ago, or since and until as dates, not {given!r}",
    "no_window": "this has no window: it is as of today",
}


def parse(given: Any) -> Rule:
    """Read a rule from JSON.

    Raises ``RuleProblem`` naming the path of what is wrong and what is allowed there.

    >>> parse({"all": [{"score": "churn", "op": "more_than", "value": 0.5}]})
    All(rules=(Score(name='churn', op='more_than', value=0.5),))
    >>> parse({"any": [{"score": "luck", "op": "is", "value": 1}]})
    Traceback (most recent call last):
    ...
    regulars.understand.segment_parser.RuleProblem: any[0].score: there is no score 'luck'; allowed: clv, ...
    """
    rule = _rule(given, "", 0)
    if sum(1 for _ in leaves(rule)) > MOST_LEAVES:
        raise RuleProblem("", "too_many")
    return rule


def _rule(given: Any, path: str, deep: int) -> Rule:
    if not isinstance(given, Mapping):
        raise RuleProblem(path, "not_a_rule")
    if deep > MOST_DEEP:
        raise RuleProblem(path, "too_deep")
    kinds = [k for k in _READERS if k in given]
    if len(kinds) != 1:
        raise RuleProblem(path, "not_a_rule", allowed=tuple(_READERS))
    keys, read = _READERS[kinds[0]]
    for extra in sorted(set(map(str, given)) - set(keys)):
        raise RuleProblem(path, "extra", extra, keys)
    return read(given, path, deep)


def _group(given: Mapping[str, Any], path: str, deep: int) -> All | AnyOf:
    word = "all" if "all" in given else "any"
    rules, here = given[word], _at(path, word)
    if not isinstance(rules, list | tuple) or not rules:
        raise RuleProblem(here, "empty")
    if len(rules) > MOST_LEAVES:
        raise RuleProblem(here, "too_many")
    read = tuple(_rule(one, f"{here}[{i}]", deep + 1) for i, one in enumerate(rules))
    return All(read) if word == "all" else AnyOf(read)


def _not(given: Mapping[str, Any], path: str, deep: int) -> Not:
    return Not(_rule(given["not"], _at(path, "not"), deep + 1))


def _person(given: Mapping[str, Any], path: str, deep: int) -> Person:
    name = given["person"]
    own = isinstance(name, str) and name.startswith(OWN_FIELDS) and len(OWN_FIELDS) < len(name) <= LONGEST_TEXT
    if not own and not (isinstance(name, str) and name in ATTRIBUTES):
        raise RuleProblem(_at(path, "person"), "attribute", name, (*ATTRIBUTES, f"{OWN_FIELDS}<column>"))
    kind = TEXT if own else ATTRIBUTES[name]
    if own and given.get("op") in COMPARE and not isinstance(given.get("value"), str):
        kind = "number"
    extra = COMPARE if own else ()
    return Person(name, *_compared(given, path, kind, extra))


def _score(given: Mapping[str, Any], path: str, deep: int) -> Score:
    name = given["score"]
    if not isinstance(name, str) or name not in SCORES:
        raise RuleProblem(_at(path, "score"), "score", name, tuple(SCORES))
    return Score(name, *_compared(given, path, SCORES[name]))


def _measured(given: Mapping[str, Any], path: str, deep: int) -> Measured:
    name, measure = given["fact"], given.get("measure", "count")
    if not isinstance(name, str) or name not in FACTS:
        raise RuleProblem(_at(path, "fact"), "fact", name, tuple(FACTS))
    fact = FACTS[name]
    if measure not in fact.measures:
        raise RuleProblem(_at(path, "measure"), "measure", measure, fact.measures)
    where = _where(given.get("where", {}), _at(path, "where"), name)
    op, value = _compared(given, path, fact.kind(measure))
    window = _window(given.get("window"), _at(path, "window"))
    if measure == RUNNING and window != Window():
        raise RuleProblem(_at(path, "window"), "no_window")
    return Measured(name, measure, op, value, window, where)


_Reader: TypeAlias = Callable[[Mapping[str, Any], str, int], Rule]
_READERS: Final[dict[str, tuple[tuple[str, ...], _Reader]]] = {
    "all": (("all",), _group),
    "any": (("any",), _group),
    "not": (("not",), _not),
    "person": (("person", "op", "value"), _person),
    "score": (("score", "op", "value"), _score),
    "fact": (("fact", "measure", "where", "op", "value", "window"), _measured),
}


def _at(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _compared(given: Mapping[str, Any], path: str, kind: str, extra: tuple[str, ...] = ()) -> tuple[str, Value]:
    allowed = (*OPERATORS.get(kind, COMPARE), *(op for op in extra if op not in OPERATORS.get(kind, COMPARE)))
    op = given.get("op")
    if op not in allowed:
        raise RuleProblem(_at(path, "op"), "operator", op, allowed)
    return str(op), _value(given.get("value"), _at(path, "value"), kind, str(op))


def _value(value: Any, path: str, kind: str, op: str) -> Value:
    if op in KNOWN:
        if value is not None:
            raise RuleProblem(path, "none", value)
        return None
    if op in ("one_of", "none_of"):
        if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_VALUES:
            raise RuleProblem(path, "texts", value)
        return tuple(dict.fromkeys(_text(v, f"{path}[{i}]") for i, v in enumerate(value)))
    if kind in (TEXT, TAGS):
        return _text(value, path)
    if kind == FLAG:
        if not isinstance(value, bool):
            raise RuleProblem(path, "flag", value)
        return value
    if op == "between":
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise RuleProblem(path, "two", value)
        low, high = (_number(v, f"{path}[{i}]", kind) for i, v in enumerate(value))
        if low > high:
            raise RuleProblem(path, "two", value)
        return (low, high)
    return _number(value, path, kind)


def _number(value: Any, path: str, kind: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15 or not math.isfinite(value):
        raise RuleProblem(path, "number", value)
    if kind == MONEY and value != int(value):
        raise RuleProblem(path, "minor", value)
    # A whole number stays whole: money is compared as integers.
    return int(value) if value == int(value) else float(value)


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT or "\x00" in value:
        raise RuleProblem(path, "text", value if isinstance(value, str | int | float) else type(value).__name__)
    return value.strip()


def _where(given: Any, path: str, name: str) -> tuple[tuple[str, str], ...]:
    fact = FACTS[name]
    if not isinstance(given, Mapping):
        raise RuleProblem(path, "where", given, fact.where)
    for column in given:
        if column not in fact.where:
            raise RuleProblem(path, "where", column, fact.where)
    for column in fact.needs:
        if column not in given:
            raise RuleProblem(path, "needs", column, words_of(fact, column))
    found = {column: _text(value, _at(path, column)) for column, value in given.items()}
    for column, value in found.items():
        words = words_of(fact, column)
        if words and value not in words:
            raise RuleProblem(_at(path, column), "word", value, words)
    return tuple(sorted(found.items()))


def _window(given: Any, path: str) -> Window:
    if given is None:
        return Window()
    if not isinstance(given, Mapping) or set(given) - {"days", "ago", "since", "until"}:
        raise RuleProblem(path, "window", given)
    days, ago = given.get("days"), given.get("ago", 0)
    whole = all(isinstance(n, int) and not isinstance(n, bool) for n in (0 if days is None else days, ago))
    if not whole or not 1 <= (1 if days is None else days) <= LONGEST_WINDOW or not 0 <= ago <= LONGEST_WINDOW:
        raise RuleProblem(path, "window", given)
    since, until = (_date(given.get(end), path) for end in ("since", "until"))
    fixed = since is not None or until is not None
    if (fixed and (days is not None or ago)) or (since is not None and until is not None and since > until):
        raise RuleProblem(path, "window", given)
    return Window(days, ago, since, until)


def _date(value: Any, path: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise RuleProblem(path, "window", value) from None
