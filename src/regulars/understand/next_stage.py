"""Where each customer will stand a month from now: a multinomial logit, held against the transition matrix."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from regulars.tables import ACTIVITY_STATES
from regulars.understand.cards import Decile
from regulars.understand.month_ends import Standing
from regulars.understand.scaled_logit import ScaledLogit, log_loss_rows
from regulars.understand.transitions import TransitionMatrix

Vector = NDArray[np.float64]
STATES: Final = len(ACTIVITY_STATES)
# Nobody is new twice.
IMPOSSIBLE: Final = tuple((i, 0) for i in range(1, STATES))
FEATURES: Final = ("silence", "chance_left", "outlasted", "orders", "age", "usual_gap", "spent")


@dataclass(frozen=True)
class Comparison:
    """The logit beside the matrix on months neither has seen; ``gain`` is matrix less logit, with its interval."""

    rows: int
    months: int
    logit: float
    matrix: float
    gain: float
    low: float
    high: float
    calibration_error: float
    deciles: tuple[Decile, ...]


@dataclass(frozen=True)
class Held:
    """Moves held out: whose, the chance given to a slip, and whether it came."""

    who: NDArray[np.int64]
    said: Vector
    came: Vector


class NextStage(BaseEstimator):  # type: ignore[misc]
    r"""The chance of each activity state at the next month end.

    A multinomial logit on the state of today, and on silence, the share left of
    the chance to return, the share of own pauses outlasted, orders, age, rhythm
    and money, each also within the state (interactions). With the states alone
    it is the transition matrix; the rest has to earn its place: the last months
    are held out, and when the logit's log-loss there is not smaller than the
    matrix's by more than its 90 % interval, the matrix is used.

    Moves that cannot happen (back to "new") get chance 0.

    Parameters
    ----------
    hold_out : int
        Month ends kept for the comparison.
    rows : int
        At most so many moves are learnt from, drawn at random.
    C : float
        See ``ScaledLogit``.
    seed : int
        Same seed, same draw.

    Attributes
    ----------
    matrix_ : TransitionMatrix
    logit_ : WithinStates or None
    comparison_ : Comparison or None
        None when there are too few months or moves to compare.
    held_ : Held or None
        The held-out slips, for fairness by group.
    uses_ : "logit" or "matrix"

    References
    ----------
    McFadden (1974); Netzer, Lattin and Srinivasan (2008), "A Hidden Markov
    Model of Customer Relationship Dynamics", for states driven by behaviour.
    """

    def __init__(self, *, hold_out: int = 2, rows: int = 8_000, C: float = 1.0, seed: int = 0) -> None:
        self.hold_out = hold_out
        self.rows = rows
        self.C = C
        self.seed = seed

    def fit(self, codes: NDArray[np.int8], figures: Vector) -> Self:
        """Learn from states (customers x month ends, -1 not known) and figures (customers x month ends x features)."""
        rng = np.random.default_rng(self.seed)
        self.matrix_ = TransitionMatrix(states=STATES, impossible=IMPOSSIBLE).fit(codes)
        self.comparison_, self.logit_, self.uses_ = None, None, "matrix"
        self.held_: Held | None = None
        points = codes.shape[1]
        learn = points - 1 - self.hold_out
        if learn >= 2:
            self.comparison_ = self._compare(codes, figures, learn, rng)
        if self.comparison_ is not None and self.comparison_.low > 0:
            now, then, x, _who = self._moves(codes, figures, range(points - 1), rng)
            self.logit_ = WithinStates.fit(now, then, x, self.C)
            self.uses_ = "logit"
        return self

    def predict_proba(self, codes: NDArray[np.int8], figures: Vector) -> Vector:
        """The chance of every state a month later, from the states and figures of today; shape (customers, states)."""
        check_is_fitted(self, "matrix_")
        if self.logit_ is None:
            return np.asarray(self.matrix_.probabilities_[codes])
        return self.logit_.chances(codes, figures)

    def terms(self, codes: NDArray[np.int8], figures: Vector, towards: NDArray[np.int64]) -> Vector | None:
        """What each feature adds to the score of a state per customer, (customers, features); None for the matrix."""
        if self.logit_ is None:
            return None
        return self.logit_.terms(codes, figures, towards)

    def _compare(
        self, codes: NDArray[np.int8], figures: Vector, learn: int, rng: np.random.Generator
    ) -> Comparison | None:
        now, then, x, _who = self._moves(codes, figures, range(learn), rng)
        test_now, test_then, test_x, who = self._moves(codes, figures, range(learn, codes.shape[1] - 1), rng)
        if len(then) < 200 or len(test_then) < 100 or len(np.unique(then)) < 2:
            return None
        matrix = TransitionMatrix(states=STATES, impossible=IMPOSSIBLE).fit(codes[:, : learn + 1])
        said = WithinStates.fit(now, then, x, self.C).chances(test_now, test_x)
        loss = log_loss_rows(said, test_then)
        other = log_loss_rows(matrix.probabilities_[test_now], test_then)
        gain = float((other - loss).mean())
        # Months of one customer hang together, so the error is that of customers, not of rows.
        sums = np.bincount(np.unique(who, return_inverse=True)[1], other - loss - gain)
        half = 1.645 * float(np.sqrt((sums**2).sum())) / len(loss)
        tenths, error = calibration(said, test_then)
        self.held_ = Held(who, worse(test_now, said), worse(test_now, np.eye(STATES)[test_then]))
        return Comparison(
            len(loss), codes.shape[1] - 1 - learn, float(loss.mean()), float(other.mean()),
            gain, gain - half, gain + half, error, tenths,
        )  # fmt: skip

    def _moves(
        self, codes: NDArray[np.int8], figures: Vector, months: range, rng: np.random.Generator
    ) -> tuple[NDArray[np.int8], NDArray[np.int64], Vector, NDArray[np.int64]]:
        both = (codes[:, :-1] >= 0) & (codes[:, 1:] >= 0)
        both[:, : months.start] = False
        both[:, months.stop :] = False
        place = np.flatnonzero(both.ravel())
        if len(place) > self.rows:
            place = np.sort(rng.choice(place, self.rows, replace=False))
        row, month = np.divmod(place, codes.shape[1] - 1)
        return codes[row, month], codes[row, month + 1].astype(np.int64), figures[row, month], row


def figures_of(at: Standing, left: Vector, outlasted: Vector, usual_gap: Vector) -> Vector:
    """The figures of ``FEATURES``, skewed ones as logarithms: shape (customers, days, features)."""
    return np.stack(
        [
            np.log1p(at.silence), left, outlasted, np.log1p(at.orders), np.log1p(at.T), np.log(usual_gap),
            np.log1p(np.maximum(at.spent, 0.0)),
        ],
        axis=-1,
    )  # fmt: skip


@dataclass(frozen=True)
class WithinStates:
    """A logit whose features are the state of today and every figure within each state, measured from its mean there.

    Measured so, the figures of a state do not repeat what the state itself
    says, and the fit needs a tenth of the steps.
    """

    logit: ScaledLogit
    mean: Vector
    scale: Vector

    @classmethod
    def fit(cls, codes: NDArray[np.int8], then: NDArray[np.int64], figures: Vector, C: float) -> Self:
        """Learn where customers in these states with these figures stood next."""
        count = np.maximum(np.bincount(codes, minlength=STATES), 1)[:, None]
        sums, squares = np.zeros((STATES, figures.shape[1])), np.zeros((STATES, figures.shape[1]))
        np.add.at(sums, codes, figures)
        np.add.at(squares, codes, figures**2)
        mean = sums / count
        scale = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
        scale = np.where(scale < 1e-6, 1.0, scale)
        with warnings.catch_warnings():
            # The steps are bounded for the turn's sake; the comparison on unseen months judges the result.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return cls(ScaledLogit(C=C, max_iter=60).fit(_design(codes, figures, mean, scale), then), mean, scale)

    def chances(self, codes: NDArray[np.int8], figures: Vector) -> Vector:
        """Chances over all states, impossible moves taken out; rows sum to 1."""
        found = np.zeros((len(codes), STATES))
        x = _design(codes, figures, self.mean, self.scale)
        found[:, self.logit.classes_.astype(np.int64)] = self.logit.predict_proba(x)
        found[codes > 0, 0] = 0.0
        return np.asarray(found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300))

    def terms(self, codes: NDArray[np.int8], figures: Vector, towards: NDArray[np.int64]) -> Vector:
        """What each figure adds to the score of a state, shape (customers, figures)."""
        place = np.minimum(np.searchsorted(self.logit.classes_, towards), len(self.logit.classes_) - 1)
        parts = self.logit.terms(_design(codes, figures, self.mean, self.scale), place)
        return np.asarray(parts[:, STATES:].reshape(len(codes), STATES, -1).sum(axis=1))


def _design(codes: NDArray[np.int8], figures: Vector, mean: Vector, scale: Vector) -> Vector:
    n, k = figures.shape
    found = np.zeros((n, STATES + STATES * k))
    rows = np.arange(n)
    found[rows, codes] = 1.0
    columns = STATES + codes.astype(np.int64)[:, None] * k + np.arange(k)[None, :]
    found[rows[:, None], columns] = (figures - mean[codes]) / scale[codes]
    return found


def calibration(said: Vector, came: NDArray[np.int64]) -> tuple[tuple[Decile, ...], float]:
    """Chances in tenths beside how often they came true, over all states, and their mean distance."""
    chance = said.ravel()
    true = (np.arange(said.shape[1])[None, :] == came[:, None]).ravel().astype(np.float64)
    order = np.argsort(chance, kind="stable")
    parts = [p for p in np.array_split(order, 10) if len(p)]
    tenths = tuple(Decile(len(p), float(chance[p].mean()), float(true[p].mean())) for p in parts)
    error = sum(t.customers * abs(t.forecast - t.actual) for t in tenths) / max(len(chance), 1)
    return tenths, float(error)


def worse(codes: NDArray[Any], chances: Vector) -> Vector:
    """The chance to slip: to stand at risk, dormant or lost next month and lower than today."""
    ranks = np.array([0, 0, 0, 1, 2, 3])
    lower = ranks[None, :] > ranks[codes][:, None]
    return np.asarray((chances * lower).sum(axis=1))
