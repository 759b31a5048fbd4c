from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.decide.actions import ACTIONS, Action
from regulars.decide.next_best import NextBestAction
from regulars.decide.uplift import Prior, Uplift
from regulars.tables import ACTIVITY_STATES, why_codes


def crowd(n: int, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    clv = rng.lognormal(9, 1, n)
    return pa.table(
        {
            "customer": [f"c{i:09d}" for i in range(n)],
            "activity": pa.array(rng.choice(ACTIVITY_STATES, n)),
            "email_ok": rng.random(n) < 0.7,
            "aov": rng.lognormal(9, 0.7, n),
            "clv": clv,
            "clv_low": clv * 0.5,
            "clv_high": clv * 1.7,
            "p_alive": rng.random(n),
            "expected_orders": rng.lognormal(0, 1, n),
        }
    )


def one(activity: str | None = "active", **change: object) -> dict[str, list[object]]:
    given: dict[str, object] = {
        "customer": "a", "activity": activity, "email_ok": True, "aov": 10_000.0, "clv": 30_000.0, "p_alive": 0.4,
        "expected_orders": 2.0, **change,
    }  # fmt: skip
    return {k: [v] for k, v in given.items()}


def test_the_value_is_uplift_times_margin_minus_cost() -> None:
    plan = NextBestAction(margin=0.5, channel_cost={"email": 7}).decide(one())
    assert plan.solution.to_pylist()[0]["value"] == pytest.approx(0.005 * 5_000 - 7)
    care = NextBestAction(channel_cost={"email": 7}).decide(one("at_risk"))
    row = care.solution.to_pylist()[0]
    assert row["action"] == "care"
    assert row["value"] == pytest.approx(0.005 * 30_000 * 0.6 / 0.4 - 7)


def test_who_buys_anyway_gets_no_discount() -> None:
    offer = (Action("offer", ("active",), "order", "email", Prior(0.02, 0.01), discount=0.2),)
    rule = NextBestAction(actions=offer, margin=0.5)
    quiet, keen = rule.decide(one(expected_orders=0.0)), rule.decide(one(expected_orders=24.0))
    # 2 % more orders of 10,000: margin 100, discount on the same 2 %: 40
    assert quiet.solution.to_pylist()[0]["value"] == pytest.approx(0.02 * 5_000 - 0.2 * 10_000 * 0.02)
    # at 24 orders a year 84 % buy within 28 days without us, and would be given the fifth
    assert keen.solution.num_rows == 0


def test_a_high_response_score_does_not_make_a_good_target() -> None:
    people = {
        "customer": ["buys anyway", "can be won"], "activity": ["active"] * 2, "email_ok": [True] * 2,
        "aov": [10_000.0] * 2, "clv": [1e6, 1e3], "expected_orders": [50.0, 0.5],
    }  # fmt: skip
    offer = (Action("offer", ("active",), "order", "email", Prior(0.03, 0.01), discount=0.1),)
    rows = NextBestAction(actions=offer, quota=1).decide(people).solution.to_pylist()
    assert [r["customer"] for r in rows] == ["can be won"]


def test_the_uplift_never_takes_a_chance_above_one() -> None:
    sure = {"cross_sell": Uplift(0.5, 0.01, 1, 1.0)}
    row = NextBestAction(margin=1.0).decide(one(expected_orders=60.0), uplifts=sure).solution.to_pylist()[0]
    p0 = 1 - np.exp(-60 * 28 / 365)
    assert row["value"] == pytest.approx((1 - p0) * 10_000)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), mean=st.floats(0.0, 1.0), sd=st.floats(0.0, 1.0), cost=st.integers(0, 500),
       quota=st.one_of(st.none(), st.integers(0, 60)))  # fmt: skip
