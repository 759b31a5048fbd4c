"""What a way to sell leaves after everybody is paid, where it breaks even, and where two ways are level."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from regulars.decide.result import Decision, ShadowPrice

KINDS = ("direct", "agent", "reseller", "marketplace", "platform", "own_site")


@dataclass(frozen=True)
class Mode:
    """One way to sell, per period.

    ``price`` what the buyer pays; ``unit_cost`` goods and delivery; ``commission`` the share of the price that goes to
    others (agent's fee, reseller's discount, marketplace's cut); ``fee`` per unit sold (payment, listing);
    ``fixed_cost`` what it costs to be there at all; ``volume`` units expected there; ``capacity`` the most it can sell.
    """

    name: str
    kind: str
    price: float
    unit_cost: float
    volume: float
    commission: float = 0.0
    fee: float = 0.0
    fixed_cost: float = 0.0
    capacity: float = math.inf

    @property
    def unit_contribution(self) -> float:
        """What one unit leaves: price (1 - commission) - unit cost - fee."""
        return self.price * (1 - self.commission) - self.unit_cost - self.fee

    def contribution(self, volume: float | None = None) -> float:
        """What is left of so many units (the expected volume) after the fixed cost."""
        sold = min(self.volume if volume is None else volume, self.capacity)
        return self.unit_contribution * sold - self.fixed_cost

    @property
    def break_even(self) -> float:
        """Units that pay for the fixed cost; infinite where a unit leaves nothing or capacity ends first."""
        if self.fixed_cost <= 0:
            return 0.0
        units = self.fixed_cost / self.unit_contribution if self.unit_contribution > 0 else math.inf
        return units if units <= self.capacity else math.inf


@dataclass(frozen=True)
class MarginDecision(Decision[str | None]):
    """The best single mode (None: none pays), every mode's contribution and break-even, and where two modes cross.

    ``indifferent`` maps a pair of modes to the volume at which both leave the same, where there is one: below it the
    one with the lower fixed cost is better, above it the other.
    """

    contributions: dict[str, float] = field(default_factory=dict)
    break_evens: dict[str, float] = field(default_factory=dict)
    indifferent: dict[tuple[str, str], float] = field(default_factory=dict)


@dataclass(frozen=True)
class ModeMargins:
    """Compare ways to sell by contribution after commission and fixed cost, in closed form.

    Formula: contribution = (price (1 - commission) - unit cost - fee) * min(volume, capacity) - fixed cost;
    break-even = fixed cost / unit contribution; two modes are level at (F1 - F2) / (m1 - m2) units.

    Raises ``ValueError`` for an unknown kind, a commission outside 0..1 or a name used twice.

    >>> shop = Mode("own shop", "direct", 100, 40, 500, fee=2, fixed_cost=20_000)
    >>> mall = Mode("mall", "marketplace", 100, 40, 500, commission=0.2)
    >>> plan = ModeMargins().decide([shop, mall])
    >>> plan.solution, plan.value, plan.indifferent
    ('mall', 20000.0, {('own shop', 'mall'): 1111.111111111111})
    """

    def decide(self, modes: Sequence[Mode]) -> MarginDecision:
        """Choose one mode; the bound is the value itself, because all are compared."""
        names = [m.name for m in modes]
        if len(set(names)) != len(names):
            raise ValueError(f"mode {next(n for n in names if names.count(n) > 1)!r} is named twice")
        for m in modes:
            if m.kind not in KINDS:
                raise ValueError(f"mode {m.name!r}: kind {m.kind!r} is not one of {', '.join(KINDS)}")
            if not 0 <= m.commission <= 1:
                raise ValueError(f"mode {m.name!r}: the commission is a share of the price, 0 to 1, got {m.commission}")
        gains = {m.name: m.contribution() for m in modes}
        best = max(modes, key=lambda m: gains[m.name], default=None)
        value = gains[best.name] if best is not None else 0.0
        chosen = best if value > 0 else None
        level = {}
        for a, b in combinations(modes, 2):
            slope = a.unit_contribution - b.unit_contribution
            units = (a.fixed_cost - b.fixed_cost) / slope if slope else math.inf
            if 0 < units <= min(a.capacity, b.capacity):
                level[a.name, b.name] = units
        full = chosen is not None and chosen.volume >= chosen.capacity
        prices = {}
        if chosen is not None and full:
            price = ShadowPrice(chosen.unit_contribution if chosen.volume > chosen.capacity else 0.0,
                                chosen.unit_contribution)  # fmt: skip
            prices = {f"capacity:{chosen.name}": price}
        return MarginDecision(
            solution=chosen.name if chosen else None,
            value=max(value, 0.0),
            bound=max(value, 0.0),
            gap=0.0,
            binding=tuple(prices),
            shadow_prices=prices,
            why=(f"contribution={value:.6g}", f"break_even={chosen.break_even:.6g}") if chosen else ("none_pays",),
            contributions=gains,
            break_evens={m.name: m.break_even for m in modes},
            indifferent=level,
        )
