"""Hamiltonian Monte Carlo, all chains in one batch: draws from a density known up to a constant, with its slope."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.measure.laplace import Density

Array = NDArray[np.float64]
# An energy that drifts by more says that the step was too coarse for the place it came through.
DIVERGED = 1000.0
LONGEST = 60
# Now and then a short walk in small steps gets a chain out of a narrow place at no cost.
RARELY = 0.1


@dataclass(frozen=True)
class Run:
    """``draws`` (chains, draws, D); how many steps diverged after warm-up; mean acceptance; step; slopes taken."""

    draws: Array
    divergences: int
    accepted: float
    step: float
    gradients: int


def hmc(
    density: Density, starts: Array, covariance: Array, *, draws: int, warmup: int, rng: np.random.Generator,
    accept: float = 0.7, turn: tuple[float, float] = (0.8, 2.2),
) -> Run:  # fmt: skip
    """Sample from ``starts`` (chains, D) with a dense metric.

    Positions are moved by leapfrog steps over a time drawn evenly from ``turn`` (a quarter turn of a normal of
    that metric is pi / 2), the same for all chains. In warm-up the step is tuned to the acceptance wanted by dual
    averaging of the harmonic mean over chains (one that is stuck shortens it), and the metric twice replaced by the
    covariance of all chains so far, shrunk to the one given.

    Source: Neal (2011), "MCMC using Hamiltonian dynamics"; Hoffman and Gelman (2014), "The No-U-Turn Sampler",
    section 3.2, for dual averaging; Hoffman, Radul and Sountsov (2021), "An Adaptive-MCMC Scheme for Setting Trajectory
    Lengths", section 3, for the harmonic mean.
    """
    chains = _Chains(density, starts, covariance, turn, rng)
    tuner = _Step(accept)
    marks = (int(0.15 * warmup), int(0.45 * warmup), int(0.85 * warmup))
    seen: list[Array] = []
    for i in range(warmup):
        tuner.learn(chains.move(tuner.step))
        if i >= marks[0]:
            seen.append(chains.u)
        if i in marks[1:]:
            chains.metric(_shrunk(np.concatenate(seen), covariance))
            seen = []
            tuner = _Step(accept, tuner.step)
    chains.diverged = 0
    kept, rate = np.empty((len(starts), draws, starts.shape[1])), 0.0
    for i in range(draws):
        rate += float(chains.move(tuner.settled).mean())
        kept[:, i] = chains.u
    return Run(kept, chains.diverged, rate / max(draws, 1), tuner.settled, chains.gradients)


def _shrunk(seen: Array, given: Array) -> Array:
    n = len(seen)
    own = np.cov(seen.T).reshape(given.shape)
    weight = n / (n + 5.0 * np.sqrt(len(given)))
    return np.asarray(weight * own + (1 - weight) * np.diag(np.minimum(np.diag(given), 4.0)))


class _Chains:
    def __init__(
        self, density: Density, starts: Array, covariance: Array, turn: tuple[float, float], rng: np.random.Generator
    ) -> None:
        self.density, self.turn, self.rng = density, turn, rng
        self.u, self.diverged, self.gradients = starts.copy(), 0, 0
        self.value, self.slope = density(self.u)
        self.metric(covariance)

    def metric(self, covariance: Array) -> None:
        self.root = np.linalg.cholesky(covariance + 1e-10 * np.eye(len(covariance)))

    def move(self, step: float) -> Array:
        """One transition of every chain; the acceptance probabilities (chains,)."""
        p = self.rng.normal(size=self.u.shape)
        before = self.value - 0.5 * (p * p).sum(axis=1)
        u, slope = self.u, self.slope
        size = step * self.rng.uniform(0.9, 1.1)
        steps = int(np.clip(np.ceil(self.rng.uniform(*self.turn) / size), 1, LONGEST))
        if self.rng.uniform() < RARELY:
            size *= 0.2
        p = p + 0.5 * size * slope @ self.root
        for left in range(steps, 0, -1):
            u = u + size * p @ self.root.T
            value, slope = self.density(u)
            p = p + (size if left > 1 else 0.5 * size) * slope @ self.root
        self.gradients += steps * len(u)
        change = value - 0.5 * (p * p).sum(axis=1) - before
        change = np.where(np.isfinite(change), change, -np.inf)
        self.diverged += int((change < -DIVERGED).sum())
        taken = np.log(self.rng.uniform(size=len(u))) < change
        self.u = np.where(taken[:, None], u, self.u)
        self.slope = np.where(taken[:, None], slope, self.slope)
        self.value = np.where(taken, value, self.value)
        return np.exp(np.minimum(change, 0.0))


class _Step:
    """The step, tuned by dual averaging of its logarithm."""

    def __init__(self, accept: float, start: float = 0.3) -> None:
        self.accept, self.centre = accept, np.log(5 * start)
        self.step, self.gap, self.smooth, self.count = start, 0.0, np.log(start), 0

    def learn(self, acceptance: Array) -> None:
        self.count += 1
        share = 1 / (self.count + 10)
        self.gap = (1 - share) * self.gap + share * (self.accept - float(1 / np.mean(1 / np.maximum(acceptance, 0.02))))
        log_step = self.centre - np.sqrt(self.count) / 0.05 * self.gap
        self.step = float(np.exp(np.clip(log_step, -9, 0.7)))
        decay = self.count**-0.75
        self.smooth = decay * np.log(self.step) + (1 - decay) * self.smooth

    @property
    def settled(self) -> float:
        return float(np.exp(self.smooth))
