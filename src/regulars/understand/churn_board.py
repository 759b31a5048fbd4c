"""Who is leaving, what that costs, and what to do: risk against worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from regulars.tables import SCORES
from regulars.understand.behaviour_features import History, history
from regulars.understand.cards import ModelCard
from regulars.understand.contract_risk import ContractRisk, Reason, contract_risk
from regulars.understand.gains import CalibrationBin, calibration_bins
from regulars.understand.trials import Trial
from regulars.understand.view import View

Vector = NDArray[np.float64]
DAYS: Final = 90
RISKY: Final = 0.5
# A contract that ends within the quarter with this chance is a risk: most renew without a thought.
RISKY_CONTRACT: Final = 0.25
LISTED: Final = 200
POINTS: Final = 400
# What an owner does in each corner; the words are made on the page.
CORNERS: Final = (
    ("save", True, True, "care"), ("keep", False, True, "thank"),
    ("let_go", True, False, "win_back_once"), ("grow", False, False, "cross_sell"),
)  # fmt: skip
GONE: Final = ("lost",)


@dataclass(frozen=True)
class Corner:
    """One corner of risk x worth: how many, their worth if they stay, the loss to expect in 90 days, what to do;
    ``people`` are the keys with the largest loss (or worth, where the risk is small)."""

    key: str
    customers: int
    worth: int
    loss: int
    action: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class ChurnBoard:
    """``basis``: contracts, silence (P(alive)) or both; money in minor units; ``survival`` is (period, share, low,
    high) of contracts; ``calibration`` and ``trials`` are of the hazard, on contracts no model had seen."""

    basis: str
    days: int
    customers: int
    at_risk: int
    loss: int
    loss_at_risk: int
    worth_cut: int
    contracts: int
    corners: tuple[Corner, ...]
    points: tuple[tuple[float, int, str], ...]
    reasons: tuple[Reason, ...]
    calibration: tuple[CalibrationBin, ...]
    trials: tuple[Trial, ...]
    winner: str
    survival: tuple[tuple[int, float, float, float], ...]
    limits: tuple[str, ...]
    made_by: str
    scores: pa.Table | None
    cards: tuple[ModelCard, ...]


def churn_board(view: View) -> ChurnBoard | None:
    """The board of this turn; None while nobody has bought or everybody is lost already."""
    past = history(view.facts, zone=view.settings.zone, currency=view.settings.currency, cells=view.cells,
                   people=view.people if view.people.num_rows else None)  # fmt: skip
    with threadpool_limits(1):
        contract = contract_risk(past, view)
    alive = _column(view.worth, "p_alive")
    risk, limit = 1.0 - alive, np.full(len(alive), RISKY)
    worth = _column(view.worth, "clv") / np.maximum(alive, 0.05)
    loss = risk * _quarter(view, alive)
    if contract is not None:
        holds = contract.holds
        risk = np.where(holds, contract.risk, risk)
        limit = np.where(holds, RISKY_CONTRACT, limit)
        loss = np.where(holds, contract.loss, loss)
    here = ~_lost(view) if contract is None else ~_lost(view) | contract.holds
    if not here.any():
        return None
    risky = here & (risk >= limit)
    cut = float(np.median(worth[here]))
    rich = here & (worth >= cut)
    corners = tuple(_corner(key, act, here & (risky == hot) & (rich == good), worth, loss, view, hot)
                    for key, hot, good, act in CORNERS)  # fmt: skip
    model = contract.hazard if contract is not None else None
    return ChurnBoard(
        basis=_basis(contract, here), days=DAYS, customers=int(here.sum()), at_risk=int(risky.sum()),
        loss=_money(loss[here]), loss_at_risk=_money(loss[risky]), worth_cut=round(cut),
        contracts=int(contract.holds.sum()) if contract is not None else 0, corners=corners,
        points=_points(risk, worth, here, risky, rich), reasons=_reasons(view, past, contract, here, risky),
        calibration=calibration_bins(model.came_, model.told_) if model is not None and model.trials_ else (),
        trials=model.trials_ if model is not None else (), winner=model.winner_ if model is not None else "",
        survival=contract.survival if contract is not None else (),
        limits=model.limits_ if model is not None else tuple(view.clv.card_.limits),
        made_by=model.card_.version if model is not None else view.clv.card_.version,
        scores=_scores(view, contract, here, loss), cards=_cards(contract),
    )  # fmt: skip


def _column(table: pa.Table, name: str) -> Vector:
    return np.nan_to_num(np.asarray(table.column(name).to_numpy(), dtype=np.float64))


def _money(values: Vector) -> int:
    return round(float(values.sum()))


def _quarter(view: View, alive: Vector) -> Vector:
    """What each would bring in the next 90 days if still a customer."""
    orders = _column(view.worth, "expected_orders") / np.maximum(alive, 0.05)
    share = min(DAYS / max(view.settings.horizon_days, 1), 1.0)
    return np.asarray(view.settings.margin * _column(view.worth, "value_per_order") * orders * share)


def _lost(view: View) -> NDArray[np.bool_]:
    """Who counts as lost already: that loss is behind us, and no action of the next quarter is about them."""
    names = view.scores.column("name")
    rows = view.scores.filter(pc.equal(names, "activity"))
    at = pc.index_in(view.cells.customers.cast(pa.string()), value_set=rows.column("customer").combine_chunks())
    state = rows.column("label").take(at)
    return np.asarray(pc.fill_null(pc.is_in(state, value_set=pa.array(GONE)), True).to_numpy(),
                      dtype=np.bool_)  # fmt: skip


def _basis(contract: ContractRisk | None, here: NDArray[np.bool_]) -> str:
    if contract is None:
        return "silence"
    return "contracts" if contract.holds[here].all() else "both"


def _corner(key: str, action: str, rows: NDArray[np.bool_], worth: Vector, loss: Vector, view: View,
            hot: bool) -> Corner:  # fmt: skip
    at = np.flatnonzero(rows)
    first = at[np.argsort(-(loss if hot else worth)[at], kind="stable")][:LISTED]
    keys = tuple(view.cells.customers.take(pa.array(first)).cast(pa.string()).to_pylist())
    return Corner(key, len(at), _money(worth[at]), _money(loss[at]), action, keys)


def _points(risk: Vector, worth: Vector, here: Any, risky: Any, rich: Any) -> tuple[tuple[float, int, str], ...]:
    """A fair sample to draw: nobody is named on the map."""
    at = np.flatnonzero(here)
    at = np.sort(np.random.default_rng(0).permutation(at)[:POINTS])
    name = {(hot, good): key for key, hot, good, _act in CORNERS}
    return tuple((float(risk[i]), round(float(worth[i])), name[bool(risky[i]), bool(rich[i])]) for i in at)


def _reasons(view: View, past: History, contract: ContractRisk | None, here: Any, risky: Any) -> tuple[Reason, ...]:
    """Signs counted among those at risk and among the others; with contracts, what drives the hazard first."""
    rows = _signs(view, past)
    others = here & ~risky
    found = [] if contract is None else list(contract.reasons)
    for code, sign in rows.items():
        if risky.any() and others.any():
            a, b = float(sign[risky].mean()), float(sign[others].mean())
            if a > b + 0.02:
                found.append(Reason(code, a, b, None))
    plain = sorted((r for r in found if r.weight is None), key=lambda r: r.others - r.at_risk)
    return (*(r for r in found if r.weight is not None), *plain)[:8]


def _signs(view: View, past: History) -> dict[str, NDArray[np.bool_]]:
    since, repeat = _column(view.rfm, "days_since_last"), _column(view.rfm, "frequency")
    own = _column(view.rfm, "recency") / np.maximum(repeat, 1.0)
    who = np.arange(len(since))
    end = past.until + 1
    signs = {
        "silent_beyond_own_gap": (repeat > 0) & (since > 2 * np.maximum(own, 7.0)),
        "one_order_only": repeat == 0,
    }
    if past.usage is not None:
        now, before = past.usage.between(who, end - 28, end), past.usage.between(who, end - 56, end - 28)
        signs["usage_halved"] = (before > 0) & (now < 0.5 * before)
    if past.tickets is not None:
        signs["asked_for_help"] = past.tickets.between(who, end - 90, end) > 0
    if past.unhappy is not None:
        signs["unhappy_mark"] = past.unhappy.between(who, end - 180, end) > 0
    return signs


def _scores(view: View, contract: ContractRisk | None, here: Any, loss: Vector) -> pa.Table:
    at = np.flatnonzero(here)
    base = {"made_at": view.now, "lake_version": view.lake_version}
    keys = view.cells.customers.cast(pa.string())
    why = "stake_is_quarter"
    parts = [SCORES.fill({"customer": keys.take(pa.array(at)), "name": "loss_90", "value": np.round(loss[at]),
                          "made_by": view.clv.card_.version if contract is None else contract.hazard.card_.version,
                          "why": why, **base}, len(at))]  # fmt: skip
    silent = at if contract is None else np.flatnonzero(here & ~contract.holds)
    alive, low, high = (_column(view.worth, f"p_alive{end}")[silent] for end in ("", "_low", "_high"))
    parts.append(
        SCORES.fill({"customer": keys.take(pa.array(silent)), "name": "leave_90", "value": 1.0 - alive,
                     "low": 1.0 - high, "high": 1.0 - low, "why": "risk_from_silence",
                     "made_by": view.clv.card_.version, **base}, len(silent))
    )  # fmt: skip
    if contract is not None:
        at = np.flatnonzero(contract.holds)
        parts.append(
            SCORES.fill({"customer": keys.take(pa.array(at)), "name": "leave_90", "value": contract.risk[at],
                         "low": contract.low[at], "high": contract.high[at], "why": contract.why.take(pa.array(at)),
                         "made_by": contract.hazard.card_.version, **base}, len(at))
        )  # fmt: skip
    return pa.concat_tables(parts)


def _cards(contract: ContractRisk | None) -> tuple[ModelCard, ...]:
    return () if contract is None else (contract.card,)
