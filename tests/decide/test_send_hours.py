from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.decide.send_hours import SendHours
from regulars.trust.quiet_hours import QuietHours

NIGHT = QuietHours.parse("21:00", "08:00")


def test_each_zone_has_its_own_open_hours() -> None:
    hours = SendHours.ahead(datetime(2026, 6, 1, tzinfo=UTC), 24, ["Asia/Shanghai", "America/New_York"], NIGHT, "UTC")
    assert [int(b) % 24 for b in hours.bins[:, 0]] == [8, 20]
    assert hours.open[0, :13].all()
    assert not hours.open[0, 13:].any()
    assert int(hours.bins[0, 0]) // 24 == 0
    assert int(hours.bins[1, 0]) // 24 == 6


def test_an_hour_that_is_partly_quiet_is_closed_where_the_clock_stands_at_half() -> None:
    hours = SendHours.ahead(datetime(2026, 6, 1, tzinfo=UTC), 24, ["Asia/Kolkata"], NIGHT, "UTC")
    # 02:00 UTC is 07:30 there; 15:00 UTC is 20:30, of which the second half is quiet
    assert not hours.open[0, 2]
    assert hours.open[0, 3]
    assert hours.open[0, 14]
    assert not hours.open[0, 15]


@pytest.mark.parametrize(("day", "open_hours"), [((2026, 3, 28), 13), ((2026, 10, 24), 13)])
def test_the_nights_that_lose_or_repeat_an_hour_keep_thirteen_open_hours(
    day: tuple[int, int, int], open_hours: int
) -> None:
    hours = SendHours.ahead(datetime(*day, 22, tzinfo=UTC), 24, ["Europe/Berlin"], NIGHT, "UTC")
    assert int(hours.open.sum()) == open_hours
    assert all(8 <= int(b) % 24 < 21 for b in hours.bins[hours.open])


def test_a_moment_without_a_zone_is_refused_and_an_unknown_zone_falls_back() -> None:
    with pytest.raises(ValueError, match="zone"):
        SendHours.ahead(datetime(2026, 6, 1), 3, ["UTC"], NIGHT, "UTC")  # noqa: DTZ001
    found = SendHours.ahead(datetime(2026, 6, 1, 0, 20, tzinfo=UTC), 3, ["Nowhere"], NIGHT, "Asia/Shanghai")
    assert found.starts[0].hour == 1
    assert int(found.bins[0, 0]) % 24 == 9
