"""Rolling-origin holdout: candidates stand at several past days, foretell what followed, and are judged by it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from regulars.understand.cards import Holdout, compare
from regulars.understand.correction import Correction, Misses, learn
from regulars.understand.day_cells import DayCells
from regulars.understand.latent_attrition import LatentAttrition

Vector = NDArray[np.float64]
Models = Mapping[str, type[LatentAttrition]]

# No cut-off looks further ahead than it can look back.
CUTS = (1 / 2, 2 / 3, 5 / 6)
# A test with fewer customers, purchases or days cannot tell two models apart.
FEWEST_HELD_OUT, FEWEST_PURCHASES, FEWEST_DAYS, SHORTEST_FINAL = 50, 20, 14, 28
# Enough to tell models apart; the cost stays the same however many customers there are.
SAMPLE, SCORED = 4_000, 2_000
# A log-normal prior of standard deviation 2.2: without it a flat likelihood is climbed for ever, which costs
# seconds and lets a parameter go to infinity at a cut-off with little to learn from.
WEAK = 0.1


@dataclass(frozen=True)
class Trial:
    """One candidate at one cut-off: what it foretold and what came.

    ``log_score`` is the mean log probability it gave to the number of purchases
    that came, the higher the better; ``mae`` the mean absolute error of the
    expected number.
    """

    model: str
    cut: int
    days: int
    customers: int
    forecast: float
    actual: float
    bias: float
    mae: float
    log_score: float


@dataclass(frozen=True)
class Held:
    """The last third, customer by customer: positions in ``cells.customers``, forecast and what came."""

    code: NDArray[np.int64]
    said: Vector
    came: Vector


@dataclass(frozen=True)
class Rolling:
    """What the tests said: the model, the correction, and how both did on the last third of the days.

    ``holdout`` is of the whole procedure, choice and correction included, told
    only the days before; ``bias_before`` is its bias without the correction and
    ``likely_mae`` the error of the likely number (the median).
    """

    chosen: str
    correction: Correction
    trials: tuple[Trial, ...]
    holdout: Holdout
    tested: str
    bias_before: float
    likely_mae: float
    held: Held


@dataclass(frozen=True)
class Past:
    """Customers as they stood at a cut-off, and the purchases that came until the end."""

    cut: int
    end: int
    code: NDArray[np.int64]
    first: NDArray[np.int64]
    x: Vector
    tx: Vector
    T: Vector
    actual: Vector

    @property
    def days(self) -> int:
        """How far it looks ahead."""
        return self.end - self.cut

    @property
    def tells(self) -> bool:
        """Whether there is enough here to judge anything."""
        return bool(
            self.days >= FEWEST_DAYS
            and len(self.x) >= FEWEST_HELD_OUT
            and self.actual.sum() >= FEWEST_PURCHASES
            and np.sum(self.x > 0) >= FEWEST_PURCHASES
        )


def rolling_holdout(cells: DayCells, models: Models) -> Rolling | None:
    """Choose among the candidates and learn the correction; None when the history is too short to test anything.

    The first of ``models`` is kept unless another one's log score is better by
    more than two standard errors of the difference. A correction is made only
    if one did no harm on the last third either.
    """
    cells = sampled(cells)
    first, last = int(cells.day.min()), cells.last_day
    final = past(cells, last - (last - first) // 3, last)
    if not final.tells or final.days < SHORTEST_FINAL:
        return None
    # The same procedure, told nothing of the last third, shows what to expect of it.
    chosen, correction, _ = _judge(cells, models, first, final.cut)
    model = _fit(models[chosen], final)
    plain = model.conditional_expected_purchases(float(final.days), final.x, final.tx, final.T)
    factor = correction.factors(final.first)
    naive = final.x * final.days / np.maximum(final.T, 1.0)
    holdout = compare(plain * factor, final.actual, naive, final.days)
    now, learnt, trials = _judge(cells, models, first, last)
    before = float(plain.sum() / final.actual.sum() - 1.0)
    if abs(holdout.bias) > abs(before):
        # It promised to help there as well, and did harm.
        learnt = Correction()
    return Rolling(
        now, learnt, trials, holdout, chosen, before,
        _likely_mae(model, final, factor), Held(final.code, plain * factor, final.actual),
    )  # fmt: skip


def _judge(cells: DayCells, models: Models, first: int, last: int) -> tuple[str, Correction, tuple[Trial, ...]]:
    """What the days up to ``last`` say: the best candidate, its correction, and all trials."""
    trials: list[Trial] = []
    scores: dict[str, list[Vector]] = {name: [] for name in models}
    misses: dict[str, list[Misses]] = {name: [] for name in models}
    for share in CUTS:
        at = past(cells, first + int((last - first) * share), last)
        if not at.tells:
            continue
        for name, kind in models.items():
            model = _fit(kind, at)
            forecast = model.conditional_expected_purchases(float(at.days), at.x, at.tx, at.T)
            scores[name].append(_log_scores(model, at))
            misses[name].append(Misses(at.first, forecast, at.actual))
            trials.append(_trial(name, at, forecast, scores[name][-1]))
    chosen = _best(scores)
    return chosen, learn(misses[chosen]), tuple(trials)


def _best(scores: Mapping[str, list[Vector]]) -> str:
    """The first candidate, unless another is better by more than two standard errors; then the best of those."""
    default, *others = scores
    found, most = default, 0.0
    for name in others:
        gains = [other - own for other, own in zip(scores[name], scores[default], strict=True)]
        if not gains:
            continue
        gain = float(np.mean([g.mean() for g in gains]))
        error = float(np.sqrt(np.sum([g.var(ddof=1) / len(g) for g in gains]))) / len(gains)
        if gain > max(most, 2.0 * error):
            found, most = name, gain
    return found


def past(cells: DayCells, cut: int, end: int) -> Past:
    """Frequency, recency and T on day ``cut`` of who had bought by then, and their purchases until day ``end``."""
    early = cells.day <= cut
    code, day = cells.code[early], cells.day[early]
    starts = np.flatnonzero(np.concatenate(([True], code[1:] != code[:-1]))) if len(code) else code
    counts = np.diff(np.append(starts, len(code)))
    later = np.bincount(cells.code[~early & (cells.day <= end)], minlength=len(cells.customers))
    first, last = day[starts], day[starts + counts - 1]
    return Past(
        cut, end, code[starts], first, (counts - 1).astype(np.float64), (last - first).astype(np.float64),
        (cut - first).astype(np.float64), later[code[starts]].astype(np.float64),
    )  # fmt: skip


def sampled(cells: DayCells) -> DayCells:
    """Every k-th customer, so that about ``SAMPLE`` are left."""
    step = len(cells.customers) // SAMPLE
    if step < 2:
        return cells
    rows = cells.code % step == 0
    return replace(
        cells, code=cells.code[rows], day=cells.day[rows], orders=cells.orders[rows], amount=cells.amount[rows]
    )


def _fit(kind: type[LatentAttrition], at: Past) -> LatentAttrition:
    """Maximum likelihood with a pull so weak that it only tells where the likelihood is flat."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return kind(penalizer=WEAK).fit({"frequency": at.x, "recency": at.tx, "T": at.T})


