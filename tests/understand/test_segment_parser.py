"""Rules from JSON: every mistake is named with its place, and what was read can be written again."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.understand import segment_cases as cases

from regulars.tables import TABLES
from regulars.understand.segment_facts import ATTRIBUTES, FACTS, words_of
from regulars.understand.segment_parser import MOST_DEEP, MOST_LEAVES, RuleProblem, parse
from regulars.understand.segment_rules import COMPARE, OPERATORS, Window, leaves, tables_needed, to_json

ORDER = {"fact": "orders", "op": "at_least", "value": 2}


@given(cases.rules)
def test_a_rule_written_and_read_again_is_the_same(given_rule):
    rule = parse(given_rule)
    text = json.dumps(to_json(rule))
    assert parse(json.loads(text)) == rule
    assert hash(rule) == hash(parse(json.loads(text)))


def test_a_rule_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse(ORDER).value = 3


WRONG = [
    (None, "rule", "not_a_rule"),
    ("orders", "rule", "not_a_rule"),
    ({}, "rule", "not_a_rule"),
    ({"all": [], "any": []}, "rule", "not_a_rule"),
    ({"all": []}, "all", "empty"),
    ({"all": "x"}, "all", "empty"),
    ({"all": [ORDER, {"any": [{"score": "luck"}]}]}, "all[1].any[0].score", "score"),
    ({"not": 5}, "not", "not_a_rule"),
    ({**ORDER, "sql": "1"}, "rule", "extra"),
    ({"person": "password", "op": "is", "value": "x"}, "person", "attribute"),
    ({"person": "fields.", "op": "is", "value": "x"}, "person", "attribute"),
    ({"person": ["city"], "op": "is", "value": "x"}, "person", "attribute"),
    ({"person": "city", "op": "more_than", "value": "x"}, "op", "operator"),
    ({"person": "city", "op": ["is"], "value": "x"}, "op", "operator"),
    ({"person": "city", "op": "is", "value": " "}, "value", "text"),
    ({"person": "city", "op": "is", "value": "x" * 201}, "value", "text"),
    ({"person": "city", "op": "is", "value": "a\x00b"}, "value", "text"),
    ({"person": "city", "op": "one_of", "value": []}, "value", "texts"),
    ({"person": "city", "op": "one_of", "value": ["x", 3]}, "value[1]", "text"),
    ({"person": "city", "op": "known", "value": "x"}, "value", "none"),
    ({"person": "email_ok", "op": "is", "value": 1}, "value", "flag"),
    ({"score": "churn", "op": "more_than", "value": True}, "value", "number"),
    ({"score": "churn", "op": "more_than", "value": float("nan")}, "value", "number"),
    ({"score": "churn", "op": "more_than", "value": 1e300}, "value", "number"),
    ({"score": "churn", "op": "more_than", "value": 10**400}, "value", "number"),
    ({"score": "churn", "op": "between", "value": [0.5, 0.2]}, "value", "two"),
    ({"score": "churn", "op": "between", "value": 0.2}, "value", "two"),
    ({"score": "clv", "op": "is", "value": 10.5}, "value", "minor"),
    ({"fact": "logins", "op": "is", "value": 1}, "fact", "fact"),
    ({**ORDER, "measure": "median"}, "measure", "measure"),
    ({**ORDER, "measure": {}}, "measure", "measure"),
    ({**ORDER, "where": {"customer": "x"}}, "where", "where"),
    ({**ORDER, "where": "web"}, "where", "where"),
    ({"fact": "messages", "op": "is", "value": 0}, "where", "needs"),
    ({"fact": "messages", "where": {"state": "opened"}, "op": "is", "value": 0}, "where.state", "word"),
    ({**ORDER, "window": {"days": 0}}, "window", "window"),
    ({**ORDER, "window": {"days": True}}, "window", "window"),
    ({**ORDER, "window": {"days": 30, "since": "2026-01-01"}}, "window", "window"),
    ({**ORDER, "window": {"since": "2026-02-01", "until": "2026-01-01"}}, "window", "window"),
    ({**ORDER, "window": {"since": "last year"}}, "window", "window"),
    ({**ORDER, "window": 30}, "window", "window"),
    ({"fact": "contracts", "measure": "running", "op": "is", "value": 1, "window": {"days": 3}}, "window", "no_window"),
    ({"any": [ORDER] * (MOST_LEAVES + 1)}, "any", "too_many"),
    ({"any": [{"all": [ORDER] * 40}, {"all": [ORDER] * 40}]}, "rule", "too_many"),
]


@pytest.mark.parametrize(("given_rule", "path", "code"), WRONG)
def test_what_is_wrong_is_named_with_its_place(given_rule, path, code):
    with pytest.raises(RuleProblem) as caught:
        parse(given_rule)
    assert (caught.value.path, caught.value.code) == (path, code)
    assert str(caught.value).startswith(f"{path}: ")


def test_what_is_allowed_is_said():
    with pytest.raises(RuleProblem, match="allowed: count, days, last, first, sum, average, highest"):
        parse({**ORDER, "measure": "median"})
    with pytest.raises(RuleProblem, match=r"say state of the fact; allowed: sent, holdout"):
        parse({"fact": "messages", "op": "is", "value": 0})


def test_rules_do_not_nest_without_end():
    rule = ORDER
    for _ in range(MOST_DEEP):
        rule = {"not": rule}
    assert len(list(leaves(parse(rule)))) == 1
    with pytest.raises(RuleProblem, match="deep"):
        parse({"not": rule})
    for _ in range(5_000):
        rule = {"not": rule}
    with pytest.raises(RuleProblem, match="deep"):
        parse(rule)


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["all", "any", "not", "person", "score", "fact", "measure", "op", "value",
                                         "window", "where", "days", "ago", "since"]), inner, max_size=4)),
    max_leaves=12,
))  # fmt: skip
def test_any_json_is_read_or_refused_in_words(given_rule):
    try:
        rule = parse(given_rule)
    except RuleProblem:
        return
    assert parse(to_json(rule)) == rule


def test_what_is_counted_exists_in_the_tables():
    for fact in FACTS.values():
        names = TABLES[fact.table].names
        assert set(fact.where) | ({fact.value} if fact.value else set()) <= set(names)
        assert set(fact.needs) <= set(fact.where)
        for condition in (*fact.only, *fact.sums):
            for column, value in condition.items():
                words = words_of(fact, column)
                assert value in words or (column, value) == ("status", "paid")
    assert tables_needed(parse({"any": [ORDER, {"fact": "units", "measure": "sum", "op": "is", "value": 0}]})) == {
        "orders", "order_lines"}  # fmt: skip
    assert parse(ORDER).window == Window()


def test_the_page_about_the_language_says_all_of_it_and_nothing_else():
    page = (Path(__file__).resolve().parents[2] / "docs" / "segments.md").read_text("utf-8")
    examples = re.findall(r"```json\n(.*?)```", page, re.S) + re.findall(
        r"`(\{\"(?:person|score|fact)\".*?\})` \|", page
    )
    assert len(examples) == 6
    for example in examples:
        parse(json.loads(example))
    said = set(re.findall(r"[\w.]+", page))
    assert {*ATTRIBUTES, *FACTS, *COMPARE} <= said
    for fact in FACTS.values():
        assert {*fact.measures, *fact.where} <= said
    assert {op for ops in OPERATORS.values() for op in ops} <= said
    assert f"Up to {MOST_DEEP} deep, up to {MOST_LEAVES} conditions" in page
