from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from regulars import tables
from regulars.act import outbox
from regulars.act.outbox import IllegalChangeError, OutboxRow

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def test_the_states_are_those_the_lake_knows() -> None:
    (state,) = (c for c in tables.MESSAGES.columns if c.name == "state")
    assert set(state.unit.split("|")) <= set(outbox.STATES)


def test_a_row_beyond_its_lease_is_unknown_only_if_sending_had_begun() -> None:
    claimed = outbox.claim(OutboxRow(), "w", NOW, LEASE)
    assert outbox.expire(claimed, NOW + LEASE / 2) is claimed
    assert outbox.expire(claimed, NOW + LEASE).state == "queued"
    started = outbox.start(claimed, "w", NOW, LEASE)
    lost = outbox.expire(started, NOW + LEASE)
    assert (lost.state, lost.reason, lost.lease_until) == ("unknown", "worker_lost", None)
    assert outbox.requeue(lost, NOW).due(NOW)


@pytest.mark.parametrize("who", ["other", "w"])
def test_nobody_starts_a_claim_that_is_not_theirs(who: str) -> None:
    claimed = outbox.claim(OutboxRow(), "w", NOW, LEASE)
    late = NOW + LEASE if who == "w" else NOW
    with pytest.raises(IllegalChangeError):
        outbox.start(claimed, who, late, LEASE)


def test_permanent_errors_are_never_tried_again_and_temporary_ones_wait_longer_each_time() -> None:
    row, waits, now = OutboxRow(), [], NOW
    while row.state != "failed":
        now = row.not_before or now
        row = outbox.start(outbox.claim(row, "w", now, LEASE), "w", now, LEASE)
        row = outbox.fail(row, now, permanent=False)
        waits.append((row.not_before - now).total_seconds() / 60 if row.state == "queued" else None)
    assert waits == [1, 2, 4, 8, 16, 32, 64, None]
    started = outbox.start(outbox.claim(OutboxRow(), "w", NOW, LEASE), "w", NOW, LEASE)
    assert outbox.fail(started, NOW, permanent=True).state == "failed"


class OneMessage(RuleBasedStateMachine):
    """However workers, crashes and answers follow one another, it is handed over at most once by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.row, self.now, self.handed_over, self.by_hand = OutboxRow(), NOW, 0, 0
        self.accepted = False

    @rule(minutes=st.integers(1, 400))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.row = outbox.expire(self.row, self.now)

    @rule(worker=st.sampled_from("ab"))
    def worker_claims(self, worker: str) -> None:
        if self.row.due(self.now):
            self.row = outbox.claim(self.row, worker, self.now, LEASE)

    @rule(worker=st.sampled_from("ab"), answer=st.sampled_from(["ok", "busy", "no", "crash", "cut"]))
    def worker_sends(self, worker: str, answer: str) -> None:
        try:
            self.row = outbox.start(self.row, worker, self.now, LEASE)
        except IllegalChangeError:
            return
        if answer in ("ok", "crash", "cut"):
            self.handed_over += 1
        if answer == "ok":
            self.row = outbox.succeed(self.row, self.now)
        elif answer in ("busy", "no"):
            self.row = outbox.fail(self.row, self.now, permanent=answer == "no")
        elif answer == "cut":
            self.row = outbox.lose(self.row)

    @rule()
    def owner_sends_again(self) -> None:
        if self.row.state == "unknown":
            self.row = outbox.requeue(self.row, self.now)
            self.by_hand += 1

    @rule(state=st.sampled_from(outbox.STATES))
    def illegal_changes_are_refused(self, state: str) -> None:
        if state not in outbox.FOLLOWS[self.row.state]:
            with pytest.raises(IllegalChangeError):
                outbox.change(self.row, state)

    @invariant()
    def never_twice_by_itself(self) -> None:
        assert self.handed_over <= 1 + self.by_hand
        if self.row.state == "sent":
            assert self.handed_over >= 1
        assert (self.row.claimed_by != "") == (self.row.state == "claimed")


TestOneMessage = OneMessage.TestCase
TestOneMessage.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
