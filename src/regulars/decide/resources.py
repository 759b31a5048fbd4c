"""Where the next yuan, GPU-hour, token, gigabyte and support hour go: cells to serve, or concave activities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, overload

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Curves
from regulars.decide.program import Amounts, Row
from regulars.decide.resources_cells import CASH, Level, combined, read_cells
from regulars.decide.resources_curves import share_curves
from regulars.decide.resources_model import Model, build
from regulars.decide.resources_search import Found, search
from regulars.decide.resources_worth import Range, conflict, prices_and_ranges
from regulars.decide.result import Decision, relative_gap

# Close enough for a slider that is moved.
QUICK: Final = 0.01


@dataclass(frozen=True)
class Served:
    """What one cell does under the plan: units and share of its market's demand, and the money of it."""

    market: str
    mode: str
    partner: str
    level: str
    units: float
    share: float
    revenue: float
    cost: float
    contribution: float
    label: str = ""

    @property
    def code(self) -> str:
        """``market/mode/partner``."""
        return f"{self.market}/{self.mode}/{self.partner}"


@dataclass(frozen=True)
class ResourceDecision(Decision[Amounts]):
    """The plan of the cells: ``solution`` gives units by cell.

    ``served`` are the open cells with their money, ``signed`` the partners with a minimum that are signed, ``used``
    what is taken of each resource, ``ranging`` how far each shadow price holds, ``relaxation`` what the model without
    whole choices would promise (not an answer: it shows how far rounding one would mislead).
    """

    served: tuple[Served, ...]
    signed: tuple[str, ...]
    used: Mapping[str, float]
    ranging: Mapping[str, Range]
    relaxation: float


