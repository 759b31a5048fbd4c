"""How much of all possible weights speaks for each option: stochastic multicriteria acceptability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from regulars.decide.curves import Array
from regulars.decide.flips import Scorer


@dataclass(frozen=True)
class Acceptability:
    """``ranks`` by option: the share of all weights that give it rank 1, 2, ...; ``error`` the largest standard error
    of these shares; ``central`` by option: the mean of the weights that make it first (what somebody who chooses it
    thinks matters), left out where none do; ``near`` how often each option wins with weights around the given ones.
    """

    ranks: dict[str, tuple[float, ...]]
    central: dict[str, dict[str, float]]
    near: dict[str, float]
    error: float


def acceptability(
    scorer: Scorer,
    w: Array,
    criteria: Sequence[str],
    names: Sequence[str],
    *,
    draws: int = 2000,
    spread: float = 50.0,
    seed: int = 0,
) -> Acceptability:
    """Draw weights evenly from all there are, and around the given ones, and count who is first.

    Formula: b(a, r) = share of the simplex of weights where a has rank r. Even draws are Dirichlet(1, ..., 1); those
    around w are Dirichlet(spread w). Source: Lahdelma and Salminen, Operations Research 49 (2001) 444-454 (SMAA-2).
    """
    rng = np.random.default_rng(seed)
    anywhere = rng.dirichlet(np.ones(len(w)), draws)
    scores = scorer.scores(anywhere)
    order = np.argsort(-scores, axis=1, kind="stable")
    n = len(names)
    ranks, central = {}, {}
    for k, name in enumerate(names):
        ranks[name] = tuple((order == k).mean(axis=0).tolist())
        firsts = anywhere[order[:, 0] == k]
        if len(firsts):
            central[name] = dict(zip(criteria, firsts.mean(axis=0).tolist(), strict=True))
    around = rng.dirichlet(np.maximum(w, 1e-9) * spread, draws)
    wins = np.bincount(scorer.scores(around).argmax(axis=1), minlength=n) / draws
    shares = np.array([ranks[name] for name in names])
    return Acceptability(
        ranks, central, dict(zip(names, wins.tolist(), strict=True)),
        float(np.sqrt(shares * (1 - shares) / draws).max()),
    )  # fmt: skip
