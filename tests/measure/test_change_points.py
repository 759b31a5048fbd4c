from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammaln, logsumexp

from regulars.measure import ChangePoints, OnlineChangePoints
from regulars.measure.change_costs import COSTS
from regulars.measure.change_points import level_shifts, long_run_scale, pelt
from regulars.measure.change_scores import covering, f_one

short = st.lists(st.integers(0, 9), min_size=2, max_size=9)


def cheapest(cost: object, n: int, penalty: float, min_size: int) -> float:
    """Every possible split, one by one."""
    totals = []
    for k in range(n):
        for points in itertools.combinations(range(1, n), k):
            edges = [0, *points, n]
            if min(b - a for a, b in itertools.pairwise(edges)) >= min_size or not points:
                parts = [float(cost.between(np.array([a]), b)[0]) for a, b in itertools.pairwise(edges)]
                totals.append(sum(parts) + k * penalty)
    return min(totals)


@settings(max_examples=60, deadline=None)
@given(short, st.sampled_from(sorted(COSTS)), st.floats(0.1, 8), st.integers(1, 3))
def test_pelt_finds_the_cheapest_of_all_splits(values: list[int], name: str, penalty: float, size: int) -> None:
    cost = COSTS[name](np.array(values, float)[:, None], np.ones(1))
    size = max(size, cost.fewest)
    if len(values) < cost.fewest:
        return
    _points, total = pelt(cost, len(values), penalty, size)
    assert total == pytest.approx(cheapest(cost, len(values), penalty, size), abs=1e-7)


@pytest.mark.parametrize("name", sorted(COSTS))
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pruning_changes_nothing_on_long_series(name: str, size: int) -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.poisson(m, k) for m, k in ((5, 60), (9, 40), (4, 80), (6, 7), (12, 60))])
    cost = COSTS[name](values.astype(float)[:, None], np.full(1, 2.0))
    size = max(size, cost.fewest)
    n, penalty = len(values), 9.0
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    for t in range(size, n + 1):
        s = np.arange(t - size + 1)
        best[t] = (best[s] + cost.between(s, t)).min() + penalty
    assert pelt(cost, n, penalty, size)[1] == pytest.approx(best[n], abs=1e-6)


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(4)
    matrix = rng.normal(size=(120, 6)) + 2 * (np.arange(120)[:, None] > rng.integers(20, 100, 6))
    found = level_shifts(matrix, 12.0)
    assert any(found)
    for k, points in enumerate(found):
        assert points == pelt(COSTS["mean"](matrix[:, [k]], np.ones(1)), 120, 12.0, 2)[0]


@pytest.mark.parametrize("name", ["mean", "trend", "count"])
def test_costs_are_the_textbook_ones(name: str) -> None:
    rng = np.random.default_rng(5)
    values = rng.poisson(30, 50).astype(float)
    part = values[7:29]
    clock = np.arange(22)
    truth = {
        "mean": ((part - part.mean()) ** 2).sum() / 4,
        "trend": ((part - np.polyval(np.polyfit(clock, part, 1), clock)) ** 2).sum() / 4,
        "count": -2 * (part.sum() * np.log(part.mean()) - part.sum()),
    }
    assert COSTS[name](values[:, None], np.full(1, 2.0)).between(np.array([7]), 29)[0] == pytest.approx(truth[name])


def test_noise_of_neighbours_that_resemble_each_other_is_not_a_change() -> None:
    rng = np.random.default_rng(6)
    noise = rng.normal(size=(400, 200))
    for t in range(1, 400):
        noise[t] += 0.6 * noise[t - 1]
    scale = long_run_scale(noise)
    assert np.median(scale) == pytest.approx(1 / 0.4, rel=0.15)  # the long-run scatter of AR(1) is 1 / (1 - rho)
    assert np.mean([len(p) > 0 for p in level_shifts(noise / scale, 3 * np.log(400))]) < 0.1
    # Taken for white noise, nearly every one of them would ring.
    assert np.mean([len(p) > 0 for p in level_shifts(noise / noise.std(axis=0), 3 * np.log(400))]) > 0.5


def test_white_noise_is_rarely_a_change_and_a_real_one_is_placed() -> None:
    rng = np.random.default_rng(7)
    quiet = [len(ChangePoints().fit(rng.normal(size=200)).change_points_) > 0 for _ in range(40)]
    assert np.mean(quiet) <= 0.05
    moved = [ChangePoints().fit(np.r_[rng.normal(size=100), rng.normal(2, 1, 100)]).change_points_ for _ in range(20)]
    assert sum(len(p) == 1 and abs(p[0] - 100) <= 4 for p in moved) >= 18


def test_a_bend_is_seen_by_lines_only() -> None:
    rng = np.random.default_rng(8)
    bend = np.r_[np.arange(60.0), 60 - np.arange(60.0)] + rng.normal(0, 1, 120)
    model = ChangePoints(noise=1.0).fit(bend)
    assert model.shape_ == "trend"
    assert [abs(p - 60) <= 2 for p in model.change_points_] == [True]
    assert model.stretches_["slope"].round(1).tolist() == [1.0, -1.0]


