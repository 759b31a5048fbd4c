"""What one measured action says about the others: the stated uplifts of all actions scaled together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from regulars.decide.actions import Action
from regulars.decide.uplift import Prior, Uplift, read_uplifts

# How far all stated uplifts together may be off: a factor of 4.5 either way is one standard deviation of its log.
_FACTOR_SD = 1.5
_WIDE = Prior(0.0, 1e3)


def in_orders(actions: Sequence[Action], uplifts: Mapping[str, Uplift]) -> tuple[Action, ...]:
    """The actions, with those whose uplift was measured valued by what was measured: extra orders.

    An action meant to keep a customer or to win another one is worth a life or a newcomer only as an assumption; the
    holdout counts orders, and an order must not be paid for as if it were a customer.
    """
    return tuple(
        replace(a, stake="order") if a.stake != "order" and a.key in uplifts and uplifts[a.key].plans else a
        for a in actions
    )


def scaled_priors(outcomes: Any, priors: Mapping[str, Prior], others: Collection[str] = ()) -> dict[str, Prior]:
    """The stated priors times one common factor that measured plans have shown, and at least as wide.

    Formula: m_a ~ N(g mu_a, v_a + g^2 s_a^2) for the pooled measurement m_a of action a with variance v_a, stated
    mean mu_a and deviation s_a; log g ~ N(0, 1.5^2). The mode of g over a grid scales mean and deviation alike: where
    messages work better here than in the public tests the priors come from, an action that was never tried is
    believed to work better too, and is tried. Without a measured plan g is 1. ``others`` are actions that count
    something else than orders: they neither tell nor are told.

    >>> scaled_priors(None, {"win_back": Prior(0.005, 0.005)})["win_back"].mean
    0.005
    """
    raw = read_uplifts(outcomes, dict.fromkeys(priors, _WIDE))
    seen = {a: u for a, u in raw.items() if u.plans and priors[a].mean > 0 and a not in others}
    if not seen:
        return dict(priors)
    g = np.exp(np.linspace(-2.3, 5.0, 293))
    score = -0.5 * (np.log(g) / _FACTOR_SD) ** 2
    for action, u in seen.items():
        variance = u.sd**2 + (g * priors[action].sd) ** 2
        score = score - 0.5 * np.log(variance) - 0.5 * (u.mean - g * priors[action].mean) ** 2 / variance
    best = float(g[int(score.argmax())])
    return {
        a: Prior(p.mean, max(best, 1.0) * p.sd) if a in others else Prior(best * p.mean, max(best, 1.0) * p.sd)
        for a, p in priors.items()
    }
