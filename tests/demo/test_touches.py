from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from regulars.demo import Company
from regulars.demo.touches import absorption, walk


def settled_paths(made: Company, until) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    """Paths old enough to have ended, as sequences of channels, and whether an order came."""
    people = made.people.to_pandas()
    old = people[people["created_at"] < until - timedelta(days=100)]
    touches = made.facts["touches"].to_pandas().sort_values("at", kind="stable")
    path = touches.groupby("customer")["channel"].agg(list).loc[old["customer"]]
    return pd.DataFrame({"path": path, "converts": (old["buyer_kind"] != "none").to_numpy()})


def test_the_chain_is_recovered_from_the_touches(large: Company, until) -> None:  # type: ignore[no-untyped-def]
    truth = large.truth["paths"]
    at = {c: i for i, c in enumerate(truth["channels"])}
    moves, ends, wins = np.zeros((8, 8)), np.zeros(8), np.zeros(8)
    for path, converts in settled_paths(large, until).itertuples(index=False):
        codes = [at[c] for c in path]
        np.add.at(moves, (codes[:-1], codes[1:]), 1)
        ends[codes[-1]] += 1
        wins[codes[-1]] += converts
    visits = moves.sum(axis=1) + ends
    error = 4.5 * np.sqrt(0.25 / visits)
    assert (np.abs(moves / visits[:, None] - np.array(truth["next"])) < error[:, None]).all()
    assert (np.abs(wins / visits - np.array(truth["convert"])) < error).all()


def test_conversion_by_first_channel_is_the_absorption_probability(large: Company, until) -> None:  # type: ignore[no-untyped-def]
    paths = settled_paths(large, until)
    start = paths["path"].str[0]
    for channel, share in paths.groupby(start)["converts"].mean().items():
        truth = absorption()[large.truth["paths"]["channels"].index(channel)]
        n = int((start == channel).sum())
        assert share == pytest.approx(float(truth), abs=4 * np.sqrt(0.25 / n)), channel


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
