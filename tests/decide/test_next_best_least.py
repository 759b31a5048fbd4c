from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest

from regulars.decide.actions import Action
from regulars.decide.next_best import NextBestAction
from regulars.decide.next_best_least import decide_what_can
from regulars.decide.result import InfeasibleError
from regulars.decide.uplift import Prior

STATES = ("active", "loyal", "at_risk")
MAIL = Action("note", STATES, "order", "email", Prior(0.004, 0.002))
OFFER = Action("offer", ("active", "at_risk"), "order", "email", Prior(0.01, 0.01), discount=0.02)
CALL = Action("note", ("loyal", "at_risk"), "order", "phone", Prior(0.02, 0.02))
OPTIONS = (MAIL, OFFER, CALL)


def crowd(n: int, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "customer": [f"c{i:05d}" for i in range(n)],
            "activity": pa.array(rng.choice(STATES, n)),
            "segment": pa.array(rng.choice(["north", "south"], n)),
            "email_ok": rng.random(n) < 0.8,
            "phone_ok": rng.random(n) < 0.6,
            "aov": rng.lognormal(9, 0.7, n),
            "clv": rng.lognormal(9, 1, n),
            "expected_orders": rng.lognormal(0, 1, n),
        }
    )


def rule(**more: object) -> NextBestAction:
    return NextBestAction(OPTIONS, margin=0.5, channel_cost={"email": 5, "phone": 300}, **more)  # type: ignore[arg-type]


def brute(people: pa.Table, asked: NextBestAction) -> float | None:
    """The best of all plans by hand: every option of everybody, alone."""
    rows, choices = people.to_pylist(), []
    for i, person in enumerate(rows):
        own: list[tuple[float, Action | None]] = [(0.0, None)]
        for option in OPTIONS:
            if person["activity"] in option.states and person[f"{option.channel}_ok"]:
                alone = NextBestAction((option,), margin=0.5, channel_cost=asked.channel_cost, least={
                    f"channel:{option.channel}": 1})  # fmt: skip
                own.append((alone.decide(people.slice(i, 1)).value, option))
        choices.append(own)
    best = None
    for plan in itertools.product(*choices):
        total = sum(v for v, _o in plan)
        good = all(sum(o is not None and o.channel == c for _v, o in plan) <= n for c, n in asked.channel_quota.items())
        for name, least in asked.least.items():
            head, subject = name.split(":")
            counts = sum(
                o is not None and subject == {"action": o.code, "channel": o.channel, "segment": p["segment"]}[head]
                for (_v, o), p in zip(plan, rows, strict=True)
            )
            good = good and counts >= least
        if good and (best is None or total > best):
            best = total
    return best


@pytest.mark.parametrize("seed", range(8))
def test_small_companies_get_the_best_plan_that_meets_every_minimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = crowd(5, seed)
    least = {"channel:phone": float(rng.integers(0, 3)), "segment:north": float(rng.integers(0, 3)),
             "action:offer": float(rng.integers(0, 3))}  # fmt: skip
    asked = rule(least=least, channel_quota={"phone": 2, "email": 3})
    truth = brute(people, asked)
    if truth is None:
        with pytest.raises(InfeasibleError):
            asked.decide(people)
        return
    plan = asked.decide(people)
    assert plan.value == pytest.approx(truth)
    assert plan.gap <= 1e-9
    assert sum(plan.solution.column("value").to_pylist()) == pytest.approx(plan.value)


def test_a_minimum_is_met_priced_said_and_kept_from_the_lot() -> None:
    people = crowd(3_000, 1)
    free = rule(explore=0.3, key="p").decide(people)
    calls = sum(c == "phone" for c in free.solution.column("channel").to_pylist())
    plan = rule(explore=0.3, key="p", least={"channel:phone": calls + 400}).decide(people)
    rows = plan.solution.to_pandas()
    phone = rows[rows["channel"] == "phone"]
    assert len(phone) >= calls + 400
    assert plan.limits["least:channel:phone"] == (calls + 400, len(phone))
    assert plan.shadow_prices["least:channel:phone"].more < 0
    forced = rows[rows["value"] <= 0]
    assert len(forced) > 0
    assert forced["why"].str.endswith(";for_minimum").all()
    assert (forced["propensity"] == 1.0).all()
    assert not rows[rows["value"] > 0]["why"].str.contains("for_minimum").any()
    assert plan.explored > 0
    assert plan.gap <= 1e-6
    slack = rule(least={"channel:phone": 1.0, "segment:north": 2.0}).decide(people)
    assert slack.value == pytest.approx(rule().decide(people).value)
    assert not slack.binding


def test_nobody_is_harmed_to_fill_a_minimum() -> None:
    harm = {**crowd(40, 3).to_pydict(), "uplift_note": [-0.01] * 20 + [0.01] * 20}
    plan = rule(least={"action:note": 5}).decide(pa.table(harm))
    mails = [r for r in plan.solution.to_pylist() if (r["action"], r["channel"]) == ("note", "email")]
    assert all(int(r["customer"][1:]) >= 20 for r in mails)


def test_what_cannot_hold_is_explained_and_a_turn_goes_on_without_it() -> None:
    people = crowd(60, 4)
    asked = rule(least={"channel:phone": 20, "segment:north": 3}, channel_quota={"phone": 10})
    with pytest.raises(InfeasibleError, match="2 wishes") as said:
        asked.decide(people)
    assert {w.code for w in said.value.conflict} == {"least:channel:phone", "quota:phone"}
    best = decide_what_can(asked, people)
    assert "unmet=channel:phone|quota:phone" in best.why
    assert best.limits["least:segment:north"][1] >= 3
    nobody = decide_what_can(rule(least={"segment:moon": 1}), people)
    assert "unmet=segment:moon" in nobody.why
    with pytest.raises(ValueError, match="write action:<code>"):
        rule(least={"phone": 3}).decide(people)
