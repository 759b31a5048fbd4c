"""Trying out: begin, choose, reward, record, bring in, finish; what is wrong is said in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from regulars.web.adaptive.models import Exposure, Tryout
from regulars.web.bridge.deciding import deciding_tables

PAGE = "/decide/adaptive/"
ASKED = {"name": "Advert", "kind": "creative", "reward": "yes_no", "arms": "Photo\nQuote", "days": "1", "floor": "10",
         "weeks": "4", "memory": "always"}  # fmt: skip


def get(client, language="en"):
    client.cookies["regulars_language"] = language
    return client.get(PAGE).content.decode()


@pytest.fixture
def one(company, owner):
    assert owner.post(f"{PAGE}new/", ASKED).status_code == 302
    return Tryout.objects.get()


@pytest.mark.django_db
def test_an_empty_page_leads_to_the_first_try_out(company, owner):
    text = get(owner)
    assert "This page shows what you try out" in text
    assert "Begin" in text
    owner.cookies["regulars_language"] = "en"
    for wrong, words in (({"arms": "Only one"}, "two to eight"), ({"name": ""}, "name"), ({"floor": "51"}, "51")):
        answer = owner.post(f"{PAGE}new/", {**ASKED, **wrong})
        assert answer.status_code == 422
        assert words in answer.content.decode()


@pytest.mark.django_db
def test_each_exposure_is_chosen_once_with_its_chance_and_rewarded_once(one, owner):
    first = owner.post(f"{PAGE}{one.uid}/choose/", {"key": "k1"}).json()
    assert first["chance"] == pytest.approx(0.5)
    assert first["arm"] in ("Photo", "Quote")
    assert owner.post(f"{PAGE}{one.uid}/choose/", {"key": "k1"}).json() == first
    assert owner.post(f"{PAGE}{one.uid}/reward/", {"key": "k1"}).json() == {"counted": True}
    assert owner.post(f"{PAGE}{one.uid}/reward/", {"key": "k1"}).json() == {"counted": False}
    rows = deciding_tables()["exposures"].to_pylist()
    assert [r["won"] for r in rows if r["shown"]] == [1]


@pytest.mark.django_db
def test_outcomes_from_a_file_speak_and_the_try_out_ends(one, owner, django_assert_max_num_queries):
    old = (timezone.now() - timedelta(days=5)).strftime("%Y-%m-%d %H:%M")
    Tryout.objects.update(started=timezone.now() - timedelta(days=6))
    data = f"arm,at,shown,won,key\nPhoto,{old},1000,90,a\nQuote,{old},1000,30,b\n".encode()
    for _ in range(2):  # the same file twice counts once
        assert owner.post(f"{PAGE}{one.uid}/record/", {"file": SimpleUploadedFile("a.csv", data)}).status_code == 302
    with django_assert_max_num_queries(12):
        text = get(owner)
    assert "One is clearly ahead" in text
    assert "Finish with Photo" in text
    assert owner.post(f"{PAGE}{one.uid}/finish/", {"winner": "Photo"}).status_code == 302
    assert Tryout.objects.get().winner == "Photo"
    assert owner.post(f"{PAGE}{one.uid}/choose/").status_code == 409
    assert "已结束" in get(owner, "zh-hans")
    assert owner.post(f"{PAGE}{one.uid}/explode/").status_code == 404


@pytest.mark.django_db
def test_what_cannot_be_is_refused_and_nothing_is_kept(one, owner):
    owner.cookies["regulars_language"] = "en"
    for said, words in (({"arm": "Nobody", "shown": "5"}, "no variant"), ({"arm": "Photo", "shown": "5", "won": "6"},
                        "More successes"), ({"arm": "Photo", "shown": "many"}, "many")):  # fmt: skip
        answer = owner.post(f"{PAGE}{one.uid}/record/", said)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    bad = SimpleUploadedFile("a.csv", b"arm,at\nPhoto,2026-01-01 10:00\nPhoto,someday\n")
    answer = owner.post(f"{PAGE}{one.uid}/record/", {"file": bad})
    assert answer.status_code == 422
    assert "Row 3" in answer.content.decode()
    assert Exposure.objects.filter(shown__gt=0).count() == 0


@pytest.mark.django_db
def test_little_traffic_is_said(one, owner):
    Tryout.objects.update(started=timezone.now() - timedelta(days=7))
    at = timezone.now() - timedelta(days=6)
    Exposure.objects.bulk_create([Exposure(tryout=one, arm=a, at=at, shown=100, won=5) for a in ("Photo", "Quote")])
    assert "Too little traffic" in get(owner)
