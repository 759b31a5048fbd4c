"""A rule compiled to one query gives what the rule means, for random rules on random people and facts."""

from __future__ import annotations

from datetime import timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from tests.understand import segment_cases as cases

from regulars import tables
from regulars.lake import Lake
from regulars.understand.segment_parser import parse
from regulars.understand.segment_query import segment_people, segment_query

SLOW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(cases.rules, cases.people(), cases.facts())
def test_the_query_gives_what_the_rule_means(given_rule, rows, facts):
    rule = parse(given_rule)
    found = segment_people(rule, people=cases.people_table(rows), facts=cases.fact_tables(facts), now=cases.NOW,
                           currency=cases.CURRENCY)  # fmt: skip
    assert found.to_pylist() == cases.truth(rule, rows, facts)


def one(table, **row):
    base = {"source": "s", "id": "1", "revision": 0, "recorded_at": cases.NOW, "at": cases.NOW, "day": cases.TODAY}
    return pa.Table.from_pylist([{**base, **row}], schema=tables.TABLES[table].schema)


def test_each_table_is_read_once_whatever_the_number_of_conditions():
    counted = [{"fact": "orders", "measure": m, "op": "at_least", "value": 1, "window": {"days": d}}
               for m in ("count", "sum", "last") for d in (7, 30, 90)]  # fmt: skip
    visits = [{"fact": "touches", "where": {"kind": k}, "op": "at_least", "value": 1} for k in ("visit", "click")]
    empty = {name: ibis.table(tables.TABLES[name].schema, name=name) for name in ("orders", "touches")}
    query = segment_query(parse({"all": [{"any": counted}, {"not": {"any": visits}}]}),
                          people={"customer": ["ann"]}, facts=empty, now=cases.NOW)  # fmt: skip
    sql = ibis.to_sql(query, dialect="duckdb")
    assert sql.count('FROM "orders"') == 1
    assert sql.count('FROM "touches"') == 1
    assert ";" not in sql


def test_what_an_owner_types_is_a_value_and_never_part_of_the_query():
    evil = "x' OR 1=1; DROP TABLE orders --"
    rule = parse({"fact": "events", "where": {"name": evil}, "op": "at_least", "value": 1})
    people = {"customer": ["ann", "bob"]}
    events = one("events", customer="bob", name=evil)
    assert segment_people(rule, people=people, facts={"events": events}, now=cases.NOW).to_pylist() == ["bob"]
    named = parse({"person": f"fields.{evil}", "op": "is", "value": evil})
    people = {"customer": ["ann", "bob"], f"fields.{evil}": ["", evil]}
    assert segment_people(named, people=people, facts={}, now=cases.NOW).to_pylist() == ["bob"]


def test_corrected_and_voided_facts_of_the_lake_do_not_count(tmp_path):
    lake = Lake(tmp_path)

    def order(number, kind, revision, amount):
        return one("orders", id=str(number), kind=kind, revision=revision, status="paid", amount=amount,
                   ordered=amount, currency="CNY", customer="annannann")  # fmt: skip

    lake.append("orders", order(1, "sale", 0, 500), "t", 1)
    lake.append("orders", pa.concat_tables([order(1, "void", 0, -500), order(1, "sale", 1, 80)]), "t", 2)
    lake.append("orders", order(2, "sale", 0, 900), "t", 3)
    lake.append("orders", order(2, "void", 0, -900), "t", 4)

    def held(measure, value):
        rule = parse({"fact": "orders", "measure": measure, "op": "is", "value": value})
        facts = {"orders": lake.current("orders")}
        return bool(len(segment_people(rule, people={"customer": ["annannann"]}, facts=facts, now=cases.NOW)))

    assert held("count", 1)
    assert held("sum", 80)


def test_the_company_day_of_now_decides_not_the_day_of_the_server():
    rule = parse({"fact": "events", "op": "at_least", "value": 1, "window": {"days": 1}})
    events = one("events", customer="ann", name="login", day=cases.TODAY + timedelta(days=1))
    asked = {"people": {"customer": ["ann"]}, "facts": {"events": events}}
    late = cases.NOW.replace(hour=20)
    assert len(segment_people(rule, now=late, zone="Asia/Shanghai", **asked)) == 1
    assert len(segment_people(rule, now=late, zone="UTC", **asked)) == 0


def test_a_column_that_people_lack_is_named():
    rule = parse({"person": "city", "op": "is", "value": "x"})
    with pytest.raises(KeyError, match="people need a column 'city'"):
        segment_people(rule, people={"customer": ["ann"]}, facts={}, now=cases.NOW)


def test_nobody_is_in_a_segment_of_nobody():
    rule = parse({"not": {"fact": "orders", "op": "at_least", "value": 1}})
    people = pa.table({"customer": pa.array([], pa.string())})
    facts = {"orders": tables.ORDERS.empty()}
    assert len(segment_people(rule, people=people, facts=facts, now=cases.NOW)) == 0
