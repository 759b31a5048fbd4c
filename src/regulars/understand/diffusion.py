"""Does a thing spread from person to person? Adoption foretold with and without who knows whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.special import expit, ndtri
from scipy.stats import rankdata
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from regulars.understand.uplift_learners import logistic_arm
from regulars.understand.uplift_sums import ArmSums, Linear

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
NETWORK = ("adopters known (log)", "share of those known", "any known", "names (log)", "named by (log)")


@dataclass(frozen=True)
class Spread:
    """Foretold adoption on groups never seen, with the network beside without it.

    ``gain`` is by how much the mean log-loss per person and period falls, ``auc_gain`` how much better adopters are
    ranked; intervals come from persons drawn with replacement. ``code``: ``network_foretells``,
    ``cannot_tell`` or ``network_misleads``.
    """

    loss: float
    loss_without: float
    gain: float
    gain_low: float
    gain_high: float
    auc: float
    auc_without: float
    auc_gain: float
    auc_low: float
    auc_high: float
    people: int
    adoptions: int
    groups: int
    code: str


class AdoptionHazard(BaseEstimator):  # type: ignore[misc]
    """The chance to adopt in the next period for those who have not yet, given who around them has.

    ``logit h_it = a + b1 t + b2 ln t + b3 t^2 + c'x_i + d'e_it``: a curve over time, what is known of the person
    (``x``), and exposure ``e``: the adopters among those they know at the end of the period before (logarithm of
    their number, share of all known, any at all) and how many they name and are named by. Slopes are drawn to zero
    by a ridge whose weight is chosen by restricted likelihood, so a network that says nothing costs little.

    Exposure is not proof: friends resemble each other and hear the same news. Only an experiment (for instance asking
    a random half for referrals) shows influence.

    Parameters
    ----------
    network : bool, default=True
        False leaves out everything known from links: the baseline to beat.

    Source: Valente (1995), Network Models of the Diffusion of Innovations, ch. 5; Allison, Sociological Methodology
    13 (1982) 61-98 (discrete-time hazards).
    """

    def __init__(self, *, network: bool = True) -> None:
        self.network = network

    def fit(self, panel: Panel, y: None = None) -> Self:
        """Learn from a panel made by ``panel``."""
        raw = panel.columns(self.network)
        self.mean_, self.sd_ = raw.mean(axis=0), np.where(raw.std(axis=0) > 0, raw.std(axis=0), 1.0)
        X, target = self._scaled(raw), panel.adopts.astype(float)
        if not 0 < target.sum() < len(target):
            raise ValueError("nobody or everybody adopted in the periods given: nothing tells them apart")
        self.model_: Linear = logistic_arm(X, target, ArmSums.of(X, target), None, None)
        return self

    def predict(self, panel: Panel) -> Vector:
        """The chance of each row of the panel to adopt in its period."""
        check_is_fitted(self)
        return np.asarray(expit(self._scaled(panel.columns(self.network)) @ self.model_.coef), dtype=np.float64)

    def _scaled(self, raw: Vector) -> Vector:
        return np.column_stack([np.ones(len(raw)), (raw - self.mean_) / self.sd_])


@dataclass(frozen=True)
class Panel:
    """A row per person and period while they have not adopted: who, when, which group, exposure, whether then."""

    person: Ints
    period: Ints
    group: Ints
    adopts: NDArray[np.bool_]
    exposure: Vector
    known: Vector

    def columns(self, network: bool) -> Vector:
        """The features: time, the person and, if wanted, the network."""
        t = self.period.astype(float)
        time = np.column_stack([t, np.log(t), t**2])
        return np.hstack([time, self.known, self.exposure] if network else [time, self.known])

    def take(self, rows: NDArray[Any]) -> Panel:
        """Some of the rows."""
        return Panel(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def panel(
    adopted: ArrayLike, source: ArrayLike, target: ArrayLike, *, periods: int, group: ArrayLike | None = None,
    known: ArrayLike | None = None,
) -> Panel:  # fmt: skip
    """Lay people out over periods 1 to ``periods``.

    ``adopted`` is the period each person adopted in, anything above ``periods`` for not (yet); links go from
    ``source`` (who names) to ``target`` (who is named), as row numbers; ``known`` has a column per thing known.

    >>> made = panel([1, 2, 9], [1, 2], [0, 1], periods=2)
    >>> made.person.tolist(), made.period.tolist(), made.exposure[:, 1].tolist()
    ([0, 1, 2, 1, 2], [1, 1, 1, 2, 2], [0.0, 0.0, 0.0, 0.5, 0.0])
    """
    when = np.asarray(adopted, dtype=np.float64)
    n = len(when)
    if np.isnan(when).any() or (when < 1).any():
        raise ValueError("adopted counts periods from 1; who never adopted gets a number above the last period")
    a, b = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
    names = sparse.coo_array((np.ones(len(a)), (a, b)), shape=(n, n)).tocsr()
    knows = ((names + names.T) > 0).astype(np.float64).tocsr()
    knows.setdiag(0)
    degree: Vector = np.asarray(knows.sum(axis=1)).ravel()
    fixed = np.column_stack([np.log1p(np.bincount(a, minlength=n)), np.log1p(np.bincount(b, minlength=n))])
    own = np.zeros((n, 0)) if known is None else np.asarray(known, dtype=np.float64).reshape(n, -1)
    groups = np.zeros(n, dtype=np.int64) if group is None else np.unique(np.asarray(group), return_inverse=True)[1]
    parts: list[tuple[Any, ...]] = []
    for t in range(1, periods + 1):
        risk = np.flatnonzero(when >= t)
        count = knows @ (when < t).astype(float)
        share = np.divide(count, degree, out=np.zeros(n), where=degree > 0)
        exposed = np.column_stack([np.log1p(count), share, count > 0, fixed])
        parts.append((risk, np.full(len(risk), t), groups[risk], when[risk] == t, exposed[risk], own[risk]))
    return Panel(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def spread(data: Panel, *, level: float = 0.9, draws: int = 400, seed: int = 0) -> Spread:
    """Hold out each group in turn, foretell it from the others with and without the network, and compare.

    Raises ``ValueError`` with fewer than two groups.
    """
    groups = np.unique(data.group)
    if len(groups) < 2:
        raise ValueError("at least two groups (villages, cities, companies) are needed to hold one out")
    chance = {True: np.zeros(len(data.person)), False: np.zeros(len(data.person))}
    for g in groups:
        own = data.group == g
        for network in (True, False):
            fitted = AdoptionHazard(network=network).fit(data.take(~own))
            chance[network][own] = np.clip(fitted.predict(data.take(own)), 1e-9, 1 - 1e-9)
    loss = {k: -np.where(data.adopts, np.log(p), np.log1p(-p)) for k, p in chance.items()}
    auc = {k: _auc(p, data.adopts) for k, p in chance.items()}
    losses, aucs = _drawn(data, chance, loss[False] - loss[True], draws, np.random.default_rng(seed))
    tail = (1.0 - level) / 2.0
    gain = float((loss[False] - loss[True]).mean())
    half = float(ndtri(1.0 - tail)) * float(losses.std(ddof=1))
    low, high = gain - half, gain + half
    auc_low, auc_high = (float(q) for q in np.quantile(aucs, [tail, 1.0 - tail]))
    return Spread(
        float(loss[True].mean()), float(loss[False].mean()), gain, low, high, auc[True], auc[False],
        auc[True] - auc[False], auc_low, auc_high, len(np.unique(data.person)), int(data.adopts.sum()), len(groups),
        "network_foretells" if low > 0 else "network_misleads" if high < 0 else "cannot_tell",
    )  # fmt: skip


def _drawn(
    data: Panel, chance: dict[bool, Vector], gain: Vector, draws: int, rng: np.random.Generator
) -> tuple[Vector, Vector]:
    """Mean gain and AUC gain over people drawn with replacement, by integer weights."""
    n = int(data.person.max()) + 1
    orders = {k: np.argsort(p, kind="stable") for k, p in chance.items()}
    losses, aucs = np.empty(draws), np.empty(draws)
    for i in range(draws):
        weight = np.bincount(rng.integers(0, n, n), minlength=n)[data.person].astype(float)
        losses[i] = float(weight @ gain) / float(weight.sum())
        two = [_weighted_auc(data.adopts[o], weight[o]) for o in (orders[True], orders[False])]
        aucs[i] = two[0] - two[1]
    return losses, aucs


def _auc(score: Vector, hit: NDArray[np.bool_]) -> float:
    rank = rankdata(score)
    ones, zeros = int(hit.sum()), int((~hit).sum())
    return float((rank[hit].sum() - ones * (ones + 1) / 2) / (ones * zeros)) if ones and zeros else 0.5


def _weighted_auc(hit: NDArray[np.bool_], weight: Vector) -> float:
    zeros = np.cumsum(np.where(hit, 0.0, weight))
    ones = np.where(hit, weight, 0.0)
    total = float(ones.sum() * zeros[-1])
    return float(ones @ zeros) / total if total > 0 else 0.5


def links(named: Any, ids: Sequence[Any], group: Sequence[Any]) -> tuple[Ints, Ints]:
    """Links from columns of named ids, which are unique within a group only: row numbers (source, target).

    ``named`` has a row per person and a column per name given; names of nobody in the group and of oneself are left
    out, and each pair counts once.

    >>> [part.tolist() for part in links([[2.0], [1.0], [float("nan")]], [1, 2, 1], ["a", "a", "b"])]
    [[0, 1], [1, 0]]
    """
    place = {(g, i): row for row, (g, i) in enumerate(zip(group, ids, strict=True))}
    pairs = {
        (row, place[g, name])
        for row, (g, names) in enumerate(zip(group, np.asarray(named, dtype=np.float64).tolist(), strict=True))
        for name in names
        if name == name and (g, name) in place and place[g, name] != row
    }
    both = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
