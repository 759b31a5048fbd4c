"""Options against each other, pair by pair: flows of preference, and who is outranked by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array
from regulars.decide.weighing import _weights

SHAPES: Final = ("usual", "u", "v", "level", "linear", "gauss")


def unicriterion_flows(
    table: ArrayLike, costs: Sequence[bool], shape: str = "usual", q: ArrayLike = 0.0, p: ArrayLike = 1.0
) -> Array:
    """Net flow of each option (row) on each criterion (column), -1..1, before any weight.

    Formula: phi_j(a) = mean over b != a of P_j(a, b) - P_j(b, a), with P(d) for a lead d: ``usual`` 1 when d > 0;
    ``u`` 1 when d > q; ``v`` d / p up to 1; ``level`` 1/2 between q and p, then 1; ``linear`` (d - q) / (p - q)
    between them; ``gauss`` 1 - exp(-d^2 / 2 p^2).

    Args:
        table: options by criteria, in their own units.
        costs: which criteria are better when less.
        shape: how a lead becomes a preference.
        q: the lead that does not matter yet, one figure or one a criterion, in the criterion's unit.
        p: the lead that decides, likewise.

    Raises ``ValueError`` for an unknown shape, q above p, or p of 0 where it is divided by.
    Source: Brans and Vincke, Management Science 31 (1985) 647-656.
    """
    x = np.asarray(table, dtype=float) * np.where(np.asarray(costs, dtype=bool), -1.0, 1.0)
    if x.ndim != 2 or x.shape[1] != len(costs) or not np.isfinite(x).all():
        raise ValueError(f"table has shape {x.shape}, with {len(costs)} directions: give options by criteria")
    low, high = (
        np.broadcast_to(np.asarray(q, dtype=float), x.shape[1]),
        np.broadcast_to(np.asarray(p, float), x.shape[1]),
    )
    if shape not in SHAPES:
        raise ValueError(f"shape {shape!r} is not one of {', '.join(SHAPES)}")
    if shape in ("level", "linear") and (low > high).any():
        raise ValueError("the lead that does not matter yet (q) is above the one that decides (p)")
    if shape in ("v", "gauss", "linear") and (high <= 0).any():
        raise ValueError("the lead that decides (p) must be above 0")
    preferred = _preference(x[:, None, :] - x[None, :, :], shape, low, high)
    others = max(len(x) - 1, 1)
    return np.asarray((preferred.sum(axis=1) - preferred.sum(axis=0)) / others)


def _preference(lead: Array, shape: str, q: Array, p: Array) -> Array:
    ahead = np.maximum(lead, 0.0)
    if shape == "usual":
        return np.asarray(lead > 0, dtype=float)
    if shape == "u":
        return np.asarray(lead > q, dtype=float)
    if shape == "v":
        return np.asarray(np.minimum(ahead / p, 1.0))
    if shape == "level":
        return np.asarray(np.where(lead > p, 1.0, np.where(lead > q, 0.5, 0.0)))
    if shape == "linear":
        return np.asarray(np.clip(np.divide(lead - q, p - q, out=(lead > q).astype(float), where=p > q), 0.0, 1.0))
    return np.asarray(1.0 - np.exp(-(ahead**2) / (2 * p**2)))


def promethee(
    table: ArrayLike, weights: ArrayLike, costs: Sequence[bool], shape: str = "usual", q: ArrayLike = 0.0,
    p: ArrayLike = 1.0,
) -> Array:  # fmt: skip
    """PROMETHEE II net flow of each option: how much it is preferred to the others less how much they are to it.

    >>> table = [[90, 30, 12, 14], [70, 35, 8, 7], [50, 45, 5, 21]]
    >>> [f"{flow:+.1f}" for flow in promethee(table, [.4, .3, .2, .1], [False, False, True, True])[:2]]
    ['-0.1', '+0.1']
    """
    w = _weights(weights, len(costs))
    return np.asarray(unicriterion_flows(table, costs, shape, q, p) @ (w / w.sum()))


@dataclass(frozen=True)
class Outranking:
    """ELECTRE I: ``concordance`` the weight that speaks for "a is at least as good as b", ``discordance`` the largest
    lead of b over a in parts of that criterion's range, ``outranks`` where the one is high and the other low enough,
    ``kernel`` the options that nobody outside it outranks and that do not outrank each other. Options that outrank
    each other in a ring are one.
    """

    concordance: Array
    discordance: Array
    outranks: Array
    kernel: tuple[int, ...]


def electre(
    table: ArrayLike, weights: ArrayLike, costs: Sequence[bool], agree: float = 0.65, veto: float = 0.45
) -> Outranking:
    """Who outranks whom when at least ``agree`` of the weight speaks for it and no criterion more than ``veto`` against.

    Raises ``ValueError`` for limits outside 0..1 or tables that do not match. Source: Roy, RIRO 2 (1968) 57-75.

    >>> electre([[9, 9], [5, 5], [1, 1]], [.5, .5], [False, False]).kernel
    (0,)
    """  # noqa: E501
    if not (0 <= agree <= 1 and 0 <= veto <= 1):
        raise ValueError(f"limits are shares from 0 to 1, got agree={agree} and veto={veto}")
    w = _weights(weights, len(costs))
    x = np.asarray(table, dtype=float) * np.where(np.asarray(costs, dtype=bool), -1.0, 1.0)
    lead = x[:, None, :] - x[None, :, :]
    speaks = ((lead >= 0) * (w / w.sum())).sum(axis=2)
    span = x.max(axis=0) - x.min(axis=0)
    behind = np.maximum(-lead, 0.0)
    against = np.divide(behind, span, out=np.zeros_like(behind), where=np.broadcast_to(span > 0, behind.shape))
    against = against.max(axis=2)
    # 0.1 + 0.2 must reach a limit of 0.3.
    outranks = (speaks >= agree - 1e-12) & (against <= veto + 1e-12)
    np.fill_diagonal(outranks, False)
    return Outranking(speaks, against, outranks, _kernel(outranks))


def _kernel(outranks: Array) -> tuple[int, ...]:
    """The kernel of the graph whose rings are drawn together: then it exists and is the only one."""
    n = len(outranks)
    reach = np.linalg.matrix_power(outranks.astype(float) + np.eye(n), max(n, 1)) > 0
    ring = reach & reach.T
    kept: list[int] = []
    # Whoever is reached from few comes first; all that outrank a ring are decided before it.
    for k in sorted(range(n), key=lambda k: (int(reach[:, k].sum()), k)):
        above = [a for a in kept if not ring[a, k] and outranks[np.ix_(ring[a], ring[k])].any()]
        if not above:
            kept.append(k)
    return tuple(sorted(kept))
