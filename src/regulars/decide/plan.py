"""One plan as one object: money, resources, partners, people, time and tests, with what it promises and earned."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from regulars.decide.plan_changes import Comparison, compared
from regulars.decide.plan_lines import DROPPED, KINDS, Line, line_of
from regulars.decide.result import Estimate
from regulars.lake.frames import to_arrow
from regulars.tables import DECISIONS

GONE: Final = ("approved", "done", "denied")


@dataclass(frozen=True)
class Quota:
    """What an approved plan allows in its week: ``unit`` is ``contacts`` or ``money`` (minor units).

    ``action`` is empty for a whole channel.
    """

    unit: str
    channel: str
    action: str
    amount: int


@dataclass(frozen=True)
class Plan:
    """Everything one turn proposes, as the owner left it.

    ``rows`` has the columns of the decisions table and ``state`` (``proposed`` where it is missing). ``gain`` is the
    joint estimate of the money part, known from the parameter draws: the sum of the rows' ends would be too wide.
    ``realised`` is what was measured later, ``version`` counts the changes the owner made.

    Formula of ``predicted``: values add. Within the people the ends add, as if all erred together, because all rest
    on the same few uplifts; between parts errors are taken as independent, so half-widths add in squares:
    low = sum v_k - sqrt(sum (v_k - low_k)^2), high alike.

    >>> rows = DECISIONS.fill({
    ...     "id": ["p1#b#search", "p1#b#social"], "plan": "p1", "kind": "budget", "subject": ["search", "social"],
    ...     "today": [100.0, 100.0], "proposed": [150.0, 50.0], "value": [40.0, 10.0], "low": [10.0, -30.0],
    ...     "high": [70.0, 50.0]}, 2)
    >>> plan = Plan.read(rows)
    >>> plan.total, plan.predicted
    (200.0, Estimate(value=50.0, low=-20.0, high=120.0))
    >>> half = plan.decide(["p1#b#social"], "declined")
    >>> half.total, half.compare(plan).changes[0].what, half.compare(plan).money
    (250.0, 'yes', -50.0)
    """

    uid: str
    rows: pa.Table
    version: int = 1
    gain: Estimate | None = None
    realised: Estimate | None = None
    memo: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, decisions: Any, uid: str | None = None, **rest: Any) -> Plan:
        """A plan from rows of the decisions table (any kind of table); of ``uid``, or of the only plan there is.

        Raises ``ValueError`` when the rows are of several plans and none is named, or of an unknown kind.
        """
        table = to_arrow(decisions)
        missing = [c for c in ("id", "kind", "subject") if c not in table.column_names]
        if missing:
            raise ValueError(f"a plan needs the columns {', '.join(missing)}; see docs/tables.md, decisions")
        names = sorted(pc.unique(table.column("plan")).drop_null().to_pylist()) if "plan" in table.column_names else []
        if uid is None:
            if len(names) > 1:
                raise ValueError(f"the rows are of {len(names)} plans; name one of them, like {names[-1]!r}")
            uid = names[0] if names else ""
        if names:
            table = table.filter(pc.equal(table.column("plan"), uid))
        unknown = sorted(set(pc.unique(table.column("kind")).to_pylist()) - set(KINDS))
        if unknown:
            raise ValueError(f"a plan knows no decision of the kind {unknown[0]!r}; it knows {', '.join(KINDS)}")
        given = {c: table.column(c) for c in DECISIONS.names if c in table.column_names}
        rows = DECISIONS.fill(given, table.num_rows)
        state = table.column("state") if "state" in table.column_names else pa.nulls(table.num_rows, pa.string())
        return cls(uid, rows.append_column("state", pc.fill_null(state.cast(pa.string()), "proposed")), **rest)

    def decisions(self) -> pa.Table:
        """The rows as the decisions table keeps them, without the owner's yes and no."""
        return self.rows.drop_columns(["state"])

    def of(self, *kinds: str) -> tuple[Line, ...]:
        """The rows of some kinds, in the order of the plan; people are a table of their own, see ``people``."""
        wanted = pa.array([k for k in kinds if k != "next_best"], pa.string())
        rows = self.rows.filter(pc.is_in(self.rows.column("kind"), wanted))
        return tuple(line_of(r, self.uid) for r in rows.to_pylist())

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every row that is not about a single person."""
        return self.of(*KINDS)

    @property
    def money(self) -> tuple[Line, ...]:
        """The weekly budget by channel."""
        return self.of("budget")

    @property
    def resources(self) -> tuple[Line, ...]:
        """Data, compute, capacity."""
        return self.of("resource")

    @property
    def partners(self) -> tuple[Line, ...]:
        """Ways to market and partners."""
        return self.of("mode", "partner")

    @property
    def schedule(self) -> tuple[Line, ...]:
        """When things go out."""
        return self.of("schedule")

    @property
    def tests(self) -> tuple[Line, ...]:
        """Tests to run, and the shares of variants that are being tried."""
        return self.of("test", "arm")

    @property
    def people(self) -> pa.Table:
        """The next best action of each person that stands: one row a person."""
        kind, state = self.rows.column("kind"), self.rows.column("state")
        stands = pc.invert(pc.is_in(state, pa.array(DROPPED)))
        return self.rows.filter(pc.and_(pc.equal(kind, "next_best"), stands))

    @property
    def total(self) -> float:
        """Money a week over all channels, minor units."""
        return math.fsum(line.spends for line in self.money)

    @property
    def predicted(self) -> Estimate:
        """What money and people should earn, with what the owner declined left out.

        Rows of other kinds say what they earn over a term of their own (a contract with a partner: a year) or are
        counted in these two already, so they do not add.
        """
        parts: list[tuple[float, float, float]] = []
        money = self.money
        whole = all(line.stands for line in money)
        if money and whole and self.gain is not None and self.gain.low is not None and self.gain.high is not None:
            parts.append((self.gain.value, self.gain.low, self.gain.high))
        elif money:
            parts.append(_added(money))
        people = self.people
        if people.num_rows:
            value, low, high = (pc.sum(people.column(c)).as_py() or 0.0 for c in ("value", "low", "high"))
            parts.append((value, low, high))
        return independent(parts)

    def decide(self, ids: Collection[str], state: str) -> Plan:
        """The same plan with some rows (by id) approved, declined or proposed again."""
        chosen = pc.is_in(self.rows.column("id"), pa.array(list(ids), pa.string()))
        states = pc.if_else(chosen, state, self.rows.column("state"))
        place = self.rows.column_names.index("state")
        return replace(self, rows=self.rows.set_column(place, "state", states), version=self.version + 1)

    def split(self, amounts: Mapping[str, float], gain: Estimate | None = None) -> Plan:
        """The same plan with other money: minor units a week by channel; what each row earns becomes unknown (0).

        Raises ``ValueError`` for a channel the plan has no money row for.
        """
        known = {line.subject for line in self.money}
        strange = sorted(set(amounts) - known)
        if strange:
            raise ValueError(f"the plan has no money for channel {strange[0]!r}")
        rows = []
        for r in self.rows.to_pylist():
            amount = amounts.get(r["subject"]) if r["kind"] == "budget" else None
            if amount is not None and amount != r["proposed"]:
                r |= {"proposed": float(amount), "value": None, "low": None, "high": None}
            rows.append(r)
        return replace(self, rows=pa.Table.from_pylist(rows, schema=self.rows.schema), gain=gain,
                       version=self.version + 1)  # fmt: skip

    def compare(self, other: Plan) -> Comparison:
        """What changes from this plan to the other: rows matched by what they are about, people by person.

        Money is in minor units a week. A declined row counts as not done: its channel stays as it is today.
        """
        return compared(self, other)

    def quotas(self) -> tuple[Quota, ...]:
        """What the approved rows allow: contacts by channel and action, and money a week by channel."""
        people = self.rows.filter(pc.equal(self.rows.column("kind"), "next_best"))
        people = people.filter(pc.is_in(people.column("state"), pa.array(GONE)))
        sums = people.group_by(["channel", "subject"], use_threads=False).aggregate([("customer", "count")])
        found = sorted((r["channel"] or "", r["subject"], r["customer_count"]) for r in sums.to_pylist())
        money = [Quota("money", m.subject, "", round(m.proposed or 0.0)) for m in self.money if m.state in GONE[:2]]
        return (*money, *(Quota("contacts", c, a, n) for c, a, n in found))

    def told(self, before: Plan | None = None) -> tuple[str, ...]:
        """The memo in reason codes, without words of any language: what moves, what it earns, what is not known.

        With ``before`` it tells the changes from that plan; without, the changes from today.
        """
        if before is not None:
            found = before.compare(self)
            said = [f"plan_{c.what}:{c.subject}={abs(c.money):.0f}"
                     for c in sorted(found.changes, key=lambda c: -abs(c.money)) if c.kind == "budget"]  # fmt: skip
            said += [f"plan_people_{w}={n}" for w, n in
                      (("joined", found.joined), ("left", found.left), ("switched", found.switched)) if n]  # fmt: skip
            return (*said, f"plan_value={found.value:.0f}", *(() if said else ("plan_same",)))
        moves = sorted(((m.spends - (m.today or 0.0), m.subject) for m in self.money), key=lambda m: (-abs(m[0]), m[1]))
        said = [f"plan_{'more' if d > 0 else 'less'}:{s}={abs(d):.0f}" for d, s in moves if abs(d) >= 0.5]
        known = {c.partition("=")[0] for c in said}
        return (*said, *(c for c in self.memo if c.partition("=")[0] not in known))

    def measured(self, outcomes: Any) -> tuple[Estimate | None, Estimate | None]:
        """What the measured parts promised and what they earned, from rows of the outcomes table.

        Only parts whose realised gain has an interval count, and the promise is that of the same parts: a plan
        half of which could not be measured must not look as if it had missed. Parts are different people or
        channels, so their errors add in squares.
        """
        earned: list[tuple[float, float, float]] = []
        promised: list[tuple[float, float, float]] = []
        rows = [r for r in to_arrow(outcomes).to_pylist() if r["plan"] == self.uid]
        hopes = {r["subject"]: r for r in rows if r["name"] == "predicted"}
        for r in rows:
            if r["name"] != "realised" or not _ends(r):
                continue
            earned.append((r["value"], r["low"], r["high"]))
            if r["subject"] in hopes and _ends(hopes[r["subject"]]):
                hope = hopes[r["subject"]]
                promised.append((hope["value"], hope["low"], hope["high"]))
        if not earned:
            return None, None
        return (independent(promised) if promised else None), independent(earned)


def independent(parts: Iterable[tuple[float, float, float]]) -> Estimate:
    """The sum of estimates (value, low, high) whose errors have nothing to do with each other.

    >>> independent([(10, 7, 13), (20, 16, 24)])
    Estimate(value=30.0, low=25.0, high=35.0)
    """
    rows = [(float(v), float(low), float(high)) for v, low, high in parts]
    value = math.fsum(v for v, _, _ in rows)
    below = math.sqrt(math.fsum((v - low) ** 2 for v, low, _ in rows))
    above = math.sqrt(math.fsum((high - v) ** 2 for v, _, high in rows))
    return Estimate(value, value - below, value + above)


def _added(lines: Iterable[Line]) -> tuple[float, float, float]:
    """Rows of one part: their errors are not independent, so the ends add."""
    kept = [line for line in lines if line.stands]
    return math.fsum(k.value for k in kept), math.fsum(k.low for k in kept), math.fsum(k.high for k in kept)


def _ends(row: Mapping[str, Any]) -> bool:
    return all(row[c] is not None and row[c] == row[c] for c in ("value", "low", "high"))
