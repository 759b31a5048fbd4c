"""At least so many of an action, a channel or a group: minimums on an assignment, met exactly or explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from regulars.decide.assign import Assignment
from regulars.decide.assign_least_core import Crowd, lowest, solved, whole
from regulars.decide.assign_offers import NOBODY, Choice, Limit, Offers
from regulars.decide.conflicts import smallest_conflict
from regulars.decide.program import Column, Program, Row
from regulars.decide.result import Decision, ShadowPrice, relative_gap

DIRECT: Final = 1_500  # open options of all together that are solved whole, with exact prices
CORES: Final = (3_000, 10_000, 30_000)  # people decided together, more where the gap stays open


@dataclass(frozen=True)
class AtLeast:
    """At least ``least`` people in all with one of these ``options`` (None: any), among ``people`` (None: everybody).

    ``code`` names the minimum where it costs something, like ``least:win_back``; ``label`` says it in the owner's
    words.
    """

    code: str
    least: float
    options: tuple[int, ...] | None = None
    people: NDArray[np.bool_] | None = None
    label: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.least < np.inf:
            raise ValueError(f"minimum {self.code!r} must be 0 or more, got {self.least}")

    @property
    def places(self) -> int:
        """A number of people is rounded up."""
        return int(np.ceil(self.least - 1e-9))


@dataclass(frozen=True)
class AtLeastDecision(Decision[Choice]):
    """The assignment; ``kept`` are people who fill the places of a minimum, so that no lot may move them."""

    kept: NDArray[np.bool_]


@dataclass(frozen=True)
class AtLeastAssignment:
    """The assignment that is worth the most among those that meet every minimum and keep to every limit.

    Formula: maximise sum_po w_po x_po as ``Assignment`` does, and sum_{p in P_m, o in O_m} x_po >= n_m for every
    minimum m. An option worth 0 or less is taken only where a minimum needs it; one that is not open (-inf) never.
    With prices y >= 0 of the limits and subsidies z >= 0 of the minimums everybody chooses alone, and
    g(y, z) = sum_p max(0, max_o w_po - y . a_po + sum_m z_m [o counts for m]) + y . b - z . n bounds every plan that
    meets the minimums. Those almost indifferent are decided together by branch and bound; ``gap`` is what is proved.
    Few people are solved whole. The shadow price of a minimum is what one place more would earn and one less costs
    (both 0 or less); -inf where one place more cannot be had, inf where a limit cannot be one less.

    Everything is held in memory: people times options numbers.

    Raises ``InfeasibleError`` with the smallest set of minimums and limits that cannot hold together. Source: as
    ``Assignment``; Geoffrion, Mathematical Programming Study 2 (1974) 82-114, for bounds by prices of either sign.

    >>> plan = AtLeastAssignment((Limit("quota:total", 1),), (AtLeast("least:b", 1, (1,)),)).decide(
    ...     Offers.dense([[5.0, -1.0], [1.0, -3.0]]))
    >>> plan.solution.tolist(), plan.value, plan.shadow_prices["least:b"].less
    ([1, -1], -1.0, -6.0)
    """

    limits: tuple[Limit, ...] = ()
    at_least: tuple[AtLeast, ...] = ()
    tolerance: float = 1e-6

    def decide(self, offers: Offers) -> AtLeastDecision:
        """Choose for every person one option, or -1 for none."""
        asked = tuple(k for k in self.at_least if k.places)
        if not asked:
            plain = Assignment(self.limits, self.tolerance).decide(offers)
            return AtLeastDecision(**{**plain.__dict__, "kept": np.zeros(offers.people, dtype=bool)})
        crowd = Crowd.of(offers, self.limits, [(k.places, k.options, k.people) for k in asked])
        if int(crowd.open.sum()) <= DIRECT:
            plan, bound = self._whole(crowd, asked)
            shadow = self._moved(crowd, asked, crowd.value(plan))
        else:
            plan, bound, dual = self._priced(crowd, asked)
            shadow = self._prices(dual, asked)
        value = crowd.value(plan)
        return AtLeastDecision(
            solution=crowd.choice(plan), value=value, bound=max(bound, value),
            gap=relative_gap(value, max(bound, value)), binding=tuple(shadow), shadow_prices=shadow,
            why=tuple(f"{code}={price.more:.6g}" for code, price in shadow.items()), kept=crowd.kept(plan),
        )  # fmt: skip

    def _whole(self, crowd: Crowd, asked: Sequence[AtLeast]) -> tuple[Choice, float]:
        found = whole(crowd, crowd.least, crowd.most)
        if found is None:
            raise smallest_conflict(_program(crowd, self.limits, asked))
        return found

    def _priced(self, crowd: Crowd, asked: Sequence[AtLeast]) -> tuple[Choice, float, NDArray[np.float64]]:
        """Prices, then cores of the almost indifferent, larger and larger until the gap is closed."""
        dual = lowest(crowd)
        best: Choice | None = None
        bound, kept = crowd.bound(dual), dual
        for count in CORES:
            for _ in range(3):
                plan, better = solved(crowd, dual, count)
                if plan is not None and (best is None or crowd.value(plan) > crowd.value(best)):
                    best = plan
                if better is not None and (own := crowd.bound(better)) < bound:
                    bound, kept = own, better
                    dual = better
                    continue
                break
            if best is not None and bound - crowd.value(best) <= self.tolerance * max(abs(bound), 1e-300):
                break
        if best is None:
            program = _program(crowd, self.limits, asked)
            try:
                conflict = smallest_conflict(program)
            except ValueError:
                short = ", ".join(k.code for k in asked)
                raise ValueError(f"no plan was found that fills {short}: ask for a little less") from None
            raise conflict
        return best, bound, kept

    def _prices(self, dual: NDArray[np.float64], asked: Sequence[AtLeast]) -> dict[str, ShadowPrice]:
        least = len(asked)
        size = 1e-9 * max(float(np.abs(dual).max(initial=0.0)), 1e-300)
        out = {k.code: ShadowPrice(-z, -z) for k, z in zip(asked, dual[:least].tolist(), strict=True) if z > size}
        limits = zip(self.limits, dual[least:].tolist(), strict=True)
        return out | {k.code: ShadowPrice(y, y) for k, y in limits if y > size}

    def _moved(self, crowd: Crowd, asked: Sequence[AtLeast], value: float) -> dict[str, ShadowPrice]:
        """The optimum with one unit more and one less of everything that counts people; else the price of money."""
        out, near = {}, 1e-9 * max(abs(value), 1.0)
        for m, k in enumerate(asked):
            more, less = (self._at(crowd, m, crowd.least[m] + step) for step in (1.0, -1.0))
            price = ShadowPrice(min(more - value, 0.0), min(value - less, 0.0))
            if price.more < -near or price.less < -near:
                out[k.code] = price
        slopes = lowest(crowd)[len(asked) :] if any(k.of != "people" for k in self.limits) else crowd.most
        for r, limit in enumerate(self.limits):
            if limit.of != "people":
                price = ShadowPrice(float(slopes[r]), float(slopes[r]))
            else:
                ends = [self._at(crowd, len(asked) + r, crowd.most[r] + step) for step in (1.0, -1.0)]
                price = ShadowPrice(max(ends[0] - value, 0.0), max(value - ends[1], 0.0))
            if price.more > near or price.less > near:
                out[limit.code] = price
        return out

    @staticmethod
    def _at(crowd: Crowd, row: int, amount: float) -> float:
        """The optimum with one row moved; -inf where nothing fits."""
        least, most = crowd.least.copy(), crowd.most.copy()
        (least if row < len(least) else most)[row if row < len(least) else row - len(least)] = amount
        found = whole(crowd, least, most) if amount >= 0 else None
        return -np.inf if found is None else crowd.value(found[0])


def _program(crowd: Crowd, limits: Sequence[Limit], asked: Sequence[AtLeast]) -> Program:
    """The demands without the worth, people who may do the same taken together.

    Where money or stock is short and the people are many, each counts as the cheapest of those alike.
    """
    alike = crowd.alike() if len(crowd.who) > DIRECT or (crowd.kind == 0).all() else crowd.each()
    columns = [Column("nobody", high=0.0, given=True)]
    uses: list[dict[str, float]] = [{} for _ in range(len(asked) + len(limits))]
    groups: list[Row] = []
    for g, group in enumerate(alike):
        own = {}
        for o in np.flatnonzero(crowd.open[group[0]]).tolist():
            code = f"{g}:{o}"
            columns.append(Column(code, high=float(len(group)), whole=True, given=True))
            own[code] = 1.0
            for r, row in enumerate(uses):
                if (amount := float(crowd.coefficient(r, group, o).min())) > 0:
                    row[code] = amount
        groups.append(Row(f"people:{g}", own, high=float(len(group)), given=True))
    wishes = [
        Row(k.code, row, low=float(k.places), label=k.label)
        for k, row in zip(asked, uses[: len(asked)], strict=True)
    ] + [
        Row(k.code, row, high=float(most))
        for k, row, most in zip(limits, uses[len(asked) :], crowd.most, strict=True)
    ]  # fmt: skip
    return Program(columns, [*groups, *(replace(w) for w in wishes)])


def counted(asked: AtLeast, choice: Choice) -> int:
    """How many of a choice count towards a minimum."""
    taken = choice != NOBODY
    if asked.options is not None:
        taken &= np.isin(choice, asked.options)
    return int((taken if asked.people is None else taken & asked.people).sum())
