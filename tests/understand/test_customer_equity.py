from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from regulars.understand.customer_equity import cohort_names, concentration, customer_equity, histogram, largest


def worth(clv):
    clv = np.asarray(clv, dtype=float)
    return pa.table(
        {"clv": clv, "clv_low": clv / 2, "clv_high": clv * 2, "clv_historic": clv, "expected_orders": clv / 10,
         "p_alive": np.full(len(clv), 0.5)}
    )  # fmt: skip


def test_groups_add_up_to_everybody():
    rng = np.random.default_rng(0)
    table = worth(rng.gamma(0.5, 1000, 500))
    rows = customer_equity(table, pa.array(rng.choice(["web", "shop", None], 500).tolist()))
    assert {r.key for r in rows} == {"", "shop", "web"}
    assert sum(r.equity for r in rows) == pytest.approx(table.column("clv").to_numpy().sum())
    assert sum(r.customers for r in rows) == 500
    assert sum(r.share for r in rows) == pytest.approx(1.0)
    assert all(0 <= r.low <= r.equity <= r.high for r in rows)
    # Luck evens out: the range of a group is narrower than the sum of the ranges.
    assert all(r.high - r.equity < r.equity for r in rows)
    assert [r.key for r in largest(rows, 2)] == [r.key for r in sorted(rows, key=lambda r: -r.equity)[:2]]
    with pytest.raises(ValueError, match="group names"):
        customer_equity(table, pa.array(["a"]))


@pytest.mark.parametrize(
    ("last", "step", "first_name"), [("2026-03-09", "month", "2026-01"), ("2028-01-02", "quarter", "2026-Q1"),
                                     ("2044-01-02", "year", "2029")]
)  # fmt: skip
def test_cohorts_are_as_fine_as_can_be_read(last, step, first_name):
    days = pa.array(np.arange("2026-01-15", last, dtype="datetime64[D]"))
    found, names = cohort_names(days)
    assert found == step
    assert names[0].as_py() == first_name
    assert len(set(names.to_pylist())) <= 16


def test_concentration_of_equals_and_of_one():
    equal = concentration(np.ones(100))
    assert (equal.half, round(equal.gini, 10)) == (0.5, 0.0)
    one = concentration(np.r_[np.zeros(99), 5.0])
    assert (one.half, one.gini) == (0.01, pytest.approx(0.99))
    assert concentration(np.zeros(3)) is None
    assert concentration(np.array([])) is None


def test_every_customer_is_in_one_bar():
    values = np.random.default_rng(1).lognormal(8, 1.5, 1000)
    bins = histogram(values)
    assert sum(n for _, _, n in bins) == 1000
    assert len(bins) <= 16
    for low, high, n in bins[:-1]:
        assert n == np.sum((values >= low) & (values < high))
    assert histogram(np.zeros(4)) == ()
    assert histogram(np.array([0.5]))[-1][2] == 1
