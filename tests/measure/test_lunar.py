from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.measure.lunar import lunar_date, lunar_months, solar_day

# Published by the observatories: first days of years that are easy to get wrong, and every leap month since 2001.
NEW_YEARS = {1985: "02-20", 2000: "02-05", 2007: "02-18", 2015: "02-19", 2020: "01-25", 2024: "02-10", 2026: "02-17",
             2030: "02-03", 2033: "01-31", 2034: "02-19", 2038: "02-04", 2050: "01-23"}  # fmt: skip
LEAPS = {2001: 4, 2004: 2, 2006: 7, 2009: 5, 2012: 4, 2014: 9, 2017: 6, 2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3,
         2033: 11, 2036: 6}  # fmt: skip


@pytest.mark.parametrize(("year", "day"), NEW_YEARS.items())
def test_the_year_begins_where_the_almanac_says(year: int, day: str) -> None:
    assert lunar_date(year, 1, 1).isoformat() == f"{year}-{day}"


def test_leap_months_are_those_of_the_almanac() -> None:
    found = {y: next((m for m, leap in lunar_months(y) if leap), None) for y in range(2001, 2038)}
    assert {y: m for y, m in found.items() if m} == LEAPS


@settings(max_examples=25, deadline=None)
@given(st.integers(1950, 2090))
def test_months_follow_each_other(year: int) -> None:
    days = sorted(lunar_months(year).values())
    assert len(days) in (12, 13)
    ends = [*days[1:], lunar_date(year + 1, 1, 1)]
    assert {(b - a).days for a, b in zip(days, ends, strict=True)} <= {29, 30}
    assert date(year, 1, 20) <= days[0] <= date(year, 2, 21)


def test_equinoxes_and_solstices_of_the_almanac() -> None:
    # Times in UTC: 2024-03-20 03:06, 2024-09-22 12:44, 2025-12-21 15:03, 2043-03-20 17:28.
    assert solar_day(2024, 0, 0) == date(2024, 3, 20)
    assert solar_day(2024, 180, 0) == date(2024, 9, 22)
    assert solar_day(2025, 270, 0) == date(2025, 12, 21)
    assert (solar_day(2043, 0, 0), solar_day(2043, 0, 8)) == (date(2043, 3, 20), date(2043, 3, 21))
