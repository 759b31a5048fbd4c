from __future__ import annotations

import numpy as np
from scipy.special import expit

from regulars.understand import Uplift


def world(n: int, seed: int, more: tuple[float, ...]) -> tuple[np.ndarray, ...]:
    """Features, arm, answer and true uplift where the log odds gain 0.6 plus x times ``more``."""
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=(n, len(more))), rng.integers(0, 2, n)
    ready = -2.0 + 0.7 * x[:, 0]
    gained = ready + 0.6 + x @ np.array(more)
    y = (rng.random(n) < expit(np.where(t == 1, gained, ready))).astype(float)
    return x, t, y, expit(gained) - expit(ready)


def test_one_effect_on_the_log_odds_ranks_by_readiness_and_beats_a_model_per_arm() -> None:
    pooled, apart = [], []
    for seed in range(4):
        x, t, y, _ = world(4_000, seed, (0.0, 0.0, 0.0, 0.0))
        fresh, _, _, truth = world(20_000, 100 + seed, (0.0, 0.0, 0.0, 0.0))
        for learner, ranks in (("s", pooled), ("t", apart)):
            score = Uplift(learner=learner, base="logistic", curved=False).fit(x, t, y).predict(fresh)
            ranks.append(np.corrcoef(np.argsort(np.argsort(score)), np.argsort(np.argsort(truth)))[0, 1])
    assert np.mean(pooled) > 0.9
    assert min(np.array(pooled) - np.array(apart)) > 0


def test_people_who_differ_and_people_who_are_harmed_are_found_with_honest_intervals() -> None:
    x, t, y, truth = world(12_000, 1, (0.0, 0.9))
    model = Uplift(learner="s", base="logistic", curved=False).fit(x, t, y)
    value, low, high = (v[:, 0] for v in model.predict_interval(x))
    assert model.models_["1"].pull < 1e5
    assert np.corrcoef(value, truth)[0, 1] > 0.97
    assert (truth[value < -0.02] < 0).mean() > 0.95
    assert ((low <= truth) & (truth <= high)).mean() > 0.75


def test_weights_put_a_hand_made_choice_right_and_a_given_pull_is_kept() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(8_000, 2))
    share = expit(x[:, 0])
    t = (rng.random(8_000) < share).astype(int)
    y = (rng.random(8_000) < expit(-1.5 + 0.8 * x[:, 0] + 0.5 * t)).astype(float)
    model = Uplift(learner="s", base="logistic", curved=False, propensity="estimate", penalizer=1e3).fit(x, t, y)
    truth = expit(-1.0 + 0.8 * x[:, 0]) - expit(-1.5 + 0.8 * x[:, 0])
    assert model.models_["1"].pull == 1e3
    assert abs(model.predict(x).mean() - truth.mean()) < 0.03


def test_a_company_where_nobody_ever_answers_gets_zeros() -> None:
    x, t = np.random.default_rng(0).normal(size=(200, 2)), np.arange(200) % 2
    found = Uplift(learner="s", base="logistic").fit(x, t, np.zeros(200)).predict(x)
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 1e-3
