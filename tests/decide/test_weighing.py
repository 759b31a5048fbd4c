from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.weighing import NORMS, normalised, topsis, weighted_sum

TABLE = [[90, 30, 12, 14], [70, 35, 8, 7], [50, 45, 5, 21]]
W, COSTS = [0.4, 0.3, 0.2, 0.1], [False, False, True, True]
# Random figures, given to pymcdm 1.4.0 with the same weights and directions.
FIVE = [
    [8.25, 8.27, 5.64, 3.57], [1.49, 4.45, 4.68, 1.41], [1.44, 9.99, 6.87, 3.11], [4.91, 9.77, 9.08, 8.6],
    [4.53, 5.44, 7.09, 1.55],
]  # fmt: skip
NEAR = {
    "minmax": [0.8180624, 0.31004072, 0.44079744, 0.54241397, 0.40017078],
    "max": [0.85552106, 0.25831754, 0.35592439, 0.5290631, 0.43480435],
    "sum": [0.83803201, 0.21942931, 0.25407345, 0.51232214, 0.44392123],
    "vector": [0.87504913, 0.25604443, 0.30688149, 0.50459935, 0.46115105],
}
SUMS = {
    "minmax": [0.83318112, 0.30293686, 0.4768106, 0.49190456, 0.4236153],
    "max": [0.78260765, 0.38639701, 0.48233381, 0.531454, 0.50880907],
    "sum": [0.28400033, 0.15258502, 0.15944256, 0.20611509, 0.19785699],
    "vector": [0.63596657, 0.35527358, 0.4017688, 0.44275905, 0.45155687],
}


def test_the_norm_changes_the_winner() -> None:
    assert topsis(TABLE, W, COSTS, "minmax") == pytest.approx([0.52549, 0.47769, 0.46652], abs=5e-6)
    assert topsis(TABLE, W, COSTS, "vector") == pytest.approx([0.52588, 0.53372, 0.45304], abs=5e-6)
    assert topsis(TABLE, W, COSTS, "max") == pytest.approx([0.53496325, 0.52337805, 0.44729992], abs=5e-9)
    assert topsis(TABLE, W, COSTS, "sum") == pytest.approx([0.50442918, 0.49391276, 0.45427829], abs=5e-9)


@pytest.mark.parametrize("norm", NORMS)
def test_every_norm_agrees_with_another_implementation(norm: str) -> None:
    assert topsis(FIVE, W, COSTS, norm) == pytest.approx(NEAR[norm], abs=5e-9)
    assert weighted_sum(FIVE, W, COSTS, norm) == pytest.approx(SUMS[norm], abs=5e-9)


def test_the_scale_of_the_weights_and_of_a_criterion_does_not_matter() -> None:
    for norm in NORMS:
        plain = topsis(FIVE, W, COSTS, norm)
        assert topsis(np.array(FIVE) * [1, 1000, 0.01, 7], np.array(W) * 5, COSTS, norm) == pytest.approx(plain)


def test_options_that_are_all_alike_are_half_way() -> None:
    assert topsis([[2, 3], [2, 3]], [1, 1], [False, True]).tolist() == [0.5, 0.5]
    assert weighted_sum([[0, 0], [0, 0]], [1, 1], [False, False], "sum").tolist() == [0.0, 0.0]


def test_what_cannot_be_compared_is_named() -> None:
    with pytest.raises(ValueError, match="norm 'rank' is not one of"):
        normalised(TABLE, COSTS, "rank")
    with pytest.raises(ValueError, match="option 2 has no figure for criterion 1"):
        normalised([[1.0], [np.nan]], [False])
    with pytest.raises(ValueError, match="'max' cannot take figures below 0"):
        normalised([[-1.0], [2.0]], [False], "max")
    with pytest.raises(ValueError, match="costs of 0"):
        normalised([[0.0], [2.0]], [True], "sum")
    with pytest.raises(ValueError, match="one weight of 0 or more"):
        topsis(TABLE, [0, 0, 0, 0], COSTS)
    with pytest.raises(ValueError, match="2 directions"):
        normalised(TABLE, [False, True])
