"""Once round: a plan, a yes, messages through a real mail server, a month later what it earned."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from regulars import tables
from regulars.web.bridge.demo import demo_advance, demo_make
from regulars.web.bridge.lake import lake
from regulars.web.bridge.people import consented
from regulars.web.bridge.sending import send_due
from regulars.web.bridge.wheel import wheel_turn
from regulars.web.consents.queries import newest_states
from regulars.web.consents.services import consent_set
from regulars.web.outbox.models import Message
from regulars.web.people.models import Person
from regulars.web.plans.models import Plan, PlanRow, Turn
from regulars.web.plans.queries import newest_proposed
from regulars.web.plans.services import autopilot_approve, plan_approve, plan_reject, row_decline

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
MADE = datetime(2026, 3, 5, 7, tzinfo=SHANGHAI)
EVENING = datetime(2026, 3, 5, 21, 30, tzinfo=SHANGHAI)
MORNING = datetime(2026, 3, 6, 9, 30, tzinfo=SHANGHAI)


def quiet(zone, now):
    local = now.astimezone(ZoneInfo(zone or "Asia/Shanghai")).time()
    return local >= time(21) or local < time(8)


def state():
    """How much there is of everything a turn writes."""
    counted = {name: lake().table(name).count().to_pyarrow().as_py() for name in tables.TABLES}
    book = {m.__name__: m.objects.count() for m in (Plan, PlanRow, Message, Turn, Person)}
    return counted, book, sorted(Plan.objects.values_list("uid", "state", "realised"))


@pytest.mark.slow
def test_the_wheel_goes_round(home, sink, client):
    home.change(smtp_host="127.0.0.1", smtp_port=sink.port, smtp_tls=False, smtp_from="shop@lantern.example",
                base_url="https://shop.example", holdout_share=0.1)  # fmt: skip
    made = demo_make(home, people=400, seed=3, until=MADE, progress=lambda *_: None)
    assert made["made"] is True
    assert demo_make(home, people=400, seed=3, until=MADE, progress=lambda *_: None)["made"] is False

    # Nothing goes out before the yes.
    assert send_due(home, now=EVENING)["counts"] == {"holdout": 0, "denied": 0, "waiting": 0}
    plan = newest_proposed()
    assert plan == made["plan"]
    best = PlanRow.objects.filter(plan_id=plan, kind="next_best", channel="email")
    agreed = consented("email")
    assert set(best.values_list("person_id", flat=True)) <= agreed
    zone = dict(Person.objects.values_list("key", "zone"))
    address = dict(Person.objects.values_list("key", "email"))

    # In the evening only those get mail whose evening it is not.
    plan_approve(plan, "owner")
    sent = send_due(home, now=EVENING)
    assert sent["sandbox"] == ""
    held = set(Message.objects.filter(state="holdout").values_list("person_id", flat=True))
    reached = set(Message.objects.filter(state="sent").values_list("person_id", flat=True))
    asleep = set(Message.objects.filter(state="queued").values_list("person_id", flat=True))
    assert {k for k in reached | asleep if quiet(zone[k], EVENING)} == asleep
    assert reached
    for message in Message.objects.filter(state="queued"):
        wakes = message.not_before.astimezone(ZoneInfo(zone[message.person_id] or "Asia/Shanghai"))
        assert (wakes.hour, wakes.minute) == (8, 0)
        assert EVENING < wakes <= EVENING + timedelta(hours=24)
    drawn = len(held) + len(reached) + len(asleep)
    assert drawn == best.count()
    # 10 % of the drawn, within four standard errors.
    assert abs(len(held) - 0.1 * drawn) < 4 * (0.09 * drawn) ** 0.5
    assert sink.accepted() == Counter(address[k] for k in reached)

    # Somebody takes their consent back in the night.
    gone = sorted(asleep)[0]
    consent_set(gone, "email", "denied", basis="unsubscribe", source="link", at=EVENING, by="recipient")
    sent = send_due(home, now=MORNING)
    assert sent["counts"]["sent"] == len(asleep) - 1
    assert Message.objects.get(person_id=gone).state == "denied"
    assert sink.accepted() == Counter(address[k] for k in (reached | asleep) - {gone})
    assert not {address[k] for k in held} & set(sink.accepted())
    assert send_due(home, now=MORNING + timedelta(hours=1))["counts"] == {"holdout": 0, "denied": 0, "waiting": 0}

    # Every message ends with one click, by the mail program or by hand.
    for letter in sink.messages():
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = letter["List-Unsubscribe"].strip("<>")
        assert link.startswith("https://shop.example/u/")
    last = next(k for k, v in address.items() if v == letter["To"].addresses[0].addr_spec)
    path = link.removeprefix("https://shop.example")
    answer = client.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert newest_states([last], "email") == {last: "denied"}

    # A month later: lift with an interval, predicted beside realised; the owner lets one action run by itself.
    home.change(autopilot=("care",))
    later = demo_advance(home, days=30, progress=lambda *_: None)
    facts = lake().current("messages").to_pyarrow().to_pylist()
    mine = [m for m in facts if m["plan"] == plan]
    states = Counter(m["state"] for m in mine)
    assert states["sent"] == len(reached) + len(asleep) - 1
    assert (states["holdout"], states["denied"], states["unsubscribed"]) == (len(held), 1, 1)
    earned = [o for o in lake().current("outcomes").to_pyarrow().to_pylist() if o["plan"] == plan]
    # Channels whose money was moved are compared before and after; people are drawn.
    # Who is held back is drawn anew in every home: an action of one or two people may have reached nobody.
    actions = {o["subject"] for o in earned if o["treated"] is not None}
    assert actions == {m["action"] for m in mine if m["state"] in ("sent", "unsubscribed")}
    assert actions <= set(best.values_list("subject", flat=True))
    assert len(actions) >= 3
    lifts = [o for o in earned if o["name"] == "lift_orders" and o["held"] and o["treated"]]
    assert lifts
    assert all(-1 <= o["low"] <= o["value"] <= o["high"] <= 1 for o in lifts)
    promised = [o for o in earned if o["name"] == "predicted" and o["treated"] is not None]
    assert sum(o["treated"] for o in promised) == states["sent"]
    assert sum(o["held"] for o in promised) == len(held)
    kept = Plan.objects.get(uid=plan)
    # An action with hardly anybody held back has no interval, and what has none is no result.
    realised = [
        o["value"]
        for o in earned
        if o["name"] == "realised" and all(o[c] is not None and o[c] == o[c] for c in ("value", "low", "high"))
    ]
    assert kept.realised == pytest.approx(sum(realised), abs=1)
    assert kept.state in ("running", "measured")
    # Partners and ways to sell run over a year, not over the plan's weeks: their rows are not part of its promise.
    promises = PlanRow.objects.filter(plan_id=plan, kind__in=("budget", "next_best"))
    assert kept.predicted == sum(v or 0 for v in promises.values_list("value", flat=True))

    # The new plan waits, but for the action that may run by itself.
    fresh = Plan.objects.get(uid=later["plan"])
    assert fresh.state == "proposed"
    rows = PlanRow.objects.filter(plan=fresh, kind="next_best")
    assert set(rows.exclude(subject="care").values_list("state", flat=True)) == {"proposed"}
    assert set(rows.filter(subject="care").values_list("state", flat=True)) <= {"done", "denied"}
    assert set(Message.objects.filter(plan=fresh).values_list("action", flat=True)) <= {"care"}

    # The same moment again changes nothing.
    now = datetime.fromisoformat(later["now"])
    wheel_turn(home, now=now)  # facts of the messages queued by the turn itself come in now
    before = state()
    again = wheel_turn(home, now=now)
    assert again["repeated"] is True
    assert again["plan"] == later["plan"]
    assert state() == before


# --- what the owner said ----------------------------------------------------------------

DAY = datetime(2026, 3, 5, 4, tzinfo=UTC)  # noon in Shanghai, five in Berlin


def to_send(home):
    """Send twice, half a day apart, so that everybody has been awake once; who got what."""
    for hours in (0, 8):
        send_due(home, now=DAY + timedelta(hours=hours))
    return {(m.person_id, m.action) for m in Message.objects.filter(plan_id="plan-2", state="sandboxed")}


def planned(**where):
    rows = PlanRow.objects.filter(plan_id="plan-2", kind="next_best", **where).select_related("person")
    agreed = consented("email")
    return {(r.person_id, r.subject) for r in rows if r.person_id in agreed}


@pytest.fixture
def all_written_to(company, home):
    home.change(holdout_share=0.0)
    Message.objects.all().delete()


def test_an_approved_plan_reaches_all_who_agreed(all_written_to, home):
    plan_approve("plan-2", "owner")
    assert to_send(home) == planned()
    assert Message.objects.filter(state="denied").count() == 12 - len(planned())
    assert Plan.objects.get(uid="plan-2").state == "running"


def test_a_rejected_plan_sends_nothing(all_written_to, home):
    row = PlanRow.objects.filter(plan_id="plan-2", kind="next_best").first()
    PlanRow.objects.filter(id=row.id).update(state="approved")  # a yes to one row before the no to all
    plan_reject("plan-2", "owner")
    assert to_send(home) == set()
    assert not Message.objects.exists()


def test_a_plan_nobody_decided_on_sends_nothing(all_written_to, home):
    assert to_send(home) == set()


def test_a_declined_row_is_left_out(all_written_to, home):
    chosen = planned()
    row = PlanRow.objects.get(plan_id="plan-2", kind="next_best", person_id=sorted(chosen)[0][0])
    row_decline(row.id, "owner")
    plan_approve("plan-2", "owner")
    assert to_send(home) == chosen - {(row.person_id, row.subject)}
    row.refresh_from_db()
    assert row.state == "declined"


def test_autopilot_sends_only_what_it_may(all_written_to, home):
    wanted = planned(subject="care")
    assert autopilot_approve("plan-2", ("care",)) == 4
    assert autopilot_approve("plan-2", ()) == 0
    assert to_send(home) == wanted
    assert Plan.objects.get(uid="plan-2").state == "proposed"  # the rest still waits for the owner
    plan_approve("plan-2", "owner")
    assert to_send(home) == planned()


def test_what_runs_by_itself_is_measured_too(all_written_to, home):
    from regulars.web.bridge.outcomes import outcomes_store

    def realised():
        plan = Plan.objects.get(uid="plan-2")
        return plan.state, plan.realised, plan.realised_low

    earned = tables.OUTCOMES.fill(
        {"plan": ["plan-2"], "subject": ["care"], "name": ["realised"], "value": [700.0], "low": [-100.0],
         "high": [1500.0], "made_by": "t", "made_at": DAY, "lake_version": "v"}, 1
    )  # fmt: skip
    outcomes_store(earned, DAY)
    assert realised() == ("proposed", None, None)  # nothing of it ran
    autopilot_approve("plan-2", ("care",))
    to_send(home)
    outcomes_store(earned, DAY)
    # What ran has earned something; the plan itself still waits for its yes.
    assert realised() == ("proposed", 700, -100)
    plan_approve("plan-2", "owner")
    outcomes_store(earned, DAY)
    assert realised() == ("measured", 700, -100)
