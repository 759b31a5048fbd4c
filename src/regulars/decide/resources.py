"""Where the next yuan, GPU-hour and gigabyte go together: concave activities under several limits at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array, Curves
from regulars.decide.result import Decision, ShadowPrice, relative_gap


@dataclass(frozen=True)
class Resources:
    """The levels of several activities that earn the most when they share several resources, with a certificate.

    Formula: maximise sum_j f_j(x_j) subject to sum_j use_rj x_j <= limit_r for every resource r and
    low_j <= x_j <= high_j, f_j concave (see ``Curves``; the level x stands for the spend). Solved by a primal-dual
    interior point method: the second derivatives form a diagonal, so each step costs one m x m system for m resources
    whatever the number of activities. At the end the prices y of the resources give the Lagrangian bound
    y'limit + sum_j max_x (f_j(x) - (use'y)_j x), which no plan exceeds; each inner maximum has a closed form.

    ``limits``: what there is of each resource a period. Shadow prices are those of the optimum; where a limit binds
    at a corner that leaves several, the one in the middle of the set is reported.

    Raises ``InfeasibleError`` with the smallest set of limits and minimums in conflict, ``ValueError`` for a use below
    0 or an activity that nothing limits. Source: Boyd and Vandenberghe, Convex Optimization (2004), chapter 11.

    >>> curves = Curves.make(["chat", "search"], ceiling=[100.0, 100.0], half=[10.0, 10.0])
    >>> plan = Resources({"gpu": 20.0}).decide(curves, {"gpu": [1.0, 1.0]})
    >>> [round(v, 6) for v in plan.solution.values()], plan.binding
    ([10.0, 10.0], ('gpu',))
    """

    limits: Mapping[str, float] = field(default_factory=dict)

    def decide(
        self,
        curves: Curves,
        uses: Mapping[str, Sequence[float]],
        *,
        low: ArrayLike = 0.0,
        high: ArrayLike = np.inf,
        labels: Mapping[str, str] | None = None,
    ) -> Decision[dict[str, float]]:
        """Set the level of every activity; ``uses`` gives per resource what a unit of each activity takes."""
        names = curves.channels
        codes = list(self.limits)
        A = np.array([uses.get(code, [0.0] * len(names)) for code in codes], dtype=float).reshape(-1, len(names))
        b = np.array([self.limits[c] for c in codes], dtype=float)
        floor, top = (np.broadcast_to(np.asarray(v, dtype=float), (len(names),)).copy() for v in (low, high))
        if set(uses) - set(codes) or (A < 0).any():
            raise ValueError(f"uses must be 0 or more, of the resources {', '.join(codes)}")
        _feasible(codes, A, b, names, floor, top, labels or {})
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = floor + np.min(np.where(A > 0, (b - A @ floor)[:, None] / A, np.inf), axis=0, initial=np.inf)
        end = np.maximum(np.minimum(top, reach), floor)
        if not np.isfinite(end).all():
            raise ValueError(f"nothing limits {names[int(np.argmax(~np.isfinite(end)))]!r}: give it a highest level")
        free = np.flatnonzero(end > floor + 1e-12 * np.maximum(1.0, np.abs(end)))
        x, y = floor.copy(), np.zeros(len(codes))
        if free.size:
            inner = curves.take(free.tolist())
            x[free], y = _interior(inner, A[:, free], b - A @ floor + A[:, free] @ floor[free], floor[free], end[free])
        value = float(curves.value(x).sum())
        bound = _bound(curves, A, b, floor, end, y)
        tight = (b - A @ x <= 1e-6 * np.maximum(1.0, np.abs(b))) & (y * b > 1e-9 * max(abs(value), 1e-12))
        prices = {c: ShadowPrice(float(p), float(p)) for c, p, t in zip(codes, y, tight, strict=True) if t}
        return Decision(
            solution=dict(zip(names, x.tolist(), strict=True)),
            value=value,
            bound=max(bound, value),
            gap=relative_gap(value, bound),
            binding=tuple(prices),
            shadow_prices=prices,
            why=tuple(f"{c}={p.more:.4g}" for c, p in prices.items()),
        )


def _bound(curves: Curves, A: Array, b: Array, low: Array, high: Array, y: Array) -> float:
    """The Lagrangian bound at the prices y >= 0; ``inverse_slope`` takes one price a cell."""
    price = A.T @ y
    best = np.where(price > 0, np.clip(curves.inverse_slope(np.maximum(price, 1e-300)), low, high), high)
    return float(y @ b + (curves.value(best) - price * best).sum())


def _interior(curves: Curves, A: Array, b: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Follow the central path; returns a strictly feasible point and the prices of the rows."""
    n, m = len(low), len(b)
    span = high - low
    x = low + span * min(0.5, 0.5 / max(n, 1))
    size = max(float(curves.value(high).sum()), 1e-12)
    mu = 0.1 * size / (m + 2 * n)
    s = b - A @ x
    y, zl, zu = mu / s, mu / (x - low), mu / (high - x)
    for _ in range(200):
        left, right = x - low, high - x
        s = b - A @ x
        gap = float(y @ s + zl @ left + zu @ right)
        residual = curves.slope(x) - A.T @ y + zl - zu
        if gap <= 1e-13 * size and float(np.abs(residual * span).sum()) <= 1e-12 * size:
            break
        mu = 0.15 * gap / (m + 2 * n)
        diagonal = np.maximum(curves.bend(x), 0.0) + zl / left + zu / right
        # Newton on the perturbed conditions, slacks and bound prices eliminated: (D + A'(Y/S)A) dx = r
        r = curves.slope(x) - A.T @ (mu / s) + mu / left - mu / right
        inverse = 1 / diagonal
        half = A * inverse
        system = np.diag(s / y) + half @ A.T
        dx = inverse * r - half.T @ np.linalg.solve(system, half @ r)
        dy = mu / s - y + (y / s) * (A @ dx)
        dzl, dzu = mu / left - zl - (zl / left) * dx, mu / right - zu + (zu / right) * dx
        step = min(1.0, 0.995 * min(_room(left, dx), _room(right, -dx), _room(s, -(A @ dx))))
        dual = min(1.0, 0.995 * min(_room(y, dy), _room(zl, dzl), _room(zu, dzu)))
        x, y, zl, zu = x + step * dx, y + dual * dy, zl + dual * dzl, zu + dual * dzu
        if step * float(np.abs(dx / span).max()) < 1e-16 and dual > 0.9:
            break
    return x, y


def _room(v: Array, dv: Array) -> float:
    """How far along dv until v reaches 0."""
    down = dv < 0
    return float((-v[down] / dv[down]).min()) if down.any() else np.inf


def _feasible(
    codes: list[str], A: Array, b: Array, names: tuple[str, ...], low: Array, high: Array, labels: Mapping[str, str]
) -> None:
    """Raise the smallest conflict when the minimums alone ask for too much."""
    if (low <= high).all() and (A @ low <= b + 1e-12 * np.maximum(1.0, np.abs(b))).all():
        return
    from regulars.decide.conflicts import smallest_conflict
    from regulars.decide.program import Column, Program, Row

    columns = [
        Column(n, low=float(a), high=float(z), label=labels.get(n, n)) for n, a, z in zip(names, low, high, strict=True)
    ]
    rows = [
        Row(c, dict(zip(names, use.tolist(), strict=True)), high=float(limit), label=labels.get(c, c))
        for c, use, limit in zip(codes, A, b, strict=True)
    ]
    raise smallest_conflict(Program(columns, rows))
