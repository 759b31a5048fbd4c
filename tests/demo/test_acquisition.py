from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from regulars.demo import Company
from regulars.demo.acquisition import response
from regulars.demo.company import CHANNELS
from regulars.measure.response import ResponseCurves


def weekly(made: Company, event: str = "signed_up") -> pd.DataFrame:
    """Spend (minor units) and new people per channel and full week."""
    monday = lambda day: pd.to_datetime(day).dt.to_period("W-SUN").dt.start_time  # noqa: E731
    spend, events = made.facts["spend"].to_pandas(), made.facts["events"].to_pandas()
    events = events[events["name"] == event]
    x = spend.groupby(["channel", monday(spend["day"])])["amount"].sum()
    y = events.groupby(["channel", monday(events["day"])]).size()
    out = pd.DataFrame({"spend": x, "conversions": y}).reindex(x.index).fillna(0).rename_axis(["channel", "week"])
    out = out.reset_index()
    return out[out["week"] < out["week"].max()]  # the last week is cut short


def fit(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Poisson maximum likelihood of baseline + ceiling * x / (x + half) on the log scale, with its covariance."""

    def mean(theta: np.ndarray) -> np.ndarray:
        ceiling, half, baseline = np.exp(theta)
        return baseline + ceiling * x / (x + half)

    def slope(theta: np.ndarray) -> np.ndarray:
        ceiling, half, baseline = np.exp(theta)
        return np.stack([ceiling * x / (x + half), -ceiling * x * half / (x + half) ** 2, np.full_like(x, baseline)])

    start = np.log([y.max(), x[x > 0].mean(), max(y.min(), 0.5)])
    found = optimize.minimize(
        lambda t: (mean(t) - y * np.log(mean(t))).sum(),
        start,
        jac=lambda t: slope(t) @ (1 - y / mean(t)),
        method="BFGS",
    )
    information = slope(found.x) / mean(found.x) @ slope(found.x).T
    pearson = float((((y - mean(found.x)) ** 2) / mean(found.x)).sum() / (len(y) - 3))
    return found.x, np.linalg.inv(information), pearson


@pytest.mark.parametrize("channel", [c.key for c in CHANNELS])
def test_response_curve_is_recovered(large: Company, channel: str) -> None:
    rows = weekly(large).query("channel == @channel")
    found, covariance, pearson = fit(rows["spend"].to_numpy(float), rows["conversions"].to_numpy(float))
    truth = large.truth["responses"]["channels"][channel]
    wanted = np.log([truth["ceiling"], truth["half"], truth["baseline"]])
    # Joint interval: the three estimates hang together, so they are tested together (chi-square 3, 99.9 %).
    distance = (found - wanted) @ np.linalg.inv(covariance) @ (found - wanted)
    assert distance < 16.3
    assert 0.55 < pearson < 1.55  # leads are Poisson given spend


def test_the_mix_model_finds_the_small_company_too(shop: Company) -> None:
    """The 90 % band of what spend adds covers the truth on at least five of seven channels."""
    rows = weekly(shop)
    curves = ResponseCurves(decays=(0.0,)).fit(rows).curves_
    hits = 0
    for key, curve in curves.items():
        truth = shop.truth["responses"]["channels"][key]
        x = curve.mean_spend
        low, high = curve.band(x)
        hits += int(low[0] <= truth["ceiling"] * x / (x + truth["half"]) <= high[0])
    assert len(curves) == len(CHANNELS)
    assert hits >= 5


def test_spend_varies_enough_to_learn_from_and_adds_up(large: Company) -> None:
    rows = weekly(large)
    for _, own in rows.groupby("channel"):
        assert own["spend"].std() > 0.4 * own["spend"].mean()
    spend = large.facts["spend"].to_pandas()
    assert (spend["amount"] >= 0).all()
    assert set(spend.loc[spend["channel"] == "search", "days"]) == {1}
    assert set(spend.loc[spend["channel"] == "agents", "days"]) == {6, 7}
    state = np.array(large.state.weekly_spend)
    last = rows[rows["week"] >= sorted(rows["week"].unique())[-4]].groupby("channel")["spend"].sum() / 4
    assert last[[c.key for c in CHANNELS]].to_numpy() / 100 == pytest.approx(state, rel=1e-6)


def test_response_is_concave_and_starts_at_the_baseline() -> None:
    x = np.linspace(0, 100_000, 200)[:, None] * np.ones(len(CHANNELS))
    y = response(x, 2.0)
    assert y[0] == pytest.approx([2 * c.baseline for c in CHANNELS])
    assert (np.diff(y, axis=0) > 0).all()
    assert (np.diff(y, 2, axis=0) < 0).all()
