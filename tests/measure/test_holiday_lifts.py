"""Holidays in forecasts: planted effects are found, days that do nothing stay at nothing, the next one is foretold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from regulars.measure.forecast import Forecast
from regulars.measure.holidays import holiday_effects, holidays

FIRST, WEEKS, AHEAD = date(2023, 1, 2), 140, 10
CALENDAR = holidays(FIRST, date(2026, 3, 1), "CN")


def sold(seed: int, effects: dict[str, float], noise: float = 0.05) -> tuple[pd.DataFrame, np.ndarray]:
    """Three years of weeks of one company and its two markets, the newest ten kept back."""
    rng = np.random.default_rng(seed)
    weeks = pd.date_range(FIRST, periods=WEEKS + AHEAD, freq="7D")
    shares = holiday_effects(weeks, "CN")
    moved = np.exp(sum(shares[k].to_numpy() * v for k, v in effects.items()) if effects else np.zeros(len(weeks)))
    parts = []
    for name, level in (("a", 6000.0), ("b", 3000.0)):
        wander = np.exp(np.cumsum(rng.normal(0, 0.01, len(weeks))) + rng.normal(0, noise, len(weeks)))
        parts.append(
            pd.DataFrame({"series": f"m|{name}", "day": weeks, "value": level * wander * moved, "parent": "m"})
        )
    whole = parts[0][["day"]].assign(series="m", value=parts[0]["value"] + parts[1]["value"], parent=None)
    table = pd.concat([whole, *parts], ignore_index=True)
    came = whole["value"].to_numpy()[-AHEAD:]
    return table[table["day"] < weeks[WEEKS]], came


def test_planted_holidays_are_measured_and_others_left_alone() -> None:
    table, _came = sold(1, {"spring_festival": -0.7, "double_11": 0.5})
    found = Forecast(horizon=AHEAD, origins=2).fit(table, holidays=CALENDAR).holidays_
    own = found[found["series"] == "m"].set_index("holiday")
    assert own.loc["spring_festival", "lift"] == pytest.approx(np.exp(-0.7), rel=0.15)
    assert own.loc["double_11", "lift"] == pytest.approx(np.exp(0.5), rel=0.2)
    assert ((own["low"] < own["lift"]) & (own["lift"] < own["high"])).all()
    others = own.drop(index=["spring_festival", "double_11"])
    assert (np.abs(np.log(others["lift"])) < 0.25).all()
    part = found[found["series"] == "m|b"].set_index("holiday")
    assert part.loc["spring_festival", "lift"] == pytest.approx(np.exp(-0.7), rel=0.2)


def test_the_weeks_of_the_next_holiday_are_foretold_better() -> None:
    ratio = []
    for seed in range(5):
        table, came = sold(seed, {"double_11": 0.6, "spring_festival": -0.7, "national_day": 0.4})
        with_, without = (Forecast(horizon=AHEAD, origins=2).fit(table, holidays=h) for h in (CALENDAR, None))
        ratio.append(np.abs(with_.values_[0] - came).sum() / np.abs(without.values_[0] - came).sum())
        assert with_.values_[0] == pytest.approx(with_.values_[1:].sum(axis=0))
    assert np.mean(ratio) < 0.8


def test_where_no_holiday_does_anything_little_is_lost() -> None:
    ratio = []
    for seed in range(6):
        table, came = sold(seed, {})
        with_, without = (Forecast(horizon=AHEAD, origins=2).fit(table, holidays=h) for h in (CALENDAR, None))
        ratio.append(np.abs(with_.values_[0] - came).sum() / np.abs(without.values_[0] - came).sum())
    assert np.mean(ratio) < 1.1


def test_what_cannot_be_read_is_said() -> None:
    numbers = pd.DataFrame({"series": "a", "t": range(40), "value": 1.0})
    with pytest.raises(ValueError, match="holidays need days"):
        Forecast(horizon=4).fit(numbers, holidays=CALENDAR)
    days = numbers.assign(day=pd.date_range(FIRST, periods=40, freq="7D")).drop(columns="t")
    with pytest.raises(ValueError, match="lacks holiday"):
        Forecast(horizon=4).fit(days, holidays=CALENDAR[["day"]])
    assert Forecast(horizon=4).fit(days, holidays=CALENDAR).values_ == pytest.approx(1.0)
