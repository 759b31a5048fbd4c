"""Minimums on next best actions: at least so many of an action, through a channel, or of a group of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.decide.assign_least import AtLeast, AtLeastAssignment, AtLeastDecision, counted
from regulars.decide.assign_offers import Choice, Limit, Offers
from regulars.decide.exploration_share import Lot
from regulars.decide.next_best_people import People, Rows
from regulars.decide.result import InfeasibleError
from regulars.decide.uplift import Uplift

if TYPE_CHECKING:
    from regulars.decide.next_best import NextBestAction, NextBestDecision

HEADS: Final = ("action", "channel", "segment")
CODE: Final = "least:"
REASON: Final = "for_minimum"


def minimums(rule: NextBestAction, known: People, table: pa.Table) -> tuple[AtLeast, ...]:
    """What the rule asks at least, over the options and people it counts.

    Raises ``ValueError`` for a name that is not ``action:``, ``channel:`` or ``segment:`` something.
    """
    found = []
    groups = table.column("segment").cast(pa.string()) if "segment" in table.column_names else known.state
    for name, least in rule.least.items():
        head, _colon, subject = name.partition(":")
        if head not in HEADS or not subject:
            raise ValueError(f"minimum {name!r}: write action:<code>, channel:<name> or segment:<name>")
        options, people = None, None
        if head == "segment":
            people = np.asarray(pc.fill_null(pc.equal(groups, subject), False).to_numpy(zero_copy_only=False), bool)
        else:
            own = [a.code if head == "action" else a.channel for a in rule.actions]
            options = tuple(k for k, value in enumerate(own) if value == subject)
        found.append(AtLeast(CODE + name, least, options, people, name))
    return tuple(found)


def assigned(known: People, offers: Offers, limits: tuple[Limit, ...], asked: tuple[AtLeast, ...]) -> AtLeastDecision:
    """The assignment that meets the minimums; whom an action would harm is never used to fill one."""

    def block(rows: Rows) -> Mapping[str, Any]:
        found = dict(offers.block(rows))
        worth = np.array(found["worth"], dtype=float)
        for k in range(len(worth)):
            worth[k][known.uplift(k, rows)[0] < 0] = -np.inf
        return {**found, "worth": worth}

    return AtLeastAssignment(limits, asked).decide(Offers(offers.people, offers.options, block) if asked else offers)


def held(lots: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The lots with those taken out who fill a minimum."""
    out = lots.copy()
    out[kept, 0] = 1.0
    return out


def certain(lot: Lot, kept: NDArray[np.bool_]) -> Lot:
    """Who fills a minimum has it for certain."""
    return replace(lot, propensity=np.where(kept, 1.0, lot.propensity))


def said(rows: pa.Table) -> pa.Table:
    """The rows with the reason where only a minimum asks for them."""
    loses = pc.less_equal(rows.column("value"), 0.0)
    why = pc.if_else(loses, pc.binary_join_element_wise(rows.column("why"), REASON, ";"), rows.column("why"))
    return rows.set_column(rows.schema.get_field_index("why"), "why", why)


def filled(asked: tuple[AtLeast, ...], choice: Choice) -> dict[str, tuple[float, float]]:
    """What each minimum asks for and what it got."""
    return {k.code: (float(k.places), float(counted(k, choice))) for k in asked}


def decide_what_can(
    rule: NextBestAction, people: Any, *, uplifts: Mapping[str, Uplift] | None = None
) -> NextBestDecision:
    """Decide; where minimums cannot hold, leave out those in conflict and say so: ``unmet=action:win_back``.

    A turn must end with a plan; the owner then sees which of the wishes could not be met beside which.
    """
    unmet: list[str] = []
    while True:
        try:
            best = rule.decide(people, uplifts=uplifts)
        except InfeasibleError as error:
            names = [w.code.removeprefix(CODE) for w in error.conflict if w.code.startswith(CODE)]
            if not names:
                raise
            beside = "+".join(w.code for w in error.conflict if w.code != CODE + names[-1])
            unmet.append(f"unmet={names[-1]}" + (f"|{beside}" if beside else ""))
            rule = replace(rule, least={k: n for k, n in rule.least.items() if k != names[-1]})
            continue
        return replace(best, why=(*best.why, *unmet))
