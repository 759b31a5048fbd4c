from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from regulars.measure import Experiment
from regulars.measure.arm_sums import ArmSums
from regulars.measure.comparison import holm


@pytest.fixture
def units() -> pd.DataFrame:
    """Eleven hundred units by closed form, so that other packages can be fed the very same numbers."""
    i, j = np.arange(600), np.arange(500)
    return pd.DataFrame({
        "arm": ["a"] * 600 + ["b"] * 500,
        "outcome": np.r_[i * 37 % 101, j * 53 % 101 + 2].astype(float),
        "before": np.r_[(i * 37 % 101) * 0.5 + i * 11 % 17, (j * 53 % 101) * 0.5 + j * 7 % 17],
        "denominator": np.r_[1 + i % 3, 1 + j % 4],
    })  # fmt: skip


# Printed by gbstats 0.8.0 (TwoSidedTTest, SequentialTwoSidedTTest with tuning 5000, RatioStatistic,
# RegressionAdjustedStatistic) on the units above: delta, low, high, p.
GBSTATS = [
    ({"metric": "mean", "method": "fixed"}, (1.924666666666667, -1.544139246991619, 5.3934725803249535, 0.276521606)),
    ({"metric": "mean", "tightest_at": 5000}, (1.924666666666667, -3.941651351274488, 7.790984684607822, 1.0)),
    ({"metric": "ratio", "method": "fixed"}, (-4.224466666666668, -6.153703747630145, -2.295229585703192, 1.88904e-5)),
    ({"metric": "mean", "method": "fixed", "covariate": "before"},
     (2.0380575279365374, 0.930619817478131, 3.1454952383949437, 0.000319135513)),
]  # fmt: skip


@pytest.mark.parametrize(("options", "wanted"), GBSTATS)
def test_equals_gbstats(units: pd.DataFrame, options: dict[str, Any], wanted: tuple[float, ...]) -> None:
    found = Experiment(**options).fit(units).results_[0]
    assert (found.delta, found.low, found.high) == pytest.approx(wanted[:3], rel=1e-9)
    assert found.p_value == pytest.approx(wanted[3], rel=1e-5)


def test_cuped_and_relative_equal_gbstats(units: pd.DataFrame) -> None:
    adjusted = Experiment(metric="mean", covariate="before").fit(units)
    assert adjusted.cuped_ is not None
    assert adjusted.cuped_.theta == pytest.approx(1.799854940791623, rel=1e-9)
    assert 0.8 < adjusted.cuped_.reduction < 1
    plain = Experiment(metric="mean", method="fixed").fit(units).results_[0]
    assert plain.relative == pytest.approx(0.03853700860975773, rel=1e-9)
    assert (plain.relative_low, plain.relative_high) == pytest.approx(
        (-0.03214722558103332, 0.10922124280054878), rel=1e-9
    )


def test_shares_equal_gbstats() -> None:
    arms = {"a": ArmSums.shares(400, 4000), "b": ArmSums.shares(500, 4100)}
    found = Experiment(tightest_at=5000).fit(arms).results_[0]
    # gbstats 0.8.0 SequentialTwoSidedTTest, and chance to win of EffectBayesianABTest (normal there, beta here).
    assert (found.delta, found.low, found.high, found.p_value) == pytest.approx(
        (0.021951219512195114, 0.0006983276070903488, 0.04320411141729988, 0.03749194998597582), rel=1e-9
    )
    assert found.chance_better == pytest.approx(0.9991786626540469, abs=2e-4)


def test_welch_and_pooled_z_equal_scipy(units: pd.DataFrame) -> None:
    a, b = (units.loc[units["arm"] == k, "outcome"] for k in "ab")
    for side in ("greater", "less", "two-sided"):
        found = Experiment(metric="mean", method="fixed", alternative=side).fit(units).results_[0]  # type: ignore[arg-type]
        wanted = stats.ttest_ind(b, a, equal_var=False, alternative=side)
        ends = wanted.confidence_interval(0.95)
        assert found.p_value == pytest.approx(wanted.pvalue)
        assert (found.low, found.high) == pytest.approx((ends.low, ends.high))
    arms = {"a": ArmSums.shares(40, 400), "b": ArmSums.shares(62, 410)}
    found = Experiment(method="fixed").fit(arms).results_[0]
    wanted = stats.chi2_contingency([[40, 360], [62, 348]], correction=False)
    assert found.p_value == pytest.approx(wanted.pvalue)
    few = {"a": ArmSums.shares(1, 12), "b": ArmSums.shares(6, 14)}
    assert Experiment(method="fixed").fit(few).results_[0].p_value == pytest.approx(
        stats.fisher_exact([[6, 8], [1, 11]]).pvalue
    )


def test_ratio_interval_equals_the_bootstrap_over_people() -> None:
    rng = np.random.default_rng(3)
    d = rng.poisson(2, 800) + 1
    y = d * rng.gamma(4, 20, 800) * rng.gamma(8, 1 / 8, 800)
    data = pd.DataFrame({"arm": np.repeat(["a", "b"], 400), "outcome": y, "denominator": d})
    found = Experiment(metric="ratio", method="fixed").fit(data).results_[0]
    draws = rng.integers(0, 400, (2, 4000, 400))
    a, b = (y[k * 400 : (k + 1) * 400][draws[k]].sum(1) / d[k * 400 : (k + 1) * 400][draws[k]].sum(1) for k in (0, 1))
    assert found.se == pytest.approx((b - a).std(), rel=0.05)


