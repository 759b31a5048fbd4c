"""Reads pages and takes facts in until told to stop: run as a program by the test beside it."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections import Counter
from datetime import UTC, datetime

PAGES = (
    "/", "/collect/imports/", "/understand/people/", "/understand/people/?sort=-created&count=1", "/decide/plan/",
    "/act/messages/", "/measure/kpis/", "/search/palette/?q=%E9%A1%BE%E5%AE%A2", "/trust/",
)  # fmt: skip


def read(stop: threading.Event, said: Counter[str], problems: list[str]) -> None:
    """Open one page after the other."""
    from django.db import connection
    from django.test import Client

    from regulars.web.accounts.services import owner_ensure

    browser = Client()
    try:
        browser.force_login(owner_ensure(), backend="django.contrib.auth.backends.ModelBackend")
        while not stop.is_set():
            for page in PAGES:
                answer = browser.get(page)
                said[f"{answer.status_code}"] += 1
                if answer.status_code >= 400:
                    problems.append(f"{page}: {answer.status_code}")
    except Exception as error:
        problems.append(f"{type(error).__name__}: {error}")
    finally:
        connection.close()


def take(stop: threading.Event, said: Counter[str], problems: list[str]) -> None:
    """Take facts in as fast as a busy site would."""
    from django.db import connection

    from regulars.web.intake.services import inbox_accept

    number = 0
    try:
        while not stop.wait(0.005):
            at = datetime.now(UTC)
            inbox_accept("touches", "site", [{"id": f"t{number}", "at": at, "day": at.date(), "kind": "visit"}])
            number += 1
    except Exception as error:
        problems.append(f"{type(error).__name__}: {error}")
    finally:
        said["taken"] = number
        connection.close()


def main() -> None:
    stop, said, problems = threading.Event(), Counter(), []
    workers = [threading.Thread(target=work, args=(stop, said, problems)) for work in (read, read, take)]
    for worker in workers:
        worker.start()
    print("ready", flush=True)
    sys.stdin.readline()
    stop.set()
    for worker in workers:
        worker.join()
    print(json.dumps({"said": said, "problems": problems}))


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "regulars.web.settings"
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    main()
