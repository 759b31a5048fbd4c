"""Alerts: the page in both languages, what the owner says of an alarm, and that it can be taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from regulars.measure.verdicts import verdicts
from regulars.web.alerts.models import Verdict
from regulars.web.audit.models import Entry
from regulars.web.bridge.measuring import measuring_tables
from regulars.web.findings.models import Finding

pytestmark = pytest.mark.django_db
PAGE = "/measure/alerts/"


def cause(name, change, share):
    return {"by": "channel", "name": name, "value": 1.0, "expected": 2.0, "change": change, "share": share,
            "rate": None, "mix": None}  # fmt: skip


def incident(uid="aaaaaaaaaaaa", ago=2, **more):
    day = (timezone.now().date() - dt.timedelta(days=ago)).isoformat()
    points = [{"day": f"2026-03-{d:02d}", "value": 50_000.0, "low": 30_000.0, "high": 70_000.0} for d in range(1, 9)]
    return {
        "id": uid, "kind": "day", "figure": "revenue", "channel": None, "market": None, "day": day, "end": day,
        "value": 12_000_00.0, "expected": 48_000_00.0, "low": 30_000_00.0, "high": 66_000_00.0, "money": -36_000_00,
        "severity": "severe", "way": "down", "p": 1e-6, "told": True, "by": "channel",
        "causes": [cause("search", -2_556_000, 0.71), cause("store", -1_044_000, 0.29)], "explained": 0.71,
        "moved": [{"figure": "orders", "channel": "search", "market": None, "value": 3.0, "expected": 20.0}],
        "points": points, "raised": 1.0, "why": ["alarm_day", "alarm_rare"], **more,
    }  # fmt: skip


@pytest.fixture
def board(company):
    body = {
        "incidents": [incident(), incident("bbbbbbbbbbbb", 40, kind="shift", causes=[], points=[], by="", money=None,
                                           severity="slight", explained=0.0),
                      incident("cccccccccccc", 3, told=False, figure="spend", channel="search")],
        "days": 90, "watched": 42, "alarms_a_week": 3, "false_a_week": 0.5, "week_revenue": 1_000_000,
        "raised": [["orders", "search", 1.44]], "limits": [], "made_by": "monitor/1",
    }  # fmt: skip
    Finding.objects.create(topic="alerts", made_at=timezone.now(), body=body)
    return body


def get(owner, address=PAGE, language="zh-hans"):
    owner.cookies["regulars_language"] = language
    answer = owner.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_the_first_turn_it_says_what_will_be_here(owner, company):
    assert "/collect/imports/" in get(owner, language="en")
    assert "导入" in get(owner)


def test_the_worst_is_said_first_with_its_cause_and_money(owner, board):
    page = get(owner, language="en")
    assert "1 thing is out of line" in page
    assert "71% of it comes from" in page
    assert "36,000" in page
    assert "42 series" in page
    assert "1.4 times" in page
    assert page.count('id="i-') == 1
    assert "not told" in page
    page = get(owner)
    assert "71%" in page
    assert "Snooze a week" not in page


def test_quiet_company_says_so(owner, board):
    Finding.objects.update(body=board | {"incidents": []})
    assert "Nothing is out of line" in get(owner, language="en")


def test_not_useful_hides_it_raises_the_threshold_and_can_be_undone(owner, board):
    answer = owner.post(f"{PAGE}say/", {"incident": "aaaaaaaaaaaa", "verdict": "not_useful"})
    assert answer.status_code == 302
    assert "#i-aaaaaaaaaaaa" in answer["Location"]
    assert "You said: Not useful" in get(owner, f"{PAGE}?incident=aaaaaaaaaaaa", "en")
    assert "Nothing is out of line" in get(owner, language="en")
    assert verdicts(measuring_tables()["verdicts"]).raised == {("revenue", ""): 1.2}
    owner.post(f"{PAGE}say/", {"incident": "aaaaaaaaaaaa", "verdict": "useful"})
    assert list(Verdict.objects.values_list("verdict", flat=True)) == ["useful"]
    owner.post(f"{PAGE}undo/", {"verdict": Verdict.objects.get().pk})
    assert not Verdict.objects.exists()
    assert set(Entry.objects.values_list("action", flat=True)) >= {"alarm_not_useful", "alarm_useful", "alarm_undo"}


def test_snooze_sleeps_and_mute_silences_the_figure(owner, board):
    owner.post(f"{PAGE}say/", {"incident": "aaaaaaaaaaaa", "verdict": "snoozed"})
    assert "Nothing is out of line" in get(owner, language="en")
    Verdict.objects.update(until=timezone.now() - dt.timedelta(hours=1))
    assert "1 thing is out of line" in get(owner, language="en")
    owner.post(f"{PAGE}say/", {"incident": "aaaaaaaaaaaa", "verdict": "muted"})
    page = get(owner, language="en")
    assert "Nothing is out of line" in page
    assert "Unmute" in page
    assert verdicts(measuring_tables()["verdicts"]).muted == {("revenue", "")}


def test_nonsense_is_refused(owner, board):
    assert owner.post(f"{PAGE}say/", {"incident": "nope", "verdict": "useful"}).status_code == 404
    assert owner.post(f"{PAGE}say/", {"incident": "aaaaaaaaaaaa", "verdict": "burn"}).status_code == 400
    assert owner.post(f"{PAGE}undo/", {"verdict": "x"}).status_code == 404
    assert owner.get(f"{PAGE}say/").status_code == 405


def test_today_shows_the_worst(owner, board):
    assert "instead" in get(owner, "/", "en") or "usual is" in get(owner, "/", "en")
    owner.post(f"{PAGE}say/", {"incident": "aaaaaaaaaaaa", "verdict": "useful"})
    assert "usual is" not in get(owner, "/", "en")


def test_it_takes_few_queries(owner, board, django_assert_max_num_queries):
    get(owner)
    with django_assert_max_num_queries(14):
        owner.get(PAGE)
