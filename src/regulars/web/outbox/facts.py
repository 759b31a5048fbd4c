"""What became of a message, as a fact for the lake, in the same transaction as its row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from regulars.act.outbox import OutboxRow
from regulars.web.intake.services import inbox_accept
from regulars.web.outbox.models import Message

FINAL = frozenset({"sent", "holdout", "denied", "failed", "unknown", "sandboxed", "bounced", "unsubscribed"})


def messages_state(changes: Iterable[tuple[Message, OutboxRow]], now: datetime) -> None:
    """Take in one fact for each message that came to rest; a message in line is no fact yet."""
    zone = settings.HOME.settings.tz
    inbox_accept(
        "messages",
        "regulars",
        (
            {
                "id": f"{message.uid}#{row.state}",
                "message": message.uid,
                "customer": message.person_id,
                "at": now,
                "day": now.astimezone(zone).date(),
                "state": row.state,
                "reason": row.reason or None,
                "plan": message.plan_id,
                "action": message.action,
                "channel": message.channel,
            }
            for message, row in changes
            if row.state in FINAL
        ),
    )
