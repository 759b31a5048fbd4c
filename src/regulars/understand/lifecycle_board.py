"""What there is to say about the lifecycle: states, moves, time in each, and who will move next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.tables import ACTIVITY_STATES, LIFECYCLE_STAGES, SCORES
from regulars.understand.cards import Group, ModelCard, fairness
from regulars.understand.conversion import Conversion, conversion
from regulars.understand.days import as_dates
from regulars.understand.lifecycle import Lifecycle
from regulars.understand.next_stage import FEATURES
from regulars.understand.transitions import headcounts
from regulars.understand.view import View

Vector = NDArray[np.float64]
MADE_BY = "lifecycle/1"
SPANS = (1, 3, 6)
WATCHED = 12


@dataclass(frozen=True)
class StateRow:
    """One state today: how many and their worth, months they stay (median) and months until lost (mean)."""

    key: str
    size: int
    share: float
    worth: float
    stay: float | None
    stay_low: float | None
    stay_high: float | None
    stays_seen: int
    to_lost: float | None
    to_lost_low: float | None
    to_lost_high: float | None


@dataclass(frozen=True)
class Move:
    """From one state to another within a month: how often it was counted, its chance, and how many are next."""

    before: str
    after: str
    count: int
    chance: float
    low: float
    high: float
    expected: float
    expected_low: float
    expected_high: float


@dataclass(frozen=True)
class Watched:
    """A customer whose worth is most likely to slip."""

    customer: str
    state: str
    after: str
    slip: float
    worth: float


@dataclass(frozen=True)
class LifecycleBoard:
    """``flows`` are (months back, from, to, customers), "" is not yet a customer; ``sizes`` one row a month end."""

    method: str
    uses: str
    limits: tuple[str, ...]
    customers: int
    states: tuple[StateRow, ...]
    months: tuple[str, ...]
    sizes: tuple[tuple[int, ...], ...]
    flows: tuple[tuple[int, str, str, int], ...]
    moves: tuple[Move, ...]
    watched: tuple[Watched, ...]
    stages: tuple[tuple[str, int], ...]
    conversion: tuple[Conversion, ...]
    test: dict[str, float] | None
    made_by: str
    cards: tuple[ModelCard, ...]
    scores: pa.Table


def lifecycle_board(view: View) -> LifecycleBoard | None:
    """The lifecycle of this turn; None without customers."""
    if len(view.cells.code) == 0:
        return None
    weak = "too_few_customers" in view.clv.card_.limits
    found = Lifecycle().fit_cells(view.cells, view.clv.model_, weak)
    worth = np.nan_to_num(np.asarray(view.worth.column("clv").to_numpy(), dtype=np.float64))
    compared = found.next_.comparison_
    return LifecycleBoard(
        method=found.method_,
        uses=found.next_.uses_,
        limits=found.limits_,
        customers=len(found.codes_),
        states=_states(found, worth),
        months=tuple(str(d) for d in as_dates(found.days_).to_pylist()),
        sizes=tuple(tuple(int(n) for n in row) for row in headcounts(found.history_, len(ACTIVITY_STATES))),
        flows=_flows(found),
        moves=_moves(found),
        watched=_watched(found, worth),
        stages=_stages(view.people),
        conversion=conversion(view, found.customers_.cast(pa.string())),
        test=None if compared is None else {
            "rows": float(compared.rows), "months": float(compared.months), "logit": compared.logit,
            "matrix": compared.matrix, "gain": compared.gain, "low": compared.low, "high": compared.high,
            "calibration_error": compared.calibration_error,
        },
        made_by=MADE_BY,
        cards=(_card(found, view),),
        scores=_scores(found, view),
    )  # fmt: skip


def _states(found: Lifecycle, worth: Vector) -> tuple[StateRow, ...]:
    k = len(ACTIVITY_STATES)
    size, money = np.bincount(found.codes_, minlength=k), np.bincount(found.codes_, worth, k)
    enough = len(found.days_) >= 3 and found.transitions_.counts_.sum() > 0
    until = found.transitions_.steps_until(k - 1) if enough else None
    rows = []
    for i, key in enumerate(ACTIVITY_STATES):
        stay = found.staying_.get(key)
        ends = [None] * 3 if until is None or key == "lost" else [_finite(part[i]) for part in until]
        rows.append(
            StateRow(
                key, int(size[i]), float(size[i] / max(len(found.codes_), 1)), float(money[i]),
                stay.median if stay else None, stay.median_low if stay else None, stay.median_high if stay else None,
                stay.n if stay else 0, ends[0], ends[1], ends[2],
            )
        )  # fmt: skip
    return tuple(rows)


def _flows(found: Lifecycle) -> tuple[tuple[int, str, str, int], ...]:
    """From month ends so many back to today; states by today's judgement on both ends."""
    k, path = len(ACTIVITY_STATES), found.history_
    keys = ("", *ACTIVITY_STATES)
    flows: list[tuple[int, str, str, int]] = []
    for span in SPANS:
        if path.shape[1] <= span:
            continue
        before, after = path[:, -1 - span].astype(np.int64) + 1, path[:, -1].astype(np.int64) + 1
        count = np.bincount(before * (k + 1) + after, minlength=(k + 1) ** 2).reshape(k + 1, k + 1)
        flows += [(span, keys[a], keys[b], int(count[a, b])) for a, b in np.argwhere(count > 0) if b > 0]
    return tuple(flows)


