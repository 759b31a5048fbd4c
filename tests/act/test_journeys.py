from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.act.journeys import (
    Action,
    Condition,
    Exit,
    Journey,
    JourneyError,
    Test,
    Wait,
    enrol,
    replay,
    step,
    wakes_at,
)  # fmt: skip

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WIN_BACK = Journey(
    "win_back",
    (
        Action("first", "win_back", "wait"),
        Wait("wait", 72, "loyal", until=Test("visited", "==", True), met="thanks"),
        Condition("loyal", Test("orders", ">=", 3), "gift", "end"),
        Action("gift", "points_50", "pause"),
        Wait("pause", 24, "second"),
        Action("second", "wake_up", "end"),
        Action("thanks", "care", "end"),
        Exit("end"),
    ),
    goal=Test("ordered_since", "==", True),
)


def walk(*history: tuple[dict, float]) -> tuple[list[str], str | None, tuple[str, ...]]:
    state, due = replay(WIN_BACK, enrol(WIN_BACK, "p", NOW), [(facts, NOW + h * HOUR) for facts, h in history])
    return [d.action for d in due], state.outcome, state.done


def test_paths() -> None:
    assert walk(({}, 0)) == (["win_back"], None, ("first",))
    assert walk(({}, 0), ({"visited": True}, 5))[:2] == (["win_back", "care"], "done")
    assert walk(({}, 0), ({"orders": 1}, 71), ({"orders": 1}, 72))[:2] == (["win_back"], "done")
    assert walk(({}, 0), ({"orders": 5}, 72), ({}, 96))[:2] == (["win_back", "points_50", "wake_up"], "done")
    assert walk(({}, 0), ({"ordered_since": True}, 1)) == (["win_back"], "goal", ("first",))


def test_a_machine_that_was_off_does_not_send_everything_at_once() -> None:
    assert walk(({}, 0), ({"orders": 5}, 500))[:2] == (["win_back", "points_50"], None)
    assert walk(({}, 0), ({"orders": 5}, 500), ({}, 523))[0] == ["win_back", "points_50"]
    assert walk(({}, 0), ({"orders": 5}, 500), ({}, 524))[0] == ["win_back", "points_50", "wake_up"]


FACTS = st.fixed_dictionaries(
    {},
    optional={
        "visited": st.booleans(), "orders": st.integers(0, 5) | st.text(max_size=2), "ordered_since": st.booleans(),
    },
)  # fmt: skip


@given(st.lists(st.tuples(FACTS, st.integers(0, 60)), max_size=12))
def test_each_step_at_most_once_and_the_same_history_gives_the_same_path(gaps: list[tuple[dict, int]]) -> None:
    hours, history = 0, []
    for facts, gap in gaps:
        hours += gap
        history.append((facts, NOW + hours * HOUR))
    start = enrol(WIN_BACK, "p", NOW)
    state, due = replay(WIN_BACK, start, history)
    assert (state, due) == replay(WIN_BACK, start, history)
    assert max(Counter(state.done).values(), default=0) <= 1
    assert len({d.key for d in due}) == len(due)
    asked_twice, again = replay(WIN_BACK, start, [moment for moment in history for _ in range(2)])
    assert (asked_twice, again) == (state, due)


def test_somebody_who_is_out_stays_out() -> None:
    state, _ = step(WIN_BACK, enrol(WIN_BACK, "p", NOW), {"ordered_since": True}, NOW)
    assert step(WIN_BACK, state, {}, NOW + 999 * HOUR) == (state, ())
    assert wakes_at(WIN_BACK, state) is None
    waiting, _ = step(WIN_BACK, enrol(WIN_BACK, "p", NOW), {}, NOW)
    assert wakes_at(WIN_BACK, waiting) == NOW + 72 * HOUR


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((), "needs steps"),
        ((Action("a", "x", "b"),), "leads to b, which does not exist"),
        ((Action("a", "x", "b"), Wait("b", 1, "a")), "a > b > a goes round in a circle"),
        ((Exit("a"), Exit("b")), "no path leads to b"),
        ((Exit("a"), Exit("a")), "name of its own"),
        ((Wait("a", 1, "b", until=Test("x", "==", 1)), Exit("b")), "until together with met"),
    ],
)
def test_a_journey_that_cannot_run_is_refused(steps: tuple, says: str) -> None:
    with pytest.raises(JourneyError, match=says):
        Journey("j", steps)


def test_many_branches_are_checked_in_time() -> None:
    steps = [Condition(f"s{i}", Test("x", "==", 1), f"s{i + 1}", f"t{i}") for i in range(200)]
    joins = [Wait(f"t{i}", 0, f"s{i + 1}") for i in range(200)]
    assert len(Journey("j", (*steps, *joins, Exit("s200"))).steps) == 401


def test_an_unknown_sign_is_refused_and_a_person_of_another_journey_too() -> None:
    with pytest.raises(JourneyError, match="use one of"):
        Test("x", "~", 1)
    other = Journey("other", (Exit("end"),))
    with pytest.raises(JourneyError, match="not in"):
        step(other, enrol(WIN_BACK, "p", NOW), {}, NOW)