def fit_firmly(kind: type[LatentAttrition], table: Any, few: bool = False) -> tuple[LatentAttrition, bool]:
    """Maximum likelihood, or, when that is not pinned down, drawn to a typical shop; says whether it was drawn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if not few:
            model = kind().fit(table)
            if model.converged_ and np.all(np.isfinite(model.covariance_)):
                return model, False
        return kind(penalizer=1.0).fit(table), True


def _log_scores(model: LatentAttrition, at: Past) -> Vector:
    """ln P(the number that came), for an evenly spaced share of the customers."""
    rows = slice(None, None, max(len(at.x) // SCORED, 1))
    x, tx, T, n = at.x[rows], at.tx[rows], at.T[rows], at.actual[rows]
    alive = model.p_alive(x, tx, T)
    horizon = np.full(len(x), float(at.days))

    def at_least(k: Vector) -> Vector:
        found = np.ones(len(k))
        some = k > 0
        if np.any(some):
            found[some] = alive[some] * model._at_least(k[some], horizon[some], x[some], T[some])
        return found

    # Nobody is surer than one in a million, so that no single customer decides.
    return np.log(np.maximum(at_least(n) - at_least(n + 1.0), 1e-6))


def _trial(name: str, at: Past, forecast: Vector, scores: Vector) -> Trial:
    total, came = float(forecast.sum()), float(at.actual.sum())
    error = float(np.abs(forecast - at.actual).mean())
    return Trial(name, at.cut, at.days, len(at.x), total, came, total / came - 1.0, error, float(scores.mean()))


def _likely_mae(model: LatentAttrition, at: Past, factor: Vector) -> float:
    rows = slice(None, None, max(len(at.x) // SCORED, 1))
    x, tx, T = at.x[rows], at.tx[rows], at.T[rows]
    # The upper end of a symmetric interval of no width is the median.
    median, _ = model.conditional_expected_purchases_interval(float(at.days), x, tx, T, level=0.0, individual=True)
    return float(np.abs(np.round(median * factor[rows]) - at.actual[rows]).mean())
