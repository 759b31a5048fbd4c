"""One experiment as a board shows it: figures, the draw, the course, the groups, and the day we will know."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.arm_sums import ArmSums
from regulars.measure.comparison import Comparison
from regulars.measure.confidence_sequence import FEWEST, half_width, tuned
from regulars.measure.experiment import Experiment
from regulars.measure.experiment_people import DAY_S, groups_before
from regulars.measure.heterogeneity import Heterogeneity, heterogeneity
from regulars.measure.power import minimum_detectable, people_needed
from regulars.measure.tails import winsorise

# Without a wish of the owner, a fifth more buyers than in the control is what is worth seeing.
WORTH_SEEING: Final = 0.2
POINTS: Final = 60
EFFECT: Final = 0.1


@dataclass(frozen=True)
class Figure:
    """One figure of one arm against the control, as far as it can be told today; money in minor units."""

    name: str
    arm: str
    people: int
    mean: float
    mean_control: float
    delta: float
    low: float | None
    high: float | None
    se: float | None
    p_value: float | None
    decided: bool
    relative: float | None
    chance_better: float | None
    expected_loss: float | None
    method: str
    cap: float | None = None
    theta: float | None = None
    less_variance: float | None = None


@dataclass(frozen=True)
class Ratio:
    """The draw: counts per arm, what was planned, and whether it is off."""

    p_value: float | None
    off: bool
    counts: tuple[tuple[str, int], ...]
    planned: tuple[float, ...]


@dataclass(frozen=True)
class Point:
    """What could be said at the end of a day."""

    day: str
    delta: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Trial:
    """One experiment. ``code``: better, worse, cannot_tell, too_few or unfair; ``knows_on`` the day it can see
    ``wanted`` at the traffic it has (None: not at this traffic), ``detectable`` what it can see now."""

    id: str
    plan: str
    action: str
    treated: int
    held: int
    began: str
    ends: str
    open: bool
    progress: float | None
    code: str
    buy: Figure
    money: Figure
    figures: tuple[Figure, ...]
    ratio: Ratio
    wanted: float | None
    detectable: float | None
    knows_on: str | None
    needed: int | None
    course: tuple[Point, ...]
    groups: tuple[Heterogeneity, ...]


def plan_trial(
    plan: str, action: str, people: pd.DataFrame, *, now: datetime, window_days: int, zone: tzinfo,
    held_share: float | None,
) -> Trial:  # fmt: skip
    """What a plan's action did to those drawn to be written to, beside those held back."""
    arm = pd.Categorical.from_codes(people["held"].to_numpy(), categories=pd.Index(["treated", "held"]))
    people = people.drop(columns=["plan", "action"]).assign(arm=arm)
    shares = None if not held_share or held_share >= 1 else {"held": held_share, "treated": 1 - held_share}
    last = int(people["start_s"].max()) + window_days * DAY_S
    ends = _day(last, zone)
    recent = people["start_s"] > now.timestamp() - 28 * DAY_S
    traffic = float(recent.sum()) / 28
    return _trial(
        (f"{plan}:{action}", plan, action), people, "held", shares, now=now, zone=zone, ends=ends,
        open_=last > now.timestamp(), progress=None, wanted=None, traffic=traffic, rest=window_days,
    )  # fmt: skip


def own_trial(row: dict[str, Any], asked: dict[str, Any], people: pd.DataFrame, *, now: datetime,
              zone: tzinfo) -> Trial:  # fmt: skip
    """What an experiment of the owner's own did, its people drawn by the program at the start."""
    shares = {str(k): float(v) for k, v in asked.get("arms", {}).items()} or None
    control = str(asked.get("control") or next(iter(shares or {"control": 1})))
    if control not in set(people["arm"].unique()):
        control = str(min(people["arm"].unique()))
    days = max(int(row["window_days"] or 28), 1)
    begun = int(people["start_s"].min())
    # Everybody is in from the start and orders come in with time: time is what information grows with.
    progress = min(max((now.timestamp() - begun) / DAY_S / days, 0.0), 1.0)
    ends = _day(begun + days * DAY_S, zone)
    return _trial(
        (str(row["id"]), "", ""), people, control, shares, now=now, zone=zone, ends=ends, open_=progress < 1,
        progress=progress, wanted=asked.get("wanted_relative"), traffic=0.0, rest=days,
    )  # fmt: skip


