from __future__ import annotations

import numpy as np
import pytest

from regulars.measure.bayes_test import Posterior, chance_best, credible, expected_loss


def test_equals_draws() -> None:
    arms = {"a": Posterior.share(40, 400), "b": Posterior.share(52, 410), "c": Posterior.share(9, 60)}
    rng = np.random.default_rng(1)
    draws = np.stack([rng.beta(p.first, p.second, 400_000) for p in arms.values()])
    best = np.bincount(draws.argmax(0), minlength=3) / draws.shape[1]
    assert list(chance_best(arms).values()) == pytest.approx(best, abs=3e-3)
    loss = (draws.max(0) - draws).mean(1)
    assert list(expected_loss(arms).values()) == pytest.approx(loss, abs=2e-4)
    assert credible(arms["b"], arms["a"]) == pytest.approx(np.quantile(draws[1] - draws[0], [0.025, 0.975]), abs=1e-3)


def test_published_integral() -> None:
    """Beta(a, b) against Beta(c, d) has a finite sum where c is whole (Miller 2015, formula for A/B tests)."""
    from scipy.special import betaln

    a, b, c, d = 11, 91, 21, 81
    i = np.arange(c)
    wanted = np.exp(betaln(a + i, b + d) - np.log(d + i) - betaln(1 + i, d) - betaln(a, b)).sum()
    found = chance_best({"x": Posterior.share(10, 100), "y": Posterior.share(20, 100)})
    assert found["y"] == pytest.approx(wanted, abs=2e-5)


def test_the_closed_form_of_two_normals_is_the_integral() -> None:
    two = {"a": Posterior.normal(1.0, 0.4), "b": Posterior.normal(1.3, 0.7)}
    # A third arm far below changes nothing but the way it is computed.
    three = two | {"c": Posterior.normal(-50.0, 0.1)}
    for found in (chance_best, expected_loss):
        plain, integral = found(two), found(three)
        assert [integral[k] for k in "ab"] == pytest.approx([plain[k] for k in "ab"], abs=1e-4)


def test_arms_of_very_different_spread() -> None:
    arms = {"a": Posterior.normal(0, 1e-4), "b": Posterior.normal(0.5, 10)}
    assert chance_best(arms)["b"] == pytest.approx(0.5199, abs=1e-3)
