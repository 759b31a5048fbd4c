"""Who competes in the trial: habits of spending and writing that owners have; each sees facts and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company
from regulars.demo.campaigns import QUIET_DAYS
from regulars.demo.facts import Facts, join

PAID_CHANNELS = company.CHANNEL_KEYS[:-1]
REST_DAYS = 28
QUARTER = 13
MESSAGES = pa.schema([("customer", pa.string()), ("action", pa.string()), ("state", pa.string())])


@dataclass(frozen=True)
class Rules:
    """What the owner sets for everybody alike: money and messages a week, margin, costs, channels open to try."""

    total: int
    capacity: int
    last_quarter: Mapping[str, int]
    margin: float
    message_cost: int
    untried: tuple[str, ...] = ()


@dataclass(frozen=True)
class Move:
    """One week of a policy: minor units by channel, and the people drawn for a message (state sent or holdout)."""

    spend: Mapping[str, int]
    messages: pa.Table


@dataclass
class Seen:
    """What has come to light: facts, people without their hidden traits, and who was drawn for a message when."""

    facts: Facts
    people: pa.Table
    drawn: dict[str, datetime] = field(default_factory=dict)

    def more(self, facts: Facts, people: pa.Table) -> None:
        """A week later."""
        self.facts = join([self.facts, facts])
        self.people = pa.concat_tables([self.people, people])

    def free(self, now: datetime) -> pa.Array:
        """Everybody who may be written to: consent and address, and not drawn within four weeks."""
        resting = pa.array([c for c, at in self.drawn.items() if at > now - timedelta(days=REST_DAYS)], pa.string())
        customer = self.people.column("customer")
        mask = pc.and_(self.people.column("consent_email"), pc.invert(pc.is_in(customer, value_set=resting)))
        return customer.filter(mask).combine_chunks()

    def recent(self, now: datetime) -> pa.Array:
        """Everybody with a paid order in the last 45 days."""
        orders = self.facts["orders"]
        since = pa.scalar(now - timedelta(days=QUIET_DAYS), pa.timestamp("us", tz="UTC"))
        paid = pc.and_(pc.equal(orders.column("kind"), "sale"), pc.equal(orders.column("status"), "paid"))
        return orders.filter(pc.and_(paid, pc.greater(orders.column("at"), since))).column("customer").combine_chunks()


class Policy(Protocol):
    """A way to run the company."""

    def plan(self, now: datetime) -> Move:
        """The plan of the week that begins at ``now``."""

    def learn(self, facts: Facts, people: pa.Table) -> None:
        """What the week brought to light."""


def nobody() -> pa.Table:
    """No messages."""
    return MESSAGES.empty_table()


class Habit:
    """Fixed or naive money, and messages by response score or none."""

    def __init__(self, rules: Rules, seen: Seen, money: str, writes: bool) -> None:
        self.rules, self.seen, self.money, self.writes = rules, seen, money, writes

    def plan(self, now: datetime) -> Move:
        """Spend by habit; write to those likeliest to buy."""
        return Move(self._spend(now), by_response(self.seen, self.rules, now) if self.writes else nobody())

    def learn(self, facts: Facts, people: pa.Table) -> None:
        """Keep the week's facts."""
        self.seen.more(facts, people)

    def _spend(self, now: datetime) -> dict[str, int]:
        if self.money == "last_quarter":
            return dict(self.rules.last_quarter)
        if self.money == "equal":
            return parts(dict.fromkeys(PAID_CHANNELS, 1.0), self.rules.total)
        return parts(last_click(self.seen, now), self.rules.total) or dict(self.rules.last_quarter)


def parts(weight: Mapping[str, float], total: int) -> dict[str, int]:
    """The total in proportion to the weights, in whole minor units; nothing where all weights are nothing.

    >>> parts({"a": 1.0, "b": 3.0}, 100)
    {'a': 25, 'b': 75}
    """
    whole = sum(weight.values())
    return {c: int(total * w / whole) for c, w in weight.items()} if whole > 0 else {}


def last_click(seen: Seen, now: datetime) -> dict[str, float]:
    """Revenue credited to the last touch within 90 days, over spend, by channel in the last 13 weeks."""
    since = pa.scalar(now - timedelta(weeks=QUARTER), pa.timestamp("us", tz="UTC"))
    orders, touches, spend = (seen.facts[n].to_pandas() for n in ("orders", "touches", "spend"))
    recent = orders[(orders["at"] >= since.as_py()) & (orders["at"] < now)].sort_values("at")
    credit = _last_touch(recent, touches.sort_values("at")).groupby("channel")["amount"].sum()
    money = spend[(spend["at"] >= since.as_py()) & (spend["at"] < now)].groupby("channel")["amount"].sum()
    return {c: float(credit.get(c, 0.0) / money[c]) if money.get(c, 0) > 0 else 0.0 for c in PAID_CHANNELS}


def _last_touch(orders: pd.DataFrame, touches: pd.DataFrame) -> pd.DataFrame:
    left, right = orders[["customer", "at", "amount"]], touches[["customer", "at", "channel"]]
    return pd.merge_asof(left, right, on="at", by="customer", tolerance=pd.Timedelta(days=90)).dropna(
        subset=["channel"]
    )


def by_response(seen: Seen, rules: Rules, now: datetime) -> pa.Table:
    """Write to those likeliest to order: most orders in 90 days, then the latest; what is sent follows recency."""
    orders = seen.facts["orders"].filter(pc.equal(seen.facts["orders"].column("kind"), "sale")).to_pandas()
    orders = orders[(orders["status"] == "paid") & (orders["at"] < now)]
    last = orders.groupby("customer")["at"].max()
    count = orders[orders["at"] >= now - timedelta(days=90)].groupby("customer").size().reindex(last.index).fillna(0)
    free = set(seen.free(now).to_pylist())
    ranked = sorted((c for c in last.index if c in free), key=lambda c: (-count[c], -last[c].timestamp(), c))
    who = ranked[: rules.capacity]
    action = ["cross_sell" if last[c] > now - timedelta(days=QUIET_DAYS) else "win_back" for c in who]
    return pa.table({"customer": who, "action": action, "state": ["sent"] * len(who)}, schema=MESSAGES)
