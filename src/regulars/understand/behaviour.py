"""What customers will do in the next days: buy, spend, upgrade, use less; and when they buy next."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.behaviour_features import TARGETS, History, features, history, labels
from regulars.understand.cards import Decile, Holdout, ModelCard, compare
from regulars.understand.days import as_dates
from regulars.understand.feature_matrix import FeatureMatrix, by_column
from regulars.understand.gains import (
    CalibrationBin,
    LiftPoint,
    Threshold,
    calibration_bins,
    lift_curve,
    profit_threshold,
)
from regulars.understand.learners import BOOSTING, FOREST, LOGISTIC, NEURAL, chance, contributions, learner
from regulars.understand.near_shares import NearShares
from regulars.understand.order_value import OrderValue
from regulars.understand.trials import DRAW, Trial, judge

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
VERSION = "behaviour/1"
# The plainest first: who is not clearly beaten is kept.
MODELS = (LOGISTIC, BOOSTING, FOREST, NEURAL)
FEWEST = 20
NEIGHBOURS = 200


class Behaviour(BaseEstimator):  # type: ignore[misc]
    r"""Foretell what each customer does within the next days.

    Time is cut twice, so that nothing of the future is used: models learn at the first cut
    (what was known before it, what was done in the ``horizon_days`` after it) and are judged at the second,
    a horizon later, on customers of another fold. All models see the same rows. The
    smallest log loss wins; a plainer model is kept when it is within two standard
    errors. Then the winner learns again at the second cut and foretells from today.

    Parameters
    ----------
    target : "purchase", "spend", "upgrade" or "usage_drop"
        Buys at least once; money spent (chance to buy times what they then spend); moves to a
        bigger plan; uses less than half of the horizon before.
    horizon_days : int
        How far ahead you ask.
    models : sequence of str
        Who competes, the plainest first: logistic, boosting, forest, neural.
    sample : int
        Customers the comparison uses; the winner scores everybody.
    fit_rows : int
        Customers the winner learns from.
    folds, seed : int
        Of the comparison.
    gain, cost : float or None
        What a hit brings and a contact costs, in the same money; then ``threshold_`` says whom to contact.
    level : float
        Share of cases an interval holds.
    zone, until, currency
        As in ``CLV``.

    Attributes
    ----------
    trials_ : tuple of Trial
        The models compared on what none had seen, the best first.
    winner_ : str
    lift_, calibration_curve_ : tuples
        Of the winner, on what it had not seen.
    threshold_ : Threshold or None
    holdout_ : Holdout
        Forecast beside what came; its naive forecast is "as in the same days before".
    limits_ : tuple of str
        ``history_too_short_to_test``, ``few_cases``: then only the average is told.
    card_ : ModelCard

    Examples
    --------
    >>> days = [f"2026-{m:02d}-{d:02d}" for m in range(1, 7) for d in (1, 15)]
    >>> orders = {"customer": ["weekly"] * 12 + ["once"], "day": [*days, "2026-01-02"], "amount": [100] * 13}
    >>> Behaviour(horizon_days=30).fit(orders).limits_
    ('few_cases',)

    Source: the temporal split is that of Tsamardinos et al. (2018), Machine Learning 107, "nested"
    in customers and time; keeping the plainer of equals follows Breiman et al. (1984).
    """

    def __init__(
        self,
        *,
        target: str = "purchase",
        horizon_days: int = 30,
        models: tuple[str, ...] | list[str] = MODELS,
        sample: int = 4000,
        fit_rows: int = 20_000,
        folds: int = 3,
        seed: int = 0,
        gain: float | None = None,
        cost: float | None = None,
        level: float = 0.9,
        zone: str = "UTC",
        until: date | datetime | int | None = None,
        currency: str | None = None,
    ) -> None:
        self.target = target
        self.horizon_days = horizon_days
        self.models = models
        self.sample = sample
        self.fit_rows = fit_rows
        self.folds = folds
        self.seed = seed
        self.gain = gain
        self.cost = cost
        self.level = level
        self.zone = zone
        self.until = until
        self.currency = currency

    def fit(self, X: Any, y: None = None) -> Self:
        """Learn from orders, or from the lake's tables by name; raises ``ValueError`` without a paid order."""
        return self.fit_history(history(X, zone=self.zone, until=self.until, currency=self.currency))

    def fit_history(self, past: History) -> Self:
        """Learn from what happened, already gathered."""
        if self.target not in TARGETS:
            raise ValueError(f"no target is called {self.target!r}; there are {', '.join(TARGETS)}")
        if self.horizon_days < 1:
            raise ValueError(f"horizon_days is at least 1, not {self.horizon_days}")
        self.history_ = past
        test = past.until + 1 - self.horizon_days
        self.cuts_ = (test - self.horizon_days, test, past.until + 1)
        early, late = (self._asked(cut) for cut in self.cuts_[:2])
        self.base_ = float(np.clip(late[2].mean(), 1e-4, 1 - 1e-4)) if len(late[2]) else 0.5
        self.limits_: tuple[str, ...] = ()
        self.trials_: tuple[Trial, ...] = ()
        if any(min(t[2].sum(), (1 - t[2]).sum()) < FEWEST for t in (early, late)):
            self.limits_ = ("few_cases",) if len(early[0]) >= FEWEST or len(late[0]) < FEWEST else (
                "history_too_short_to_test",)  # fmt: skip
        self._compete(early, late)
        self._relearn(late)
        self.card_ = self._card()
        return self

    def predict(self, customers: Any = None) -> Any:
        """From today: ``customer, value, low, high``; value is the chance, or money for ``spend``.

        ``customers`` is a list of keys or a table with a ``customer`` column; everybody
        when None. Who never bought gets nulls, and so does whom the question does not concern.
        """
        check_is_fitted(self, "history_")
        who, table = features(self.history_, self.cuts_[2])
        risk = self._told(table)
        low, high = self.near_.interval(risk, self.level)
        if self.target == "spend":
            value = self.value_.predict(table)
            risk, low, high = risk * value, low * value, high * value
        else:
            gone = np.isnan(labels(self.history_, who, self.target, self.cuts_[1], self.horizon_days))
            risk, low, high = (np.where(gone, np.nan, v) for v in (risk, low, high))
        rows = {"value": risk, "low": low, "high": high}
        answer = pa.table({n: pa.array(v, from_pandas=True) for n, v in rows.items()})
        keys = self.history_.cells.customers.take(pa.array(who))
        answer = answer.add_column(0, "customer", keys)
        if customers is None:
            return answer
        asked = {"customer": pa.array(customers)} if isinstance(customers, list | tuple) else customers
        wanted = to_arrow(asked).column("customer").combine_chunks().cast(keys.type)
        found = answer.drop_columns("customer").take(pc.index_in(wanted, value_set=keys))
        return same_kind(found.add_column(0, "customer", wanted), asked)

    def reasons(self, first: int | None = None) -> tuple[list[str], NDArray[np.float64]]:
        """What each feature adds to the log odds of everybody ``predict()`` lists (or of the first so many)."""
        check_is_fitted(self, "history_")
        table = features(self.history_, self.cuts_[2])[1].slice(0, first)
        if self.model_ is None:
            return [], np.zeros((table.num_rows, 0))
        parts, _base = contributions(self.model_, self.matrix_.transform(table))
        return by_column(self.matrix_.features_, parts)

    def _asked(self, cut: int) -> tuple[Ints, pa.Table, Vector]:
        """Customers, features and yes-or-no labels at a cut, where the question arises."""
        who, table = features(self.history_, cut)
        kind = "purchase" if self.target == "spend" else self.target
        label = labels(self.history_, who, kind, cut, self.horizon_days)
        known = ~np.isnan(label)
        return who[known], table.filter(pa.array(known)), label[known]

    def _compete(self, early: Any, late: Any) -> None:
        names = list(self.models)
        told = {name: np.empty(0) for name in names}
        rng = np.random.default_rng(self.seed)
        fold = rng.integers(0, self.folds, len(self.history_.cells.customers))
        rows = np.sort(rng.permutation(len(late[0]))[: self.sample])
        who, table, came = late[0][rows], late[1].take(rows), late[2][rows]
        learn = np.sort(rng.permutation(len(early[0]))[: self.sample])
        past = (early[0][learn], early[1].take(learn), early[2][learn])
        self.tested_ = who
        self.winner_, self.came_, self.told_ = "average", came, np.full(len(came), self.base_)
        if not self.limits_:
            told = {name: np.empty(len(came)) for name in names}
            for k in range(self.folds):
                own, held = fold[past[0]] != k, fold[who] == k
                self._one_fold(told, past[1].filter(pa.array(own)), past[2][own], table, held)
            self.trials_ = judge(told, came)
            within = {t.model for t in self.trials_ if t.behind <= DRAW * t.behind_se}
            self.winner_ = next(name for name in names if name in within)
            self.told_ = told[self.winner_]
        self.lift_: tuple[LiftPoint, ...] = lift_curve(came, self.told_, level=self.level)
        self.calibration_curve_: tuple[CalibrationBin, ...] = calibration_bins(came, self.told_, level=self.level)
        self.threshold_: Threshold | None = None
        if self.gain is not None and self.cost is not None and self.trials_:
            self.threshold_ = profit_threshold(came, self.told_, self.gain, self.cost, self.level)
        self.holdout_ = self._holdout(who, table, early)

    def _one_fold(self, told: dict[str, Vector], learn: pa.Table, label: Vector, table: pa.Table,
                  held: NDArray[np.bool_]) -> None:  # fmt: skip
        matrix = FeatureMatrix().fit(learn)
        X, Z = matrix.transform(learn), matrix.transform(table.filter(pa.array(held)))
        for name, chances in told.items():
            # One yes or one no teaches nothing.
            enough = min(label.sum(), (1 - label).sum()) >= 2
            chances[held] = chance(learner(name, self.seed).fit(X, label), Z) if enough else label.mean()

    def _relearn(self, late: Any) -> None:
        who, table, label = late
        self.model_ = None
        if self.target == "spend":
            money = labels(self.history_, who, "spend", self.cuts_[1], self.horizon_days)
            self.value_ = OrderValue().fit(table, money)
        if self.winner_ != "average":
            rows = np.sort(np.random.default_rng(self.seed).permutation(len(who))[: self.fit_rows])
            self.matrix_ = FeatureMatrix().fit(table.take(rows))
            self.model_ = learner(self.winner_, self.seed).fit(self.matrix_.transform(table.take(rows)), label[rows])
        self.near_ = NearShares.of(self.told_, self.came_, NEIGHBOURS)

    def _told(self, table: pa.Table) -> Vector:
        if self.model_ is None:
            return np.full(table.num_rows, self.base_)
        # No bending by the test: it would correct a drift from the first cut to the second that the winner, having
        # learnt again at the second, has seen for itself.
        return chance(self.model_, self.matrix_.transform(table))

    def _holdout(self, who: Ints, table: pa.Table, early: Any) -> Holdout | None:
        if not self.trials_:
            return None
        kind, before, cut = self.target, self.cuts_[0], self.cuts_[1]
        naive = labels(self.history_, who, "purchase" if kind == "upgrade" else kind, before, self.horizon_days)
        forecast, actual = self.told_, self.came_
        if kind == "spend":
            money = labels(self.history_, early[0], "spend", before, self.horizon_days)
            forecast = self.told_ * OrderValue().fit(early[1], money).predict(table)
            actual = labels(self.history_, who, "spend", cut, self.horizon_days)
        return compare(forecast, actual, np.nan_to_num(naive), self.horizon_days)

    def _card(self) -> ModelCard:
        best = next((t for t in self.trials_ if t.model == self.winner_), None)
        metrics: list[tuple[str, float, float | None, float | None]] = []
        if best:
            metrics = [("auc", best.auc, best.auc_low, best.auc_high),
                       ("brier", best.brier, best.brier_low, best.brier_high),
                       ("calibration_error", best.calibration_error, None, None),
                       ("calibration_noise", best.calibration_noise, None, None)]  # fmt: skip
            if self.lift_:
                metrics.append(("lift_10", self.lift_[1].lift, self.lift_[1].low / 0.1, self.lift_[1].high / 0.1))
        bins = self.calibration_curve_ if best else ()
        first = str(as_dates(np.array([self.history_.cells.day.min()]))[0])
        return ModelCard(
            model=f"behaviour_{self.target}", version=f"{VERSION}+{self.winner_}", trained_from=first,
            trained_to=str(as_dates(np.array([self.history_.until]))[0]), n=len(self.history_.cells.customers),
            features=tuple(n for n, _rule in self.matrix_.columns_) if self.model_ is not None else (), parameters=(),
            holdout=self.holdout_ if self.target == "spend" else None, limits=self.limits_, metrics=tuple(metrics),
            calibration=tuple(Decile(b.n, b.forecast, b.actual) for b in bins),
        )  # fmt: skip
