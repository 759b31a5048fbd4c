from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from regulars.measure.mix_priors import MixPriors
from regulars.measure.seasons import BENDS, Seasons


def rows(n: int = 60, geo: str = "all") -> pd.DataFrame:
    return pd.DataFrame({
        "_date": pd.date_range("2024-01-01", periods=n, freq="7D"), "_geo": geo, "price": np.arange(n) % 7,
        "same": 3.0, "fair": np.where(np.arange(n) == 5, "spring", "na"), "flag": (np.arange(n) == 9).astype(int),
    })  # fmt: skip


def learnt(frame: pd.DataFrame, **more) -> Seasons:
    given = {"geos": ("all",), "harmonics": 2, "trend": True, "controls": (), "events": (), "holidays": None}
    return Seasons.of(frame, **(given | more))


def test_every_column_has_a_belief():
    feasts = pd.DataFrame({"day": ["2024-02-10", "2024-02-11", "2030-01-01"], "holiday": ["new year"] * 2 + ["later"]})
    frame = pd.concat([rows(geo="n"), rows(geo="s")])
    season = learnt(frame, geos=("n", "s"), controls=["price", "same"], events=["fair", "flag"], holidays=feasts)
    mean, sd = season.beliefs(MixPriors())
    assert season.build(frame).shape == (120, len(mean)) == (120, len(sd))
    assert [c[0] for c in season.controls] == ["price"]
    assert season.events == (("fair", "spring"), ("flag", "1"))


def test_holidays_count_their_days_in_the_week():
    feasts = pd.DataFrame({"day": ["2024-02-10", "2024-02-11", "2024-02-12"], "holiday": "new year"})
    column = learnt(rows(), trend=False, harmonics=0, holidays=feasts).build(rows())[:, 1]
    assert column[5] == 2
    assert column[6] == 1
    assert column.sum() == 3


def test_waves_come_back_after_a_year_and_short_tables_have_none():
    season = learnt(rows(), trend=False)
    early = season.build(rows().head(1))
    late = season.build(rows().head(1).assign(_date=pd.Timestamp("2025-01-01")))
    assert late == pytest.approx(early, abs=0.02)
    assert learnt(rows(40)).harmonics == 0


def test_beyond_the_table_the_trend_goes_on_and_the_bends_stay():
    season = learnt(rows(), harmonics=0)
    later = season.build(rows(80))
    assert np.diff(later[:, 1]) == pytest.approx(1 / 60)
    assert (later[60:, 2 : 2 + BENDS] == later[60, 2 : 2 + BENDS]).all()
