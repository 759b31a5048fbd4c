from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from regulars.measure.mix_shapes import ADSTOCKS, SATURATIONS, carry, described, lagged, saturate

number = st.floats(-2, 2)


@given(u=st.tuples(number, number), kind=st.sampled_from(sorted(ADSTOCKS)))
def test_weights_are_shares(u, kind):
    w, _ = carry(kind, 6, np.array(u))
    assert w.sum() == pytest.approx(1)
    assert (w >= 0).all()


def test_weights_are_those_of_the_papers():
    geometric, _ = carry("geometric", 3, np.array([special.logit(0.4)]))
    assert geometric == pytest.approx(0.4 ** np.arange(4) / (0.4 ** np.arange(4)).sum())
    delayed, _ = carry("delayed", 4, np.array([special.logit(0.5), np.log(2.0)]))
    assert delayed == pytest.approx(0.5 ** (np.arange(5) - 2.0) ** 2 / (0.5 ** (np.arange(5) - 2.0) ** 2).sum())
    weibull, _ = carry("weibull", 5, np.log([2.0, 1.5]))
    density = stats.weibull_min(1.5, scale=2.0).pdf(np.arange(1, 7))
    assert weibull == pytest.approx(density / density.sum())


@given(a=st.floats(0, 10), u=st.tuples(number, number), kind=st.sampled_from(sorted(SATURATIONS)))
def test_a_share_rises_from_nothing_to_all_through_one_half(a, u, kind):
    def share(x):
        return float(saturate(kind, np.array([[x]]), np.array(u)[:, None])[0][0, 0])

    assert share(0.0) == pytest.approx(0, abs=1e-4)
    assert 0 <= share(a) <= share(a + 1) <= 1
    assert share(np.exp(u[0])) == pytest.approx(0.5)


@pytest.mark.parametrize("kind", list(SATURATIONS))
def test_slopes_flow_back(kind):
    rng = np.random.default_rng(0)
    a, u, g = rng.gamma(2, 1, (2, 5)), rng.normal(size=(2, 2)), rng.normal(size=(2, 5))
    back = saturate(kind, a, u)[1](g)

    def total(a, u):
        return float((saturate(kind, a, u)[0] * g).sum())

    e = 1e-6
    for i in range(len(SATURATIONS[kind])):
        step = np.zeros_like(u)
        step[i] = e
        assert (total(a, u + step) - total(a, u - step)) / (2 * e) == pytest.approx(back[1 + i].sum(), rel=1e-6)
    assert (total(a + e, u) - total(a - e, u)) / (2 * e) == pytest.approx(back[0].sum(), rel=1e-6)


def test_lags_reach_back_and_no_further():
    assert lagged(np.arange(1.0, 5.0), 2).tolist() == [[1, 2, 3, 4], [0, 1, 2, 3], [0, 0, 1, 2]]
    assert lagged(np.ones((2, 3, 1)), 4).sum() == 6


def test_coordinates_are_told_in_their_own_units():
    assert described("delayed", np.array([0.0, np.log(2)])) == pytest.approx({"decay": 0.5, "peak": 2.0})
