from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pytest

from regulars.measure import Monitor
from regulars.measure.residuals import baseline

Noise = Callable[[np.random.Generator], np.ndarray]
# Gaussian days pass this about once in 800 days, Poisson days less often.
FAR = 4.0


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
    values = noise(np.random.default_rng(0))[:, None]
    z = baseline(values, floor=floor).z(values)
    assert np.nanmean(np.abs(z) > FAR) < 0.005


def test_weekends_are_not_news() -> None:
    rng = np.random.default_rng(1)
    week = np.array([100, 100, 100, 100, 160, 300, 40.0])
    values = (np.tile(week, 30) + rng.normal(0, 5, 210))[:, None]
    assert np.nanmax(np.abs(baseline(values).z(values))) < FAR + 1


def frame(values: dict[str | None, np.ndarray], name: str = "revenue") -> pd.DataFrame:
    parts = [
        pd.DataFrame({"figure": name, "day": pd.date_range("2026-01-01", periods=len(v)), "channel": c, "value": v})
        for c, v in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_a_fall_is_heard_of_the_whole_and_of_its_channel_alone() -> None:
    rng = np.random.default_rng(2)
    shop, web = 1000 + rng.normal(0, 20, 90), 500 + rng.normal(0, 10, 90)
    web[-2] = 0
    found = Monitor().fit(frame({None: shop + web, "shop": shop, "web": web}), until=date(2026, 3, 31)).alarms_
    named = found["channel"].fillna("all")
    assert {(c, d.date()) for c, d in zip(named, found["day"], strict=True)} == {
        ("all", date(2026, 3, 30)), ("web", date(2026, 3, 30)),
    }  # fmt: skip
    whole = found[found["channel"].isna()].iloc[0]
    assert whole["expected"] == pytest.approx(1500, abs=30)
    assert whole["z"] < -FAR


def test_days_without_a_row_are_zero_days() -> None:
    rng = np.random.default_rng(3)
    own = frame({None: rng.poisson(40, 80).astype(float)}, "orders").iloc[:-3]
    found = Monitor().fit(own, until=date(2026, 3, 21)).alarms_
    days = {d.date() for a, b in zip(found["day"], found["end"], strict=True) for d in pd.date_range(a, b)}
    assert {date(2026, 3, 19), date(2026, 3, 20), date(2026, 3, 21)} <= days


def test_a_short_history_says_nothing() -> None:
    model = Monitor().fit(frame({None: np.ones(20)}), until=date(2026, 1, 20))
    assert model.alarms_.empty
