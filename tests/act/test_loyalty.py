from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from regulars.act.loyalty import Ledger, LedgerError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_points_that_expire_first_are_spent_first() -> None:
    ledger = Ledger()
    ledger.earn("late", "p", 100, NOW, expires_at=NOW + 30 * DAY)
    ledger.earn("never", "p", 100, NOW)
    ledger.earn("soon", "p", 100, NOW + DAY, expires_at=NOW + 10 * DAY)
    spent = ledger.redeem("gift", "p", 150, NOW + 2 * DAY)
    assert [(p.lot, p.points) for p in spent.postings if p.points > 0] == [("soon", 100), ("late", 50)]
    assert ledger.expiring("p", NOW + 2 * DAY, NOW + 40 * DAY) == 50
    assert ledger.expire("p", NOW + 20 * DAY) is None
    gone = ledger.expire("p", NOW + 30 * DAY)
    assert gone is not None
    assert gone.points == 50
    assert (ledger.balance("p", NOW + 30 * DAY), ledger.liability(minor_units_a_point=5)) == (100, 500)


def test_expired_points_cannot_be_spent_even_before_they_are_swept_up() -> None:
    ledger = Ledger()
    ledger.earn("a", "p", 100, NOW, expires_at=NOW + DAY)
    assert ledger.balance("p", NOW + DAY) == 0
    with pytest.raises(LedgerError) as error:
        ledger.redeem("gift", "p", 1, NOW + DAY)
    assert error.value.code == "not_enough"


def test_a_hold_is_used_or_released_once() -> None:
    ledger = Ledger()
    ledger.earn("a", "p", 100, NOW)
    ledger.hold("h", "p", 60, NOW)
    assert (ledger.balance("p", NOW), ledger.held("p"), ledger.liability()) == (40, 60, 100)
    used = ledger.redeem("gift", "p", 60, NOW, hold="h")
    assert ledger.redeem("gift", "p", 60, NOW + DAY, hold="h") is used
    for again in (lambda: ledger.redeem("gift2", "p", 60, NOW, hold="h"), lambda: ledger.release("r", "h", NOW)):
        with pytest.raises(LedgerError, match="used or released"):
            again()
    ledger.hold("h2", "p", 40, NOW)
    ledger.release("r2", "h2", NOW)
    assert (ledger.balance("p", NOW), ledger.held("p"), ledger.liability()) == (40, 0, 40)


def test_the_same_key_moves_points_once_and_another_request_under_it_is_refused() -> None:
    ledger = Ledger()
    first = ledger.earn("order-1", "p", 100, NOW)
    assert ledger.earn("order-1", "p", 100, NOW + DAY) is first
    assert ledger.balance("p", NOW) == 100
    with pytest.raises(LedgerError) as error:
        ledger.earn("order-1", "p", 200, NOW)
    assert error.value.code == "key_reused"


def test_reversals() -> None:
    ledger = Ledger()
    ledger.earn("order-1", "p", 100, NOW)
    ledger.earn("order-2", "p", 50, NOW)
    ledger.redeem("gift", "p", 120, NOW)
    back = ledger.reverse("refund-1", "order-1", NOW)  # 100 were earned, 30 are left
    assert (back.points, ledger.balance("p", NOW), ledger.total()) == (30, 0, 0)
    assert ledger.reverse("refund-1", "order-1", NOW) is back
    ledger.reverse("gift-back", "gift", NOW)
    assert ledger.balance("p", NOW) == 120
    for entry, says in (("order-1", "before"), ("refund-1", "cannot be reversed"), ("nothing", "no entry")):
        with pytest.raises(LedgerError, match=says):
            ledger.reverse("again", entry, NOW)


def test_a_forged_entry_is_refused() -> None:
    ledger = Ledger()
    entry = ledger.earn("a", "p", 100, NOW)
    with pytest.raises(LedgerError, match="add up"):
        Ledger([replace(entry, postings=entry.postings[:1])])
    with pytest.raises(LedgerError, match="more points"):
        Ledger([replace(entry, postings=tuple(replace(p, points=-p.points) for p in entry.postings))])


class Shop(RuleBasedStateMachine):
    """A ledger beside a plain count of points per customer."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.now, self.count = Ledger(), NOW, 0

    def key(self) -> str:
        self.count += 1
        return f"k{self.count}"

    def attempt(self, act) -> None:
        before = (len(self.ledger.entries), self.ledger.liability())
        try:
            act()
        except LedgerError:
            assert (len(self.ledger.entries), self.ledger.liability()) == before

    @rule(days=st.integers(0, 20))
    def days_pass(self, days: int) -> None:
        self.now += days * DAY

    @rule(who=st.sampled_from("pq"), points=st.integers(-1, 50), days=st.sampled_from([None, 1, 10, 30]))
    def earn(self, who: str, points: int, days: int | None) -> None:
        ends = None if days is None else self.now + days * DAY
        self.attempt(lambda: self.ledger.earn(self.key(), who, points, self.now, expires_at=ends))

    @rule(who=st.sampled_from("pq"), points=st.integers(1, 80))
    def redeem(self, who: str, points: int) -> None:
        there = self.ledger.balance(who, self.now)
        if points <= there:
            self.ledger.redeem(self.key(), who, points, self.now)
            assert self.ledger.balance(who, self.now) == there - points
        else:
            with pytest.raises(LedgerError):
                self.ledger.redeem(self.key(), who, points, self.now)

    @rule(who=st.sampled_from("pq"), points=st.integers(1, 80))
    def hold(self, who: str, points: int) -> None:
        self.attempt(lambda: self.ledger.hold(self.key(), who, points, self.now))

    @rule(data=st.data(), what=st.sampled_from(["release", "redeem", "reverse", "repeat"]))
    def go_on_from_an_entry(self, data: st.DataObject, what: str) -> None:
        if not self.ledger.entries:
            return
        entry = self.ledger.entries[data.draw(st.sampled_from(sorted(self.ledger.entries)))]
        if what == "release":
            self.attempt(lambda: self.ledger.release(self.key(), entry.key, self.now))
        elif what == "redeem":
            self.attempt(lambda: self.ledger.redeem(self.key(), entry.customer, entry.points, self.now, hold=entry.key))
        elif what == "reverse":
            self.attempt(lambda: self.ledger.reverse(self.key(), entry.key, self.now))
        elif entry.kind == "earn":
            again = self.ledger.earn(entry.key, entry.customer, entry.points, self.now, expires_at=entry.expires_at)
            assert again is entry

    @rule(who=st.sampled_from("pq"))
    def expire(self, who: str) -> None:
        before = self.ledger.balance(who, self.now)
        self.ledger.expire(who, self.now)
        assert self.ledger.expire(who, self.now) is None
        assert self.ledger.balance(who, self.now) == before

    @invariant()
    def the_books_balance(self) -> None:
        ledger = self.ledger
        assert ledger.total() == 0
        assert all(v >= 0 for (_, account, _), v in ledger._accounts.items() if account in ("available", "held"))
        assert all(ledger.balance(w, self.now) >= 0 for w in "pq")
        issued = -sum(v for (_, account, _), v in ledger._accounts.items() if account == "issued")
        gone = sum(v for (_, account, _), v in ledger._accounts.items() if account in ("redeemed", "expired"))
        assert ledger.liability() == issued - gone
        replayed = Ledger(ledger.entries.values())
        assert replayed._accounts == ledger._accounts
        assert replayed._holds == ledger._holds


TestShop = Shop.TestCase
TestShop.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
