"""The book as the loop sees it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from regulars.web.bridge.cards import cards_store
from regulars.web.bridge.deciding import deciding_tables
from regulars.web.bridge.findings import findings_store
from regulars.web.bridge.intake import flush
from regulars.web.bridge.measuring import measuring_tables
from regulars.web.bridge.outcomes import outcomes_store
from regulars.web.bridge.people import people_table
from regulars.web.bridge.plans import plan_store, revised_append
from regulars.web.bridge.products import products_table
from regulars.web.bridge.scores import scores_publish
from regulars.web.bridge.segment_rules import definitions_renew
from regulars.web.bridge.segments import segments_store
from regulars.web.bridge.sending import queue_approved
from regulars.web.bridge.texts import texts_table
from regulars.web.plans.queries import approved_plans
from regulars.web.plans.services import Autopilot, autopilot_approve

if TYPE_CHECKING:
    from regulars.decide.turn import Proposal
    from regulars.home import Home
    from regulars.lake import Lake
    from regulars.measure.turn import Measurement
    from regulars.understand.turn import Understanding


class DjangoBook:
    """``regulars.book.Book`` on the database of this home."""

    def __init__(self, home: Home, lake: Lake) -> None:
        self.home = home
        self.lake = lake

    def collect(self, now: datetime) -> int:
        """Move waiting facts from the inbox into the lake, and the splits the owner changed."""
        revised_append(self.lake)
        return flush(self.lake)

    def people(self) -> pa.Table:
        """One row a person, without name or address."""
        return people_table()

    def texts(self) -> pa.Table:
        """What customers wrote; it stays in the book."""
        return texts_table()

    def products(self) -> pa.Table:
        """The words for the product codes."""
        return products_table()

    def measuring(self) -> Mapping[str, pa.Table]:
        """What the owner wrote down that measuring needs."""
        return measuring_tables()

    def deciding(self) -> Mapping[str, pa.Table]:
        """What the owner wrote down that deciding needs."""
        return deciding_tables()

    def approved(self) -> list[str]:
        """Plans that were approved, whole or in part."""
        return approved_plans()

    def understood(self, understanding: Understanding, now: datetime) -> None:
        """Keep scores, segments and model cards."""
        scores_publish(understanding.scores, now)
        segments_store(understanding.segments, now)
        definitions_renew(now)
        cards_store(understanding.cards, now)
        findings_store(understanding.findings, now)

    def measured(self, measurement: Measurement, now: datetime) -> None:
        """Put what plans earned beside what they promised."""
        outcomes_store(measurement.outcomes, now)
        cards_store(measurement.cards, now)
        findings_store(measurement.findings, now)

    def proposed(self, proposal: Proposal, plan: str, lake_version: str, now: datetime) -> None:
        """Keep a plan for the owner to approve."""
        settings = self.home.settings
        cards_store(proposal.cards, now)
        findings_store(proposal.findings, now)
        if not proposal.decisions.num_rows:
            return
        if plan_store(proposal, plan, currency=settings.currency, lake_version=lake_version, now=now):
            rules = Autopilot(settings.autopilot_people, settings.autopilot_money, settings.autopilot_sure,
                              settings.autopilot_modes, settings.autopilot_contracts)  # fmt: skip
            autopilot_approve(plan, settings.autopilot, rules)

    def act(self, now: datetime) -> Mapping[str, int]:
        """Queue the messages of approved plans through the gate."""
        return queue_approved(self.home, self.lake, now)
