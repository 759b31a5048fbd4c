from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from regulars.measure.experiments import (
    Arm,
    always_valid,
    detectable,
    lift,
    sample_ratio,
    welch,
)  # fmt: skip
from regulars.tables.shares import newcombe


def test_welch_equals_scipy() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.gamma(2, 30, 90), rng.gamma(2, 20, 41)
    wanted = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert welch(Arm.of(a), Arm.of(b)) == pytest.approx((wanted.low, wanted.high))


def test_looking_every_day_is_allowed() -> None:
    """A/A trials looked at 60 times: the fixed interval is wrong far too often, the sequence is not."""
    rng = np.random.default_rng(11)
    trials, looks = 400, np.unique(np.geomspace(60, 4000, 60).astype(int))
    fooled = {"fixed": 0, "sequence": 0}
    for _ in range(trials):
        a, b = (rng.random((2, 4000)) < 0.2).astype(float)
        sums = [(Arm(n, a[:n].sum(), a[:n].sum()), Arm(n, b[:n].sum(), b[:n].sum())) for n in looks]
        fooled["fixed"] += any(not low <= 0 <= high for low, high in (welch(x, y) for x, y in sums))
        fooled["sequence"] += any(not low <= 0 <= high for low, high in (always_valid(x, y) for x, y in sums))
    assert fooled["fixed"] > 0.2 * trials
    assert fooled["sequence"] <= 0.05 * trials


def test_the_price_of_peeking_is_about_sixty_percent() -> None:
    a, b = Arm(20_000, 4000, 4000), Arm(20_000, 3900, 3900)
    fixed, sequence = welch(a, b), always_valid(a, b)
    assert 1.3 < (sequence[1] - sequence[0]) / (fixed[1] - fixed[0]) < 1.9


def test_a_broken_draw_is_seen() -> None:
    assert sample_ratio(9_430, 570, 0.05) == pytest.approx(stats.chisquare([9430, 570], [9500, 500]).pvalue)
    assert sample_ratio(9_000, 1_000, 0.05) < 1e-6


def test_the_detectable_difference_is_detected_in_eighty_percent() -> None:
    rng = np.random.default_rng(4)
    d = detectable(4_000, 1_000, 0.1 * 0.9)
    x1, x0 = rng.binomial(4_000, 0.1 + d / 2, 3000), rng.binomial(1_000, 0.1 - d / 2, 3000)
    found = np.mean(
        [
            not low <= 0 <= high
            for low, high in (newcombe(a, 4_000, b, 1_000, 0.95) for a, b in zip(x1, x0, strict=True))
        ]
    )
    assert found == pytest.approx(0.8, abs=0.04)


def test_too_few_people_give_no_interval() -> None:
    assert lift([1.0], [0.0]).low == -np.inf
    assert not lift([5.0] * 10, [1.0, 2.0], peeking=True).decided


@pytest.mark.shared_data
@pytest.mark.parametrize(("segment", "published"), [("Mens E-Mail", 0.0766), ("Womens E-Mail", 0.0452)])
def test_hillstrom(shared_data: Path, segment: str, published: float) -> None:
    with gzip.open(shared_data / "hillstrom_email" / "hillstrom_half_a.csv.gz", "rt") as file:
        people = pd.read_csv(file)
    treated, held = people[people["segment"] == segment], people[people["segment"] == "No E-Mail"]
    visits = lift(treated["visit"], held["visit"], kind="share")
    assert visits.value == pytest.approx(treated["visit"].mean() - held["visit"].mean(), abs=1e-12)
    assert visits.low < published < visits.high
    assert visits.low > 0
    money = lift(treated["spend"], held["spend"])
    assert money.low < (0.77 if segment.startswith("Mens") else 0.42) < money.high
