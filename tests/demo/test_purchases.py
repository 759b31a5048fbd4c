from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regulars.demo import Company
from regulars.understand import BetaGeo, GammaGamma


def one_off(made: Company) -> pd.DataFrame:
    """Paid one-off orders no message caused, with their moment in calendar and in season days."""
    orders = made.facts["orders"].to_pandas()
    orders = orders[orders["id"].str.startswith("o") & (orders["kind"] == "sale") & (orders["status"] == "paid")]
    clock, end = made.state.clock, made.state.end
    at = clock.at(pa.array(orders["at"]))
    passed = np.concatenate([[0.0], np.cumsum(clock.season(end))])
    return orders.assign(calendar=at, season=np.interp(at, np.arange(end + 1.0), passed))


def rfm(orders: pd.DataFrame, moment: str, end: float) -> dict[str, np.ndarray]:
    g = orders.groupby("customer")[moment].agg(["size", "min", "max"])
    return {
        "frequency": (g["size"] - 1).to_numpy(float),
        "recency": (g["max"] - g["min"]).to_numpy(),
        "T": (end - g["min"]).to_numpy(),
    }


@pytest.mark.parametrize("size", ["shop", "large"])
def test_bgnbd_is_recovered_within_three_standard_errors(size: str, request: pytest.FixtureRequest) -> None:
    made: Company = request.getfixturevalue(size)
    model = BetaGeo().fit(rfm(one_off(made), "season", made.state.end))
    truth = made.truth["purchases"]
    for name in ("r", "alpha", "a", "b"):
        assert abs(getattr(model, f"{name}_") - truth[name]) < 3 * model.standard_errors_[name], name
    assert model.standard_errors_["r"] < 0.1


def test_seasons_do_not_hide_the_truth_from_a_calendar(shop: Company) -> None:
    model = BetaGeo().fit(rfm(one_off(shop), "calendar", shop.state.end))
    for name in ("r", "alpha", "a", "b"):
        assert abs(getattr(model, f"{name}_") - shop.truth["purchases"][name]) < 3 * model.standard_errors_[name], name


def test_orders_go_on_at_the_rate_the_survivors_have(large: Company) -> None:
    """Everyone alive at the end has the posterior mean rate: the expectation of the model is the mean of the truth."""
    model = BetaGeo().fit(rfm(one_off(large), "season", large.state.end))
    cast = large.state.cast
    bought = (cast.kind == 1) & (cast.first_at < large.state.end)
    p = model.p_alive(*rfm(one_off(large), "season", large.state.end).values())
    assert np.isinf(cast.died_at[bought]).mean() == pytest.approx(float(np.mean(p)), abs=0.01)


def test_gamma_gamma_is_recovered_within_three_standard_errors(large: Company) -> None:
    spend = one_off(large).groupby("customer")["amount"].agg(["size", "mean"])
    model = GammaGamma().fit({"frequency": spend["size"].to_numpy(float), "monetary": spend["mean"].to_numpy(float)})
    truth = large.truth["spend_per_order"]
    for name in ("p", "q", "v"):
        assert abs(getattr(model, f"{name}_") - truth[name]) < 3 * model.standard_errors_[name], name
    assert one_off(large)["amount"].mean() == pytest.approx(truth["mean"], rel=0.03)


def test_shares_of_refunds_and_unpaid_orders(large: Company) -> None:
    orders = large.facts["orders"].to_pandas()
    kind = orders["id"].str[0]
    sold = ((kind == "o") & (orders["kind"] == "sale")).sum()
    for count, share in (
        (((kind == "o") & (orders["kind"] == "refund")).sum(), large.truth["refund_share"]),
        ((kind == "u").sum(), large.truth["unpaid_share"]),
    ):
        # The last fortnight's refunds are still to come, hence the slack below.
        assert share - 4 * np.sqrt(share / sold) - 0.04 * share < count / sold < share + 4 * np.sqrt(share / sold)


def test_baskets_follow_the_segment_and_the_pairs(large: Company) -> None:
    lines = large.facts["order_lines"].to_pandas()
    lines = lines[lines["order_id"].str.startswith("o") & (lines["kind"] == "sale")]
    segment = large.people.to_pandas().set_index("customer")["segment"]
    truth = large.truth["segments"]
    first = lines[lines["id"].str.endswith("-1")]
    for name, group in first.groupby(segment.loc[first["customer"]].to_numpy()):
        share = group["product"].value_counts(normalize=True).reindex(truth["products"], fill_value=0)
        wanted = np.array(truth["first_product"][name])
        assert np.abs(share - wanted).max() < 4 * np.sqrt(0.25 / len(group))
    second = lines[lines["id"].str.endswith("-2")].set_index("order_id")["product"]
    assert len(second) / len(first) == pytest.approx(truth["second_line"], abs=0.01)
    opening = first.set_index("order_id")["product"].loc[second.index]
    pairs = pd.crosstab(opening, second, normalize="index").reindex(
        index=truth["products"], columns=truth["products"], fill_value=0
    )
    assert np.abs(pairs.to_numpy() - np.array(truth["same_basket"])).max() < 0.05


def test_peaks_and_dips_are_where_the_trade_has_them(large: Company) -> None:
    day = pd.to_datetime(one_off(large)["day"])
    daily = day.value_counts().sort_index()
    around = lambda a, b: daily[a:b].mean()  # noqa: E731
    assert around("2026-06-14", "2026-06-18") > 1.7 * around("2026-06-01", "2026-06-12")
    assert around("2026-11-08", "2026-11-11") > 1.9 * around("2026-10-20", "2026-11-06")
    assert around("2026-02-12", "2026-02-24") < 0.6 * around("2026-01-15", "2026-02-05")
