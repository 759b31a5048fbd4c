"""People never written to: since when, who, and what the page says of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.web.experiments.test_experiments_page import found, get  # noqa: F401

from regulars.act.holdout import Holdout
from regulars.web.audit.models import Entry
from regulars.web.bridge.experiments import assignments_table
from regulars.web.experiments.apart import YEAR, apart_kept, apart_table
from regulars.web.experiments.models import Apart
from regulars.web.people.models import Person

pytestmark = pytest.mark.django_db
HALF = Holdout(0.0, "salt", everywhere=0.5)


def test_a_change_of_the_share_begins_anew_and_is_on_record(company):
    now = timezone.now()
    assert apart_kept(0.0, now) is None
    one = apart_kept(0.1, now)
    assert apart_kept(0.1, now + timedelta(days=1)) == one
    two = apart_kept(0.2, now + timedelta(days=2))
    assert (two.share, Apart.objects.get(pk=one.pk).until) == (0.2, now + timedelta(days=2))
    assert apart_kept(0.0, now + timedelta(days=3)) is None
    assert not Apart.objects.filter(until=None).exists()
    assert Entry.objects.filter(action="holdout_everywhere").count() == 3


def test_everybody_is_in_one_arm_from_when_they_became_known(company):
    now = timezone.now()
    since = now - timedelta(days=400)
    assert apart_table(HALF, now).num_rows == 0
    apart_kept(0.5, since)
    rows = apart_table(HALF, now).to_pylist()
    assert {r["customer"] for r in rows} == set(Person.objects.values_list("key", flat=True))
    begin = since + YEAR
    born = dict(Person.objects.values_list("key", "created_at"))
    for r in rows:
        assert r["arm"] == ("held" if HALF.held_everywhere(r["customer"]) else "treated")
        assert r["start_s"] == int(max(begin, born[r["customer"]]).timestamp())
        assert r["until_s"] == int((begin + YEAR).timestamp())
    assert assignments_table().num_rows == 0  # the share of the settings is nought


def test_the_page_shows_what_all_writing_earns(owner, found):  # noqa: F811
    found.body["everywhere"] = {**found.body["trials"][0], "id": "everywhere"}
    found.save()
    said = get(owner, language="en")
    assert "everybody beside those never written to" in said
    assert "All writing together" in said
    assert "全部触达加起来" in get(owner)
