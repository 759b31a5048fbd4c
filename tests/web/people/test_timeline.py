"""The timeline shows every fact once, newest first, page after page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from regulars.web.outbox.models import Message
from regulars.web.people.timeline import TABS, timeline


def walk(key, tab, limit):
    items, before = [], None
    for _page in range(100):
        page = timeline(key, tab, before, limit=limit)
        items += page.items
        before = page.before
        if before is None:
            return items
    raise AssertionError("the timeline does not end")


@pytest.mark.parametrize("tab", TABS)
def test_small_pages_give_what_one_large_page_gives(company, tab):
    key = company["li_mei"]
    whole = timeline(key, tab, limit=1000).items
    assert whole == sorted(whole, key=lambda i: i.at, reverse=True)
    assert walk(key, tab, 7) == whole


def test_everything_is_there(company):
    items = timeline(company["li_mei"], "all", limit=1000).items
    icons = [i.icon for i in items]
    counts = {icon: icons.count(icon) for icon in set(icons)}
    # 40 orders, 40 visits, 1 rating with its words, 1 message, a deal opened and won, 1 consent
    assert counts == {"shopping-bag": 40, "click": 40, "message-2": 1, "mail": 1, "briefcase": 2, "shield-check": 1}


def test_days_are_the_company_s_days(company):
    page = timeline(company["li_mei"], "all", limit=1000)
    for day, items in page.days:
        assert {timezone.localtime(i.at).date() for i in items} == {day}


def test_things_of_one_moment_stay_on_one_page(company):
    at = timezone.now()
    for i in range(5):
        Message.objects.create(uid=f"same{i}", person_id=company["lead"], action="win_back", step=str(i), language="zh",
                               state="sent", created_at=at, sent_at=at, updated_at=at)  # fmt: skip
    first = timeline(company["lead"], "messages", limit=2)
    assert len(first.items) == 5
    assert first.before is None


def test_a_message_is_where_it_was_sent_not_where_it_was_written(company):
    now = timezone.now()
    Message.objects.create(uid="late", person_id=company["lead"], action="care", language="zh", state="sent",
                           created_at=now - timedelta(days=9), sent_at=now, updated_at=now)  # fmt: skip
    assert timeline(company["lead"], "messages", now - timedelta(days=1)).items == []
