"""Drift: the index by hand, planted drift found, honest halves left alone, and the bank of 2008-2010."""

from __future__ import annotations

import gzip

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from regulars.understand.drift import drift, drift_over_time, psi

COUNTS = st.lists(st.integers(1, 1000), min_size=2, max_size=8)


@given(st.data())
def test_the_index_is_symmetric_and_never_negative(data):
    before = np.array(data.draw(COUNTS), dtype=float)
    after = np.array(data.draw(st.lists(st.integers(1, 1000), min_size=len(before), max_size=len(before))), dtype=float)
    assert psi(before, after) == pytest.approx(psi(after, before))
    assert psi(before, after) >= -1e-12
    p, q = before / before.sum(), after / after.sum()
    assert psi(before, after) == pytest.approx(float(((q - p) * np.log(q / p)).sum()))


def tables(shift=0.0, seed=0, n=2000):
    rng = np.random.default_rng(seed)
    x = rng.normal(shift, 1, n)
    return pa.table({"x": x, "plan": rng.choice(["a", "b"], n, p=[0.5 - shift / 4, 0.5 + shift / 4]),
                     "left": np.where(rng.random(n) < 0.2 + shift / 10, "yes", "no")})  # fmt: skip


def test_two_halves_of_one_world_are_alike():
    found = drift(tables(seed=1), tables(seed=2), outcome="left")
    assert {c.level for c in found.columns} == {"stable"}
    assert found.auc_low < 0.52
    assert found.rate_before.low < 0.2 < found.rate_before.high


def test_a_shift_is_found_where_it_is():
    old, new = tables(seed=1), tables(1.0, seed=2)
    found = drift(old, new, outcome="left")
    assert found.columns[0].column == "x"
    assert {c.column: c.level for c in found.columns} == {"x": "much", "plan": "much"}
    assert found.columns[0].ks == pytest.approx(ks_2samp(old["x"].to_numpy(), new["x"].to_numpy()).statistic)
    assert found.auc > 0.7
    assert found.rate_after.low > found.rate_before.high - 0.02


def test_cells_that_empty_out_are_a_drift():
    old = pa.table({"x": np.arange(500.0)})
    new = pa.table({"x": pa.array([None if i % 2 else float(i) for i in range(500)])})
    found = drift(old, new).columns[0]
    assert (found.blank_before, found.blank_after) == (0.0, 0.5)
    assert found.level == "much"


def test_bad_tables_say_what_is_wrong():
    with pytest.raises(ValueError, match="need rows"):
        drift({"a": []}, {"a": [1]})
    with pytest.raises(KeyError, match="lacks gone"):
        drift({"a": [1]}, {"a": [1]}, outcome="gone")
    with pytest.raises(ValueError, match="cannot be cut"):
        drift_over_time({"a": [1]}, blocks=8)


@pytest.mark.shared_data
def test_the_bank_met_another_world(shared_data):
    with gzip.open(shared_data / "bank_marketing" / "bank_additional_first80.csv.gz") as stream:
        table = pcsv.read_csv(stream)
    half = table.num_rows // 2
    found = drift(table.slice(0, half), table.slice(half), outcome="y")
    level = {c.column: c.level for c in found.columns}
    assert {level[c] for c in ("euribor3m", "nr.employed", "emp.var.rate", "month")} == {"much"}
    assert level["age"] == "stable"
    assert found.auc > 0.95
    told = drift_over_time(table, outcome="y", blocks=6)
    assert told["psi"]["euribor3m"][0] == 0.0
    assert max(told["psi"]["euribor3m"]) > 1.0
    assert told["rates"][-1].low > told["rates"][0].high
