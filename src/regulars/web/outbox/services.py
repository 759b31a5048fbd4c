"""Writes of messages by a person: unsubscribe, send again, cancel."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from regulars.act import outbox
from regulars.web.audit.services import record
from regulars.web.consents.services import consent_set
from regulars.web.outbox.facts import messages_state
from regulars.web.outbox.models import Message
from regulars.web.outbox.store import _values, row_of
from regulars.web.outbox.unsubscribe import unsubscribe_person

if TYPE_CHECKING:
    from regulars.home import Home


def unsubscribe(home: Home, token: str, now: datetime) -> str:
    """Take back consent for e-mail at once; the same link twice is no error. Returns the person.

    Raises ``trust.crypto.TokenError`` when the link is not one of ours.
    """
    person = unsubscribe_person(home, token, now)
    with transaction.atomic():
        consent_set(person, "email", "denied", basis="unsubscribe", source="link", at=now, by="recipient")
        last = Message.objects.filter(person_id=person, state="sent").order_by("-sent_at").first()
        if last is not None:
            row = outbox.change(row_of(last), "unsubscribed")
            Message.objects.filter(id=last.id).update(**_values(row))
            messages_state([(last, row)], now)
    return person


def message_requeue(uid: str, by: str) -> None:
    """Send an unclear or failed message again: the owner looked at it and wants it so.

    Raises ``outbox.IllegalChangeError`` when it is neither.
    """
    with transaction.atomic():
        message = Message.objects.get(uid=uid)
        row = outbox.requeue(row_of(message), timezone.now())
        Message.objects.filter(uid=uid, state=message.state).update(**_values(row))
        record(by, "message_requeue", uid)


def message_cancel(uid: str, by: str) -> bool:
    """Take a message out of the line; one that a sender holds already cannot be stopped."""
    now = timezone.now()
    with transaction.atomic():
        message = Message.objects.filter(uid=uid, state="queued").first()
        if message is None:
            return False
        row = outbox.change(row_of(message), "denied", reason="owner")
        if Message.objects.filter(uid=uid, state="queued").update(**_values(row)) != 1:
            return False
        messages_state([(message, row)], now)
        record(by, "message_cancel", uid)
    return True


def messages_withdraw(ids: list[int]) -> int:
    """Take messages of a plan that was put back out of the line, as if they had never stood there.

    One that a sender has taken in the meantime stays: it may have left.
    """
    gone = 0
    for at in range(0, len(ids), 500):
        gone += Message.objects.filter(id__in=ids[at : at + 500], state="queued").delete()[0]
    return gone
