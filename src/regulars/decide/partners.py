"""Which set of partners: the markets covered best within the budget, exactly, and what every limit costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from regulars.decide.conflicts import smallest_conflict
from regulars.decide.coverage import Cover, Coverage, Limits, Offer
from regulars.decide.result import Decision, ShadowPrice, relative_gap

OBJECTIVES: Final = ("coverage", "contribution", "profit")


@dataclass(frozen=True)
class PartnerDecision(Decision[tuple[str, ...]]):
    """Whom to sign, by expected revenue, and what it brings.

    ``served`` by market: the share of its demand each partner serves; ``revenue`` by partner; ``cost`` of the
    contracts and ``spare`` what could be cut from the budget without losing anything; ``covered`` the share of all
    demand that is served. ``next_step``: the smallest extra budget that improves the answer, and by how much (None:
    no budget does). ``relief`` by limit: what dropping it would add; ``binding`` are those where that is something.
    ``relief_most``: where that was not solved, what it adds at most.
    """

    served: dict[str, dict[str, float]] = field(default_factory=dict)
    revenue: dict[str, float] = field(default_factory=dict)
    cost: float = 0.0
    spare: float = 0.0
    covered: float = 0.0
    next_step: tuple[float, float] | None = None
    relief: dict[str, float] = field(default_factory=dict)
    relief_most: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PartnerChoice:
    """Choose the set of partners by maximum coverage with quality.

    Formula: ``Coverage``; solved exactly (HiGHS), so ``bound`` is proved. Contracts are whole, so the value of the
    budget climbs in steps: ``shadow_prices["budget"]`` is the gain per unit up to the next step (``more``) and the
    loss per unit down to the step before (``less``, 0 while there is ``spare``), not the price of a relaxation that
    signs half a contract.

    Args:
        budget: for the contracts, in the unit of their costs.
        demand: by market, the revenue there is to win in the period.
        concentration: no partner above this share of the expected revenue, ``own_revenue`` counted in.
        conflicts: pairs of partners that cannot both be signed.
        regions: the fewest partners by region.
        most: how many partners at most.
        cover: by market, the least share that must be served.
        objective: ``coverage`` (expected revenue), ``contribution`` (what of it is left after commission, with
            ``margin``) or ``profit`` (contracts paid from that as well).
        margin: share of revenue that is left before commission.

    Raises ``InfeasibleError`` with the smallest set of wishes in conflict and ``ValueError`` for partners or markets
    nobody knows, shares outside 0..1 or negative money.

    >>> both = {"north": .6, "south": .3}
    >>> offers = [Offer("A", 40, {"north": .5}), Offer("B", 50, {"south": .4}), Offer("C", 60, both)]
    >>> plan = PartnerChoice(budget=80, demand={"north": 1000, "south": 800}).decide(offers)
    >>> plan.solution, plan.value, plan.next_step
    (('C',), 840.0, (30.0, 80.0))
    """

    budget: float
    demand: Mapping[str, float]
    concentration: float | None = None
    conflicts: Sequence[tuple[str, str]] = ()
    regions: Mapping[str, int] = field(default_factory=dict)
    most: int | None = None
    cover: Mapping[str, float] = field(default_factory=dict)
    own_revenue: float = 0.0
    objective: str = "coverage"
    margin: float = 1.0

    def decide(self, offers: Sequence[Offer], *, exact: int | None = None) -> PartnerDecision:
        """Choose; the same offers always give the same answer.

        Every limit is dropped to see what it costs: solved for the ``exact`` limits that may cost most (None: for
        all), and bounded by the relaxation for the others.
        """
        model, limits = self.model(offers), self.limits
        best = model.best(limits)
        if best is None:
            raise smallest_conflict(model.program(limits))
        step = self._next(model, limits, best)
        gains, at_most = self._relief(model, limits, best, exact)
        less = self._step_down(model, limits, best)
        more = 0.0 if step is None else step[1] / step[0]
        prices = {"budget": ShadowPrice(more, less)} if more > 0 or less > 0 else {}
        total = sum(self.demand.values())
        won = sum(best.revenue.values())
        why = [f"partners={len(best.signed)}", f"covered={won / total if total > 0 else 0.0:.4f}"]
        why += [f"limit={code}" for code in gains]
        return PartnerDecision(
            solution=best.signed,
            value=best.value,
            bound=best.bound,
            gap=relative_gap(best.value, best.bound),
            binding=tuple(gains),
            shadow_prices=prices,
            why=tuple(why),
            served=best.served,
            revenue=best.revenue,
            cost=best.cost,
            spare=max(self.budget - best.cost, 0.0),
            covered=won / total if total > 0 else 0.0,
            next_step=step,
            relief=gains,
            relief_most=at_most,
        )

    def frontier(self, offers: Sequence[Offer], budgets: Sequence[float]) -> list[tuple[float, float, tuple[str, ...]]]:
        """The best value and set at each of these budgets; budgets at which the limits cannot hold are left out."""
        model = self.model(offers)
        found = []
        for budget in budgets:
            best = model.best(replace(self.limits, budget=budget))
            if best is not None:
                found.append((float(budget), best.value, best.signed))
        return found

    @property
    def limits(self) -> Limits:
        """What the choice must keep to."""
        return Limits(self.budget, self.concentration, self.conflicts, self.regions, self.most, self.cover,
                      self.own_revenue)  # fmt: skip

    def model(self, offers: Sequence[Offer]) -> Coverage:
        """The programme of these offers; raises ``ValueError`` for what cannot be meant."""
        self._check(offers)
        known = [replace(o, covers={m: s for m, s in o.covers.items() if m in self.demand}) for o in offers]
        margin = None if self.objective == "coverage" else self.margin
        return Coverage(known, self.demand, margin, self.objective == "profit")

    def _check(self, offers: Sequence[Offer]) -> None:
        names = [o.name for o in offers]
        if len(set(names)) != len(names):
            raise ValueError(f"partner {next(n for n in names if names.count(n) > 1)!r} is named twice")
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective {self.objective!r} is not one of {', '.join(OBJECTIVES)}")
        strangers = sorted({n for pair in self.conflicts for n in pair} - set(names))
        if strangers:
            raise ValueError(f"conflicts name partners that are not offered: {', '.join(strangers)}")
        money = {
            "budget": self.budget,
            "own_revenue": self.own_revenue,
            **{f"demand of {m}": v for m, v in self.demand.items()},
        }
        shares = {
            "concentration": self.concentration or 0.0,
            "margin": self.margin,
            **{f"cover of {m}": v for m, v in self.cover.items()},
        }
        for o in offers:
            money |= {f"cost of {o.name}": o.cost, f"capacity of {o.name}": o.capacity}
            shares |= {f"quality of {o.name}": o.quality, f"commission of {o.name}": o.commission}
            shares |= {f"what {o.name} covers of {m}": s for m, s in o.covers.items()}
        wrong = [f"{k} is {v}" for k, v in money.items() if not v >= 0 or (np.isinf(v) and "capacity" not in k)]
        wrong += [f"{k} is {v}" for k, v in shares.items() if not 0 <= v <= 1]
        if wrong:
            raise ValueError(f"money is 0 or more and shares are 0 to 1, but {wrong[0]}")
        unknown = sorted(set(self.cover) - set(self.demand))
        if unknown:
            raise ValueError(f"nothing is known of the demand in {', '.join(unknown)}")

    def _next(self, model: Coverage, limits: Limits, best: Cover) -> tuple[float, float] | None:
        """The cheapest budget that does better than the best."""
        free = replace(limits, budget=sum(o.cost for o in model.offers))
        better = model.cheapest(free, best.value + 1e-5 * max(1.0, abs(best.value)), above=self.budget)
        if better is None:
            return None
        at = model.cost_of(better)
        if at <= self.budget:
            return None
        reached = model.best(replace(limits, budget=at), cheap=False)
        return None if reached is None else (at - self.budget, reached.value - best.value)

    def _step_down(self, model: Coverage, limits: Limits, best: Cover) -> float:
        """Loss per unit of budget down to the step before; 0 while money is spare."""
        if best.cost < self.budget - 1e-9 or best.cost <= 0:
            return 0.0
        least = min((o.cost for o in model.offers if o.cost > 0), default=0.0)
        below = model.best(replace(limits, budget=best.cost - min(1.0, least) * 1e-3))
        if below is None:
            return float("inf")
        return max(best.value - below.value, 0.0) / (best.cost - below.cost) if below.cost < best.cost else 0.0

    def _relief(
        self, model: Coverage, limits: Limits, best: Cover, exact: int | None
    ) -> tuple[dict[str, float], dict[str, float]]:
        """What dropping each limit alone would add, and what it adds at most where that is not solved."""
        least = best.value + 1e-7 * max(1.0, abs(best.value))
        free = self._dropped(limits, model)
        tops = model.without(limits, list(free))
        order = sorted((c for c, top in tops.items() if top > least), key=lambda c: -tops[c])
        solve = order if exact is None else order[:exact]
        gains = {}
        for code in (c for c in free if c in solve):
            found = model.best(free[code], cheap=False)
            if found is not None and found.value > least:
                gains[code] = found.value - best.value
        return gains, {c: tops[c] - best.value for c in order if c not in solve}

    def _dropped(self, limits: Limits, model: Coverage) -> dict[str, Limits]:
        """The limits with one of them left out, by its code."""
        free: dict[str, Limits] = {"budget": replace(limits, budget=sum(o.cost for o in model.offers))}
        if limits.concentration is not None:
            free["concentration"] = replace(limits, concentration=None)
        if limits.most is not None:
            free["most"] = replace(limits, most=None)
        for pair in limits.conflicts:
            kept = [p for p in limits.conflicts if p != pair]
            free[f"conflict:{pair[0]}|{pair[1]}"] = replace(limits, conflicts=kept)
        for region in limits.regions:
            free[f"region:{region}"] = replace(limits, regions={r: n for r, n in limits.regions.items() if r != region})
        for market in limits.cover:
            free[f"cover:{market}"] = replace(limits, cover={m: s for m, s in limits.cover.items() if m != market})
        return free
