from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.outranking import SHAPES, electre, promethee

W, COSTS = [0.4, 0.3, 0.2, 0.1], [False, False, True, True]
FIVE = [
    [8.25, 8.27, 5.64, 3.57], [1.49, 4.45, 4.68, 1.41], [1.44, 9.99, 6.87, 3.11], [4.91, 9.77, 9.08, 8.6],
    [4.53, 5.44, 7.09, 1.55],
]  # fmt: skip
# pymcdm 1.4.0, PROMETHEE II with p = 4 and q = 1 on every criterion.
FLOWS = {
    "usual": [0.45, -0.2, -0.1, 0.05, -0.2],
    "u": [0.525, -0.3, -0.15, 0.025, -0.1],
    "v": [0.5013125, -0.3309375, -0.08375, 0.02675, -0.113375],
    "level": [0.375, -0.2375, -0.0375, 0.0125, -0.1125],
    "linear": [0.51325, -0.33533333, -0.073, 0.02016667, -0.12508333],
}
# pyDecision 5.1.8, ELECTRE I on the same figures put between 0 and 1.
CONCORDANCE = [
    [1.0, 0.7, 0.6, 0.7, 0.9], [0.3, 1.0, 0.7, 0.3, 0.3], [0.4, 0.3, 1.0, 0.6, 0.5], [0.3, 0.7, 0.4, 1.0, 0.7],
    [0.1, 0.7, 0.5, 0.3, 1.0],
]  # fmt: skip
DISCORDANCE = [
    [0.0, 0.30041725, 0.31046931, 0.27075812, 0.28094576], [0.99265786, 0.0, 1.0, 0.96028881, 0.44640235],
    [1.0, 0.49772727, 0.0, 0.50954479, 0.45374449], [0.78181818, 1.0, 0.7635605, 0.0, 0.98052851],
    [0.54625551, 0.54772727, 0.82129964, 0.78158845, 0.0],
]  # fmt: skip


@pytest.mark.parametrize("shape", FLOWS)
def test_flows_agree_with_another_implementation(shape: str) -> None:
    assert promethee(FIVE, W, COSTS, shape, q=1.0, p=4.0) == pytest.approx(FLOWS[shape], abs=5e-9)


def test_a_lead_as_wide_as_the_decisive_one_is_preferred_by_the_normal_curve() -> None:
    assert promethee([[3.0], [0.0]], [1], [False], "gauss", p=3.0)[0] == pytest.approx(1 - np.exp(-0.5))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), shape=st.sampled_from(SHAPES))
def test_flows_add_up_to_nothing_and_the_best_of_all_leads(seed: int, shape: str) -> None:
    x = np.random.default_rng(seed).uniform(0, 10, (4, 3))
    x[0] = [11, 11, -1]
    flow = promethee(x, [1, 2, 3], [False, False, True], shape, q=0.5, p=2.0)
    assert flow.sum() == pytest.approx(0.0, abs=1e-12)
    assert flow.argmax() == 0


def test_outranking_agrees_with_another_implementation() -> None:
    found = electre(FIVE, W, COSTS, 0.6, 0.4)
    off = ~np.eye(5, dtype=bool)
    assert found.concordance[off] == pytest.approx(np.array(CONCORDANCE)[off], abs=1e-9)
    assert found.discordance[off] == pytest.approx(np.array(DISCORDANCE)[off], abs=5e-9)
    assert found.kernel == (0,)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_kernel_covers_everybody_else_and_nobody_in_it_outranks_another_but_in_a_ring(seed: int) -> None:
    x = np.random.default_rng(seed).integers(0, 5, (6, 4))
    found = electre(x, W, COSTS, 0.5, 0.6)
    reach = np.linalg.matrix_power(found.outranks + np.eye(6), 6) > 0
    ring = reach & reach.T
    for k in range(6):
        above = [a for a in found.kernel if not ring[a, k] and found.outranks[np.ix_(ring[a], ring[k])].any()]
        assert bool(above) != (k in found.kernel)


def test_limits_that_are_none_are_named() -> None:
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        electre(FIVE, W, COSTS, 65)
    with pytest.raises(ValueError, match="shape 'steep'"):
        promethee(FIVE, W, COSTS, "steep")
    with pytest.raises(ValueError, match=r"\(q\) is above"):
        promethee(FIVE, W, COSTS, "linear", q=3, p=2)
    with pytest.raises(ValueError, match="must be above 0"):
        promethee(FIVE, W, COSTS, "v", p=0)
