from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.trust.caps import Cap, Caps

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOURS = st.lists(st.integers(-400, 0), max_size=8)


@given(st.integers(1, 3), st.integers(1, 10), HOURS)
def test_the_time_it_names_is_the_first_at_which_one_more_fits(messages: int, days: int, hours: list[int]) -> None:
    cap, sent = Cap(messages, days), [NOW + timedelta(hours=h) for h in hours]

    def fits(at: datetime) -> bool:
        return sum(s > at - cap.window for s in sent) < messages

    free = cap.free_at(sent, NOW)
    assert free is not None
    assert fits(free)
    if free > NOW:
        assert not fits(free - timedelta(microseconds=1))


def test_the_tightest_cap_decides() -> None:
    caps = Caps(Cap(3, 7), {"sms": Cap(1, 30)})
    sent = [(NOW - timedelta(days=2), "sms"), (NOW - timedelta(days=1), "email")]
    assert caps.free_at(sent, "email", NOW) == NOW
    assert caps.free_at(sent, "sms", NOW) == NOW + timedelta(days=28)
    assert Caps(Cap(0, 7)).free_at([], "email", NOW) is None
    assert Caps().free_at(sent, "email", NOW) == NOW
    assert caps.longest == timedelta(days=30)


def test_a_cap_without_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="days"):
        Cap(1, 0)
