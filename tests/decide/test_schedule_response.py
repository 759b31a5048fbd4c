from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.schedule_response import BINS, MOST, HourResponse, concentration


def simulated(rng: np.random.Generator, people: int, events: int, own: float, apart: float) -> tuple[np.ndarray, ...]:
    """Counts and the true shares of everybody, drawn from the model itself."""
    week = rng.dirichlet(np.full(BINS, 3.0))
    kinds = rng.dirichlet(apart * week + 1e-9, size=3)
    kind = rng.integers(0, 3, people)
    truth = np.stack([rng.dirichlet(own * kinds[k] + 1e-9) for k in kind])
    counts = np.stack([rng.multinomial(rng.integers(0, events), p) for p in truth])
    return kind, truth, counts


def test_the_concentrations_of_a_simulation_are_found_again() -> None:
    rng = np.random.default_rng(2)
    kind, truth, counts = simulated(rng, 1_500, 60, own=25.0, apart=400.0)
    person, hour = np.nonzero(counts)
    model = HourResponse().fit(person, hour, counts[person, hour], kind)
    assert model.own_ == pytest.approx(25.0, rel=0.15)
    shares = model.shares(np.arange(len(kind)))
    assert shares.sum(axis=1) == pytest.approx(1.0)
    # nearer to the truth than both ends of the shrinking: the kind alone, and what each has shown
    own = (counts + 1e-9) / (counts + 1e-9).sum(axis=1, keepdims=True)
    error = ((shares - truth) ** 2).sum()
    assert error < 0.8 * ((model.segments_[kind] - truth) ** 2).sum()
    assert error < 0.5 * ((own - truth) ** 2).sum()


def test_people_who_do_not_differ_get_the_hours_of_all() -> None:
    rng = np.random.default_rng(3)
    week = rng.dirichlet(np.full(BINS, 2.0))
    counts = rng.multinomial(30, week, size=800)
    person, hour = np.nonzero(counts)
    model = HourResponse().fit(person, hour, counts[person, hour], np.zeros(800, dtype=int))
    assert model.own_ > 400
    assert np.abs(model.shares([0])[0] - model.everybody_).max() < 0.01
    low, high = model.interval()
    assert ((low <= week) & (week <= high)).mean() == pytest.approx(0.90, abs=0.08)


def test_one_event_each_says_nothing_of_habits() -> None:
    rows = np.arange(50)
    assert concentration(rows, rows % 7, np.ones(50), np.full((50, 7), 1 / 7)) == MOST


def test_wrong_numbers_are_refused_and_nobody_is_fine() -> None:
    with pytest.raises(ValueError, match="0 to 167"):
        HourResponse().fit([0], [168], [1], [0])
    model = HourResponse().fit([], [], [], [0, 0])
    assert model.shares([1])[0] == pytest.approx(np.full(BINS, 1 / BINS))