def test_cuped_is_unbiased_and_narrower() -> None:
    rng = np.random.default_rng(5)
    found: list[tuple[float, float, float]] = []
    for _ in range(80):
        before = rng.gamma(2, 50, 1000)
        y = 0.8 * before + rng.normal(0, 30, 1000) + np.repeat([0.0, 10.0], 500)
        data = pd.DataFrame({"arm": np.repeat(["a", "b"], 500), "outcome": y, "before": before})
        with_, without = (Experiment(metric="mean", method="fixed", covariate=c).fit(data).results_[0]
                          for c in ("before", None))  # fmt: skip
        found.append((with_.delta, with_.se / without.se, float(with_.low < 10 < with_.high)))
    mean = np.mean(found, axis=0)
    assert mean[0] == pytest.approx(10, abs=0.7)
    # rho^2 = 0.64 * 5000 / (0.64 * 5000 + 900), so the error shrinks to sqrt(1 - rho^2).
    assert mean[1] == pytest.approx(math.sqrt(900 / (0.64 * 5000 + 900)), abs=0.03)
    assert mean[2] == pytest.approx(0.95, abs=0.05)


def test_several_arms_share_the_error() -> None:
    rng = np.random.default_rng(8)
    n, runs = 400, 100
    counts = rng.binomial(n, 0.2, (runs, 5))
    fooled = 0
    for row in counts:
        arms = {f"arm{k}": ArmSums.shares(int(x), n) for k, x in enumerate(row)}
        fooled += any(r.decided for r in Experiment(method="fixed").fit(arms).results_)
    assert fooled / runs <= 0.1
    assert holm([0.01, 0.02, 0.03, 0.005]) == pytest.approx([0.03, 0.04, 0.04, 0.02])


def test_revenue_says_what_it_estimates() -> None:
    rng = np.random.default_rng(2)
    y = rng.pareto(1.6, 20_000) * 100 * (rng.random(20_000) < 0.1)
    data = pd.DataFrame({"arm": np.tile(["a", "b"], 10_000), "outcome": y})
    capped, raw = Experiment(metric="revenue").fit(data), Experiment(metric="revenue", winsorise=None).fit(data)
    assert (capped.estimand_, raw.estimand_) == ("mean_capped", "mean")
    assert capped.tail_ is not None
    assert capped.tail_.capped == 20
    assert capped.results_[0].se < raw.results_[0].se
    assert "tail_too_heavy" in raw.limits_
    # One whale moves the plain difference, not the capped one.
    whale = data.copy()
    whale.loc[1, "outcome"] = 1e7
    assert Experiment(metric="revenue").fit(whale).results_[0].delta == pytest.approx(
        capped.results_[0].delta, abs=capped.tail_.cap * 0.02 if capped.tail_.cap else 0
    )


def test_a_sided_question_is_answered_on_its_side() -> None:
    arms = {"a": ArmSums.shares(300, 5000), "b": ArmSums.shares(420, 5000)}
    for method in ("always_valid", "fixed"):
        up = Experiment(method=method, alternative="greater").fit(arms).results_[0]  # type: ignore[arg-type]
        down = Experiment(method=method, alternative="less").fit(arms).results_[0]  # type: ignore[arg-type]
        both = Experiment(method=method).fit(arms).results_[0]  # type: ignore[arg-type]
        assert up.decided
        assert not down.decided
        assert up.low > both.low
        assert up.high == math.inf
        assert down.low == -math.inf


def test_every_kind_of_table_gives_the_same(units: pd.DataFrame) -> None:
    import ibis
    import pyarrow as pa

    wanted = Experiment(metric="mean").fit(units)
    for data in (pa.Table.from_pandas(units), ibis.memtable(units)):
        assert Experiment(metric="mean").fit(data).results_ == wanted.results_
    assert wanted.table()["arm"].tolist() == ["b"]
    assert isinstance(wanted.table(like=pa.table({"a": [1]})), pa.Table)


@pytest.mark.parametrize(
    ("options", "change", "says"),
    [
        ({"metric": "median"}, {}, "write one of proportion"),
        ({"method": "bayesian"}, {}, "write one of always_valid"),
        ({"level": 95}, {}, "write 0.95"),
        ({"metric": "proportion"}, {}, "neither 0 nor 1"),
        ({"metric": "mean", "outcome": "money"}, {}, "no column 'money'"),
        ({"metric": "mean"}, {"outcome": math.nan}, "row 0"),
        ({"metric": "mean"}, {"arm": "a"}, "1 arm"),
        ({"metric": "mean", "control": "z"}, {}, "no arm 'z'"),
        ({"metric": "revenue", "winsorise": 5}, {}, "write 0.999"),
        ({"metric": "ratio", "covariate": "before"}, {}, "cannot be adjusted"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    units: pd.DataFrame, options: dict[str, Any], change: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        Experiment(**options).fit(units.assign(**change))


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30),
    st.sampled_from(["always_valid", "fixed", "bayes"]), st.sampled_from(["proportion", "mean", "revenue", "ratio"]),
)  # fmt: skip
def test_tiny_arms_never_give_nonsense(x1: int, r1: int, x0: int, r0: int, method: Any, metric: Any) -> None:
    arms = {"a": ArmSums(x0 + r0, x0, x0, x0 + r0, x0 + r0, x0), "b": ArmSums(x1 + r1, x1, x1, x1 + r1, x1 + r1, x1)}
    found = Experiment(metric=metric, method=method).fit(arms).results_[0]
    for value in (found.delta, found.low, found.high, found.mean, found.mean_control):
        assert not math.isnan(value)
    assert found.low <= found.delta + 1e-9
    assert found.high >= found.delta - 1e-9
    assert found.p_value is None or 0 <= found.p_value <= 1
    if not x1 + r1 or not x0 + r0:
        assert not found.decided
