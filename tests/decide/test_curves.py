from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.decide.curves import FAMILIES, Curves, log_sd, read_curves
from regulars.tables import KPIS

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


def kpi(name: str, channel: str | None, value: float, low: float | None = None, high: float | None = None,
        market: str | None = None, day: int = 1, why: str | None = None) -> dict[str, object]:  # fmt: skip
    return {
        "name": name, "day": date(2026, 1, 5), "grain": "week", "channel": channel, "market": market, "value": value,
        "low": low, "high": high, "made_by": "test/1", "made_at": datetime(2026, 2, day, tzinfo=UTC),
        "lake_version": "1", "why": why,
    }  # fmt: skip


def rows(*given: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(given), schema=KPIS.schema)


def test_curves_are_read_from_the_newest_rows_of_all_markets() -> None:
    table = rows(
        kpi("response_ceiling", "search", 999.0, day=1),
        kpi("response_ceiling", "search", 100.0, day=2),
        kpi("response_half", "search", 5000.0, day=2, why="form=tanh"),
        kpi("response_value", "search", 30.0, day=2),
        kpi("response_ceiling", "search", 1.0, day=3, market="north"),
        kpi("response_ceiling", "radio", 10.0),
        kpi("revenue", "search", 10.0),
    )
    curves = read_curves(table)
    assert curves is not None
    assert curves.channels == ("search",)
    assert curves.forms == ("tanh",)
    assert curves.value([5000.0])[0] == pytest.approx(1500.0)
    assert read_curves(KPIS.empty()) is None


def test_intervals_become_draws_with_that_interval() -> None:
    table = rows(
        kpi("response_ceiling", "a", 100.0, 50.0, 200.0),
        kpi("response_half", "a", 1000.0, 500.0, 2000.0),
    )
    curves = read_curves(table, draws=20_000, seed=1)
    assert curves is not None
    assert np.quantile(curves.scale, [0.05, 0.95]) == pytest.approx([500.0, 2000.0], rel=0.03)
    assert curves.worth.mean() == pytest.approx(100.0, rel=0.02)


def test_an_interval_that_touches_zero_is_judged_by_its_upper_side() -> None:
    assert float(log_sd(1.0, 0.0, math.e)) == pytest.approx(1 / 1.6448536)
    assert float(log_sd(1.0, math.nan, math.nan)) == 0.0
