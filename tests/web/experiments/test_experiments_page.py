"""The pages of experiments in both languages: create, watch, hand out, conclude, take back."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
from django.utils import timezone

from regulars.web.audit.models import Entry
from regulars.web.bridge.measuring import measuring_tables
from regulars.web.experiments import arms, services, traffic, words
from regulars.web.experiments.models import Experiment
from regulars.web.findings.models import Finding
from regulars.web.people.models import Person

PAGE = "/measure/experiments/"
NOW = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)


def get(client, address=PAGE, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


def figure(name, delta, **more):
    return {"name": name, "arm": "treated", "people": 900, "mean": 0.2 + delta, "mean_control": 0.2, "delta": delta,
            "low": delta - 0.04, "high": delta + 0.04, "se": 0.013, "p_value": 0.001, "decided": abs(delta) > 0.04,
            "relative": 0.3, "chance_better": 0.99, "expected_loss": 0.0, "method": "normal_mixture", "cap": None,
            "theta": None, "less_variance": None} | more  # fmt: skip


def trial(key, code="better", **more):
    figures = [figure("buy", 0.06), figure("money", 1200.0, low=-300.0, high=2700.0, decided=False, cap=90_000.0,
                                           less_variance=0.2), figure("orders", 0.02, decided=False),
               figure("money_per_order", -900.0, low=None, high=None, decided=False, method="none")]  # fmt: skip
    return {
        "id": key, "plan": "p1", "action": "win_back", "treated": 900, "held": 200, "began": "2026-02-01",
        "ends": "2026-03-01", "open": False, "progress": None, "code": code, "buy": figures[0], "money": figures[1],
        "figures": figures,
        "ratio": {"p_value": 0.4, "off": code == "unfair", "counts": [["held", 200], ["treated", 900]],
                  "planned": [0.18, 0.82]},
        "wanted": 0.04, "detectable": 0.05, "knows_on": "2026-04-02", "needed": 4000,
        "course": [{"day": "2026-02-02", "delta": 0.1, "low": None, "high": None},
                   {"day": "2026-02-03", "delta": 0.08, "low": -0.1, "high": 0.2},
                   {"day": "2026-02-04", "delta": 0.06, "low": 0.02, "high": 0.1}],
        "groups": [{"by": "orders_before", "code": "cannot_tell", "q": 1.0, "p_value": 0.4, "left_out": 0, "slices": [
            {"group": "none", "people": 400, "people_control": 90, "delta": 0.05, "low": -0.1, "high": 0.2,
             "p_value": 1.0, "decided": False},
            {"group": "several", "people": 300, "people_control": 60, "delta": 0.07, "low": -0.1, "high": 0.3,
             "p_value": 1.0, "decided": False}]}],
    } | more  # fmt: skip


def body(own=()):
    return {"trials": [trial("p1:win_back")], "own": list(own), "window_days": 28, "currency": "CNY",
            "made_by": "experiments/1",
            "overall": {"treated": 900, "held": 200, "trials": 1, "delta": 0.06, "low": 0.02, "high": 0.1,
                        "p_value": 0.01, "money": 1200.0, "money_low": 100.0, "money_high": 2400.0,
                        "total": 1_080_000.0, "total_low": 9e4, "total_high": 2e6}}  # fmt: skip


@pytest.fixture
def found(company):
    return Finding.objects.create(topic="experiments", body=body(), made_at=NOW)


@pytest.fixture
def asked():
    return {"name": "Call after the first order", "question": "", "metric": "buyers", "unit": "person", "channel": "",
            "market": "", "start": timezone.localdate().isoformat(), "days": "28", "arms": "Control, Call",
            "share": "50", "wanted": "20", "spend": ""}  # fmt: skip


def made(**more):
    given = {"name": "Call", "question": "", "metric": "buyers", "unit": "person", "channel": "", "market": "",
             "start": timezone.localdate(), "days": 28, "wanted": 0.2, "spend": None,
             "arms": {"Control": 0.5, "Call": 0.5}} | more  # fmt: skip
    return services.experiment_create(given, "owner")


def test_the_list_says_what_may_be_said(owner, found):
    page = get(owner)
    for text in ("确实有效", "已经知道", "+6.0 个百分点", "新实验"):
        assert text in page
    page = get(owner, language="en")
    for text in ("It works", "Win back", "We know", "however often you look"):
        assert text in page


def test_a_plan_shows_course_arms_and_groups(owner, found):
    page = get(owner, PAGE + "plans/?id=p1:win_back", "en")
    for text in ("All figures, arm by arm", "two or more orders", "that is not the same as equal", "planned 82",
                 "What could be said at the end of each day", "+6.0 points"):  # fmt: skip
        assert text in page
    assert "各组" in get(owner, PAGE + "plans/?id=p1:win_back")
    assert owner.get(PAGE + "plans/?id=nothing").status_code == 404


def test_a_broken_draw_is_said_first(owner, found):
    found.body = body() | {"trials": [trial("p1:win_back", "unfair")]}
    found.save()
    assert "Something drops people" in get(owner, PAGE + "plans/?id=p1:win_back", "en")
    assert "The draw is off" in get(owner, PAGE, "en")


def test_before_anything_was_tried_the_page_says_how_to_begin(owner, home):
    assert "New experiment" in get(owner, PAGE, "en")
    assert "新实验" in get(owner)


def test_an_owner_starts_watches_and_concludes(owner, company, asked):
    answer = owner.post(PAGE + "new/", asked)
    one = Experiment.objects.get()
    assert answer.status_code == 302
    assert answer.url.endswith(f"/{one.uid}/")
    assert one.arms == {"Control": 0.5, "Call": 0.5}
    page = get(owner, f"{PAGE}{one.uid}/", "en")
    assert "after the next turn" in page
    assert "Read at the next turn" in page
    Finding.objects.create(topic="experiments", body=body([trial(one.uid)]), made_at=NOW)
    assert "It works" in get(owner, f"{PAGE}{one.uid}/", "en")
    answer = owner.post(f"{PAGE}{one.uid}/conclude/", {"lesson": "Call them"})
    assert answer.status_code == 302
    one.refresh_from_db()
    assert (one.state, one.lesson) == ("concluded", "Call them")
    assert (one.delta, one.se) == pytest.approx((0.06 * 900, 0.013 * 900))
    page = get(owner, f"{PAGE}{one.uid}/", "en")
    assert "Result on record" in page
    assert "Call them" in page
    owner.post(f"{PAGE}{one.uid}/reopen/")
    one.refresh_from_db()
    assert (one.state, one.delta, one.result) == ("running", None, {})
    said = list(Entry.objects.order_by("id").values_list("action", flat=True))[-3:]
    assert said == ["experiment_create", "experiment_conclude", "experiment_reopen"]


def test_without_a_reading_nothing_is_concluded(owner, company):
    one = made()
    owner.cookies["regulars_language"] = "en"
    answer = owner.post(f"{PAGE}{one.uid}/conclude/", {"lesson": "x"})
    assert answer.status_code == 422
    assert "let the wheel turn first" in answer.content.decode()


def test_stop_delete_and_undo(owner, company):
    one = made()
    owner.post(f"{PAGE}{one.uid}/stop/")
    one.refresh_from_db()
    assert (one.state, one.ended) == ("stopped", timezone.localdate())
    owner.post(f"{PAGE}{one.uid}/reopen/")
    answer = owner.post(f"{PAGE}{one.uid}/delete/")
    assert "Undo" in get(owner, answer.url, "en")
    assert owner.get(f"{PAGE}{one.uid}/").status_code == 404
    owner.post(f"{PAGE}{one.uid}/restore/")
    assert owner.get(f"{PAGE}{one.uid}/").status_code == 200
    assert owner.post(f"{PAGE}{one.uid}/burn/").status_code == 404


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "名称"), ({"arms": "one"}, "两到六"), ({"arms": "a, a"}, "两到六"), ({"days": "900"}, "天"),
        ({"start": "2020-01-01"}, "过去"), ({"start": "soon"}, "2026-03-01"), ({"wanted": "viel"}, "viel"),
        ({"unit": "geo", "channel": ""}, "渠道"), ({"metric": "luck"}, "选择"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_what_was_typed_stays(owner, company, asked, change, says):
    owner.cookies["regulars_language"] = "zh-hans"
    sent = asked | {"question": "Does it pay?"} | change
    answer = owner.post(PAGE + "new/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert "Does it pay?" in page
    assert not Experiment.objects.exists()


def test_the_list_of_people_is_fair_and_for_ever_the_same(owner, company):
    one = made(arms={"Control": 0.5, "A": 0.25, "B": 0.25})
    lines = list(csv.reader(io.StringIO(b"".join(owner.get(f"{PAGE}{one.uid}/people.csv")).decode("utf-8-sig"))))
    assert len(lines) == Person.objects.count() + 1
    drawn = dict(arms.assigned(one))
    assert {r[0]: r[4] for r in lines[1:]} == drawn
    many = [arms.arm_of(one, f"x{i}") for i in range(8000)]
    share = {name: many.count(name) / 8000 for name in one.arms}
    assert share == pytest.approx(one.arms, abs=0.02)
    other = made()
    alike = sum((arms.arm_of(other, f"x{i}") == "Control") == (many[i] == "Control") for i in range(8000)) / 8000
    assert alike == pytest.approx(0.5, abs=0.03)
    assert Entry.objects.filter(action="experiment_people", subject=one.uid).exists()


def test_who_comes_later_is_in_no_arm(owner, company):
    one = made()
    person = Person.objects.order_by("key").first()
    person.created_at = timezone.now() + dt.timedelta(hours=1)
    person.save()
    assert person.key not in dict(arms.assigned(one))


def test_the_turn_is_handed_the_record_and_the_arms(company):
    one = made(channel="email", metric="revenue")
    tables = measuring_tables()
    record = tables["experiments"].to_pylist()[0]
    assert record["id"] == one.uid
    # A test on people without a spend of its own says nothing about what the channel's money brings.
    assert record["channel"] is None
    assert json.loads(record["body"])["control"] == "Control"
    assert tables["assignments"].num_rows == Person.objects.count()
    services.experiment_conclude(one.uid, 5.0, 2.0, {}, "", "owner", timezone.localdate())
    assert measuring_tables()["assignments"].num_rows == 0


def test_a_result_from_elsewhere_becomes_the_record(owner, company, asked):
    begun = (timezone.localdate() - dt.timedelta(days=40)).isoformat()
    sent = asked | {"name": "Lift study", "unit": "geo", "metric": "revenue", "channel": "search", "start": begun,
                    "days": "28", "spend": "5000", "delta": "12,000", "se": "4000"}  # fmt: skip
    assert owner.post(PAGE + "typed/", sent).status_code == 302
    record = measuring_tables()["experiments"].to_pylist()[0]
    assert (record["delta"], record["se"], record["spend"]) == (1_200_000.0, 400_000.0, 500_000.0)
    assert (record["unit"], record["channel"]) == ("total", "search")
    assert (record["end"] - record["start"]).days == 27
    owner.cookies["regulars_language"] = "en"
    answer = owner.post(PAGE + "typed/", sent | {"se": "0"})
    assert answer.status_code == 422
    assert "above zero" in answer.content.decode()
    assert owner.post(PAGE + "typed/", sent | {"start": timezone.localdate().isoformat()}).status_code == 422


def test_the_calculator_answers_while_typing(owner, company):
    page = get(owner, PAGE + "power/?unit=person&days=28&share=50&wanted=500&arms=a,b", "en")
    assert "you will know about a change of 500 %" in page or "cannot be seen within a year" in page
    page = get(owner, PAGE + "power/?unit=geo&days=viel&share=&wanted=-3&arms=", "en")
    assert "too few weeks" in page or "Revenue moves by" in page
    seen = traffic.traffic("person", 28, 0.5, 0.2, 2)
    more = traffic.traffic("person", 28, 0.05, 0.2, 2)
    for a, b in zip(seen.lengths, more.lengths, strict=True):
        assert a.relative is None or b.relative is None or a.relative < b.relative
    assert get(owner, PAGE + "new/?channel=search&unit=geo", "en").count("selected") >= 2


def test_every_code_has_words():
    assert set(words.CODES) >= {"better", "worse", "cannot_tell", "too_few", "unfair"}
    assert set(services.METRICS) == set(words.METRICS)
    assert set(services.UNITS) == set(words.UNITS)


def test_the_page_costs_a_fixed_number_of_queries(owner, found, django_assert_max_num_queries):
    made()
    get(owner)
    with django_assert_max_num_queries(11):
        get(owner)
