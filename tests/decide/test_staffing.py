from __future__ import annotations

import itertools

import numpy as np
import pytest

from regulars.decide.result import InfeasibleError
from regulars.decide.staffing import (
    WEEK,
    DeskHours,
    answered_in_time,
    erlang_b,
    erlang_c,
    in_time,
    servers_for,
    square_root_servers,
)


def test_erlang_b_of_the_published_table() -> None:
    # traffic that N circuits carry at 1 % and 5 % blocking, from the Erlang B table of the ITU handbook
    for servers, load, blocked in ((5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (10, 6.216, 0.05)):
        assert erlang_b(load, servers) == pytest.approx(blocked, rel=2e-3)


def test_erlang_c_of_worked_examples() -> None:
    assert erlang_c(0.7, 1) == pytest.approx(0.7)
    assert erlang_c(1.2, 2) == pytest.approx(2 * 0.6**2 / 1.6)
    assert erlang_c(2.0, 3) == pytest.approx(4 / 9)
    # 0.2 calls a second of 240 s, 55 agents: C = 23.9 %, within 15 s 84.5 % (Tanner, The Call Centre Workbook)
    assert erlang_c(48.0, 55) == pytest.approx(0.239, abs=5e-4)
    assert in_time(48.0, 55, 240.0, 15.0) == pytest.approx(0.845, abs=1e-3)
    assert servers_for(48.0, 240.0, 15.0, 0.80) == 55
    assert erlang_c(5.0, 5) == 1.0
    assert in_time(5.0, 5, 60.0, 10.0) == 0.0


@pytest.mark.parametrize("load", [20.0, 100.0, 400.0])
def test_the_square_root_rule_comes_near(load: float) -> None:
    servers = round(square_root_servers(load, 0.2))
    assert erlang_c(load, servers) == pytest.approx(0.2, abs=0.06)


def test_the_fewest_hours_are_those_of_trying_all() -> None:
    rng = np.random.default_rng(1)
    for _ in range(3):
        arrivals = np.zeros(WEEK)
        arrivals[rng.choice(WEEK, 12, replace=False)] = rng.integers(1, 4, 12)
        allowed = tuple(sorted(rng.choice(WEEK, 8, replace=False).tolist()))
        rule = DeskHours(an_hour=5, within=40, share=0.75, margin=0.0, allowed=allowed)
        fewest = None
        for size, some in ((n, c) for n in range(1, 9) for c in itertools.combinations(allowed, n)):
            desk = np.zeros((1, WEEK), dtype=bool)
            desk[0, list(some)] = True
            if answered_in_time(arrivals, desk, 5, 40)[0] >= 0.75 - 1e-9:
                fewest = size
                break
        if fewest is None:
            with pytest.raises(InfeasibleError):
                rule.decide(arrivals)
            continue
        plan = rule.decide(arrivals)
        assert -plan.bound <= fewest <= len(plan.solution) <= fewest + 1
        assert plan.in_time >= 0.75 - 1e-9


def test_nothing_to_answer_needs_nobody_and_wrong_input_is_refused() -> None:
    assert DeskHours().decide(np.zeros(WEEK)).solution == ()
    with pytest.raises(ValueError, match="168"):
        DeskHours().decide([1.0])
    with pytest.raises(ValueError, match="share"):
        servers_for(1.0, 1.0, 1.0, 1.0)
