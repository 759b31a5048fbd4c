"""The outbox as the sender sees it: every method is one committed transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from regulars.act import outbox
from regulars.act.gate import Recipient, Send
from regulars.act.holdout import flow_of
from regulars.act.mime import Email
from regulars.act.outbox import OutboxRow
from regulars.act.sender import Claimed
from regulars.web.outbox.facts import messages_state
from regulars.web.outbox.models import Message
from regulars.web.outbox.recipients import recipients
from regulars.web.outbox.unsubscribe import unsubscribe_url
from regulars.web.plans.quotas import places

if TYPE_CHECKING:
    from regulars.home import Home

FIELDS = ("state", "attempts", "not_before", "lease_until", "claimed_by", "started_at", "sent_at", "reason", "detail")


def row_of(message: Message) -> OutboxRow:
    """A message row as the rules see it."""
    return OutboxRow(**{f: getattr(message, f) for f in FIELDS})


def _values(row: OutboxRow) -> dict[str, object]:
    values: dict[str, object] = {f: getattr(row, f) for f in FIELDS}
    return values | {"detail": row.detail[:500], "reason": row.reason[:60], "updated_at": timezone.now()}


class DjangoOutbox:
    """``act.sender.OutboxStore`` on the database of this home."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def claim(self, limit: int, worker: str, now: datetime, lease: timedelta) -> Sequence[Claimed]:
        """Take due rows by a conditional update each; rows beyond their lease are put right first."""
        self._expire(now)
        due = Message.objects.filter(state="queued").exclude(not_before__gt=now).order_by("not_before", "id")
        taken = []
        with transaction.atomic():
            for message in due[:limit]:
                row = outbox.claim(row_of(message), worker, now, lease)
                if Message.objects.filter(id=message.id, state="queued").update(**_values(row)) == 1:
                    taken.append((message, row))
        return list(self._claimed(taken, now))

    def _expire(self, now: datetime) -> None:
        for message in Message.objects.filter(state="claimed", lease_until__lte=now):
            row = outbox.expire(row_of(message), now)
            with transaction.atomic():
                mine = Message.objects.filter(
                    id=message.id, state="claimed", claimed_by=message.claimed_by, lease_until=message.lease_until
                )
                if mine.update(**_values(row)) == 1:
                    messages_state([(message, row)], now)

    def _claimed(self, taken: Iterable[tuple[Message, OutboxRow]], now: datetime) -> Iterable[Claimed]:
        taken = list(taken)
        known = recipients([m.person_id for m, _ in taken], now, without=[m.id for m, _ in taken])
        settings = self.home.settings
        free = places([m for m, _ in taken], now)
        for message, row in taken:
            who = known[message.person_id]
            yield Claimed(
                id=message.uid,
                row=row,
                send=Send(
                    key=message.uid,
                    channel=message.channel,
                    flow=flow_of(message.plan_id, message.action),
                    quota_left=free[message.id],
                ),
                recipient=Recipient(
                    customer=who.key,
                    address=who.address,
                    consent=who.consent,
                    zone=who.zone,
                    suppressed=False,
                    sent=who.sent,
                ),
                email=Email(
                    key=message.uid,
                    from_address=settings.smtp_from or "nobody@example.invalid",
                    from_name=settings.company,
                    to_address=who.address,
                    to_name=who.name,
                    subject=message.subject,
                    text=message.text,
                    html=message.html,
                    date=now,
                    unsubscribe_url=unsubscribe_url(self.home, who.key, now),
                ),
            )

    def start(self, id: str, worker: str, now: datetime, lease: timedelta) -> OutboxRow | None:
        """Say, durably, that the transport is about to be called; None when the claim is lost."""
        message = Message.objects.get(uid=id)
        try:
            row = outbox.start(row_of(message), worker, now, lease)
        except outbox.IllegalChangeError:
            return None
        mine = Message.objects.filter(uid=id, state="claimed", claimed_by=worker, started_at=None)
        return row if mine.update(**_values(row)) == 1 else None

    def record(self, id: str, worker: str, row: OutboxRow, now: datetime) -> bool:
        """Write what became of a message, and the fact of it, together."""
        with transaction.atomic():
            mine = Message.objects.filter(uid=id, state="claimed", claimed_by=worker)
            if mine.update(**_values(row)) != 1:
                return False
            messages_state([(Message.objects.get(uid=id), row)], now)
        return True
