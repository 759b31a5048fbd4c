"""Where the next yuan goes: the weekly budget split over channels."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.decide.curves import Array, Curves
from regulars.decide.result import Decision, Estimate, InfeasibleError, ShadowPrice, Wish, relative_gap
from regulars.decide.waterfill import fill

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class BudgetRow:
    """One channel of a budget: money a week now and proposed, what the change and the next unit earn, and why."""

    channel: str
    today: int
    proposed: int
    low: int
    high: float
    gain: Estimate
    next_unit: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class BudgetDecision(Decision[Whole]):
    """A split of the weekly budget; ``solution`` is minor units a week per channel, in the order of the curves.

    ``gain`` is the expected gain over today, change of spend paid, with its 90 % interval over the parameter draws,
    and ``sure`` the share of draws in which it is positive (None without draws). ``extra`` more money would earn
    ``extra_earns`` (solved anew, not extrapolated from the shadow price). ``worthwhile`` is the total at which the
    next unit of money earns exactly one unit, within the same limits. ``gap`` compares the whole minor units with the
    continuous bound, ``continuous_gap`` the continuous split with it: the difference is the price of whole cents.
    """

    curves: Curves
    today: Whole
    low: Whole
    high: Array
    capped: NDArray[np.bool_]
    frozen: NDArray[np.bool_]
    today_value: float
    gain: Estimate
    sure: float | None
    unspent: int
    extra: int
    extra_earns: float
    worthwhile: int
    continuous_gap: float

    @cached_property
    def rows(self) -> tuple[BudgetRow, ...]:
        """One row a channel: today, proposed, limits, expected gain with interval, next unit, reasons."""
        change = self.solution - self.today
        figures = np.atleast_2d(self.curves.values(self.solution) - self.curves.values(self.today)) - change
        mean, drawn = figures.mean(axis=0), len(figures) > 1
        low, high = np.quantile(figures, [0.05, 0.95], axis=0) if drawn else (mean, mean)
        slope = self.curves.slope(self.solution)
        return tuple(
            BudgetRow(
                channel=name,
                today=int(self.today[i]),
                proposed=int(self.solution[i]),
                low=int(self.low[i]),
                high=float(self.high[i]),
                gain=Estimate(float(mean[i]), *((float(low[i]), float(high[i])) if drawn else (None, None))),
                next_unit=float(slope[i]),
                why=self._why(i, int(change[i]), float(slope[i])),
            )
            for i, name in enumerate(self.curves.channels)
        )

    def _why(self, i: int, change: int, slope: float) -> tuple[str, ...]:
        codes = ["raise" if change > 0 else "cut" if change < 0 else "keep", f"next_unit={slope:.4g}"]
        limit = _limit(self, i)
        if limit:
            codes.append(limit)
        if limit == "beyond_seen":
            codes.append("explore" if self.high[i] > 0 else "never_tried")
        return tuple(codes)


@dataclass(frozen=True)
class Budget:
    """The split of a weekly total over channels that earns the most, exact and with a certificate.

    Formula: maximise sum_i f_i(x_i) subject to sum_i x_i <= total, low_i <= x_i <= high_i, x_i whole minor units,
    f_i the (mean over draws of the) concave response curve. Water-filling gives the continuous optimum and the dual
    bound; the whole units are then placed so that moving no single unit from one channel to another earns more,
    which for separable concave functions is the optimum over whole numbers.

    Parameters: ``total`` minor units a week (None: the same as today); ``stretch``: no channel goes beyond so many
    times the largest weekly spend ever seen there, because nothing is known about the curve further out (give the
    channel its own ``high`` to allow it, or ``math.inf`` here); ``must_spend``: leave nothing of the total over;
    ``extra``: the amount whose worth is reported as ``extra_earns``.

    Raises ``InfeasibleError`` naming the smallest set of limits in conflict, ``ValueError`` for a negative or
    unknown input. Source: Gross (1956) and Federgruen and Groenevelt, Operations Research 34 (1986) 909-918, for the
    whole units; ``fill`` for the rest.

    >>> curves = Curves.make(["search", "social"], ceiling=[400, 100], half=[10_000, 10_000], value=100)
    >>> plan = Budget().decide(curves, today=[10_000, 10_000])
    >>> plan.solution.tolist(), round(plan.gain.value), plan.gap < 1e-9
    ([16667, 3333], 2500, True)
    """

    total: int | None = None
    stretch: float = 1.5
    must_spend: bool = False
    extra: int = 100_000

    def decide(
        self,
        curves: Curves,
        today: ArrayLike,
        *,
        low: Mapping[str, int] | None = None,
        high: Mapping[str, int] | None = None,
        frozen: Collection[str] = (),
        largest_seen: ArrayLike | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> BudgetDecision:
        """Split the total; ``today`` and ``largest_seen`` (minor units a week) go in the order of the curves.

        ``low`` and ``high`` are the owner's limits by channel, ``frozen`` the channels that stay as they are,
        ``labels`` the owner's names of the channels, used in errors.
        """
        names = curves.channels
        now = _money("today", today, names)
        total = int(now.sum()) if self.total is None else self.total
        if total < 0:
            raise ValueError(f"the total must be 0 or more, got {total}")
        least, most, capped = self._limits(names, now, low or {}, high or {}, set(frozen), largest_seen)
        _check(names, labels or {}, total, least, most, set(frozen), self.must_spend)
        at_least, at_most = least.astype(float), most
        filled = fill(curves, float(total), at_least, at_most)
        solution = _whole_units(curves, filled.spend, least, most, total)
        value = math.fsum(curves.value(solution).tolist())
        richer = fill(curves, float(total + self.extra), at_least, at_most)
        worth = np.clip(curves.inverse_slope(1.0), at_least, at_most)
        gains = np.atleast_1d((curves.values(solution) - curves.values(now)).sum(axis=-1)) - (solution - now).sum()
        drawn = gains.size > 1
        low90, high90 = (float(q) for q in np.quantile(gains, [0.05, 0.95])) if drawn else (None, None)
        unspent = total - int(solution.sum())
        decision = BudgetDecision(
            solution=solution,
            value=value,
            bound=filled.bound,
            gap=relative_gap(value, filled.bound),
            binding=(),
            shadow_prices={},
            why=(),
            curves=curves,
            today=now,
            low=least,
            high=most,
            capped=capped,
            frozen=np.isin(np.array(names, dtype=object), list(frozen)),
            today_value=math.fsum(curves.value(now).tolist()),
            gain=Estimate(float(gains.mean()), low90, high90),
            sure=float((gains > 0).mean()) if drawn else None,
            unspent=unspent,
            extra=self.extra,
            extra_earns=richer.value - filled.value,
            worthwhile=round(float(worth.sum())),
            continuous_gap=relative_gap(filled.value, filled.bound),
        )
        return _explained(decision, filled.price, total, self.total is None)

    def _limits(
        self,
        names: tuple[str, ...],
        today: Whole,
        low: Mapping[str, int],
        high: Mapping[str, int],
        frozen: set[str],
        largest_seen: ArrayLike | None,
    ) -> tuple[Whole, Array, NDArray[np.bool_]]:
        for word, given in (("low", low), ("high", high), ("frozen", frozen)):
            unknown = sorted(set(given) - set(names))
            if unknown:
                raise ValueError(f"{word}: no curve for channel {', '.join(unknown)}")
        least = np.zeros(len(names), dtype=np.int64)
        most = np.full(len(names), np.inf)
        if largest_seen is not None and math.isfinite(self.stretch):
            most = np.floor(self.stretch * np.maximum(_money("largest_seen", largest_seen, names), today))
        capped = np.isfinite(most)
        place = {n: i for i, n in enumerate(names)}
        for name, amount in low.items():
            least[place[name]] = amount
            # a minimum the owner asks for is an order to go there
            if capped[place[name]]:
                most[place[name]] = max(most[place[name]], amount)
        for name, amount in high.items():
            most[place[name]], capped[place[name]] = amount, False
        for name in frozen:
            i = place[name]
            least[i], most[i], capped[i] = today[i], today[i], False
        if (least < 0).any() or (most < 0).any():
            bad = names[int(np.argmax((least < 0) | (most < 0)))]
            raise ValueError(f"channel {bad!r}: a limit must be 0 or more")
        return least, most, capped


def _money(word: str, amounts: ArrayLike, names: Sequence[str]) -> Whole:
    out = np.asarray(amounts, dtype=float)
    if out.shape != (len(names),):
        raise ValueError(f"{word} has shape {out.shape}, expected ({len(names)},)")
    if not (np.isfinite(out) & (out >= 0)).all():
        bad = names[int(np.argmax(~(np.isfinite(out) & (out >= 0))))]
        raise ValueError(f"{word}: channel {bad!r} must be 0 or more")
    return np.asarray(np.rint(out), dtype=np.int64)


def _check(
    names: tuple[str, ...],
    labels: Mapping[str, str],
    total: int,
    least: Whole,
    most: Array,
    frozen: set[str],
    must_spend: bool,
) -> None:
    """Raise the smallest conflict: a channel against itself, minimums against the total, the total against maximums."""

    def wish(kind: str, i: int, amount: float) -> Wish:
        word = "frozen" if names[i] in frozen else kind
        return Wish(f"{word}:{names[i]}", labels.get(names[i], names[i]), amount)

    crossed = np.flatnonzero(least > most)
    if crossed.size:
        i = int(crossed[0])
        raise InfeasibleError([wish("at_least", i, float(least[i])), wish("at_most", i, float(most[i]))])
    asked = Wish("total", labels.get("total", "total"), float(total))
    if int(least.sum()) > total:
        # The largest minimums first: no smaller set of them can exceed the total.
        order = np.argsort(-least, kind="stable")
        count = int(np.searchsorted(np.cumsum(least[order]), total, side="right")) + 1
        raise InfeasibleError([asked, *(wish("at_least", int(i), float(least[i])) for i in order[:count])])
    if must_spend and most.sum() < total:
        raise InfeasibleError([asked, *(wish("at_most", i, float(most[i])) for i in range(len(names)))])


def _whole_units(curves: Curves, spend: Array, low: Whole, high: Array, total: int) -> Whole:
    """Whole minor units near the continuous optimum, adding up exactly, that no exchange of units improves."""
    units = np.maximum(np.floor(spend), low).astype(np.int64)
    left = min(total, round(math.fsum(spend.tolist()))) - int(units.sum())
    while left > 0:
        gain = np.where(units < high, curves.step(units), -1.0)
        best = np.argsort(-gain, kind="stable")[: min(left, int((gain >= 0).sum()))]
        if not best.size:
            break
        units[best] += 1
        left -= best.size
    for _ in range(1000):
        up = np.where(units < high, curves.step(units), -np.inf)
        down = np.where(units > low, curves.step(np.maximum(units - 1, 0)), np.inf)
        ups, downs = np.argsort(-up, kind="stable"), np.argsort(down, kind="stable")
        better = up[ups] > down[downs] * (1 + 1e-12)
        count = int(np.argmin(better)) if not better.all() else better.size
        if count == 0:
            break
        units[ups[:count]] += 1
        units[downs[:count]] -= 1
    units.flags.writeable = False
    return units


def _limit(d: BudgetDecision, i: int) -> str | None:
    if d.frozen[i]:
        return "frozen"
    if d.solution[i] >= d.high[i]:
        return "beyond_seen" if d.capped[i] else "at_most"
    return "at_least" if d.low[i] > 0 and d.solution[i] <= d.low[i] else None


def _explained(d: BudgetDecision, price: ShadowPrice, total: int, same: bool) -> BudgetDecision:
    """The decision with what binds, the shadow prices and the reasons filled in."""
    prices: dict[str, ShadowPrice] = {}
    if d.unspent == 0:
        prices["total"] = price
    slope = d.curves.slope(d.solution)
    touched = d.frozen | (d.solution >= d.high) | ((d.low > 0) & (d.solution <= d.low))
    for i in np.flatnonzero(touched).tolist():
        # Raising the limit of one channel takes the money from the others at their price.
        prices[f"{_limit(d, i)}:{d.curves.channels[i]}"] = ShadowPrice(
            float(slope[i]) - price.less, float(slope[i]) - price.more
        )
    codes = ["same_total" if same else f"total={total}", f"next_unit={price.more:.4g}"]
    if price.more < 1 and d.unspent == 0:
        codes.append("next_unit_below_cost")
    if d.unspent:
        codes.append(f"unspent={d.unspent}")
    if any(c.startswith("beyond_seen:") for c in prices):
        codes.append("explore")
    if d.curves.worth.ndim == 2:
        codes.append(f"draws={len(d.curves.worth)}")
    return replace(d, binding=tuple(prices), shadow_prices=MappingProxyType(prices), why=tuple(codes))
