"""Where customers stand in their life with us: new, active, loyal, at risk, dormant or lost."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.tables import ACTIVITY, ACTIVITY_STATES, ActivityRule
from regulars.understand.activity_model import RETURN, ReturnRule, names, states_by_model
from regulars.understand.day_cells import DayCells, day_cells
from regulars.understand.days import day_number
from regulars.understand.month_ends import Standing, month_ends, standing
from regulars.understand.next_stage import NextStage, figures_of, worse
from regulars.understand.repeat_buying import fit_repeat_buying
from regulars.understand.rfm import summary
from regulars.understand.rhythm import Rhythm
from regulars.understand.time_in_state import Staying, kaplan_meier, spells

Vector = NDArray[np.float64]
# Positions of the states in alphabetical order, to read keys as positions quickly.
PLACE = np.argsort(np.array(ACTIVITY_STATES))
SORTED = np.array(ACTIVITY_STATES)[PLACE]


def usual_gap_days(cells: DayCells) -> float:
    """The company's usual gap: the median days between two purchase days of one customer; 30 where nobody bought twice.

    >>> import pyarrow as pa
    >>> from regulars.understand.day_cells import day_cells
    >>> usual_gap_days(day_cells({"customer": ["a"] * 3, "day": ["2026-01-01", "2026-01-11", "2026-01-31"],
    ...                           "amount": [1, 1, 1]}))
    15.0
    """
    gaps = np.diff(cells.day)[cells.code[1:] == cells.code[:-1]]
    return float(np.median(gaps)) if gaps.size else 30.0


def activity(
    days_since_last: ArrayLike,
    days_since_first: ArrayLike,
    orders: ArrayLike,
    gap_days: float,
    rule: ActivityRule = ACTIVITY,
) -> NDArray[np.str_]:
    """The activity state of every customer by the company's shared rule, ``tables.ActivityRule.state`` on arrays.

    >>> activity([3, 200], [3, 400], [1, 6], gap_days=30).tolist()
    ['new', 'dormant']
    """
    since, age, count = (np.asarray(v, dtype=np.float64) for v in (days_since_last, days_since_first, orders))
    gap = max(gap_days, rule.shortest_gap_days)
    states = np.select(
        [
            since > rule.dormant_gaps * gap,
            since > rule.at_risk_gaps * gap,
            since > rule.active_gaps * gap,
            (count == 1) & (age <= gap),
            count >= rule.loyal_orders,
        ],
        ["lost", "dormant", "at_risk", "new", "loyal"],
        default="active",
    )
    return np.asarray(states, dtype=np.str_)


class Lifecycle(BaseEstimator):  # type: ignore[misc]
    """Where every customer stands, how customers move from state to state, and who will move next.

    States are those of ``tables.ACTIVITY_STATES``. With a model of repeat
    buying they follow from what the silence means for this customer: the share
    left of the chance to order again, and the customer's own rhythm
    (``activity_model``). Where the model has too little to go by, the company's
    shared rule on days since the last order decides, and ``limits_`` says so.

    The past is rebuilt: every customer's state at each past month end from what
    was known by then, judged by today's parameters. Moves between month ends
    give the transition matrix, stays the time in each state (Kaplan-Meier, who
    is still there is censored), and a multinomial logit the next state.

    Parameters
    ----------
    months : int
        How many month ends to look back.
    rule : ReturnRule
        Where the lines between the states are.
    zone, until, currency
        As in ``RFM``.
    seed : int
        Same seed, same answer.

    Attributes
    ----------
    customers_ : pyarrow.Array
    codes_ : ndarray of int8, shape (customers,)
        Positions in ``ACTIVITY_STATES`` today.
    days_, history_ : ndarray of shape (month ends,), (customers, month ends)
    transitions_ : TransitionMatrix
    staying_ : dict of state to Staying, in months
    next_ : NextStage
    chances_ : ndarray of shape (customers, states)
    method_ : "model" or "rule"
    limits_ : tuple of str

    Examples
    --------
    >>> orders = {"customer": ["ann"] * 5 + ["bob"], "amount": [900] * 6,
    ...           "day": ["2026-01-01", "2026-01-11", "2026-01-21", "2026-02-02", "2026-02-11", "2026-02-05"]}
    >>> found = Lifecycle(until=date(2026, 2, 15)).fit(orders).predict()
    >>> found.select(["customer", "activity"]).to_pylist()
    [{'customer': 'ann', 'activity': 'loyal'}, {'customer': 'bob', 'activity': 'new'}]
    """

    def __init__(
        self,
        *,
        months: int = 24,
        rule: ReturnRule = RETURN,
        zone: str = "UTC",
        until: date | datetime | None = None,
        currency: str | None = None,
        seed: int = 0,
    ) -> None:
        self.months = months
        self.rule = rule
        self.zone = zone
        self.until = until
        self.currency = currency
        self.seed = seed

    def fit(self, orders: Any, y: None = None) -> Self:
        """Learn from orders (see ``day_cells`` for what counts).

        Raises ``ValueError`` when there is no paid order at all.
        """
        until = None if self.until is None else day_number(self.until, self.zone)
        return self.fit_cells(day_cells(orders, zone=self.zone, until=until, currency=self.currency))

    def fit_cells(self, cells: DayCells, model: Any = None, weak: bool = False) -> Self:
        """Learn from purchase days already counted.

        ``model`` is a fitted model of repeat buying in days (that of ``CLV``);
        None fits one. ``weak`` says that it has too little to go by.
        """
        if len(cells.code) == 0:
            raise ValueError("there is no paid order yet: nobody stands anywhere in a lifecycle")
        if model is None:
            model, _holdout, limits = fit_repeat_buying(cells, summary(cells), "mbg_nbd")
            weak = "too_few_customers" in limits
        self.rhythm_ = Rhythm.of(cells)
        self.gap_ = usual_gap_days(cells)
        self.method_ = "rule" if weak else "model"
        self.limits_: tuple[str, ...] = ("too_few_customers",) if weak else ()
        self.customers_ = cells.customers.take(pa.array(cells.code[cells.starts]))
        self.days_ = month_ends(int(cells.day.min()), cells.last_day, self.months + 1)
        past = standing(cells, self.days_)
        self.history_, figures = self._judge(model, past)
        if len(self.days_) < 3:
            self.limits_ += ("history_too_short",)
        today = standing(cells, np.array([cells.last_day]))
        codes, now = self._judge(model, today)
        self.codes_, self.chance_left_ = codes[:, 0], now[:, 0, 1]
        self.next_ = NextStage(seed=self.seed).fit(self.history_, figures)
        self.transitions_ = self.next_.matrix_
        self.chances_ = self.next_.predict_proba(self.codes_, now[:, 0])
        self.figures_ = now[:, 0]
        self.staying_ = self._staying(past)
        return self

    def predict(self) -> pa.Table:
        """One row per customer: ``activity, chance_left``, the likeliest ``next`` with its ``chance``, and ``slip``."""
        check_is_fitted(self, "codes_")
        towards = self.chances_.argmax(axis=1)
        return pa.table(
            {
                "customer": self.customers_,
                "activity": names(self.codes_),
                "chance_left": self.chance_left_,
                "next": names(towards),
                "chance": self.chances_[np.arange(len(towards)), towards],
                "slip": worse(self.codes_, self.chances_),
            }
        )

    def _judge(self, model: Any, at: Standing) -> tuple[NDArray[np.int8], Vector]:
        codes, left = states_by_model(model, self.rhythm_, at, self.rule)
        if self.method_ == "rule":
            codes = _by_rule(at, self.gap_)
        rhythm = self.rhythm_ or Rhythm(float(np.log(self.gap_)), 1.0, 0.0)
        outlasted = rhythm.outlasted(at.silence, at.x, at.log_gaps)
        return codes, figures_of(at, left, outlasted, rhythm.usual_gap(at.x, at.log_gaps))

    def _staying(self, past: Standing) -> dict[str, Staying]:
        if len(self.days_) == 0:
            return {}
        fresh = past.T[:, 0] < 31
        state, months, gone = spells(self.history_, fresh)
        return {
            name: kaplan_meier(months[state == i], gone[state == i])
            for i, name in enumerate(ACTIVITY_STATES)
            if np.any(state == i)
        }


def activity_now(cells: DayCells, model: Any, weak: bool = False) -> tuple[NDArray[np.str_], Vector | None]:
    """The state of every customer on the last day, and what is left of the chance to return (None by the rule).

    What ``Lifecycle`` says of today, without the past: for scores.
    """
    at = standing(cells, np.array([cells.last_day]))
    if weak:
        return names(_by_rule(at, usual_gap_days(cells))[:, 0]), None
    codes, left = states_by_model(model, Rhythm.of(cells), at)
    return names(codes[:, 0]), left[:, 0]


def _by_rule(at: Standing, gap: float) -> NDArray[np.int8]:
    place = PLACE[np.searchsorted(SORTED, activity(at.silence, at.T, at.orders, gap))]
    return np.where(at.known, place, -1).astype(np.int8)
