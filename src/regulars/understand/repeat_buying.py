"""Which model of repeat buying to believe: fitted on the past, judged on days it has not seen."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from regulars.understand.bgnbd import BetaGeo
from regulars.understand.cards import Holdout, compare
from regulars.understand.day_cells import DayCells
from regulars.understand.gamma_gamma import GammaGamma
from regulars.understand.mbgnbd import ModifiedBetaGeo

Vector = NDArray[np.float64]
VERSION = "1"
MODELS: dict[str, type[BetaGeo]] = {m.name: m for m in (ModifiedBetaGeo, BetaGeo)}

# Below these the likelihood is so flat that a maximum says more about luck than about customers.
FEWEST_CUSTOMERS, FEWEST_REPEAT_BUYERS = 30, 10
# A holdout with fewer customers or purchases cannot tell two models apart.
FEWEST_HELD_OUT, FEWEST_PURCHASES = 50, 20


def fit_repeat_buying(
    cells: DayCells, table: pa.Table, choice: str = "auto"
) -> tuple[BetaGeo, Holdout | None, tuple[str, ...]]:
    """The model of repeat buying on all days, its holdout result, and limits as codes.

    ``choice`` "auto" takes MBG/NBD unless BG/NBD's absolute error on the last
    third of the days is smaller by more than 1 % and by more than one standard
    error of the difference between the two.
    """
    if choice != "auto" and choice not in MODELS:
        raise ValueError(f"model is 'auto', {', '.join(repr(m) for m in MODELS)}, not {choice!r}")
    limits: list[str] = []
    repeat = int(pc.sum(pc.greater(table.column("frequency"), 0)).as_py() or 0)
    few = table.num_rows < FEWEST_CUSTOMERS or repeat < FEWEST_REPEAT_BUYERS
    holdout, name = None, ModifiedBetaGeo.name if choice == "auto" else choice
    if few:
        limits.append("too_few_customers")
    else:
        tried = _tried(cells, MODELS if choice == "auto" else {choice: MODELS[choice]})
        if tried:
            if choice == "auto":
                name = _choice(tried)
            holdout = compare(*tried[name])
        else:
            limits.append("history_too_short_to_test")
    model, weak = fit_firmly(MODELS[name], table, few)
    if weak and not few:
        limits.append("weak_fit")
    if holdout is not None and holdout.mae >= holdout.naive_mae:
        limits.append("no_better_than_the_past_pace")
    return model, holdout, tuple(limits)


def fit_firmly(kind: type[BetaGeo], table: Any, few: bool = False) -> tuple[BetaGeo, bool]:
    """Maximum likelihood, or, when that is not pinned down, drawn to a typical shop; says whether it was drawn."""
    if not few:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = kind().fit(table)
        if model.converged_ and np.all(np.isfinite(model.covariance_)):
            return model, False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return kind(penalizer=1.0).fit(table), True


def fit_spend(cells: DayCells, table: pa.Table) -> tuple[GammaGamma | None, tuple[str, ...]]:
    """Gamma-Gamma on repeat purchases; on all purchases when few bought twice; None without any money."""
    x = table.column("frequency").to_numpy()
    m = table.column("monetary").to_numpy()
    buyers = int(np.sum((x > 0) & (m > 0)))
    if buyers >= FEWEST_REPEAT_BUYERS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            spend = GammaGamma().fit(table)
            if not spend.converged_ or spend.q_ <= 1.0:
                return GammaGamma(penalizer=1.0).fit(table), ("weak_spend_fit",)
        # Beyond this the assumption that how often and how much are unrelated is worth a warning.
        return spend, ("spend_grows_with_frequency",) if abs(spend.correlation_) > 0.3 else ()
    starts = cells.starts
    counts = np.diff(np.append(starts, len(cells.code)))
    mean = np.add.reduceat(cells.amount, starts) / counts
    if not np.any(mean > 0):
        return None, ("no_money",)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GammaGamma(penalizer=1.0).fit({"frequency": counts, "monetary": mean}), (
            "first_purchases_used_for_spend",
        )


def _tried(cells: DayCells, models: dict[str, type[BetaGeo]]) -> dict[str, tuple[Vector, Vector, Vector, int]]:
    """Per model: forecast, actual and naive purchases of each customer, and the days held out."""
    first = int(cells.day.min())
    days = (cells.last_day - first) // 3
    split = cells.last_day - days
    past = cells.day <= split
    early = DayCells(cells.customers, cells.code[past], cells.day[past], cells.orders[past], cells.amount[past], split)
    codes = early.code[early.starts]
    actual_all = np.bincount(cells.code[~past], minlength=len(cells.customers)).astype(np.float64)
    x, tx, T = summary_in_order(early)
    actual = actual_all[codes]
    if days < 28 or len(codes) < FEWEST_HELD_OUT or actual.sum() < FEWEST_PURCHASES or np.sum(x > 0) < FEWEST_PURCHASES:
        return {}
    naive = x * days / np.maximum(T, 1.0)
    tried = {}
    for name, kind in models.items():
        model, _ = fit_firmly(kind, {"frequency": x, "recency": tx, "T": T})
        tried[name] = (model.conditional_expected_purchases(float(days), x, tx, T), actual, naive, days)
    return tried


def summary_in_order(cells: DayCells) -> tuple[Vector, Vector, Vector]:
    """Frequency, recency and T in the order of the customer codes."""
    starts = cells.starts
    counts = np.diff(np.append(starts, len(cells.code)))
    first, last = cells.day[starts], cells.day[starts + counts - 1]
    return (
        (counts - 1).astype(np.float64),
        (last - first).astype(np.float64),
        (cells.last_day - first).astype(np.float64),
    )


def _choice(tried: dict[str, tuple[Vector, Vector, Vector, int]]) -> str:
    modified, plain = (np.abs(tried[k][0] - tried[k][1]) for k in (ModifiedBetaGeo.name, BetaGeo.name))
    gain = modified - plain
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain))
    better = float(gain.mean()) > max(error, 0.01 * float(modified.mean()))
    return BetaGeo.name if better else ModifiedBetaGeo.name
