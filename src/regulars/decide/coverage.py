"""Which partners to sign so that the markets are covered: the programme behind the choice, and its exact answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from regulars.decide.coverage_shares import freed, with_shares
from regulars.decide.program import Column, Matrices, Program, Row
from regulars.decide.resources_linear import linear

TOTAL: Final = "revenue of all"


@dataclass(frozen=True)
class Offer:
    """A partner that may be signed, per period of the plan.

    ``cost`` of the contract; ``covers`` by market: the share of its demand this partner can win, 0..1; ``quality``
    how much of that can be believed, 0..1 (from the scorecard); ``commission`` the share of revenue that is paid;
    ``capacity`` the most revenue it can handle; ``exclusive`` markets in which nobody else may sell once it is
    signed; ``signed``: it is bound already and stays.
    """

    name: str
    cost: float
    covers: Mapping[str, float]
    region: str = ""
    quality: float = 1.0
    commission: float = 0.0
    capacity: float = float("inf")
    exclusive: Collection[str] = ()
    signed: bool = False


@dataclass(frozen=True)
class Limits:
    """What the choice must keep to.

    ``concentration``: no partner above this share of the expected revenue (``own_revenue`` counts in the whole);
    ``conflicts`` pairs that cannot both be signed; ``regions`` the fewest partners by region; ``most`` how many
    partners at most; ``cover`` the least share of a market that must be served.
    """

    budget: float
    concentration: float | None = None
    conflicts: Sequence[tuple[str, str]] = ()
    regions: Mapping[str, int] = field(default_factory=dict)
    most: int | None = None
    cover: Mapping[str, float] = field(default_factory=dict)
    own_revenue: float = 0.0


@dataclass(frozen=True)
class Cover:
    """One answer: who is signed, which share of each market each serves, revenue by partner, and the cost."""

    signed: tuple[str, ...]
    served: dict[str, dict[str, float]]
    revenue: dict[str, float]
    cost: float
    value: float
    bound: float


@dataclass(frozen=True)
class Coverage:
    """The programme: max sum w_pm z_pm - paid sum c_p x_p with x_p whole (signed), z_pm the share of market m that p serves.

    z_pm <= x_p, sum_p z_pm <= 1, z_qm <= 1 - x_p where p is exclusive in m, r_pm = demand_m covers_pm quality_p,
    sum_m r_pm z_pm <= capacity_p, and the limits as rows. ``worth`` of a unit of revenue is 1 for coverage, or what is
    left of it after commission when ``margin`` is given; contracts are paid from it where ``paid``.
    """  # noqa: E501

    offers: Sequence[Offer]
    demand: Mapping[str, float]
    margin: float | None = None
    paid: bool = False

    def revenue(self, offer: Offer, market: str) -> float:
        """Expected revenue of a partner in a market it serves alone."""
        return self.demand[market] * offer.covers[market] * offer.quality

    def program(self, limits: Limits) -> Program:
        """Columns and rows, with the owner's wishes as rows that can be blamed."""
        columns: list[Column] = []
        rows: list[Row] = []
        for o in self.offers:
            columns.append(Column(_sign(o.name), -o.cost if self.paid else 0.0, 0.0, 1.0, True, True, o.name))
            kept = 1.0 if self.margin is None else self.margin - o.commission
            for m in o.covers:
                columns.append(Column(_serve(o.name, m), kept * self.revenue(o, m), 0.0, 1.0, given=True))
                rows.append(_given(f"signed {o.name} {m}", {_serve(o.name, m): 1, _sign(o.name): -1}, 0.0))
            if np.isfinite(o.capacity):
                uses = {_serve(o.name, m): self.revenue(o, m) for m in o.covers}
                rows.append(_given(f"capacity {o.name}", uses, o.capacity))
            if o.signed:
                rows.append(Row(f"keep:{o.name}", {_sign(o.name): 1}, low=1.0, label=o.name))
        if not columns:
            # The solver wants something to decide, even where nobody is offered.
            columns.append(Column("nobody", given=True, high=0.0))
        if limits.concentration is not None:
            columns.append(Column(TOTAL, given=True))
        return Program(columns, [*rows, *self._shared(), *self._wishes(limits)])

    def _shared(self) -> list[Row]:
        """A market is served once; the exclusive partner keeps all others out."""
        rows = []
        for m in self.demand:
            there = [o for o in self.offers if m in o.covers]
            if there:
                rows.append(_given(f"market {m}", {_serve(o.name, m): 1.0 for o in there}, 1.0))
            for alone in (o for o in self.offers if m in o.exclusive):
                for o in there:
                    if o.name != alone.name:
                        uses = {_serve(o.name, m): 1.0, _sign(alone.name): 1.0}
                        rows.append(_given(f"alone {alone.name} {o.name} {m}", uses, 1.0))
        return rows

    def _wishes(self, limits: Limits) -> list[Row]:
        signs = {o.name: _sign(o.name) for o in self.offers}
        rows = [Row("budget", {signs[o.name]: o.cost for o in self.offers}, high=limits.budget)]
        for a, b in limits.conflicts:
            rows.append(Row(f"conflict:{a}|{b}", {signs[a]: 1.0, signs[b]: 1.0}, high=1.0, label=f"{a}, {b}"))
        for region, least in limits.regions.items():
            uses = {signs[o.name]: 1.0 for o in self.offers if o.region == region}
            rows.append(Row(f"region:{region}", uses, low=float(least), label=region))
        if limits.most is not None:
            rows.append(Row("most", dict.fromkeys(signs.values(), 1.0), high=float(limits.most)))
        for market, share in limits.cover.items():
            uses = {_serve(o.name, market): 1.0 for o in self.offers if market in o.covers}
            rows.append(Row(f"cover:{market}", uses, low=share, label=market))
        if limits.concentration is not None:
            rows += self._spread(limits.concentration, limits.own_revenue)
        return rows

    def _spread(self, most: float, own: float) -> list[Row]:
        """r_p <= most (own + total), with the total a column of its own: rows of every partner's markets are slow."""
        scale = self._scale
        rows = []
        for one in self.offers:
            uses = {_serve(one.name, m): self.revenue(one, m) / scale for m in one.covers}
            rows.append(
                Row(f"concentration:{one.name}", {**uses, TOTAL: -most}, high=most * own / scale, label=one.name)
            )
        every = {_serve(o.name, m): self.revenue(o, m) / scale for o in self.offers for m in o.covers}
        return [Row(TOTAL, {**every, TOTAL: -1.0}, 0.0, 0.0, given=True), *rows]

    @property
    def _scale(self) -> float:
        return max((self.revenue(o, m) for o in self.offers for m in o.covers), default=1.0) or 1.0

    def matrices(self, program: Program, limits: Limits, free: Sequence[int] = ()) -> Matrices:
        """The programme as arrays, with what the concentration says of each partner once it is signed.

        Rows of ``free`` do not count for what all partners bring together.
        """
        m = Matrices.of(program)
        if not limits.concentration:
            return m
        place = {code: j for j, code in enumerate(m.codes[0])}
        brings = [(place[_sign(o.name)], [(place[_serve(o.name, k)], self.revenue(o, k)) for k in o.covers])
                  for o in self.offers]  # fmt: skip
        return with_shares(m, brings, place[TOTAL], self._scale, limits.concentration, limits.own_revenue, free)

    def without(self, limits: Limits, codes: Sequence[str]) -> dict[str, float]:
        """What no choice exceeds when the limit of each of these codes is dropped, by the relaxation.

        A limit without a price in the relaxation changes nothing there; only the others are solved again.
        """
        program = self.program(limits)
        m = Matrices.of(program)
        names = np.array([c.partition(":")[0] if c.startswith("concentration:") else c for c in m.codes[1]])
        of = {code: np.flatnonzero(names == code) for code in codes}
        free = np.concatenate([rows for code, rows in of.items() if code != "concentration"])
        # Shares that hold whatever is dropped, so that every relaxation may use them.
        tight = self.matrices(program, limits, free.tolist())
        whole = linear(tight)
        if whole is None:
            return {}
        value, prices = float(tight.worth @ whole[0]), whole[1]
        found = {}
        for code, rows in of.items():
            base = m if code == "concentration" else tight
            if base is tight and not np.abs(prices[rows]).max(initial=0.0) > 1e-9:
                found[code] = value
                continue
            looser = linear(freed(base, rows.tolist()))
            found[code] = np.inf if looser is None else float(base.worth @ looser[0])
        return found

    def best(self, limits: Limits, *, cheap: bool = True) -> Cover | None:
        """The most valuable choice, and among equals the cheapest; None where the limits cannot hold together.

        Without ``cheap`` any of the most valuable.
        """
        program = self.program(limits)
        first = self.matrices(program, limits).solve()
        if first is None:
            return None
        value = float(np.dot([c.worth for c in program.columns], first[0]))
        least = self.cheapest(limits, value - 1e-9 * max(1.0, abs(value))) if cheap else None
        found = self._read(program, first[0] if least is None else self._full(program, least))
        return replace(found, bound=max(first[1], found.value))

    def _full(self, program: Program, x: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        """The best shares for the partners signed in x; the cheapest set is found with a hair less than its value."""
        held = [
            replace(c, low=round(float(v)), high=round(float(v)), whole=False) if c.whole else c
            for c, v in zip(program.columns, x, strict=True)
        ]
        answer = Matrices.of(Program(held, program.rows)).solve()
        return x if answer is None else answer[0]

    def cheapest(self, limits: Limits, value: float, above: float | None = None) -> np.ndarray | None:  # type: ignore[type-arg]
        """The cheapest amounts that are worth at least this much and cost more than ``above``; None where none do."""
        program = self.program(limits)
        scale = max((abs(c.worth) for c in program.columns), default=1.0) or 1.0
        worth = Row("value", {c.code: c.worth / scale for c in program.columns}, low=value / scale, given=True)
        cost = {_sign(o.name): o.cost for o in self.offers}
        # Among sets of equal cost the earlier offers win, so the answer is always the same.
        place = {_sign(o.name): k for k, o in enumerate(self.offers)}
        dear = max(cost.values(), default=0.0) or 1.0
        columns = [
            replace(c, worth=-(cost[c.code] / dear + 1e-7 * (1 + place[c.code])) if c.code in cost else 0.0)
            for c in program.columns
        ]
        rows = [*program.rows, worth]
        if above is not None:
            # By more than the solver's tolerance, or the same set is found again.
            rows.append(_costs(cost, dear, above))
        answer = self.matrices(Program(columns, rows), limits).solve()
        return None if answer is None else answer[0]

    def _read(self, program: Program, x: np.ndarray) -> Cover:  # type: ignore[type-arg]
        amounts = {c.code: float(v) for c, v in zip(program.columns, x, strict=True)}
        revenue = {
            o.name: sum(self.revenue(o, m) * amounts[_serve(o.name, m)] for m in o.covers)
            for o in self.offers if amounts[_sign(o.name)] > 0.5
        }  # fmt: skip
        served: dict[str, dict[str, float]] = {m: {} for m in self.demand}
        for o in self.offers:
            for m in o.covers:
                share = amounts[_serve(o.name, m)]
                if share > 1e-7:
                    served[m][o.name] = min(share, 1.0)
        signed = tuple(sorted(revenue, key=lambda name: (-revenue[name], name)))
        value = float(sum(c.worth * amounts[c.code] for c in program.columns))
        return Cover(
            signed, served, {name: revenue[name] for name in signed},
            float(sum(o.cost for o in self.offers if o.name in revenue)), value, value,
        )  # fmt: skip

    def cost_of(self, x: np.ndarray) -> float:  # type: ignore[type-arg]
        """What the contracts of these amounts cost."""
        place = 0
        total = 0.0
        for o in self.offers:
            total += o.cost * round(float(x[place]))
            place += 1 + len(o.covers)
        return total


def _sign(name: str) -> str:
    return f"sign {name}"


def _serve(name: str, market: str) -> str:
    return f"serve {name} in {market}"


def _costs(cost: Mapping[str, float], dear: float, above: float) -> Row:
    return Row("dearer", {code: c / dear for code, c in cost.items()}, low=above / dear + 1e-5, given=True)


def _given(code: str, uses: Mapping[str, float], high: float) -> Row:
    return Row(code, uses, high=high, given=True)