def test_whatever_is_proposed_pays_and_never_gains_more_than_is_at_stake(
    seed: int, mean: float, sd: float, cost: int, quota: int | None
) -> None:
    people = crowd(60, seed)
    uplifts = {a.code: Uplift(mean, sd, 1, 1.0) for a in ACTIONS}
    plan = NextBestAction(quota=quota, channel_cost={"email": cost}).decide(people, uplifts=uplifts)
    rows = plan.solution.to_pylist()
    known = {r["customer"]: r for r in people.to_pylist()}
    states = {a.code: a.states for a in ACTIONS}
    assert len({r["customer"] for r in rows}) == len(rows)
    assert quota is None or len(rows) <= quota
    for row in rows:
        assert 0 < row["value"] <= row["stake"] - cost + 1e-6
        assert row["low"] <= row["value"] + 1e-9
        assert row["value"] - 1e-9 <= row["high"] <= row["stake"] + 1e-9
        person = known[row["customer"]]
        assert person["activity"] in states[row["action"]]
        assert person["email_ok"]
        assert {"activity", "stake", "cost"} <= set(why_codes(row["why"]))
    assert plan.value == pytest.approx(sum(r["value"] for r in rows))
    assert plan.gap <= 1e-9


def test_no_other_choice_of_actions_is_worth_more() -> None:
    people = crowd(200, 3)
    rule = NextBestAction(quota=40, channel_cost={"email": 5})
    plan = rule.decide(people)
    single = []
    for action in ACTIONS:
        alone = NextBestAction(actions=(action,), channel_cost={"email": 5}).decide(people).solution
        single.append(dict(zip(*(alone.column(c).to_pylist() for c in ("customer", "value")), strict=True)))
    best = sorted((max(s.get(c, 0.0) for s in single) for c in people.column("customer").to_pylist()), reverse=True)
    assert plan.value == pytest.approx(sum(best[:40]))
    price = plan.shadow_prices["quota:total"]
    assert (price.more, price.less) == (pytest.approx(best[40]), pytest.approx(best[39]))


def test_a_channel_quota_goes_to_those_where_it_adds_most() -> None:
    call = Action("care", ("at_risk",), "lifetime", "task", Prior(0.05, 0.02))
    mail = Action("wake_up", ("at_risk",), "order", "email", Prior(0.05, 0.02))
    people = {
        "customer": ["a", "b"], "activity": ["at_risk"] * 2, "email_ok": [True, False], "aov": [10_000.0] * 2,
        "clv": [60_000.0, 50_000.0], "p_alive": [0.5, 0.5],
    }  # fmt: skip
    rows = (
        NextBestAction(actions=(call, mail), margin=0.5, channel_quota={"task": 1}).decide(people).solution.to_pylist()
    )
    # a by call and b not at all: 3,000; b by call and a by mail: 2,500 + 250
    assert {r["customer"]: r["action"] for r in rows} == {"a": "care"}
    people["clv"] = [51_000.0, 50_000.0]
    rows = (
        NextBestAction(actions=(call, mail), margin=0.5, channel_quota={"task": 1}).decide(people).solution.to_pylist()
    )
    assert {r["customer"]: r["action"] for r in rows} == {"a": "wake_up", "b": "care"}


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    row = NextBestAction().decide(one("at_risk", clv_low=20_000.0, clv_high=40_000.0)).solution.to_pylist()[0]
    spread = (40_000 - 20_000) / (2 * 1.6448536) * 1.5
    truth = rng.normal(0.005, 0.005, 100_000) * rng.normal(45_000, spread, 100_000)
    assert np.mean((truth >= row["low"]) & (truth <= row["high"])) == pytest.approx(0.9, abs=0.02)


def test_an_unknown_order_value_is_the_mean_of_the_others_and_unknown_people_are_prospects() -> None:
    people = {
        "customer": ["a", "b"], "activity": ["active", None], "email_ok": [True, None], "aov": [8_000.0, None],
        "clv": [1.0, None],
    }  # fmt: skip
    assert NextBestAction().decide(people).solution.column("customer").to_pylist() == ["a"]
    people["email_ok"] = [True, True]
    rows = {r["customer"]: r for r in NextBestAction(margin=0.5).decide(people).solution.to_pylist()}
    assert rows["b"]["action"] == "onboard"
    assert rows["b"]["value"] == pytest.approx(0.0025 * 4_000)


def test_missing_columns_are_named() -> None:
    with pytest.raises(ValueError, match="column email_ok, clv is missing"):
        NextBestAction().decide({"customer": ["a"], "activity": ["new"], "aov": [1.0]})


def several(n: int, **change: object) -> pa.Table:
    table = crowd(n, 7)
    for name, values in {"phone_ok": [True] * n, **change}.items():
        table = table.append_column(name, pa.array(values))
    return table


