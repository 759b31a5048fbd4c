"""Takes facts in, or moves them to the lake, until killed: run as a program by the test beside it.

One process loads the program and forks those that are to be killed: starting each afresh costs a hundred times more.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)
BATCH = 7


def accept(name: str, ledger: Path) -> None:
    """Hand in one batch after the other; write its number down once it is committed.

    A batch that was not written down is handed in again, as a sender does that got no answer.
    """
    from regulars.web.intake.services import inbox_accept

    lines = ledger.read_text().split("\n")[:-1] if ledger.exists() else []
    number = len(lines)
    with ledger.open("ab", buffering=0) as file:
        if ledger.stat().st_size:
            file.truncate(sum(len(line) + 1 for line in lines))
        print("ready", flush=True)
        while True:
            inbox_accept("touches", "site", [touch(f"{name}-{number}-{n}") for n in range(BATCH)])
            file.write(f"{number}\n".encode())
            number += 1


def touch(id: str) -> dict[str, object]:
    at = NOW + timedelta(seconds=random.randrange(90 * 86_400))
    return {"id": id, "at": at, "day": at.date(), "kind": "visit", "channel": "web"}


def flush(_name: str, _ledger: Path) -> None:
    from regulars.web.bridge import intake
    from regulars.web.bridge.lake import lake

    print("ready", flush=True)
    while True:
        intake.flush(lake(), batch=50)


def once(_name: str, _ledger: Path) -> None:
    from regulars.web.bridge import intake
    from regulars.web.bridge.lake import lake

    intake.flush(lake())
    print("done", flush=True)


def main() -> None:
    """Start what each line of the input asks for: ``what name ledger``; the first answer is its process id."""
    from django.core.management import call_command
    from django.db import connections

    import regulars.lake
    import regulars.web.bridge.intake  # noqa: F401

    call_command("migrate", verbosity=0)
    connections.close_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while line := sys.stdin.readline():
        what, name, ledger = line.split()
        child = os.fork()
        if child == 0:
            print(os.getpid(), flush=True)
            {"accept": accept, "flush": flush, "once": once}[what](name, Path(ledger))
            os._exit(0)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.web.settings"
    import django

    django.setup()
    main()
