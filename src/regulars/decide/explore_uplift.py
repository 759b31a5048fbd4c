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
FIRST_TRY = 0.05
FIRST_PEOPLE = 20.0


def in_orders(actions: Sequence[Action], uplifts: Mapping[str, Uplift]) -> tuple[Action, ...]:
    """The actions, with those whose uplift was measured valued by what was measured: extra orders.

    An action meant to keep a customer or to win another one is worth a life or a newcomer only as an assumption; the
    holdout counts orders, and an order must not be paid for as if it were a customer.
    """
    return tuple(
        replace(a, stake="order") if a.stake != "order" and a.key in uplifts and uplifts[a.key].plans else a
        for a in actions
    )


def first_tries(
    actions: Sequence[Action], uplifts: Mapping[str, Uplift], reached: Mapping[str, float]
) -> dict[str, float]:
    """How many people at most may get an action that was never measured, where measured ones suit the same people.

    A stated prior says what others saw; it must not push aside what was measured here before it is measured itself.
    The bound is ``FIRST_TRY`` of the people the channel reached in seven days, and ``FIRST_PEOPLE`` at least.

    >>> never, known = Uplift(0.2, 0.2), Uplift(0.1, 0.01, plans=3)
    >>> pair = [Action("new", ("lost",), "order", "email", _WIDE), Action("old", ("lost",), "order", "email", _WIDE)]
    >>> first_tries(pair, {"new": never, "old": known}, {"email": 1_000.0})
    {'new': 50.0}
    """
    known = {a.key for a in actions if a.key in uplifts and uplifts[a.key].plans}
    out: dict[str, float] = {}
    for code in sorted({a.code for a in actions}):
        own = [a for a in actions if a.code == code]
        covered = all(
            set(a.states) <= {s for b in actions if b.key in known and b.channel == a.channel for s in b.states}
            for a in own
        )
        if covered and not any(a.key in known for a in own):
            out[code] = max(FIRST_PEOPLE, FIRST_TRY * max(reached.get(a.channel, 0.0) for a in own))
    return out


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
