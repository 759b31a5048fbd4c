from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from regulars.decide.curve_rows import log_sd, read_curves, undecided
from regulars.tables import KPIS


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


def test_the_value_at_the_usual_spend_is_drawn_apart_from_the_half_saturation() -> None:
    # joint truth: the value at 1000 is known to 5 %, the half-saturation only to a factor of 2.7
    rng = np.random.default_rng(4)
    half = 1000 * np.exp(rng.standard_normal(50_000))
    ceiling = 50 * np.exp(0.05 * rng.standard_normal(50_000)) * (1000 + half) / 1000
    low, high = (np.quantile(v, [0.05, 0.95]) for v in (ceiling, half))
    table = rows(kpi("response_ceiling", "a", 100.0, low[0], low[1]), kpi("response_half", "a", 1000.0, *high))
    together = read_curves(table, draws=4_000, level={"a": 1000.0})
    apart = read_curves(table, draws=4_000)
    assert together is not None
    assert apart is not None
    truth = np.quantile(ceiling * 1000 / (1000 + half), [0.05, 0.95])
    drawn = np.quantile(together.values([1000.0])[:, 0], [0.05, 0.95])
    wide = np.quantile(apart.values([1000.0])[:, 0], [0.05, 0.95])
    assert drawn[1] - drawn[0] < 0.5 * (wide[1] - wide[0])
    assert drawn[0] <= truth[0] * 1.05
    assert drawn[1] >= truth[1] * 0.95
    assert together.values([1000.0]).mean() == pytest.approx(50.0, rel=0.03)


def test_a_code_names_the_channels_the_data_could_not_tell() -> None:
    table = rows(
        kpi("response_ceiling", "a", 1.0, why="counted=orders;data_did_not_decide"),
        kpi("response_ceiling", "b", 1.0, why="counted=orders"),
    )
    assert undecided(table) == {"a"}


def test_the_family_and_its_shape_are_read_and_a_shape_that_cannot_be_makes_no_curve() -> None:
    table = rows(
        *(kpi("response_ceiling", c, 100.0) for c in "abcde"),
        kpi("response_half", "a", 5000.0, why="form=hill;shape=2.5"),
        kpi("response_half", "b", 5000.0, why="form=power;shape=0.5"),
        kpi("response_half", "c", 5000.0, why="form=log"),
        kpi("response_half", "d", 5000.0, why="form=power;shape=3"),
        kpi("response_half", "e", 5000.0, why="form=hill;shape=steep"),
    )
    curves = read_curves(table)
    assert curves is not None
    assert curves.channels == ("a", "b", "c")
    assert curves.forms == ("hill", "power", "log")
    assert curves.curved.tolist() == [True, False, False]
    z = np.array([2500.0] * 3) / 5000
    assert curves.value([2500.0] * 3)[:2] == pytest.approx([100 * z[0] ** 2.5 / (1 + z[0] ** 2.5), 50 * z[1] ** 0.5])


def test_a_channel_known_only_by_market_has_a_curve_in_each() -> None:
    table = rows(
        kpi("response_ceiling", "search", 100.0, market="north"), kpi("response_half", "search", 500.0, market="north"),
        kpi("response_ceiling", "search", 60.0, market="south"), kpi("response_half", "search", 900.0, market="south"),
        kpi("response_value", "search", 30.0), kpi("response_value", "search", 20.0, market="south"),
        kpi("response_ceiling", "social", 10.0), kpi("response_half", "social", 10.0),
        kpi("response_ceiling", "social", 99.0, market="north"), kpi("response_half", "social", 99.0, market="north"),
    )  # fmt: skip
    curves = read_curves(table)
    assert curves is not None
    assert curves.channels == ("search@north", "search@south", "social")
    assert curves.value([500.0, 900.0, 10.0]) == pytest.approx([1500.0, 600.0, 5.0])
