from __future__ import annotations

import numpy as np
import pytest

from regulars.decide.curves import Curves
from regulars.decide.families import FORMS, hill_turn

CASES = [("hill", 0.6), ("hill", 1.0), ("hill", 3.0), ("log", 1.0), ("power", 0.4), ("power", 1.0)]


@pytest.mark.parametrize(("form", "shape"), CASES)
def test_half_of_the_ceiling_is_brought_by_the_half(form: str, shape: float) -> None:
    curves = Curves.make(["a"], ceiling=[40.0], half=[123.0], value=[5.0], form=form, shape=shape)
    assert curves.value([123.0])[0] == pytest.approx(100.0, rel=1e-12)
    assert curves.value([0.0])[0] == 0.0
    assert curves.halves[0] == pytest.approx(123.0)


@pytest.mark.parametrize(("form", "shape"), CASES)
def test_slopes_bends_steps_and_inverses_belong_to_the_same_curve(form: str, shape: float) -> None:
    curves = Curves.make(["a"], ceiling=[40.0], half=[500.0], value=[5.0], form=form, shape=shape)
    for x in (3.0, 200.0, 900.0, 7000.0):
        h = 1e-4 * x
        up, down = curves.value([x + h])[0], curves.value([x - h])[0]
        assert curves.slope([x])[0] == pytest.approx((up - down) / (2 * h), rel=1e-5)
        bend = -(curves.slope([x + h])[0] - curves.slope([x - h])[0]) / (2 * h)
        assert curves.bend([x])[0] == pytest.approx(bend, rel=1e-4, abs=1e-12)
        assert curves.step([x], 7.0)[0] == pytest.approx(curves.value([x + 7.0])[0] - curves.value([x])[0], rel=1e-9)
        if form == "power" and shape == 1.0:
            continue
        if x > 500.0 * float(hill_turn(np.array(shape))) or form != "hill":
            assert curves.inverse_slope(curves.slope([x])[0])[0] == pytest.approx(x, rel=1e-7)


def test_straight_pieces_go_through_their_points() -> None:
    curves = Curves.through({"fair": [(1000, 30), (3000, 50)], "post": [(500, 5)]}, value=10)
    assert curves.value([1000, 250]).tolist() == pytest.approx([300, 25])
    assert curves.slope([0, 600]).tolist() == pytest.approx([0.3, 0.0])
    assert curves.inverse_slope(0.2).tolist() == pytest.approx([1000, 0])
    with pytest.raises(ValueError, match="'a': the points"):
        Curves.through({"a": [(10, 1), (20, 5)]})


def test_a_shape_that_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="'b': the shape"):
        Curves.make("ab", ceiling=[1, 1], half=[1, 1], form="power", shape=[0.5, 1.5])
    assert set(FORMS) > {"hill", "log", "power"}
