"""Where the next yuan goes: the weekly budget split over channels."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from regulars.decide.curves import Array, Curves
from regulars.decide.result import Decision, Estimate, InfeasibleError, ShadowPrice, Wish, relative_gap
from regulars.decide.waterfill import fill
from regulars.decide.whole_units import whole_units

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class BudgetRow:
    """One channel of a budget: money a week now and proposed, what the change and the next unit earn, and why.

    ``worth``, ``half`` and ``form`` draw its curve: what it can ever bring a week, and the spend that brings half.
    """

    channel: str
    today: int
    proposed: int
    low: int
    high: float
    gain: Estimate
    next_unit: float
    worth: float
    half: float
    form: str
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

    rows: tuple[BudgetRow, ...]
    today_value: float
    gain: Estimate
    sure: float | None
    unspent: int
    extra: int
    extra_earns: float
    worthwhile: int
    continuous_gap: float
    quantiles: Mapping[str, float] = field(default_factory=dict)
    objective: str = "contribution"
    risk: float | None = None


@dataclass(frozen=True)
class BudgetAllocator:
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
    >>> plan = BudgetAllocator().decide(curves, today=[10_000, 10_000])
    >>> plan.solution.tolist(), round(plan.gain.value), plan.gap < 1e-9
    ([16667, 3333], 2500, True)
    """

    total: int | None = None
    stretch: float = 1.5
    must_spend: bool = False
    extra: int = 100_000
    objective: str = "contribution"
    risk: float | None = None

    def decide(
        self,
        curves: Curves,
        today: ArrayLike,
        *,
        low: Mapping[str, int] | None = None,
        high: Mapping[str, int] | None = None,
        frozen: Collection[str] = (),
        largest_seen: ArrayLike | None = None,
        unproven: Collection[str] = (),
        labels: Mapping[str, str] | None = None,
        weights: Mapping[str, Mapping[str, float]] | None = None,
    ) -> BudgetDecision:
        """Split the total; ``today`` and ``largest_seen`` (minor units a week) go in the order of the curves.

        ``low`` and ``high`` are the owner's limits by channel, ``frozen`` the channels that stay as they are,
        ``unproven`` those whose curve the data could not tell (they stay within the largest spend ever seen),
        ``labels`` the owner's names of the channels, used in errors.
        """
        names = curves.channels
        now = _money("today", today, names)
        total = int(now.sum()) if self.total is None else self.total
        if total < 0:
            raise ValueError(f"the total must be 0 or more, got {total}")
        least, most, capped = self._limits(names, now, low or {}, high or {}, set(frozen), largest_seen, set(unproven))
        _check(names, labels or {}, total, least, most, set(frozen), self.must_spend)
        at_least, at_most = least.astype(float), most
        filled = fill(curves, float(total), at_least, at_most)
        solution = whole_units(curves, filled.spend, least, most, total)
        value = math.fsum(curves.value(solution).tolist())
        richer = fill(curves, float(total + self.extra), at_least, at_most)
        worthwhile = np.clip(curves.inverse_slope(1.0), at_least, at_most)
        by_draw = np.atleast_2d(curves.values(solution) - curves.values(now)) - (solution - now)
        limits = _touched(names, solution, least, most, capped, set(frozen))
        unspent = total - int(solution.sum())
        prices = _prices(curves, solution, filled.price, limits, spent=unspent == 0)
        return BudgetDecision(
            solution=solution,
            value=value,
            bound=filled.bound,
            gap=relative_gap(value, filled.bound),
            binding=tuple(prices),
            shadow_prices=prices,
            why=_codes(curves, filled.price, prices, unspent, "same_total" if self.total is None else f"total={total}"),
            rows=_rows(curves, now, solution, least, most, by_draw, limits),
            today_value=math.fsum(curves.value(now).tolist()),
            gain=_estimate(by_draw.sum(axis=1)),
            sure=float((by_draw.sum(axis=1) > 0).mean()) if len(by_draw) > 1 else None,
            unspent=unspent,
            extra=self.extra,
            extra_earns=richer.value - filled.value,
            worthwhile=round(float(worthwhile.sum())),
            continuous_gap=relative_gap(filled.value, filled.bound),
        )

    def _limits(
        self,
        names: tuple[str, ...],
        today: Whole,
        low: Mapping[str, int],
        high: Mapping[str, int],
        frozen: set[str],
        largest_seen: ArrayLike | None,
        unproven: set[str],
    ) -> tuple[Whole, Array, NDArray[np.bool_]]:
        for word, given in (("low", low), ("high", high), ("frozen", frozen)):
            unknown = sorted(set(given) - set(names))
            if unknown:
                raise ValueError(f"{word}: no curve for channel {', '.join(unknown)}")
        least = np.zeros(len(names), dtype=np.int64)
        most = np.full(len(names), np.inf)
        if largest_seen is not None and math.isfinite(self.stretch):
            stretch = np.array([1.0 if n in unproven else self.stretch for n in names])
            most = np.floor(stretch * np.maximum(_money("largest_seen", largest_seen, names), today))
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


