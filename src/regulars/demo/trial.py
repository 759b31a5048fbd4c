"""One company, one policy, week after week: what it earned in expectation under the truth, and what was booked."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.demo import company
from regulars.demo.clock import Reals
from regulars.demo.simulate import Company, advance, simulate
from regulars.demo.state import State
from regulars.demo.trial_oracle import Truth, best_messages
from regulars.demo.trial_policies import MESSAGES, PAID_CHANNELS, QUARTER, Habit, Move, Policy, Rules, Seen
from regulars.demo.trial_worlds import Kind

WEEKS: Final = 26
PEOPLE: Final = 10_000
MARGIN: Final = 0.6
MESSAGE_COST: Final = 5
CAPACITY: Final = 0.10
"""Messages a week, as a share of the people the company begins with."""
HIDDEN: Final = ("segment", "buyer_kind")
POLICIES: Final = ("last_quarter", "equal", "last_click", "response", "last_click_response", "loop", "oracle")


@dataclass(frozen=True)
class Week:
    """One week of one policy, minor units: expected contribution of its money and of its messages, and the booked.

    ``booked`` is margin on the money that came in less refunds, less spend and the cost of messages: noisy, and it
    holds what earlier weeks sowed. ``spend`` by channel, ``sent`` messages.
    """

    money: float
    messages: float
    booked: float
    spend: Mapping[str, int]
    sent: int

    @property
    def earned(self) -> float:
        """Expected contribution of the week's plan."""
        return self.money + self.messages


@dataclass(frozen=True)
class Start:
    """Where every policy of one (kind, seed) begins."""

    kind: Kind
    made: Company
    now: datetime
    rules: Rules
    truth: Truth


class Oracle:
    """Knows the truth: true curves, true worth, true effects. The only policy that is given any of it."""

    def __init__(self, start: Start, seen: Seen, state: Callable[[], State]) -> None:
        self.start, self.seen, self.state = start, seen, state

    def plan(self, now: datetime) -> Move:
        """The spend and the messages that earn the most in expectation this week."""
        state = self.state()
        week = (now - self.start.now).days // 7
        best = self.start.truth.best_spend(self.start.rules.total, self.start.kind.at(week), state.end)
        free = self.seen.free(now)
        who, action = best_messages(self.start.truth, state, free, self.seen.recent(now), self.start.rules.capacity)
        messages = pa.table({"customer": who, "action": action, "state": ["sent"] * len(action)}, schema=MESSAGES)
        return Move({c: int(x) for c, x in zip(PAID_CHANNELS, best, strict=True)}, messages)

    def learn(self, facts: Any, people: pa.Table) -> None:
        """Facts tell it nothing new; it must know who there is."""
        self.seen.more(facts, people)


def begin(kind: Kind, seed: int, *, people: int = PEOPLE, months: int = 18, cohort: int = 24_000) -> Start:
    """Make the company and what the owner lays down for everybody: last quarter's money in all, and the capacity."""
    now = datetime(2026, 4, 6, 9, tzinfo=ZoneInfo(company.ZONE))
    made = simulate(people, seed, until=now, months=months, world=kind.world)
    spent = made.facts["spend"].to_pandas()
    recent = spent[spent["at"] >= now - timedelta(weeks=QUARTER, hours=9)].groupby("channel")["amount"].sum() / QUARTER
    plan = {c: int(recent.get(c, 0.0)) for c in PAID_CHANNELS}
    rules = Rules(sum(plan.values()), round(CAPACITY * people), plan, MARGIN, MESSAGE_COST, kind.untried)
    return Start(kind, made, now, rules, Truth.of(made.state, MARGIN, MESSAGE_COST, cohort))


def visible(people: pa.Table) -> pa.Table:
    """The people without the traits that only the simulation knows."""
    return people.drop_columns([c for c in HIDDEN if c in people.column_names])


def run(start: Start, name: str, *, weeks: int = WEEKS, tell: Callable[[int, Week], None] | None = None) -> list[Week]:
    """Let one policy run the company for some weeks; the same start and name give the same weeks."""
    state, out = start.made.state, []
    seen = Seen(start.made.facts, visible(start.made.people))
    with contextlib.ExitStack() as stack:
        policy = _policy(start, name, seen, lambda: state, stack)
        for week in range(weeks):
            now = start.now + timedelta(weeks=week)
            world = start.kind.at(week)
            move = policy.plan(now)
            if sum(move.spend.values()) > start.rules.total + len(move.spend):
                raise ValueError(f"{name} spends {sum(move.spend.values())} of {start.rules.total} in week {week}")
            seen.drawn.update(dict.fromkeys(move.messages.column("customer").to_pylist(), now))
            part = advance(
                state, move.messages.append_column("at", pa.repeat(pa.scalar(now, pa.timestamp("us", tz="UTC")),
                                                                   len(move.messages))),
                now, now + timedelta(weeks=1), spend=dict(move.spend), world=world,
            )  # fmt: skip
            done = account(start, state, move, week, part)
            out.append(done)
            if tell is not None:
                tell(week, done)
            policy.learn(part.facts, visible(part.people))
            state = part.state
    return out


def account(start: Start, state: State, move: Move, week: int, part: Company) -> Week:
    """What the week's plan earns in expectation, and what the week booked."""
    truth, world = start.truth, start.kind.at(week)
    spend: Reals = np.array([move.spend.get(c, 0) for c in PAID_CHANNELS], dtype=np.float64)
    sent = move.messages.filter(pc.equal(move.messages.column("state"), "sent"))
    row = pc.index_in(sent.column("customer"), value_set=state.cast.customer).to_numpy().astype(np.int64)
    messages = float(truth.message_worth(state.cast, row, sent.column("action").to_pylist(), state.end).sum())
    income = float(pc.sum(part.facts["orders"].column("amount")).as_py() or 0)
    booked = truth.margin * income - float(spend.sum()) - truth.message_cost * len(sent)
    return Week(truth.earned(spend, world, state.end), messages, booked, dict(move.spend), len(sent))


def _policy(start: Start, name: str, seen: Seen, state: Callable[[], State], stack: contextlib.ExitStack) -> Policy:
    if name == "loop":
        from regulars.demo.trial_book import Loop

        return stack.enter_context(Loop(start.rules, seen))
    if name == "oracle":
        return Oracle(start, seen, state)
    habits = {
        "last_quarter": ("last_quarter", False), "equal": ("equal", False), "last_click": ("last_click", False),
        "response": ("last_quarter", True), "last_click_response": ("last_click", True),
    }  # fmt: skip
    if name not in habits:
        raise ValueError(f"no policy {name!r}; there are {', '.join(POLICIES)}")
    return Habit(start.rules, seen, *habits[name])
