from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.decide.uplift import Z95, Prior, pooled, read_uplifts
from regulars.tables import OUTCOMES

PRIOR = Prior(0.005, 0.005)


def row(plan: str, action: str, value: float, error: float, day: int = 1, why: str | None = None,
        name: str = "lift_orders") -> dict[str, object]:  # fmt: skip
    return {
        "plan": plan, "subject": action, "name": name, "value": value, "low": value - Z95 * error,
        "high": value + Z95 * error, "treated": 100, "held": 10, "made_by": "t", "lake_version": "1", "why": why,
        "made_at": datetime(2026, 1, day, tzinfo=UTC),
    }  # fmt: skip


def rows(*given: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(given), schema=OUTCOMES.schema)


def test_without_outcomes_the_prior_stands_and_says_so() -> None:
    only = read_uplifts(OUTCOMES.empty(), {"a": PRIOR})["a"]
    assert (only.mean, only.sd, only.plans, only.code) == (0.005, 0.005, 0, "prior_uplift=0.005")


def test_one_measured_plan_is_shrunk_by_precision() -> None:
    found = read_uplifts(rows(row("p", "a", 0.02, 0.005)), {"a": PRIOR})["a"]
    # equal precision: half way between prior and measurement, and half the variance
    assert found.mean == pytest.approx(0.0125)
    assert found.sd == pytest.approx(0.005 / np.sqrt(2))
    assert found.weight == pytest.approx(0.5)
    assert found.code.startswith("measured_uplift=")


@given(value=st.floats(-0.1, 0.2), error=st.floats(1e-4, 0.1))
def test_the_answer_lies_between_prior_and_measurement(value: float, error: float) -> None:
    found = read_uplifts(rows(row("p", "a", value, error)), {"a": PRIOR})["a"]
    assert min(value, PRIOR.mean) - 1e-12 <= found.mean <= max(value, PRIOR.mean) + 1e-12
    assert found.sd <= min(PRIOR.sd, error) + 1e-12


def test_pooling_follows_der_simonian_and_laird() -> None:
    # Q = 2 at se 1 on (-1, 1): tau^2 = (2 - 1) / (2 - 1) = 1
    mean, variance, between = pooled([-1.0, 1.0], [1.0, 1.0])
    assert (mean, variance, between) == (pytest.approx(0.0), pytest.approx(1.0), pytest.approx(1.0))
    assert pooled([1.0, 1.0], [1.0, 1.0])[2] == 0.0


def test_newest_row_of_a_plan_counts_and_unfair_draws_do_not() -> None:
    table = rows(
        row("p", "a", 0.9, 0.001, day=1),
        row("p", "a", 0.02, 0.001, day=2),
        row("q", "a", 0.9, 0.001, why="window_days=28;sample_ratio_off"),
        row("p", "a", 0.9, 0.001, day=3, name="lift_revenue"),
        row("p", "elsewhere", 0.9, 0.001),
    )
    found = read_uplifts(table, {"a": PRIOR})["a"]
    assert found.plans == 1
    assert found.mean == pytest.approx(0.02, abs=1e-3)


def test_priors_that_were_far_off_for_many_actions_lose_their_say() -> None:
    priors = dict.fromkeys("abcd", PRIOR)
    near = rows(*(row("p", k, 0.005 + d, 0.005) for k, d in zip("abc", (0.001, -0.001, 0.0), strict=True)))
    far = rows(*(row("p", k, 0.08, 0.005) for k in "abc"))
    assert read_uplifts(far, priors)["a"].weight > 0.9
    assert read_uplifts(near, priors)["a"].weight < 0.3
    assert read_uplifts(far, priors)["d"].mean == 0.005


def test_the_estimate_recovers_the_truth_as_plans_add_up() -> None:
    rng = np.random.default_rng(5)
    table = rows(*(row(f"p{k}", "a", 0.03 + 0.01 * rng.standard_normal(), 0.01) for k in range(60)))
    found = read_uplifts(table, {"a": PRIOR})["a"]
    assert found.mean == pytest.approx(0.03, abs=0.004)
