from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.tables import ACTIVITY, ACTIVITY_STATES
from regulars.understand import Lifecycle, ModifiedBetaGeo, activity
from regulars.understand.day_cells import day_cells
from regulars.understand.lifecycle import activity_now, usual_gap_days
from regulars.understand.rfm import summary

customers = st.lists(st.tuples(st.integers(0, 800), st.integers(0, 400), st.integers(1, 12)), min_size=1, max_size=50)


@settings(deadline=None)
@given(customers, st.floats(1, 200))
def test_states_of_many_equal_the_shared_rule_for_one(rows, gap):
    since, before, orders = (np.array(c) for c in zip(*rows, strict=True))
    expected = [ACTIVITY.state(s, s + b, o, gap) for s, b, o in rows]
    assert activity(since, since + before, orders, gap).tolist() == expected


def test_the_usual_gap_is_the_median_between_days_of_the_same_customer():
    cells = day_cells(
        {
            "customer": ["a", "a", "a", "b", "b", "c"],
            "day": ["2026-01-01", "2026-01-01", "2026-01-08", "2026-01-01", "2026-03-02", "2026-01-05"],
            "amount": [1] * 6,
        }
    )
    assert usual_gap_days(cells) == (7 + 60) / 2
    assert usual_gap_days(day_cells({"customer": ["a"], "day": ["2026-01-01"], "amount": [1]})) == 30


def shop(people, days, seed):
    rng = np.random.default_rng(seed)
    rate, leave = rng.gamma(1.5, 1 / 60, people), rng.beta(0.8, 2.5, people)
    clock, alive = rng.integers(0, days, people).astype(float), np.ones(people, bool)
    who, when = [], []
    while alive.any():
        who.append(np.flatnonzero(alive))
        when.append(clock[alive].astype(int))
        alive &= rng.random(people) > leave
        clock = clock + rng.exponential(1, people) / rate
        alive &= clock < days
    who, when = np.concatenate(who), np.concatenate(when)
    day = np.datetime64("2024-01-01") + when
    return {"customer": [f"{i:05d}" for i in who], "day": day.astype(str).tolist(), "amount": [1000] * len(who)}


def test_a_shop_over_two_years():
    found = Lifecycle(until=date(2025, 12, 31)).fit(shop(1500, 731, 0))
    assert found.method_ == "model"
    assert found.limits_ == ()
    table = found.predict().to_pandas()
    assert len(table) == 1500
    assert set(table["activity"]) <= set(ACTIVITY_STATES)
    assert found.history_.shape == (1500, 24)
    # The last month end is today, so both judge alike.
    assert (found.history_[:, -1] == found.codes_).all()
    assert found.next_.uses_ == "logit"
    assert found.next_.comparison_.logit < found.next_.comparison_.matrix
    assert found.chances_.sum(axis=1) == pytest.approx(np.ones(1500))
    assert found.staying_["loyal"].median > found.staying_["new"].median
    assert ((table["slip"] >= 0) & (table["slip"] <= 1)).all()


def test_what_the_model_calls_lost_hardly_returns_and_what_it_calls_active_does():
    orders = shop(2500, 731, 1)
    until = date(2025, 6, 30)
    found = Lifecycle(until=until).fit(orders)
    later = {c for c, d in zip(orders["customer"], orders["day"], strict=True) if d > str(until)}
    table = found.predict().to_pandas()
    back = table["customer"].isin(later).groupby(table["activity"]).mean()
    assert back["loyal"] > back["at_risk"] > back["dormant"] > back["lost"]
    assert back["lost"] < 0.1


@pytest.mark.parametrize("days", [["2026-01-01"], ["2026-01-01", "2026-01-01"], ["2026-01-01", "2026-02-10"]])
def test_a_handful_of_orders_is_judged_by_the_rule(days):
    for one in (True, False):
        customers = ["a"] * len(days) if one else [str(i) for i in range(len(days))]
        found = Lifecycle(until=date(2026, 2, 15)).fit({"customer": customers, "day": days, "amount": [5] * len(days)})
        assert found.method_ == "rule"
        assert found.limits_ == ("too_few_customers", "history_too_short")
        table = found.predict().to_pandas()
        assert table["slip"].between(0, 1).all()
        assert table["chance"].notna().all()


@pytest.mark.parametrize("weak", [True, False])
def test_the_scores_of_today_are_those_of_the_lifecycle(weak):
    cells = day_cells(shop(200, 500, 4))
    model = ModifiedBetaGeo(penalizer=0.1).fit(summary(cells))
    states, left = activity_now(cells, model, weak)
    found = Lifecycle().fit_cells(cells, model, weak)
    assert states.tolist() == found.predict().column("activity").to_pylist()
    assert (left is None) == weak


def test_nobody_is_an_error_that_says_so():
    with pytest.raises(ValueError, match="no paid order"):
        Lifecycle().fit({"customer": [], "day": [], "amount": []})
