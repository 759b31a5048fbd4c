from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.home import Settings
from regulars.measure.holidays import CALENDARS, country_of, easter, holiday_effects, holidays

# What the published file moves to a weekday or leaves out, country by country; the sky says Qingming is on 4 April.
AWAY = {"CN": {"qingming"}, "GB": {"spring_bank_holiday"}, "FR": {"whit_monday"}}


@pytest.mark.shared_data
@pytest.mark.parametrize("country", ["CN", "US", "GB", "DE", "FR", "JP"])
def test_public_holidays_are_those_of_the_published_calendar(shared_data: Path, country: str) -> None:
    listed = pd.read_csv(shared_data / "mmm_robyn" / "dt_prophet_holidays.csv.gz", parse_dates=["ds"])
    listed = listed[(listed["country"] == country) & (listed["year"] >= 2000)]
    ours = holidays(date(2000, 1, 1), date(2044, 12, 31), country)
    days = ours[ours["off"] & (ours["eve"] == 0)]
    missing = days[~days["day"].isin(listed["ds"])]
    assert set(missing["holiday"]) <= AWAY.get(country, set())
    assert len(days) - len(missing) > 250
    # The other way round: what they list lies in a window of ours, apart from regional, moved and one-off days.
    usual = ~listed["holiday"].str.contains("bserved|Scotland|Northern|ubstitute|Jubilee|Wedding|Funeral|Coronation")
    found = listed[usual]["ds"].isin(ours["day"])
    assert found.mean() > (0.9 if country == "JP" else 0.98)


@pytest.mark.shared_data
def test_spring_festival_of_every_listed_year(shared_data: Path) -> None:
    listed = pd.read_csv(shared_data / "mmm_robyn" / "dt_prophet_holidays.csv.gz", parse_dates=["ds"])
    own = listed[(listed["country"] == "CN") & listed["holiday"].str.contains("Spring Festival")]
    theirs = own.groupby("year")["ds"].min()
    # From 2008 to 2013 the day off began on the eve.
    theirs += pd.to_timedelta(((theirs.index >= 2008) & (theirs.index <= 2013)).astype(int), unit="D")
    ours = holidays(date(1995, 1, 1), date(2044, 12, 31), "CN")
    ours = ours[(ours["holiday"] == "spring_festival") & (ours["eve"] == 0)]
    assert ours["day"].tolist() == theirs.tolist()
    assert len(theirs) == 50


def day_of(country: str, name: str, year: int) -> date:
    days = holidays(date(year, 1, 1), date(year, 12, 31), country)
    found: pd.Timestamp = days.loc[(days["holiday"] == name) & (days["eve"] == 0), "day"].iloc[0]
    return found.date()


@pytest.mark.parametrize(
    ("country", "name", "day"),
    [
        ("US", "black_friday", date(2023, 11, 24)), ("US", "cyber_monday", date(2023, 11, 27)),
        ("US", "black_friday", date(2019, 11, 29)), ("CN", "qixi", date(2025, 8, 29)),
        ("CN", "618", date(2024, 6, 18)), ("CN", "double_11", date(2024, 11, 11)),
        ("CN", "mid_autumn", date(2024, 9, 17)), ("GB", "mothering_sunday", date(2026, 3, 15)),
        ("FR", "mothers_day", date(2020, 6, 7)), ("FR", "winter_sales", date(2025, 1, 8)),
        ("FR", "winter_sales", date(2022, 1, 12)), ("FR", "summer_sales", date(2024, 6, 26)),
        ("FR", "summer_sales", date(2022, 6, 22)), ("DE", "whit_monday", date(2026, 5, 25)),
    ],
)  # fmt: skip
def test_days_of_shopping(country: str, name: str, day: date) -> None:
    assert day_of(country, name, day.year) == day


def test_easter_by_the_tables() -> None:
    known = {1818: (3, 22), 1943: (4, 25), 2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2038: (4, 25)}
    assert {y: (easter(y).month, easter(y).day) for y in known} == known


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(CALENDARS)), st.dates(date(2005, 1, 1), date(2040, 1, 1)), st.integers(2, 80))
def test_weeks_hold_the_days_of_their_days(country: str, first: date, weeks: int) -> None:
    starts = pd.date_range(first, periods=weeks, freq="7D")
    by_week = holiday_effects(starts, country)
    daily = holiday_effects(pd.date_range(first, periods=7 * weeks), country)
    assert set(np.unique(daily)) <= {0.0, 1.0}
    summed = daily.to_numpy().reshape(weeks, 7, -1).mean(axis=1)
    assert list(daily.columns) == list(by_week.columns)
    np.testing.assert_allclose(by_week.to_numpy(), summed)


def test_what_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="no calendar"):
        holidays(date(2026, 1, 1), date(2026, 2, 1), "XX")
    with pytest.raises(ValueError, match="in order"):
        holiday_effects(["2026-01-02", "2026-01-01"], "CN")
    assert holiday_effects([], "CN").empty


def test_the_country_follows_the_settings() -> None:
    assert country_of(Settings(zone="Europe/Paris", currency="EUR")) == "FR"
    assert country_of(Settings(zone="America/Sao_Paulo", currency="BRL")) == "WORLD"
    assert country_of(Settings(zone="America/Toronto", currency="USD")) == "US"
