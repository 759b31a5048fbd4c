from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.understand.qini import auuc, banded, qini_area, qini_auc, qini_curve, uplift_at, uplift_curve

people = st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3), st.integers(0, 1)), min_size=4, max_size=30).filter(
    lambda rows: len({t for _, _, t in rows}) == 2
)


def by_hand(rows):
    """Both curves by walking down the scores, ties together, straight from the definitions."""
    points, gains = [(0.0, 0.0)], [(0.0, 0.0)]
    for cut in sorted({s for _, s, _ in rows}, reverse=True):
        top = [r for r in rows if r[1] >= cut]
        y1, n1 = sum(y for y, _, t in top if t), sum(t for _, _, t in top)
        y0, n0 = sum(y for y, _, t in top if not t), sum(1 - t for _, _, t in top)
        points.append((len(top), y1 - (y0 * n1 / n0 if n0 else 0.0)))
        gains.append((len(top), ((y1 / n1 if n1 else 0.0) - (y0 / n0 if n0 else 0.0)) * len(top)))
    return points, gains


def trapezoid(points):
    return sum((b - a) * (p + q) / 2 for (a, p), (b, q) in pairwise(points))


@settings(deadline=None)
@given(people)
def test_curves_and_areas_equal_the_definitions_walked_by_hand(rows):
    y, s, t = (np.array(c, dtype=float) for c in zip(*rows, strict=True))
    points, gains = by_hand(rows)
    for found, wanted in ((qini_curve(y, s, t), points), (uplift_curve(y, s, t), gains)):
        assert np.allclose(np.column_stack(found), wanted)
    n = len(rows)
    chance = n * points[-1][1] / 2
    assert qini_area(y, s, t).value == pytest.approx((trapezoid(points) - chance) / (n * t.sum()), abs=1e-12)
    assert auuc(y, s, t) == pytest.approx(trapezoid(gains) / n**2, abs=1e-12)
    best, _ = by_hand([(a, a if c else -a, c) for a, _, c in rows])
    most = trapezoid(best) - chance
    assert qini_auc(y, s, t) == pytest.approx((trapezoid(points) - chance) / most if most > 0 else 0.0, abs=1e-9)


def drawn(rng, n, share=0.5, effect=0.1):
    x = rng.normal(size=n)
    t = (rng.random(n) < share).astype(float)
    y = (rng.random(n) < np.clip(0.25 + 0.05 * x + effect * x * t, 0.0, 1.0)).astype(float)
    return y, x, t


@pytest.mark.parametrize("share", [0.5, 0.85])
def test_the_standard_error_is_the_spread_over_repeated_samples(share):
    rng = np.random.default_rng(1)
    found = [qini_area(*drawn(rng, 1000, share)) for _ in range(200)]
    spread = np.std([f.value for f in found])
    assert np.mean([f.error for f in found]) == pytest.approx(spread, rel=0.12)
    truth = np.mean([f.value for f in found])
    assert np.mean([f.low <= truth <= f.high for f in found]) == pytest.approx(0.9, abs=0.05)


def test_a_meaningless_score_has_no_area_and_a_perfect_one_the_known_maximum():
    rng = np.random.default_rng(2)
    y, _, t = drawn(rng, 20_000)
    found = qini_area(y, rng.random(20_000), t)
    assert found.low < 0 < found.high
    assert abs(found.value) < 0.005
    # Half answer only when treated, half only when not: Q rises to 1/2 at one half and falls to 0; area 1/4.
    kind = rng.random(20_000) < 0.5
    answer = np.where(kind, t, 1 - t)
    assert qini_area(answer, kind, t).value == pytest.approx(0.25, abs=0.005)
    assert qini_auc(answer, answer * np.where(t == 1, 1, -1), t) == pytest.approx(1.0)


def test_the_band_of_all_points_at_once_is_wider_and_holds_the_truth():
    rng = np.random.default_rng(3)
    truth = banded(*drawn(rng, 100_000), points=11).value
    alone, together = [], []
    for _ in range(40):
        curve = banded(*drawn(rng, 800), points=11)
        assert (curve.low_all <= curve.low + 1e-12).all()
        alone.append(((curve.low <= truth) & (truth <= curve.high))[1:].all())
        together.append(((curve.low_all <= truth + 1e-12) & (truth - 1e-12 <= curve.high_all))[1:].all())
    assert np.mean(together) >= 0.83
    assert np.mean(alone) < np.mean(together)


def test_uplift_at_is_the_difference_among_the_best():
    y, s, t = [1, 0, 0, 1, 1, 1], [6, 5, 4, 3, 2, 1], [1, 0, 1, 0, 1, 0]
    assert uplift_at(y, s, t, 0.67).value == pytest.approx(0.5 - 0.5)
    assert uplift_at(y, s, t, 0.5).value == pytest.approx(0.5)
    with pytest.raises(ValueError, match="larger share"):
        uplift_at(y, s, t, 0.1)


@pytest.mark.parametrize(
    ("y", "s", "t", "words"),
    [
        ([1, 0], [1, 2], [1, 1], "one arm"),
        ([1, 0], [1, 2], [1, 2], "several arms"),
        ([1, np.nan], [1, 2], [1, 0], "not known yet"),
        ([1], [1, 2], [1, 0], "one per person"),
    ],
)
def test_what_cannot_be_answered_is_said(y, s, t, words):
    with pytest.raises(ValueError, match=words):
        qini_area(y, s, t)
