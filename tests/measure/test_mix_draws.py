from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regulars.measure.mix_draws import identified, summary, thinned


def told(prior, posterior, varied=True):
    return identified(("ads",), prior[:, None], posterior[:, None], np.array([varied])).iloc[0]


def test_overlap_is_that_of_the_two_densities():
    """Two normals of one deviation, d apart, share 2 Phi(-d / 2)."""
    rng = np.random.default_rng(0)
    for apart in (0.0, 1.0, 2.0):
        found = told(rng.normal(5, 1, 20_000), rng.normal(5 + apart, 1, 20_000))["overlap"]
        assert found == pytest.approx(2 * stats.norm.cdf(-apart / 2), abs=0.03)


def test_the_data_decided_only_where_they_narrowed_the_belief():
    rng = np.random.default_rng(1)
    belief = np.abs(rng.normal(0, 5, 5000))
    assert told(belief, rng.normal(4, 0.3, 5000))["identified"]
    assert told(belief, np.abs(rng.normal(0, 0.4, 5000)))["identified"]  # surely small is an answer
    for vague in (belief, np.exp(rng.normal(1.2, 0.9, 5000))):
        assert told(belief, vague)["reason"] == "data_did_not_decide"
    assert told(belief, rng.normal(4, 0.3, 5000), varied=False)["reason"] == "spend_hardly_varied"


def test_summaries_and_thinning():
    draws = np.arange(101.0)[:, None]
    found = summary(draws)
    assert [float(found[k][0]) for k in ("mean", "low", "high")] == [50, 5, 95]
    assert thinned(draws, 3).ravel().tolist() == [0, 50, 100]
    assert len(thinned(draws, 500)) == 101
