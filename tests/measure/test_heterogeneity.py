from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from regulars.measure.arm_sums import ArmSums
from regulars.measure.heterogeneity import heterogeneity


def groups(effects: list[float], n: int = 3000, seed: int = 1) -> dict[str, tuple[ArmSums, ArmSums]]:
    rng = np.random.default_rng(seed)
    return {f"g{i}": (ArmSums.shares(int(rng.binomial(n, 0.2 + e)), n), ArmSums.shares(int(rng.binomial(n, 0.2)), n))
            for i, e in enumerate(effects)}  # fmt: skip


def test_q_is_cochrans() -> None:
    given = groups([0.0, 0.05, 0.1])
    found = heterogeneity(given)
    d = np.array([a.y / a.people - b.y / b.people for a, b in given.values()])
    se2 = np.array([sum((x.y / x.people) * (1 - x.y / x.people) / x.people for x in pair) for pair in given.values()])
    mean = (d / se2).sum() / (1 / se2).sum()
    assert found.q == pytest.approx((((d - mean) ** 2) / se2).sum())
    assert found.p_value == pytest.approx(stats.chi2.sf(found.q, 2))
    assert found.code == "differs"


def test_an_equal_effect_is_not_called_different() -> None:
    wrong = sum(heterogeneity(groups([0.05] * 4, seed=s)).code == "differs" for s in range(100))
    assert wrong <= 11


def test_a_group_by_chance_is_not_singled_out() -> None:
    wrong = sum(any(s.decided for s in heterogeneity(groups([0.0] * 10, 500, s)).slices) for s in range(40))
    assert wrong <= 4


def test_small_groups_are_left_out_and_said() -> None:
    found = heterogeneity({**groups([0.1]), "tiny": (ArmSums.shares(3, 10), ArmSums.shares(1, 10))})
    assert (found.code, found.left_out, len(found.slices)) == ("too_few", 1, 1)
    assert heterogeneity({}).code == "too_few"
