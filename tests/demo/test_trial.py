"""The trial's mechanics: blindness, accounting, the oracle above everybody in expectation, and the same bytes again."""

from __future__ import annotations

import gc
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from regulars.demo import company
from regulars.demo.clock import Clock
from regulars.demo.simulate import simulate
from regulars.demo.state import State
from regulars.demo.trial import HIDDEN, POLICIES, begin, run, visible
from regulars.demo.trial_book import Loop
from regulars.demo.trial_oracle import Truth, best_messages
from regulars.demo.trial_policies import PAID_CHANNELS, Seen, by_response, last_click, parts
from regulars.demo.trial_worlds import KINDS, Kind
from regulars.demo.world import World

PEOPLE = 900
BY_KEY = {k.key: k for k in KINDS}


@pytest.fixture(scope="module")
def start():
    return begin(BY_KEY["new_channel"], 1, people=PEOPLE, cohort=4_000)


@pytest.fixture(scope="module")
def runs(start):
    return {p: run(start, p, weeks=2) for p in POLICIES}


def test_every_policy_keeps_to_the_money_and_the_room_there_is(start, runs):
    for name, weeks in runs.items():
        for week in weeks:
            assert sum(week.spend.values()) <= start.rules.total + len(week.spend), name
            assert week.sent <= start.rules.capacity, name
            assert set(week.spend) <= set(PAID_CHANNELS)


def test_the_books_add_up(start, runs):
    state, truth = start.made.state, start.truth
    for weeks in runs.values():
        spend = np.array([weeks[0].spend.get(c, 0) for c in PAID_CHANNELS], dtype=float)
        assert weeks[0].money == pytest.approx(truth.earned(spend, start.kind.at(0), state.end))
        assert weeks[0].earned == weeks[0].money + weeks[0].messages
    assert all(w.messages == 0 and w.sent == 0 for w in runs["last_quarter"])
    assert [w.spend for w in runs["last_quarter"]] == [dict(start.rules.last_quarter)] * 2


def test_nobody_earns_more_with_money_than_the_oracle_and_nobody_more_in_the_first_week(runs):
    for name, weeks in runs.items():
        for own, best in zip(weeks, runs["oracle"], strict=True):
            assert own.money <= best.money + 1.0, name
        assert weeks[0].messages <= runs["oracle"][0].messages + 1.0, name


def test_the_oracles_split_beats_a_fine_search(start):
    rng, world, day = np.random.default_rng(0), start.kind.at(0), start.made.state.end
    best = start.truth.best_spend(start.rules.total, world, day)
    assert best.sum() <= start.rules.total * (1 + 1e-9)
    top = start.truth.earned(best, world, day)
    shares = rng.dirichlet(np.full(7, 0.7), 4_000) * start.rules.total
    assert max(start.truth.earned(x, world, day) for x in shares) <= top
    near = np.maximum(best * rng.uniform(0.9, 1.1, (500, 7)), 0)
    near *= np.minimum(1.0, start.rules.total / near.sum(axis=1))[:, None]
    assert max(start.truth.earned(x, world, day) for x in near) <= top + 1e-6


def test_the_loop_holds_nothing_of_the_truth(start):
    people = visible(start.made.people)
    assert not set(HIDDEN) & set(people.column_names)
    with Loop(start.rules, Seen(start.made.facts, people)) as loop:
        # Every object that can be reached from the policy, modules and classes left out.
        reached, todo = {}, [loop]
        while todo:
            one = todo.pop()
            if id(one) in reached or isinstance(one, type) or type(one).__name__ in ("module", "function"):
                continue
            reached[id(one)] = one
            todo += gc.get_referents(one)
        assert not [o for o in reached.values() if isinstance(o, Truth | State | World | Kind | Clock)]


def test_the_loop_tries_the_new_channel_within_its_allowance(start, runs):
    first = runs["loop"][0].spend
    assert start.rules.last_quarter["events"] == 0
    assert 0 < first["events"] <= 0.1 * start.rules.total
    assert runs["loop"][1].spend["events"] > 0