def test_without_a_yes_nobody_is_called_and_it_is_counted() -> None:
    mail, both = NextBestAction().decide(crowd(80, 7)), NextBestAction().decide(several(80))
    assert set(mail.solution.column("channel").to_pylist()) == {"email"}
    assert mail.unreached["phone"] > 0
    assert "phone" in both.solution.column("channel").to_pylist()
    assert sum(both.left.values()) + both.solution.num_rows == both.people == 80
    assert sum(mail.left.values()) + mail.solution.num_rows == 80


def test_whom_a_message_harms_is_left_alone_however_likely_to_buy() -> None:
    n = 40
    learnt = np.where(np.arange(n) % 2, 0.02, -0.02)
    people = pa.table(
        {
            "customer": [f"c{i}" for i in range(n)], "activity": ["active"] * n, "email_ok": [True] * n,
            "aov": [10_000.0] * n, "clv": [1.0] * n, "expected_orders": [9.0] * n, "uplift_cross_sell": learnt,
            "uplift_cross_sell_low": learnt - 0.002, "uplift_cross_sell_high": learnt + 0.002,
        }
    )  # fmt: skip
    plan = NextBestAction(explore=0.5, key="k").decide(people, uplifts={"cross_sell": Uplift(0.0, 0.001, 3, 1.0)})
    assert {int(c[1:]) % 2 for c in plan.solution.column("customer").to_pylist()} == {1}
    assert plan.left == {"harm": n // 2}
    assert all("own_uplift" in why_codes(w) for w in plan.solution.column("why").to_pylist())


def test_learnt_uplifts_are_pulled_to_the_measured_mean_by_their_error() -> None:
    n = 400
    rng = np.random.default_rng(0)
    truth, error = rng.normal(0.01, 0.005, n), 0.005
    score = truth + rng.normal(0, error, n)
    people = {
        "customer": [f"c{i}" for i in range(n)], "activity": ["active"] * n, "email_ok": [True] * n,
        "aov": [10_000.0] * n, "clv": [1.0] * n, "uplift_cross_sell": score,
        "uplift_cross_sell_low": score - 1.6449 * error, "uplift_cross_sell_high": score + 1.6449 * error,
    }  # fmt: skip
    only = NextBestAction(actions=ACTIONS[1:2], margin=1.0)
    rows = only.decide(people, uplifts={"cross_sell": Uplift(0.02, 1e-6, 9, 1.0)}).solution.to_pandas()
    got = rows.set_index("customer")["value"].reindex(people["customer"]) / 10_000
    assert np.polyfit(score, got, 1)[0] == pytest.approx(0.5, abs=0.08)
    assert got.mean() == pytest.approx(0.02, abs=1e-3)


def test_caps_fatigue_points_and_the_owners_strategy() -> None:
    plain = NextBestAction(margin=0.5).decide(one()).solution.to_pylist()[0]["value"]
    assert NextBestAction(contact_cap=2).decide(one(recent=2)).left == {"cap": 1}
    assert NextBestAction(leave=("active",)).decide(one()).left == {"leave": 1}
    worn = NextBestAction(margin=0.5, fatigue=0.002, contacts_ahead=25).decide(one(recent=1)).solution.to_pylist()[0]
    assert worn["value"] == pytest.approx(plain * (1 - 0.002 * 2 * 25))
    points = (Action("offer", ("active",), "order", "email", Prior(0.02, 0.01), points=0.1),)
    row = NextBestAction(points, margin=0.5, redeemed=0.5).decide(one(expected_orders=0.0)).solution
    assert row.to_pylist()[0]["value"] == pytest.approx(0.02 * 5_000 - 0.1 * 0.5 * 10_000 * 0.02)
    calls = NextBestAction(by_hand_from={"at_risk": 50_000.0}).decide(one("at_risk", phone_ok=True))
    assert calls.solution.column("channel").to_pylist() == ["email"]


def test_stock_money_and_action_limits_hold_together() -> None:
    offer = Action("offer", tuple(ACTIVITY_STATES), "order", "email", Prior(0.03, 0.01), discount=0.05)
    mail = Action("note", tuple(ACTIVITY_STATES), "order", "email", Prior(0.004, 0.002))
    rule = NextBestAction((offer, mail), stock={"offer": 3.0}, budget=9_000.0, action_quota={"note": 15},
                          channel_cost={"email": 5})  # fmt: skip
    plan = rule.decide(crowd(120, 2))
    for most, used in plan.limits.values():
        assert used <= most * (1 + 1e-9)
    assert plan.limits["stock:offer"][1] > 2.5
    assert {"action:note", "stock:offer"} & set(plan.binding)
    assert plan.gap <= 1e-9


def test_the_lot_has_the_chance_it_says_and_only_pays() -> None:
    people = several(4_000)
    free = NextBestAction(explore=0.2, key="plan1").decide(people)
    rows = free.solution.to_pandas()
    assert free.explored == rows["explored"].sum() > 0
    assert rows["value"].min() > 0
    best = NextBestAction().decide(people).solution.to_pandas().set_index("customer")
    same = best.loc[rows["customer"], ["action", "channel"]].to_numpy() == rows[["action", "channel"]].to_numpy()
    # chance of what was done, summed over the kept: as often as the law says
    alone = rows["propensity"] == 1.0
    kept = same.all(axis=1)[~alone]
    assert kept.mean() == pytest.approx(rows.loc[~alone, "propensity"][kept].mean(), abs=0.03)
    again = NextBestAction(explore=0.2, key="plan1").decide(people)
    assert again.solution.equals(free.solution)
    assert not NextBestAction(explore=0.2, key="plan2").decide(people).solution.equals(free.solution)


def test_limits_hold_under_the_lot_and_scarce_places_are_never_drawn() -> None:
    people = several(2_000)
    plan = NextBestAction(explore=0.3, key="p", channel_quota={"phone": 20}).decide(people)
    rows = plan.solution.to_pandas()
    calls = rows[rows["channel"] == "phone"]
    assert len(calls) == 20
    assert (calls["propensity"] == 1.0).all()
    assert plan.shadow_prices["quota:phone"].more > 0


def test_the_alternative_is_the_best_of_the_rest() -> None:
    row = NextBestAction(margin=0.5).decide(one("at_risk", phone_ok=True)).solution.to_pylist()[0]
    assert (row["action"], row["channel"]) == ("care", "phone")
    assert row["alternative"] == "care@email"
    alone = NextBestAction(margin=0.5).decide(one("at_risk")).solution.to_pylist()[0]
    assert row["alternative_value"] == pytest.approx(alone["value"])
    assert NextBestAction().decide(one()).solution.to_pylist()[0]["alternative"] == "nothing"


def test_a_market_that_answers_more_is_worth_more_and_says_so():
    people = {"customer": ["a", "b"], "activity": ["active"] * 2, "email_ok": [True] * 2, "aov": [20_000.0] * 2,
              "clv": [9_000.0] * 2, "answer": [1.0, 1.6]}  # fmt: skip
    rows = NextBestAction(margin=0.5).decide(people, uplifts={"cross_sell": Uplift(0.05, 0.01, 1, 1.0)}).solution
    told = {r["customer"]: r for r in rows.to_pylist()}
    assert told["b"]["value"] == pytest.approx(1.6 * told["a"]["value"])
    assert "market_answer=1.6;" in told["b"]["why"]
    assert "market_answer" not in told["a"]["why"]


def test_an_action_suits_whoever_is_as_those_it_was_measured_on():
    people = {"customer": ["a", "b", "c"], "activity": ["active", "active", None], "email_ok": [True] * 3,
              "aov": [20_000.0] * 3, "clv": [9_000.0] * 3, "quiet_days": [60.0, 10.0, None]}  # fmt: skip
    uplifts = {"win_back": Uplift(0.10, 0.01, 1, 1.0), "cross_sell": Uplift(0.05, 0.01, 1, 1.0)}
    rule = NextBestAction(margin=0.5, measured_on={"win_back": (45.0, 200.0)})
    rows = rule.decide(people, uplifts=uplifts).solution.to_pylist()
    assert {r["customer"]: r["action"] for r in rows} == {"a": "win_back", "b": "cross_sell", "c": "onboard"}
    left = NextBestAction(margin=0.5, measured_on={"win_back": (45.0, 200.0)}, leave=("active",))
    assert [r["customer"] for r in left.decide(people, uplifts=uplifts).solution.to_pylist()] == ["c"]
