"""The risk of contracts ending: a hazard fitted on past periods, laid on everybody who holds one today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.understand.behaviour_features import History
from regulars.understand.cards import Group, ModelCard, fairness
from regulars.understand.churn import ChurnHazard
from regulars.understand.contract_features import contract_rows, training_periods
from regulars.understand.days import as_dates
from regulars.understand.person_periods import MONTH, Contracts, contracts, life_table

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
DAYS: Final = 90
FEWEST: Final = 30
ROWS: Final = 4000
COLUMNS: Final = ("source", "id", "contract", "customer", "day", "at", "kind", "plan", "months", "amount", "channel",
                  "market")  # fmt: skip
# Reasons told of one customer.
TOLD: Final = 3


@dataclass(frozen=True)
class Reason:
    """A sign of leaving: its share among those at risk and among the others, and how much it adds to the log odds."""

    code: str
    at_risk: float
    others: float
    weight: float | None


@dataclass(frozen=True)
class ContractRisk:
    """By customer code: ``holds`` a running contract, ``risk`` to leave within 90 days with its interval, money
    lost by then to expect, reasons as codes; and of all contracts: the hazard, its card, survival, reasons."""

    holds: NDArray[np.bool_]
    risk: Vector
    low: Vector
    high: Vector
    loss: Vector
    why: pa.Array
    hazard: ChurnHazard
    card: ModelCard
    survival: tuple[tuple[int, float, float, float], ...]
    reasons: tuple[Reason, ...]


def contract_risk(past: History, view: Any) -> ContractRisk | None:
    """None unless at least 30 contracts have lived through a period."""
    if "subscriptions" not in view.facts:
        return None
    table = view.facts["subscriptions"]
    table = table.select([c for c in COLUMNS if c in table.columns]) if hasattr(table, "to_pyarrow") else table
    lives = contracts(table, until=past.until, zone=view.settings.zone)
    if (lives.periods > 0).sum() < FEWEST:
        return None
    at, period, gone = training_periods(lives, ROWS)
    if len(at) < FEWEST:
        return None
    rows = contract_rows(past, lives, at, lives.starts(at, period), period)
    hazard = ChurnHazard(group="customer", folds=3).fit(rows.append_column("churned", pa.array(gone)))
    holders, live = _one_each(past, lives)
    if not len(holders):
        return None
    today = contract_rows(past, lives, live, np.full(len(live), past.until + 1), lives.period_now[live])
    return _laid(past, lives, hazard, rows, holders, live, today, view)


def _one_each(past: History, lives: Contracts) -> tuple[Ints, Ints]:
    """Customer codes and the running contract of each; who holds several is read by the dearest."""
    running = np.flatnonzero(lives.running)
    code = past.codes_of(lives.customer)[running]
    running, code = running[code >= 0], code[code >= 0]
    last = lives.changes.before(running, np.full(len(running), past.until)) - 1
    order = np.lexsort((-lives.changes.price[np.maximum(last, 0)], code))
    running, code = running[order], code[order]
    first = np.r_[True, code[1:] != code[:-1]] if len(code) else np.empty(0, dtype=np.bool_)
    return code[first], running[first]


def _laid(past: History, lives: Contracts, hazard: ChurnHazard, rows: pa.Table, holders: Ints, live: Ints,
          today: pa.Table, view: Any) -> ContractRisk:  # fmt: skip
    n = len(past.cells.customers)
    length = lives.length[live]
    # Chances to renew that come up within the quarter.
    due = np.maximum(np.floor((DAYS + (past.until - lives.start[live]) % length) / length), 0).astype(np.int64)
    stays = np.hstack([np.ones((len(live), 1)), hazard.survival(today, max(int(due.max()), 1))])
    risk = 1.0 - stays[np.arange(len(live)), due]
    now = hazard.predict(today)
    scale = np.divide(risk, now["risk"].to_numpy(), out=np.zeros(len(live)), where=now["risk"].to_numpy() > 0)
    low, high = (np.clip(now[e].to_numpy() * scale, 0.0, 1.0) for e in ("low", "high"))
    lost_months = np.cumsum(1.0 - stays[:, 1:], axis=1)[np.arange(len(live)), np.maximum(due - 1, 0)] * (due > 0)
    price = today.column("price").to_numpy() * length / MONTH
    loss = view.settings.margin * price * lost_months
    names, parts, _base = hazard.reasons(today)
    life = life_table(lives.periods[lives.periods > 0], lives.left[lives.periods > 0])
    survival = tuple(
        (int(p), float(s), float(a), float(b))
        for p, s, a, b, k in zip(life.period, life.survival, life.low, life.high, life.at_risk, strict=True)
        if k >= FEWEST
    )[:36]
    card = replace(
        hazard.card_, groups=_groups(hazard, rows), data="subscriptions, usage, feedback",
        trained_from=str(as_dates(np.array([lives.start.min()]))[0]),
        trained_to=str(as_dates(np.array([past.until]))[0]),
    )  # fmt: skip
    holds = np.zeros(n, dtype=np.bool_)
    holds[holders] = True
    drivers = _drivers(names, parts, risk)
    texts = pa.array(_told(names, parts, today), pa.string())
    place = np.full(n, -1, dtype=np.int64)
    place[holders] = np.arange(len(holders))
    why = texts.take(pa.array(np.maximum(place, 0), mask=place < 0))
    risk, low, high, loss = (_spread(n, holders, v) for v in (risk, low, high, loss))
    return ContractRisk(holds, risk, low, high, loss, why, hazard, card, survival, drivers)


def _spread(n: int, at: Ints, values: Vector) -> Vector:
    whole = np.zeros(n)
    whole[at] = values
    return whole


def _told(names: list[str], parts: Vector, rows: pa.Table) -> list[str]:
    """The three columns that move each risk most, as codes: ``up_tenure=3;down_plan=pro``."""
    if not names:
        return ["few_leavers"] * rows.num_rows
    order = np.argsort(-np.abs(parts), axis=1)[:, :TOLD]
    shown = {name: _values(rows.column(name)) for name in names}
    told = []
    for i, columns in enumerate(order.tolist()):
        told.append(";".join(
            f"{'up' if parts[i, c] > 0 else 'down'}_{names[c]}={shown[names[c]][i]}" for c in columns if parts[i, c]
        ))  # fmt: skip
    return told


def _values(column: pa.ChunkedArray) -> list[str]:
    if pa.types.is_floating(column.type):
        column = pc.round(column, 2)
    return [str(v if v is not None else "").replace(";", ",").replace("=", "-") for v in column.to_pylist()]


def _drivers(names: list[str], parts: Vector, risk: Vector) -> tuple[Reason, ...]:
    """What drives the risk: per column the share of the riskiest tenth, and of the others, whom it raises most."""
    if not names or len(risk) < 20:
        return ()
    top = parts.argmax(axis=1)
    hot = risk >= np.quantile(risk, 0.9)
    found = [
        Reason(f"drives_{name}", float((top[hot] == i).mean()), float((top[~hot] == i).mean()) if (~hot).any() else 0.0,
               float(parts[hot, i].mean()))
        for i, name in enumerate(names)
    ]  # fmt: skip
    return tuple(sorted((r for r in found if (r.weight or 0) > 0.02), key=lambda r: -(r.weight or 0.0))[:5])


def _groups(hazard: ChurnHazard, rows: pa.Table) -> tuple[Group, ...]:
    """Fairness by channel, market and language, on chances told by models that had not seen the row."""
    found: list[Group] = []
    for by in ("language", "market", "channel"):
        if by in rows.column_names:
            group = pc.fill_null(rows.column(by).cast(pa.string()), "").to_pylist()
            found += fairness(by, group, hazard.told_, hazard.came_)[:8]
    return tuple(found)
