"""Facts born in the book reach the lake exactly once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.web.bridge.intake import flush
from regulars.web.bridge.lake import lake
from regulars.web.intake.models import InboxEvent
from regulars.web.intake.services import inbox_accept

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)


def touch(number: int) -> dict:
    return {"id": f"t{number}", "customer": "c" * 12, "at": NOW, "day": NOW.date(), "kind": "visit", "channel": "web"}


def test_accepted_facts_arrive_once(home):
    inbox_accept("touches", "site", [touch(n) for n in range(5)])
    inbox_accept("touches", "site", [touch(4), touch(5)])
    assert InboxEvent.objects.count() == 6
    assert flush(lake()) == 6
    assert flush(lake()) == 0
    rows = lake().table("touches").to_pyarrow().to_pylist()
    assert sorted(r["id"] for r in rows) == [f"t{n}" for n in range(6)]
    assert rows[0]["at"] == NOW
    assert rows[0]["day"] == NOW.date()


def test_a_crash_between_append_and_prune_doubles_nothing(home, monkeypatch):
    inbox_accept("touches", "site", [touch(n) for n in range(3)])
    kept = list(InboxEvent.objects.values())
    flush(lake())
    flush(lake())  # prunes what the watermark covers
    assert not InboxEvent.objects.exists()
    InboxEvent.objects.bulk_create(InboxEvent(**row) for row in kept)  # as if the prune had never happened
    inbox_accept("touches", "site", [touch(9)])
    assert flush(lake()) == 1
    assert lake().table("touches").count().to_pyarrow().as_py() == 4


def test_facts_that_come_in_meanwhile_wait_for_the_next_call(home, monkeypatch):
    inbox_accept("touches", "site", [touch(n) for n in range(3)])
    kept = lake()
    append, number = kept.append, iter(range(100, 110))  # ends with StopIteration where the old loop ran for ever

    def busy(*arguments):
        inbox_accept("touches", "site", [touch(next(number))])
        return append(*arguments)

    monkeypatch.setattr(kept, "append", busy)
    assert flush(kept, batch=2) == 3
    assert InboxEvent.objects.count() == 2


def test_a_fact_with_an_unknown_column_is_refused_whole(home):
    with pytest.raises(KeyError, match="colour"):
        inbox_accept("touches", "site", [touch(1), {**touch(2), "colour": "red"}])
    assert not InboxEvent.objects.exists()
