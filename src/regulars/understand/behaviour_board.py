"""What customers will do next: the models compared, whom a contact pays, and when each buys again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.tables import SCORES
from regulars.understand.behaviour import Behaviour
from regulars.understand.behaviour_features import History, history
from regulars.understand.cards import Group, ModelCard, fairness
from regulars.understand.gains import CalibrationBin, LiftPoint, Threshold
from regulars.understand.learners import LOGISTIC
from regulars.understand.next_purchase import NextPurchase
from regulars.understand.trials import Trial
from regulars.understand.view import View

Vector = NDArray[np.float64]
HORIZON: Final = 30
SAMPLE: Final = 1500
FIT_ROWS: Final = 4000
TOLD: Final = 3
# Customers whose chance is taken apart feature by feature when the winner has no exact reasons.
EXPLAINED: Final = 200
# Buyers among the next thirty days by date: weeks from now.
WEEKS: Final = 8


@dataclass(frozen=True)
class Aim:
    """One thing foretold: how many it is asked of, how many are expected to do it, how well it was foretold."""

    target: str
    customers: int
    expected: float
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    limits: tuple[str, ...]


@dataclass(frozen=True)
class BehaviourBoard:
    """``trials`` are the models compared for buying within ``days``; ``lift``, ``calibration`` and ``threshold`` are
    the winner's on what it had not seen; ``weeks`` the number of customers expected to buy again in each coming week
    (median day); ``drivers`` the features that move the chance most (share of all movement)."""

    days: int
    customers: int
    winner: str
    aims: tuple[Aim, ...]
    trials: tuple[Trial, ...]
    lift: tuple[LiftPoint, ...]
    calibration: tuple[CalibrationBin, ...]
    threshold: Threshold | None
    gain: float
    cost: float
    weeks: tuple[int, ...]
    drivers: tuple[tuple[str, float], ...]
    limits: tuple[str, ...]
    made_by: str
    scores: pa.Table | None
    cards: tuple[ModelCard, ...]


def behaviour_board(view: View) -> BehaviourBoard | None:
    """The board of this turn; None while nobody has bought."""
    # Many small matrices: threads would cost more than they give.
    with threadpool_limits(1):
        return _board(view)


def _board(view: View) -> BehaviourBoard | None:
    past = history(view.facts, zone=view.settings.zone, currency=view.settings.currency, cells=view.cells,
                   people=view.people if view.people.num_rows else None)  # fmt: skip
    each = np.asarray(view.worth.column("value_per_order").to_numpy(), dtype=np.float64)
    gain = float(view.settings.margin * np.nan_to_num(each).mean()) if len(each) else 0.0
    cost = float(getattr(view.settings, "message_cost", 0))
    buys = Behaviour(target="purchase", horizon_days=HORIZON, sample=SAMPLE, folds=2, fit_rows=FIT_ROWS,
                     gain=gain if gain > 0 else None, cost=cost).fit_history(past)  # fmt: skip
    told = {"purchase": (buys, buys.predict())}
    for target, known in (("upgrade", past.upgrades is not None), ("usage_drop", past.usage is not None)):
        if known:
            model = Behaviour(target=target, horizon_days=HORIZON, sample=SAMPLE, folds=2, models=(LOGISTIC,),
                              fit_rows=FIT_ROWS).fit_history(past)  # fmt: skip
            told[target] = (model, model.predict())
    following = NextPurchase(sample=SAMPLE).fit_history(past)
    days = following.predict()
    if not told["purchase"][1].num_rows:
        return None
    names, parts = _parts(buys)
    return BehaviourBoard(
        days=HORIZON, customers=told["purchase"][1].num_rows, winner=buys.winner_,
        aims=tuple(_aim(name, model, table) for name, (model, table) in told.items()),
        trials=buys.trials_, lift=buys.lift_ if buys.trials_ else (),
        calibration=buys.calibration_curve_ if buys.trials_ else (), threshold=buys.threshold_, gain=gain, cost=cost,
        weeks=_weeks(days), drivers=_drivers(names, parts), limits=buys.limits_, made_by=buys.card_.version,
        scores=_scores(view, told, days, following, names, parts), cards=_cards(past, told),
    )  # fmt: skip


def _parts(model: Behaviour) -> tuple[list[str], Vector]:
    """Reasons of everybody where they are exact and quick (a line, LightGBM); of a sample for another winner."""
    if model.model_ is None:
        return [], np.zeros((0, 0))
    exact = hasattr(model.model_, "coef_") or hasattr(model.model_, "booster_")
    return model.reasons(None if exact else EXPLAINED)


def _aim(name: str, model: Behaviour, table: pa.Table) -> Aim:
    value = table.column("value").drop_null()
    best = next((t for t in model.trials_ if t.model == model.winner_), None)
    auc, low, high = (best.auc, best.auc_low, best.auc_high) if best else (None, None, None)
    return Aim(name, len(value), float(pc.sum(value).as_py() or 0.0), auc, low, high, model.limits_)


def _weeks(days: pa.Table) -> tuple[int, ...]:
    known = np.asarray(days.column("days").drop_null().to_numpy(), dtype=np.float64)
    return tuple(np.bincount((known // 7).astype(np.int64), minlength=WEEKS)[:WEEKS].tolist()) if len(known) else ()


def _drivers(names: list[str], parts: Vector) -> tuple[tuple[str, float], ...]:
    if not names:
        return ()
    moved = np.abs(parts - parts.mean(axis=0)).mean(axis=0)
    total = float(moved.sum()) or 1.0
    order = np.argsort(-moved)[:6]
    return tuple((names[i], float(moved[i]) / total) for i in order)


def _scores(view: View, told: dict[str, Any], days: pa.Table, following: NextPurchase, names: list[str],
            parts: Vector) -> pa.Table:  # fmt: skip
    base = {"made_at": view.now, "lake_version": view.lake_version}
    tables = []
    for target, (model, table) in told.items():
        why = _why(names, parts, table.num_rows) if target == "purchase" else None
        if why is not None:
            table = table.append_column("why", why)
        table = table.filter(pc.is_valid(table.column("value")))
        columns = {"customer": table.column("customer").cast(pa.string()), "name": f"{SHORT[target]}_{HORIZON}",
                   "value": table.column("value"), "low": table.column("low"), "high": table.column("high"),
                   "made_by": model.card_.version, **base}  # fmt: skip
        columns["why"] = table.column("why") if why is not None else ";".join(model.limits_)
        tables.append(SCORES.fill(columns, table.num_rows))
    known = days.filter(pc.is_valid(days.column("days")))
    ends = {n: _until(known.column(n), following) for n in ("low", "high")}
    tables.append(
        SCORES.fill({"customer": known.column("customer").cast(pa.string()), "name": "next_purchase_days",
                     "value": pc.round(known.column("days")), **ends, "label": known.column("day").cast(pa.string()),
                     "why": ";".join(following.limits_), "made_by": f"next_purchase/1+{following.model}", **base},
                    known.num_rows)
    )  # fmt: skip
    return pa.concat_tables(tables)


SHORT: Final = {"purchase": "buy", "upgrade": "upgrade", "usage_drop": "usage_drop"}


def _until(column: Any, following: NextPurchase) -> Any:
    """Dates as days from today; null stays null: beyond the days watched."""
    return pc.subtract(column.cast(pa.int32()).cast(pa.float64()), float(following.history_.until + 1))


def _why(names: list[str], parts: Vector, rows: int) -> pa.Array | None:
    """The three features that move each chance most: ``up_recency;down_orders_90``."""
    if not names or len(parts) != rows:
        return None
    shifted = parts - parts.mean(axis=0)
    order = np.argsort(-np.abs(shifted), axis=1)[:, :TOLD]
    at = np.arange(rows)
    codes = np.array([[f"more_{n}", f"less_{n}"] for n in names], dtype=object)
    columns = [pa.array(codes[order[:, k], (shifted[at, order[:, k]] < 0).astype(int)], pa.string())
               for k in range(order.shape[1])]  # fmt: skip
    return pc.binary_join_element_wise(*columns, ";")


def _cards(past: History, told: dict[str, Any]) -> tuple[ModelCard, ...]:
    made = []
    for model, _table in told.values():
        groups: list[Group] = []
        if past.traits is not None and model.trials_:
            traits = past.traits.take(pa.array(model.tested_))
            for by in traits.column_names:
                said = pc.fill_null(traits.column(by), "").to_pylist()
                groups += fairness(by, said, model.told_, model.came_)[:8]
        made.append(replace(model.card_, groups=tuple(groups), data="orders, usage, feedback, subscriptions"))
    return tuple(made)
