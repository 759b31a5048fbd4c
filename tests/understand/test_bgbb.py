from __future__ import annotations

import itertools

import numpy as np
import pytest

from regulars.understand import BetaGeoBetaBinomial

# Donors by gifts, last gift and number, in six yearly occasions: Fader, Hardie and Shang (2010), table 1.
DONORS = {
    (6, 6): 1203, (5, 6): 728, (4, 6): 512, (3, 6): 357, (2, 6): 234, (1, 6): 129, (5, 5): 335, (4, 5): 284,
    (3, 5): 225, (2, 5): 173, (1, 5): 119, (4, 4): 240, (3, 4): 181, (2, 4): 155, (1, 4): 78, (3, 3): 322,
    (2, 3): 255, (1, 3): 129, (2, 2): 613, (1, 2): 277, (1, 1): 1091, (0, 0): 3464,
}  # fmt: skip


@pytest.fixture(scope="module")
def donors():
    x, tx = np.array(list(DONORS)).T
    return {"frequency": x, "recency": tx, "n_periods": np.full(22, 6), "weights": np.array(list(DONORS.values()))}


@pytest.fixture(scope="module")
def fitted(donors):
    return BetaGeoBetaBinomial().fit(donors)


def test_published_estimates_of_the_donations(fitted):
    assert fitted.n_customers_ == 11_104
    assert fitted.parameters_ == pytest.approx([1.20352, 0.74972, 0.65672, 2.78344], abs=2e-4)
    assert fitted.log_likelihood_ == pytest.approx(-33225.58, abs=0.005)
    assert fitted.converged_
    assert all(0 < e < 0.5 for e in fitted.standard_errors_.values())


def test_published_chances_and_totals_of_the_donations(fitted, donors):
    assert fitted.p_alive([0, 2, 6], [0, 4, 6], 6) == pytest.approx([0.11, 0.59, 0.93], abs=0.005)
    five_years = fitted.conditional_expected_purchases(5, donors["frequency"], donors["recency"], 6)
    assert five_years @ donors["weights"] == pytest.approx(12884.2, abs=0.1)
    everyone = np.exp(fitted.log_likelihoods([0, 6], [0, 6], 6)) * 11_104
    assert everyone == pytest.approx([3454.9, 1253.1], abs=0.1)


def test_likelihood_by_counting_every_history(fitted):
    """Brute force: integrate p and theta by quadrature over all 2^4 histories and times of leaving."""
    rng = np.random.default_rng(0)
    a, b, c, d = fitted.parameters_
    p, theta = rng.beta(a, b, 400_000), rng.beta(c, d, 400_000)
    n = 4
    for history in itertools.product((0, 1), repeat=n):
        x = sum(history)
        tx = max((i + 1 for i, bought in enumerate(history) if bought), default=0)
        chance = np.zeros_like(p)
        for stays in range(tx, n + 1):
            seen = p**x * (1 - p) ** (stays - x) * (1 - theta) ** stays
            chance += seen * (theta if stays < n else 1.0)
        assert chance.mean() == pytest.approx(float(np.exp(fitted.log_likelihoods(x, tx, n))), rel=0.02)


def test_gradient_and_hessian_by_differences(donors):
    cells = [np.asarray(donors[k], dtype=float) for k in ("frequency", "recency", "n_periods", "weights")]
    p, model = np.array([0.8, 1.4, 0.5, 2.0]), BetaGeoBetaBinomial()
    _, g, h = model._sums(p, *cells)
    for i in range(4):
        step = np.zeros(4)
        step[i] = 1e-5
        up, down = model._sums(p + step, *cells), model._sums(p - step, *cells)
        assert g[i] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-5, abs=1e-3)
        assert h[i] == pytest.approx((up[1] - down[1]) / 2e-5, rel=1e-5, abs=1e-2)


def test_recovers_what_a_simulation_was_made_of():
    rng = np.random.default_rng(4)
    n, occasions = 20_000, 10
    p, theta = rng.beta(1.2, 0.8, n), rng.beta(0.7, 2.8, n)
    alive = np.cumprod(rng.random((n, occasions)) >= theta[:, None], axis=1)
    bought = (rng.random((n, occasions)) < p[:, None]) & (alive > 0)
    last = np.where(bought.any(axis=1), occasions - np.argmax(bought[:, ::-1], axis=1), 0)
    model = BetaGeoBetaBinomial().fit(
        {"frequency": bought.sum(axis=1), "recency": last, "n_periods": np.full(n, occasions)}
    )
    errors = np.array(list(model.standard_errors_.values()))
    assert np.all(np.abs(model.parameters_ - [1.2, 0.8, 0.7, 2.8]) < 4 * errors)


def test_long_histories_and_endings_without_gaps(fitted):
    chance = fitted.p_alive([0, 500, 1, 10_000], [0, 900, 1, 10_000], [0, 1000, 10_000, 10_000])
    assert np.all((chance >= 0) & (chance <= 1))
    assert fitted.conditional_expected_purchases(0, 2, 4, 6) == 0
    now, later = (fitted.conditional_expected_purchases(5, 2, 4, 6, discount=d) for d in (0.0, 0.1))
    assert 0 < later < now


def test_impossible_rows_are_named():
    with pytest.raises(ValueError, match="row 1"):
        BetaGeoBetaBinomial().fit({"frequency": [1, 3], "recency": [2, 2], "n_periods": [4, 4]})
    with pytest.raises(KeyError, match="n_periods"):
        BetaGeoBetaBinomial().fit({"frequency": [1], "recency": [2]})
