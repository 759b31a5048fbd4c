"""Cross-sell: the worked example, weights of a known world found again, and chances that come true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from regulars.understand import CrossSell, UnscaledFeatures
from regulars.understand.logit_fit import calibrate, fit_logits, ranking_area


def company(people=1_500, days=240, seed=0):
    """Who has bought X orders Y with a chance of 4 % a day-block, others with 1 %; Z is luck; blocks of ten days."""
    rng = np.random.default_rng(seed)
    rows = []
    has = np.zeros(people, dtype=bool)
    for day in range(0, days, 10):
        x, y, z = (rng.random(people) < p for p in (0.05, np.where(has, 0.12, 0.02), 0.05))
        for product, flag in (("x", x), ("y", y), ("z", z)):
            who = np.flatnonzero(flag)
            rows.append(pd.DataFrame({"customer": who, "product": product, "day": day + rng.integers(0, 10, len(who))}))
        has |= x
    frame = pd.concat(rows)
    frame["customer"] = "c" + frame["customer"].astype(str).str.zfill(5)
    frame["day"] = pd.to_datetime(frame["day"], unit="D", origin="2026-01-01").dt.date
    return frame


@pytest.fixture(scope="module")
def fitted():
    return CrossSell(horizon_days=30).fit(company(4_000, 400))


def test_the_worked_example_every_text_gets_wrong():
    model = CrossSell.from_weights(1.0, [0.5, 0.3, 0.2])
    assert model.probability([5, 8, 1]) == pytest.approx(0.99776, abs=5e-6)
    with pytest.warns(UnscaledFeatures):
        assert CrossSell.from_weights(0.5, [0.3, 0.2, -0.1]).probability([4, 500, 30]) == 1.0


def test_chances_come_true_and_beat_the_base_rate(fitted):
    found = {name: value for name, value, _, _ in fitted.card_.metrics}
    assert found["brier"] < found["brier_base_rate"]
    assert found["forecast"] == pytest.approx(found["actual"], rel=0.12)
    assert found["calibration_error"] < 0.02
    assert fitted.limits_ == ()
    # With a chance per block of .12 or .02, three blocks give these chances.
    table = fitted.predict().to_pandas()
    y = table[table["product"] == "y"].set_index("customer")["chance"]
    log = company(4_000, 400)
    with_x = set(log[log["product"] == "x"]["customer"])
    had = y.index.isin(with_x)
    assert y[had].mean() == pytest.approx(1 - 0.88**3, abs=0.05)
    assert y[~had].mean() < 0.4 * y[had].mean()


def test_the_reason_is_the_product_that_raises_the_chance(fitted):
    table = fitted.predict().to_pandas()
    likely = table[(table["product"] == "y") & (table["chance"] > 0.25)]
    assert (likely["because"] == "x").mean() > 0.8
    assert ((table["low"] <= table["chance"]) & (table["chance"] <= table["high"])).all()
    assert set(fitted.targets_) == {"x", "y", "z"}


def test_nothing_after_the_evening_is_looked_at():
    log = company(people=300)
    cut = log["day"].max() - pd.Timedelta(days=40)
    known = CrossSell().fit(log[log["day"] <= cut], now=cut).predict().to_pandas()
    later = CrossSell().fit(log, now=cut).predict().to_pandas()
    pd.testing.assert_frame_equal(known, later)


def test_categories_are_foretold_like_products():
    log = company(people=400)
    log["category"] = log["product"].map({"x": "tea", "y": "cups", "z": "cups"})
    model = CrossSell(by="category").fit(log)
    assert set(model.targets_) == {"tea", "cups"}
    with pytest.raises(KeyError, match="category"):
        CrossSell(by="category").fit(company(people=20))


def test_a_short_history_says_so():
    log = company(people=200, days=40)
    model = CrossSell(horizon_days=30).fit(log)
    assert model.limits_ == ("history_too_short_to_test", "too_short_for_next_product")
    assert model.predict().num_rows == 0
    untested = CrossSell(horizon_days=30).fit(company(people=200, days=80))
    assert untested.limits_ == ("history_too_short_to_test",)
    assert untested.predict().num_rows > 0
    empty = CrossSell().fit(pa.table({"customer": pa.array([], pa.string()), "product": pa.array([], pa.string()),
                                      "day": pa.array([], pa.date32())}))  # fmt: skip
    assert empty.predict().num_rows == 0


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.1, 10))
def test_newton_finds_what_scikit_learn_finds(seed, l2):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(200, 3)) * [1, 10, 0.1]
    y = (rng.random(200) < expit(x[:, 0] - 0.1 * x[:, 1])).astype(float)
    model = fit_logits(x, y[:, None], l2)[0]
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    other = LogisticRegression(C=1 / l2, tol=1e-10, max_iter=1_000).fit(scaled, y)
    np.testing.assert_allclose(model.weights, np.r_[other.intercept_, other.coef_[0]], atol=1e-4)


def test_calibration_moves_the_level_with_few_cases_and_the_slope_with_many():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4_000, 1))
    models = fit_logits(x, (rng.random(4_000) < expit(x[:, 0])).astype(float)[:, None], 0.1)
    later = (rng.random(4_000) < expit(0.5 * x[:, 0] - 2)).astype(float)[:, None]
    line = calibrate(models, x, later)[0]
    assert line.slope == pytest.approx(0.5, abs=0.1)
    assert expit(line.scored(x)[0]).sum() == pytest.approx(later.sum(), rel=1e-3)
    few = calibrate(models, x[:200], np.where(np.arange(200) < 5, 1.0, 0.0)[:, None])[0]
    assert few.slope == 1.0
    assert expit(few.scored(x[:200])[0]).sum() == pytest.approx(5.0, rel=1e-6)
    assert calibrate(models, x, np.zeros((4_000, 1)))[0] is models[0]


def test_separated_and_empty_targets_stay_finite():
    x = np.r_[np.zeros(50), np.ones(50)][:, None]
    for y in (x[:, 0], np.zeros(100), np.ones(100)):
        z, error = fit_logits(x, y[:, None], 1.0)[0].scored(x)
        assert np.isfinite(z).all()
        assert np.isfinite(error).all()
    assert ranking_area(np.array([0.2, 0.9]), np.array([0.0, 1.0])) == 1.0
