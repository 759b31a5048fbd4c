"""Who is leaving: the chance that a customer has gone already, or that a contract ends in its next periods."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.bgnbd import BetaGeo
from regulars.understand.calibration import Calibration, cross_fitted
from regulars.understand.cards import Decile, ModelCard
from regulars.understand.feature_matrix import FeatureMatrix, by_column, numbers, texts
from regulars.understand.gains import calibration_bins
from regulars.understand.learners import BLEND, BOOSTING, LOGISTIC, chance, contributions, learner, lightgbm_here
from regulars.understand.near_shares import NearShares
from regulars.understand.outcomes import outcome
from regulars.understand.person_periods import expand
from regulars.understand.trials import DRAW, Trial, folds_of, judge, out_of_fold

Vector = NDArray[np.float64]
VERSION = "churn_hazard/1"
FEWEST_LEFT = 10
# Chances held out for others beside whom an interval is read.
NEIGHBOURS = 400


def churn_probability(
    model: BetaGeo, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, level: float = 0.9
) -> tuple[Any, Any, Any]:
    """The chance that each customer has already left: 1 - P(alive), with the limits of its interval.

    Use a fitted ``ModifiedBetaGeo``: by ``BetaGeo`` a one-time buyer never leaves.
    """
    low, high = model.p_alive_interval(frequency, recency, T, level)
    return 1.0 - model.p_alive(frequency, recency, T), 1.0 - high, 1.0 - low


class ChurnHazard(BaseEstimator):  # type: ignore[misc]
    r"""How likely a contract ends in its next period, and why.

    The hazard of period t given what is known before it, and the chance to stay over k periods:

    .. math:: h_t(x) = P(T = t | T \ge t, x), \qquad S(k) = \prod_{j=0}^{k-1} (1 - h_{t+j}(x))

    Every period that somebody could have left is one row; a yes-or-no model on
    these rows *is* the discrete-time hazard model. Three models compete on the same
    folds (logistic regression, boosting, their blend); the smallest log loss on
    held-out rows wins, or a plainer one within two standard errors of it. Its chances are bent
    (Platt, isotonic) only if that foretells better.

    Parameters
    ----------
    tenure : str
        Column with the period each row is in, from 1 (or 0 for somebody new).
    outcome : str
        Column that says whether they left: yes/no, true/false, 1/0, 是/否.
    history : "last_period" or "whole_life"
        What the table holds. ``last_period``: a row is one period somebody could have left
        in, such as everybody who was there last month, or one row a person and period
        (``contract_periods``). ``whole_life``: a row is one contract from its start, with all
        that ever started in the table; each becomes a row a period. Who takes
        ``whole_life`` for a list of last month's customers forgets those who left before.
    features : sequence of str or None
        Columns to learn from; all others than tenure, outcome and group when None.
    group : str or None
        Column that says which rows belong to one customer; they share a fold.
    model : "auto", "logistic", "boosting" or "blend"
        Which model; ``auto`` lets them compete.
    clock : "smooth" or "each"
        How time enters: as a curve, or every period for itself (as Kaplan and Meier would).
    C : float
        Logistic regression: smaller draws the coefficients harder to 0.
    calibrate : "auto", "none", "platt" or "isotonic"
        See ``Calibration``.
    folds, seed : int
        Of the competition.
    level : float
        Share of cases an interval holds.

    Attributes
    ----------
    trials_ : tuple of Trial
        The models compared, on rows none of them had seen.
    winner_ : str
        The model kept.
    calibration_ : Calibration
    told_, came_ : arrays
        Chance (calibrated out of fold) and outcome of every row it learnt from.
    limits_ : tuple of str
        ``no_lightgbm``, ``few_leavers``: then only the average is told.
    card_ : ModelCard

    Notes
    -----
    The interval says what share of held-out people with about this chance really left;
    the luck of a single customer is not in it, as an outcome is yes or no.

    Examples
    --------
    >>> table = {"tenure": list(range(1, 41)) * 10, "plan": ["a", "b"] * 200,
    ...          "left": ["Yes" if i % 2 and i % 3 else "No" for i in range(400)]}
    >>> hazard = ChurnHazard(tenure="tenure", outcome="left", model="logistic").fit(table)
    >>> risk = hazard.predict({"tenure": [5, 5], "plan": ["a", "b"]})["risk"].to_pylist()
    >>> risk[0] < 0.1 < 0.5 < risk[1]
    True

    References
    ----------
    Singer and Willett (1993), "It's about time", J. Educational Statistics 18; Lundberg et al.
    (2020), Nature Machine Intelligence 2, for the reasons of trees.
    """

    def __init__(
        self,
        *,
        tenure: str = "tenure",
        outcome: str = "churned",
        history: str = "last_period",
        features: tuple[str, ...] | list[str] | None = None,
        group: str | None = None,
        model: str = "auto",
        clock: str = "smooth",
        C: float = 1.0,
        calibrate: str = "auto",
        folds: int = 5,
        seed: int = 0,
        level: float = 0.9,
    ) -> None:
        self.tenure = tenure
        self.outcome = outcome
        self.history = history
        self.features = features
        self.group = group
        self.model = model
        self.clock = clock
        self.C = C
        self.calibrate = calibrate
        self.folds = folds
        self.seed = seed
        self.level = level

    def fit(self, X: Any, y: ArrayLike | None = None) -> Self:
        """Learn from a table; ``y`` replaces the outcome column when given.

        Raises ``ValueError`` for an empty table, an outcome that is not yes or no, or
        tenures that are no numbers; ``KeyError`` for a missing column.
        """
        table, left = self._read(to_arrow(X), y)
        groups = texts(table.column(self.group)).to_pylist() if self.group else None
        if self.history == "whole_life":
            tenure = np.maximum(self._tenures(table), 1).astype(np.int64)
            at, period, left = expand(tenure, left)
            table = table.take(pa.array(at)).set_column(
                table.column_names.index(self.tenure), self.tenure, pa.array(period)
            )
            groups = at if groups is None else [groups[i] for i in at]
        elif self.history != "last_period":
            raise ValueError(f"history {self.history!r}: choose last_period or whole_life")
        self.columns_ = [n for n in (self.features or table.column_names) if n not in (self.outcome, self.group)]
        if self.tenure not in self.columns_:
            self.columns_.append(self.tenure)
        self.longest_ = float(np.nanmax(self._tenures(table)))
        return self._learn(self._clocked(table.select(self.columns_)), left.astype(np.float64), groups)

    def predict(self, X: Any) -> Any:
        """The chance to leave in the period each row is in: ``risk, low, high`` (and the customer, if given)."""
        table = to_arrow(X)
        risk = self._risk(self._clocked(table.select(self.columns_)))
        low, high = self.near_.interval(risk, self.level)
        columns = {"customer": table.column("customer")} if "customer" in table.column_names else {}
        return same_kind(pa.table({**columns, "risk": risk, "low": low, "high": high}), X)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Rows by (stays, leaves) for the period each row is in."""
        table = to_arrow(X)
        risk = self._risk(self._clocked(table.select(self.columns_)))
        return np.asarray(np.stack([1.0 - risk, risk], axis=1))

    def survival(self, X: Any, periods: int = 12) -> NDArray[np.float64]:
        """The chance to be still there after 1, 2 ... ``periods`` more periods; rows by periods.

        All else is held as it is; beyond the longest tenure seen the hazard stays what it was there.
        """
        table = to_arrow(X).select(self.columns_)
        place, now = table.column_names.index(self.tenure), self._tenures(table)
        stays = np.empty((table.num_rows, periods))
        for k in range(periods):
            later = table.set_column(place, self.tenure, pa.array(np.minimum(now + k, max(self.longest_, 1.0))))
            stays[:, k] = 1.0 - self._risk(self._clocked(later))
        return np.asarray(np.cumprod(stays, axis=1), dtype=np.float64)

    def leave_within(self, X: Any, periods: int = 3) -> Vector:
        """The chance to leave within so many periods: 1 - S(periods)."""
        return np.asarray(1.0 - self.survival(X, periods)[:, -1])

    def reasons(self, X: Any) -> tuple[list[str], NDArray[np.float64], float]:
        """What each column adds to the log odds of leaving: names, rows by columns, and the log odds it adds to.

        With exact terms (logistic regression, LightGBM, their blend) base plus the sum of a row is
        the margin of the model before calibration.
        """
        table = to_arrow(X)
        check_is_fitted(self, "model_")
        if self.model_ is None:
            return [], np.zeros((table.num_rows, 0)), float(np.log(self.base_ / (1 - self.base_)))
        parts, base = contributions(self.model_, self.matrix_.transform(self._clocked(table.select(self.columns_))))
        names, total = by_column(self.matrix_.features_, parts)
        return names, total, base

    def _read(self, table: pa.Table, y: ArrayLike | None) -> tuple[pa.Table, NDArray[np.bool_]]:
        wanted = [self.tenure, *(self.features or ()), *([] if y is not None else [self.outcome])]
        if missing := [n for n in wanted if n not in table.column_names]:
            raise KeyError(f"the table lacks {', '.join(missing)}; it has {', '.join(table.column_names)}")
        if table.num_rows == 0:
            raise ValueError("the table has no rows: nothing to learn from")
        left = np.asarray(y).astype(np.bool_) if y is not None else outcome(table.column(self.outcome))
        if len(left) != table.num_rows:
            raise ValueError(f"{len(left)} outcomes do not fit {table.num_rows} rows")
        return table, left

    def _tenures(self, table: pa.Table) -> Vector:
        values = numbers(table.column(self.tenure))
        if values is None or np.isnan(values).all():
            raise ValueError(f"column {self.tenure} holds no numbers: give the periods each customer has been there")
        return np.where(np.isnan(values), np.nanmedian(values), values)

    def _clocked(self, table: pa.Table) -> pa.Table:
        if self.clock == "smooth":
            return table
        period = pc.binary_join_element_wise("t", pa.array(self._tenures(table).astype(np.int64)).cast(pa.string()), "")
        return table.set_column(table.column_names.index(self.tenure), self.tenure, period)

    def _fresh(self) -> FeatureMatrix:
        return FeatureMatrix(rare=0.0, levels=10_000, logs=False) if self.clock == "each" else FeatureMatrix()

    def _learn(self, table: pa.Table, left: Vector, groups: Any) -> Self:
        self.base_ = float(np.clip(left.mean(), 1e-4, 1 - 1e-4))
        self.came_ = left
        self.limits_: tuple[str, ...] = ()
        self.trials_: tuple[Trial, ...] = ()
        names = (LOGISTIC, BOOSTING, BLEND) if self.model == "auto" else (self.model,)
        if not lightgbm_here() and self.model != LOGISTIC:
            self.limits_ = ("no_lightgbm",)
        units = len(left) if groups is None else len(set(groups))
        if min(left.sum(), len(left) - left.sum()) < FEWEST_LEFT or units < self.folds:
            self.limits_ = (*self.limits_, "few_leavers")
            self.model_, self.winner_ = None, "average"
            self.told_, self.calibration_ = np.full(len(left), self.base_), Calibration(method="none").fit([0.5], [0])
        else:
            folds = folds_of(left, self.folds, self.seed, groups)
            told = out_of_fold(names, table, left, folds, self._fresh, self.seed, self.C)
            self.trials_ = judge(told, left)
            within = {t.model for t in self.trials_ if t.behind <= DRAW * t.behind_se}
            self.winner_ = next(name for name in names if name in within)
            self.calibration_ = Calibration(method=self.calibrate, seed=self.seed).fit(told[self.winner_], left)
            self.told_ = cross_fitted(self.calibration_, told[self.winner_], left, folds)
            self.matrix_ = self._fresh().fit(table)
            self.model_ = learner(self.winner_, self.seed, self.C).fit(self.matrix_.transform(table), left)
        self.near_ = NearShares.of(self.told_, left, NEIGHBOURS)
        self.card_ = self._card(table)
        return self

    def _risk(self, table: pa.Table) -> Vector:
        check_is_fitted(self, "calibration_")
        if self.model_ is None:
            return np.full(table.num_rows, self.base_)
        return self.calibration_.predict(chance(self.model_, self.matrix_.transform(table)))

    def _card(self, table: pa.Table) -> ModelCard:
        best = next((t for t in self.trials_ if t.model == self.winner_), None)
        metrics: list[tuple[str, float, float | None, float | None]] = []
        if best:
            metrics = [("auc", best.auc, best.auc_low, best.auc_high),
                       ("brier", best.brier, best.brier_low, best.brier_high),
                       ("calibration_error", best.calibration_error, None, None),
                       ("calibration_noise", best.calibration_noise, None, None)]  # fmt: skip
        bins = calibration_bins(self.came_, self.told_)
        return ModelCard(
            model="churn_hazard", version=f"{VERSION}+{self.winner_}", trained_from=None, trained_to=None,
            n=len(self.came_), features=tuple(self.columns_), parameters=(), holdout=None, limits=self.limits_,
            metrics=tuple(metrics), calibration=tuple(Decile(b.n, b.forecast, b.actual) for b in bins),
        )  # fmt: skip
