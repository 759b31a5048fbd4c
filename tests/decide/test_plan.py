"""The plan as one object: compared against a plain loop, promised and measured by closed forms."""

from __future__ import annotations

import math
import random

import pyarrow as pa
import pytest

from regulars.decide import Plan
from regulars.decide.plan import KINDS, independent
from regulars.decide.result import Estimate
from regulars.tables import DECISIONS, OUTCOMES


def made(uid: str, rows: list[dict]) -> Plan:
    names = [*DECISIONS.names, "state"]
    schema = DECISIONS.schema.append(pa.field("state", pa.string()))
    whole = [{n: r.get(n) for n in names} | {"plan": uid} for r in rows]
    return Plan.read(pa.Table.from_pylist(whole, schema=schema), uid)


def money(uid: str, channel: str, today: float, proposed: float, state: str = "proposed", value: float = 10.0) -> dict:
    return {"id": f"{uid}#b#{channel}", "kind": "budget", "subject": channel, "channel": channel, "today": today,
            "proposed": proposed, "value": value, "low": value - 5, "high": value + 5, "state": state}  # fmt: skip


def person(uid: str, who: str, action: str, state: str = "proposed", channel: str = "email") -> dict:
    value = 3.0
    return {"id": f"{uid}#p#{who}", "kind": "next_best", "customer": who, "subject": action, "channel": channel,
            "value": value, "low": value - 1, "high": value + 2, "state": state}  # fmt: skip


def random_plan(rng: random.Random, uid: str) -> tuple[Plan, list[dict]]:
    states = ("proposed", "approved", "declined", "done", "denied")
    rows = [money(uid, c, 100.0, rng.choice([50.0, 100.0, 150.0]), rng.choice(states[:3]), rng.choice([0.0, 10.0]))
            for c in ("a", "b", "c", "d") if rng.random() < 0.8]  # fmt: skip
    rows += [person(uid, f"c{i}", rng.choice(["care", "wake_up"]), rng.choice(states), rng.choice(["email", "sms"]))
             for i in range(12) if rng.random() < 0.7]  # fmt: skip
    rows += [{"id": f"{uid}#r#{k}", "kind": "resource", "subject": k, "value": 4.0, "low": 1.0, "high": 9.0,
              "proposed": rng.choice([1.0, 2.0]), "state": rng.choice(states[:3])}
             for k in ("gpu", "data") if rng.random() < 0.7]  # fmt: skip
    rng.shuffle(rows)
    return made(uid, rows), rows


@pytest.mark.parametrize("seed", range(40))
def test_a_comparison_is_what_a_plain_loop_finds(seed: int) -> None:
    rng = random.Random(seed)
    (before, old), (after, new) = random_plan(rng, "p1"), random_plan(rng, "p2")
    found = before.compare(after)

    def stands(r: dict) -> bool:
        return r["state"] not in ("declined", "denied")

    def people(rows: list[dict]) -> dict:
        return {r["customer"]: (r["subject"], r["channel"]) for r in rows if r["kind"] == "next_best" and stands(r)}

    a, b = people(old), people(new)
    assert found.joined == len(b.keys() - a.keys())
    assert found.left == len(a.keys() - b.keys())
    assert found.switched == sum(a[k] != b[k] for k in a.keys() & b.keys())
    assert found.same == sum(a[k] == b[k] for k in a.keys() & b.keys())
    for action, group in found.actions.items():
        assert group.before == sum(x == action for x, _ in a.values())
        assert group.after == sum(x == action for x, _ in b.values())

    def spends(rows: list[dict]) -> dict:
        return {r["subject"]: r["proposed"] if stands(r) else r["today"] for r in rows if r["kind"] == "budget"}

    before_spends, after_spends = spends(old), spends(new)
    # A channel that one plan does not name stays at today's money, which is 100 for all of them.
    wanted = [after_spends.get(c, 100.0) - before_spends.get(c, 100.0) for c in {*before_spends, *after_spends}]
    assert found.money == pytest.approx(sum(wanted))
    up, down = sum(w for w in wanted if w > 0), -sum(w for w in wanted if w < 0)
    assert found.moved == pytest.approx(max(up, down))
    kinds = {c.kind for c in found.changes}
    assert kinds <= {"budget", "resource"}
    back = after.compare(before)
    assert (back.joined, back.left, back.money) == (found.left, found.joined, pytest.approx(-found.money))
    assert back.value == pytest.approx(-found.value)
    assert before.compare(before).nothing


