"""Which model of repeat buying to believe: fitted on the past, judged on days it has not seen."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from regulars.understand.bgnbd import BetaGeo
from regulars.understand.cards import Holdout
from regulars.understand.correction import Correction
from regulars.understand.day_cells import DayCells
from regulars.understand.gamma_gamma import GammaGamma
from regulars.understand.latent_attrition import LatentAttrition
from regulars.understand.mbgnbd import ModifiedBetaGeo
from regulars.understand.pareto_nbd import ParetoNBD
from regulars.understand.rolling import Rolling, fit_firmly, rolling_holdout

Vector = NDArray[np.float64]
VERSION = "2"
# In order of preference: the first is kept unless another one is clearly better.
MODELS: dict[str, type[LatentAttrition]] = {m.name: m for m in (ModifiedBetaGeo, BetaGeo, ParetoNBD)}

# Below these the likelihood is so flat that a maximum says more about luck than about customers.
FEWEST_CUSTOMERS, FEWEST_REPEAT_BUYERS = 30, 10


@dataclass(frozen=True)
class RepeatBuying:
    """The model fitted on all days, the tests that chose it (None: too short a history), and limits as codes."""

    model: LatentAttrition
    rolling: Rolling | None
    limits: tuple[str, ...]

    @property
    def correction(self) -> Correction:
        """Factors on its expected purchases; none without tests."""
        return self.rolling.correction if self.rolling else Correction()


def choose_and_fit(cells: DayCells, table: pa.Table, choice: str = "auto") -> RepeatBuying:
    """The model of repeat buying on all days.

    ``choice`` "auto" keeps MBG/NBD unless BG/NBD or Pareto/NBD foretold better
    from several past days (``rolling_holdout``). Raises ``ValueError`` for an
    unknown choice.
    """
    if choice != "auto" and choice not in MODELS:
        raise ValueError(f"model is 'auto', {', '.join(repr(m) for m in MODELS)}, not {choice!r}")
    limits: list[str] = []
    repeat = int(pc.sum(pc.greater(table.column("frequency"), 0)).as_py() or 0)
    few = table.num_rows < FEWEST_CUSTOMERS or repeat < FEWEST_REPEAT_BUYERS
    name = ModifiedBetaGeo.name if choice == "auto" else choice
    rolling = None
    if few:
        limits.append("too_few_customers")
    else:
        rolling = rolling_holdout(cells, MODELS if choice == "auto" else {choice: MODELS[choice]})
        if rolling is None:
            limits.append("history_too_short_to_test")
        else:
            name = rolling.chosen
    model, weak = fit_firmly(MODELS[name], table, few)
    if weak and not few:
        limits.append("weak_fit")
    if rolling is not None and rolling.holdout.mae >= rolling.holdout.naive_mae:
        limits.append("no_better_than_the_past_pace")
    return RepeatBuying(model, rolling, tuple(limits))


def fit_repeat_buying(
    cells: DayCells, table: pa.Table, choice: str = "auto"
) -> tuple[LatentAttrition, Holdout | None, tuple[str, ...]]:
    """The model of ``choose_and_fit``, its holdout result and its limits."""
    found = choose_and_fit(cells, table, choice)
    return found.model, found.rolling.holdout if found.rolling else None, found.limits


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


def card_metrics(rolling: Rolling | None) -> tuple[tuple[str, float, float | None, float | None], ...]:
    """What the tests said, for the model card."""
    if rolling is None:
        return ()
    return (
        ("total_bias", rolling.holdout.bias, None, None),
        ("total_bias_uncorrected", rolling.bias_before, None, None),
        ("mae_expected", rolling.holdout.mae, None, None),
        ("mae_likely", rolling.likely_mae, None, None),
        ("correction", rolling.correction.overall, None, None),
    )


def parameters_of(*models: Any) -> tuple[tuple[str, float, float | None], ...]:
    """(name, estimate, standard error) of every parameter."""
    found = [(k, getattr(m, f"{k}_"), e) for m in models if m is not None for k, e in m.standard_errors_.items()]
    return tuple((k, float(v), float(e) if np.isfinite(e) else None) for k, v, e in found)
