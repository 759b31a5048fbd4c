from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regulars.trust.quiet_hours import QuietHours, zone_of

NIGHT = QuietHours.parse("21:00", "08:00")
BERLIN = ZoneInfo("Europe/Berlin")

TIMES = st.integers(0, 95).map(lambda q: time(q // 4, q % 4 * 15))
ZONES = st.sampled_from(
    ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"]
)
# Around the changes of the clocks of 2026 in Europe, America and on Lord Howe Island, and any other day.
STARTS = st.sampled_from(
    [datetime(2026, m, d, tzinfo=UTC) for m, d in ((3, 28), (10, 24), (3, 7), (10, 31), (4, 4), (10, 3), (6, 1))]
)


@settings(deadline=None, max_examples=150)
@given(TIMES, TIMES, ZONES, STARTS, st.integers(0, 48 * 12))
@example(time(1), time(2, 30), "Europe/Berlin", datetime(2026, 3, 28, tzinfo=UTC), 25 * 12)
@example(time(21), time(2, 15), "Europe/Berlin", datetime(2026, 10, 24, tzinfo=UTC), 20 * 12)
def test_the_next_allowed_instant_is_the_first_one_a_wall_clock_shows(
    start: time, end: time, zone: str, day: datetime, fives: int
) -> None:
    hours, tz = QuietHours(start, end), ZoneInfo(zone)
    now = day + timedelta(minutes=5 * fives)
    instant = now
    while hours.quiet(instant, tz):  # brute force on a grid that every window and every clock change is on
        instant += timedelta(minutes=5)
    assert hours.next_allowed(now, tz) == instant
    assert not hours.quiet(hours.next_allowed(now, tz), tz)


def test_the_hour_the_clock_skips() -> None:
    """Berlin, 29 March 2026: 01:59:59 is followed by 03:00, so a night until 02:30 ends at 03:00."""
    hours = QuietHours.parse("22:00", "02:30")
    assert hours.next_allowed(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), BERLIN) == datetime(
        2026, 3, 29, 1, 0, tzinfo=UTC
    )


def test_a_customer_is_asked_by_the_customers_own_clock() -> None:
    now = datetime(2026, 5, 1, 14, tzinfo=UTC)  # 22:00 in Shanghai, 10:00 in New York
    assert NIGHT.quiet(now, ZoneInfo("Asia/Shanghai"))
    assert not NIGHT.quiet(now, ZoneInfo("America/New_York"))


def test_equal_times_mean_no_quiet_hours_and_odd_input_is_explained() -> None:
    assert not QuietHours(time(9), time(9)).quiet(datetime(2026, 5, 1, 9, tzinfo=UTC), ZoneInfo("UTC"))
    with pytest.raises(ValueError, match="'nine' is not a time of day"):
        QuietHours.parse("nine", "08:00")
    assert zone_of("../../etc/passwd", "Asia/Shanghai").key == "Asia/Shanghai"
    assert zone_of("", "Asia/Shanghai").key == zone_of(None, "Asia/Shanghai").key == "Asia/Shanghai"
    with pytest.raises(ValueError, match="Mars"):
        zone_of(None, "Mars/Base")
