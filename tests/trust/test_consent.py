from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.trust.consent import KINDS, STATES, Consent, ConsentEvent, consent_of, consents, merge

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def said(*kinds: str) -> list[ConsentEvent]:
    return [ConsentEvent("p", "email", kind, DAY + timedelta(days=i)) for i, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "single", "double"),
    [
        ((), "unknown", "unknown"),
        (("granted",), "granted", "pending"),
        (("requested",), "pending", "pending"),
        (("requested", "confirmed"), "granted", "granted"),
        (("granted", "confirmed"), "granted", "granted"),
        (("granted", "withdrawn"), "withdrawn", "withdrawn"),
        (("requested", "withdrawn", "confirmed"), "withdrawn", "withdrawn"),
        (("granted", "withdrawn", "granted"), "granted", "pending"),
        (("requested", "confirmed", "requested"), "granted", "granted"),
        (("confirmed",), "unknown", "unknown"),
    ],
)
def test_the_state_is_read_off_what_was_said(kinds: tuple[str, ...], single: str, double: str) -> None:
    assert consent_of(said(*kinds)).state == single
    assert consent_of(said(*kinds), double_opt_in=True).state == double


EVENTS = st.lists(
    st.builds(ConsentEvent, st.just("p"), st.just("email"), st.sampled_from(KINDS),
              st.integers(0, 5).map(lambda d: DAY + timedelta(days=d))),
    max_size=5,
)  # fmt: skip


@given(EVENTS, st.booleans())
def test_the_order_events_arrive_in_changes_nothing(events: list[ConsentEvent], double: bool) -> None:
    wanted = consent_of(events, double_opt_in=double)
    for order in itertools.islice(itertools.permutations(events), 24):
        assert consent_of(order, double_opt_in=double).state == wanted.state


@given(EVENTS, st.booleans())
def test_a_withdrawal_today_always_counts(events: list[ConsentEvent], double: bool) -> None:
    stop = ConsentEvent("p", "email", "withdrawn", DAY + timedelta(days=5))
    assert not consent_of([*events, stop], double_opt_in=double).allows


CONSENT = st.builds(
    Consent, st.sampled_from(STATES), st.just("consent"), st.integers(0, 9).map(lambda d: DAY + timedelta(days=d)),
    st.booleans(),
)  # fmt: skip


@given(CONSENT, CONSENT, CONSENT)
def test_a_merge_takes_the_strictest_in_any_order(a: Consent, b: Consent, c: Consent) -> None:
    assert merge(a, b, c) == merge(c, a, b) == merge(merge(a, b), c)
    if merge(a, b).allows:
        assert {a.state, b.state} <= {"granted", "unknown"}


def test_channels_are_apart() -> None:
    sms = ConsentEvent("p", "sms", "withdrawn", DAY)
    states = consents([*said("granted"), sms])
    assert (states["p", "email"].state, states["p", "sms"].state) == ("granted", "withdrawn")


def test_an_event_without_zone_or_with_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ConsentEvent("p", "email", "granted", DAY.replace(tzinfo=None))
    with pytest.raises(ValueError, match="kind"):
        ConsentEvent("p", "email", "yes", DAY)
