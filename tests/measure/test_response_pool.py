"""What channels tell of one another, what moves them alike, and a channel that no longer answers as it did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.measure.response import ResponseCurves
from regulars.measure.response_pool import pooled_halves
from regulars.measure.response_shift import changes, common, lasting_change

STEPS = np.linspace(-3, 3, 61)


def normal(centre, sd):
    return -0.5 * ((STEPS - centre) / sd) ** 2


def mean_of(log_weight):
    weight = np.exp(log_weight - log_weight.max())
    return float((STEPS * weight).sum() / weight.sum())


def test_a_channel_without_evidence_is_told_what_the_others_found():
    told = pooled_halves({"a": normal(1.2, 0.2), "b": normal(1.0, 0.2), "c": normal(0, 50)}, STEPS, 1.0)
    assert mean_of(told["c"]) == pytest.approx(1.0, abs=0.25)
    # and what a is told does not hold a's own evidence
    assert mean_of(told["a"]) < mean_of(told["c"])


def test_two_channels_keep_the_stated_belief():
    told = pooled_halves({"a": normal(2, 0.1), "b": normal(2, 0.1)}, STEPS, 1.0)
    np.testing.assert_allclose(told["a"], normal(0, 1.0))


def test_a_lasting_change_is_found_and_a_steady_channel_left_alone():
    rng = np.random.default_rng(0)
    expected = np.full(90, 8.0)
    dropped = rng.poisson(np.where(np.arange(90) < 80, 8.0, 2.5))
    mean, sd, chance = lasting_change(dropped, expected, 1.0)
    assert chance > 0.95
    assert mean == pytest.approx(2.5 / 8, abs=3 * sd)
    false = sum(lasting_change(rng.poisson(8.0, 90), expected, 1.0)[2] > 0.5 for _ in range(200))
    assert false <= 20
    assert lasting_change(np.array([1.0]), np.array([1.0]), 1.0) == (1.0, 0.0, 0.0)


def season(weeks):
    return 1 + 0.45 * np.cos(2 * np.pi * np.arange(weeks) / 52)


def test_what_moves_all_alike_is_common_and_no_change_of_any():
    rng = np.random.default_rng(1)
    flat = {c: (rng.poisson(9 * season(120)).astype(float), np.full(120, 9.0), 1.0) for c in "abcdef"}
    tide = common(flat)
    assert tide.mean() == pytest.approx(1.0)
    assert np.corrcoef(tide, season(120))[0, 1] > 0.9
    own = dict(flat)
    own["a"] = (np.where(np.arange(120) < 105, flat["a"][0], rng.poisson(2.0, 120)), np.full(120, 9.0), 1.0)
    found = changes(own)
    assert found["a"][0] < 0.5
    assert sum(f == (1.0, 0.0) for f in found.values()) >= 4
    assert common({c: flat[c] for c in "ab"}) is None
    assert changes({c: flat[c] for c in "ab"}) == {"a": (1.0, 0.0), "b": (1.0, 0.0)}


def test_a_season_common_to_all_does_not_bend_the_curves():
    rng = np.random.default_rng(5)
    weeks, tables = 110, []
    for c, top in zip("abcde", (30, 24, 18, 36, 27), strict=True):
        # Money follows the season, as an owner's would: without the common index its effect is overstated.
        x = 4_000 * season(weeks) * rng.uniform(0.5, 1.5, weeks)
        y = rng.poisson(season(weeks) * (6 + top * x / (x + 8_000)))
        tables.append(pd.DataFrame({"channel": c, "week": range(weeks), "spend": x, "conversions": y}))
    curves = ResponseCurves().fit(pd.concat(tables)).curves_
    gains = [k.at(6_000) - k.at(2_000) for k in curves.values()]
    truth = [top * (6 / 14 - 2 / 10) for top in (30, 24, 18, 36, 27)]
    assert float(np.sum(gains)) == pytest.approx(sum(truth), rel=0.3)
