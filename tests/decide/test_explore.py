"""Money that buys knowledge: new channels, bounded steps, priors that learn, and what an order of a person brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.actions import ACTIONS
from regulars.decide.budget_input import BudgetInput
from regulars.decide.curves import Curves
from regulars.decide.explore import ALLOWANCE, COST, TRIED, borrowed, doubted, explored, opened
from regulars.decide.explore_people import sober
from regulars.decide.explore_uplift import first_tries, in_orders, scaled_priors
from regulars.decide.uplift import Prior, Uplift
from regulars.tables import DECIDING, OUTCOMES

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)


def curves(names=("a", "b", "c"), seed=0, sd=0.5, draws=200):
    rng = np.random.default_rng(seed)
    flat = Curves.make(names, ceiling=[400, 100, 200][: len(names)], half=[9e3, 6e3, 2e4][: len(names)], value=100)
    return flat.draw(draws, worth_sd=sd, scale_sd=sd, level=rng.uniform(3e3, 9e3, len(names)), seed=seed)


def question(**other):
    given_ = {"curves": curves(), "today": (9_000, 9_000, 9_000), "seen": (20_000, 20_000, 20_000), "total": 27_000}
    return BudgetInput(**(given_ | other))


def limits(*channels, high=None, frozen=False):
    rows = [{"channel": c, "low": 0.0, "high": high, "frozen": frozen} for c in channels]
    return pa.Table.from_pylist(rows, schema=DECIDING["limits"])


def test_a_listed_channel_without_a_curve_is_tried_within_its_allowance():
    asked = opened(question(), limits("new"), 27_000, {})
    assert asked.curves.channels == ("a", "b", "c", "new")
    best = asked.decide()
    assert 0 < best.solution[3] <= round(ALLOWANCE * 27_000)
    assert best.solution.sum() <= 27_000


@pytest.mark.parametrize("rows", [None, limits(), limits("new", frozen=True), limits("new", high=0.0), limits("a")])
def test_nothing_is_opened_that_the_owner_did_not_list(rows):
    asked = opened(question(), rows, 27_000, {"a": 50})
    assert asked.curves.channels == ("a", "b", "c")
    assert (asked.today, asked.seen, asked.unproven) == ((9_000,) * 3, (20_000,) * 3, frozenset())
    assert asked.decide().solution.tolist() == question().decide().solution.tolist()


def test_a_borrowed_curve_is_worth_what_the_others_are_on_average():
    known = curves(sd=0.2, draws=4_000)
    more = borrowed(known, ["new"])
    assert more.worth[:, 3].mean() == pytest.approx(known.worth.mean(), rel=0.1)
    # nobody knows it as well as the others
    assert np.log(more.worth[:, 3]).std() > np.log(known.worth).std(axis=0).max()
    np.testing.assert_array_equal(more.worth[:, :3], known.worth)


def test_the_belief_fades_as_the_channel_is_tried():
    known = curves()
    kept = [
        int((doubted(known, {"c"}, {"a": 99, "b": 99, "c": n}, 0).worth[:, 2] == known.worth[:, 2]).sum())
        for n in (0, TRIED // 2, TRIED)
    ]
    assert kept[0] == 0 < kept[1] < kept[2] == len(known.worth)


def test_a_young_channel_whose_curve_is_open_may_grow_and_an_old_one_may_not():
    young = opened(question(unproven=frozenset("b")), limits("b"), 27_000, {"b": 2})
    old = opened(question(unproven=frozenset("b")), limits("b"), 27_000, {"b": TRIED})
    assert young.seen == (20_000, 30_000, 20_000)
    assert old.seen == (20_000, 20_000, 20_000)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 400), st.floats(0.05, 1.5))
def test_deliberate_variation_costs_no_more_than_its_bound_and_keeps_the_limits(seed, day, sd):
    asked = question(curves=curves(seed=seed, sd=sd), low={"a": 1_000}, high={"b": 8_000}, frozen=frozenset("c"))
    best = asked.decide()
    moved = explored(asked, best, NOW + timedelta(days=day))
    x = moved.solution
    assert x.sum() <= 27_000
    assert x[0] >= 1_000 - 1
    assert x[1] <= 8_000
    assert abs(int(x[2]) - 9_000) <= 1
    slack = 3 * float(asked.curves.slope(np.zeros(3)).max()) + 1e-6
    assert moved.value >= best.value * (1 - COST) - slack
    assert moved.gap >= best.gap - 1e-12
    assert moved.value == pytest.approx(float(asked.curves.value(x).sum()))
    assert [r.proposed for r in moved.rows] == x.tolist()


def test_variation_holds_for_a_fortnight_and_then_changes():
    asked = question(curves=curves(sd=1.0))
    best = asked.decide()
    monday = datetime.fromordinal(14 * 52_000).replace(tzinfo=UTC)
    same, later = (explored(asked, best, monday + timedelta(days=d)).solution.tolist() for d in (7, 14))
    assert explored(asked, best, monday).solution.tolist() == same != later


def test_curves_without_doubt_are_not_varied():
    asked = question(curves=Curves.make(["a", "b", "c"], ceiling=[4, 1, 2], half=[9e3, 6e3, 2e4], value=1e4))
    best = asked.decide()
    assert explored(asked, best, NOW) is best


def outcome(plan, action, value, error):
    half = 1.959964 * error
    return {"plan": plan, "subject": action, "name": "lift_orders", "value": value, "low": value - half,
            "high": value + half, "made_by": "t", "made_at": NOW, "lake_version": "v", "why": ""}  # fmt: skip


def outcomes(*rows):
    return pa.Table.from_pylist(list(rows), schema=OUTCOMES.schema)


def test_one_measured_action_scales_what_is_assumed_of_the_others():
    priors = {"a": Prior(0.005, 0.005), "b": Prior(0.0025, 0.0025), "c": Prior(0.002, 0.002)}
    found = scaled_priors(outcomes(outcome("p", "a", 0.10, 0.01)), priors, others=["c"])
    assert 0.04 < found["a"].mean < 0.12
    assert found["b"].mean == pytest.approx(found["a"].mean / 2)
    # c counts something else: only less sure, not higher
    assert found["c"].mean == 0.002
    assert found["c"].sd > 0.002
    as_stated = scaled_priors(outcomes(outcome("p", "a", 0.005, 0.003)), priors)
    assert as_stated["a"].mean == pytest.approx(0.005, rel=0.35)


def test_a_measured_action_is_paid_for_in_orders():
    told = {"care": Uplift(0.03, 0.01, plans=1), "ask_referral": Uplift(0.002, 0.002)}
    stakes = {a.key: a.stake for a in in_orders(ACTIONS, told)}
    assert stakes["care"] == "order"
    assert stakes["ask_referral"] == "newcomer"


def test_an_order_of_a_person_is_sober():
    keys = ["c0", "c1", "c2"]
    profile = pa.table({"customer": keys, "aov": [900.0, 90_000.0, None]})
    people = pa.table({"customer": keys, "market": ["m", "n", "m"]})
    sold = [("c0", 900, 50), ("c0", 900, 10), ("c1", 90_000, 3)]
    orders = pa.table({
        "customer": [c for c, _, _ in sold], "amount": [a for _, a, _ in sold], "kind": ["sale"] * 3,
        "status": ["paid"] * 3, "at": [NOW - timedelta(days=d) for *_, d in sold],
        "day": [(NOW - timedelta(days=d)).date() for *_, d in sold],
    })  # fmt: skip
    due = {"customer": ["c1"], "day": [(NOW - timedelta(days=3)).date()]}
    facts = {"orders": ibis.memtable(orders), "subscriptions": ibis.memtable(pa.table(due))}
    found = sober(profile, people, facts, {"n": 2.0}, now=NOW)
    # What c1 paid was the invoice of a contract: it says nothing; the mean of the others is c0's.
    assert found.column("aov").to_pylist() == [900.0, 900.0, 900.0]
    assert found.column("answer").to_pylist() == [1.0, 2.0, 1.0]
    assert found.column("quiet_days").to_pylist() == [10.0, None, None]
    assert sober(profile, people, {}, {}, now=NOW) is profile
    nothing = {"orders": ibis.memtable(orders.slice(0, 0))}
    assert sober(profile, people, nothing, {}, now=NOW) is profile


def test_an_action_never_measured_is_tried_on_few_where_measured_ones_suit_the_same_people():
    told = {"win_back": Uplift(0.1, 0.01, plans=2), "onboard": Uplift(0.05, 0.05), "wake_up": Uplift(0.2, 0.2),
            "cross_sell": Uplift(0.05, 0.05)}  # fmt: skip
    few = first_tries(ACTIONS, told, {"email": 2_000.0})
    # Prospects and the loyal have nothing measured; people at risk have win_back.
    assert few == {"wake_up": 100.0}
    assert first_tries(ACTIONS, {}, {"email": 2_000.0}) == {}
