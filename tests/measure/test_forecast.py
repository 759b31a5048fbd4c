"""The forecast of many series: chosen on the past, adding up, honest where there is little to go on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import clone

from regulars.measure import Forecast
from regulars.measure.combine import METHODS, backtest, said
from regulars.tables import why_codes


def long(values: np.ndarray, name: str = "s") -> pd.DataFrame:
    """Rows by series, every one from t = 0."""
    n, length = values.shape
    return pd.DataFrame({
        "series": np.repeat([f"{name}{i:03d}" for i in range(n)], length), "t": np.tile(np.arange(length), n),
        "value": values.ravel(),
    }).dropna()  # fmt: skip


def block(frame: pd.DataFrame, column: str, steps: int) -> np.ndarray:
    return frame.sort_values(["series", "step"])[column].to_numpy(float).reshape(-1, steps)


def smape(told: np.ndarray, came: np.ndarray) -> float:
    return float((200 * np.abs(told - came) / (np.abs(told) + np.abs(came))).mean())


def test_a_flat_series_stays_flat() -> None:
    model = Forecast(horizon=5).fit(long(np.full((1, 40), 7.0)))
    found = model.predict()
    assert found["value"].to_numpy() == pytest.approx(np.full(5, 7.0))
    assert "constant" in model.limits_[0]


def test_a_clear_season_is_used() -> None:
    rng = np.random.default_rng(1)
    pattern = np.array([10, 12, 14, 13, 20, 30, 5.0])
    y = np.tile(pattern, 20) + rng.normal(0, 1, 140)
    model = Forecast(horizon=7, season=7).fit(long(y[None]))
    assert np.abs(model.predict()["value"] - pattern).mean() < 1.0
    assert model.seasons_ == ((7,),)
    assert "season_7" in why_codes(model.why(0))
    assert Forecast(horizon=7, season=7).fit(long(rng.normal(size=(1, 140)))).seasons_ == ((),)


def test_days_know_the_week_and_the_year() -> None:
    rng = np.random.default_rng(3)
    days = pd.date_range("2023-01-02", periods=365 * 3 + 100, freq="D")
    week = np.array([1.2, 1, 1, 0.9, 1, 1.3, 0.6])
    shape = week[days.day_of_week] * (1 + 0.4 * np.sin(2 * np.pi * days.day_of_year / 365))
    y = np.asarray(1000 * shape * np.exp(rng.normal(0, 0.05, len(days))))
    table = pd.DataFrame({"series": "all", "day": days[:-28], "value": y[:-28]})
    model = Forecast(horizon=28, origins=2).fit(table)
    assert model.seasons_ == ((7, 365),)
    assert smape(model.values_, y[None, -28:]) < 8
    assert model.predict()["day"].iloc[0] == days[-28].date()


@pytest.mark.parametrize("kind", ["walk", "noise", "trend"])
def test_nine_of_ten_lie_in_the_interval(kind: str) -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(0, 1, (120, 130))
    y = {"walk": np.cumsum(noise, axis=1) + 100, "noise": 100 + 10 * noise,
         "trend": 100 + np.arange(130) / 2 + 5 * noise}[kind]  # fmt: skip
    model = Forecast(horizon=8).fit(long(y[:, :-8]))
    found = model.predict()
    came = y[:, -8:]
    held = ((came >= block(found, "low", 8)) & (came <= block(found, "high", 8))).mean()
    assert 0.85 <= held <= 0.95
    assert model.coverage_ is not None
    assert 0.83 <= model.coverage_ <= 0.96
    sums = (came.sum(axis=1) >= model.total_[:, 0]) & (came.sum(axis=1) <= model.total_[:, 2])
    assert 0.8 <= sums.mean() <= 0.98


def test_the_interval_of_one_series_alone_holds_too() -> None:
    rng = np.random.default_rng(4)
    held = []
    for _ in range(14):
        y = np.cumsum(rng.normal(0, 1, 100)) + 100
        found = Forecast(horizon=8).fit(long(y[None, :-8])).predict()
        held.append(((y[-8:] >= found["low"]) & (y[-8:] <= found["high"])).mean())
    assert 0.78 <= np.mean(held) <= 0.99


def test_sales_are_never_negative() -> None:
    found = Forecast(horizon=10).fit(long(np.r_[np.linspace(50, 1, 40), 0.0, 0.0][None])).predict()
    assert (found["low"] >= 0).all()
    assert (found["value"] >= 0).all()


def test_the_company_is_the_sum_of_its_markets_and_of_its_channels() -> None:
    rng = np.random.default_rng(6)
    cells = rng.poisson(40, (3, 4, 120)).astype(float) * np.exp(rng.normal(0, 0.2, 120))
    parts = {"all": (cells.sum(axis=(0, 1)), None, None)}
    parts |= {f"m{i}": (cells[i].sum(axis=0), "all", "market") for i in range(3)}
    parts |= {f"c{j}": (cells[:, j].sum(axis=0), "all", "channel") for j in range(4)}
    parts |= {f"m0c{j}": (cells[0, j], "m0", "cell") for j in range(4)}
    table = pd.concat(
        pd.DataFrame({"series": name, "t": range(120), "value": y, "parent": parent, "family": family})
        for name, (y, parent, family) in parts.items()
    )
    wide = Forecast(horizon=13).fit(table).predict().pivot(index="step", columns="series", values="value")
    for own in (["m0", "m1", "m2"], ["c0", "c1", "c2", "c3"]):
        assert wide["all"].to_numpy() == pytest.approx(wide[own].sum(axis=1).to_numpy(), abs=1e-9)
    assert wide["m0"].to_numpy() == pytest.approx(wide[[f"m0c{j}" for j in range(4)]].sum(axis=1).to_numpy(), abs=1e-9)


def test_a_new_series_is_foretold_from_similar_ones() -> None:
    rng = np.random.default_rng(8)
    y = np.full((31, 80), np.nan)
    curve = 100 * (1 + np.arange(80))  # grows by 100 a step from its first sale on
    y[0] = 1000 + rng.normal(0, 10, 80)
    for i in range(1, 30):
        begin = int(rng.integers(5, 50))
        y[i, begin:] = curve[: 80 - begin] * rng.uniform(0.5, 2) + rng.normal(0, 5, 80 - begin)
    y[30, -4:] = curve[:4]
    table = long(y)
    model = Forecast(horizon=6).fit(table)
    found = model.predict()
    own = found[found["series"] == "s030"]
    assert set(own["method"]) == {"similar"}
    assert own["value"].to_numpy() == pytest.approx(curve[4:10], rel=0.1)
    assert "new_from_similar" in model.limits_[30]
    assert ((own["low"] <= own["value"]) & (own["value"] <= own["high"])).all()


def test_little_and_bad_input_is_said() -> None:
    with pytest.raises(ValueError, match="lacks value"):
        Forecast().fit(pd.DataFrame({"series": ["a"], "t": [1]}))
    with pytest.raises(ValueError, match="holds no values"):
        Forecast().fit(pd.DataFrame({"series": ["a"], "t": [1], "value": [np.nan]}))
    with pytest.raises(ValueError, match="two values at"):
        Forecast().fit(pd.DataFrame({"series": ["a", "a"], "t": [1, 1], "value": [1.0, 2.0]}))
    with pytest.raises(ValueError, match="infinite"):
        Forecast().fit(pd.DataFrame({"series": ["a", "a"], "t": [1, 2], "value": [1.0, np.inf]}))
    with pytest.raises(ValueError, match="must hold numbers"):
        Forecast().fit(pd.DataFrame({"series": ["a"], "t": [1], "value": ["many"]}))
    days = ["2026-01-01", "2026-01-08", "2026-01-16"]
    with pytest.raises(ValueError, match="rhythm"):
        Forecast().fit(pd.DataFrame({"series": "a", "day": days, "value": 1.0}))
    with pytest.raises(ValueError, match="no rows of its own"):
        Forecast().fit(pd.DataFrame({"series": ["a"], "t": [1], "value": [1.0], "parent": ["b"]}))
    for wrong in ({"horizon": 0}, {"method": "prophecy"}, {"level": 1.5}, {"gaps": "maybe"}, {"season": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Forecast(**wrong).fit(long(np.ones((1, 20))))


@pytest.mark.parametrize("length", [1, 2, 3, 5, 9])
def test_short_series_get_a_number_and_a_warning(length: int) -> None:
    model = Forecast(horizon=4, season=52).fit(long(np.arange(1.0, length + 1)[None]))
    found = model.predict()
    assert np.isfinite(found["value"]).all()
    assert found["low"].isna().all() == (length == 1)
    assert ("too_few_values" in model.limits_[0]) == (length == 1)
    assert ("too_short_to_test" in model.limits_[0]) == (length < 12)
    assert model.coverage_ is None or length == 9


def test_holes_are_bridged_or_nothing_sold() -> None:
    table = long(np.full((1, 40), 10.0)).drop(index=[7, 8, 20])
    model = Forecast(horizon=2).fit(table)
    assert "gaps_bridged" in model.limits_[0]
    assert model.predict()["value"].tolist() == pytest.approx([10.0, 10.0])
    zero = Forecast(horizon=2, gaps="zero").fit(table)
    assert np.nansum(zero.panel_.values) == 370


def test_tables_of_any_kind_and_a_clone() -> None:
    table = long(np.random.default_rng(0).normal(50, 5, (2, 60)))
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    model = Forecast(horizon=3)
    said_ = model.fit(arrow).predict()
    assert isinstance(said_, pa.Table)
    assert said_.column_names == ["series", "step", "t", "value", "low", "high", "method", "why"]
    assert clone(model).fit(table).predict()["value"].tolist() == said_["value"].to_pylist()


def test_a_start_in_the_past_knows_only_what_came_before() -> None:
    y = np.random.default_rng(9).normal(100, 10, (3, 90)).cumsum(axis=1)
    told, record = backtest(y, 6, (12,), 4, np.ones(3, dtype=bool))
    for i in range(4):
        cut = 6 + 3 * i
        alone = said(y[:, : 90 - cut], 6, (12,))
        for m, name in enumerate(METHODS):
            came = y[:, 90 - cut : 96 - cut] if cut > 6 else y[:, -6:]
            assert record.errors[m, :, i] == pytest.approx(came - alone[name], abs=1e-6), name
    assert told["naive"][:, 0].tolist() == y[:, -1].tolist()


@pytest.mark.shared_data
def test_m4_weekly_beats_theta_and_the_benchmarks(shared_data: Path) -> None:
    frame = pd.read_parquet(shared_data / "m4_weekly" / "weekly_train.parquet").sort_values(["series", "t"])
    own = [y.to_numpy(float)[-430:] for _, y in list(frame.groupby("series")["value"])[::4]]
    for cut in (0, 13):  # two ends, so that a gain is not luck
        past = np.full((len(own), 420), np.nan)
        came = np.array([y[len(y) - cut - 13 : len(y) - cut] for y in own])
        for i, y in enumerate(own):
            known = y[: len(y) - cut - 13][-420:]
            past[i, 420 - len(known) :] = known
        model = Forecast(season=52, origins=3).fit(long(past))
        found = model.predict()
        value = block(found, "value", 13)
        plain = said(past, 13)
        comb = (plain["ses"] + plain["holt"] + plain["damped"]) / 3
        for peer in (plain["theta"], plain["naive"], plain["ses"], plain["damped"], comb):
            assert smape(value, came) < smape(peer, came)
        held = ((came >= block(found, "low", 13)) & (came <= block(found, "high", 13))).mean()
        assert 0.85 <= held <= 0.97