def _moves(found: Lifecycle) -> tuple[Move, ...]:
    """Every counted move; ``expected`` adds up the chances of those who stand there today."""
    if len(found.days_) < 3:
        return ()
    matrix, k = found.transitions_, len(ACTIVITY_STATES)
    sums, spread = np.zeros((k, k)), np.zeros((k, k))
    for j in range(k):
        chance = found.chances_[:, j]
        sums[:, j] = np.bincount(found.codes_, chance, k)
        spread[:, j] = np.bincount(found.codes_, chance * (1.0 - chance), k)
    half = 1.645 * np.sqrt(spread)
    return tuple(
        Move(
            ACTIVITY_STATES[a], ACTIVITY_STATES[b], int(matrix.counts_[a, b]), float(matrix.probabilities_[a, b]),
            float(matrix.low_[a, b]), float(matrix.high_[a, b]), float(sums[a, b]),
            float(max(sums[a, b] - half[a, b], 0.0)), float(sums[a, b] + half[a, b]),
        )
        for a, b in np.argwhere(matrix.counts_ > 0)
    )  # fmt: skip


def _watched(found: Lifecycle, worth: Vector) -> tuple[Watched, ...]:
    if len(found.days_) < 3:
        return ()
    table = found.predict()
    slip = table.column("slip").to_numpy()
    stake = slip * np.maximum(worth, 0.0)
    worse_only = found.chances_ * (np.arange(len(ACTIVITY_STATES))[None, :] > np.maximum(found.codes_, 2)[:, None])
    towards = worse_only.argmax(axis=1)
    top = np.argsort(-stake, kind="stable")[:WATCHED]
    keys = found.customers_.cast(pa.string())
    return tuple(
        Watched(keys[int(i)].as_py(), ACTIVITY_STATES[found.codes_[i]], ACTIVITY_STATES[towards[i]], float(slip[i]),
                float(worth[i]))
        for i in top if stake[i] > 0
    )  # fmt: skip


def _stages(people: pa.Table) -> tuple[tuple[str, int], ...]:
    counted = {str(v["values"]): int(v["counts"]) for v in pc.value_counts(people.column("stage")).to_pylist()}
    return tuple((key, counted[key]) for key in LIFECYCLE_STAGES if counted.get(key))


def _scores(found: Lifecycle, view: View) -> pa.Table | None:
    """The next state and the chance to slip, with what they rest on; nothing while the months are too few."""
    if len(found.days_) < 3:
        return None
    table = found.predict()
    left, outlasted = found.figures_[:, 1], found.figures_[:, FEATURES.index("outlasted")]
    own = np.exp(found.figures_[:, FEATURES.index("usual_gap")])
    why = pc.binary_join_element_wise(
        "activity=", table.column("activity"), ";chance_left=", _text(left, 2), ";outlasted=", _text(outlasted, 2),
        ";own_rhythm=", _text(own, 0), f";usual_gap={found.gap_:.0f}", "",
    )  # fmt: skip
    made = {"made_by": f"next_stage_{found.next_.uses_}/1", "made_at": view.now, "lake_version": view.lake_version}
    base = {"customer": found.customers_.cast(pa.string()), "why": why, **made}
    n = len(found.codes_)
    return pa.concat_tables(
        [
            SCORES.fill(
                {**base, "name": "next_state", "value": table.column("chance"), "label": table.column("next")}, n
            ),
            SCORES.fill({**base, "name": "slip", "value": table.column("slip")}, n),
        ]
    )


def _text(values: Vector, digits: int) -> Any:
    rounded = pc.round(pa.array(values), digits)
    return (rounded.cast(pa.int64()) if digits == 0 else rounded).cast(pa.string())


def _card(found: Lifecycle, view: View) -> ModelCard:
    compared = found.next_.comparison_
    metrics: tuple[tuple[str, float, float | None, float | None], ...] = ()
    if compared is not None:
        metrics = (
            ("log_loss", compared.logit, None, None),
            ("log_loss_matrix", compared.matrix, None, None),
            ("log_loss_gain", compared.gain, compared.low, compared.high),
            ("calibration_error", compared.calibration_error, None, None),
        )
    return ModelCard(
        model="lifecycle",
        version=f"{MADE_BY}+{found.next_.uses_}",
        trained_from=view.clv.card_.trained_from,
        trained_to=view.clv.card_.trained_to,
        n=len(found.codes_),
        features=("activity", *FEATURES),
        parameters=(),
        holdout=None,
        limits=found.limits_,
        metrics=metrics,
        calibration=compared.deciles if compared is not None else (),
        groups=_groups(found, view),
        data="orders",
    )


def _groups(found: Lifecycle, view: View) -> tuple[Group, ...]:
    """Slips foretold beside slips that came, by language: the months held out."""
    held = found.next_.held_
    if held is None or view.people.num_rows == 0:
        return ()
    at = pc.index_in(found.customers_.cast(pa.string()), value_set=view.people.column("customer"))
    language = np.asarray(pc.fill_null(view.people.column("language").take(at), "").to_pylist(), dtype=object)
    own = language[held.who]
    known = own != ""
    return fairness("language", own[known].astype(str), held.said[known], held.came[known]) if known.any() else ()


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
