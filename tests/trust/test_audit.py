from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.trust.audit import GENESIS, Sealed, canonical, seal, verify

AT = datetime(2026, 5, 1, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
ENTRIES = st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=4), min_size=1, max_size=6)


def chain(entries: list[dict]) -> list[Sealed]:
    sealed, previous = [], GENESIS
    for entry in entries:
        sealed.append(Sealed(entry, previous, seal(previous, entry)))
        previous = sealed[-1].seal
    return sealed


@given(ENTRIES)
def test_an_untouched_chain_holds(entries: list[dict]) -> None:
    sealed = chain(entries)
    assert verify(sealed) is None
    assert verify(sealed, last=sealed[-1].seal) is None


@given(ENTRIES, st.data())
def test_a_changed_entry_is_found_where_it_is(entries: list[dict], data: st.DataObject) -> None:
    sealed = chain(entries)
    at = data.draw(st.integers(0, len(entries) - 1))
    changed = {**sealed[at].entry, "actor": "somebody else"}
    sealed[at] = Sealed(changed, sealed[at].previous, sealed[at].seal)
    assert verify(sealed) == at
    resealed = Sealed(changed, sealed[at].previous, seal(sealed[at].previous, changed))
    again = [*sealed[:at], resealed, *sealed[at + 1 :]]
    assert verify(again) == (at + 1 if at + 1 < len(again) else None)
    assert verify(again, last=chain(entries)[-1].seal) is not None


@given(ENTRIES, st.data())
def test_a_removed_or_swapped_entry_is_found(entries: list[dict], data: st.DataObject) -> None:
    sealed = chain([{"n": i, **entry} for i, entry in enumerate(entries)])
    at = data.draw(st.integers(0, len(sealed) - 1))
    removed = sealed[:at] + sealed[at + 1 :]
    assert verify(removed) == (at if at < len(removed) else None)
    assert verify(removed, last=sealed[-1].seal) is not None
    if at:
        swapped = [*sealed[: at - 1], sealed[at], sealed[at - 1], *sealed[at + 1 :]]
        assert verify(swapped) == at - 1


def test_a_seal_can_be_computed_by_anybody_with_sha_256() -> None:
    line = "0" * 64 + '\n{"action":"登录","at":"2026-05-01T04:00:00.000000+00:00"}'
    at = datetime(2026, 5, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert seal(GENESIS, {"at": at, "action": "登录"}) == hashlib.sha256(line.encode()).hexdigest()
    assert canonical({"at": at}) == canonical({"at": at.astimezone(UTC)})


def test_values_without_one_spelling_are_refused() -> None:
    for bad in ({"x": float("nan")}, {"x": AT.replace(tzinfo=None)}, {"x": {"y": float("inf")}}):
        with pytest.raises(ValueError):
            canonical(bad)
    with pytest.raises(TypeError, match="object"):
        canonical({"x": object()})
