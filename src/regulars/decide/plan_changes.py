"""Two plans beside each other: what changed row by row, in money and in people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from regulars.decide.plan import Plan
    from regulars.decide.plan_lines import Line

What = Literal["more", "less", "added", "dropped", "yes", "no", "value"]


@dataclass(frozen=True)
class Change:
    """One row that differs: ``before`` or ``after`` is None where the row is new or gone.

    ``money`` is the change of what it spends a week, ``value`` the change of what it should earn.
    """

    kind: str
    key: str
    what: What
    before: Line | None
    after: Line | None
    money: float
    value: float

    @property
    def subject(self) -> str:
        """What it is about, like a channel."""
        one = self.after or self.before
        return one.subject if one else self.key


@dataclass(frozen=True)
class Group:
    """The people of one action in both plans: how many, and what they should earn."""

    before: int
    after: int
    value_before: float
    value_after: float

    @property
    def gained(self) -> float:
        """The change of what it should earn."""
        return self.value_after - self.value_before

    @property
    def changed(self) -> bool:
        """Whether anything of it differs."""
        return self.before != self.after or abs(self.gained) >= 0.5


@dataclass(frozen=True)
class Comparison:
    """What changes from one plan to another.

    ``changes`` are the rows that are not about single people, in the order of the plan; ``money`` is the change of
    the weekly total, ``moved`` what leaves one channel for another or for no channel; ``value`` the change of the
    expected gain. Of the people, ``joined`` and ``left`` are acted on in one plan only, ``switched`` get another
    action or channel, ``same`` nothing else; ``actions`` are the counts by action.
    """

    changes: tuple[Change, ...]
    money: float
    moved: float
    value: float
    joined: int
    left: int
    switched: int
    same: int
    actions: Mapping[str, Group]

    @property
    def nothing(self) -> bool:
        """Whether both plans would do the same."""
        return not self.changes and not (self.joined or self.left or self.switched)


def compared(before: Plan, after: Plan) -> Comparison:
    """The changes from ``before`` to ``after``; see ``Plan.compare``."""
    old, new = ({line.key: line for line in p.lines} for p in (before, after))
    changes = []
    for key in [*new, *(k for k in old if k not in new)]:
        change = _change(key, old.get(key), new.get(key))
        if change is not None:
            changes.append(change)
    money = [c.money for c in changes]
    joined, left, switched, same = _people(before.people, after.people)
    groups = [{a: (n, v) for a, n, v in _by_action(p.people)} for p in (before, after)]
    actions = {
        a: Group(groups[0].get(a, (0, 0.0))[0], groups[1].get(a, (0, 0.0))[0],
                 groups[0].get(a, (0, 0.0))[1], groups[1].get(a, (0, 0.0))[1])
        for a in sorted({*groups[0], *groups[1]})
    }  # fmt: skip
    value = sum(c.value for c in changes) + sum(g.gained for g in actions.values())
    up, down = sum(m for m in money if m > 0), -sum(m for m in money if m < 0)
    return Comparison(tuple(changes), up - down, max(up, down), value, joined, left, switched, same, actions)


def _change(key: str, before: Line | None, after: Line | None) -> Change | None:
    one = after or before
    assert one is not None
    money = (after.spends if after else 0.0) - (before.spends if before else 0.0)
    value = (after.earns if after else 0.0) - (before.earns if before else 0.0)
    what: What
    if before is None:
        # A channel that comes without moving any money says nothing.
        money = after.spends - (after.today or 0.0) if after and after.kind == "budget" else money
        what = "added"
    elif after is None:
        money = (before.today or 0.0) - before.spends if before.kind == "budget" else money
        what = "dropped"
    elif before.stands != after.stands:
        what = "yes" if after.stands else "no"
    elif abs(money) >= 0.5 or before.proposed != after.proposed:
        what = "more" if (after.proposed or 0.0) > (before.proposed or 0.0) else "less"
    elif abs(value) >= 0.5:
        what = "value"
    else:
        return None
    return Change(one.kind, key, what, before, after, money, value)


def _people(before: pa.Table, after: pa.Table) -> tuple[int, int, int, int]:
    """Matched by person: joined, left, switched, same."""
    a, b = before.column("customer").combine_chunks(), after.column("customer").combine_chunks()
    at = np.asarray(pc.fill_null(pc.index_in(b, value_set=a), -1)) if len(a) else np.full(len(b), -1)
    both = at >= 0
    acts = [
        pc.binary_join_element_wise(t.column("subject"), pc.fill_null(t.column("channel"), ""), "\0").combine_chunks()
        for t in (before, after)
    ]
    here = acts[1].filter(pa.array(both))
    there = acts[0].take(pa.array(at[both]))
    same = pc.sum(pc.equal(here, there)).as_py() or 0
    met = int(both.sum())
    return len(b) - met, len(a) - met, met - same, same


def _by_action(people: pa.Table) -> list[tuple[str, int, float]]:
    sums = people.group_by("subject", use_threads=False).aggregate([("customer", "count"), ("value", "sum")])
    columns: list[Any] = [sums.column(c).to_pylist() for c in ("subject", "customer_count", "value_sum")]
    return [(a, n, v or 0.0) for a, n, v in zip(*columns, strict=True)]