def _trial(
    names: tuple[str, str, str], people: pd.DataFrame, control: str, shares: dict[str, float] | None, *,
    now: datetime, zone: tzinfo, ends: date, open_: bool, progress: float | None, wanted: float | None,
    traffic: float, rest: int,
) -> Trial:  # fmt: skip
    present = sorted(people["arm"].unique())
    both = len(present) > 1 and control in present
    planned = {k: v for k, v in (shares or {}).items() if v > 0}
    planned = planned if set(planned) >= set(present) else {}
    figures, ratio = _figures(people, control, planned, progress) if both else _one_armed(people, control)
    buy, money = figures[0], next(f for f in figures if f.name == "money")
    held = int((people["arm"] == control).sum())
    treated = len(people) - held
    base = buy.mean_control
    # Where all are in from the start, the share at the end is what the plan is about.
    base = base if progress is None else min(base / max(progress, 0.05), 0.9)
    wanted = (wanted or WORTH_SEEING) * base if base else None
    spread = base * (1 - base)
    seen = minimum_detectable(spread, treated, held) if both and spread else None
    needed = people_needed(wanted, spread, treated_share=treated / len(people)) if both and wanted and spread else None
    began = _day(int(people["start_s"].min()), zone)
    return Trial(
        *names, treated, held, began.isoformat(), ends.isoformat(), open_, progress, _code(figures, ratio), buy, money,
        figures, ratio, wanted, seen, _knows(needed, len(people), traffic, rest, now.astimezone(zone).date(), ends,
                                              progress),
        needed, _course(people, control, now, zone, progress, rest) if both else (),
        _groups(people, control, open_) if both else (),
    )  # fmt: skip


def _figures(
    people: pd.DataFrame, control: str, shares: dict[str, float], progress: float | None
) -> tuple[tuple[Figure, ...], Ratio]:
    """Buying, orders, money and money per order of every arm; money with CUPED from the half-year before."""
    capped, tail = winsorise(people["revenue"].to_numpy(float))
    x = people["x"].to_numpy(float)
    out: list[Figure] = []
    first: Experiment | None = None
    by_arm = {str(k): rows.index for k, rows in people.reset_index(drop=True).groupby("arm", observed=True)}
    order = [control, *(k for k in by_arm if k != control)]
    bought, orders = people["bought"].to_numpy(float), people["orders"].to_numpy(float)
    # A big constant in the covariate costs digits in its squares; centring changes nothing else.
    x = x - x.mean()
    for name, metric, y, d, covariate in (
        ("buy", "proportion", bought, None, None), ("money", "revenue", capped, None, x),
        ("orders", "mean", orders, None, None), ("money_per_order", "ratio", capped, orders, None),
    ):  # fmt: skip
        arms = {k: ArmSums.of(y[by_arm[k]], None if d is None else d[by_arm[k]],
                              None if covariate is None else covariate[by_arm[k]]) for k in order}  # fmt: skip
        fitted = Experiment(metric=metric, control=control, shares=shares or None, effect=EFFECT).fit(  # type: ignore[arg-type]
            arms, progress=progress)  # fmt: skip
        first = first or fitted
        cap = tail.cap if name.startswith("money") and tail.capped else None
        out += [_figure(name, r, cap, fitted) for r in fitted.results_]
    assert first is not None
    draw = first.sample_ratio_
    counts = tuple(zip(first.arms_, draw.counts, strict=True))
    planned = tuple(e / max(sum(draw.counts), 1) for e in draw.expected)
    # Without a planned share nobody can say that the draw is off.
    return tuple(out), Ratio(draw.p_value if shares else None, bool(shares) and draw.off, counts, planned)


def _figure(name: str, r: Comparison, cap: float | None, fitted: Experiment) -> Figure:
    adjusted = fitted.cuped_
    return Figure(
        name, r.arm, r.people, r.mean, r.mean_control, r.delta, _end(r.low), _end(r.high), _end(r.se), r.adjusted_p,
        r.decided, r.relative, r.chance_better, r.expected_loss, r.method, cap,
        adjusted.theta if adjusted else None, adjusted.reduction if adjusted else None,
    )  # fmt: skip


def _one_armed(people: pd.DataFrame, control: str) -> tuple[tuple[Figure, ...], Ratio]:
    """Nobody to hold it against: counts, and nothing to say."""
    counts = tuple((str(k), int(n)) for k, n in people["arm"].value_counts().items())
    mean, money = float(people["bought"].mean()), float(people["revenue"].mean())
    empty = [Figure(name, counts[0][0], len(people), value, 0.0, 0.0, None, None, None, None, False, None, None, None,
                    "none") for name, value in (("buy", mean), ("money", money))]  # fmt: skip
    return tuple(empty), Ratio(None, False, counts, ())


