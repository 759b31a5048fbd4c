from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.trust.retention import DEFAULTS, Rule, due, due_rows

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("months", "day"), [(1, "2026-02-28"), (13, "2025-02-28"), (25, "2024-02-29"), (12, "2025-03-31")]
)
def test_months_end_where_the_calendar_says(months: int, day: str) -> None:
    assert Rule("events", "at", months).cutoff(NOW).date().isoformat() == day


@given(st.integers(-28_000, 27_000).map(lambda d: NOW + timedelta(days=d)), st.integers(1, 300))
def test_nothing_goes_before_its_months_are_over(now: datetime, months: int) -> None:
    cutoff = Rule("x", "at", months).cutoff(now)
    assert timedelta(days=28 * months) <= now - cutoff <= timedelta(days=31 * months)


def test_rows_on_hold_or_whose_clock_has_not_begun_stay() -> None:
    began = {"old": NOW - timedelta(days=90), "dispute": NOW - timedelta(days=90), "new": NOW, "never": None}
    assert due_rows(Rule("x", "closed_at", 2), began, NOW, on_hold=["dispute"]) == ("old",)


def test_every_rule_is_due_once() -> None:
    assert [d.rule for d in due(DEFAULTS, NOW)] == list(DEFAULTS)
    with pytest.raises(ValueError, match="two retention rules"):
        due([Rule("x", "at", 1), Rule("x", "at", 2)], NOW)
    with pytest.raises(ValueError, match="at least 1 month"):
        Rule("x", "at", 0)
