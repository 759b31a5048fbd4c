"""What an action changes: uplift per contact, measured where there is a holdout, stated as an assumption where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.lake.frames import to_arrow
from regulars.tables import why_codes

# Two-sided 95 % of the normal law: the interval of the outcomes table.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Prior:
    """What we assume about an action before any of its plans has been measured: mean and standard deviation."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Uplift:
    """How much one contact raises the chance of the wanted act: mean, standard deviation, and where it is from.

    ``plans`` is the number of measured plans behind it; 0 means that it is the prior alone. ``weight`` is the share
    of the mean that comes from measurement.
    """

    mean: float
    sd: float
    plans: int = 0
    weight: float = 0.0

    @property
    def code(self) -> str:
        """The reason code: ``prior_uplift=...`` for an assumption, ``measured_uplift=...`` otherwise."""
        return f"{'measured' if self.plans else 'prior'}_uplift={self.mean:.4g}"


def pooled(values: Sequence[float], errors: Sequence[float]) -> tuple[float, float, float]:
    """Pool plans of one action by random effects: mean, variance of the mean, variance between plans.

    Formula: w_k = 1 / (se_k^2 + tau^2), mean = sum w y / sum w, tau^2 by the method of moments.
    Source: DerSimonian and Laird, Controlled Clinical Trials 7 (1986) 177-188.

    >>> mean, variance, between = pooled([0.01, 0.03], [0.01, 0.01])
    >>> round(mean, 6), round(variance, 8), round(between, 8)
    (0.02, 0.0001, 0.0001)
    """
    y, v = np.asarray(values, dtype=float), np.asarray(errors, dtype=float) ** 2
    w = 1 / v
    centre = float((w * y).sum() / w.sum())
    spread = float((w * (y - centre) ** 2).sum())
    scale = float(w.sum() - (w**2).sum() / w.sum())
    between = max(0.0, (spread - (len(y) - 1)) / scale) if len(y) > 1 else 0.0
    w = 1 / (v + between)
    return float((w * y).sum() / w.sum()), float(1 / w.sum()), between


def read_uplifts(outcomes: Any, priors: Mapping[str, Prior]) -> dict[str, Uplift]:
    """The uplift of every action, from its measured plans shrunk towards its stated prior.

    Reads the newest ``lift_orders`` row of each plan and action: the difference in the chance to buy between people
    contacted and people held back, with a 95 % interval; a plan whose draw was unfair (``sample_ratio_off``) is left
    out. Formula: posterior precision = 1 / prior variance + 1 / variance of the pooled mean; the plans'
    between-variance is added for the next plan. Where three or more actions have been measured, the prior variances
    are scaled by how far the measured actions fell from their priors (empirical Bayes, method of moments, factor
    between 1/4 and 25); with fewer the stated ones hold.

    Source: Efron and Morris, Journal of the American Statistical Association 70 (1975) 311-319.

    >>> read_uplifts(None, {"win_back": Prior(0.005, 0.005)})["win_back"].code
    'prior_uplift=0.005'
    """
    measured: dict[str, dict[str, tuple[Any, float, float]]] = {}
    if outcomes is not None:
        table = to_arrow(outcomes)
        columns = ("plan", "subject", "name", "value", "low", "high", "made_at", "why")
        for plan, subject, name, value, low, high, made_at, why in zip(
            *(table.column(c).to_pylist() for c in columns), strict=True
        ):
            if name != "lift_orders" or subject not in priors or value is None or low is None or high is None:
                continue
            if "sample_ratio_off" in why_codes(why):
                continue
            error = (high - low) / (2 * Z95)
            seen = measured.setdefault(subject, {})
            if error > 0 and np.isfinite(value) and (plan not in seen or seen[plan][0] <= made_at):
                seen[plan] = (made_at, value, error)
    pools = {
        action: (len(plans), *pooled([v for _, v, _ in plans.values()], [e for _, _, e in plans.values()]))
        for action, plans in measured.items()
        if plans
    }
    factor = 1.0
    if len(pools) >= 3:
        moments = [((m - priors[a].mean) ** 2 - v - b) / priors[a].sd ** 2 for a, (_, m, v, b) in pools.items()]
        factor = float(np.clip(np.mean(moments), 0.25, 25.0))
    out: dict[str, Uplift] = {}
    for action, prior in priors.items():
        if action not in pools:
            out[action] = Uplift(prior.mean, prior.sd)
            continue
        plans_, mean, variance, between = pools[action]
        spread = prior.sd**2 * factor
        weight = spread / (spread + variance)
        sd = float(np.sqrt(weight * variance + between))
        out[action] = Uplift(weight * mean + (1 - weight) * prior.mean, sd, plans_, weight)
    return out
