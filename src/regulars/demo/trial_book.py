"""The whole loop as a competitor of the trial: the real turn on a lake of its own, with an owner who says yes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from regulars.act.turn import act
from regulars.demo.facts import Facts
from regulars.demo.trial_policies import MESSAGES, Move, Rules, Seen, nobody
from regulars.home import Settings
from regulars.lake import Lake
from regulars.loop import turn
from regulars.tables import DECIDING, MEASURING, PEOPLE, PRODUCTS, TABLES, TEXTS

if TYPE_CHECKING:
    from regulars.decide.turn import Proposal
    from regulars.measure.turn import Measurement
    from regulars.understand.turn import Understanding

HOLDOUT_SHARE = 0.10
SALT = "trial"


class Loop:
    """A policy that turns the wheel once a week and does what the plan says; use as a context (it makes a folder).

    It approves every budget and the best messages up to the capacity; nobody is drawn again within four weeks.
    """

    def __init__(self, rules: Rules, seen: Seen, settings: Settings | None = None) -> None:
        self.rules, self.seen = rules, seen
        self.settings = settings or Settings(
            margin=rules.margin, message_cost=rules.message_cost, weekly_budget=rules.total,
            holdout_share=HOLDOUT_SHARE, cap_messages=1, cap_days=28, zone="Asia/Shanghai",
        )  # fmt: skip
        self._folder = tempfile.TemporaryDirectory(prefix="regulars-trial-")
        self.lake = Lake(Path(self._folder.name))
        self.waiting: list[Facts] = [seen.facts]
        self.plans: list[str] = []
        self.budget: dict[str, int] = dict(rules.last_quarter)
        self.drafts: pa.Table = nobody()
        self.proposal: Proposal | None = None
        self._seq = 0

    def __enter__(self) -> Loop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._folder.cleanup()

    # --- as a policy ----------------------------------------------------------------------

    def plan(self, now: datetime) -> Move:
        """One turn of the real loop."""
        turn(self.lake, self, now=now, settings=self.settings, brief=True)
        return Move(dict(self.budget), self.drafts)

    def learn(self, facts: Facts, people: pa.Table) -> None:
        """Put the week's facts into the inbox."""
        self.waiting.append(facts)
        self.seen.more(facts, people)

    # --- as the book of the loop ----------------------------------------------------------

    def collect(self, now: datetime) -> int:
        """Move waiting facts into the lake."""
        count = 0
        for part in self.waiting:
            self._seq += 1
            for name, rows in part.items():
                if rows.num_rows and TABLES[name].fact:
                    self.lake.append(name, rows, "trial", self._seq)
                    count += rows.num_rows
        self.waiting = []
        return count

    def people(self) -> pa.Table:
        """Everybody, without name, address or hidden trait."""
        have = self.seen.people
        columns = {n: have.column("consent_email" if n == "email_ok" else n) for n in PEOPLE.names}
        return pa.table(columns).cast(PEOPLE)

    def texts(self) -> pa.Table:
        """Nobody wrote anything."""
        return TEXTS.empty_table()

    def products(self) -> pa.Table:
        """Codes need no words here."""
        return PRODUCTS.empty_table()

    def measuring(self) -> Mapping[str, pa.Table]:
        """The owner wrote nothing down."""
        return {name: shape.empty_table() for name, shape in MEASURING.items()}

    def deciding(self) -> Mapping[str, pa.Table]:
        """The owner is ready to try some channels that never had money."""
        rows = [{"channel": c, "low": 0.0, "high": None, "frozen": False} for c in self.rules.untried]
        limits = pa.Table.from_pylist(rows, schema=DECIDING["limits"])
        return {**{name: shape.empty_table() for name, shape in DECIDING.items()}, "limits": limits}

    def approved(self) -> list[str]:
        """Every plan made so far."""
        return self.plans

    def understood(self, understanding: Understanding, now: datetime) -> None:
        """Nothing is kept for pages."""

    def measured(self, measurement: Measurement, now: datetime) -> None:
        """Nothing is kept for pages."""

    def proposed(self, proposal: Proposal, plan: str, lake_version: str, now: datetime) -> None:
        """Say yes: to the budget, and to the most valuable messages there is room for."""
        self.proposal = proposal
        self.plans.append(plan)
        rows = proposal.decisions
        money = rows.filter(pc.equal(rows.column("kind"), "budget"))
        self.budget |= {
            c: round(x) for c, x in zip(money["subject"].to_pylist(), money["proposed"].to_pylist(), strict=True)
        }
        wanted = rows.filter(pc.equal(rows.column("kind"), "next_best"))
        wanted = wanted.filter(pc.is_in(wanted.column("customer"), value_set=self.seen.free(now)))
        self.offers = wanted.sort_by([("value", "descending"), ("customer", "ascending")])[: self.rules.capacity]

    def act(self, now: datetime) -> Mapping[str, int]:
        """Send through the gate; what became of each draft is a fact of the next turn."""
        offers = self.offers
        about = self.people()
        # Places of the world's clocks are left out: everybody reads in the morning.
        about = about.set_column(about.schema.get_field_index("zone"), "zone", pa.repeat("Asia/Shanghai", len(about)))
        drafts = act(offers, about, TABLES["messages"].empty(), now=now, settings=self.settings,
                     salt=SALT)  # fmt: skip
        drawn = drafts.filter(pc.is_in(drafts.column("state"), value_set=pa.array(["queued", "holdout"])))
        state = pc.if_else(pc.equal(drawn.column("state"), "queued"), "sent", "holdout")
        self.drafts = pa.table(
            {"customer": drawn["customer"], "action": drawn["action"], "state": state}, schema=MESSAGES
        )
        self.seen.drawn.update(dict.fromkeys(drawn["customer"].to_pylist(), now))
        self.waiting.append({"messages": self._facts(drawn, state, now)})
        return {"sent": int(pc.sum(pc.equal(state, "sent")).as_py() or 0)}

    def _facts(self, drawn: pa.Table, state: Any, now: datetime) -> pa.Table:
        market = self.seen.people.column("market").take(
            pc.index_in(drawn["customer"], value_set=self.seen.people.column("customer").combine_chunks())
        )
        n = len(drawn)
        shape = TABLES["messages"]
        return shape.fill(
            {
                "source": "trial", "id": drawn["key"], "revision": 0, "recorded_at": now, "at": now, "day": now.date(),
                "message": drawn["key"], "customer": drawn["customer"], "state": state, "plan": drawn["plan"],
                "action": drawn["action"], "channel": "email", "market": market,
            },
            n,
        )

