"""The worker: does jobs beside the web process, and turns the wheel once a day."""

from __future__ import annotations

import logging
import os
import signal
import threading
from datetime import datetime, time, timedelta

log = logging.getLogger(__name__)


def due(now: datetime, last: datetime | None, turn_at: str) -> bool:
    """Whether the daily turn is due: its hour has come and no turn has happened since.

    >>> from datetime import timezone
    >>> seven = datetime(2026, 3, 5, 7, 30, tzinfo=timezone.utc)
    >>> due(seven, seven - timedelta(hours=12), "07:00"), due(seven, seven, "07:00"), due(seven, None, "")
    (True, False, False)
    """
    if not turn_at:
        return False
    hour = datetime.combine(now.date(), time.fromisoformat(turn_at), now.tzinfo)
    if now < hour:
        hour -= timedelta(days=1)
    return last is not None and last < hour


def main() -> None:
    """Work until told to stop, or until the process that started us is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.web.settings")
    import django

    django.setup()
    from django.conf import settings

    from regulars.web.jobs.services import job_start, work
    from regulars.web.plans.queries import last_turn

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    parent = int(os.environ.get("REGULARS_PARENT", "0"))

    def watch() -> None:
        while not stop.wait(2.0):
            if parent and os.getppid() != parent:
                stop.set()

    def clock() -> None:
        while not stop.wait(60.0):
            company = settings.HOME.settings
            turned = last_turn()
            if due(datetime.now(company.tz), turned, company.turn_at):
                job_start("wheel_turn")
            news()

    def news() -> None:
        from regulars.web.bridge.segment_news import news_renew

        try:
            news_renew(datetime.now(settings.HOME.settings.tz))
        except Exception:
            # The next turn finds everybody anew; the clock must go on.
            log.exception("the members of segments could not be brought up to date")

    threading.Thread(target=watch, daemon=True).start()
    threading.Thread(target=clock, daemon=True).start()
    work(until=stop)


if __name__ == "__main__":
    main()
