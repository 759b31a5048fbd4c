from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.demo.clock import Clock, make_clock


@given(st.lists(st.floats(0, 900, allow_nan=False), min_size=2, max_size=20))
def test_times_keep_order_and_day_and_can_be_read_back(at: list[float]) -> None:
    clock = Clock(date(2025, 5, 19))
    days = np.sort(np.array(at))
    times = clock.times(days)
    back = clock.at(times)
    assert (np.diff(times.cast("int64").to_numpy()) >= 0).all()
    assert (np.floor(back) == np.floor(days)).all()
    assert back == pytest.approx(days, abs=1e-6)


def test_months_end_on_the_last_day_of_shorter_months() -> None:
    clock = Clock(date(2025, 1, 1))
    start = np.array([30.5])  # 31 January
    due = [str(clock.dates(clock.due(start, m))[0]) for m in range(4)]
    assert due == ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]


def test_the_window_starts_on_a_monday_and_its_seasons_average_one() -> None:
    clock, days = make_clock(datetime(2026, 11, 22, 3, tzinfo=UTC), 18)
    assert clock.origin.weekday() == 0
    assert clock.origin == date(2025, 5, 19)
    assert (date(2026, 11, 22) - clock.origin).days == days
    assert clock.season(days).mean() == pytest.approx(1.0)
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # already the 22nd in Shanghai
    assert make_clock(late, 18)[1] == days
