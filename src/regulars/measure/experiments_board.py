"""Every experiment there is: what we know, what we may say today, and when we will know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from regulars.measure.experiment_people import own_people, trial_people
from regulars.measure.experiments import WINDOW_DAYS
from regulars.measure.heterogeneity import Heterogeneity
from regulars.measure.overall import Overall, overall
from regulars.measure.sales import fact
from regulars.measure.trial_readings import Figure, Point, Ratio, Trial, own_trial, plan_trial
from regulars.measure.view import View

MADE_BY: Final = "experiments/1"
MOST: Final = 40
# The name of the group no flow writes to among who is in which arm, read a year at a time.
EVERYWHERE: Final = "everywhere"
YEAR_DAYS: Final = 365

__all__ = ["ExperimentsBoard", "Figure", "Heterogeneity", "Overall", "Point", "Ratio", "Trial", "experiments_board"]


@dataclass(frozen=True)
class ExperimentsBoard:
    """``trials``: plans and actions that wrote to some and held others back, newest first; ``own``: experiments
    the owner made, by id; ``overall``: what all the writing together earned against everybody held back of each flow;
    ``everywhere``: everybody who may be written to against those no flow writes to at all."""

    trials: tuple[Trial, ...]
    own: tuple[Trial, ...]
    overall: Overall | None
    everywhere: Trial | None
    window_days: int
    currency: str
    made_by: str


def experiments_board(view: View) -> ExperimentsBoard | None:
    """The board of this turn; None while nothing was ever held against anything."""
    orders, currency = fact(view.facts, "orders", view.today), view.settings.currency
    people = trial_people(fact(view.facts, "messages", view.today), orders, now=view.now, currency=currency,
                          window_days=WINDOW_DAYS)  # fmt: skip
    trials = _trials(people, view) if len(people) else ()
    own = _own(view, orders, currency)
    apart = next((t for t in own if t.id == EVERYWHERE), None)
    own = tuple(t for t in own if t.id != EVERYWHERE)
    if not trials and not own and apart is None:
        return None
    return ExperimentsBoard(trials, own, overall(trials), apart, WINDOW_DAYS, currency, MADE_BY)


def _trials(people: pd.DataFrame, view: View) -> tuple[Trial, ...]:
    drawn = view.decisions.select("plan").distinct().to_pyarrow()["plan"].to_pylist()
    both = people.groupby(["plan", "action"], observed=True)
    newest = both["start_s"].max().nlargest(MOST).index
    parts = dict(list(both))
    return tuple(
        plan_trial(plan, action, parts[plan, action], now=view.now, window_days=WINDOW_DAYS, zone=view.settings.tz,
                   held_share=view.settings.holdout_share if plan in drawn else None)
        for plan, action in newest
    )  # fmt: skip


def _own(view: View, orders: Any, currency: str) -> tuple[Trial, ...]:
    """Experiments with people drawn by the program whose outcome comes from orders."""
    if "assignments" not in view.book or not view.book["assignments"].num_rows:
        return ()
    drawn = view.book["assignments"]
    people = own_people(drawn, orders, now=view.now, currency=currency)
    parts = dict(list(people.groupby("experiment", observed=True)))
    out = []
    share = view.settings.holdout_everywhere
    arms = {"held": share, "treated": 1 - share} if share else {}
    apart = {"id": EVERYWHERE, "window_days": YEAR_DAYS, "body": json.dumps({"arms": arms, "control": "held"})}
    for row in [*view.book["experiments"].to_pylist(), apart]:
        if row["id"] in parts:
            asked = json.loads(row["body"] or "{}")
            out.append(own_trial(row, asked, parts[row["id"]], now=view.now, zone=view.settings.tz))
    return tuple(out)
