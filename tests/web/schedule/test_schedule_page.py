"""The page of time: the week in both languages, calls made and skipped, the calendar, the calendar file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from regulars.web.audit.models import Entry
from regulars.web.bridge.deciding import deciding_tables
from regulars.web.findings.models import Finding
from regulars.web.people.models import Person
from regulars.web.schedule.models import Calendar, CallDone

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
PAGE = "/decide/schedule/"
GOOD = {"calls_a_day": "5", "calls_an_hour": "2", "from_hour": "10", "until_hour": "16", "weekdays": ["0", "3"],
        "days_off": "2026-10-01", "answers_an_hour": "8", "within_hours": "12", "share": "85",
        "messages_an_hour": "900", "hold": "1"}  # fmt: skip


def get(client, address=PAGE, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def board(company):
    keys = list(Person.objects.order_by("key").values_list("key", flat=True)[:3])
    at = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    desk = {"tickets": 90, "a_week": 18.0, "by_hour": [0.1] * 168, "hours": [9, 10, 57], "in_time": 0.95, "now": 0.8,
            "within": 24, "share": 0.9, "conflict": ["allowed"], "hands": 2, "wait": 0.1}  # fmt: skip
    Finding.objects.create(topic="schedule", made_at=NOW, body={
        "people": 900, "events": 4_000, "sources": {"orders": 4_000}, "own_after": 93.0, "gain": [0.2, 0.25],
        "cells": [{"bin": b, "lift": 3.0 if b == 83 else 1.0, "low": 0.9, "high": 1.1} for b in range(168)],
        "likes": [{"key": "prospect", "people": 5, "events": 9, "best": [83, 9], "lift": 2.5},
                  {"key": "loyal", "people": 7, "events": 90, "best": [83], "lift": 3.5}],
        "volume": [{"at": at.isoformat(), "planned": 40, "room": 50, "price": 0.0}], "messages": 41, "later": 1,
        "sooner": 0.85, "gap": 0.0, "hours": {at.isoformat(): keys[:2]}, "call_basis": "stake", "desk": desk,
        "calls": [{"customer": k, "at": at.isoformat(), "value": 12_300.0, "why": "stake_is_quarter"} for k in keys],
        "limits": ["little_activity"], "made_by": "decide.schedule/1"})  # fmt: skip
    return keys


@pytest.mark.django_db
def test_before_anything_is_known_the_page_says_what_it_will_show(company, owner):
    text = get(owner, language="en")
    assert "Once visits or orders are in" in text
    assert "Your calendar" in text


@pytest.mark.django_db
def test_the_page_tells_the_best_hour_the_calls_and_the_desk(board, owner, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        text = get(owner, language="en")
    for words in ("Thursday 11:00", "85%", "9:00–11:00", "Not yet customers", "3.0", "Within your working hours 90%"):
        assert words in text
    assert "大家什么时候有回应" in get(owner)


@pytest.mark.django_db
def test_a_call_that_was_made_is_gone_and_known_to_the_next_plan(board, owner):
    assert owner.post(f"{PAGE}calls/{board[0]}/", {"verdict": "done"}).status_code == 302
    assert f"calls/{board[0]}/" not in get(owner)
    assert deciding_tables()["called"].column("customer").to_pylist() == [board[0]]
    assert Entry.objects.filter(action="call_done").exists()
    assert owner.post(f"{PAGE}calls/nobody/", {"verdict": "done"}).status_code == 404
    assert owner.post(f"{PAGE}calls/{board[1]}/", {"verdict": "sold"}).status_code == 404
    assert CallDone.objects.count() == 1


@pytest.mark.django_db
def test_the_calendar_is_kept_and_a_wrong_one_is_refused_in_words(board, owner):
    from regulars.web.schedule.queries import planned_hours

    assert planned_hours(board) == {}
    assert owner.post(f"{PAGE}calendar/", GOOD).status_code == 302
    row = deciding_tables()["calendar"].to_pylist()[0]
    assert (row["calls_a_day"], row["weekdays"], row["share"], row["days_off"]) == (5, "03", 0.85, "2026-10-01")
    assert set(planned_hours(board)) == set(board[:2])
    owner.cookies["regulars_language"] = "en"
    for wrong, words in (({"until_hour": "9"}, "must end after"), ({"weekdays": []}, "at least one day"),
                         ({"days_off": "soon"}, "2026-10-01"), ({"share": "most"}, "most")):  # fmt: skip
        answer = owner.post(f"{PAGE}calendar/", {**GOOD, **wrong})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert Calendar.objects.count() == 1


@pytest.mark.django_db
def test_the_calendar_file_has_an_event_a_call(board, owner):
    answer = owner.get(f"{PAGE}calls.ics")
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/calendar")
    assert text.count("BEGIN:VEVENT") == 3
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
