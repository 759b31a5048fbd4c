"""Concave programmes by an interior point method, with a bound that no plan exceeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from regulars.decide.curves import Array

# No step goes all the way to a limit; past this many steps nothing better comes.
_SHY, _STEPS = 0.995, 120


class Goal(Protocol):
    """A concave function of n amounts, which may need helpers (further amounts) and conditions of its own."""

    def helpers(self) -> Array:
        """Limits (2, h) of the helpers, which come after the amounts."""
        ...

    def conditions(self, x: Array) -> tuple[Array, Array]:
        """Concave functions (k,) of amounts and helpers that must be 0 or more, and their slopes (k, n + h)."""
        ...

    def at(self, x: Array, q: Array) -> tuple[Array, Array]:
        """Slope (n + h,), and bend (n + h,) or blocks (chains, t, t) with the conditions weighted by q (k,)."""
        ...

    def value(self, x: Array) -> float:
        """The function itself."""
        ...

    def ceiling(self, x: Array, q: Array) -> tuple[float, Array]:
        """Height and slope of a plane that lies on or above the function everywhere, touching it near x."""
        ...


@dataclass(frozen=True)
class Inside:
    """Amounts, the prices of the rows, what the amounts bring, and what no amounts can exceed."""

    x: Array
    prices: Array
    value: float
    bound: float
    steps: int


def maximise(
    goal: Goal, low: Array, high: Array, rows: Array, least: Array, most: Array, *, size: float, gap: float = 1e-9
) -> Inside | None:
    """Maximise a concave function with low <= x <= high and least <= rows @ x <= most; None where it finds no way.

    Primal-dual path following with Mehrotra's predictor and corrector; a step costs one factorisation of an m x m
    matrix. The bound holds whatever the steps did: for any row prices y and any plane c + g'x above the function,
    f(x) <= c + sum_i max(y_i least_i, y_i most_i) + max over the limits of (g - rows'y)'x.

    ``size`` is what the function is measured in: a duality gap below ``gap * size`` ends the search. Limits must be
    finite and low < high. Source: Wright, Primal-Dual Interior-Point Methods (1997), chapter 10; Boyd and
    Vandenberghe, Convex Optimization (2004), section 5.1.
    """
    more = goal.helpers()
    ways = (1e9, 1.0, 30.0) if more.size else (1.0, 1e9)
    best: Inside | None = None
    for loose in ways:
        path = _Path(goal, np.append(low, more[0]), np.append(high, more[1]), rows, least, most, size, loose)
        best = _follow(path, low, high, rows, least, most, gap, best)
        if best is not None and best.bound - best.value <= max(10 * gap, 1e-8) * min(size, abs(best.value)):
            break
    return best


def by_planes(goal: Goal, low: Array, high: Array, rows: Array, least: Array, most: Array) -> Inside | None:
    """Amounts within the rows and a bound from a few planes, where no path inside is found; None where none keep to it.

    The bound is true and poor: who splits the limits finds a path again.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    slack = 1e-9 * (1 + np.abs(rows) @ np.maximum(np.abs(low), np.abs(high)))
    asked = LinearConstraint(rows, least - slack, most + slack)
    q, bound, x = np.zeros(max(goal.helpers().shape[1] - 1, 0)), np.inf, 0.5 * (low + high)
    for _ in range(4):
        height, slope = goal.ceiling(x, q)
        found = milp(-slope / max(float(np.abs(slope).max(initial=0.0)), 1e-300), constraints=asked,
                     bounds=Bounds(low, high))  # fmt: skip
        if found.x is None:
            return None
        far = np.clip(found.x, low, high)
        bound, x = min(bound, height + float(slope @ (far - x))), far if not np.isfinite(bound) else 0.5 * (x + far)
    return Inside(far, np.zeros(len(rows)), goal.value(far), bound, 0)


def _follow(
    path: _Path, low: Array, high: Array, rows: Array, least: Array, most: Array, gap: float, best: Inside | None
) -> Inside | None:  # fmt: skip
    """Walk one path to its end; the better of what it finds and what was known."""
    goal, n, size = path.goal, len(low), path.size
    worse = 0
    for step in range(_STEPS):
        path.look()
        if path.off < 1e-9 and path.mu * len(path.v) < 1e-4:
            every = path.amounts()
            x, (prices, q) = np.clip(every[:n], low, high), path.prices()
            value = goal.value(np.append(x, every[n:]))
            height, slope = goal.ceiling(np.append(x, every[n:]), q)
            bound = height + _above(slope[:n], x, prices, low, high, rows, least, most)
            if best is None or bound - value < best.bound - best.value:
                best, worse = Inside(x, prices, value, bound, step), 0
            else:
                worse += 1
            if best.bound - best.value <= gap * min(size, abs(best.value)) or worse >= 8:
                break
        if not path.step():
            break
    return best


def _above(
    slope: Array, x: Array, y: Array, low: Array, high: Array, rows: Array, least: Array, most: Array
) -> float:  # fmt: skip
    """How much further than at x a plane can rise within the limits and, at these prices, the rows."""
    side = np.where(y > 0, most, least)
    y = np.where(np.isfinite(side), y, 0.0)
    left = slope - rows.T @ y
    reach = np.maximum(left * (high - x), left * (low - x))
    held = np.where(y != 0, y * (np.where(np.isfinite(side), side, 0.0) - rows @ x), 0.0)
    return float(reach.sum()) + float(held.sum())


class _Path:
    """The way inside: amounts and row sums v between limits, multipliers of the limits, and the row prices y."""

    def __init__(
        self, goal: Goal, low: Array, high: Array, rows: Array, least: Array, most: Array, size: float, loose: float
    ) -> None:
        self.goal, self.base, self.unit, self.size, self.n = goal, low, high - low, size, len(low)
        self.linear, own = len(rows), len(goal.conditions(0.5 * (low + high))[0])
        wide = np.zeros((self.linear, self.n))
        wide[:, : rows.shape[1]] = rows
        self.norm = np.abs(wide * self.unit).max(axis=1, initial=0.0)
        self.norm[self.norm == 0] = 1.0
        start = wide @ low
        least = np.append((least - start) / self.norm, np.zeros(own))
        most = np.append((most - start) / self.norm, np.full(own, np.inf))
        self.rows = np.vstack([wide * self.unit / self.norm[:, None], np.zeros((own, self.n))])
        x = np.full(self.n, 0.5)
        self.equal = most <= least + 1e-12 * np.maximum(1.0, np.abs(np.where(np.isfinite(least), least, 0.0)))
        self.free = np.flatnonzero(~self.equal)
        self.asked = np.where(self.equal, most, 0.0)
        sums = self._sums(x)
        # Row sums have limits too; an endless side is put beyond what the limits of the amounts allow.
        up, down = np.maximum(self.rows, 0.0).sum(axis=1), np.minimum(self.rows, 0.0).sum(axis=1)
        top = np.append(np.maximum(up, least)[: self.linear] + 1.0, 2 * np.abs(sums[self.linear :]) + 4.0)
        lows = np.where(np.isfinite(least), least, np.minimum(down, most) - 1.0)[self.free]
        highs = np.where(np.isfinite(most), most, top)[self.free]
        sums = np.clip(sums[self.free], lows + 0.1 * (highs - lows), highs - 0.1 * (highs - lows))
        self.low, self.high = np.append(np.zeros(self.n), lows), np.append(np.ones(self.n), highs)
        self.v = np.append(x, sums)
        self.mu, self.loose = 0.1, loose
        self.z_low, self.z_high = self.mu / (self.v - self.low), self.mu / (self.high - self.v)
        self.y = np.zeros(len(self.rows))
        if own:
            self.y[self.linear :] = -1 / own

    def amounts(self, more: Array | float = 0.0) -> Array:
        """Where we stand, as amounts."""
        return self.base + self.unit * (self.v + more)[: self.n]

    def prices(self) -> tuple[Array, Array]:
        """Of the rows that were given, and the weights of the conditions."""
        return self.y[: self.linear] / self.norm * self.size, np.maximum(-self.y[self.linear :], 0.0)

    def _sums(self, x: Array) -> Array:
        """What the rows come to, the slopes of the conditions renewed."""
        sums = self.rows @ x
        if len(self.rows) > self.linear:
            values, slopes = self.goal.conditions(self.base + self.unit * x)
            self.rows[self.linear :] = slopes * self.unit / self.size
            sums[self.linear :] = values / self.size
        return sums

    def look(self) -> None:
        """Slopes and what is still missing at this point."""
        sums = self._sums(self.v[: self.n])
        slope, bend = self.goal.at(self.amounts(), self.prices()[1])
        self.slope = slope * self.unit / self.size
        if bend.ndim == 1:
            self.bend = bend * self.unit**2 / self.size
        else:
            own = self.unit.reshape(bend.shape[:2])
            self.bend = bend * own[:, :, None] * own[:, None, :] / self.size
        sums[self.free] -= self.v[self.n :]
        self.miss = self.asked - sums
        size = max(1.0, float(np.abs(self.v).max(initial=0.0)))
        # conditions may still be off: value and bound are taken from the function itself
        self.off = float(np.abs(self.miss[: self.linear]).max(initial=0.0)) / size
        self.bent = float(np.abs(self.miss[self.linear :]).max(initial=0.0))

    def step(self) -> bool:
        """Predict, correct, and go as far as the limits let; False when nothing moves any more."""
        n, free = self.n, self.free
        below, above = self.v - self.low, self.high - self.v
        theta = self.z_low / below + self.z_high / above
        pull = np.concatenate([self.slope, np.zeros(len(free))])
        pull[:n] -= self.rows.T @ self.y
        pull[n:] += self.y[free]
        solve = _factor(self.bend, theta[:n])
        spread = solve(self.rows.T)
        square = self.rows @ spread
        square[free, free] += 1 / theta[n:]
        square[np.diag_indices(len(square))] += 1e-14 * (1 + np.diag(square))

        def direction(target_low: Array, target_high: Array) -> tuple[Array, Array, Array, Array]:
            push = pull + target_low / below - target_high / above
            first = solve(push[:n])
            right = self.rows @ first - self.miss
            right[free] -= push[n:] / theta[n:]
            dy = np.linalg.solve(square, right)
            dv = np.concatenate([first - spread @ dy, (push[n:] + dy[free]) / theta[n:]])
            dl = (target_low - self.z_low * dv) / below - self.z_low
            dh = (target_high + self.z_high * dv) / above - self.z_high
            return dv, np.asarray(dy), np.asarray(dl), np.asarray(dh)

        dv, dy, dl, dh = direction(np.zeros_like(self.v), np.zeros_like(self.v))
        a = self._reach(dv, dl, dh)
        now = float(self.z_low @ below + self.z_high @ above)
        then = float((self.z_low + a * dl) @ (below + a * dv) + (self.z_high + a * dh) @ (above - a * dv))
        wrong = self._wrong(0.0, dv, dy, dl, dh)
        # Slopes that are far off say nothing about the end: first they are put right.
        if max(wrong, self.bent) < 100 * self.mu:
            aim = np.full_like(self.v, self.mu * min(max((then / now) ** 3, 1e-4), 1.0))
            dv, dy, dl, dh = direction(aim - dv * dl, aim + dv * dh)
        else:
            aim = np.full_like(self.v, self.mu if a < 0.1 else 0.3 * self.mu)
            dv, dy, dl, dh = direction(aim, aim)
        a = self._reach(dv, dl, dh)
        # A curve that bends within the step can throw the slopes off: then go half as far.
        for _ in range(20):
            if self._wrong(a, dv, dy, dl, dh) <= max(2 * wrong, 10 * self.mu) * self.loose:
                break
            a *= 0.5
        self.v, self.y = self.v + a * dv, self.y + a * dy
        self.z_low, self.z_high = self.z_low + a * dl, self.z_high + a * dh
        below, above = self.v - self.low, self.high - self.v
        self.mu = float(self.z_low @ below + self.z_high @ above) / (2 * len(self.v))
        return bool(a > 1e-9 and np.isfinite(self.v).all() and (below > 0).all() and (above > 0).all())

    def _reach(self, dv: Array, dl: Array, dh: Array) -> float:
        """How much of the step the limits and the signs of their multipliers let through."""
        ways = ((self.v - self.low, dv), (self.high - self.v, -dv), (self.z_low, dl), (self.z_high, dh))
        return min(1.0, *(_SHY * float(np.min(room[d < 0] / -d[d < 0], initial=np.inf)) for room, d in ways))

    def _wrong(self, a: float, dv: Array, dy: Array, dl: Array, dh: Array) -> float:
        """How far slopes and prices are apart after so much of the step."""
        x, y = self.amounts(a * dv), self.y + a * dy
        slope = self.goal.at(x, np.maximum(-y[self.linear :], 0.0))[0] * self.unit / self.size
        z = self.z_low + a * dl - self.z_high - a * dh
        left = slope - self.rows[: self.linear].T @ y[: self.linear] + z[: self.n]
        if len(y) > self.linear:
            left -= (self.goal.conditions(x)[1] * self.unit / self.size).T @ y[self.linear :]
        return float(max(np.abs(left).max(initial=0.0), np.abs(y[self.free] + z[self.n :]).max(initial=0.0)))


def _factor(bend: Array, theta: Array) -> Callable[[Array], Array]:
    """Solve (bend + theta) z = r for one or many r; bend is a diagonal or blocks along it."""
    if bend.ndim == 1:
        whole = bend + theta
        return lambda r: r / (whole[:, None] if r.ndim == 2 else whole)
    chains, weeks, _ = bend.shape
    blocks = bend.copy()
    blocks[:, range(weeks), range(weeks)] += theta.reshape(chains, weeks)
    return lambda r: np.asarray(np.linalg.solve(blocks, r.reshape(chains, weeks, -1)).reshape(r.shape))
