"""The link in every message: asked on GET, done on POST, for people and for mail programs alike."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from regulars.web.consents.models import Consent
from regulars.web.consents.queries import newest_states
from regulars.web.intake.models import InboxEvent
from regulars.web.outbox.models import Message
from regulars.web.outbox.unsubscribe import unsubscribe_url
from regulars.web.people.models import Person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)


@pytest.fixture
def person():
    now = timezone.now()
    person = Person.objects.create(
        key="c" * 12, name="李梅", email="li@example.com", source="t", created_at=now, updated_at=now
    )
    Consent.objects.create(person=person, channel="email", state="granted", basis="opt_in", source="t", at=NOW)
    Message.objects.create(
        uid="m1", person=person, action="win_back", language="zh", state="sent", created_at=now, sent_at=now,
        updated_at=now,
    )  # fmt: skip
    return person


def path(home, person):
    return unsubscribe_url(home, person.key, NOW).removeprefix(home.settings.base_url)


def test_following_the_link_changes_nothing(home, person, client):
    answer = client.get(path(home, person))
    assert answer.status_code == 200
    assert newest_states([person.key], "email") == {person.key: "granted"}


@pytest.mark.parametrize("body", ["List-Unsubscribe=One-Click", ""])
def test_one_click_unsubscribes_without_cookie_or_redirect(home, person, client, body):
    client.handler.enforce_csrf_checks = True
    answer = client.post(path(home, person), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert newest_states([person.key], "email") == {person.key: "denied"}
    assert Message.objects.get(uid="m1").state == "unsubscribed"
    assert InboxEvent.objects.filter(table="messages", body__state="unsubscribed").count() == 1


def test_twice_is_no_error(home, person, client):
    for _ in range(2):
        assert client.post(path(home, person)).status_code == 200
    assert InboxEvent.objects.filter(table="messages").count() == 1


def test_a_forged_link_does_nothing(home, person, client):
    forged = path(home, person)[:-6] + "AAAAA/"
    assert client.post(forged).status_code == 404
    assert newest_states([person.key], "email") == {person.key: "granted"}


def test_the_address_is_not_in_the_link(home, person):
    assert "example.com" not in path(home, person)
