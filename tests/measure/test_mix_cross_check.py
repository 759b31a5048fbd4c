"""The second opinion: a clear word where it is not installed, the right figures from what it answers."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from regulars.measure import cross_check

TABLE = pd.DataFrame({"week": pd.date_range("2024-01-01", periods=40, freq="7D"), "ads": 10.0, "sales": 100.0})


def test_without_the_other_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymc_marketing.mmm", None)
    with pytest.raises(ImportError, match=r"regulars\[bayes\]"):
        cross_check(TABLE, target="sales", spend=["ads"], date="week")


class Brought:
    """Contributions by draw and week, as labelled arrays answer."""

    dims = ("chain", "draw", "date")

    def sel(self, channel: str) -> Brought:
        assert channel == "ads"
        return self

    def sum(self, dims: list[str]) -> Any:
        assert dims == ["date"]
        return np.full((2, 50, 40), 5.0).sum(axis=2)


def test_returns_are_contributions_over_spend(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    class Mmm:
        def __init__(self, **given: Any) -> None:
            asked.update(given)

        def fit(self, x: pd.DataFrame, y: pd.Series, **_given: Any) -> None:
            assert (list(x.columns), len(y)) == (["week", "ads"], 40)

        def compute_channel_contribution_original_scale(self) -> Brought:
            return Brought()

    other = SimpleNamespace(MMM=Mmm, GeometricAdstock=dict, LogisticSaturation=dict)
    monkeypatch.setitem(sys.modules, "pymc_marketing", SimpleNamespace(mmm=other))
    monkeypatch.setitem(sys.modules, "pymc_marketing.mmm", other)
    found = cross_check(TABLE, target="sales", spend=["ads"], date="week")
    assert found.iloc[0].tolist() == ["ads", 0.5, 0.5, 0.5]
    assert asked["channel_columns"] == ["ads"]
    with pytest.raises(ValueError, match="no column tv"):
        cross_check(TABLE, target="sales", spend=["tv"], date="week")