def _touched(
    names: tuple[str, ...], solution: Whole, low: Whole, high: Array, capped: NDArray[np.bool_], frozen: set[str]
) -> dict[int, str]:
    """Which limit, if any, stops each channel."""
    at_high, at_low = solution >= high, (low > 0) & (solution <= low)
    out: dict[int, str] = {}
    for i in np.flatnonzero(at_high | at_low).tolist():
        if names[i] in frozen:
            out[i] = "frozen"
        elif at_high[i]:
            out[i] = "beyond_seen" if capped[i] else "at_most"
        else:
            out[i] = "at_least"
    return out


def _prices(
    curves: Curves, solution: Whole, price: ShadowPrice, limits: dict[int, str], *, spent: bool
) -> dict[str, ShadowPrice]:
    prices = {"total": price} if spent else {}
    slope = curves.slope(solution)
    for i, limit in limits.items():
        # Raising the limit of one channel takes the money from the others at their price.
        prices[f"{limit}:{curves.channels[i]}"] = ShadowPrice(
            float(slope[i]) - price.less, float(slope[i]) - price.more
        )
    return prices


def _codes(
    curves: Curves, price: ShadowPrice, prices: Mapping[str, ShadowPrice], unspent: int, first: str
) -> tuple[str, ...]:
    codes = [first, f"next_unit={price.more:.4g}"]
    if price.more < 1 and not unspent:
        codes.append("next_unit_below_cost")
    if unspent:
        codes.append(f"unspent={unspent}")
    if any(c.startswith("beyond_seen:") for c in prices):
        codes.append("explore")
    if curves.worth.ndim == 2:
        codes.append(f"draws={len(curves.worth)}")
    return tuple(codes)


def _estimate(figures: Array) -> Estimate:
    if len(figures) == 1:
        return Estimate(float(figures[0]))
    return Estimate(float(figures.mean()), float(np.quantile(figures, 0.05)), float(np.quantile(figures, 0.95)))


def _rows(
    curves: Curves, today: Whole, solution: Whole, low: Whole, high: Array, by_draw: Array, limits: dict[int, str]
) -> tuple[BudgetRow, ...]:
    slope = curves.slope(solution)
    worth = np.atleast_2d(curves.worth).mean(axis=0)
    half = curves.halves
    rows = []
    for i, name in enumerate(curves.channels):
        change = int(solution[i] - today[i])
        codes = ["raise" if change > 0 else "cut" if change < 0 else "keep", f"next_unit={slope[i]:.4g}"]
        if i in limits:
            codes.append(limits[i])
        if limits.get(i) == "beyond_seen":
            codes.append("explore" if high[i] > 0 else "never_tried")
        rows.append(
            BudgetRow(
                channel=name, today=int(today[i]), proposed=int(solution[i]), low=int(low[i]), high=float(high[i]),
                gain=_estimate(by_draw[:, i]), next_unit=float(slope[i]), worth=float(worth[i]), half=float(half[i]),
                form=curves.forms[i], why=tuple(codes),
            )
        )  # fmt: skip
    return tuple(rows)
