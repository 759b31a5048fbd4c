"""The whole loop as a competitor of the trial: the real turn on a lake of its own, with an owner who says yes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
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

HOLDOUT_SHARE = 0.05
SALT = "trial"
# The owner saves where the next yuan is said to earn less than this.
CLEARLY = 0.9
# What the plan rests on; usage, baskets and feedback feed boards only, and the turn of the trial is brief.
READ = ("orders", "touches", "spend", "subscriptions", "messages")


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
        self._now = datetime.min.replace(tzinfo=UTC)

    def __enter__(self) -> Loop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._folder.cleanup()

    # --- as a policy ----------------------------------------------------------------------

    def plan(self, now: datetime) -> Move:
        """One turn of the real loop."""
        self._now = now
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
                if rows.num_rows and name in READ:
                    self.lake.append(name, rows, "trial", self._seq)
                    count += rows.num_rows
        self.waiting = []
        return count

    def people(self) -> pa.Table:
        """Everybody, without name, address or hidden trait; whoever is resting may not be written to now."""
        have = self.seen.people
        free = pc.is_in(have.column("customer"), value_set=self.seen.free(self._now))
        nobody_else = pa.repeat(pa.scalar(False), len(have))
        allowed = {n: free if n == "email_ok" else nobody_else for n in PEOPLE.names if n.endswith("_ok")}
        return pa.table({n: allowed[n] if n in allowed else have.column(n) for n in PEOPLE.names}).cast(PEOPLE)

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
        """What the owner is ready to try, and that there is nobody to call people."""
        rows = [{"channel": c, "low": 0.0, "high": None, "frozen": False} for c in self.rules.untried]
        limits = pa.Table.from_pylist(rows, schema=DECIDING["limits"])
        contacts = pa.Table.from_pylist([{"channel": "phone", "most": 0}], schema=DECIDING["contacts"])
        empty = {name: shape.empty_table() for name, shape in DECIDING.items()}
        return {**empty, "limits": limits, "contacts": contacts}

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
        self._follow(proposal)
        money = rows.filter(pc.equal(rows.column("kind"), "budget"))
        self.budget |= {
            c: round(x) for c, x in zip(money["subject"].to_pylist(), money["proposed"].to_pylist(), strict=True)
        }
        wanted = rows.filter(pc.and_(pc.equal(rows["kind"], "next_best"), pc.equal(rows["channel"], "email")))
        self.offers = wanted.sort_by([("value", "descending"), ("customer", "ascending")])[: self._room()]

    def _room(self) -> int:
        """How many to draw: whoever is held back takes no room, so others come up for them."""
        return int(self.rules.capacity / (1 - HOLDOUT_SHARE))

    def _follow(self, proposal: Proposal) -> None:
        """Spend no more next week than the plan says is worthwhile, where it says that clearly."""
        budget = proposal.budget
        if budget is not None:
            price = budget.shadow_prices.get("total")
            enough = price is not None and price.more < CLEARLY
            total = (
                min(self.rules.total, budget.worthwhile) if enough or budget.unspent else self.settings.weekly_budget
            )
            grown = price is not None and price.more > 1.0
            total = min(self.rules.total, round(1.1 * total)) if grown else total
            self.settings = replace(self.settings, weekly_budget=total)

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
        # The lot may hold back fewer than usual; the room for messages is the same for every policy.
        full = np.cumsum(np.asarray(pc.equal(state, "sent").to_numpy(zero_copy_only=False))) <= self.rules.capacity
        drawn, state = drawn.filter(pa.array(full)), state.filter(pa.array(full))
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
                "source": "trial",
                "id": drawn["key"],
                "revision": 0,
                "recorded_at": now,
                "at": now,
                "day": now.date(),
                "message": drawn["key"],
                "customer": drawn["customer"],
                "state": state,
                "plan": drawn["plan"],
                "action": drawn["action"],
                "channel": "email",
                "market": market,
            },
            n,
        )
