"""Simulated futures of customers: how far apart one customer's year can turn out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from regulars.understand.gamma_gamma import GammaGamma
from regulars.understand.latent_attrition import LatentAttrition

Vector = NDArray[np.float64]
AGES = 6


@dataclass(frozen=True)
class Futures:
    r"""Sorted draws of the purchases and the money of customers who are alive.

    Given alive, the number of purchases in a time t depends on (x, T) only: for
    BG/NBD the smaller of Poisson(lambda t), lambda ~ Gamma(r + x, alpha + T), and
    the purchase after which the customer leaves, Geometric(p), p ~ Beta(a, b + x).
    Under Gamma-Gamma the money of N purchases is

    .. math:: S = (v + x\,m)\;\frac{Gamma(pN)}{Gamma(q + p x)} = (v + x m)\,R

    where R again depends on (x, T) only. So futures are drawn once per distinct
    x and a few ages T, and every customer reads quantiles off them: the cost
    does not grow with the number of customers. Each draw uses its own draw of
    all parameters, so the spread holds both what we do not know about the
    parameters and what no one can know about one customer.

    Approximations: between ages, quantiles are interpolated in ln(alpha + T);
    above x = 48 customers share futures in steps of 4 % of x; the factor
    (v + x m) moves with the parameters as at the mean m of all.
    """

    x: Vector
    log_age: Vector
    alpha: float
    purchases: NDArray[np.int32]
    money: NDArray[np.float32]

    @classmethod
    def simulate(
        cls, model: LatentAttrition, spend: GammaGamma | None, x: Vector, T: Vector, t: float, draws: int, seed: int
    ) -> Self:
        """Draw the futures of all customers with these frequencies and ages over a time t."""
        rng = np.random.default_rng(seed)
        parameters = model.draw_parameters(draws, rng)
        p, q, v = (spend.draw_parameters(draws, rng) if spend else np.ones((draws, 3))).T
        centre = spend.parameters_ if spend else np.ones(3)
        mean = spend.mean_ if spend else 1.0
        steps = _steps(x)
        distinct, at = np.unique(steps, return_inverse=True)
        youngest = np.full(len(distinct), np.inf)
        oldest = np.zeros(len(distinct))
        np.minimum.at(youngest, at, T)
        np.maximum.at(oldest, at, T)
        log_age = np.linspace(np.log(model.alpha_ + youngest), np.log(model.alpha_ + oldest), AGES, axis=1)
        purchases = np.empty((len(distinct), AGES, draws), dtype=np.int32)
        money = np.empty((len(distinct), AGES, draws), dtype=np.float32)
        for i, count in enumerate(distinct):
            age = np.exp(log_age[i])[:, None] - model.alpha_
            n = model.draw_purchases(parameters, t, float(count), age, rng)
            scale = (v + p * count * mean) / (centre[2] + centre[0] * count * mean)
            ratio = rng.standard_gamma(p * n) / rng.standard_gamma(q + p * count) * scale
            purchases[i] = np.sort(n, axis=1)
            money[i] = np.sort(ratio, axis=1)
        return cls(distinct, log_age, model.alpha_, purchases, money)

    def covers(self, x: Vector, T: Vector) -> bool:
        """Whether futures of all these customers were drawn: people who were not in the fit may be of another kind."""
        steps = _steps(x)
        row = np.minimum(np.searchsorted(self.x, steps), len(self.x) - 1)
        age = np.log(self.alpha + T)
        inside = (age >= self.log_age[row, 0] - 1e-9) & (age <= self.log_age[row, -1] + 1e-9)
        return bool(np.all((self.x[row] == steps) & inside))

    def quantiles(self, x: Vector, T: Vector, alive: Vector, level: float) -> tuple[Vector, Vector]:
        """The quantile of purchases and of R for customers alive with these probabilities."""
        row = np.searchsorted(self.x, _steps(x))
        begin, end = self.log_age[row, 0], self.log_age[row, -1]
        place = (AGES - 1) * (np.log(self.alpha + T) - begin) / np.where(end > begin, end - begin, 1.0)
        left = np.clip(np.floor(place), 0, AGES - 2).astype(np.int64)
        share = np.clip(place - left, 0.0, 1.0)
        # Those who have left bring nothing: only what is above 1 - alive is read from the living.
        inside = (level - (1.0 - alive)) / np.maximum(alive, 1e-12)
        draws = self.money.shape[2]
        rank = np.clip(np.ceil(inside * draws) - 1, 0, draws - 1).astype(np.int64)

        def read(table: NDArray[Any]) -> Vector:
            return np.asarray(table[row, left, rank] * (1.0 - share) + table[row, left + 1, rank] * share)

        gone = inside <= 0
        return np.where(gone, 0.0, np.round(read(self.purchases))), np.where(gone, 0.0, read(self.money))


def _steps(x: Vector) -> Vector:
    return np.where(x <= 48, x, np.round(48 * 1.04 ** np.round(np.log(np.maximum(x, 48) / 48) / np.log(1.04))))
