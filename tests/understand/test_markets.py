"""Markets on a map: known groups are found, places are as sure as the figures, one group where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.understand import Markets
from regulars.understand.smacof import distances

NAMES = ("price", "repeat", "churn", "growth")


def three_groups(rng, each=5, noise=0.05):
    centres = np.array([[1, 0, 0, 2], [0, 2, 1, 0], [3, 3, 3, 0.5]])
    rows = np.repeat(centres, each, axis=0) + rng.normal(0, noise, (3 * each, 4))
    return {"market": [f"m{i}" for i in range(3 * each)], **dict(zip(NAMES, rows.T.tolist(), strict=True))}


def test_known_groups_are_found_and_lie_apart():
    found = Markets().fit(three_groups(np.random.default_rng(0)))
    groups = np.array([p.group for p in found.places_]).reshape(3, 5)
    assert (groups == groups[:, :1]).all()
    assert len(set(groups[:, 0])) == 3
    assert found.stress_ < 0.2
    assert found.silhouette_ > 0.7
    assert found.limits_ == ()


def test_noise_is_called_one_group():
    rng = np.random.default_rng(1)
    table = {"market": list(range(30)), **{f"a{i}": rng.normal(size=30).tolist() for i in range(8)}}
    found = Markets().fit(table)
    assert {p.group for p in found.places_} == {0}
    assert "no_groups" in found.limits_


def test_two_attributes_are_mapped_without_loss_and_arrows_point_where_they_grow():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 12))
    found = Markets().fit({"market": list("abcdefghijkl"), "x": x.tolist(), "y": y.tolist()})
    assert found.stress_ < 1e-5
    points = np.array([(p.x, p.y) for p in found.places_])
    given = np.column_stack([(v - v.mean()) / v.std() for v in (x, y)])
    np.testing.assert_allclose(distances(points), distances(given), atol=1e-4)
    for direction, values in zip(sorted(found.directions_, key=lambda d: d.name), (x, y), strict=True):
        assert direction.shown == pytest.approx(1, abs=1e-6)
        along = points @ (direction.x, direction.y)
        assert np.corrcoef(along, values)[0, 1] > 0.99


def test_an_ellipse_holds_nine_redrawn_places_of_ten_and_grows_with_the_error():
    table = three_groups(np.random.default_rng(3))
    sure, unsure = (Markets(draws=400).fit(table, errors={"price": e}) for e in (0.05, 0.2))
    assert all(p.long == 0 for p in Markets().fit(table).places_)
    small, large = (np.median([p.long for p in f.places_]) for f in (sure, unsure))
    assert large / small == pytest.approx(4, rel=0.35)


def test_what_counts_is_the_owners_choice():
    table = {"market": ["a", "b", "c", "d"], "price": [1, 1, 5, 5], "repeat": [0, 9, 0, 9]}
    found = Markets(weights={"price": 1}).fit(table)
    assert [p.group for p in found.places_] == [0, 0, 1, 1]
    assert found.names_ == ("price",)


def test_gaps_one_market_and_bad_tables():
    assert Markets().fit({"market": [], "price": []}).places_ == ()
    one = Markets().fit({"market": ["a"], "price": [3.0]})
    assert (one.places_[0].x, one.limits_) == (0.0, ("too_few_markets",))
    gaps = Markets().fit({"market": ["a", "b", "c"], "price": [1.0, None, 3.0], "same": [2, 2, 2]})
    assert gaps.names_ == ("price",)
    assert np.isfinite([p.x for p in gaps.places_]).all()
    with pytest.raises(KeyError, match="market"):
        Markets().fit({"price": [1]})
    with pytest.raises(ValueError, match="named twice"):
        Markets().fit({"market": ["a", "a"], "price": [1, 2]})
