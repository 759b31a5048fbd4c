"""What a turn asks of the book: the place where people, plans and messages are kept, whatever keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pyarrow as pa

    from regulars.decide.turn import Proposal
    from regulars.measure.turn import Measurement
    from regulars.understand.turn import Understanding


class Book(Protocol):
    """``web/bridge/book.py`` is the one on a database; a test or a trial may keep its own in memory."""

    def collect(self, now: datetime) -> int:
        """Move waiting facts from the inbox into the lake; returns how many."""

    def people(self) -> pa.Table:
        """One row a person: customer, stage, language, zone, channel, market, email_ok, created_at."""

    def texts(self) -> pa.Table:
        """What customers wrote, as ``tables.TEXTS``."""

    def products(self) -> pa.Table:
        """The words for the product codes, as ``tables.PRODUCTS``."""

    def measuring(self) -> Mapping[str, pa.Table]:
        """What the owner wrote down that measuring needs, as ``tables.MEASURING``."""

    def deciding(self) -> Mapping[str, pa.Table]:
        """What the owner wrote down that deciding needs, as ``tables.DECIDING``."""

    def approved(self) -> list[str]:
        """Ids of the plans the owner said yes to; only they can have earned anything."""

    def understood(self, understanding: Understanding, now: datetime) -> None:
        """Keep scores, segments and model cards where pages can serve them."""

    def measured(self, measurement: Measurement, now: datetime) -> None:
        """Put what plans earned beside what they promised."""

    def proposed(self, proposal: Proposal, plan: str, lake_version: str, now: datetime) -> None:
        """Keep a plan for the owner to approve."""

    def act(self, now: datetime) -> Mapping[str, int]:
        """Queue the messages of approved plans through the gate; returns counts by state."""
