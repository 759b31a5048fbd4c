"""What a message adds, told from everybody written to against everybody left alone, with the holdout as the judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.decide.contact_log import WINDOW_DAYS, drawn_people
from regulars.decide.curves import Array
from regulars.decide.customer_ledger import DAY, CustomerLedger, seconds
from regulars.decide.uplift import Uplift

Whole = NDArray[np.int64]
# Moments (weeks) that people left alone are counted at.
MOMENTS: Final = 26
FEWEST_HELD: Final = 50
FEWEST_ASKED: Final = 100
FEWEST_ALIKE: Final = 10
FEWEST_MARKETS: Final = 3
# How far people left alone are thought to differ from those held back, of their orders: one standard deviation.
BIAS: Final = 0.10
_FLOOR: Final = 0.01  # of a variance, so that a cell nobody ever bought in does not count for everything


@dataclass(frozen=True)
class Effects:
    """Extra orders within 28 days for one message by action (key), and how markets answer against the mean.

    ``apart`` is how many standard errors the people held back are from the people left alone. ``asked`` are the days
    since the last order between which nearly everybody was whom an action was measured on.
    """

    actions: Mapping[str, Uplift]
    markets: Mapping[str, float]
    asked: Mapping[str, tuple[float, float]]
    held: int
    apart: float


def contact_effects(facts: Mapping[str, Any], people: pa.Table, *, now: datetime) -> Effects | None:
    """Extra orders by action and by market; None without plans or with fewer than ``FEWEST_HELD`` held back.

    Formula: with y the orders within 28 days, b the mean y of people of the same standing (time since the last order,
    orders in a year, contract; since when they are known where they never ordered) who were left alone in the same
    week, and w one over the variance of that comparison, the raw effect of action a in market m is
    sum w (y - b) / sum w over those written to. The same figure of the people held back is taken off (``_unlike``):
    they were drawn by lot, so what is left between them and b is what the standing does not explain, nor the choice of
    people whom nobody wrote to since. Then e_a k_m is fitted by weighted least squares, k_m shrunk to one by its
    scatter (DerSimonian and Laird, 1986).
    A holdout of 5 % says little of one market or a young action; those left alone are many.

    Source: control variates and regression adjustment as in Lin, Annals of Applied Statistics 7 (2013) 295-318.
    """
    drawn = drawn_people(facts)
    if drawn is None:
        return None
    drawn = drawn.filter(drawn.start <= now - timedelta(days=WINDOW_DAYS))
    drawn = drawn.filter(drawn.start > now - timedelta(days=400))
    rows: pa.Table = drawn.to_pyarrow()
    held = int(pc.sum(pc.equal(rows.column("treated"), 0)).as_py() or 0)
    if held < FEWEST_HELD or held == rows.num_rows:
        return None
    ledger = CustomerLedger.read(facts, people, rows.column("customer"))
    start = seconds(rows.column("start"))
    who, treated = ledger.index(rows.column("customer")), rows.column("treated").to_numpy() == 1
    moments = _moments(start)
    alone = ledger.alone(moments, who, start)
    cell, y = ledger.standing(who, start), ledger.orders(who, start)
    base, variance, others = _baseline(
        [ledger.standing(a, np.full(len(a), m)) for m, a in zip(moments, alone, strict=True)],
        [ledger.orders(a, np.full(len(a), m)) for m, a in zip(moments, alone, strict=True)],
        np.abs(start[:, None] - moments[None, :]).argmin(axis=1), cell,
    )  # fmt: skip
    # Where hardly anybody like them was left alone, people written to tell little, however many they are.
    # The same weights for those held back, or the two would speak of different people.
    alike = np.bincount(cell)[cell]
    weight = np.where(others >= FEWEST_ALIKE, 1 / (variance * (1 + alike / np.maximum(others, 1.0))), 0.0)
    if not (weight[~treated].any() and weight[treated].any()):
        return None
    rest = y - base
    action = np.array([a if c in (None, "email") else f"{a}@{c}" for a, c in zip(
        rows.column("action").to_pylist(), rows.column("channel").to_pylist(), strict=True)])  # fmt: skip
    market = np.array([m or "" for m in rows.column("market").to_pylist()])
    unlike, apart = _unlike(action[~treated], rest[~treated], weight[~treated], np.unique(action),
                            BIAS * float(base[weight > 0].mean()))  # fmt: skip
    told = treated & (weight > 0)
    off = np.array([unlike[a][0] for a in action[told]])
    found = _two_ways(action[told], market[told], rest[told] - off, weight[told])
    plans = {a: len(set(p)) for a, p in _by(action[told], rows.column("plan").filter(pa.array(told)).to_pylist())}
    actions = {a: Uplift(mean, float(np.sqrt(v + unlike[a][1])), plans[a], 1.0) for a, (mean, v) in found[0].items()}
    return Effects(actions, found[1], _asked(action, ledger.quiet(who, start)), held, apart)


def with_effects(uplifts: Mapping[str, Uplift], effects: Effects | None) -> dict[str, Uplift]:
    """The uplifts, each with what people left alone say of it: both weighted by their precision.

    >>> told = Effects({"a": Uplift(0.06, 0.02, 1, 1.0)}, {}, {}, 99, 0.0)
    >>> both = with_effects({"a": Uplift(0.10, 0.02, 1, 0.9)}, told)
    >>> round(both["a"].mean, 3), round(both["a"].sd, 4)
    (0.08, 0.0141)
    """
    out = dict(uplifts)
    for key, told in (effects.actions if effects else {}).items():
        old = out.get(key)
        if old is None or told.sd <= 0 or old.sd <= 0:
            continue
        p, q = old.sd**-2, told.sd**-2
        weight = (old.weight * p + q) / (p + q)
        out[key] = replace(old, mean=(old.mean * p + told.mean * q) / (p + q), sd=(p + q) ** -0.5,
                           plans=max(old.plans, told.plans), weight=weight)  # fmt: skip
    return out


def _asked(action: NDArray[Any], quiet: Array) -> dict[str, tuple[float, float]]:
    """Days since the last order, from the 2nd to the 98th in a hundred, of those each action was meant for."""
    out = {}
    for key in np.unique(action):
        own = quiet[(action == key) & np.isfinite(quiet)]
        if len(own) >= FEWEST_ASKED:
            low, high = np.quantile(own, [0.02, 0.98])
            out[str(key)] = (float(low), float(high))
    return out


def _moments(start: Array) -> Array:
    """The first message of every day on which plans wrote; of more than ``MOMENTS`` days, evenly chosen ones."""
    days = np.unique(np.floor(start / DAY))
    firsts = np.array([start[np.floor(start / DAY) == d].min() for d in days])
    if len(firsts) > MOMENTS:
        firsts = firsts[np.linspace(0, len(firsts) - 1, MOMENTS).round().astype(int)]
    return firsts


def _baseline(cells: list[Whole], orders: list[Array], moment: Whole, cell: Whole) -> tuple[Array, Array, Array]:
    """What each person drawn would have ordered unwritten, its variance, and from how many that is known.

    By standing, times a factor of the week over all standings. Those held back stay out: they are to judge it.
    """
    size = int(max(cell.max(initial=0), *(c.max(initial=0) for c in cells))) + 1
    every, bought = np.concatenate(cells), np.concatenate(orders)
    week = np.concatenate([np.full(len(c), i) for i, c in enumerate(cells)])
    count = np.bincount(every, minlength=size).astype(float)
    factor, mean = np.ones(len(cells)), np.zeros(size)
    for _ in range(3):
        mean = np.bincount(every, weights=bought, minlength=size) / np.maximum(
            np.bincount(every, weights=factor[week], minlength=size), 1e-9
        )
        expected = np.bincount(week, weights=mean[every], minlength=len(cells))
        # A week with few orders is hardly told from the others.
        factor = (np.bincount(week, weights=bought, minlength=len(cells)) + 20.0) / (expected + 20.0)
    rest = (bought - mean[every] * factor[week]) ** 2
    spread = float(rest.mean()) if len(rest) else 1.0
    variance = (np.bincount(every, weights=rest, minlength=size) + 2.0 * spread) / (count + 2.0)
    return mean[cell] * factor[moment], np.maximum(variance[cell], _FLOOR), count[cell]


def _unlike(
    action: NDArray[Any], rest: Array, weight: Array, every: NDArray[Any], likely: float
) -> tuple[dict[str, tuple[float, float]], float]:
    """How many more orders people drawn make in any case, by action (mean, variance), and the errors it is from none.

    The pooled figure of those held back is pulled to none with a variance of ``likely`` squared, or of what it shows
    where that is more: the further they are from the people left alone, the more they alone are believed. An action's
    own is pulled to it by the scatter between actions (DerSimonian and Laird, 1986).
    """
    w = np.array([weight[action == a].sum() for a in every])
    own = np.array([(weight * rest)[action == a].sum() for a in every]) / np.maximum(w, 1e-12)
    some = w > 0
    v = 1 / np.maximum(w, 1e-12)
    centre, error2 = float((w * own).sum() / w.sum()), float(1 / w.sum())
    excess = float((w * (own - centre) ** 2)[some].sum()) - (some.sum() - 1)
    scale = float(w.sum() - (w**2).sum() / w.sum())
    between = max(0.0, excess / scale) if scale > 1e-9 * w.sum() else 0.0
    wide = max(likely**2, centre**2 - error2, 1e-12)
    lean = wide / (wide + error2)
    kept = np.where(some, between / (between + v), 0.0)
    mean = lean * centre + kept * (own - centre)
    variance = lean * error2 + kept * v + (1 - kept) * between
    told = {str(a): (float(m), float(s)) for a, m, s in zip(every, mean, variance, strict=True)}
    return told, centre / float(np.sqrt(error2))


def _two_ways(
    action: NDArray[Any], market: NDArray[Any], effect: Array, weight: Array
) -> tuple[dict[str, tuple[float, float]], dict[str, float]]:
    """Effect and variance by action, and the answer of each market (mean one over those written to)."""
    actions, a = np.unique(action, return_inverse=True)
    markets, m = np.unique(market, return_inverse=True)
    shape = (len(actions), len(markets))
    w, people = np.zeros(shape), np.zeros(shape)
    s = np.zeros(shape)
    np.add.at(w, (a, m), weight)
    np.add.at(s, (a, m), weight * effect)
    np.add.at(people, (a, m), 1.0)
    cell = np.divide(s, w, out=np.zeros(shape), where=w > 0)
    answer = np.ones(len(markets))
    for _ in range(20):
        e = (w * answer * cell).sum(axis=1) / (w * answer**2).sum(axis=1)
        e_sure = np.where(e > 0, e, 0.0)
        information = (w * e_sure[:, None] ** 2).sum(axis=0)
        if (information > 0).sum() < FEWEST_MARKETS:
            break
        raw = np.divide((w * e_sure[:, None] * cell).sum(axis=0), information, out=np.ones(len(markets)),
                        where=information > 0)  # fmt: skip
        answer = _shrunk(raw, information, people.sum(axis=0))
    variance = 1 / (w * answer**2).sum(axis=1)
    told = {str(k): float(x) for k, x in zip(markets, answer, strict=True) if k}
    return {str(k): (float(x), float(v)) for k, x, v in zip(actions, e, variance, strict=True)}, told


def _shrunk(raw: Array, information: Array, people: Array) -> Array:
    """Answers pulled to their mean by their scatter beyond error, floored, with mean one over people."""
    use = information > 0
    v, y = 1 / information[use], raw[use]
    centre = float((y / v).sum() / (1 / v).sum())
    spread = float(((y - centre) ** 2 / v).sum()) - (use.sum() - 1)
    between = max(0.0, spread / float((1 / v).sum() - (1 / v**2).sum() / (1 / v).sum()))
    out = np.full(len(raw), centre)
    out[use] = centre + between / (between + v) * (y - centre)
    out = np.maximum(out, 0.1 * abs(centre))
    return np.asarray(out / max(float((out * people).sum() / people.sum()), 1e-9))


def _by(names: NDArray[Any], values: list[Any]) -> list[tuple[str, list[Any]]]:
    return [(str(k), [v for v, n in zip(values, names, strict=True) if n == k]) for k in np.unique(names)]
