"""What a rule asks of the people themselves: attributes and scores, decided in Arrow for one person or a million.

The query and the incremental state both ask here, so they cannot disagree on what a text or a missing value means.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.understand.days import company_days
from regulars.understand.segment_facts import DAYS, FLAG, NUMBER, TAGS, TEXT
from regulars.understand.segment_rules import Leaf, Person, Rule, Score, kind_of, leaves

Flags: TypeAlias = NDArray[np.bool_]
# Compared with nothing, so that "not known" fits no comparison.
UNKNOWN = math.nan


def column_of(leaf: Person | Score) -> str:
    """The column of people a leaf reads.

    >>> column_of(Score("clv", "more_than", 5)), column_of(Person("created", "at_most", 30))
    ('score.clv', 'created_at')
    """
    if isinstance(leaf, Score):
        return f"score.{leaf.name}"
    return "created_at" if leaf.name == "created" else leaf.name


def columns_needed(rule: Rule) -> tuple[str, ...]:
    """The columns of people a rule reads besides ``customer``: load these and no more."""
    return tuple(dict.fromkeys(column_of(leaf) for leaf in leaves(rule) if isinstance(leaf, Person | Score)))


def compared(value: Any, op: str, wanted: Any) -> Any:
    """``value op wanted`` for numbers: NumPy arrays, Ibis columns and plain numbers alike."""
    if op == "between":
        return (value >= wanted[0]) & (value <= wanted[1])
    if op in ("at_least", "more_than"):
        return value >= wanted if op == "at_least" else value > wanted
    if op in ("at_most", "less_than"):
        return value <= wanted if op == "at_most" else value < wanted
    return value == wanted


def trait(leaf: Person | Score, people: pa.Table, today: int, zone: str) -> Flags:
    """Whether a leaf holds, for every row of people.

    ``people``: one row a person with the columns of ``columns_needed``; ``tags``
    as lists of texts, custom columns as ``fields.<name>`` in texts, ``created_at``
    in UTC. ``today``: the company day of now, see ``days.day_number``.
    Raises ``KeyError`` naming a column that is missing.
    """
    name = column_of(leaf)
    if name not in people.column_names:
        raise KeyError(f"people need a column {name!r} for this rule; they have {', '.join(people.column_names)}")
    column, kind = people.column(name), kind_of(leaf)
    if kind == DAYS:
        known = flags(pc.is_valid(column))
        days = np.where(known, today - created_days(column, zone), 0)
        return np.asarray(turned(leaf.op, known & compared(days, _plain(leaf.op), leaf.value)))
    if kind == TEXT:
        return _texts(column, leaf.op, leaf.value)
    if kind == TAGS:
        return _tags(column, leaf.op, leaf.value)
    if kind == FLAG:
        return flags(pc.equal(column.cast(pa.bool_()), leaf.value))
    numbers = _numbers(column) if kind == NUMBER and isinstance(leaf, Person) else _cast(column)
    return np.asarray(turned(leaf.op, compared(numbers, _plain(leaf.op), leaf.value)))


def created_days(column: pa.ChunkedArray, zone: str) -> NDArray[np.int64]:
    """The company day each person became known; 0 where that is not known."""
    filled = pc.fill_null(column, pa.scalar(0, pa.int64()).cast(pa.timestamp("us")).cast(column.type))
    return company_days(pa.table({"at": filled}), zone) if len(column) else np.empty(0, dtype=np.int64)


def flags(column: Any) -> Flags:
    """An Arrow column of true, false and unknown as true or not."""
    return np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def turned(op: str, held: Any) -> Any:
    """The opposite for operators that say so."""
    return ~held if op in ("is_not", "none_of", "has_not", "unknown") else held


def decide(rule: Rule, truth: Mapping[Leaf, Any]) -> Any:
    """A rule from the truth of its leaves: arrays of flags or Ibis columns."""
    from regulars.understand.segment_rules import All, AnyOf, Not

    if isinstance(rule, Not):
        return ~decide(rule.rule, truth)
    if not isinstance(rule, All | AnyOf):
        return truth[rule]
    held = decide(rule.rules[0], truth)
    for one in rule.rules[1:]:
        held = held & decide(one, truth) if isinstance(rule, All) else held | decide(one, truth)
    return held


def _plain(op: str) -> str:
    return "is" if op == "is_not" else op


def _texts(column: pa.ChunkedArray, op: str, wanted: Any) -> Flags:
    texts = column.cast(pa.string())
    if op in ("known", "unknown"):
        return np.asarray(turned(op, flags(pc.not_equal(texts, ""))))
    if op in ("one_of", "none_of"):
        return np.asarray(turned(op, flags(pc.is_in(texts, value_set=pa.array(wanted, pa.string())))))
    if op == "contains":
        return flags(pc.match_substring(texts, wanted))
    if op == "starts_with":
        return flags(pc.starts_with(texts, wanted))
    return np.asarray(turned(op, flags(pc.equal(texts, wanted))))


def _tags(column: pa.ChunkedArray, op: str, wanted: Any) -> Flags:
    if pa.types.is_null(column.type):
        return np.full(len(column), op in ("has_not", "unknown"))
    if op in ("known", "unknown"):
        return np.asarray(turned(op, flags(pc.greater(pc.list_value_length(column), 0))))
    lists = column.combine_chunks()
    owner = pc.list_parent_indices(lists).to_numpy()
    held = np.zeros(len(column), dtype=np.bool_)
    held[owner[flags(pc.equal(pc.list_flatten(lists), wanted))]] = True
    return np.asarray(turned(op, held))


def _cast(column: pa.ChunkedArray) -> NDArray[Any]:
    """Numbers as they are, unknown ones as NaN; whole numbers stay whole where none is unknown."""
    if pa.types.is_integer(column.type) and column.null_count == 0:
        return np.asarray(column.to_numpy())
    return np.asarray(pc.fill_null(column.cast(pa.float64()), UNKNOWN).to_numpy(), dtype=np.float64)


def _numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Texts of a file as numbers; what is none compares with nothing."""
    encoded = pc.dictionary_encode(column.cast(pa.string())).combine_chunks()
    known = np.array([_number(text) for text in encoded.dictionary.to_pylist()] + [UNKNOWN])
    return np.asarray(known[pc.fill_null(encoded.indices, len(known) - 1).to_numpy(zero_copy_only=False)])


def _number(text: str | None) -> float:
    try:
        return float((text or "").strip().replace("_", "x"))
    except ValueError:
        return UNKNOWN
