from __future__ import annotations

import math

import numpy as np
import pytest

from regulars.measure.confidence_sequence import half_width, tuned
from regulars.measure.power import chance_to_see, critical, duration, minimum_detectable, people_needed


def test_the_need_and_what_it_sees_agree() -> None:
    for method in ("fixed", "always_valid"):
        n = people_needed(0.02, 0.09, treated_share=0.3, method=method)  # type: ignore[arg-type]
        smallest = minimum_detectable(0.09, 0.3 * n, 0.7 * n, method=method)  # type: ignore[arg-type]
        assert smallest == pytest.approx(0.02, rel=1e-3)
        assert chance_to_see(0.02, 0.09, 0.3 * n, 0.7 * n, method=method) == pytest.approx(0.8, abs=1e-3)  # type: ignore[arg-type]


def test_a_published_sample_size() -> None:
    # Fleiss, Levin and Paik (2003), formula for unpooled shares: p = .60 and .70, 80 % power, 5 % two-sided; Lehr's
    # 16 s^2 / d^2 is the rule of thumb: 16 * .2275 / .01 = 364 an arm.
    assert people_needed(0.1, (0.6 * 0.4 + 0.7 * 0.3) / 2, method="fixed") / 2 == pytest.approx(353.2, abs=1)


def test_power_of_the_sequence_by_simulation() -> None:
    n = people_needed(0.2, 1.0, method="always_valid") // 2
    rng = np.random.default_rng(3)
    k = np.arange(1, n + 1, dtype=float)
    z = np.cumsum(rng.normal(0.2, math.sqrt(2), (1500, n)), axis=1) / np.sqrt(2 * k)
    bar = half_width(1.0, tuned(n) * k)
    assert (np.abs(z[:, -1]) > bar[-1]).mean() == pytest.approx(0.8, abs=0.03)
    # Looking on the way can only help: that is what the wider interval pays for.
    stopped = np.where((np.abs(z) > bar)[:, 50:].any(1), (np.abs(z) > bar)[:, 50:].argmax(1) + 50, n)
    assert np.mean(stopped) < 0.8 * n


def test_traffic_tells_the_day() -> None:
    need = people_needed(0.05, 0.2)
    found = duration(0.05, 0.2, people_now=100, people_a_day=50)
    assert found.people == need
    assert found.days == math.ceil((need - 100) / 50)
    assert duration(0.05, 0.2).days is None
    assert duration(1e-6, 0.2, people_a_day=1).days is None
    assert duration(5.0, 0.2, people_now=10_000).days == 0


def test_more_arms_need_more() -> None:
    assert critical("fixed", alternatives=4) > critical("fixed")
    assert critical("always_valid", alternatives=4) > critical("always_valid")


@pytest.mark.parametrize(("call", "says"), [
    (lambda: people_needed(0, 1), "delta = 0"), (lambda: people_needed(1, 1, treated_share=1), "one arm empty"),
    (lambda: critical(level=95), "0.95"),
])  # fmt: skip
def test_questions_without_answer(call, says) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=says):
        call()
