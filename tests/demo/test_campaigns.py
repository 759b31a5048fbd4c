from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from regulars.demo import Company
from regulars.demo.campaigns import market_answer
from regulars.demo.company import MARKETS


def outcomes(made: Company, action: str) -> pd.DataFrame:
    """Per person addressed: arm, market and orders within 28 days."""
    rows = made.facts["messages"].to_pandas()
    rows = rows[(rows["action"] == action) & rows["state"].isin(["sent", "holdout"])].set_index("customer")
    orders = made.facts["orders"].to_pandas()
    orders = orders[(orders["kind"] == "sale") & (orders["status"] == "paid") & orders["customer"].isin(rows.index)]
    after = orders["at"].to_numpy() - rows.loc[orders["customer"], "at"].to_numpy()
    inside = orders[(after >= pd.Timedelta(0)) & (after < timedelta(days=28))]
    return rows.assign(orders=inside.groupby("customer").size().reindex(rows.index, fill_value=0))


@pytest.mark.parametrize("action", ["win_back", "cross_sell"])
def test_the_holdout_shows_the_true_effect(large: Company, action: str) -> None:
    rows = outcomes(large, action)
    sent, held = (rows.loc[rows["state"] == s, "orders"] for s in ("sent", "holdout"))
    error = np.sqrt(sent.var() / len(sent) + held.var() / len(held))
    lift, truth = sent.mean() - held.mean(), large.truth["messages"]["effects"][action]
    assert abs(lift - truth) < 2.6 * error
    assert action == "cross_sell" or lift > 3 * error  # quiet people hardly order by themselves: less noise
    share = len(held) / len(rows)
    assert share == pytest.approx(large.truth["messages"]["holdout"], abs=4 * np.sqrt(0.16 / len(rows)))


def test_markets_answer_as_the_truth_says(large: Company) -> None:
    rows = outcomes(large, "win_back")
    sent = rows[rows["state"] == "sent"]
    caused = large.facts["orders"].to_pandas()
    caused = caused[caused["id"].str.startswith("x") & (caused["kind"] == "sale")]
    hit = sent.index.isin(caused.loc[caused["at"] < sent["at"].max() + timedelta(days=28), "customer"])
    truth = large.truth["messages"]
    for market, group in pd.Series(hit).groupby(sent["market"].to_numpy()):
        wanted = truth["effects"]["win_back"] * truth["by_market"][market]
        assert group.mean() == pytest.approx(wanted, abs=4 * np.sqrt(wanted / len(group))), market


def test_the_average_answer_is_one() -> None:
    share = np.array([m.share for m in MARKETS])
    assert share.sum() == pytest.approx(1.0)
    assert share @ market_answer() == pytest.approx(1.0)


def test_only_people_who_agreed_are_addressed_and_who_left_is_not_asked_again(large: Company) -> None:
    rows = large.facts["messages"].to_pandas()
    people = large.people.to_pandas().set_index("customer")
    gone = rows.loc[rows["state"] == "unsubscribed", "customer"]
    assert len(gone) > 10
    assert not people.loc[gone, "consent_email"].any()
    assert rows.groupby(["message", "state"]).size().max() == 1