@dataclass(frozen=True)
class ResourceAllocator:
    """The plan that earns the most from limited resources, with a certificate, what each is worth, and how far.

    Cells (market x mode x partner, see ``Cell``) are opened, given a service level and served so far as it pays:
    max sum_c D_i sum_k w_k s_ck ((1 - a_c) P_c e_k - kappa_c C_c) - sum_c F_c y_c over shares s_ck <= y_c of segment
    k with sum_c s_ck <= 1, y and signatures z whole, minimum_p z_p <= units of p <= capacity_p z_p, at most one
    reseller a market, and one row a resource: sum uses * units + fixed uses * y <= limit. ``cash`` is the resource
    that costs and fixed costs use by themselves. Falling effects e_k need no whole numbers: the best segment fills
    first. Solved by branch and bound (HiGHS); many cells by column generation with flow cover cuts, exact over the
    options that can matter, and a proof that no plan is better by more than the gap.

    Activities with concave curves (``Curves``) instead of cells are solved by an interior point method.

    ``limits``: what there is of each resource a period. ``levels``: for each kind of service (latency, support) the
    choices; each opened cell takes one of each. ``labels``: the owner's words for resources and partners. ``gap``:
    stop when this close to the bound; None is exact up to 250 options and within 1 % beyond.

    Shadow prices and ranging are those with the choices (open, level, signed) held, ``choices_held`` in ``why``;
    ``what_if`` gives the worth of a change with all choices free.

    Raises ``InfeasibleError`` with the smallest set of limits and wishes in conflict, ``ValueError`` for a figure out
    of range, facts that contradict each other, or an activity that nothing limits. Sources: Nemhauser and Wolsey,
    Integer and Combinatorial Optimization (1988), II.2, II.3 and II.5; Barnhart and others, Operations Research 46
    (1998) 316-329; Gal, Postoptimal Analyses (1995), chapter 4 (ranging).

    >>> from regulars.decide.resources_cells import Cell
    >>> cells = [Cell("north", demand=100, price=10, unit_cost=4, uses={"gpu": 0.5}),
    ...          Cell("south", demand=80, price=9, unit_cost=4, uses={"gpu": 0.2})]
    >>> plan = ResourceAllocator({"cash": 1_000, "gpu": 40}).decide(cells)
    >>> plan.solution, plan.value, plan.shadow_prices["gpu"].more
    ({'north/direct/self': 48.0, 'south/direct/self': 80.0}, 688.0, 12.0)
    >>> round(plan.ranging["gpu"].low, 3), round(plan.ranging["gpu"].high, 3)
    (16.0, 66.0)
    """

    limits: Mapping[str, float] = field(default_factory=dict)
    levels: Mapping[str, Sequence[Level]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    gap: float | None = None

    @overload
    def decide(
        self, cells: Curves, uses: Mapping[str, Sequence[float]], *, low: ArrayLike = ..., high: ArrayLike = ...,
        labels: Mapping[str, str] | None = ...,
    ) -> Decision[dict[str, float]]: ...  # fmt: skip

    @overload
    def decide(self, cells: Any, *, rows: Sequence[Row] = ...) -> ResourceDecision: ...

    def decide(
        self,
        cells: Any,
        uses: Mapping[str, Sequence[float]] | None = None,
        *,
        low: ArrayLike = 0.0,
        high: ArrayLike = np.inf,
        labels: Mapping[str, str] | None = None,
        rows: Sequence[Row] = (),
    ) -> Decision[dict[str, float]]:
        """Decide over cells (``Cell`` objects or a table of their fields), or over ``Curves`` and their ``uses``.

        ``rows``: further linear limits over the programme's columns ``open:<cell>[:<level>]`` (0 or 1),
        ``serve:<cell>[:<level>]:<segment>`` (share of the segment) and ``sign:<partner>``.
        ``uses``, ``low`` and ``high`` belong to curves: what a unit takes of each resource, and limits of levels.
        """
        if isinstance(cells, Curves):
            if uses is None:
                raise ValueError("give uses: what a unit of each activity takes of each resource")
            return share_curves(self.limits, cells, uses, low, high, {**self.labels, **(labels or {})})
        for code, limit in self.limits.items():
            if np.isnan(limit):
                raise ValueError(f"the limit of {code!r} is not a number")
        read = read_cells(cells, (*self.limits, CASH))
        every = combined(self.levels)
        model = build(read, every, self.limits, self.labels, rows)
        found = search(model, self.gap)
        if found is None:
            raise conflict(model)
        return _answer(model, found, self.limits)

    def what_if(self, cells: Any, changes: Mapping[str, float], *, rows: Sequence[Row] = ()) -> ResourceDecision:
        """Decide again with other amounts of some resources, all choices free, within 1 % where no gap is set."""
        gap = QUICK if self.gap is None else self.gap
        return replace(self, limits={**self.limits, **changes}, gap=gap).decide(cells, rows=rows)

    def worth(self, cells: Any, *, step: float = 0.1, rows: Sequence[Row] = ()) -> dict[str, tuple[float, float]]:
        """What ``step`` less and ``step`` more of each limited resource changes in value, all choices free.

        Less than nothing is left is not asked: where less cannot hold, the loss is minus infinity.
        """
        from regulars.decide.result import InfeasibleError

        base = self.decide(cells, rows=rows).value

        def value(code: str, factor: float) -> float:
            try:
                other = {**self.limits, code: self.limits[code] * factor}
                return replace(self, limits=other).decide(cells, rows=rows).value - base
            except InfeasibleError:
                return -np.inf

        return {c: (value(c, 1 - step), value(c, 1 + step)) for c, v in self.limits.items() if np.isfinite(v)}


def _answer(model: Model, found: Found, limits: Mapping[str, float]) -> ResourceDecision:
    """The plan in the owner's terms."""
    x = found.x
    units = model.units(x)
    served: list[Served] = []
    solution = {o.cell.code: 0.0 for o in model.options}
    for o, opened, amount in zip(model.options, x[model.opens], units, strict=True):
        cell, total = o.cell, float(amount.sum())
        # Where opening is free the solver may open what serves nobody.
        if opened < 0.5 or (total <= 1e-9 * max(1.0, cell.demand) and not o.fixed):
            continue
        effects = np.array([*cell.effects, *([0.0] * (len(amount) - len(cell.effects)))])
        revenue, cost = o.income * float(effects @ amount), o.cost * total + o.fixed
        solution[cell.code] = total
        share = total / cell.demand if cell.demand else 0.0
        served.append(Served(cell.market, cell.mode, cell.partner, o.level.name, total, share, revenue, cost,
                             revenue - cost, cell.words))  # fmt: skip
    value = float(model.matrices.worth @ x)
    bound = max(found.bound, value)
    use = model.matrices.matrix @ x
    used = {r.code: float(use[i]) for i, r in enumerate(model.program.rows) if r.code in limits}
    prices, ranging = prices_and_ranges(model, x)
    signed = tuple(model.matrices.codes[0][j].removeprefix("sign:") for j in model.signs if x[j] > 0.5)
    return ResourceDecision(
        solution=solution,
        value=value,
        bound=bound,
        gap=relative_gap(value, bound),
        binding=tuple(prices),
        shadow_prices=prices,
        why=("choices_held", f"relaxation={found.relaxation:.2f}"),
        served=tuple(served),
        signed=signed,
        used=used,
        ranging=ranging,
        relaxation=found.relaxation,
    )