def test_the_same_start_gives_the_same_weeks(start, runs):
    assert run(start, "loop", weeks=1) == runs["loop"][:1]
    assert run(start, "last_click_response", weeks=1) == runs["last_click_response"][:1]


def test_last_click_follows_the_last_touch_by_hand(start):
    now = start.now
    touches = pa.table({"customer": ["a", "a", "b"], "at": pa.array(
        [now - timedelta(days=d) for d in (9, 8, 200)], pa.timestamp("us", tz="UTC")),
        "channel": ["search", "wechat", "search"]})  # fmt: skip
    orders = pa.table({"customer": ["a", "b"], "at": pa.array([now - timedelta(days=2)] * 2,
                       pa.timestamp("us", tz="UTC")), "amount": [600, 900]})  # fmt: skip
    spend = pa.table({"channel": ["wechat", "search"], "at": pa.array([now - timedelta(days=3)] * 2,
                      pa.timestamp("us", tz="UTC")), "amount": [200, 100]})  # fmt: skip
    found = last_click(Seen({"orders": orders, "touches": touches, "spend": spend}, pa.table({})), now)
    # b's only touch is older than 90 days, so nobody is credited with the order.
    assert found["wechat"] == 3.0
    assert found["search"] == 0.0
    assert parts(found, 1_000) == {c: 1_000 if c == "wechat" else 0 for c in PAID_CHANNELS}


def test_nobody_is_written_to_twice_within_four_weeks(start):
    seen = Seen(start.made.facts, visible(start.made.people))
    first = by_response(seen, start.rules, start.now).column("customer").to_pylist()
    seen.drawn = dict.fromkeys(first, start.now)
    later = by_response(seen, start.rules, start.now + timedelta(days=27)).column("customer").to_pylist()
    assert first
    assert not set(first) & set(later)
    assert set(first) <= set(seen.free(start.now + timedelta(days=28)).to_pylist())


def test_the_oracle_writes_to_the_most_valuable_first(start):
    seen = Seen(start.made.facts, visible(start.made.people))
    free, state = seen.free(start.now), start.made.state
    who, action = best_messages(start.truth, state, free, seen.recent(start.now), 10)
    row = pc.index_in(who, value_set=state.cast.customer).to_numpy()
    worth = start.truth.message_worth(state.cast, row, action, state.end)
    assert list(worth) == sorted(worth, reverse=True)
    assert set(action) <= {"onboard", "cross_sell", "win_back"}


def test_the_kinds_differ_as_they_say():
    assert BY_KEY["shock"].at(12) == BY_KEY["shock"].world != BY_KEY["shock"].at(13)
    assert BY_KEY["seasonal"].world.swing > 0
    events = next(c for c in BY_KEY["new_channel"].world.channels if c.key == "events")
    assert events.spend == 0
    assert events.ceiling == company.CHANNELS[-1].ceiling


def test_a_world_tides_over_the_year_and_refuses_strangers(start):
    tide = World(swing=0.5, peak=24.0).tide(start.truth.clock.origin, 0, 104)
    assert tide.max() == pytest.approx(1.5, abs=0.01)
    assert tide.min() == pytest.approx(0.5, abs=0.01)
    with pytest.raises(ValueError, match="channels of the demo company"):
        World(channels=company.CHANNELS[:3])
    with pytest.raises(ValueError, match="swing"):
        World(swing=1.0)


def test_a_channel_without_money_brings_only_its_baseline(start):
    made = simulate(800, 3, until=start.now, months=6, world=BY_KEY["new_channel"].world)
    spend = made.facts["spend"]
    own = spend.filter(pc.equal(spend.column("channel"), "events"))
    assert pc.sum(own.column("amount")).as_py() == 0


def test_an_unknown_policy_is_refused(start):
    with pytest.raises(ValueError, match="no policy 'luck'"):
        run(start, "luck", weeks=1)
