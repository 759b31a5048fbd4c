from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from regulars.measure import Attribution, shapley
from regulars.measure.journeys import journeys
from regulars.measure.resample import buckets


def random_paths(channels: int, rows: int, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    paths = [[f"c{k:02d}" for k in rng.integers(0, channels, rng.integers(1, 5))] for _ in range(rows)]
    won = rng.binomial(1, 0.3, rows)
    return pa.table({"path": paths, "conversions": won, "value": won * 10, "nulls": 1 - won})


def test_drawn_orderings_come_near_the_exact_answer_within_their_error(monkeypatch: pytest.MonkeyPatch) -> None:
    told = journeys(random_paths(8, 400))
    given = [told.total(x) for x in (told.won, told.money, told.lost)]
    exact = shapley.rate_game(told, *given, seed=0)
    monkeypatch.setattr(shapley, "EXACT", 3)
    drawn = shapley.rate_game(told, *given, seed=0)
    assert exact.error is None
    assert drawn.error is not None
    assert np.abs(drawn.value - exact.value).max() < 4 * drawn.error.max()
    # Whatever the orderings, nothing is lost.
    assert drawn.value.sum(axis=0) == pytest.approx(exact.value.sum(axis=0), abs=1e-12)


def test_more_channels_than_fit_say_that_orderings_were_drawn() -> None:
    found = Attribution(method="shapley", game="rate", draws=20).fit(random_paths(30, 300))
    assert "orderings_drawn" in found.limits_
    assert sum(found.credits_["conversions"].to_pylist()) == pytest.approx(
        sum(random_paths(30, 300)["conversions"].to_pylist()), abs=1e-9
    )


def test_channels_that_never_change_the_rate_get_nothing() -> None:
    """A dummy player: journeys with z are won as often as the same journeys without it."""
    paths = ["a", "a > b", "b", "a > z", "a > b > z", "b > z", "z"]
    told = pa.table({"path": paths, "conversions": [4, 6, 2, 4, 6, 2, 0], "nulls": [6, 4, 8, 6, 4, 8, 0]})
    found = Attribution(method="shapley", game="rate", draws=0).fit(told).credits_
    assert found["conversions"].to_pylist()[2] == pytest.approx(0, abs=1e-9)


def test_equal_channels_get_equal_credit() -> None:
    told = pa.table({"path": ["a > b", "a", "b", "c"], "conversions": [5, 2, 2, 1], "nulls": [5, 8, 8, 9]})
    for game in ("paths", "rate"):
        a, b, _ = Attribution(method="shapley", game=game, draws=0).fit(told).credits_["conversions"].to_pylist()
        assert a == pytest.approx(b, abs=1e-12)


def test_replicates_of_the_rate_game_spread_like_exact_ones() -> None:
    told = journeys(random_paths(5, 4_000))
    drawn = buckets(told, 60, 0)
    quick = shapley.rate_replicates(told, drawn, 0)[:, :, 0]
    parts = (drawn.won, drawn.money, drawn.lost)
    exact = np.stack([shapley.rate_game(told, *(w @ p for p in parts), seed=0).value[:, 0] for w in drawn.draws])
    assert quick.std(axis=0) == pytest.approx(exact.std(axis=0), rel=0.35)
    assert quick.mean(axis=0) == pytest.approx(exact.mean(axis=0), abs=0.03)
