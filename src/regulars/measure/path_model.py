"""Which contacts go with an order: a logistic model of whether a journey ends in one, and what it credits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse
from scipy.special import expit

from regulars.measure.journeys import coded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from regulars.measure.journeys import Journeys
    from regulars.measure.resample import Buckets

    Vector = NDArray[np.float64]

STEPS: Final = 60


@dataclass(frozen=True)
class PathModel:
    """``P(order) = expit(b0 + sum_k (b_k present_k + c_k log2(1 + repeats_k)))``.

    ``beta`` is the constant, then ``b``, then ``c``; ``information`` its Hessian; ``auc`` how well journeys of
    held-back distinct paths were ranked, 0.5 being luck.
    """

    beta: Vector
    information: Vector
    auc: float | None


def features(told: Journeys) -> sparse.csr_array:
    """Per distinct path: 1, each channel's presence, and log2(1 + times it was met again)."""
    path, channel = told.members
    n, rows = len(told.names), len(told.length)
    _, where = coded(told.at * n + told.channel, rows * n)
    seen = np.bincount(where, minlength=len(path))
    again = seen > 1
    at = np.concatenate([np.arange(rows), path, path[again]])
    column = np.concatenate([np.zeros(rows, dtype=np.int64), 1 + channel, 1 + n + channel[again]])
    values = np.concatenate([np.ones(rows), np.ones(len(path)), np.log2(seen[again])])
    return sparse.csr_array((values, (at, column)), shape=(rows, 2 * n + 1))


def fit(told: Journeys, won: Vector, lost: Vector, ridge: float, seed: int) -> PathModel:
    """Fit by Newton steps on journeys of all distinct paths; a fifth of them, held back, gives ``auc``."""
    X = features(told)
    held = np.random.default_rng(seed).random(len(won)) < 0.2
    beta, information = newton(X, won, lost, ridge)
    auc = None
    if won[held].sum() >= 1 and lost[held].sum() >= 1 and won[~held].sum() >= 1 and lost[~held].sum() >= 1:
        other, _ = newton(X[~held], won[~held], lost[~held], ridge, start=beta)
        auc = ranked(X[held] @ other, won[held], lost[held])
    return PathModel(beta, information, auc)


def newton(
    X: sparse.csr_array, won: Vector, lost: Vector, ridge: float, start: Vector | None = None
) -> tuple[Vector, Vector]:
    """Maximise the likelihood less ``ridge/2`` times the squared size of all but the constant.

    Steps that overshoot are halved. Returns the coefficients and the Hessian there.
    """
    size, total = X.shape[1], won + lost
    penalty = np.full(size, ridge)
    penalty[0] = 1e-9
    beta = np.zeros(size) if start is None else start.copy()
    if start is None:
        beta[0] = np.log((won.sum() + 0.5) / (lost.sum() + 0.5))
    flat = X.T.tocsr()

    def loss(b: Vector) -> float:
        eta = X @ b
        return float(total @ np.logaddexp(0.0, eta) - won @ eta + 0.5 * penalty @ (b * b))

    now = loss(beta)
    for _ in range(STEPS):
        p = expit(X @ beta)
        gradient = flat @ (total * p - won) + penalty * beta
        hessian = np.asarray((flat @ (X * (total * p * (1 - p))[:, None])).todense()) + np.diag(penalty)
        step, scale = np.linalg.solve(hessian, gradient), 1.0
        while (new := loss(beta - scale * step)) > now and scale > 1e-6:
            scale /= 2
        beta = beta - scale * step
        done, now = now - new <= 1e-10 * (1 + abs(now)), new
        if done:
            break
    return beta, hessian


def shares(told: Journeys, beta: Vector) -> sparse.csr_array:
    """Path by channel: how each order of a path is shared.

    A channel's part is what the chance of an order loses when the channel is taken out of that path, if it loses
    anything; the parts of a path are scaled to one. A path where no channel helps is shared equally.
    """
    path, channel = told.members
    gain = _gains(told, features(told), _again(told), beta)
    return sparse.csr_array((gain, (path, channel)), shape=(len(told.length), len(told.names)))


def _again(told: Journeys) -> Vector:
    """log2 of how often each member of a path was met on it."""
    path, n = told.members[0], len(told.names)
    _, where = coded(told.at * n + told.channel, len(told.length) * n)
    seen = np.bincount(where, minlength=len(path))
    found: Vector = np.log2(seen)
    return found


def _gains(told: Journeys, X: sparse.csr_array, again: Vector, beta: Vector) -> Vector:
    path, channel = told.members
    chance = (X @ beta)[path]
    without = chance - beta[1 + channel] - again * beta[1 + len(told.names) + channel]
    gain = np.maximum(expit(chance) - expit(without), 0.0)
    whole = np.bincount(path, gain, len(told.length))
    size = np.bincount(path, minlength=len(told.length))
    none = whole <= 0
    found: Vector = np.where(none[path], 1.0 / size[path], gain / np.where(none, 1.0, whole)[path])
    return found


def replicates(told: Journeys, model: PathModel, drawn: Buckets, ridge: float) -> Vector:
    """Bootstrap replicates (draw, channel, orders or money): each takes one Newton step from the fitted model."""
    X, again, (path, channel) = features(told), _again(told), told.members
    p = expit(X @ model.beta)
    both = drawn.won + drawn.lost
    slope = np.asarray((both @ (X * p[:, None]) - drawn.won @ X).todense())
    slopes = drawn.draws @ slope
    slopes[:, 1:] += ridge * model.beta[1:]
    betas = model.beta - np.linalg.solve(model.information, slopes.T).T
    found = np.zeros((len(betas), len(told.names), 2))
    won, money = (part.T.tocsr() for part in (drawn.won, drawn.money))
    for b, beta in enumerate(betas):
        gain = _gains(told, X, again, beta)
        for j, part in enumerate((won, money)):
            found[b, :, j] = np.bincount(channel, gain * (part @ drawn.draws[b])[path], len(told.names))
    return found


def ranked(score: Vector, won: Vector, lost: Vector) -> float:
    """Chance that a journey with an order scores above one without; ties count half."""
    _, at = np.unique(score, return_inverse=True)
    good, bad = np.bincount(at, won), np.bincount(at, lost)
    below = np.cumsum(bad) - bad
    return float(good @ (below + bad / 2) / (good.sum() * bad.sum()))
