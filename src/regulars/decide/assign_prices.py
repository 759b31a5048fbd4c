"""The prices of the limits: the dual of the assignment, smoothed, and sharpened step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import minimize

from regulars.decide.assign_offers import PIECE, Crowd, Rows
from regulars.decide.curves import Array

SHARPER: Final = (0.3, 0.05, 0.01, 0.002)  # shares of what the best option is worth on average
STEPS: Final = 60


@dataclass
class Prices:
    """Minimises g(y) = sum_p max(0, max_o (w_po - y . a_po)) + y . b over y >= 0.

    The inner maximum is smoothed, t log(1 + sum_o exp((w_po - y . a_po) / t)), which lies at most t log(1 + options)
    above it and has a gradient: what is used of each limit when people choose with the logit law. A quasi-Newton
    method with bounds minimises it, t falling from one start to the next. The answer need not be the exact minimum:
    g bounds at any y >= 0, and the programme of those almost indifferent gives the last digits.

    Source: Nesterov, Mathematical Programming 103 (2005) 127-152; Byrd, Lu, Nocedal and Zhu, SIAM Journal on
    Scientific Computing 16 (1995) 1190-1208.
    """

    crowd: Crowd
    rows: Rows
    most: Array

    def lowest(self, start: Array, sharper: tuple[float, ...] = SHARPER, steps: int = STEPS) -> Array:
        """Prices close to the lowest bound."""
        top = self.crowd.worth.max(axis=1, initial=0.0)
        size = float(top.mean()) if len(top) else 0.0
        if size <= 0:
            return start
        scale = self._scale(size)
        total = size * max(self._people, 1.0)
        y = start / scale
        for t in sharper:
            found: Any = minimize(
                self._smooth, y, args=(t * size, scale, total), jac=True, method="L-BFGS-B",
                bounds=[(0.0, None)] * len(y), options={"maxiter": steps, "maxcor": 20, "ftol": 1e-10, "gtol": 1e-7},
            )  # fmt: skip
            y = np.asarray(found.x)
        return np.maximum(y, 0.0) * scale

    @property
    def _people(self) -> float:
        return float(len(self.crowd.who) if self.crowd.weight is None else self.crowd.weight.sum())

    def _scale(self, size: float) -> Array:
        """What one unit of each limit is worth, roughly: what an option is worth by what it uses."""
        out = np.full(len(self.most), size)
        for r, kind in enumerate(self.rows.kind.tolist()):
            use = self.crowd.uses[kind - 1] if kind else None
            if use is not None:
                own = use[self.crowd.worth > 0]
                out[r] = size / max(float(own.mean()) if own.size else 0.0, 1e-12)
        return out

    def _smooth(self, y: Array, t: float, scale: Array, total: float) -> tuple[float, Array]:
        """The smoothed bound and its gradient, both over the size of the whole."""
        crowd, dual = self.crowd, y * scale
        price = self.rows.prices(dual)
        sums, value = np.zeros((3, crowd.options)), 0.0
        for at in range(0, len(crowd.who), PIECE):
            piece = slice(at, at + PIECE)
            net = crowd.piece(price, piece)
            net /= t
            best = np.maximum(net.max(axis=1), 0.0)
            share = np.exp(net - best[:, None], out=net)
            whole = share.sum(axis=1) + np.exp(-best)
            weight = 1.0 if crowd.weight is None else crowd.weight[piece]
            value += float((t * (best + np.log(whole)) * weight).sum())
            share *= (weight / whole)[:, None]
            self._add(sums, piece, share)
        gradient = (self.most - self.rows.used(sums)) * scale
        return (value + float(dual @ self.most)) / total, gradient / total

    def _add(self, sums: Array, piece: slice, share: Array) -> None:
        """Add what these people use by kind and option, each option taken in its share."""
        amounts = [share, *(None if use is None else share * use[piece] for use in self.crowd.uses)]
        if self.crowd.dense:
            for kind, amount in enumerate(amounts):
                if amount is not None:
                    sums[kind] += amount.sum(axis=0)
            return
        flat = self.crowd.option[piece].ravel().astype(np.intp)
        flat[flat < 0] = 0  # nobody takes what is not there: its share is 0
        for kind, amount in enumerate(amounts):
            if amount is not None:
                sums[kind] += np.bincount(flat, amount.ravel(), self.crowd.options)
