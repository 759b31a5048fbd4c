"""Shapes that repeat: found, shrunk, taken out and put back; not found in noise."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.season_shapes import season_shape


def test_a_shape_with_a_trend_is_found_and_taken_out() -> None:
    pattern = np.array([0.8, 1.0, 1.3, 0.9, 1.0, 1.1, 0.9])
    y = (100 + np.arange(140)) * np.tile(pattern, 20)
    found = season_shape(y[None], 7)
    assert found.clear[0]
    assert found.ahead(7)[0] == pytest.approx(pattern, rel=0.01)
    assert found.without(y[None])[0] == pytest.approx(100 + np.arange(140), rel=0.01)
    assert found.back(found.without(y[None])[:, :14])[0, :7] == pytest.approx(y[:7], rel=0.01)


def test_values_that_may_be_negative_are_shifted_not_scaled() -> None:
    pattern = np.array([-3.0, 0, 5, -2])
    found = season_shape(np.tile(pattern, 12)[None], 4)
    assert not found.ratio[0]
    assert found.ahead(4)[0] == pytest.approx(pattern, abs=1e-9)


def test_noise_has_no_season() -> None:
    rng = np.random.default_rng(1)
    noise = 100 + rng.normal(0, 5, (200, 260))
    walk = np.exp(np.cumsum(rng.normal(0, 0.03, (200, 260)), axis=1))
    for period in (7, 52):
        assert season_shape(noise, period).clear.mean() < 0.12
        # A walk looks like a year now and then; the test on past starts is what keeps that out of a forecast.
        assert season_shape(walk, period).clear.mean() < 0.2


def test_a_smooth_year_is_seen_from_two_years_on_and_not_from_less() -> None:
    rng = np.random.default_rng(2)
    wave = 1 + 0.3 * np.sin(2 * np.pi * np.arange(208) / 52)
    y = 100 * wave * np.exp(rng.normal(0, 0.08, (40, 208)))
    assert season_shape(y, 52).clear.mean() > 0.95
    short = season_shape(y[:, :104], 52)
    assert short.clear.mean() > 0.95
    assert np.median(np.abs(short.shape / wave[:52] - 1)) < 0.05
    assert not season_shape(y[:, :103], 52).clear.any()


def test_two_years_without_a_season_have_none() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(size=(400, 104))
    walk, rest = np.cumsum(noise, axis=1), noise.copy()
    for t in range(1, 104):
        rest[:, t] += 0.8 * rest[:, t - 1]
    for plain in (noise, rest, walk):
        assert season_shape(np.exp(0.05 * plain), 52).clear.mean() < 0.03
    assert not season_shape(np.full((1, 104), 5.0), 52).clear.any()
