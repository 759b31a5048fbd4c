"""One option or nothing for everybody, under limits that bind people together: prices, then the few who are left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from regulars.decide.assign_core import Core
from regulars.decide.assign_offers import NOBODY, PIECE, Choice, Limit, Offers, Rows, ceiling, gather
from regulars.decide.assign_prices import SHARPER, Prices
from regulars.decide.curves import Array
from regulars.decide.result import Decision, ShadowPrice, relative_gap

SAMPLE: Final = 10_000  # people whose prices are a first guess at everybody's
FEW: Final = 8  # options a person that stay in play once the prices are about known
DIRECT: Final = 1_500  # options of all together that are solved whole, without prices
BRANCHED: Final = 800
LAST: Final = 25  # steps on everybody, from the prices of the sample
SIFTED: Final = 4  # rounds of better prices from those almost indifferent


@dataclass(frozen=True)
class Assignment:
    """The assignment of options to people that is worth the most under limits, with a certificate.

    Formula: maximise sum_po w_po x_po with at most one option a person and sum_po a_rpo x_po <= b_r for every limit
    r; x is 0 or 1; an option worth 0 or less is never taken. The limits are few and the people many, so the limits
    get prices y: g(y) = sum_p max(0, max_o w_po - y . a_po) + y . b is an upper bound for any y >= 0, and each person
    chooses alone. A sample and whoever is best placed for a scarce option give first prices; a cutting-plane method
    finishes on everybody's best few options; the bound is then taken over every option of everybody. People almost
    indifferent at the final prices are decided together by a linear programme, and what the distance between bound
    and value leaves open is settled exactly where it is small. At most one person a limit is torn apart by the linear
    programme, so the gap falls as the people grow.

    ``limits``: see ``Limit``. ``tolerance``: the relative gap at which to stop. ``exact``: how many open options may
    be branched over (0: never). Shadow prices: where few options are open the optimum with one unit more and one
    less, else the dual price.

    Raises ``ValueError`` for a negative limit or amount. Source: Fisher, Management Science 27 (1981) 1-18; Dyer and
    Zemel, Operations Research 28 (1980) 1210-1231; Everett, Operations Research 11 (1963) 399-417.

    >>> plan = Assignment((Limit("quota:phone", 1, (1,)), Limit("budget", 12, of="money"))).decide(
    ...     Offers.dense([[5.0, 9.0], [1.0, 8.0]], money=[[2.0, 10.0], [2.0, 10.0]]))
    >>> plan.solution.tolist(), plan.value, plan.gap
    ([0, 1], 13.0, 0.0)
    """

    limits: tuple[Limit, ...] = ()
    tolerance: float = 1e-6
    exact: int = BRANCHED

    def decide(self, offers: Offers) -> Decision[Choice]:
        """Choose for every person one option, or -1 for none."""
        rows = Rows.of(self.limits, offers.options)
        dual = self._first(offers, rows)
        few = offers.options if offers.people * offers.options <= PIECE * 16 else FEW
        crowd = gather(offers, rows, few, dual)
        whole = few >= offers.options or len(crowd.who) == 0
        small = bool((crowd.worth > 0).sum() <= DIRECT)
        if len(self.limits) and not small:
            prices = Prices(crowd, rows, rows.most)
            dual = prices.lowest(dual) if whole else prices.lowest(dual, SHARPER[-1:], LAST)
        core = Core(crowd, rows, rows.most, dual)
        at, better = core.plan()
        value, bound = core.value(at), core.bound
        for _ in range(0 if small else SIFTED):
            if better is None or bound - value <= self.tolerance * max(abs(bound), 1e-300):
                break
            again = Core(crowd, rows, rows.most, better)
            if again.bound >= core.bound:
                break
            core, dual, bound = again, better, again.bound
            second, better = again.plan()
            if again.value(second) > value:
                at, value = second, again.value(second)
        if bound - value > (1e-14 if small else self.tolerance) * max(abs(bound), 1e-300):
            settled, bound = core.settle(value, self.exact)
            if settled is not None and core.value(settled) > value:
                at, value = settled, core.value(settled)
        if not whole:
            # The options left out at the first prices could be worth more at the last ones.
            bound = ceiling(offers, rows, core.dual)
        bound = max(bound, value)
        solution = np.full(offers.people, NOBODY)
        taken = np.flatnonzero(at >= 0)
        solution[crowd.who[taken]] = crowd.option[taken, at[taken]]
        shadow = self._shadow(offers, rows, core, at, dual, value, small)
        return Decision(
            solution=solution,
            value=value,
            bound=bound,
            gap=relative_gap(value, bound),
            binding=tuple(shadow),
            shadow_prices=shadow,
            why=tuple(f"{code}={price.more:.6g}" for code, price in shadow.items()),
        )

    def _first(self, offers: Offers, rows: Rows) -> Array:
        """Prices from a sample; none where everybody is few enough."""
        none = np.zeros(len(rows.most))
        if not len(rows.most) or offers.people <= 4 * SAMPLE:
            return none
        who, weight = sample(offers, rows)
        crowd = gather(offers, rows, offers.options, none, who, weight)
        rough = Prices(crowd, rows, rows.most).lowest(none, SHARPER[:2])
        crowd = gather(offers, rows, FEW, rough, who, weight)
        return Prices(crowd, rows, rows.most).lowest(rough, SHARPER[2:])

    def _shadow(
        self, offers: Offers, rows: Rows, core: Core, at: Choice, dual: Array, value: float, small: bool
    ) -> dict[str, ShadowPrice]:
        """What one unit more or less of each limit that is used up would change."""
        used, out = core.used(at), {}
        for r, limit in enumerate(self.limits):
            full = used[r] >= rows.most[r] - (1 - 1e-9 if rows.kind[r] == 0 else 1e-6 * max(rows.most[r], 1.0))
            if not full and not (dual[r] > 1e-9 * max(value, 1e-300) and not small):
                continue
            if small and rows.kind[r] == 0:
                ends = [self._moved(offers, r, step) for step in (1.0, -1.0)]
                more = max(0.0, ends[0] - value)
                less = value - ends[1] if limit.most >= 1 else np.inf
                out[limit.code] = ShadowPrice(more, less)
            else:
                price = float(dual[r]) if not small else self._slope(core, r)
                out[limit.code] = ShadowPrice(price, price)
        return out

    def _moved(self, offers: Offers, r: int, step: float) -> float:
        limits = list(self.limits)
        if limits[r].most + step < 0:
            return np.nan
        limits[r] = replace(limits[r], most=limits[r].most + step)
        return _Value(tuple(limits), self.tolerance, self.exact).decide(offers).value

    @staticmethod
    def _slope(core: Core, r: int) -> float:
        _at, dual = core.plan()
        return float(dual[r]) if dual is not None else 0.0


class _Value(Assignment):
    """The optimum alone, for a limit that was moved."""

    def _shadow(self, *_given: object) -> dict[str, ShadowPrice]:
        return {}


def sample(offers: Offers, rows: Rows) -> tuple[Choice, Array]:
    """People who stand for everybody: each n-th, and all of those best placed for an option that few can have.

    A limit that a tenth of the sample would not notice has its price set by the very best, whom a sample misses.
    """
    scarce = [r for r, k in enumerate(rows.kind) if k == 0 and rows.most[r] < offers.people / 20]
    best = np.full((len(scarce), offers.people), -np.inf, dtype=np.float32)
    for piece in offers.pieces() if scarce else ():
        worth = offers.block(piece)["worth"]
        for i, r in enumerate(scarce):
            best[i, piece] = worth[rows.member[r] > 0].max(axis=0, initial=-np.inf)
    sure = np.zeros(offers.people, dtype=bool)
    for i, r in enumerate(scarce):
        count = int(min(max(3 * rows.most[r], 300), SAMPLE / max(len(scarce), 1), offers.people - 1))
        ahead = np.argpartition(-best[i], count)[:count]
        sure[ahead[best[i][ahead] > 0]] = True
    rest = np.flatnonzero(~sure)
    step = max(1, len(rest) // SAMPLE)
    some = rest[step // 2 :: step]
    who = np.concatenate([np.flatnonzero(sure), some])
    weight = np.concatenate([np.ones(int(sure.sum())), np.full(len(some), len(rest) / max(len(some), 1))])
    order = np.argsort(who, kind="stable")
    return who[order], weight[order]
