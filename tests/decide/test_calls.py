from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from regulars.decide.calls import Calendar, Calls

BERLIN = ZoneInfo("Europe/Berlin")


def test_the_calendar_keeps_days_off_weekends_and_the_clock() -> None:
    calendar = Calendar(hours=(1, 4), weekdays=(5, 6, 0), off=(date(2026, 3, 30),))
    slots = calendar.slots(datetime(2026, 3, 28, 1, 30, tzinfo=UTC), 4, BERLIN)
    # Saturday from 3 on (2:30 has begun), Sunday without the hour from 2 that is skipped, Monday off
    assert [s.astimezone(BERLIN).strftime("%d %H") for s in slots] == ["28 03", "29 01", "29 03"]
    with pytest.raises(ValueError, match="0 to 24"):
        Calendar(hours=(18, 9))


def test_calls_are_the_best_of_all_within_the_calendar() -> None:
    rng = np.random.default_rng(4)
    calendar = Calendar(a_day=2, an_hour=1, hours=(9, 12), weekdays=(0, 1, 2, 3, 4))
    slots = calendar.slots(datetime(2026, 6, 1, tzinfo=UTC), 2, ZoneInfo("UTC"))
    for _ in range(5):
        worth, reach = rng.uniform(1, 9, 4), rng.uniform(0.3, 2.0, (4, len(slots)))
        reach[rng.random(reach.shape) < 0.2] = -np.inf
        rule = Calls(calendar, 2, wait=0.1)
        plan = rule.decide(worth, reach, slots, ZoneInfo("UTC"))
        best = 0.0
        for choice in itertools.product(range(-1, len(slots)), repeat=4):
            taken = [k for k in choice if k >= 0]
            days = [slots[k].day for k in taken]
            if len(set(taken)) < len(taken) or any(days.count(d) > 2 for d in days):
                continue
            value = sum(worth[p] * reach[p, k] * np.exp(-0.1 * (slots[k].day - 1))
                        for p, k in enumerate(choice) if k >= 0)  # fmt: skip
            best = max(best, value)
        assert plan.value == pytest.approx(best)


def test_leaving_out_those_who_cannot_be_reached_in_time_changes_nothing() -> None:
    rng = np.random.default_rng(6)
    calendar = Calendar(a_day=3, an_hour=2, hours=(9, 12))
    slots = calendar.slots(datetime(2026, 6, 1, tzinfo=UTC), 1, ZoneInfo("UTC"))
    worth, reach = rng.gamma(1.0, 9.0, 60), rng.uniform(0.5, 1.5, (60, len(slots)))
    few = Calls(calendar, 1).decide(worth, reach, slots, ZoneInfo("UTC"))
    assert len(few.solution) == 3
    assert few.gap < 1e-12
    alone = sorted((worth[:, None] * reach).max(axis=1))[-3:]
    assert few.value <= sum(alone) + 1e-9
    assert Calls(calendar, 1).decide([], np.zeros((0, 3)), slots, ZoneInfo("UTC")).solution == {}
