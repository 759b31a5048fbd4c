"""News between two turns: a fact in the inbox changes its person's own segments before it rests in the lake."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import transaction

from regulars import tables
from regulars.web.bridge.intake import events_table
from regulars.web.bridge.lake import lake
from regulars.web.bridge.people import in_chunks
from regulars.web.bridge.segment_rules import definition_renew, members_set, people_columns
from regulars.web.intake.models import InboxEvent
from regulars.web.segments.models import SegmentDefinition, SegmentMember

# More news than this wait for the next turn; what one query takes at once.
MOST_NEWS, AT_ONCE = 20_000, 900


def definition_find(uid: str, now: datetime) -> None:
    """Find the members of a new or changed segment, news included."""
    definition_renew(uid, now)
    news_renew(now, everything=True)


def news_renew(now: datetime, everything: bool = False) -> int:
    """Bring what came into the inbox since the last look into the members of every segment.

    ``everything``: also what came before; a segment that was just made has not seen it.
    One query a segment and some thousand people, over these people only; the next turn looks at everybody.
    Returns how many people had news.
    """
    known = list(SegmentDefinition.objects.filter(deleted_at=None, members_at__isnull=False))
    since = min((one.members_at for one in known), default=None)
    if since is None:
        return 0
    waiting = InboxEvent.objects.exclude(customer="").order_by("id")
    waiting = waiting if everything else waiting.filter(at__gte=since)
    keys = list(dict.fromkeys(waiting.values_list("customer", flat=True)[:MOST_NEWS]))
    for piece in in_chunks(keys, AT_ONCE):
        _renew_these(known, piece, now)
    return len(keys)


def _renew_these(known: list[SegmentDefinition], keys: list[str], now: datetime) -> None:
    from regulars.understand.segment_parser import RuleProblem, parse
    from regulars.understand.segment_query import segment_people
    from regulars.understand.segment_rules import tables_needed
    from regulars.understand.segment_traits import columns_needed

    company, facts = settings.HOME.settings, {}
    events = list(InboxEvent.objects.filter(customer__in=keys))
    for one in known:
        try:
            rule = parse(one.rule)
        except RuleProblem:
            continue
        for name in tables_needed(rule) - set(facts):
            facts[name] = _these(name, keys, [e for e in events if e.table == name])
        people = people_columns(columns_needed(rule), keys)
        found = segment_people(rule, people=people, facts=facts, now=now, zone=company.zone, currency=company.currency)
        rows = SegmentMember.objects.filter(definition=one.uid, person__in=keys)
        held = set(rows.values_list("person_id", flat=True))
        with transaction.atomic():
            members_set(one.uid, set(found.to_pylist()), held)
            size = SegmentMember.objects.filter(definition=one.uid).count()
            SegmentDefinition.objects.filter(uid=one.uid).update(members_at=now, size=size)


def _these(name: str, keys: list[str], news: list[InboxEvent]) -> pa.Table:
    """The facts of some people as they hold now, with what waits; a fact that is in both counts once."""
    rows = lake().current(name)
    stored = rows.filter(rows.customer.isin(keys)).to_pyarrow().cast(tables.TABLES[name].schema)
    if not news:
        return stored
    fresh = lake().upsert(name, events_table(name, news)).rows
    return pa.concat_tables([stored, fresh.filter(pc.equal(fresh["revision"], 0))])


def segments_of(key: str, now: datetime) -> list[tuple[str, str]]:
    """The own segments a person is in now, what waits in the inbox included; as (uid, name)."""
    known = list(SegmentDefinition.objects.filter(deleted_at=None))
    if not known:
        return []
    held = set(SegmentMember.objects.filter(person=key).values_list("definition_id", flat=True))
    news = list(InboxEvent.objects.filter(customer=key).order_by("id")[:MOST_NEWS])
    if news:
        held = _told(key, known, news, held, now)
    return [(one.uid, one.name) for one in known if one.uid in held]


def _told(key: str, known: list[SegmentDefinition], news: list[InboxEvent], held: set[str], now: datetime) -> set[str]:
    """Membership of one person after news; kept where it changed."""
    from regulars.understand.segment_members import SegmentMembers
    from regulars.understand.segment_parser import RuleProblem, parse
    from regulars.understand.segment_rules import tables_needed
    from regulars.understand.segment_traits import columns_needed

    company, touched = settings.HOME.settings, {event.table for event in news}
    facts: dict[str, pa.Table] = {}
    for one in known:
        try:
            rule = parse(one.rule)
        except RuleProblem:
            continue
        if not touched & tables_needed(rule):
            continue
        for name in tables_needed(rule) - set(facts):
            facts[name] = _with_news(name, key, [e for e in news if e.table == name])
        segment = SegmentMembers(rule=rule, zone=company.zone, currency=company.currency)
        segment.fit(people_columns(columns_needed(rule), [key]), facts, now=now)
        now_in, was_in = key in segment, one.uid in held
        if now_in != was_in:
            with transaction.atomic():
                members_set(one.uid, {key} if now_in else set(), {key} if was_in else set())
            held = held ^ {one.uid}
    return held


def _with_news(name: str, key: str, news: list[InboxEvent]) -> pa.Table:
    """One person's facts as they hold now, with what waits; a fact that is in both counts once."""
    stored = lake().customer(name, key)
    if not news:
        return stored
    seen = set(zip(stored.column("source").to_pylist(), stored.column("id").to_pylist(), strict=True))
    fresh = [e for e in news if (e.source, e.body.get("id")) not in seen]
    return pa.concat_tables([stored.cast(tables.TABLES[name].schema), events_table(name, fresh)]) if fresh else stored
