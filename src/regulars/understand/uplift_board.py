"""What our own messages changed, for whom, and whom to write to; or how many people it takes to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import ndtri

from regulars.tables import SCORES, why
from regulars.understand.cards import ModelCard, fairness
from regulars.understand.qini import banded
from regulars.understand.uplift import FEWEST, Uplift
from regulars.understand.uplift_people import WINDOW_DAYS, drawn_people
from regulars.understand.uplift_policy import doubly_robust, value_by_share
from regulars.understand.uplift_race import Race, race
from regulars.understand.view import View

Vector = NDArray[np.float64]
LEARNERS: Final = {"s_linear": ("s", "linear"), "t_linear": ("t", "linear"), "class_linear": ("class", "linear")}
FEATURES: Final = ("recency_days", "orders", "spent", "market", "channel", "language")
MOST: Final = 12_000  # people of one action the learners are compared on; more would not fit a turn
HALVES: Final = 2 * FEWEST + 4  # of each arm: learners learn from one half and are compared on the other
GUESS: Final = 0.02  # two more buyers in a hundred: what we plan for while nothing has been measured
SHARES: Final = tuple(round(0.1 * i, 1) for i in range(1, 11))


@dataclass(frozen=True)
class Group:
    """The effect on one group known before: the difference in the chance to buy, with an interval wide enough for all
    groups at once; ``code``: ``gains``, ``sleeping_dog`` or ``cannot_tell``."""

    by: str
    group: str
    people: int
    effect: float
    low: float
    high: float
    code: str


@dataclass(frozen=True)
class Point:
    """One point of the Qini curve: extra buyers per person written to, when the best ``share`` are."""

    share: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Step:
    """Writing to the best ``share``: profit per 1,000 people over writing to nobody, minor units, with interval."""

    share: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """One learner of the comparison."""

    name: str
    area: float
    low: float
    high: float
    top: float
    among_best: bool


@dataclass(frozen=True)
class ActionUplift:
    """One action. ``needed`` people would show the mean effect, ``needed_who`` who gains more (80 % power, 95 % sure,
    at today's shares). ``code`` is that of the race, or ``too_few`` where nothing was fitted."""

    action: str
    treated: int
    held: int
    buy_treated: float
    buy_held: float
    effect: float
    low: float
    high: float
    needed: int
    needed_who: int
    planned_effect: float
    measured: bool
    code: str
    chosen: str | None
    area: float
    area_low: float
    area_high: float
    lines: tuple[Line, ...]
    curve: tuple[Point, ...]
    steps: tuple[Step, ...]
    best_share: float
    best_code: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class UpliftBoard:
    """``gain`` is the profit of one more buyer and ``cost`` of one message, minor units."""

    actions: tuple[ActionUplift, ...]
    gain: float
    cost: float
    days: int
    people: int
    held: int
    made_by: str
    scores: pa.Table | None
    cards: tuple[ModelCard, ...]


def uplift_board(view: View) -> UpliftBoard | None:
    """The board of this turn; None while no message had its 28 days."""
    if view.facts.get("messages") is None or view.facts.get("orders") is None:
        return None
    rows = drawn_people(view.facts, view.people, now=view.now, currency=view.settings.currency)
    if rows.empty:
        return None
    gain = _gain(view)
    cost = float(getattr(view.settings, "message_cost", 0))
    actions, cards, scores = [], [], []
    for action, own in rows.groupby("action", sort=True):
        found, model = _action(str(action), own, gain, cost)
        actions.append(found)
        if model is not None:
            cards.append(_card(model, found, own))
            if found.chosen is not None:
                scores.append(_scores(view, str(action), model))
    actions.sort(key=lambda a: -(a.treated + a.held))
    return UpliftBoard(
        tuple(actions), gain, cost, WINDOW_DAYS, len(rows), int((rows["treated"] == 0).sum()), "uplift/1",
        pa.concat_tables(scores) if scores else None, tuple(cards),
    )  # fmt: skip


def needed(base: float, effect: float, share: float, level: float = 0.95, power: float = 0.8) -> int:
    """People to draw so that an effect on the chance to buy shows in 80 % of the cases.

    ``n = (z_(1+level)/2 + z_power)^2 [p1 (1 - p1) / share + p0 (1 - p0) / (1 - share)] / effect^2``. To see that
    one half of the people is moved three times as strongly as the other (1.5 and .5 of the effect) takes four times as
    many: the difference is as large, its variance four times.

    >>> needed(base=0.10, effect=0.02, share=0.5)
    7677
    """
    z = float(ndtri(0.5 + level / 2) + ndtri(power))
    p0, p1 = min(max(base, 0.001), 0.999), min(max(base + effect, 0.001), 0.999)
    spread = p1 * (1 - p1) / max(share, 1e-6) + p0 * (1 - p0) / max(1 - share, 1e-6)
    return int(np.ceil(z**2 * spread / max(effect**2, 1e-12)))


def _action(action: str, rows: pd.DataFrame, gain: float, cost: float) -> tuple[ActionUplift, Uplift | None]:
    rows = rows.reset_index(drop=True)
    t, y = rows["treated"].to_numpy() == 1, rows["bought"].to_numpy(dtype=np.float64)
    treated, held = int(t.sum()), int((~t).sum())
    p1, p0 = (float(y[w].mean()) if w.any() else 0.0 for w in (t, ~t))
    effect, low, high = _difference(y[t], y[~t], 0.9)
    measured = bool(low > 0 or high < 0)
    planned = effect if measured else GUESS
    share = treated / (treated + held)
    least = min(treated, held) >= HALVES and 0 < y.sum() < len(y)
    enough = needed(p0, planned, share if 0.05 < share < 0.95 else 0.8)
    empty = ActionUplift(
        action, treated, held, p1, p0, effect, low, high, enough, 4 * enough, planned, measured, "too_few", None,
        0.0, 0.0, 0.0, (), (), (), 1.0, "cannot_tell", (),
    )  # fmt: skip
    if not least:
        return empty, None
    if len(rows) > MOST:
        rows = rows.iloc[np.sort(np.random.default_rng(0).permutation(len(rows))[:MOST])].reset_index(drop=True)
        t, y = rows["treated"].to_numpy() == 1, rows["bought"].to_numpy(dtype=np.float64)
    X = _features(rows)
    run = race(X, t, y, learners=LEARNERS, repeats=2)
    learner, base = LEARNERS[run.chosen or "s_linear"]
    model = Uplift(learner=learner, base=base).fit(X, t, y)
    return _filled(empty, rows, t, y, run, gain, cost), model


def _filled(
    empty: ActionUplift, rows: pd.DataFrame, t: NDArray[np.bool_], y: Vector, run: Race, gain: float, cost: float
) -> ActionUplift:
    curve = banded(y, run.scores, t)
    steps = value_by_share(run.scores, doubly_robust(_features(rows), t, y), SHARES, margin=gain, cost=cost)
    paid = tuple(
        Step(s, 1000 * v.over_nobody.value, 1000 * v.over_nobody.low, 1000 * v.over_nobody.high)
        for s, v in zip(SHARES, steps, strict=True)
    )
    best = max(range(len(SHARES)), key=lambda i: paid[i].gain)
    if run.chosen is None:  # nobody is told apart: all or none
        best_share, code = (1.0, "all") if paid[-1].gain > 0 else (0.0, "none")
    else:
        best_share, code = (SHARES[best], "some") if steps[best].over_everybody.low > 0 else (1.0, "cannot_tell")
    chosen = next(r for r in run.runners if r.name == (run.chosen or "s_linear"))
    return ActionUplift(
        **{
            **empty.__dict__, "code": run.code, "chosen": run.chosen, "area": chosen.area, "area_low": chosen.low,
            "area_high": chosen.high,
            "lines": tuple(Line(r.name, r.area, r.low, r.high, r.uplift_at_30, r.among_best) for r in run.runners),
            "curve": tuple(Point(*map(float, p)) for p in
                           zip(curve.share, curve.value, curve.low_all, curve.high_all, strict=True)),
            "steps": paid, "best_share": best_share, "best_code": code, "groups": _groups(rows, t, y),
        }
    )  # fmt: skip


def _features(rows: pd.DataFrame) -> pd.DataFrame:
    """What was known before; the plan too where there were several, so that no plan's season passes for an effect."""
    names = [c for c in FEATURES if c in rows and rows[c].nunique(dropna=True) > 1]
    if rows["plan"].nunique() > 1:
        names.append("plan")
    return rows[names] if names else rows[["orders"]]


def _groups(rows: pd.DataFrame, t: NDArray[np.bool_], y: Vector) -> tuple[Group, ...]:
    """Groups cut by what was known before the message; each limit is widened for their number (Bonferroni)."""
    recency = pd.cut(rows["recency_days"], [-1, 30, 90, 180, np.inf], labels=["0-30", "31-90", "91-180", "181+"])
    times = pd.cut(rows["orders"], [-1, 0, 1, 4, np.inf], labels=["0", "1", "2-4", "5+"])
    cuts = {"recency": recency, "orders": times, "market": rows["market"], "channel": rows["channel"]}
    found: list[tuple[str, str, NDArray[np.bool_]]] = []
    for by, column in cuts.items():
        text = column.astype("object")
        for name in text.dropna().value_counts().index[:8]:
            own = (text == name).to_numpy()
            if min(int((own & t).sum()), int((own & ~t).sum())) >= FEWEST:
                found.append((by, str(name), own))
    level = 1.0 - 0.1 / max(len(found), 1)
    out = []
    for by, name, own in found:
        effect, low, high = _difference(y[own & t], y[own & ~t], level)
        code = "gains" if low > 0 else "sleeping_dog" if high < 0 else "cannot_tell"
        out.append(Group(by, name, int(own.sum()), effect, low, high, code))
    return tuple(sorted(out, key=lambda g: (-g.effect, g.by, g.group)))


def _difference(one: Vector, zero: Vector, level: float) -> tuple[float, float, float]:
    """Difference of two shares; half a success and half a failure are added to each arm for the spread (Agresti)."""
    if not len(one) or not len(zero):
        return 0.0, -1.0, 1.0
    gap = float(one.mean() - zero.mean())
    var = 0.0
    for part in (one, zero):
        n, p = len(part) + 2.0, (float(part.sum()) + 1.0) / (len(part) + 2.0)
        var += p * (1 - p) / n
    half = float(ndtri(0.5 + level / 2)) * float(np.sqrt(var))
    return gap, max(gap - half, -1.0), min(gap + half, 1.0)


def _gain(view: View) -> float:
    """Profit of one more buyer: margin x mean money of a purchase day."""
    days = len(view.cells.amount)
    return float(view.settings.margin) * max(float(np.sum(view.cells.amount)), 0.0) / days if days else 0.0


def _card(model: Uplift, found: ActionUplift, rows: pd.DataFrame) -> ModelCard:
    card = model.card_
    value = model.predict_interval(_features(rows))[0][:, 0]
    t, y = rows["treated"].to_numpy(dtype=float), rows["bought"].to_numpy(dtype=float)
    share = t.mean()
    # What came of each as an effect: its mean over any group is the effect on the group.
    came = y * (t - share) / (share * (1 - share))
    market = rows["market"].fillna("-").to_numpy()
    return ModelCard(
        model="uplift", version=f"{card.version}/{found.action}", trained_from=None, trained_to=None, n=card.n,
        features=card.features, parameters=card.parameters, holdout=None,
        limits=tuple(sorted({*card.limits, found.code})),
        metrics=(("qini_area", found.area, found.area_low, found.area_high),),
        groups=fairness("market", market, value, came), data="messages, orders",
    )  # fmt: skip


def _scores(view: View, action: str, model: Uplift) -> pa.Table:
    """The uplift of everybody who ever bought, by what is known of them today."""
    table = view.rfm
    frame = pd.DataFrame({
        "customer": table.column("customer").to_pandas().astype(str),
        "recency_days": table.column("days_since_last").to_numpy().astype(float),
        "orders": table.column("orders").to_numpy(), "spent": table.column("spent").to_numpy(),
    })  # fmt: skip
    known = view.people.select(["customer", "market", "channel", "language"]).to_pandas().drop_duplicates("customer")
    frame = frame.merge(known, on="customer", how="left")
    if "plan" in model.design_.columns_:
        frame["plan"] = "next"
    value, low, high = (part[:, 0] for part in model.predict_interval(frame))
    columns: dict[str, Any] = {
        "customer": frame["customer"].to_numpy(), "name": f"uplift_{action}", "value": value, "low": low, "high": high,
        "label": action, "made_by": model.card_.version, "made_at": view.now, "lake_version": view.lake_version,
        "why": why({"measured_people": model.card_.n}),
    }  # fmt: skip
    return SCORES.fill(columns, len(frame))
