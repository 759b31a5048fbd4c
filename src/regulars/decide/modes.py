"""Which way to sell in each market: direct, agent, reseller, marketplace, platform or own site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Final

import numpy as np

from regulars.decide.comparisons import Weights, ahp
from regulars.decide.ranking import Ranking, RankingDecision
from regulars.lake.frames import to_arrow

MODES: Final = ("direct", "agent", "reseller", "marketplace", "platform", "own_site")
# What is compared, with its unit: share of the price that stays (%), share of the market's buyers within reach (%),
# hold on price, brand and service (0..10), days until it sells, what we learn of the buyers (0..10), money spent per
# 100 sold (%).
CRITERIA: Final = ("margin", "reach", "control", "speed", "data", "cost")
COSTS: Final = ("speed", "cost")
# How much one criterion matters against another until the owner says it, consistent to 0.01.
JUDGEMENTS: Final[Mapping[tuple[str, str], float]] = {
    ("margin", "reach"): 1, ("margin", "control"): 3, ("margin", "speed"): 3, ("margin", "data"): 3,
    ("margin", "cost"): 1, ("reach", "control"): 3, ("reach", "speed"): 3, ("reach", "data"): 3,
    ("reach", "cost"): 2, ("control", "speed"): 1, ("control", "data"): 1, ("control", "cost"): 1 / 2,
    ("speed", "data"): 1, ("speed", "cost"): 1 / 2, ("data", "cost"): 1 / 2,
}  # fmt: skip
# What each way to sell is usually like, until it is measured or the owner knows better: an assumption, shown as one.
USUAL: Final[Mapping[str, Mapping[str, float]]] = {
    "direct": {"margin": 85, "reach": 15, "control": 9, "speed": 60, "data": 9, "cost": 25},
    "agent": {"margin": 70, "reach": 30, "control": 6, "speed": 45, "data": 5, "cost": 8},
    "reseller": {"margin": 55, "reach": 45, "control": 3, "speed": 40, "data": 2, "cost": 5},
    "marketplace": {"margin": 65, "reach": 60, "control": 4, "speed": 14, "data": 3, "cost": 12},
    "platform": {"margin": 70, "reach": 50, "control": 5, "speed": 21, "data": 5, "cost": 15},
    "own_site": {"margin": 90, "reach": 25, "control": 10, "speed": 30, "data": 10, "cost": 20},
}


@dataclass(frozen=True)
class ModeDecision(RankingDecision):
    """A ranking of the ways to sell, with the weights it was made from and how well the judgements agree."""

    weights: Mapping[str, float] = field(default_factory=dict)
    judged: Weights | None = None


@dataclass(frozen=True)
class ModeChoice:
    """Choose the way to sell from margin, reach, control, speed, data and cost, never by one ranking alone.

    Args:
        judgements: by pair of criteria, how many times the first matters as much as the second; pairs may be left
            out. None: ``JUDGEMENTS``, unless there are ``weights``.
        weights: by criterion, instead of judgements.
        costs: the criteria where less is better.
        ranking: how the rankings are made (method, norm, draws); its own weights are not read.

    Raises ``ValueError`` for judgements that name unknown criteria or leave two groups uncompared, and for a table
    with figures missing.

    >>> rule = ModeChoice(weights={"margin": 2, "reach": 1, "cost": 1}, costs=("cost",))
    >>> plan = rule.decide({"agent": {"margin": 70, "reach": 30, "cost": 8}, "own_site": {"margin": 90, "reach": 25,
    ...                     "cost": 20}, "reseller": {"margin": 55, "reach": 20, "cost": 9}})
    >>> plan.solution, plan.robust, plan.kernel
    (('agent', 'own_site', 'reseller'), False, ('agent', 'own_site'))
    """

    judgements: Mapping[tuple[str, str], float] | None = None
    weights: Mapping[str, float] | None = None
    costs: Sequence[str] = COSTS
    ranking: Ranking = field(default_factory=lambda: Ranking({"any": 1.0}))

    def decide(self, options: Mapping[str, Mapping[str, float] | Sequence[float]]) -> ModeDecision:
        """Rank the ways to sell in one market; each gives one figure a criterion."""
        return self._ranked(options, *self.weighed())

    def _ranked(
        self, options: Mapping[str, Mapping[str, float] | Sequence[float]], weights: dict[str, float],
        judged: Weights | None,
    ) -> ModeDecision:  # fmt: skip
        found = replace(self.ranking, weights=weights, costs=[c for c in self.costs if c in weights]).decide(options)
        why = found.why
        if judged is not None and not judged.consistent:
            why = (*why, f"judgements_disagree={judged.consistency_ratio:.3f}")
        whole = {**vars(found), "why": why}
        return ModeDecision(**whole, weights=weights, judged=judged)

    def decide_markets(self, table: Any) -> dict[str, ModeDecision]:
        """One ranking a market, from any table with the columns ``market, mode`` and one a criterion."""
        rows = to_arrow(table).to_pylist()
        weights, judged = self.weighed()
        lacking = sorted({"market", "mode", *weights} - set(rows[0] if rows else {}))
        if rows and lacking:
            raise ValueError(f"the table has no column {', '.join(lacking)}")
        markets: dict[str, dict[str, Mapping[str, float] | Sequence[float]]] = {}
        for row in rows:
            markets.setdefault(row["market"], {})[row["mode"]] = {c: row[c] for c in weights}
        return {market: self._ranked(options, weights, judged) for market, options in markets.items()}

    def weighed(self) -> tuple[dict[str, float], Weights | None]:
        """The weights, adding up to 1, and the judgements they come from."""
        if self.weights is not None:
            total = sum(self.weights.values())
            return {c: v / total if total > 0 else v for c, v in self.weights.items()}, None
        given = JUDGEMENTS if self.judgements is None else self.judgements
        named = list(dict.fromkeys(c for pair in given for c in pair))
        criteria = [c for c in CRITERIA if c in named] + [c for c in named if c not in CRITERIA]
        judged = ahp(judgement_table(given, criteria), criteria)
        return dict(zip(criteria, judged.weights, strict=True)), judged


def judgement_table(given: Mapping[tuple[str, str], float], criteria: Sequence[str]) -> np.ndarray[Any, Any]:
    """Judgements by pair as a square table; pairs nobody judged are NaN.

    Raises ``ValueError`` for a pair with an unknown criterion or judged twice in two ways.
    """
    place = {c: k for k, c in enumerate(criteria)}
    table = np.full((len(criteria), len(criteria)), np.nan)
    np.fill_diagonal(table, 1.0)
    for (one, other), times in given.items():
        if one not in place or other not in place or one == other:
            raise ValueError(f"a judgement compares {one!r} with {other!r}: choose two of {', '.join(criteria)}")
        i, j = place[one], place[other]
        if not np.isnan(table[i, j]) and not np.isclose(table[i, j], times):
            raise ValueError(f"{one} against {other} is judged twice: {table[i, j]:.3g} and {times:.3g}")
        table[i, j], table[j, i] = times, 1 / times if times else np.nan
    return table


def pairs(criteria: Sequence[str] = CRITERIA) -> list[tuple[str, str]]:
    """Every comparison the owner may be asked for."""
    return list(combinations(criteria, 2))
