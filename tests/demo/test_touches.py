from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from regulars.demo import Company
from regulars.demo.touches import absorption, walk


def settled_paths(made: Company, until) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    """Touches of paths old enough to have ended, in order: channel number, where it went, whether an order came."""
    people = made.people.to_pandas().set_index("customer")
    old = people[people["created_at"] < until - timedelta(days=100)]
    touches = made.facts["touches"].to_pandas()
    touches = touches[touches["customer"].isin(old.index)].sort_values(["customer", "at"], kind="stable")
    who = touches["customer"].to_numpy()
    code = touches["channel"].map({c: i for i, c in enumerate(made.truth["paths"]["channels"])}).to_numpy()
    opens, closes = np.ones(len(who), dtype=bool), np.ones(len(who), dtype=bool)
    opens[1:] = who[1:] != who[:-1]
    closes[:-1] = opens[1:]
    converts = (old.loc[who, "buyer_kind"] != "none").to_numpy()
    return pd.DataFrame({"code": code, "to": np.append(code[1:], 0), "opens": opens, "closes": closes, "won": converts})


def test_the_chain_is_recovered_from_the_touches(large: Company, until) -> None:  # type: ignore[no-untyped-def]
    truth, paths = large.truth["paths"], settled_paths(large, until)
    visits = np.bincount(paths["code"], minlength=8)
    on = paths[~paths["closes"]]
    moves = np.zeros((8, 8))
    np.add.at(moves, (on["code"], on["to"]), 1)
    wins = np.bincount(paths["code"], weights=paths["closes"] & paths["won"], minlength=8)
    error = 4.5 * np.sqrt(0.25 / visits)
    assert (np.abs(moves / visits[:, None] - np.array(truth["next"])) < error[:, None]).all()
    assert (np.abs(wins / visits - np.array(truth["convert"])) < error).all()


def test_conversion_by_first_channel_is_the_absorption_probability(large: Company, until) -> None:  # type: ignore[no-untyped-def]
    first = settled_paths(large, until).query("opens")
    assert first["code"].nunique() == 8
    for code, won in first.groupby("code")["won"]:
        assert won.mean() == pytest.approx(float(absorption()[code]), abs=4 * np.sqrt(0.25 / len(won)))


def test_removal_effects_agree_with_brute_force(large: Company) -> None:
    """Walk the chain, and count the orders of paths that never meet the channel."""
    truth = large.truth["paths"]
    starts = np.array(truth["starts"])
    rng = np.random.default_rng(1)
    n = 200_000
    first = rng.choice(8, n, p=starts / starts.sum())
    paths = walk(rng, first, np.zeros(n))
    for j, channel in enumerate(truth["channels"]):
        met = np.zeros(n, dtype=bool)
        met[paths.person[paths.channel == j]] = True
        lost = (paths.converts & met).sum() / paths.converts.sum()
        assert lost == pytest.approx(truth["removal_effect"][channel], abs=0.008), channel


def test_the_first_touch_of_a_referral_names_the_referrer(large: Company) -> None:
    touches = large.facts["touches"].to_pandas()
    brought = touches[touches["referrer"].notna()]
    people = large.people.to_pandas().set_index("customer")
    assert (brought["kind"] == "referral").all()
    assert len(brought) == (people["channel"] == "referral").sum()
    orders = large.facts["orders"].to_pandas()
    first = orders[orders["status"] == "paid"].groupby("customer")["at"].min()
    # Only somebody who had bought brings others; equal to the microsecond happens when both fall into the night.
    assert (brought["at"].to_numpy() >= first.loc[brought["referrer"]].to_numpy()).all()


def test_the_referral_rate_is_recovered(large: Company) -> None:
    cast, end = large.state.cast, large.state.end
    truth = large.truth["referrals"]
    bought = (cast.kind != 0) & (cast.first_at < end)
    exposed = (1 - np.exp(-(end - cast.first_at[bought]) / truth["mean_days"])).sum()
    count = (cast.channel == 7).sum()
    # Gamma-mixed Poisson: variance mean * (1 + mean / shape) per customer.
    error = np.sqrt(count * (1 + truth["per_customer"] / truth["shape"]))
    assert abs(count - truth["per_customer"] * exposed) < 3 * error
