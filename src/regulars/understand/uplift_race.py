"""Learners of uplift side by side on people they never saw, and no winner where the noise could have made one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from regulars.understand.qini import Estimate, qini_area, uplift_at
from regulars.understand.uplift import Uplift
from regulars.understand.uplift_design import Design
from regulars.understand.uplift_learners import arm_model
from regulars.understand.uplift_sums import ArmSums

Vector = NDArray[np.float64]
Scorer = Callable[[Any, NDArray[np.bool_], Vector, Any], Vector]

# From the simplest to the richest; where areas cannot be told apart the first of them is taken.
LEARNERS: Mapping[str, tuple[str, str]] = {
    "s_linear": ("s", "linear"), "t_linear": ("t", "linear"), "class_linear": ("class", "linear"),
    "x_linear": ("x", "linear"), "t_logistic": ("t", "logistic"),
}  # fmt: skip


@dataclass(frozen=True)
class Runner:
    """One learner's figures on unseen people: Qini area per customer and what the best 30 % gained."""

    name: str
    area: float
    low: float
    high: float
    uplift_at_30: float
    behind: float
    behind_low: float
    behind_high: float
    among_best: bool


@dataclass(frozen=True)
class Race:
    """The verdict: ``code`` is ``one_is_best``, ``cannot_tell_apart`` or ``nobody_beats_chance``.

    ``chosen`` is the simplest learner among those that cannot be told from the best; None where no area is above
    zero with the stated sureness: then treat everybody or nobody, whichever pays. ``scores`` are the cross-fitted
    scores of the learner chosen (or of the first), from the first repeat.
    """

    runners: tuple[Runner, ...]
    chosen: str | None
    code: str
    people: int
    repeats: int
    folds: int
    scores: Vector


def race(
    X: Any, treatment: ArrayLike, y: ArrayLike, *, learners: Mapping[str, tuple[str, str]] | None = None,
    repeats: int = 3, folds: int = 2, level: float = 0.9, seed: int = 0,
) -> Race:  # fmt: skip
    """Compare learners by repeated cross-fitting, and say when they cannot be told apart.

    In each of ``repeats`` the people are cut into ``folds`` parts, even in arm and outcome; each part is scored by
    models fitted on the others and its Qini area taken; a learner's area is the mean of all. The standard error of
    a difference joins two noises: which people were asked, sd over people of the mean difference of influences /
    sqrt(n), and how they were cut, variance over repeats / repeats. Limits against the best are widened for the
    number of learners (Bonferroni).

    ``response`` (who is likely to act when treated) runs along to show what scoring by response would have cost; it
    is never chosen. ``learners`` maps a name to (learner, base) of ``Uplift``, the simplest first.
    """
    got, outcome = np.asarray(treatment).astype(np.bool_), np.asarray(y, dtype=np.float64)
    shares = bool(np.isin(outcome, (0.0, 1.0)).all())
    runners: dict[str, Scorer] = {
        name: partial(_scored, learner, base)
        for name, (learner, base) in (learners or LEARNERS).items()
        if shares or base != "logistic"
    }
    runners["response"] = _response
    n = len(outcome)
    areas = {name: np.zeros((repeats, folds)) for name in runners}
    tops = {name: np.zeros((repeats, folds)) for name in runners}
    pulls = {name: np.zeros(n) for name in runners}
    kept = {name: np.zeros(n) for name in runners}
    for repeat in range(repeats):
        part = _parts(got, outcome, folds, np.random.default_rng([seed, repeat]))
        for f in range(folds):
            seen, own = np.flatnonzero(part != f), np.flatnonzero(part == f)
            train, test = _rows(X, seen), _rows(X, own)
            for name, scorer in runners.items():
                score = scorer(train, got[seen], outcome[seen], test)
                found = qini_area(outcome[own], score, got[own], level)
                areas[name][repeat, f] = found.value
                tops[name][repeat, f] = uplift_at(outcome[own], score, got[own], 0.3).value
                pulls[name][own] += found.influence / repeats
                if repeat == 0:
                    kept[name][own] = score
    return _verdict(areas, tops, pulls, kept, level)


def _verdict(
    areas: dict[str, Vector], tops: dict[str, Vector], pulls: dict[str, Vector], kept: dict[str, Vector], level: float
) -> Race:
    real = [name for name in areas if name != "response"]
    best = max(real, key=lambda name: float(areas[name].mean()))
    strict = 1.0 - (1.0 - level) / max(len(real) - 1, 1)
    runners = []
    for name, own in areas.items():
        alone = _difference(own, pulls[name], level)
        gap = _difference(areas[best] - own, pulls[best] - pulls[name], strict)
        runners.append(
            Runner(name, alone.value, alone.low, alone.high, float(tops[name].mean()), gap.value, gap.low, gap.high,
                   name == best or (name in real and gap.low <= 0.0))
        )  # fmt: skip
    equal = [r.name for r in runners if r.among_best]
    above = any(r.low > 0 for r in runners if r.among_best)
    chosen = equal[0] if above else None
    code = "nobody_beats_chance" if not above else "one_is_best" if len(equal) == 1 else "cannot_tell_apart"
    repeats, folds = areas[best].shape
    return Race(
        tuple(sorted(runners, key=lambda r: -r.area)), chosen, code, len(pulls[best]), repeats, folds,
        kept[chosen or equal[0]],
    )  # fmt: skip


def _difference(values: Vector, influence: Vector, level: float) -> Estimate:
    by_repeat = values.mean(axis=1)
    cuts = float(by_repeat.var(ddof=1)) / len(by_repeat) if len(by_repeat) > 1 else 0.0
    error = float(np.sqrt(influence.var() / len(influence) + cuts))
    half, value = float(ndtri(0.5 + level / 2)) * error, float(values.mean())
    return Estimate(value, error, value - half, value + half, influence)


def _parts(got: NDArray[np.bool_], outcome: Vector, folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Folds even in arm and outcome: people in order of both, each run of ``folds`` dealt out at random."""
    order = np.lexsort((rng.random(len(got)), outcome, got))
    part = np.empty(len(got), dtype=np.int64)
    deal = rng.permuted(np.tile(np.arange(folds), (len(got) // folds + 1, 1)), axis=1).ravel()
    part[order] = deal[: len(got)]
    return part


def _rows(X: Any, rows: NDArray[np.int64]) -> Any:
    if isinstance(X, np.ndarray):
        return X[rows]
    return X.iloc[rows] if hasattr(X, "iloc") else X.take(rows)


def _scored(learner: str, base: str, X: Any, t: NDArray[np.bool_], y: Vector, rows: Any) -> Vector:
    model = Uplift(learner=learner, base=base).fit(X, t, y)
    return model.predict_interval(rows)[0][:, 0]


def _response(X: Any, t: NDArray[np.bool_], y: Vector, rows: Any) -> Vector:
    design = Design().fit(X)
    fit = arm_model(ArmSums.of(design.transform(X)[t], y[t]))
    return np.asarray(design.transform(rows) @ fit.coef, dtype=np.float64)
