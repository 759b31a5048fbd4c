"""Concave activities under several limits at once: the levels that earn the most, with a certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from regulars.decide.curves import Array, Curves
from regulars.decide.result import Decision, ShadowPrice, relative_gap


def share_curves(
    limits: Mapping[str, float],
    curves: Curves,
    uses: Mapping[str, Sequence[float]],
    low: ArrayLike,
    high: ArrayLike,
    labels: Mapping[str, str],
) -> Decision[dict[str, float]]:
    """Set the level of every activity; ``uses`` gives per resource what a unit of each activity takes.

    Formula: maximise sum_j f_j(x_j) subject to sum_j use_rj x_j <= limit_r for every resource r and
    low_j <= x_j <= high_j, f_j concave (see ``Curves``; the level x stands for the spend). Solved by a primal-dual
    interior point method: the second derivatives form a diagonal, so each step costs one m x m system for m resources
    whatever the number of activities. At the end the prices y of the resources give the Lagrangian bound
    y'limit + sum_j max_x (f_j(x) - (use'y)_j x), which no plan exceeds; each inner maximum has a closed form.
    Where a limit binds at a corner that leaves several prices, the one in the middle of the set is reported.

    Raises as ``ResourceAllocator.decide``. Source: Boyd and Vandenberghe, Convex Optimization (2004), chapter 11.
    """
    names = curves.channels
    codes = list(limits)
    A = np.array([uses.get(code, [0.0] * len(names)) for code in codes], dtype=float).reshape(-1, len(names))
    b = np.array([limits[c] for c in codes], dtype=float)
    floor, top = (np.broadcast_to(np.asarray(v, dtype=float), (len(names),)).copy() for v in (low, high))
    if set(uses) - set(codes) or (A < 0).any():
        raise ValueError(f"uses must be 0 or more, of the resources {', '.join(codes)}")
    _feasible(codes, A, b, names, floor, top, labels)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = floor + np.min(np.where(A > 0, (b - A @ floor)[:, None] / A, np.inf), axis=0, initial=np.inf)
    end = np.maximum(np.minimum(top, reach), floor)
    if not np.isfinite(end).all():
        raise ValueError(f"nothing limits {names[int(np.argmax(~np.isfinite(end)))]!r}: give it a highest level")
    free = np.flatnonzero(end > floor + 1e-12 * np.maximum(1.0, np.abs(end)))
    x, y = floor.copy(), np.zeros(len(codes))
    if free.size:
        inner = curves.take(free.tolist())
        # A resource that the minimums use up leaves nobody free who needs it: its room is then of no account.
        row = np.flatnonzero((A[:, free] > 0).any(axis=1))
        part = A[np.ix_(row, free)]
        x[free], y[row] = _interior(inner, part, (b - A @ floor)[row] + part @ floor[free], floor[free], end[free])
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
    """Follow the central path; returns a feasible point and the prices of the rows.

    Everything is scaled to the size of 1: levels to their span, rows to their room, money to all there is to earn.
    The distances to the limits are carried along, because high - x loses its digits where x is nearly high.
    """
    n, m, span = len(low), len(b), high - low
    size = max(float(curves.value(high).sum()), 1e-300)
    room = b - A @ low
    use = A * span / room[:, None]
    left = np.full(n, 0.5 / max(float(use.sum(axis=1).max(initial=0.0)), 1.0))
    right, s = 1 - left, 1 - use @ left
    mu = 0.1 / (m + 2 * n)
    y, zl, zu = mu / s, mu / left, mu / right
    # What is kept is the iterate with the smallest certified gap: past it only rounding moves.
    best, kept, since = np.inf, (low.copy(), y * size / room), 0
    for _ in range(300):
        x = np.where(left < 0.5, low + span * left, high - span * right)
        # Rounding may leave a row over by its last digit: step back towards the minimums, which fit.
        over = max(float(((A @ x - A @ low) / room).max(initial=0.0)), 1.0)
        point, price = np.clip(low + (x - low) / over, low, high), y * size / room
        certified = _bound(curves, A, b, low, high, price) - float(curves.value(point).sum())
        if certified < best:
            best, kept, since = certified, (point, price), 0
        since += 1
        if best <= 1e-15 * size or (since > 8 and best <= 1e-6 * size):
            break
        slope, bend = curves.slope(x) * span / size, curves.bend(x) * span**2 / size
        gap = float(y @ s + zl @ left + zu @ right)
        off = float(np.abs(slope - use.T @ y + zl - zu).sum())
        mu = (0.1 if off <= 10 * gap else 0.5) * gap / (m + 2 * n)
        # Newton on the perturbed conditions, slacks and bound prices eliminated: (D + A'(Y/S)A) dx = r
        inverse = 1 / (bend + zl / left + zu / right)
        r = slope - use.T @ (mu / s) + mu / left - mu / right
        half = use * inverse
        dx = inverse * r - half.T @ np.linalg.solve(np.diag(s / y) + half @ use.T, half @ r)
        ds = -(use @ dx)
        dy = mu / s - y - (y / s) * ds
        dzl, dzu = mu / left - zl - (zl / left) * dx, mu / right - zu + (zu / right) * dx
        step = min(1.0, 0.99 * min(_room(left, dx), _room(right, -dx), _room(s, ds)))
        dual = min(1.0, 0.99 * min(_room(y, dy), _room(zl, dzl), _room(zu, dzu)))
        left, right, s = left + step * dx, right - step * dx, s + step * ds
        y, zl, zu = y + dual * dy, zl + dual * dzl, zu + dual * dzu
        if not (np.isfinite(left).all() and np.isfinite(y).all() and s.min(initial=1.0) > 0):
            break
    return _polish(curves, A, b, low, high, kept, best)


def _polish(
    curves: Curves, A: Array, b: Array, low: Array, high: Array, kept: tuple[Array, Array], gap: float
) -> tuple[Array, Array]:
    """Newton on the prices of the rows that bind, levels in closed form: the last digits of the certificate."""
    y, room = kept[1].copy(), b - A @ low
    y[y * room <= 1e-7 * max(float((y * room).sum()), 1e-300)] = 0.0
    rows = np.flatnonzero(y > 0)
    for _ in range(6):
        price = A.T @ y
        x = np.where(price > 0, np.clip(curves.inverse_slope(np.maximum(price, 1e-300)), low, high), high)
        over = max(float(((A @ x - A @ low) / room).max(initial=0.0)), 1.0)
        point = np.clip(low + (x - low) / over, low, high)
        certified = _bound(curves, A, b, low, high, y) - float(curves.value(point).sum())
        if certified < gap:
            gap, kept = certified, (point, y.copy())
        bend = curves.bend(x)
        give = np.where((x > low) & (x < high) & (bend > 0), 1 / np.maximum(bend, 1e-300), 0.0)
        system = (A[rows] * give) @ A[rows].T
        if not rows.size or np.linalg.matrix_rank(system) < rows.size:
            break
        y[rows] = np.maximum(y[rows] + np.linalg.solve(system, (A @ x - b)[rows]), 0.0)
    return kept


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
