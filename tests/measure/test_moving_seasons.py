"""A season that moves: the recursions of the book, the form that made the series, and better than one that stands."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.combine import said
from regulars.measure.moving_seasons import moving_season
from regulars.measure.season_shapes import season_shape


def made(rng: np.random.Generator, n: int, length: int, alpha: float, gamma: float, noise: float) -> np.ndarray:
    """ETS(A,N,A) with a weekly season that moves by gamma."""
    level, season = np.full(n, 100.0), np.tile([-20.0, -10, 0, 5, 10, 25, -10], (n, 1))
    out = np.empty((n, length))
    for t in range(length):
        error = rng.normal(0, noise, n)
        out[:, t] = level + season[:, t % 7] + error
        level += alpha * error
        season[:, t % 7] += gamma * error
    return out


def test_what_is_reported_is_what_the_recursions_give() -> None:
    y = made(np.random.default_rng(1), 3, 84, 0.3, 0.2, 3)
    y[1, :30] = np.nan
    y[2] -= 300  # below zero: nothing can multiply
    found = moving_season(y, 7, 14)
    assert not found.times[2]
    for i in range(3):
        row = np.log(y[i]) if found.times[i] else y[i]
        start = int(np.isnan(row).sum())
        shape = season_shape(row[None], 7, divide=False).shape[0]
        level, trend = found.first[i]
        season = {(t - len(row)) % 7: shape[(t - len(row)) % 7] for t in range(7)}
        total = 0.0
        for t in range(start, len(row)):
            place = (t - len(row)) % 7
            error = row[t] - level - found.phi[i] * trend - season[place]
            level, trend = level + found.phi[i] * trend + found.alpha[i] * error, found.phi[i] * trend + found.beta[
                i
            ] * error  # fmt: skip
            season[place] += found.gamma[i] * error
            total += error**2
        assert found.sse[i] == pytest.approx(total, rel=1e-6)
        one = level + found.phi[i] * trend + season[0]
        assert found.ahead[i, 0] == pytest.approx(np.exp(one) if found.times[i] else one, rel=1e-6)


def test_a_season_that_moves_is_followed_and_one_that_stands_is_left() -> None:
    rng = np.random.default_rng(2)
    moving, still = made(rng, 40, 400, 0.1, 0.4, 4), made(rng, 40, 400, 0.1, 0.0, 4)
    assert np.median(moving_season(moving[:, :-14], 7, 14).gamma) > 0.2
    assert np.median(moving_season(still[:, :-14], 7, 14).gamma) < 0.06
    told = said(moving[:, :-14], 14, (7,))
    error = {name: np.abs(told[name] - moving[:, -14:]).mean() for name in ("ets", "ets_season")}
    assert error["ets_season"] < 0.9 * error["ets"]


def test_what_multiplies_is_told_from_what_adds() -> None:
    rng = np.random.default_rng(3)
    week = np.tile([0.6, 0.8, 1.0, 1.1, 1.2, 1.5, 0.8], 30)
    growth = np.exp(np.linspace(0, 2, 210))
    times = 100 * growth * week * np.exp(rng.normal(0, 0.04, (20, 210)))
    plus = 200 + 300 * np.linspace(0, 1, 210) + 100 * (week - 1) + rng.normal(0, 6, (20, 210))
    assert moving_season(times, 7, 7).times.mean() > 0.9
    assert moving_season(plus, 7, 7).times.mean() < 0.1
