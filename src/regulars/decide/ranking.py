"""Options ranked on several criteria by several methods at once, and what would turn each ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from regulars.decide.acceptability import Acceptability, acceptability
from regulars.decide.curves import Array
from regulars.decide.flips import Flip, Linear, Nearness, Scorer, Trade, flips, trade
from regulars.decide.outranking import electre, unicriterion_flows
from regulars.decide.result import Decision
from regulars.decide.weighing import NORMS, normalised

METHODS: Final = ("weighted_sum", "topsis", "promethee")


@dataclass(frozen=True)
class RankingDecision(Decision[tuple[str, ...]]):
    """A ranking, best first, and how far it can be trusted.

    ``scores``, ``winners``, ``flips`` and ``trades`` by ruling, written ``method:norm`` (``promethee`` has no norm):
    the scores, who is first, by criterion the smallest change of its weight that puts somebody else first, and the
    least weight that has to move for that. ``robust``: every ruling names the same winner. ``kernel``: whom ELECTRE I
    finds outranked by nobody. ``acceptability``: how much of all weights speaks for whom, by the main ruling.
    """

    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    winners: dict[str, str] = field(default_factory=dict)
    robust: bool = False
    kernel: tuple[str, ...] = ()
    flips: dict[str, dict[str, Flip]] = field(default_factory=dict)
    trades: dict[str, Trade | None] = field(default_factory=dict)
    acceptability: Acceptability = field(default_factory=lambda: Acceptability({}, {}, {}, 0.0))

    @property
    def share(self) -> dict[str, float]:
        """How often each option wins over random weights around the given ones."""
        return self.acceptability.near


@dataclass(frozen=True)
class Ranking:
    """Rank options on several criteria by weighted sum, TOPSIS, PROMETHEE II and ELECTRE I side by side.

    Args:
        weights: by criterion (from ``ahp`` or by hand); they are scaled to add up to 1.
        costs: the criteria where less is better.
        method: the ranking that is the answer, one of ``METHODS``.
        norm: its normalisation, one of ``NORMS``; the other rankings are computed beside it.
        shape: of preference in PROMETHEE; ``indifferent`` and ``decisive`` are the leads that do not matter yet and
            that decide, in parts of a criterion's range.
        agree, veto: the limits of ELECTRE.
        spread: the concentration of the Dirichlet law of weights around the given ones; 50 moves a weight of 0.3 by
            about 0.06.
        draws, seed: how many sets of weights are drawn, and from which seed.

    Raises ``ValueError`` for unknown methods, norms or criteria and for weights that do not add to more than 0.

    >>> r = Ranking({"reach": .4, "margin": .3, "commission": .2, "days": .1}, costs=("commission", "days"))
    >>> plan = r.decide({"A": (90, 30, 12, 14), "B": (70, 35, 8, 7), "C": (50, 45, 5, 21)})
    >>> plan.solution, plan.robust, plan.winners["topsis:minmax"]
    (('B', 'A', 'C'), False, 'A')
    """

    weights: Mapping[str, float]
    costs: Sequence[str] = ()
    method: str = "topsis"
    norm: str = "vector"
    shape: str = "linear"
    indifferent: float = 0.1
    decisive: float = 0.5
    agree: float = 0.65
    veto: float = 0.45
    spread: float = 50.0
    draws: int = 2000
    seed: int = 0

    def decide(self, options: Mapping[str, Sequence[float] | Mapping[str, float]]) -> RankingDecision:
        """Rank the options; each gives one figure a criterion, by name or in the order of the weights.

        Raises ``ValueError`` for no option or a figure that is missing.
        """
        criteria, w = self._checked()
        names = list(options)
        if not names:
            raise ValueError("give at least one option to rank")
        table = np.array([_figures(name, options[name], criteria) for name in names], dtype=float)
        rulings, left_out = self.scorers(table)
        main = self.ruling
        if main not in rulings:
            raise ValueError(f"{main} cannot take figures below 0, nor sums with costs of 0; choose norm 'vector'")
        scores = {key: rule.scores(w[None])[0] for key, rule in rulings.items()}
        winners = {key: names[int(s.argmax())] for key, s in scores.items()}
        cost = [c in self.costs for c in criteria]
        kernel = electre(table, w, cost, self.agree, self.veto).kernel
        order = tuple(names[k] for k in np.argsort(-scores[main], kind="stable"))
        value = float(scores[main].max())
        return RankingDecision(
            solution=order,
            value=value,
            bound=value,
            gap=0.0,
            binding=(),
            shadow_prices={},
            why=(f"ruling={main}", *(f"{key}={who}" for key, who in winners.items()),
                 *(f"norm_left_out={norm}" for norm in left_out)),
            scores={key: dict(zip(names, s.tolist(), strict=True)) for key, s in scores.items()},
            winners=winners,
            robust=len(set(winners.values())) == 1,
            kernel=tuple(names[k] for k in kernel),
            flips={key: flips(rule, w, criteria, names) for key, rule in rulings.items()},
            trades={key: trade(rulings[key], w, criteria, names) for key in self._traded(rulings)},
            acceptability=acceptability(
                rulings[main], w, criteria, names, draws=self.draws, spread=self.spread, seed=self.seed
            ),
        )  # fmt: skip

    @property
    def ruling(self) -> str:
        """The ranking that is the answer, as ``method:norm``."""
        return self.method if self.method == "promethee" else f"{self.method}:{self.norm}"

    def scorers(self, table: Array) -> tuple[dict[str, Scorer], list[str]]:
        """Every ranking by its name, and the norms that cannot take these figures."""
        cost = [c in self.costs for c in self.weights]
        found: dict[str, Scorer] = {}
        left_out = []
        for norm in NORMS:
            try:
                z = normalised(table, cost, norm)
            except ValueError:
                if not np.isfinite(table).all():
                    raise
                left_out.append(norm)
                continue
            found[f"weighted_sum:{norm}"] = Linear(z)
            found[f"topsis:{norm}"] = Nearness(z)
        span = table.max(axis=0) - table.min(axis=0)
        found["promethee"] = Linear(unicriterion_flows(
            table, cost, self.shape, self.indifferent * span, np.where(span > 0, self.decisive * span, 1.0)
        ))  # fmt: skip
        return found, left_out

    def _traded(self, rulings: Mapping[str, Scorer]) -> list[str]:
        """The main ruling and one of each method: trades are the dear part."""
        wanted = (self.ruling, f"weighted_sum:{self.norm}", f"topsis:{self.norm}", "promethee")
        return [key for key in rulings if key in wanted]

    def _checked(self) -> tuple[list[str], Array]:
        criteria = list(self.weights)
        unknown = sorted(set(self.costs) - set(criteria))
        w = np.array(list(self.weights.values()), dtype=float)
        if unknown or not np.isfinite(w).all() or (w < 0).any() or w.sum() <= 0:
            raise ValueError(f"give weights of 0 or more, and costs among {criteria}; unknown: {unknown}")
        if self.method not in METHODS:
            raise ValueError(f"method {self.method!r} is not one of {', '.join(METHODS)}")
        if self.norm not in NORMS:
            raise ValueError(f"norm {self.norm!r} is not one of {', '.join(NORMS)}")
        return criteria, w / w.sum()


def _figures(name: str, given: Sequence[float] | Mapping[str, float], criteria: Sequence[str]) -> list[float]:
    if isinstance(given, Mapping):
        lacking = [c for c in criteria if given.get(c) is None]
        if lacking:
            raise ValueError(f"option {name!r} has no figure for {', '.join(lacking)}")
        return [float(given[c]) for c in criteria]
    if len(given) != len(criteria):
        raise ValueError(f"option {name!r} has {len(given)} figures for {len(criteria)} criteria")
    return [float(v) for v in given]
