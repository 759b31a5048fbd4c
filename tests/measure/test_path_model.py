from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from regulars.measure import Attribution, path_model
from regulars.measure.journeys import Journeys, journeys


def drawn(n: int, seed: int = 0) -> tuple[pa.Table, np.ndarray]:
    """Journeys whose chance of an order is known: a helps, b helps when met again, c does nothing."""
    rng = np.random.default_rng(seed)
    paths = [["abc"[k] for k in rng.integers(0, 3, rng.integers(1, 5))] for _ in range(n)]
    eta = np.array([-2.0 + 1.2 * ("a" in p) + 0.8 * np.log2(max(p.count("b"), 1)) for p in paths])
    won = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)
    return pa.table({"path": paths, "conversions": won, "value": won * 100, "nulls": 1 - won}), eta


def counts(told: Journeys) -> tuple[np.ndarray, np.ndarray]:
    return told.total(told.won), told.total(told.lost)


def test_the_coefficients_that_made_the_journeys_are_found() -> None:
    told = journeys(drawn(25_000)[0])
    model = path_model.fit(told, *counts(told), ridge=1.0, seed=0)
    # Constant, then presence of a, b and c, then their repeats.
    assert model.beta == pytest.approx([-2.0, 1.2, 0.0, 0.0, 0.0, 0.8, 0.0], abs=0.12)
    assert model.auc is not None
    assert model.auc > 0.6


def test_newton_ends_where_another_implementation_does() -> None:
    told = journeys(drawn(2_000)[0])
    won, lost = counts(told)
    beta, _ = path_model.newton(path_model.features(told), won, lost, ridge=0.5)
    X = path_model.features(told).toarray()[:, 1:]
    other = LogisticRegression(C=1 / 0.5, tol=1e-10, max_iter=5_000)
    other.fit(np.concatenate([X, X]), np.repeat([1, 0], len(X)), sample_weight=np.concatenate([won, lost]))
    assert beta[1:] == pytest.approx(other.coef_[0], abs=1e-4)
    assert beta[0] == pytest.approx(other.intercept_[0], abs=1e-4)


def test_a_channel_that_does_nothing_gets_next_to_nothing_and_others_their_fall_in_chance() -> None:
    paths = drawn(25_000)[0]
    found = Attribution(method="logistic", draws=40).fit(paths)
    share = dict(zip(found.credits_["channel"].to_pylist(), found.credits_["share"].to_pylist(), strict=True))
    linear = Attribution(method="linear", draws=0).fit(paths).credits_["share"].to_pylist()
    assert share["a"] > 1.5 * linear[0]
    assert share["c"] < 0.6 * linear[2]
    assert found.limits_ == ()


def test_journeys_that_tell_nothing_are_said_to_tell_nothing() -> None:
    rng = np.random.default_rng(1)
    won = rng.integers(0, 2, 3_000)
    paths = [["a", "b", "c", "d"][: 1 + k] for k in rng.integers(0, 4, 3_000)]
    found = Attribution(method="logistic", draws=0).fit(pa.table({"path": paths, "conversions": won, "nulls": 1 - won}))
    assert found.limits_ == ("path_model_no_better_than_luck",)


def test_ranking_counts_pairs() -> None:
    score, won, lost = np.array([0.1, 0.5, 0.5, 0.9]), np.array([0, 2, 0, 1]), np.array([3, 0, 1, 1])
    pairs = [(a > b) + 0.5 * (a == b) for a in np.repeat(score, won) for b in np.repeat(score, lost)]
    assert path_model.ranked(score, won.astype(float), lost.astype(float)) == pytest.approx(np.mean(pairs))


def test_replicates_spread_like_models_fitted_anew() -> None:
    paths = drawn(3_000)[0]
    found = Attribution(method="logistic", draws=40).fit(paths)
    low, high = (found.intervals_[f"conversions_{end}"].to_numpy() for end in ("low", "high"))
    rng, credits = np.random.default_rng(3), []
    for _ in range(25):
        again = Attribution(method="logistic", draws=0).fit(paths.take(rng.integers(0, 3_000, 3_000)))
        credits.append(again.credits_["share"].to_numpy() * paths["conversions"].to_numpy().sum())
    width = (high - low) / (2 * 1.645)
    assert width == pytest.approx(np.std(credits, axis=0), rel=0.5)
