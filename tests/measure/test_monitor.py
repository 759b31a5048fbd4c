from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from regulars.measure.monitor import THRESHOLD, monitor, robust_z

Noise = Callable[[np.random.Generator], np.ndarray]


@pytest.mark.parametrize(
    ("noise", "floor"),
    [
        (lambda r: r.normal(size=7 * 600), 0.0),
        (lambda r: np.sqrt(r.poisson(3, 7 * 600)), 0.5),
        (lambda r: np.sqrt(r.poisson(50, 7 * 600)), 0.5),
        (lambda r: np.sqrt(r.gamma(4, size=7 * 600)), 0.0),
    ],
)
def test_noise_rings_less_than_once_in_two_hundred_days(noise: Noise, floor: float) -> None:
    z = robust_z(noise(np.random.default_rng(0)), np.arange(7 * 600) % 7, floor=floor)
    assert np.nanmean(np.abs(z) > THRESHOLD) < 0.005


def test_weekends_are_not_news() -> None:
    rng = np.random.default_rng(1)
    week = np.array([100, 100, 100, 100, 160, 300, 40.0])
    z = robust_z(np.tile(week, 30) + rng.normal(0, 5, 210), np.arange(210) % 7)
    assert np.nanmax(np.abs(z)) < THRESHOLD + 1


def frame(values: dict[str | None, np.ndarray], name: str = "revenue") -> pd.DataFrame:
    parts = [
        pd.DataFrame({"name": name, "day": pd.date_range("2026-01-01", periods=len(v)), "channel": c, "value": v})
        for c, v in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_fall_is_reported_with_its_cause() -> None:
    rng = np.random.default_rng(2)
    shop, web = 1000 + rng.normal(0, 20, 90), 500 + rng.normal(0, 10, 90)
    web[-2] = 0
    alerts = monitor(frame({None: shop + web, "shop": shop, "web": web}), until=date(2026, 3, 31))
    assert [(a.name, a.day, a.way) for a in alerts] == [("revenue", date(2026, 3, 30), "down")]
    assert alerts[0].causes[0][0] == "web"
    assert alerts[0].causes[0][1] == pytest.approx(1.0, abs=0.15)
    assert alerts[0].expected == pytest.approx(1500, abs=30)


def test_days_without_a_row_are_zero_days() -> None:
    rng = np.random.default_rng(3)
    own = frame({None: rng.poisson(40, 80).astype(float)}, "orders").iloc[:-3]
    days = {a.day for a in monitor(own, until=date(2026, 3, 21))}
    assert {date(2026, 3, 19), date(2026, 3, 20), date(2026, 3, 21)} <= days


def test_a_short_history_says_nothing() -> None:
    assert monitor(frame({None: np.ones(20)}), until=date(2026, 1, 20)) == []
