"""Messages say where they stand and why; what they changed is told only as far as the holdout proves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from regulars import tables
from regulars.lake import Lake
from regulars.web.jobs.models import Job
from regulars.web.outbox.models import Message

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)


def get(client, address="/act/messages/", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address)


def text(client, address="/act/messages/", language="zh-hans"):
    return get(client, address, language).content.decode()


@pytest.fixture
def messages(company):
    """One message in each of five states besides the one that was sent."""
    for uid, state, reason in (
        ("q1", "queued", ""), ("h1", "holdout", "holdout"), ("d1", "denied", "consent_withdrawn"),
        ("f1", "failed", "transport_permanent"), ("u1", "unknown", "worker_lost"),
    ):  # fmt: skip
        Message.objects.create(
            uid=uid, person_id=company["li_mei"], plan_id="plan-2", action="win_back", step=uid, language="zh",
            subject="好久不见" if state != "holdout" else "", text="李梅，你好" if state != "holdout" else "",
            html="<p onclick=alert(1)>你好</p><script>alert(1)</script>" if state != "holdout" else "", state=state,
            reason=reason, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
    return company


def measured(home, plan, low, high, why="window_days=28;detectable=0.031", at=NOW, seq=1):
    row = {"plan": [plan] * 2, "subject": ["win_back"] * 2, "name": ["lift_orders", "realised"], "value": [0.04, 5e5],
           "low": [low, low * 1e7], "high": [high, high * 1e7], "treated": 900, "held": 100, "made_by": "measure/1",
           "made_at": at, "lake_version": "1", "why": why}  # fmt: skip
    Lake(home.lake_path).append("outcomes", tables.TABLES["outcomes"].fill(row, 2), "loop", seq)


def test_without_messages_the_page_leads_to_the_plan(owner, home):
    page = text(owner)
    assert 'href="/decide/plan/"' in page
    assert "还没有设置邮件服务器" in page
    assert "smtp_host" in page


def test_the_list_gives_the_gates_reason_in_words(owner, messages):
    page = text(owner)
    assert "已撤回同意" in page or "撤回" in page
    assert "consent_withdrawn" not in page
    english = text(owner, language="en")
    assert "The consent was withdrawn." in english
    assert "The program stopped while sending; whether it arrived is not known." in english


def test_filters_by_state_plan_and_action(owner, messages):
    assert text(owner, "/act/messages/?state=denied").count("data-href") == 1
    assert text(owner, "/act/messages/?plan=plan-1").count("data-href") == 1
    assert text(owner, "/act/messages/?action=win_back").count("data-href") == 6


def test_a_message_is_shown_locked_in(owner, messages):
    page = text(owner, "/act/messages/q1/")
    assert 'sandbox=""' in page
    assert "李梅，你好" in page
    assert "<script>alert" not in page
    answer = get(owner, "/act/messages/q1/html/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "sandbox" in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "由随机" in (held := text(owner, "/act/messages/h1/")) or "随机留出" in held


def test_a_waiting_message_can_be_stopped_and_a_failed_one_sent_again(owner, messages):
    assert 'value="stop"' in text(owner, "/act/messages/q1/")
    owner.post("/act/messages/q1/change/", {"verb": "stop"})
    one = Message.objects.get(uid="q1")
    assert (one.state, one.reason) == ("denied", "owner")
    for uid in ("f1", "u1"):
        assert 'value="again"' in text(owner, f"/act/messages/{uid}/")
        owner.post(f"/act/messages/{uid}/change/", {"verb": "again"})
        assert Message.objects.get(uid=uid).state == "queued"
    owner.cookies["regulars_language"] = "en"
    answer = owner.post("/act/messages/m1/change/", {"verb": "again"}, follow=True)
    assert "Only a failed or unclear message" in answer.content.decode()
    assert Message.objects.get(uid="m1").state == "sent"
    assert owner.post("/act/messages/m1/change/", {"verb": "explode"}).status_code == 400


def test_sending_is_one_job(owner, messages):
    answer = owner.post("/act/messages/send/", headers={"HX-Request": "true"})
    assert "every 1s" in answer.content.decode()
    owner.post("/act/messages/send/")
    assert Job.objects.filter(name="messages_send").count() == 1


@pytest.mark.parametrize(
    ("low", "high", "why", "said", "green"),
    [
        (0.01, 0.08, "window_days=28;detectable=0.031", "Proven gain", True),
        (-0.02, 0.08, "window_days=28;detectable=0.031", "Not decided yet", False),
        (-0.09, -0.01, "window_days=28;detectable=0.031", "No gain", False),
        (0.01, 0.08, "window_days=28;sample_ratio_off;detectable=0.031", "Not to be trusted", False),
        (0.01, 0.08, "window_open", "Still counting", False),
    ],
)
def test_the_verdict_says_no_more_than_the_interval(owner, company, home, low, high, why, said, green):
    measured(home, "plan-1", low, high, why)
    page = text(owner, language="en")
    assert said in page
    assert ("bg-green-lt" in page) is green
    assert ("3.1% on could be seen" in page) is ("detectable" in why)


def test_the_newest_measurement_counts(owner, company, home):
    measured(home, "plan-1", -0.02, 0.08)
    assert "Not decided yet" in text(owner, language="en")
    measured(home, "plan-1", 0.01, 0.06, at=NOW + timedelta(days=7), seq=2)
    page = text(owner, language="en")
    assert "Proven gain" in page
    assert "Not decided yet" not in page


def test_strangers_and_unknown_messages(client, owner, messages):
    for address in ("/act/messages/nothing/", "/act/messages/nothing/html/"):
        assert owner.get(address).status_code == 404
    client.logout()
    for address in ("/act/messages/", "/act/messages/q1/", "/act/messages/q1/html/"):
        assert client.get(address).url.startswith("/login/")
    assert client.post("/act/messages/send/").url.startswith("/login/")


def test_the_pages_cost_a_fixed_number_of_queries(owner, messages, home, django_assert_max_num_queries):
    get(owner)
    # session, user, counts, due, sending, plans to filter by, the list; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(13):
        get(owner)
    with django_assert_max_num_queries(8):
        get(owner, "/act/messages/q1/")