def _code(figures: tuple[Figure, ...], ratio: Ratio) -> str:
    buys = [f for f in figures if f.name == "buy"]
    if ratio.off:
        return "unfair"
    if any(f.decided for f in buys):
        return "better" if any(f.decided and f.delta > 0 for f in buys) else "worse"
    return "cannot_tell" if any(f.low is not None for f in buys) and min(f.people for f in buys) >= FEWEST else (
        "too_few")  # fmt: skip


def _knows(needed: int | None, people: int, traffic: float, rest: int, today: date, ends: date,
           progress: float | None) -> str | None:  # fmt: skip
    """The day the wanted difference shows with a chance of 80 %: people enough, and their window over."""
    if needed is None:
        return None
    if progress is not None:
        return ends.isoformat() if needed <= people else None
    missing = max(needed - people, 0)
    if not missing:
        return max(ends, today).isoformat()
    days = missing / traffic if traffic > 0 else math.inf
    return (today + timedelta(days=math.ceil(days) + rest)).isoformat() if days < 1500 else None


def _course(people: pd.DataFrame, control: str, now: datetime, zone: tzinfo, progress: float | None,
            days: int) -> tuple[Point, ...]:  # fmt: skip
    """The confidence sequence of buying, arm with most people against the control, at the end of up to 60 days."""
    others = people.loc[people["arm"] != control, "arm"]
    arm = others.value_counts().idxmax()
    begun, until = int(people["start_s"].min()), min(int(now.timestamp()), int(people["start_s"].max()) + days * DAY_S)
    span = max((until - begun) // DAY_S, 1)
    ends = np.unique(np.r_[begun + DAY_S * np.arange(1, span + 1, max(-(-span // POINTS), 1)), until])
    ends = ends[ends <= max(until, begun + 1)]
    counts = []
    for one in (arm, control):
        rows = people[people["arm"] == one]
        joined, bought = (
            np.sort(rows["start_s"].to_numpy("int64")),
            np.sort(rows.loc[rows["first_s"] >= 0, "first_s"].to_numpy("int64")),
        )
        counts.append((np.searchsorted(joined, ends, "right"), np.searchsorted(bought, ends, "right")))
    (n1, x1), (n0, x0) = counts
    enough = (np.minimum(n1, n0) >= FEWEST) & (x1 + x0 >= 20)
    p1, p0 = x1 / np.maximum(n1, 1), x0 / np.maximum(n0, 1)
    v1, v0 = p1 * (1 - p1), p0 * (1 - p0)
    se = np.sqrt(v1 / np.maximum(n1, 1) + v0 / np.maximum(n0, 1))
    within = (v1 * n1 + v0 * n0) / np.maximum(n1 + n0, 1)
    information = tuned(1.0) * np.maximum((ends - begun) / (days * DAY_S), 1e-6) if progress is not None else (
        EFFECT**2 * within / np.maximum(se, 1e-12) ** 2)  # fmt: skip
    half = half_width(se, np.maximum(information, 1e-9))
    return tuple(
        Point(_day(int(e), zone).isoformat(), float(a - b), float(a - b - h) if ok else None,
              float(a - b + h) if ok else None)
        for e, a, b, h, ok in zip(ends, p1, p0, half, enough, strict=True) if np.isfinite(a - b)
    )  # fmt: skip


def _groups(people: pd.DataFrame, control: str, open_: bool) -> tuple[Heterogeneity, ...]:
    """Effects on buying by what was known before; the test of difference is one for the end, not for every day."""
    cuts, out = groups_before(people), []
    others = people.loc[people["arm"] != control, "arm"]
    arm = others.value_counts().idxmax()
    for by, group in cuts.items():
        table = people.groupby([pd.Series(group, people.index, name="group"), "arm"], observed=True)["bought"].agg(
            ["size", "sum"]
        )
        pairs = {}
        for name in group.categories[np.unique(group.codes)]:
            sums = [ArmSums.shares(int(table["sum"].get((name, k), 0)), int(table["size"].get((name, k), 0)))
                    for k in (arm, control)]  # fmt: skip
            pairs[str(name)] = (sums[0], sums[1])
        found = heterogeneity(pairs, by=by, cuts=len(cuts))
        if open_ and found.code == "differs":
            found = Heterogeneity(by, "cannot_tell", found.q, found.p_value, found.slices, found.left_out)
        out.append(found)
    return tuple(out)


def _day(second: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(second, zone).date()


def _end(value: float) -> float | None:
    return value if math.isfinite(value) else None
