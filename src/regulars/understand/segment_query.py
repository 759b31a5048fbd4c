"""A segment rule compiled to one query: one pass over each table of facts, whatever the number of conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.lake.frames import to_arrow
from regulars.understand.days import day_number
from regulars.understand.segment_facts import (
    AVERAGE,
    COUNT,
    DAY_COUNT,
    FACTS,
    FIRST,
    HIGHEST,
    LAST,
    LATEST,
    LOWEST,
    RUNNING,
    SUM,
    Condition,
)
from regulars.understand.segment_rules import Leaf, Measured, Rule, leaves
from regulars.understand.segment_traits import compared, decide, trait, turned

if TYPE_CHECKING:
    import ibis.expr.types as ir

EPOCH = date(1970, 1, 1)
LAST_DAY = 2_900_000


def segment_people(
    rule: Rule, *, people: Any, facts: Mapping[str, Any], now: datetime, zone: str = "UTC", currency: str | None = None
) -> pa.Array:
    """The customers a rule holds for, in order of their keys.

    Args:
        rule: from ``parse``.
        people: one row a person: ``customer`` and ``segment_traits.columns_needed(rule)``.
        facts: the lake's tables by name as they hold now (``lake.current``), Ibis or any frame.
        now: the moment windows end at; days after its company day are not seen.
        zone: the company's time zone.
        currency: money in other currencies counts as nothing; None adds all up.

    Raises ``KeyError`` for a column or a table that is missing.

    >>> from datetime import UTC, datetime
    >>> from regulars.understand.segment_parser import parse
    >>> from regulars.tables import EVENTS
    >>> at = datetime(2026, 3, 1, tzinfo=UTC)
    >>> events = EVENTS.fill({"source": "app", "id": ["1"], "revision": 0, "recorded_at": at, "customer": "ann",
    ...                       "at": at, "day": at.date(), "name": "login"}, 1)
    >>> rule = parse({"not": {"fact": "events", "op": "at_least", "value": 1, "window": {"days": 7}}})
    >>> people = {"customer": ["ann", "bob"]}
    >>> segment_people(rule, people=people, facts={"events": events}, now=at).to_pylist()
    ['bob']
    >>> segment_people(rule, people=people, facts={"events": events}, now=at + timedelta(days=7)).to_pylist()
    ['ann', 'bob']
    """
    query = segment_query(rule, people=people, facts=facts, now=now, zone=zone, currency=currency)
    found: Any = query.to_pyarrow().column("customer").combine_chunks()
    return found.take(pc.array_sort_indices(found))


def segment_query(
    rule: Rule, *, people: Any, facts: Mapping[str, Any], now: datetime, zone: str = "UTC", currency: str | None = None
) -> ir.Table:
    """The rule as one Ibis expression with a column ``customer``; arguments as in ``segment_people``.

    For each table of facts: rows that any condition could need, grouped by
    customer once, one conditional aggregate a condition. People without a row
    come out of the left join as null: 0 for counts and sums, unknown for the
    rest. So "did not" needs no second scan: it is the join's own anti side.
    """
    import ibis

    table, today = to_arrow(people), day_number(now, zone)
    asked = list(dict.fromkeys(leaves(rule)))
    traits = [leaf for leaf in asked if not isinstance(leaf, Measured)]
    measured = [leaf for leaf in asked if isinstance(leaf, Measured)]
    columns = {f"t{i}": pa.array(trait(leaf, table, today, zone)) for i, leaf in enumerate(traits)}
    whole: Any = ibis.memtable(pa.table({"customer": table.column("customer").cast(pa.string()), **columns}))
    for number, (group, name) in enumerate(_passes(measured)):
        rows = facts[name] if hasattr(facts[name], "to_pyarrow") else ibis.memtable(to_arrow(facts[name]))
        sums = _running(rows, group, measured, today) if group[0].measure == RUNNING else _measured(
            rows, group, measured, today, currency)  # fmt: skip
        sums = sums.rename({f"customer_{number}": "customer"})
        whole = whole.left_join(sums, whole.customer == sums[f"customer_{number}"])
    truth: dict[Leaf, Any] = {leaf: whole[f"t{i}"] for i, leaf in enumerate(traits)}
    truth |= {leaf: _held(leaf, whole[f"m{i}"], today) for i, leaf in enumerate(measured)}
    return whole.filter(decide(rule, truth)).select("customer")


def _passes(measured: Sequence[Measured]) -> list[tuple[list[Measured], str]]:
    """Conditions by the pass that answers them: one a table, and one over contracts."""
    passes: dict[tuple[str, bool], list[Measured]] = {}
    for leaf in measured:
        passes.setdefault((FACTS[leaf.fact].table, leaf.measure == RUNNING), []).append(leaf)
    return [(group, table) for (table, _running), group in passes.items()]


def _measured(
    rows: Any, group: Sequence[Measured], measured: Sequence[Measured], today: int, currency: str | None
) -> Any:
    wanted = {leaf: rows_that_count(rows, leaf, today, currency) for leaf in group}
    needed = rows.filter(rows.customer.notnull() & reduce(or_, wanted.values()))
    sums = {
        f"m{measured.index(leaf)}": _aggregate(needed, leaf, rows_that_count(needed, leaf, today, currency))
        for leaf in group
    }
    return needed.group_by("customer").aggregate(**sums)


def _running(rows: Any, group: Sequence[Measured], measured: Sequence[Measured], today: int) -> Any:
    """Contracts whose last change up to today is no cancellation; of changes at one moment the cancellation is last."""
    seen = rows.filter(rows.customer.notnull() & (rows.day <= date_of(today)))
    over = (seen.kind == "cancel").fill_null(False)
    last = {}
    for leaf in group:
        name, plans = f"m{measured.index(leaf)}", dict(leaf.where)
        on = ~over & (seen.plan == plans["plan"]).fill_null(False) if plans else ~over
        last[name] = on.last(order_by=[seen["at"], over, on])
    contracts = seen.group_by(["customer", "contract"]).aggregate(**last)
    sums = {name: contracts.count(where=contracts[name]) for name in last}
    return contracts.group_by("customer").aggregate(**sums)


def rows_that_count(rows: Any, leaf: Measured, today: int, currency: str | None) -> Any:
    """The rows a condition counts."""
    fact = FACTS[leaf.fact]
    first, last = days_of(leaf, today)
    fits = rows.day <= date_of(last)
    if first is not None:
        fits = fits & (rows.day >= date_of(first))
    if alternatives := fact.rows(leaf.measure):
        fits = fits & reduce(or_, (_fits(rows, one) for one in alternatives))
    fits = reduce(and_, (rows[column] == value for column, value in leaf.where), fits)
    if fact.money and leaf.measure in (SUM, AVERAGE, LOWEST, HIGHEST, LATEST) and currency is not None:
        fits = fits & (rows.currency == currency)
    return fits.fill_null(False)


def days_of(leaf: Measured, today: int) -> tuple[int | None, int]:
    """The first and the last day a condition counts, as day numbers; the last is before the first where none does.

    >>> from regulars.understand.segment_rules import Window
    >>> days_of(Measured("orders", "count", "at_least", 1, Window(days=90)), 1000)
    (911, 1000)
    """
    window = leaf.window
    last = today - window.ago
    first = None if window.days is None else last - window.days + 1
    if window.since is not None:
        first = (window.since - EPOCH).days
    if window.until is not None:
        last = min(last, (window.until - EPOCH).days)
    return first, last


def _fits(rows: Any, condition: Condition) -> Any:
    return reduce(and_, (rows[c] if v == "true" else rows[c] == v for c, v in condition.items()))


def _aggregate(rows: Any, leaf: Measured, fits: Any) -> Any:
    fact = FACTS[leaf.fact]
    if leaf.measure == COUNT:
        return rows.count(where=fits)
    if leaf.measure == DAY_COUNT:
        return rows.day.nunique(where=fits)
    if leaf.measure in (LAST, FIRST):
        return rows.day.max(where=fits) if leaf.measure == LAST else rows.day.min(where=fits)
    value = rows[fact.value]
    if leaf.measure == LATEST:
        return value.last(order_by=[rows["at"], value.desc()], where=fits & value.notnull())
    if leaf.measure == SUM:
        return value.sum(where=fits) * fact.sign
    word = {AVERAGE: "mean", LOWEST: "min", HIGHEST: "max"}[leaf.measure]
    return getattr(value, word)(where=fits)


def _held(leaf: Measured, value: Any, today: int) -> Any:
    if leaf.measure in (COUNT, DAY_COUNT, SUM, RUNNING):
        value = value.fill_null(0)
    elif leaf.measure in (LAST, FIRST):
        value = today - (value.cast("timestamp").epoch_seconds().cast("int64") / 86_400).floor().cast("int64")
    op = "is" if leaf.op == "is_not" else leaf.op
    return turned(leaf.op, compared(value, op, leaf.value).fill_null(False))


def date_of(number: int) -> date:
    """The date of a day number."""
    # Beyond the calendar nothing happened: a window of 100 years before year 1 is none.
    return EPOCH + timedelta(days=int(np.clip(number, -700_000, LAST_DAY)))
