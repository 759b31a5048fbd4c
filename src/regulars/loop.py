"""One turn of the wheel: collect, understand, measure, decide, act.

Tables in, tables out. Measuring comes before deciding because what the last
plan earned is an input of the next one. Safe to run twice: every result is
appended under the turn's own ``now``, so a second run at the same moment
changes nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regulars import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from regulars.book import Book
    from regulars.home import Settings
    from regulars.lake import Lake

STAGES = ("collect", "understand", "measure", "decide", "act")


@dataclass(frozen=True)
class Turn:
    """What one turn did."""

    now: datetime
    lake_version: str
    plan: str
    collected: int
    scores: int
    kpis: int
    decisions: int
    queued: Mapping[str, int]
    repeated: bool
    failed: tuple[str, ...] = ()


def plan_id(now: datetime) -> str:
    """A short id for the plan of this moment: the day and five letters of the instant.

    >>> from datetime import datetime, timezone
    >>> plan_id(datetime(2026, 3, 5, 7, tzinfo=timezone.utc))[:8]
    '20260305'
    """
    instant = hashlib.blake2s(now.isoformat().encode(), digest_size=4).hexdigest()[:5]
    return f"{now:%Y%m%d}{instant}"


def turn(
    lake: Lake,
    book: Book,
    *,
    now: datetime,
    settings: Settings,
    progress: Callable[[str, float], None] = lambda stage, share: None,
    brief: bool = False,
) -> Turn:
    """Turn the wheel once.

    Args:
        lake: where the facts rest.
        book: where people, plans and messages are kept.
        now: the moment this turn believes in, with a time zone.
        settings: the company's settings.
        progress: told the stage and the share of the turn that is done.
        brief: make the plan and what it rests on, and none of the boards.

    Raises:
        ValueError: when ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    from regulars.decide.turn import decide
    from regulars.measure.turn import measure
    from regulars.understand.turn import understand

    progress("collect", 0.0)
    collected = book.collect(now)
    version = lake.version()
    facts: dict[str, Any] = {name: lake.current(name) for name, table in tables.TABLES.items() if table.fact}

    progress("understand", 0.1)
    people = book.people()
    understanding = understand(
        facts, now=now, settings=settings, lake_version=version,
        people=people, texts=book.texts(), products=book.products(), brief=brief,
    )  # fmt: skip
    seq = int(now.timestamp() * 1_000_000)
    fresh = lake.append("scores", understanding.scores, "loop", seq) if understanding.scores.num_rows else True

    progress("measure", 0.4)
    decisions = lake.table("decisions")
    decisions = decisions.filter(decisions["plan"].isin([*book.approved(), ""]))
    measurement = measure(
        {**facts, "scores": lake.table("scores")}, understanding.scores, decisions,
        now=now, settings=settings, lake_version=version, book=book.measuring(), brief=brief,
    )  # fmt: skip
    for name, rows in (("kpis", measurement.kpis), ("outcomes", measurement.outcomes)):
        if rows.num_rows:
            lake.append(name, rows, "loop", seq)

    progress("decide", 0.6)
    plan = plan_id(now)
    proposal = decide(
        people, understanding.scores, measurement.kpis, measurement.outcomes,
        now=now, settings=settings, lake_version=version, plan_id=plan,
        facts={**facts, "decisions": decisions},
        findings={**understanding.findings, **measurement.findings}, book=book.deciding(), brief=brief,
    )  # fmt: skip
    if proposal.decisions.num_rows:
        lake.append("decisions", proposal.decisions, "loop", seq)

    progress("act", 0.75)
    book.understood(understanding, now)
    book.measured(measurement, now)
    if proposal.decisions.num_rows or proposal.findings:
        book.proposed(proposal, plan, version, now)
    progress("act", 0.9)
    queued = book.act(now)
    progress("act", 1.0)
    return Turn(
        now, version, plan, collected, understanding.scores.num_rows, measurement.kpis.num_rows,
        proposal.decisions.num_rows, queued, repeated=not fresh, 
        failed=understanding.failed + measurement.failed + proposal.failed,
    )  # fmt: skip
