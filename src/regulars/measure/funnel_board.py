"""Where people are lost on the way to the first and second order, and how long each step takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from regulars.measure.funnel import Funnel
from regulars.measure.sales import fact
from regulars.measure.view import View
from regulars.measure.waiting import Waiting

WINDOW_DAYS: Final = 365
POINTS: Final = 60
FEWEST: Final = 10
# A difference between channels counts where both have as many at the step.
FEWEST_COMPARED: Final = 30


@dataclass(frozen=True)
class FunnelBoard:
    """``steps`` and ``waits`` are rows of ``Funnel``; ``curves`` step to (days, share, low, high).

    ``leak`` is the step after which the largest share is lost; ``best`` and ``worst`` the channels from which most and
    fewest become customers, where their intervals do not meet.
    """

    days: int
    people: int
    steps: tuple[dict[str, Any], ...]
    waits: tuple[dict[str, Any], ...]
    curves: dict[str, tuple[tuple[float, float, float, float], ...]]
    leak: str | None
    best: dict[str, Any] | None
    worst: dict[str, Any] | None
    limits: tuple[str, ...]
    made_by: str = "funnel/1"


def funnel_board(view: View) -> FunnelBoard | None:
    """The board of this turn; None while nobody is known by anything but an order."""
    won = view.cube.expressions["won"]
    facts = {name: fact(view.facts, name, view.today) for name in ("touches", "events", "orders")}
    found = Funnel(window_days=WINDOW_DAYS).fit(facts, now=view.now, channels=won.select("customer", "channel"))
    if found.steps_.empty:
        return None
    whole = found.steps_[found.steps_["cut"] == ""]
    people = int(whole["people"].iloc[0])
    if people < FEWEST or len(whole) < 2:
        return None
    limits = []
    ordered = whole[whole["step"] == "ordered"]
    if len(ordered) and int(whole["unseen"].iloc[1:].sum()) > 0.5 * int(whole["people"].iloc[1:].sum()):
        limits.append("funnel_mostly_unseen")
    if len(ordered) and int(ordered["people"].iloc[0]) == people:
        limits.append("funnel_only_buyers")
    best, worst = _channels(found.steps_)
    later = whole.iloc[1:]
    leak = None if later.empty else str(whole["step"].iloc[int(np.argmin(later["conversion"].to_numpy()))])
    return FunnelBoard(
        WINDOW_DAYS, people, _records(found.steps_), _records(found.waits_),
        {step: _points(curve) for (cut, step), curve in found.curves_.items() if cut == "" and curve.n},
        leak, best, worst, tuple(limits),
    )  # fmt: skip


def _records(rows: pd.DataFrame) -> tuple[dict[str, Any], ...]:
    plain = rows.astype(object).where(rows.notna(), None)
    return tuple({str(k): _plain(v) for k, v in row.items()} for row in plain.to_dict("records"))


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return round(value, 5) if isinstance(value, float) else value


def _points(curve: Waiting) -> tuple[tuple[float, float, float, float], ...]:
    """The curve at no more than ``POINTS`` times, evenly spaced."""
    last = float(curve.times[-1])
    at = np.unique(np.linspace(0, last, POINTS).round(0 if last >= POINTS else 1))
    at = at[at <= last]
    found = [(float(t), curve.by(float(t))) for t in at]
    return tuple((t, round(s[0], 4), round(s[1], 4), round(s[2], 4)) for t, s in found if s is not None)


def _channels(steps: pd.DataFrame) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The channels from which most and fewest become customers, only where more than luck parts them."""
    from regulars.tables.shares import wilson

    wide = steps[steps["cut"] != ""].pivot_table(index="cut", columns="step", values="people", aggfunc="sum")
    if not {"known", "ordered"} <= set(wide.columns):
        return None, None
    wide = wide[wide["known"] >= FEWEST_COMPARED]
    if len(wide) < 2:
        return None, None
    low, high = wilson(wide["ordered"], wide["known"])
    share = (wide["ordered"] / wide["known"]).to_numpy()
    top, bottom = int(np.argmax(share)), int(np.argmin(share))
    if low[top] <= high[bottom]:
        return None, None

    def told(at: int) -> dict[str, Any]:
        return {"channel": str(wide.index[at]), "people": int(wide["known"].iloc[at]), "share": float(share[at]),
                "low": float(low[at]), "high": float(high[at])}  # fmt: skip

    return told(top), told(bottom)
