from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.decide.curves import FAMILIES, Curves

spends = st.floats(0.0, 1e6)
prices = st.floats(1e-6, 1.0)


@pytest.mark.parametrize("form", FAMILIES)
def test_half_of_the_ceiling_is_reached_at_the_half_saturation_in_every_form(form: str) -> None:
    curves = Curves.make(["a"], ceiling=[40.0], half=[123.0], value=[5.0], form=form)
    assert curves.value([123.0])[0] == pytest.approx(100.0, rel=1e-14)
    assert curves.value([1e9])[0] == pytest.approx(200.0, rel=1e-6)


@pytest.mark.parametrize("form", FAMILIES)
@given(spend=st.floats(0.0, 4000.0))
def test_slope_and_bend_are_the_derivatives(form: str, spend: float) -> None:
    curves = Curves.make(["a"], ceiling=[40.0], half=[500.0], value=[5.0], form=form)
    h = 1e-3
    x = max(spend, h)
    numeric = (curves.value([x + h]) - curves.value([x - h])) / (2 * h)
    assert curves.slope([x])[0] == pytest.approx(numeric[0], rel=1e-6, abs=1e-9)
    bend = -(curves.slope([x + h]) - curves.slope([x - h])) / (2 * h)
    assert curves.bend([x])[0] == pytest.approx(bend[0], rel=1e-5, abs=1e-10)


@pytest.mark.parametrize("form", FAMILIES)
@given(share=st.floats(1e-9, 0.999))
def test_inverse_slope_inverts_the_slope(form: str, share: float) -> None:
    curves = Curves.make(["a"], ceiling=[40.0], half=[500.0], value=[5.0], form=form)
    price = float(curves.slope([0.0])[0]) * share
    assert curves.slope(curves.inverse_slope(price))[0] == pytest.approx(price, rel=1e-9)
    steeper = float(curves.slope([0.0])[0]) * 1.01
    assert curves.inverse_slope(steeper)[0] == 0.0


@pytest.mark.parametrize("form", FAMILIES)
@given(spend=spends, more=st.floats(0.5, 1e5))
def test_step_is_the_difference_of_values(form: str, spend: float, more: float) -> None:
    curves = Curves.make(["a"], ceiling=[40.0], half=[50_000.0], value=[5.0], form=form)
    plain = (curves.value([spend + more]) - curves.value([spend]))[0]
    assert curves.step([spend], more)[0] == pytest.approx(plain, rel=1e-6, abs=1e-10)


def test_mixed_forms_answer_as_each_form_alone() -> None:
    forms = ["tanh", "hyperbolic", "exponential", "tanh"]
    both = Curves.make("abcd", ceiling=[1, 2, 3, 4], half=[5, 6, 7, 8], form=forms)
    for i, form in enumerate(forms):
        alone = Curves.make("x", ceiling=[i + 1], half=[i + 5], form=form)
        assert both.value([3.0] * 4)[i] == alone.value([3.0])[0]
        assert both.inverse_slope(0.05)[i] == alone.inverse_slope(0.05)[0]
        assert both.take([i]).slope([2.0])[0] == alone.slope([2.0])[0]


def test_with_draws_the_mean_is_answered_and_its_slope_inverted() -> None:
    one = Curves.make("ab", ceiling=[100.0, 50.0], half=[300.0, 20.0], form=["tanh", "hyperbolic"])
    drawn = one.draw(300, worth_sd=0.5, scale_sd=0.7, seed=3)
    spend = np.array([40.0, 90.0])
    by_hand = np.mean(
        [Curves(one.channels, one.forms, w, s).value(spend) for w, s in zip(drawn.worth, drawn.scale, strict=True)],
        axis=0,
    )
    assert drawn.value(spend) == pytest.approx(by_hand, rel=1e-12)
    assert drawn.slope(drawn.inverse_slope(0.1)) == pytest.approx([0.1, 0.1], rel=1e-10)
    assert drawn.worth.mean(axis=0) == pytest.approx(one.worth, rel=0.1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"half": [0.0, 1.0]}, "'a'.*half-saturation above 0"),
        ({"ceiling": [1.0, -1.0]}, "'b'.*ceiling"),
        ({"ceiling": [1.0, math.nan]}, "'b'"),
        ({"form": "logistic"}, "'logistic' is not one of"),
        ({"channels": ["a", "a"]}, "named twice"),
    ],
)
def test_a_curve_that_cannot_be_is_named(change: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"channels": ["a", "b"], "ceiling": [1.0, 1.0], "half": [1.0, 1.0], **change}
    with pytest.raises(ValueError, match=words):
        Curves.make(given.pop("channels"), **given)  # type: ignore[arg-type]
