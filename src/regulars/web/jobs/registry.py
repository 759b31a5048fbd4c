"""Every job there is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from regulars.web.jobs.services import Progress, job


@job("wheel_turn")
def wheel_turn(argument: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Turn the wheel; done again for the same moment it changes nothing."""
    from regulars.web.bridge.wheel import wheel_turn as turn

    home = settings.HOME
    now = datetime.fromisoformat(argument["now"]) if "now" in argument else datetime.now(home.settings.tz)
    return turn(home, now=now, progress=progress)


@job("messages_send")
def messages_send(argument: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Queue what has been approved and send what is due; a message is never sent twice."""
    from regulars.web.bridge.sending import send_due

    home = settings.HOME
    now = datetime.fromisoformat(argument["now"]) if "now" in argument else timezone.now()
    return send_due(home, now=now, limit=100_000, progress=progress)


@job("file_import")
def file_import(argument: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Import an uploaded file; done again it finds everything unchanged."""
    from regulars.web.bridge.imports import import_file
    from regulars.web.imports.queries import run_of

    home = settings.HOME
    run = run_of(argument["run"])
    if run is None:
        raise ValueError(f"there is no import {argument['run']}")
    with translation.override(argument.get("language") or home.settings.language):
        answer = import_file(
            home,
            Path(home.path / run.path),
            as_kind=run.kind or None,
            source=run.source or None,
            mapping=argument.get("mapping"),
            reading=argument.get("reading"),
            dry_run=argument.get("dry_run", False),
            now=timezone.now(),
            actor=argument.get("by", "owner"),
            progress=progress,
            run=run,
        )
    return {k: v for k, v in answer.items() if k != "mapping"}


@job("demo_make")
def demo_make(argument: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Make the demo company in an empty home."""
    from regulars.web.bridge.demo import demo_make as make

    home = settings.HOME
    until = datetime.now(home.settings.tz)
    return make(home, people=argument.get("people", 5000), seed=8, until=until, progress=progress)


@job("backup_make")
def backup_make(argument: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Write a backup; done again it is a second backup, which harms nobody."""
    from regulars.web.bridge.backup import backup_make as make

    return {"backup": make(settings.HOME, progress=progress).name}


@job("segment_find")
def segment_find(argument: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Find the people of one of the owner's segments; done again it finds the same."""
    from regulars.web.bridge.segment_news import definition_find

    definition_find(argument["uid"], timezone.now())
    return {"segment": argument["uid"]}


@job("watch_fetch")
def watch_fetch(argument: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Read every feed and page the owner turned on; done again it finds nothing new."""
    from regulars.web.market_watch.services import watches_fetch

    progress("watch", 0.0)
    return watches_fetch(timezone.now(), again=True)
