"""A home with messages in line, and a sender that can be killed: run as a program by the test beside it."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)


def prepare(count: int) -> None:
    """Put ``count`` approved messages in line."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from regulars.web.consents.models import Consent
    from regulars.web.outbox.models import Message
    from regulars.web.people.models import Person

    for number in range(count):
        person = Person.objects.create(
            key=f"p{number:011d}",
            name="李梅",
            email=f"p{number}@example.com",
            source="t",
            created_at=NOW,
            updated_at=NOW,
        )
        Consent.objects.create(person=person, channel="email", state="granted", basis="opt_in", source="t", at=NOW)
        Message.objects.create(
            uid=f"m{number}", person=person, action="win_back", language="zh", subject="好久不见", text="您好",
            html="<p>您好</p>", created_at=NOW, updated_at=NOW,
        )  # fmt: skip


def send(minutes: int) -> None:
    """Send until nothing is due, so many minutes later; says ``ready`` when it begins."""
    from django.conf import settings

    from regulars.web.bridge import sending

    sending.flush(sending.lake())
    print("ready", flush=True)
    sending.send_due(settings.HOME, now=NOW + timedelta(minutes=minutes))


def states() -> None:
    """Print what became of each message."""
    from regulars.web.outbox.models import Message

    for uid, state in Message.objects.values_list("uid", "state"):
        print(uid, state)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.web.settings"
    import django

    django.setup()
    {"prepare": lambda: prepare(int(sys.argv[2])), "send": lambda: send(int(sys.argv[2])), "states": states}[
        sys.argv[1]
    ]()
