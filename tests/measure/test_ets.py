"""Exponential smoothing against its closed forms and the worked example of the textbook."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.ets import best, ets

# Australian air passengers (millions), 1990-2016: Hyndman & Athanasopoulos, Forecasting: Principles and Practice,
# 2nd ed., section 7.2, with the rates, first states and forecasts of Holt's method given there.
AIR = [17.55, 21.86, 23.89, 26.93, 26.89, 28.83, 30.08, 30.95, 30.19, 31.58, 32.58, 33.48, 39.02, 41.39, 41.60, 44.66,
       46.95, 48.73, 51.49, 50.03, 60.64, 63.36, 66.36, 68.20, 68.12, 69.78, 72.60]  # fmt: skip


def filtered(y: np.ndarray, alpha: float, beta: float, phi: float, level: float, trend: float) -> float:
    """The sum of squared one-step errors, step by step as the book writes it."""
    total = 0.0
    for value in y:
        ahead = level + phi * trend
        error = value - ahead
        total += error**2
        level, trend = ahead + alpha * error, phi * trend + beta * error
    return total


def test_what_is_reported_is_what_the_recursions_give() -> None:
    rng = np.random.default_rng(1)
    y = np.cumsum(rng.normal(0.3, 1, (4, 60)), axis=1) + 50
    y[2, :25] = np.nan
    for form, one in ets(y).items():
        for i, row in enumerate(y):
            known = row[np.isfinite(row)]
            by_hand = filtered(known, one.alpha[i], one.alpha[i] * one.share[i], one.phi[i], *one.first[i])
            assert one.sse[i] == pytest.approx(by_hand, rel=1e-6), form


def test_no_other_rates_or_first_states_do_better() -> None:
    rng = np.random.default_rng(2)
    y = (np.cumsum(rng.normal(0.2, 1, 80)) + 5 * rng.normal(size=80) + 100)[None]
    found = ets(y)
    for _ in range(300):
        alpha, share, phi = rng.uniform(0.01, 0.99), rng.uniform(0.01, 0.99), rng.uniform(0.8, 0.98)
        start, slope = y[0, 0] + rng.normal(0, 3), rng.normal(0.2, 0.3)
        assert found["level"].sse[0] <= filtered(y[0], alpha, 0, 0, start, 0) * 1.001
        assert found["trend"].sse[0] <= filtered(y[0], alpha, alpha * share, 1, start, slope) * 1.005
        assert found["damped"].sse[0] <= filtered(y[0], alpha, alpha * share, phi, start, slope) * 1.005


def test_the_air_passengers_of_the_textbook() -> None:
    one = ets(np.array([AIR]))["trend"]
    known = filtered(np.array(AIR), 0.8302, 0.0001, 1.0, 15.57, 2.102)
    assert one.sse[0] <= known
    # Five years on the book has 74.60, 76.70, 78.80, 80.91, 83.01.
    assert one.ahead(5)[0] == pytest.approx([74.60, 76.70, 78.80, 80.91, 83.01], rel=0.01)


def test_the_form_that_made_the_series_is_found() -> None:
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1, (60, 120))
    level = 100 + np.cumsum(0.3 * noise, axis=1) + noise
    trend = 100 + 2.0 * np.arange(120) + noise
    assert (best(ets(level))[0] == "level").mean() > 0.75
    assert (best(ets(trend))[0] != "level").all()


def test_rows_do_not_touch_each_other_and_units_do_not_matter() -> None:
    y = np.cumsum(np.random.default_rng(4).normal(1, 2, (5, 50)), axis=1) + 80
    y[3, :20] = np.nan
    together = ets(y)["damped"].ahead(4)
    for i in range(5):
        alone = ets(1000 * y[i : i + 1, np.isfinite(y[i])])["damped"].ahead(4)
        assert alone[0] == pytest.approx(1000 * together[i], rel=1e-6)