def test_nothing_is_too_small_and_nonsense_is_named() -> None:
    for values in ([3], [3, 3], [3, 3, 3], [1, 1, 1, 1, 1, 1]):
        assert ChangePoints().fit(values).change_points_.tolist() == []
    assert ChangePoints().fit([1, None, 1, 9, 9, 9.0]).stretches_["end"].iloc[-1] == 6
    for wrong, match in (([], "none"), (["a"], "numeric"), ([np.inf, 1], "infinite"), ([np.nan], "no number")):
        with pytest.raises(ValueError, match=match):
            ChangePoints().fit(wrong)
    with pytest.raises(ValueError, match="not known"):
        ChangePoints(cost="magic").fit([1, 2])
    with pytest.raises(ValueError, match="negative"):
        ChangePoints(cost="count").fit([1, -2])


def test_the_online_evidence_is_the_sum_over_all_splits() -> None:
    rng = np.random.default_rng(9)
    values = np.r_[rng.normal(0, 1, 5), rng.normal(3, 1, 4)]
    n, every = len(values), 8.0
    model = OnlineChangePoints(every=every, mean=0.5, strength=0.7, shape=1.5, rate=2.0, center=0, scale=1)
    model.fit(values)

    def marginal(part: np.ndarray) -> float:
        """Closed form of the normal-inverse-gamma model."""
        k, m, a, b = 0.7, 0.5, 1.5, 2.0
        size = len(part)
        kn, an = k + size, a + size / 2
        bn = b + ((part - part.mean()) ** 2).sum() / 2 + k * size * (part.mean() - m) ** 2 / (2 * kn)
        told = gammaln(an) - gammaln(a) + a * np.log(b) - an * np.log(bn) + 0.5 * np.log(k / kn)
        return float(told - size / 2 * np.log(2 * np.pi))

    totals = {}
    for points in itertools.chain.from_iterable(itertools.combinations(range(1, n), k) for k in range(n)):
        edges = [0, *points, n]
        prior = len(points) * np.log(1 / every) + (n - 1 - len(points)) * np.log(1 - 1 / every)
        totals[points] = prior + sum(marginal(values[a:b]) for a, b in itertools.pairwise(edges))
    assert model.log_evidence_ == pytest.approx(logsumexp(list(totals.values())), abs=1e-9)
    assert tuple(model.change_points_) == max(totals, key=totals.__getitem__)
    recent = [v for p, v in totals.items() if (max(p) if p else 0) > n - 1 - model.window]
    assert model.recent_[-1] == pytest.approx(np.exp(logsumexp(recent) - model.log_evidence_), abs=1e-9)


def test_scores_by_hand() -> None:
    assert covering({"a": [50], "b": []}, [50], 100) == pytest.approx((1 + 0.5) / 2)
    # The found stretch 0-40 covers 0-50 by 40/50, and 40-100 covers 50-100 by 50/60.
    assert covering({"a": [50]}, [40], 100) == pytest.approx(0.5 * 40 / 50 + 0.5 * 50 / 60)
    # Precision 2/3 (0 and 52 of 0, 52, 80); recall a 2/2, b 1/1.
    assert f_one({"a": [50], "b": []}, [52, 80]) == pytest.approx(2 * (2 / 3) / (2 / 3 + 1))
    # Two marks near one found point claim it once.
    assert f_one({"a": [50, 53]}, [51]) == pytest.approx(2 * 1 * (2 / 3) / (1 + 2 / 3))


def turing(folder: Path) -> list[tuple[np.ndarray, dict[str, list[int]]]]:
    marked = json.loads((folder / "tcpd" / "annotations.json").read_text())
    out = []
    for name, points in marked.items():
        series = json.loads((folder / "tcpd" / f"{name}.json").read_text())["series"]
        out.append((np.array([s["raw"] for s in series], dtype=float).T, points))
    return out


def test_every_detector_at_its_defaults_beats_never_alarm(shared_data: Path) -> None:
    data = turing(shared_data)
    zero = [(covering(m, [], len(x)), f_one(m, [])) for x, m in data]
    base = np.mean(zero, axis=0)
    assert base == pytest.approx([0.5445, 0.6468], abs=1e-4)
    detectors = {
        "default": ChangePoints(), "online": OnlineChangePoints(),
        **{cost: ChangePoints(cost=cost) for cost in ("mean", "trend", "rank")},
    }  # fmt: skip
    for name, model in detectors.items():
        found = [model.fit(x).change_points_.tolist() for x, _m in data]
        got = [(covering(m, p, len(x)), f_one(m, p)) for p, (x, m) in zip(found, data, strict=True)]
        assert (np.mean(got, axis=0) > base).all(), name
        print(name, np.mean(got, axis=0).round(3))
