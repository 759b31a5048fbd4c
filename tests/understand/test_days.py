from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand.days import day_number, local_days

ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu",
         "Africa/Casablanca", "Pacific/Apia"]  # fmt: skip
START = int(datetime(2009, 1, 1, tzinfo=UTC).timestamp())


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.lists(st.integers(0, 6 * 366 * 86400), min_size=1, max_size=30))
def test_every_instant_falls_on_the_day_the_standard_library_says(zone, seconds):
    at = np.array([(START + s) * 1_000_000 for s in seconds])
    expected = [
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=START + s)).astimezone(ZoneInfo(zone)).date().toordinal()
        - datetime(1970, 1, 1, tzinfo=UTC).toordinal()
        for s in seconds
    ]
    assert local_days(at, zone).tolist() == expected


def test_the_change_of_clock_is_found_to_the_microsecond():
    # New York leaves daylight saving on 2025-11-02 at 06:00 UTC: 04:30 UTC is 00:30 EDT, next day 04:30 is 23:30 EST.
    at = [datetime(2025, 11, 2, 4, 30, tzinfo=UTC), datetime(2025, 11, 3, 4, 30, tzinfo=UTC)]
    days = local_days(np.array([int(t.timestamp() * 1e6) for t in at]), "America/New_York")
    assert [str(np.datetime64(int(d), "D")) for d in days] == ["2025-11-02", "2025-11-02"]


def test_an_unknown_zone_says_how_to_write_one():
    with pytest.raises(ValueError, match="Asia/Shanghai"):
        local_days(np.array([0]), "Mars/Olympus")


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        day_number(datetime(2026, 1, 1))  # noqa: DTZ001
