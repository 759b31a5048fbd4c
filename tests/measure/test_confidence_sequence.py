from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special, stats

from regulars.measure.confidence_sequence import (
    half_width,
    held_apart,
    sequence_p,
    share_evidence,
    share_sequence,
    tuned,
)  # fmt: skip


def test_peeking_at_every_pair_of_people() -> None:
    """4,000 A/A tests looked at after every pair from 50 to 5,000: the fixed rule errs in half of them.

    Reference of an independent run of the same design: 49.1 % for the fixed rule, 3.2 % for the sequence.
    """
    rng = np.random.default_rng(12)
    n = np.arange(50, 5001, dtype=float)
    wrong = np.zeros(2)
    for _ in range(8):
        # The difference of two normal outcomes has variance 2; information at effect 0.1 is 0.01 n / 2.
        total = np.cumsum(rng.normal(0, np.sqrt(2), (500, 5000)), axis=1)[:, 49:] / np.sqrt(2 * n)
        wrong += (np.abs(total) > 1.959964).any(1).sum(), (np.abs(total) > half_width(1.0, 0.005 * n)).any(1).sum()
    fixed, sequence = wrong / 4000
    assert fixed == pytest.approx(0.491, abs=0.03)
    assert sequence <= 0.05
    assert sequence == pytest.approx(0.032, abs=0.012)


def test_shares_of_few_people_looked_at_after_every_pair() -> None:
    """From the first pair on, exact while few, normal later, as ``comparison.always_valid`` switches."""
    rng = np.random.default_rng(5)
    for p in (0.02, 0.1, 0.5):
        n = np.arange(1, 1501, dtype=float)
        x = np.cumsum(rng.random((2, 400, 1500)) < p, axis=2).astype(float)
        exact = share_evidence(x[0], n, x[1], n) > np.log(20)
        m = x / n
        var = m * (1 - m)
        se = np.sqrt(var.sum(0) / n)
        cases = np.minimum(x.sum(0), 2 * n - x.sum(0))
        with np.errstate(divide="ignore", invalid="ignore"):
            normal = np.abs(m[0] - m[1]) > half_width(se, 0.01 * n / 2)
        enough = (n >= 50) & (cases >= 20) & (se > 0)
        assert np.where(enough, normal, exact).any(1).mean() <= 0.05


def test_one_sided_sequence_keeps_its_word() -> None:
    rng = np.random.default_rng(9)
    n = np.arange(50, 3001, dtype=float)
    z = np.cumsum(rng.normal(0, 1, (1000, 3000)), axis=1)[:, 49:] / np.sqrt(n)
    p = sequence_p(z, 0.005 * n, one_sided=True)
    assert (p <= 0.05).any(1).mean() <= 0.05
    assert float(half_width(1, 8.0, one_sided=True)) < float(half_width(1, 8.0))
    assert float(sequence_p(half_width(1, 8.0, one_sided=True), 8.0, one_sided=True)) == pytest.approx(0.05)


def test_tuning_is_tightest_where_it_says() -> None:
    grid = np.linspace(200, 20_000, 400)
    best = min(grid, key=lambda at: float(half_width(1.0, tuned(at) * 5000)))
    assert best == pytest.approx(5000, rel=0.1)


def test_shares_held_apart_are_the_likeliest() -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        n1, n0 = rng.integers(1, 60, 2)
        x1, x0 = rng.integers(0, n1 + 1), rng.integers(0, n0 + 1)
        d = float(rng.uniform(-0.95, 0.95))

        def unlikely(p: float, x1=x1, n1=n1, x0=x0, n0=n0, d=d) -> float:  # type: ignore[no-untyped-def]
            return -float(special.xlogy(x1, p + d) + special.xlog1py(n1 - x1, -p - d)
                          + special.xlogy(x0, p) + special.xlog1py(n0 - x0, -p))  # fmt: skip

        bounds = max(0.0, -d) + 1e-12, min(1.0, 1 - d) - 1e-12
        wanted = optimize.minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-10})
        ours = float(np.clip(held_apart(x1, n1, x0, n0, d), *bounds))
        assert unlikely(ours) <= wanted.fun + 1e-6


def test_the_exact_sequence_is_what_the_evidence_leaves() -> None:
    low, high = (float(v) for v in share_sequence(30, 90, 12, 80))
    for end in (low, high):
        assert float(share_evidence(30, 90, 12, 80, end)) == pytest.approx(np.log(20), abs=1e-6)
    assert low < 30 / 90 - 12 / 80 < high
    wald = 1.96 * np.sqrt(stats.bernoulli(30 / 90).var() / 90 + stats.bernoulli(12 / 80).var() / 80)
    assert high - low > 2 * wald
    assert share_sequence(0, 0, 0, 0)[0] == -1
