"""Membership kept up to date event by event equals a full rebuild, whatever the order of events and days."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.understand import segment_cases as cases

from regulars import tables
from regulars.understand.segment_members import Change, SegmentMembers
from regulars.understand.segment_parser import parse
from regulars.understand.segment_query import segment_people

SLOW = settings(deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def story(draw):
    """Things that happen one after the other: facts, corrections, changed people, days that pass."""
    steps = []
    for number in range(draw(st.integers(0, 14))):
        kind = draw(st.sampled_from(["fact", "fact", "fact", "fact", "day", "person", "new", "correct", "forget"]))
        if kind in ("fact", "correct"):
            table = draw(st.sampled_from(cases.NAMES))
            steps.append((kind, table, draw(cases.fact(table, 100 + number, who=(*cases.WHO, "zoe")))))
        elif kind == "day":
            steps.append((kind, draw(st.integers(0, 9))))
        elif kind == "forget":
            steps.append((kind, draw(st.sampled_from(cases.WHO))))
        else:
            who = ("zoe",) if kind == "new" else (draw(st.sampled_from(cases.WHO)),)
            steps.append(("person", draw(cases.people(who))))
    return steps


@pytest.mark.parametrize("few", [0, 10**6], ids=["grouped", "folded"])
def test_any_story_told_step_by_step_is_a_full_rebuild(few, monkeypatch):
    monkeypatch.setattr("regulars.understand.segment_load.FEW", few)

    @settings(SLOW, max_examples=8 if few == 0 else 50)
    @given(cases.rules, cases.people(), cases.facts(), story())
    def told(given_rule, people, facts, steps):
        rule = parse(given_rule)
        today = cases.TODAY
        segment = SegmentMembers(rule=rule, currency=cases.CURRENCY)
        segment.fit(cases.people_table(people), cases.fact_tables(facts), now=cases.NOW)
        held = set(cases.truth(rule, people, facts))
        assert set(segment.members_.to_pylist()) == held
        for step in steps:
            change = take(segment, step, people, facts, today)
            if step[0] == "day":
                today += timedelta(days=step[1])
            now_held = set(cases.truth(rule, people, facts, today))
            assert segment.members_.to_pylist() == sorted(now_held)
            assert set(change.joined) == now_held - held
            assert set(change.left) == held - now_held
            held = now_held

    told()


def take(segment, step, people, facts, today):
    """Do one step, to the segment and to the plain lists that are the truth."""
    if step[0] == "day":
        return segment.advance(cases.NOW + (today - cases.TODAY) + timedelta(days=step[1]))
    if step[0] == "forget":
        people[:] = [p for p in people if p["customer"] != step[1]]
        for rows in facts.values():
            rows[:] = [r for r in rows if r["customer"] != step[1]]
        return segment.forget([step[1]])
    if step[0] == "person":
        keys = {p["customer"] for p in step[1]}
        people[:] = [p for p in people if p["customer"] not in keys] + step[1]
        return segment.update(cases.people_table(step[1]))
    _kind, table, row = step
    if step[0] == "fact":
        facts[table].append(row)
        return segment.apply(table, cases.fact_tables({table: [row]})[table])
    # A correction: the newest row of the table is replaced by this one, maybe of another person.
    gone = facts[table].pop() if facts[table] else row
    facts[table].append(row)
    touched = {r["customer"] for r in (gone, row)} - {None}
    mine = {t: [r for r in rows if r["customer"] in touched] for t, rows in facts.items()}
    return segment.renew(touched, cases.fact_tables(mine))


def test_a_correction_is_not_taken_for_a_new_fact():
    segment = SegmentMembers(rule=parse({"fact": "orders", "op": "at_least", "value": 1}))
    segment.fit({"customer": ["ann"]}, {}, now=cases.NOW)
    with pytest.raises(ValueError, match="renew its customer"):
        segment.apply("orders", [{"id": "1", "customer": "ann", "kind": "void", "revision": 0}])


def test_time_runs_one_way():
    segment = SegmentMembers(rule=parse({"fact": "orders", "op": "at_least", "value": 1}))
    segment.fit({"customer": ["ann"]}, {}, now=cases.NOW)
    with pytest.raises(ValueError, match="fit it anew"):
        segment.advance(cases.NOW - timedelta(days=1))


def many(people: int):
    """Visits of many people in the last 40 days."""
    rng = np.random.default_rng(5)
    keys = np.array([f"p{i:011d}" for i in range(people)])
    n = people * 3
    day = np.datetime64(cases.TODAY) - rng.integers(0, 40, n)
    at = pa.array(day.astype("datetime64[us]")).cast(pa.timestamp("us", tz="UTC"))
    visits = tables.TOUCHES.fill({
        "source": "s", "id": np.arange(n).astype(str), "revision": 0, "recorded_at": at,
        "customer": keys[rng.integers(0, people, n)], "at": at, "day": pa.array(day), "kind": "visit",
    }, n)  # fmt: skip
    return pa.table({"customer": keys}), visits


def test_of_many_people_only_those_are_looked_at_whose_day_has_come():
    people, visits = many(20_000)
    rule = parse({"fact": "touches", "op": "at_least", "value": 3, "window": {"days": 30}})
    segment = SegmentMembers(rule=rule).fit(people, {"touches": visits}, now=cases.NOW)
    looked = []
    settle = segment._settle
    segment._settle = lambda codes: looked.append(len(codes)) or settle(codes)
    for days in range(1, 4):
        now = cases.NOW + timedelta(days=days)
        segment.advance(now)
        assert segment.members_ == segment_people(rule, people=people, facts={"touches": visits}, now=now)
    # One visit in forty leaves the window a day; a quarter of the people would be ten times the truth.
    assert max(looked) < 20_000 / 4
    one = [{"customer": "p00000000007", "kind": "visit", "at": now, "day": now.date()}]
    segment.apply("touches", one)
    assert looked[-1] == 1


def test_nobody_and_nothing():
    rule = parse({"not": {"fact": "orders", "op": "at_least", "value": 1}})
    segment = SegmentMembers(rule=rule).fit({"customer": []}, {}, now=cases.NOW)
    assert segment.members_.to_pylist() == []
    assert segment.advance(cases.NOW + timedelta(days=400)) == Change()
    assert segment.update({"customer": ["ann"]}) == Change(joined=("ann",))
    assert "ann" in segment
    assert "bob" not in segment
