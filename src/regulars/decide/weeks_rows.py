"""What the owner asks of every week, and of all weeks together, as rows over channels by weeks."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from regulars.decide.budget_limits import Asked, Group, Limits, Line, Wishes
from regulars.decide.coupling import Coupling
from regulars.decide.curves import Array
from regulars.decide.result import InfeasibleError, Wish


@dataclass(frozen=True)
class WeekRows:
    """Limits of every cell, channels by weeks in one long row, and the rows over them with their codes.

    ``smallest`` is what a cell gets at least if it gets anything (0: no such choice), ``commit`` what a channel gets
    at least over all weeks if it gets anything in any.
    """

    low: Array
    high: Array
    smallest: Array
    commit: Array
    coupling: Coupling
    codes: tuple[str, ...]


def apart(asked: Wishes, over_plan: Collection[str]) -> tuple[Wishes, Wishes]:
    """The wishes of every week, and those of all weeks together.

    ``over_plan`` names groups and rows by their codes, and channels whose minimum is meant over all weeks. Raises
    ``ValueError`` for a name that is none of these.
    """
    known = {g.code for g in asked.groups} | {r.code for r in asked.lines} | set(asked.minimums)
    unknown = sorted(set(over_plan) - known)
    if unknown:
        raise ValueError(f"over_plan: no group, row or minimum is called {', '.join(unknown)}")

    def some(whole: bool) -> Wishes:
        return replace(
            asked, minimums={c: m for c, m in asked.minimums.items() if (c in over_plan) == whole},
            groups=[g for g in asked.groups if (g.code in over_plan) == whole],
            lines=[r for r in asked.lines if (r.code in over_plan) == whole],
        )  # fmt: skip

    return some(False), some(True)


@dataclass(frozen=True)
class _Share:
    """A row of all weeks as one of a single week."""

    code: str
    uses: Mapping[str, float]
    low: float
    high: float
    label: str


def shared(whole: Wishes, weeks: int) -> tuple[dict[str, int], list[Group], list[Line]]:
    """Minimums, groups and rows of all weeks as what a steady week of them would be."""

    def part(amount: float | None) -> float | None:
        return None if amount is None else amount / weeks

    groups = [replace(g, low=part(g.low), high=part(g.high)) for g in whole.groups]
    lines: list[Line] = [_Share(r.code, r.uses, r.low / weeks, r.high / weeks, r.label) for r in whole.lines]
    return {c: math.ceil(m / weeks) for c, m in whole.minimums.items()}, groups, lines


def week_rows(each: Limits, whole: Limits, fixed: Array, totals: Array) -> WeekRows:
    """Rows of every week and of all of them; ``whole`` holds the wishes over the plan, its total left aside.

    Raises ``InfeasibleError`` where a week, or all weeks together, cannot hold what is asked.
    """
    n, weeks = len(each.names), len(totals)
    for t in dict.fromkeys(int(np.flatnonzero(totals == v)[0]) for v in totals):
        _week(each, t, float(totals[t])).check()
    if len(whole.rows) > 1 or whole.minimum.any():
        _together(each, whole, totals).check()
    low, rest = each.low.astype(float), float(each.low.sum()) - each.low
    high = np.maximum(np.minimum(each.high[:, None], totals[None, :] - rest[:, None]), low[:, None])
    choice = (each.switch | (fixed > 0)) & (each.low == 0) & (each.high > 0)
    rows, least, most, codes = [], [], [], []
    for t, total in enumerate(totals.tolist()):
        for k, row in enumerate(each.rows):
            uses = np.zeros((n, weeks))
            uses[:, t] = row.uses
            rows.append(uses.ravel())
            least.append((total if each.must_spend else -math.inf) if k == 0 else row.low)
            # a week whose minimums take all of it leaves no room inside: a hundredth of a minor unit does
            most.append(total + (0.0 if each.must_spend else 1e-2) if k == 0 else row.high)
            codes.append(f"week:{t + 1}" if k == 0 else f"{row.wish.code}@{t + 1}")
    for row in whole.rows[1:]:
        rows.append(np.repeat(row.uses, weeks))
        least.append(row.low)
        most.append(row.high)
        codes.append(row.wish.code)
    return WeekRows(
        np.repeat(low, weeks), high.ravel(), np.repeat(np.where(choice, np.maximum(each.minimum, 1), 0.0), weeks),
        np.where(each.high > 0, whole.minimum, 0.0), Coupling(np.array(rows), np.array(least), np.array(most)),
        tuple(codes),
    )  # fmt: skip


def _week(each: Limits, t: int, total: float) -> Limits:
    first = replace(each.rows[0], wish=Wish(f"week:{t + 1}", "", total), high=total,
                    low=total if each.must_spend else -math.inf)  # fmt: skip
    return replace(each, rows=(first, *each.rows[1:]))


def _together(each: Limits, whole: Limits, totals: Array) -> Limits:
    """What must hold over the sums of all weeks."""
    weeks = len(totals)

    def times(row: Asked) -> Asked:
        amount = None if row.wish.amount is None else row.wish.amount * weeks
        return replace(row, low=row.low * weeks, high=row.high * weeks, wish=replace(row.wish, amount=amount))

    total = float(totals.sum())
    first = replace(each.rows[0], wish=replace(each.rows[0].wish, amount=total), high=total,
                    low=total if each.must_spend else -math.inf)  # fmt: skip
    return replace(
        each, low=each.low * weeks, high=each.high * weeks, minimum=np.maximum(each.minimum, whole.minimum),
        switch=(whole.minimum > 0) & (each.low == 0) & (each.high > 0),
        rows=(first, *(times(r) for r in each.rows[1:]), *whole.rows[1:]),
    )  # fmt: skip


def refused(rows: WeekRows) -> InfeasibleError:
    """The wishes that together leave no plan, where no smaller set of them was found."""
    return InfeasibleError([Wish(code) for code in rows.codes], smallest=False)