def test_a_plan_of_every_kind_is_read_and_given_back_as_it_was() -> None:
    rows = [money("p", "a", 1.0, 2.0), person("p", "c1", "care")]
    rows += [
        {"id": f"p#x#{k}", "kind": k, "subject": k, "value": 1.0} for k in KINDS if k not in ("budget", "next_best")
    ]
    plan = made("p", rows)
    assert [len(x) for x in (plan.money, plan.resources, plan.partners, plan.schedule, plan.tests)] == [1, 1, 2, 1, 2]
    assert len(plan.lines) == len(KINDS) - 1
    assert plan.people.column("customer").to_pylist() == ["c1"]
    assert Plan.read(plan.decisions()).decisions().equals(plan.decisions())
    assert plan.decisions().schema.equals(DECISIONS.schema)


def test_errors_of_parts_add_in_squares_and_within_people_as_one() -> None:
    plan = made("p", [money("p", "a", 1.0, 2.0, value=100.0), person("p", "c1", "care"), person("p", "c2", "care")])
    assert plan.predicted == Estimate(106.0, 106 - math.hypot(5, 2), 106 + math.hypot(5, 4))
    joint = Plan(plan.uid, plan.rows, gain=Estimate(100.0, 99.0, 101.0))
    assert joint.predicted == Estimate(106.0, 106 - math.hypot(1, 2), 106 + math.hypot(1, 4))
    # With a channel declined the joint draw of the whole split says nothing any more.
    assert joint.decide(["p#b#a"], "declined").predicted == independent([(0, 0, 0), (6, 4, 10)])
    assert made("p", []).predicted == Estimate(0.0, 0.0, 0.0)


def test_the_promise_beside_what_was_earned_is_that_of_the_same_parts() -> None:
    def row(subject: str, name: str, value: float, low: float | None, high: float | None, plan: str = "p") -> tuple:
        return plan, subject, name, value, low, high

    rows = [row("care", "predicted", 10, 8, 12), row("care", "realised", 9, 6, 12), row("a", "predicted", 50, 40, 60),
            row("a", "realised", 30, 26, 34), row("wake_up", "predicted", 99, 0, 200),
            row("wake_up", "realised", 7, None, None), row("care", "realised", 1, 0, 2, "other")]  # fmt: skip
    columns = dict(
        zip(("plan", "subject", "name", "value", "low", "high"), map(list, zip(*rows, strict=True)), strict=True)
    )
    promised, earned = made("p", []).measured(OUTCOMES.fill(columns, len(rows)))
    assert promised == Estimate(60.0, 60 - math.hypot(2, 10), 60 + math.hypot(2, 10))
    assert earned == Estimate(39.0, 34.0, 44.0)
    assert made("nobody", []).measured(OUTCOMES.fill(columns, len(rows))) == (None, None)


def test_quotas_are_what_was_approved() -> None:
    rows = [money("p", "a", 1.0, 200.0, "approved"), money("p", "b", 1.0, 9.0), person("p", "c1", "care", "approved"),
            person("p", "c2", "care", "done"), person("p", "c3", "care", "denied"), person("p", "c4", "care"),
            person("p", "c5", "wake_up", "approved", channel="sms"), person("p", "c6", "care", "declined")]  # fmt: skip
    found = [(q.unit, q.channel, q.action, q.amount) for q in made("p", rows).quotas()]
    assert found == [("money", "a", "", 200), ("contacts", "email", "care", 3), ("contacts", "sms", "wake_up", 1)]


def test_the_memo_has_codes_and_no_words() -> None:
    plan = made("p", [money("p", "a", 100.0, 160.0), money("p", "b", 100.0, 40.0), person("p", "c1", "care")])
    assert plan.told() == ("plan_more:a=60", "plan_less:b=60")
    other = plan.split({"a": 120.0, "b": 80.0}).decide(["p#p#c1"], "declined")
    assert other.version == 3
    assert other.total == plan.total
    assert plan.told(plan) == ("plan_value=0", "plan_same")
    assert other.told(plan)[:3] == ("plan_less:a=40", "plan_more:b=40", "plan_people_left=1")


def test_what_cannot_be_read_says_what_to_do() -> None:
    rows = made("p", [money("p", "a", 1.0, 2.0)]).decisions()
    two = pa.concat_tables([rows, made("q", [money("q", "a", 1.0, 2.0)]).decisions()])
    with pytest.raises(ValueError, match="2 plans; name one"):
        Plan.read(two)
    assert Plan.read(two, "q").uid == "q"
    with pytest.raises(ValueError, match="needs the columns id"):
        Plan.read(pa.table({"kind": ["budget"], "subject": ["a"]}))
    with pytest.raises(ValueError, match="kind 'magic'"):
        Plan.read(pa.table({"id": ["1"], "kind": ["magic"], "subject": ["a"]}))
    with pytest.raises(ValueError, match="no money for channel 'moon'"):
        Plan.read(rows).split({"moon": 1.0})
