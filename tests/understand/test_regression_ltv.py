from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import Ridge

from regulars.understand.day_cells import DayCells
from regulars.understand.regression_ltv import RegressionLTV, _early


def shop(n, seed, days=700):
    rng = np.random.default_rng(seed)
    first, rate = rng.integers(0, 400, n), rng.gamma(1.0, 0.02, n)
    count = rng.poisson(rate * (days - first))
    who = np.repeat(np.arange(n), count)
    day = first[who] + 1 + np.floor(rng.random(len(who)) * (days - first)[who]).astype(int)
    key = np.unique(np.concatenate([np.arange(n) * 10_000 + first, who * 10_000 + np.minimum(day, days)]))
    code, size = key // 10_000, rng.gamma(4.0, 250.0, n)
    amount = np.round(size[code] * rng.gamma(4.0, 0.25, len(code)))
    return DayCells(pa.array(np.arange(n).astype(str)), code, key % 10_000, np.ones(len(code), int), amount, days)


@pytest.fixture(scope="module")
def cells():
    return shop(2000, 1)


def test_it_is_the_ridge_of_scikit_learn(cells):
    model = RegressionLTV(horizon_days=200).fit_cells(cells)
    early = _early(cells, 90, 200)
    known = np.isfinite(early.later)
    x = early.features[known]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    other = Ridge(alpha=model.penalty_).fit(x, early.later[known])
    assert list(model.coef_.values()) == pytest.approx(other.coef_.tolist(), rel=1e-6)
    assert model.intercept_ == pytest.approx(other.intercept_)


def test_it_foretells_customers_it_has_not_seen(cells):
    model = RegressionLTV(horizon_days=200).fit_cells(cells)
    h = model.card_.holdout
    assert abs(h.bias) < 0.12
    assert h.mae < 0.8 * h.naive_mae
    assert model.card_.limits == ()
    table = model.predict()
    low, mean, high = (table.column(c).to_numpy() for c in ("ltv_low", "ltv", "ltv_high"))
    assert np.all((low >= 0) & (low <= mean))
    early = _early(cells, 90, 200)
    known = np.isfinite(early.later)
    assert np.mean((early.later >= low)[known] & (early.later <= high)[known]) == pytest.approx(0.9, abs=0.06)


def test_only_days_after_the_first_count_as_later():
    cells = DayCells(pa.array(["a"]), np.zeros(4, int), np.array([0, 89, 90, 189]), np.ones(4, int),
                     np.array([1.0, 2.0, 4.0, 8.0]), 400)  # fmt: skip
    early = _early(cells, 90, 100)
    assert early.later.tolist() == [12.0]
    assert early.features[0, [0, 3, 4]].tolist() == [2.0, 89.0, 1.0]
    assert np.isnan(_early(cells, 90, 400).later[0])


def test_too_little_history_says_what_to_do(cells):
    with pytest.raises(ValueError, match="shorter horizon_days"):
        RegressionLTV(horizon_days=5000).fit_cells(cells)
    with pytest.raises(ValueError, match="at least 1"):
        RegressionLTV(window_days=0).fit_cells(cells)
