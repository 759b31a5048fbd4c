"""What a steady weekly spend brings a week, by every draw of a mix model: the curves a decision is made on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.measure.mix_shapes import saturate
from regulars.measure.response import Curve, curve_through

Array = NDArray[np.float64]
# Curves are compared with spend up to this multiple of the largest seen.
BEYOND = 1.25


class Steady:
    """Steady-state curves of a fitted ``MixModel``: ``effect * saturation(x / half)`` for a sample of its draws.

    Adstock weights add up to 1, so a steady spend is its own adstock and carry-over drops out.

    Args:
        model: a fitted ``MixModel``.
        draws: how many draws to keep, evenly spaced.

    >>> import types
    >>> one = {"effect": np.array([[100.0]]), "half": np.array([[50.0]])}
    >>> steady = Steady(types.SimpleNamespace(draws_=one, channels_=("tv",), saturation="tanh"))
    >>> steady.at(np.array([[50.0]])).round(1).tolist()
    [[[50.0]]]
    """

    def __init__(self, model: Any, *, draws: int = 500) -> None:
        kept = np.unique(np.linspace(0, len(model.draws_["effect"]) - 1, draws).astype(int))
        self.channels: tuple[str, ...] = tuple(model.channels_)
        self.kind: str = model.saturation
        self.effect, self.half = model.draws_["effect"][kept], model.draws_["half"][kept]
        self.slope = model.draws_["slope"][kept] if "slope" in model.draws_ else None
        self.decay = model.draws_["decay"][kept] if "decay" in model.draws_ else None

    def at(self, spend: Array) -> Array:
        """What each channel brings a week (draws, channels, points) at a table of spend (channels, points)."""
        half = np.log(self.half)
        u = half[None] if self.slope is None else np.stack([half, np.log(self.slope)])
        share = saturate(self.kind, np.broadcast_to(spend, (*half.shape, spend.shape[1])), u)[0]
        return np.asarray(self.effect[:, :, None] * share, dtype=float)

    def curve(self, channel: str, largest: float, mean: float, weeks: int, flags: tuple[str, ...]) -> Curve:
        """The nearest curve ``ceiling * x / (x + half)`` over the spend seen, draw by draw and for their mean."""
        c = self.channels.index(channel)
        # Denser towards nothing: money is moved where curves are steep, and a fit on even steps hardly looks there.
        x = BEYOND * largest * np.linspace(0.0, 1.0, 40) ** 2
        every = self.at(np.broadcast_to(x, (len(self.channels), 40)))[:, c]
        halves = largest * np.exp(np.linspace(-4, 3, 120))
        shapes = x / (x + halves[:, None])
        ceilings = every @ shapes.T / (shapes**2).sum(axis=1)
        left = (every**2).sum(axis=1)[:, None] - ceilings**2 * (shapes**2).sum(axis=1)
        best = left.argmin(axis=1)
        own = np.arange(len(every))
        decay = np.zeros(len(every)) if self.decay is None else self.decay[:, c]
        draws = np.column_stack([ceilings[own, best], halves[best], np.zeros(len(every)), decay])
        point = curve_through(draws, x)
        low, high = np.quantile(draws[:, :2], [0.05, 0.95], axis=0)
        ends = [(float(point[i]), float(low[i]), float(high[i])) for i in (0, 1)]
        return Curve(channel, ends[0], ends[1], (0.0, 0.0, 0.0), float(decay.mean()), 1.0, weeks, mean, flags, draws)
