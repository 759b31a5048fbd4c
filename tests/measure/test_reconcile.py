"""Forecasts that add up, against the formula with a summing matrix and by property."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.measure.reconcile import reconcile, shrunk_correlation

TREE = [(0, (1, 2)), (1, (3, 4)), (2, (5, 6, 7))]
SUMMING = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1], *np.eye(5)])


def coherent(y: np.ndarray, parts: list) -> float:
    return max(float(np.abs(y[w] - y[list(own)].sum(axis=0)).max()) for w, own in parts)


def test_equal_to_the_formula_with_a_summing_matrix() -> None:
    """Wickramasuriya et al. (2019): S (S' W^-1 S)^-1 S' W^-1 y."""
    rng = np.random.default_rng(1)
    y, errors = rng.normal(100, 20, (8, 3)), rng.normal(0, 1, (8, 60)) * np.arange(1, 9)[:, None]
    spread = (errors**2).mean(axis=1)
    shrunk = shrunk_correlation(errors) * np.sqrt(np.outer(spread, spread))
    for method, w in (("ols", np.eye(8)), ("wls", np.diag(spread)), ("mint", shrunk)):
        back = np.linalg.inv(w)
        wanted = SUMMING @ np.linalg.solve(SUMMING.T @ back @ SUMMING, SUMMING.T @ back @ y)
        assert reconcile(y, TREE, errors, method=method) == pytest.approx(wanted, rel=1e-9), method  # type: ignore[arg-type]
    assert reconcile(y, TREE, method="bottom_up") == pytest.approx(SUMMING @ y[3:])


@given(st.integers(0, 10_000), st.sampled_from(["mint", "wls", "ols"]))
def test_sums_are_exact_and_nothing_falls_below_zero(seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    parts = [*TREE, (0, (8, 9))]
    y = rng.gamma(0.5, 100, (10, 4))
    errors = rng.normal(0, 1, (10, 20)) * rng.gamma(1, 10, (10, 1))
    said = reconcile(y, parts, errors, method=method, positive=np.ones(10, dtype=bool))  # type: ignore[arg-type]
    assert coherent(said, parts) < 1e-9 * max(1.0, float(np.abs(said).max()))
    assert (said >= 0).all()


def test_what_adds_up_already_is_left_alone() -> None:
    y = SUMMING @ np.random.default_rng(2).normal(50, 5, (5, 2))
    assert reconcile(y, TREE, method="ols") == pytest.approx(y)
    assert reconcile(y, []) is y


def test_better_than_alone_where_parts_are_noisy() -> None:
    rng = np.random.default_rng(3)
    truth = SUMMING @ rng.normal(100, 10, (5, 400))
    noise = rng.normal(0, 1, (8, 400)) * np.array([3, 3, 3, 9, 9, 9, 9, 9])[:, None]
    said = reconcile(truth + noise, TREE, rng.normal(0, 1, (8, 200)) * np.array([3, 3, 3, 9, 9, 9, 9, 9])[:, None])
    assert ((said - truth) ** 2).mean() < 0.7 * (noise**2).mean()


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(ValueError, match="mint, wls, ols, bottom_up"):
        reconcile(np.ones((3, 1)), [(0, (1, 2))], method="magic")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="part of itself"):
        reconcile(np.ones((2, 1)), [(0, (1,)), (1, (0,))])
    with pytest.raises(ValueError, match="one set of parts"):
        reconcile(np.ones((5, 1)), [(0, (1, 2)), (0, (3, 4))], method="bottom_up")
