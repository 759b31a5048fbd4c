"""What a treatment changes for each customer: learn it from people who got it and people held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import same_kind
from regulars.understand.cards import ModelCard
from regulars.understand.uplift_design import Design
from regulars.understand.uplift_learners import (
    LINEAR,
    BoostedEffect,
    LinearEffect,
    LogisticEffect,
    boosted,
    logistic_arm,
)
from regulars.understand.uplift_pooled import PooledEffect, pooled_logistic
from regulars.understand.uplift_sums import ArmSums

Vector = NDArray[np.float64]
Effect = LinearEffect | LogisticEffect | PooledEffect | BoostedEffect
FEWEST = 30  # people an arm; below it an arm's mean has no normal law to stand on
EXTREME = 0.02  # a propensity nearer than this to 0 or 1 leaves nobody to compare with


@dataclass(frozen=True)
class ArmEffect:
    """The mean effect of one arm against control: outcome per head, with an interval, and how many people each had."""

    arm: str
    treated: int
    control: int
    mean_treated: float
    mean_control: float
    value: float
    low: float
    high: float


class Uplift(BaseEstimator):  # type: ignore[misc]
    """Foretell what a treatment changes for each customer: E[y | treated, x] - E[y | left alone, x].

    Choose whom to treat by this and not by who is likely to buy: most of those buy anyway. The outcome may be
    yes/no or money; several treatments are each held against the same control people.

    Parameters
    ----------
    learner : {"s", "t", "x", "class"}, default="s"
        ``s`` one model in which the treatment meets every feature; ``t`` one model per arm; ``x`` fills in what each
        person would have done in the other arm and learns the difference; ``class`` learns the transformed outcome
        y (T - e) / (e (1 - e)).
    base : {"linear", "logistic", "boosting"}, default="linear"
        ``linear`` needs only sums of each arm (one pass; see ``sums`` and ``fit_sums``). ``logistic`` keeps shares
        between 0 and 1 (yes/no outcomes; learner "t": one model per arm, "s": one for both, in which everybody has
        the same effect on the log odds but for what left-out people bear out). ``boosting`` is LightGBM, from the
        extra ``[ml]``.
    penalizer : float or None
        Ridge on the slopes; None chooses it by restricted likelihood, so that few people give everybody nearly the
        same effect instead of noise.
    control : str or None
        The arm that was left alone; None takes ``0``, ``False``, ``"control"``, ``"none"``, ``"holdout"`` or ``"no"``.
    propensity : None, "estimate", float, or mapping of arm to float
        The chance to be treated. None: the draw was even for all, take the shares seen. "estimate": fit it by
        logistic regression on X where owners chose by hand. A number or one per arm: as planned.
    curved : bool, default=True
        Let numbers act through their square as well.
    level : float, default=0.9
        How sure the intervals are.
    random_state : int, default=0
        Seed of the bags of ``boosting``.

    Attributes
    ----------
    arms_ : tuple of str
        The treatments, in order; the columns of ``predict`` for plain arrays.
    effects_ : tuple of ArmEffect
        The mean effect of each arm.
    sums_ : dict of str to ArmSums
        One entry per arm and control: all that the linear models are made of.
    design_ : Design
        How features become columns.
    card_ : ModelCard
        Data, features, mean effects and limits: ``propensity_extreme``, ``too_few_people``, ``no_difference_seen``.

    Examples
    --------
    >>> import numpy as np
    >>> from regulars.understand import Uplift
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.normal(size=(4000, 1)), rng.integers(0, 2, 4000)
    >>> y = 10 + t * (1 + 2 * x[:, 0]) + rng.normal(size=4000)
    >>> model = Uplift().fit(x, t, y)
    >>> bool(abs(model.predict(np.array([[1.0]]))[0] - 3) < 0.2)
    True

    Source: Kuenzel, Sekhon, Bickel and Yu, PNAS 116 (2019) 4156-4165 (S, T, X); Jaskowski and Jaroszewicz (2012).
    """

    def __init__(
        self, *, learner: str = "s", base: str = "linear", penalizer: float | None = None, control: str | None = None,
        propensity: str | float | Mapping[str, float] | None = None, curved: bool = True, level: float = 0.9,
        random_state: int = 0,
    ) -> None:  # fmt: skip
        self.learner = learner
        self.base = base
        self.penalizer = penalizer
        self.control = control
        self.propensity = propensity
        self.curved = curved
        self.level = level
        self.random_state = random_state

    def fit(self, X: Any, treatment: ArrayLike, y: ArrayLike) -> Self:
        """Learn from one row per person: features known before, the arm, and what came of it.

        Raises ``ValueError`` where lengths differ, an outcome is missing, nobody was held back, or an arm has fewer
        than 30 people.
        """
        self._check_choices()
        arm, outcome = _arms(treatment), np.asarray(y, dtype=np.float64)
        self.design_ = Design(curved=self.curved).fit(X)
        matrix = self.design_.transform(X)
        if not len(matrix) == len(arm) == len(outcome):
            raise ValueError(f"{len(matrix)} rows of X, {len(arm)} treatments, {len(outcome)} outcomes: one per person")
        if not np.isfinite(outcome).all():
            raise ValueError("some outcomes are missing: fit on people whose outcome is known")
        self.control_ = _control(arm, self.control)
        self.arms_ = tuple(str(a) for a in np.unique(arm) if a != self.control_)
        self._fit_arms(matrix, arm, outcome)
        return self

    def sums(self, X: Any, treatment: ArrayLike, y: ArrayLike) -> dict[str, ArmSums]:
        """One batch of people as sums per arm, by the design of a fitted model; add batches with ``+``."""
        check_is_fitted(self)
        matrix, arm, outcome = self.design_.transform(X), _arms(treatment), np.asarray(y, dtype=np.float64)
        return {str(a): ArmSums.of(matrix[arm == a], outcome[arm == a]) for a in np.unique(arm)}

    def fit_sums(self, sums: Mapping[str, ArmSums]) -> Self:
        """Learn again from sums alone (``base="linear"``, even draw): the same model as from the people themselves."""
        check_is_fitted(self)
        if self.base != "linear" or self.propensity == "estimate":
            raise ValueError("only base='linear' with a known propensity can be learnt from sums")
        self.sums_ = dict(sums)
        self._conclude({a: self._linear(a) for a in self.arms_}, set())
        return self

    def predict(self, X: Any) -> Any:
        """The uplift of each person.

        For a plain array: an array of shape (people,), or (people, arms) with several arms. For a table: a table of
        the same kind with ``uplift, uplift_low, uplift_high`` (several arms: ``uplift_<arm>`` and so on).
        """
        value, low, high = self.predict_interval(X)
        if isinstance(X, np.ndarray):
            return value[:, 0] if len(self.arms_) == 1 else value
        names = ["uplift"] if len(self.arms_) == 1 else [f"uplift_{a}" for a in self.arms_]
        columns: dict[str, Vector] = {}
        for i, name in enumerate(names):
            columns |= {name: value[:, i], f"{name}_low": low[:, i], f"{name}_high": high[:, i]}
        return same_kind(pa.table(columns), X)

    def predict_interval(self, X: Any) -> tuple[Vector, Vector, Vector]:
        """Uplift with its interval: three arrays of shape (people, arms): value, low, high.

        The interval is that of the effect on people like this one, not of one person's own luck.
        """
        check_is_fitted(self)
        matrix = self.design_.transform(X)
        z = float(ndtri(0.5 + self.level / 2))
        parts = [self.models_[a].effect(matrix) for a in self.arms_]
        value, error = np.column_stack([v for v, _ in parts]), np.column_stack([e for _, e in parts])
        return value, value - z * error, value + z * error

    def _check_choices(self) -> None:
        if self.learner not in LINEAR:
            raise ValueError(f"learner must be one of {', '.join(LINEAR)}, not {self.learner!r}")
        if self.base not in ("linear", "logistic", "boosting"):
            raise ValueError(f"base must be linear, logistic or boosting, not {self.base!r}")
        if self.base == "logistic" and self.learner not in ("s", "t"):
            raise ValueError("base='logistic' goes with learner='t' (a model per arm) or 's' (one for both)")
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"level must be between 0 and 1, not {self.level}")

    def _fit_arms(self, matrix: Vector, arm: NDArray[np.str_], outcome: Vector) -> None:
        held = arm == self.control_
        limits: set[str] = set()
        self.sums_ = {self.control_: ArmSums.of(matrix[held], outcome[held])}
        models: dict[str, Effect] = {}
        for a in self.arms_:
            got = arm == a
            if min(int(got.sum()), int(held.sum())) < FEWEST:
                raise ValueError(
                    f"{int(got.sum())} people got '{a}' and {int(held.sum())} were held back ('{self.control_}'): "
                    f"at least {FEWEST} of each are needed"
                )
            both = got | held
            self.sums_[a] = ArmSums.of(matrix[got], outcome[got])
            share = self._shares(a, matrix[both], got[both], limits)
            models[a] = self._model(a, matrix[both], got[both], outcome[both], share)
        self._conclude(models, limits)

    def _model(self, a: str, X: Vector, got: NDArray[np.bool_], y: Vector, share: Vector | None) -> Effect:
        if self.base == "boosting":
            even = np.full(len(y), got.mean()) if share is None else share
            return boosted(self.learner, X, got, y, even, self.random_state)
        weight = None if share is None else np.where(got, 1.0 / share, 1.0 / (1.0 - share))
        if weight is not None:
            weight = weight / np.where(got, weight[got].mean(), weight[~got].mean())
        one, zero = (ArmSums.of(X[w], y[w], None if weight is None else weight[w]) for w in (got, ~got))
        if self.base == "linear":
            return LINEAR[self.learner](one, zero, float(got.mean()), self.penalizer)
        if not np.isin(y, (0.0, 1.0)).all():
            raise ValueError("base='logistic' needs a yes/no outcome (0 or 1); for money use base='linear'")
        if self.learner == "s":
            return pooled_logistic(X, got, y, weight, self.penalizer, self.random_state)
        parts = [
            logistic_arm(X[w], y[w], s, None if weight is None else weight[w], self.penalizer)
            for w, s in ((got, one), (~got, zero))
        ]
        return LogisticEffect(parts[0], parts[1])

    def _linear(self, a: str) -> LinearEffect:
        one, zero = self.sums_[a], self.sums_[self.control_]
        return LINEAR[self.learner](one, zero, one.people / (one.people + zero.people), self.penalizer)

    def _shares(self, a: str, X: Vector, got: NDArray[np.bool_], limits: set[str]) -> Vector | None:
        """The chance of each person to get it; None where the draw was even."""
        if self.propensity is None:
            return None
        if self.propensity == "estimate":
            target = got.astype(float)
            fit = logistic_arm(X, target, ArmSums.of(X, target), None, 1.0)
            share = 1.0 / (1.0 + np.exp(-X @ fit.coef))
            if float(np.mean((share < EXTREME) | (share > 1 - EXTREME))) > 0.01:
                limits.add("propensity_extreme")
            return np.asarray(np.clip(share, EXTREME, 1 - EXTREME), dtype=np.float64)
        planned = self.propensity[a] if isinstance(self.propensity, Mapping) else float(self.propensity)
        if not 0.0 < planned < 1.0:
            raise ValueError(f"the propensity of '{a}' must be between 0 and 1, not {planned}")
        return np.full(len(got), planned)

    def _conclude(self, models: Mapping[str, Effect], limits: set[str]) -> None:
        self.models_ = dict(models)
        self.effects_ = tuple(self._effect(a) for a in self.arms_)
        if all(e.low <= 0 <= e.high for e in self.effects_):
            limits.add("no_difference_seen")
        if min(min(e.treated, e.control) for e in self.effects_) < 1000:
            limits.add("too_few_people")
        self.card_ = ModelCard(
            model="uplift", version=f"uplift_{self.learner}_{self.base}/1", trained_from=None, trained_to=None,
            n=sum(s.people for s in self.sums_.values()), features=self.design_.names_[1:],
            parameters=tuple((f"effect_{e.arm}", e.value, (e.high - e.low) / (2 * float(ndtri(0.5 + self.level / 2))))
                             for e in self.effects_),
            holdout=None, limits=tuple(sorted(limits)),
        )  # fmt: skip

    def _effect(self, a: str) -> ArmEffect:
        one, zero = self.sums_[a], self.sums_[self.control_]
        error = float(np.sqrt(one.variance / one.people + zero.variance / zero.people))
        half, gap = float(ndtri(0.5 + self.level / 2)) * error, one.mean - zero.mean
        return ArmEffect(a, one.people, zero.people, one.mean, zero.mean, gap, gap - half, gap + half)


def _arms(treatment: ArrayLike) -> NDArray[np.str_]:
    values: Any = treatment.to_pylist() if hasattr(treatment, "to_pylist") else treatment
    given = np.asarray(values)
    if given.dtype == object and any(v is None or v != v for v in given):
        raise ValueError("some treatments are missing: say for every person which arm they were in")
    return given.astype(np.int64).astype(np.str_) if given.dtype.kind in "fb" else given.astype(np.str_)


def _control(arm: NDArray[np.str_], wanted: str | None) -> str:
    seen = np.unique(arm).tolist()
    for name in ("0", "control", "none", "holdout", "no") if wanted is None else (str(wanted),):
        for one in seen:
            if one.lower() == name.lower():
                if len(seen) < 2:
                    raise ValueError("everybody was held back: nobody got a treatment to learn from")
                return str(one)
    raise ValueError(f"no arm was left alone among {', '.join(map(str, seen))}: name it with control=...")
