"""Lumpy demand: the methods by hand, their bias, and the four kinds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.measure import Forecast
from regulars.measure.croston import croston, demand_kind


def by_hand(y: list[float], alpha: float) -> tuple[float, float]:
    """(size, gap) after Croston's recursions, straight from the paper."""
    size = gap = 0.0
    waited = 0
    for value in y:
        waited += 1
        if value:
            size, gap = (size + alpha * (value - size), gap + alpha * (waited - gap)) if size else (value, waited)
            waited = 0
    return size, gap


def test_the_recursions_by_hand() -> None:
    y = [0, 0, 5, 0, 0, 0, 7, 2, 0, 0, 9, 0]
    size, gap = by_hand(y, 0.2)
    assert croston(np.array([y], float), 1, "croston", (0.2,))[0, 0] == pytest.approx(size / gap)
    assert croston(np.array([y], float), 1, "sba", (0.2,))[0, 0] == pytest.approx(0.9 * size / gap)


def test_croston_says_too_much_and_its_correction_does_not() -> None:
    """With a sale of mean 10 in one period of four, expected demand is 2.5; Croston's is up to a ninth too high."""
    rng = np.random.default_rng(1)
    y = rng.poisson(10, (1500, 200)) * (rng.random((1500, 200)) < 0.25)
    plain, right, tsb = (croston(y.astype(float), 1, k, (0.2,)).mean() for k in ("croston", "sba", "tsb"))
    assert plain > 2.6
    assert abs(right - 2.5) < 0.5 * (plain - 2.5)
    assert tsb == pytest.approx(2.5, abs=0.06)


def test_only_tsb_lets_a_dead_product_fade() -> None:
    y = np.r_[np.tile([0.0, 6.0], 20), np.zeros(30)][None]
    assert croston(y, 1, "tsb", (0.1,))[0, 0] < 0.2
    assert croston(y, 1, "sba", (0.1,))[0, 0] > 2


def test_kinds_and_empty_rows() -> None:
    y = np.array([[0.0, 0, 0, 0], [5.0, 5, 5, 5]])
    assert croston(y, 2)[0].tolist() == [0.0, 0.0]
    assert demand_kind(y).tolist() == ["intermittent", "smooth"]
    with pytest.raises(ValueError, match="croston, sba or tsb"):
        croston(y, 1, "poisson")  # type: ignore[arg-type]


def test_an_average_is_foretold_where_most_periods_sell_nothing() -> None:
    """Nothing at all has the smallest absolute error there, and is the wrong answer."""
    rng = np.random.default_rng(5)
    y = rng.poisson(3, (40, 160)) * (rng.random((40, 160)) < 0.15)
    table = pd.DataFrame(
        {"series": np.repeat(np.arange(40), 160), "t": np.tile(np.arange(160), 40), "value": y.ravel()}
    )
    model = Forecast(horizon=4).fit(table)
    assert set(model.errors_["method"]) <= {"croston", "sba", "tsb", "ses"}
    assert model.values_.mean() == pytest.approx(0.45, rel=0.25)
    assert "demand_intermittent" in model.why(0) or "demand_lumpy" in model.why(0)
