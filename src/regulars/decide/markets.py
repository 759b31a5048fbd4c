"""Which markets to serve: the textbook's formulations, exact, and the realistic model beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from regulars.decide.program import Amounts, Column, Program, Row
from regulars.decide.result import Decision

MODELS: Final = (
    "share_sum", "share_each", "customers", "binary", "binary_value_per_head", "binary_value", "binary_contribution",
)  # fmt: skip


@dataclass(frozen=True)
class ServeDecision(Decision[Amounts]):
    """Which markets to serve; whatever the formulation maximised, what it means in money is beside it.

    ``revenue`` is net of churn, ``contribution`` revenue minus the cost of serving, ``cost`` that cost.
    """

    revenue: float
    contribution: float
    cost: float


def serve_markets(
    demand: Sequence[float],
    price: Sequence[float],
    cost: Sequence[float],
    churn: Sequence[float],
    budget: float,
    *,
    model: str,
    value: Sequence[float] | None = None,
    names: Sequence[str] | None = None,
) -> ServeDecision:
    """Serve markets within a budget, by one of the usual formulations.

    With D demand, P price, C cost to serve one, a churn, V value of a customer, r = D (1 - a) P:
    ``share_sum`` max r'R, sum R <= 1, sum C D R <= B; ``share_each`` the same with each R <= 1 only; ``customers``
    max sum V (1 - a) x, x <= D, sum C x <= B; ``binary`` max r'y, sum C D y <= B, y whole;
    ``binary_value_per_head`` max sum V (1 - a) y (the unit mistake: a market counts as one customer);
    ``binary_value`` the same times D; ``binary_contribution`` max sum D ((1 - a) P - C) y.

    The solution maps each market to its share R or y, or to its customers x. Raises ``ValueError`` for an unknown
    model, lengths that differ, or a model that needs ``value``.

    >>> plan = serve_markets((1000, 800, 600), (100, 120, 150), (50, 60, 70), (.1, .2, .3), 90_000, model="binary")
    >>> plan.solution, plan.value, plan.contribution
    ({'1': 0.0, '2': 1.0, '3': 1.0}, 139800.0, 49800.0)
    """
    if model not in MODELS:
        raise ValueError(f"model {model!r} is not one of {', '.join(MODELS)}")
    per_head = model in ("customers", "binary_value_per_head", "binary_value")
    if per_head and value is None:
        raise ValueError(f"model {model!r} needs the value of a customer in each market")
    lengths = {len(v) for v in (demand, price, cost, churn, *([value] if value is not None else []))}
    if len(lengths) != 1:
        raise ValueError(f"demand, price, cost, churn and value differ in length: {sorted(lengths)}")
    D, P, C, a = (np.asarray(v, dtype=float) for v in (demand, price, cost, churn))
    V = np.zeros_like(D) if value is None else np.asarray(value, dtype=float)
    codes = tuple(names or (str(i + 1) for i in range(len(D))))
    worth = {
        "customers": V * (1 - a),
        "binary_value_per_head": V * (1 - a),
        "binary_value": D * V * (1 - a),
        "binary_contribution": D * ((1 - a) * P - C),
    }.get(model, D * (1 - a) * P)
    one = D if model == "customers" else np.ones_like(D)
    spend = C if model == "customers" else C * D
    whole = model.startswith("binary")
    columns = [Column(c, float(w), 0.0, float(h), whole, True) for c, w, h in zip(codes, worth, one, strict=True)]
    rows = [Row("budget", dict(zip(codes, spend.tolist(), strict=True)), high=budget)]
    if model == "share_sum":
        rows.append(Row("share_sum", dict.fromkeys(codes, 1.0), high=1.0))
    plan = Program(columns, rows).decide()
    served = np.array([plan.solution[c] for c in codes]) * (1.0 if model == "customers" else D)
    revenue, paid = float(served @ ((1 - a) * P)), float(served @ C)
    return ServeDecision(
        plan.solution, plan.value, plan.bound, plan.gap, plan.binding, plan.shadow_prices, plan.why,
        revenue=revenue, contribution=revenue - paid, cost=paid,
    )  # fmt: skip


@dataclass(frozen=True)
class Market:
    """A slice of demand: how many, at which price, served at which cost, and the share that leaves."""

    name: str
    demand: float
    price: float
    cost: float
    churn: float


@dataclass(frozen=True)
class Partner:
    """Who serves: cost factor, fixed cost per opened market, capacity and minimum in units, needs per unit."""

    name: str
    cost_factor: float = 1.0
    fixed_cost: float = 0.0
    capacity: float = np.inf
    minimum: float = 0.0
    compute: float = 0.0
    data: float = 0.0
    reseller: bool = False


@dataclass(frozen=True)
class MarketPlan:
    """Which markets to open, through whom, and how far, with demand that gets harder to win; exact by MIP.

    Formula, i markets, p partners, k segments of a market's demand (share w_k, won with effect e_k falling):
    max sum_i D_i (1 - a_i) P_i sum_k e_k s_ik - sum kappa_p C_i D_i x_ip - sum F_p y_ip
    s.t. sum_p x_ip = sum_k s_ik, s_ik <= w_k, x_ip <= y_ip <= z_p, minimum_p z_p <= sum_i D_i x_ip <= capacity_p z_p,
    at most one reseller a market, cash sum(kappa C D x + F y) <= ``cash``, and likewise ``compute`` and ``data``.
    Falling e_k need no whole numbers: the best segment fills first by itself.

    ``decide`` answers the amounts by code: ``serve:<market>:<partner>`` (share of demand),
    ``open:<market>:<partner>`` and ``sign:<partner>`` (0 or 1). The linear relaxation's value is in ``why``: it is
    not an answer, but shows how far rounding one would mislead.
    """

    markets: Sequence[Market]
    partners: Sequence[Partner]
    cash: float
    compute: float = np.inf
    data: float = np.inf
    segments: Sequence[float] = (1.0,)
    effects: Sequence[float] = (1.0,)

    def program(self) -> Program:
        """The model as a programme with names."""
        if len(self.segments) != len(self.effects) or list(self.effects) != sorted(self.effects, reverse=True):
            raise ValueError("give one effect per segment, and let them fall: the easiest demand first")
        columns = [Column(f"sign:{p.name}", high=1.0, whole=True, given=True) for p in self.partners]
        rows: list[Row] = []
        needs: dict[str, Amounts] = {"cash": {}, "compute": {}, "data": {}}
        units: dict[str, Amounts] = {p.name: {} for p in self.partners}
        for m in self.markets:
            worth = m.demand * (1 - m.churn) * m.price
            won = {f"win:{m.name}:{k}": 1.0 for k in range(len(self.segments))}
            columns += [
                Column(c, worth * e, high=w, given=True)
                for c, w, e in zip(won, self.segments, self.effects, strict=True)
            ]
            for p in self.partners:
                serve, opened = f"serve:{m.name}:{p.name}", f"open:{m.name}:{p.name}"
                paid = p.cost_factor * m.cost * m.demand
                columns.append(Column(serve, -paid, given=True))
                columns.append(Column(opened, -p.fixed_cost, high=1.0, whole=True, given=True))
                rows.append(Row(f"{serve} only when open", {serve: 1, opened: -1}, high=0, given=True))
                rows.append(Row(f"{opened} only when signed", {opened: 1, f"sign:{p.name}": -1}, high=0, given=True))
                needs["cash"] |= {serve: paid, opened: p.fixed_cost}
                needs["compute"][serve] = p.compute * m.demand
                needs["data"][serve] = p.data * m.demand
                units[p.name][serve] = m.demand
            served = {f"serve:{m.name}:{p.name}": -1.0 for p in self.partners}
            rows.append(Row(f"{m.name}: served is won", {**won, **served}, 0, 0, given=True))
            resellers = {f"open:{m.name}:{p.name}": 1.0 for p in self.partners if p.reseller}
            if resellers:
                rows.append(Row(f"one_reseller:{m.name}", resellers, high=1))
        for p in self.partners:
            sign = f"sign:{p.name}"
            if np.isfinite(p.capacity):
                rows.append(Row(f"capacity:{p.name}", {**units[p.name], sign: -p.capacity}, high=0))
            if p.minimum > 0:
                rows.append(Row(f"minimum:{p.name}", {**units[p.name], sign: -p.minimum}, low=0))
        for code, limit in (("cash", self.cash), ("compute", self.compute), ("data", self.data)):
            if np.isfinite(limit):
                rows.append(Row(code, needs[code], high=limit))
        return Program(columns, rows)

    def decide(self) -> Decision[Amounts]:
        """The plan that earns the most."""
        program = self.program()
        plan = program.decide()
        relaxed = program.relaxed().decide().value
        return replace(plan, why=(*plan.why, f"relaxation={relaxed:.2f}"))
