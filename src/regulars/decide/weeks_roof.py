"""The lowest concave function above what stocks bring, when each is held within an interval of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from regulars.decide.curves import Array, Curves
from regulars.decide.envelope import Cells, hull, touch

# Start, end, height at the start, rise of a straight stretch.
Straight = tuple[float, float, float, float]


class Roof:
    """Above each stock its curve, bridged by straight stretches; beyond its interval it goes straight on.

    ``low`` and ``high`` are the intervals (cells,), ``bridges`` the stretches of each cell.
    """

    def __init__(self, curves: Curves, low: Array, high: Array, bridges: Sequence[Sequence[Straight]]) -> None:
        self.curves, self.low, self.high = curves, low, np.maximum(high, low)
        most = max((len(b) for b in bridges), default=0)
        self.at = np.full((most, 4, len(low)), np.nan)
        self.at[:, 0] = np.inf
        for j, cell in enumerate(bridges):
            for k, one in enumerate(cell):
                self.at[k, :, j] = one

    def value(self, s: Array) -> Array:
        """Height above each stock."""
        inside = np.clip(s, self.low, self.high)
        height = self.curves.value(inside)
        for start, end, base, rise in self.at:
            height = np.where((inside >= start) & (inside <= end), base + rise * (inside - start), height)
        beyond = s - inside
        return np.asarray(height + self.slope(s)[0] * beyond if beyond.any() else height)

    def slope(self, s: Array) -> tuple[Array, Array]:
        """Slope, and how fast it falls."""
        inside = np.clip(s, self.low, self.high)
        slope, bend = self.curves.slope(inside), np.maximum(self.curves.bend(inside), 0.0)
        bend = np.where(s == inside, bend, 0.0)
        for start, end, _, rise in self.at:
            bridged = (inside >= start) & (inside <= end)
            slope, bend = np.where(bridged, rise, slope), np.where(bridged, 0.0, bend)
        return np.asarray(slope), np.asarray(bend)


class Roofs:
    """Roofs over the same cells, channels by weeks; what was found for an interval is kept."""

    def __init__(self, curves: Curves, season: Array) -> None:
        self.curves, self.season, n = curves, season, len(curves.channels)
        self.wide = curves.take(np.repeat(np.arange(n), len(season)).tolist()).times(np.tile(season, n))
        self.factor = np.tile(season, n)
        self.channel = np.repeat(np.arange(n), len(season))
        self.odd = np.flatnonzero(curves.curved[self.channel])
        self.kept: dict[tuple[int, float, float], tuple[Straight, ...]] = {}
        self.singles = {i: curves.take([i]) for i in np.flatnonzero(curves.curved).tolist()}

    def over(self, low: Array, high: Array) -> Roof:
        """The lowest concave function above the curves between low and high."""
        bridges: list[Sequence[Straight]] = [()] * len(low)
        for j in self.odd.tolist():
            times = float(self.factor[j])
            found = self.bridges(int(self.channel[j]), float(low[j]), float(high[j]))
            bridges[j] = [(a, b, times * base, times * rise) for a, b, base, rise in found]
        return Roof(self.wide, low, high, bridges)

    def below(self, low: Array, high: Array, s: Array, turned: Any) -> Roof:
        """A function that touches at s: the curve where it has turned concave, its tangent elsewhere."""
        bridges: list[Sequence[Straight]] = [()] * len(low)
        value, slope = self.wide.value(s), self.wide.slope(s)
        for j in self.odd[~turned[self.odd]].tolist():
            base = float(value[j] - slope[j] * (s[j] - low[j]))
            bridges[j] = [(float(low[j]), float(high[j]), base, float(slope[j]))]
        return Roof(self.wide, low, high, bridges)

    def bridges(self, i: int, low: float, high: float) -> tuple[Straight, ...]:
        """The straight stretches of one channel between low and high, for a season of 1."""
        key = (i, low, high)
        if key not in self.kept:
            self.kept[key] = self._bridges(self.singles[i], low, high)
        return self.kept[key]

    def _bridges(self, one: Curves, low: float, high: float) -> tuple[Straight, ...]:
        if high - low <= 1e-9 * max(high, 1.0):
            return ()
        ends, none = (np.array([low]), np.array([high])), np.zeros(1)
        cell = Cells(one, *ends, np.zeros(1, dtype=bool), none)
        first = float(one.value(ends[0])[0])
        if one.worth.ndim == 1 or len(one.worth) == 1:
            until = float(touch(cell, np.array([0]), ends[0], np.array([first]))[0])
            if until <= low:
                return ()
            return ((low, until, first, (float(one.value(np.array([until]))[0]) - first) / (until - low)),)
        straight = [(a, width, rise) for a, width, rise in hull(cell, 0, low, first)[0] if not np.isnan(rise)]
        heights = one.take([0] * len(straight)).value(np.array([a for a, _, _ in straight])) if straight else none
        return tuple((a, a + w, float(h), r) for (a, w, r), h in zip(straight, heights, strict=False))
