"""A test on markets or by the clock: its page says what the turn read, and the form to conclude is filled with it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from regulars.web.experiments.models import Experiment
from regulars.web.findings.models import Finding

NOW = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)
TEST = {
    "id": "field1", "unit": "geo", "figure": "revenue", "markets": ["CN"], "effect": 1_234_500.0, "low": 200_000.0,
    "high": 2_269_000.0, "se": 629_000.0, "relative": 0.083, "p_value": 0.042, "placements": 23, "fit_error": 0.03,
    "weights": [["US", 0.6], ["JP", 0.4]], "detectable": 0.06, "plan": [], "limits": ["poor_fit_before"],
    "path": [["2026-02-16", 90_000.0, 88_000.0, None, None], ["2026-02-23", 99_000.0, 90_000.0, 80_000.0, 100_000.0]],
}  # fmt: skip


@pytest.fixture
def kept(company):
    return Experiment.objects.create(
        uid="field1", name="No ads in the north", metric="revenue", unit="geo", channel="search", market="CN",
        start=timezone.localdate() - dt.timedelta(days=20), days=28, made_by="owner", drawn_at=NOW, created_at=NOW,
    )  # fmt: skip


def page_of(owner, language):
    owner.cookies["regulars_language"] = language
    return owner.get("/measure/experiments/field1/").content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Compared with a mix of:", "Japan 40%", "23 other sets of markets", "8.3%")),
     ("zh-hans", ("对照组合", "日本 40%", "23", "8.3%"))],
)  # fmt: skip
def test_the_page_says_what_changed_and_against_what(owner, kept, language, words):
    Finding.objects.create(
        topic="field_tests", made_at=NOW, body={"tests": [TEST], "currency": "CNY", "made_by": "x/1"}
    )
    page = page_of(owner, language)
    for word in words:
        assert word in page
    assert 'value="12345.00"' in page
    assert 'value="6290.00"' in page


def test_a_test_by_the_clock_says_when_to_switch(owner, kept):
    Experiment.objects.update(unit="time")
    today = timezone.localdate()
    plan = [[(today + dt.timedelta(days=i)).isoformat(), int(i % 4 < 2)] for i in range(-4, 12)]
    empty = dict.fromkeys(("effect", "low", "high", "se", "relative", "p_value", "fit_error", "detectable"))
    body = {"tests": [{**TEST, **empty, "unit": "time", "plan": plan, "path": [], "weights": []}], "made_by": "x/1"}
    Finding.objects.create(topic="field_tests", made_at=NOW, body=body)
    page = page_of(owner, "en")
    assert "When it is on" in page
    assert page.count("bg-blue-lt") >= 3
    assert "Nothing can be said yet." in page


def test_before_the_next_turn_the_page_opens_without_it(owner, kept):
    assert "Compared with" not in page_of(owner, "en")
