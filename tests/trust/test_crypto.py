from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.trust.crypto import KeyFolderError, Keys, TokenError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.open(tmp_path_factory.mktemp("home") / "keys")


def test_keys_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    first = Keys.open(tmp_path / "keys")
    assert Keys.open(tmp_path / "keys") == first
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in (tmp_path / "keys").iterdir())
    assert first.fields[0].decode() not in repr(first)
    (tmp_path / "keys" / "index.key").chmod(0o644)
    with pytest.raises(KeyFolderError, match="chmod 600"):
        Keys.open(tmp_path / "keys")


def test_a_lost_key_is_said_and_never_made_anew(tmp_path: Path) -> None:
    Keys.open(tmp_path)
    (tmp_path / "field-0001.key").unlink()
    with pytest.raises(KeyFolderError, match="backup"):
        Keys.open(tmp_path)
    assert not (tmp_path / "field-0001.key").exists()


def test_after_a_rotation_old_fields_are_read_and_new_ones_need_the_new_key(tmp_path: Path) -> None:
    old = Keys.open(tmp_path)
    before = old.encrypt("李梅")
    new = old.rotate()
    assert new.decrypt(before) == "李梅"
    after = new.encrypt("李梅")
    with pytest.raises(ValueError, match="cannot be decrypted"):
        old.decrypt(after)
    renewed = new.renew(before)
    (tmp_path / "field-0001.key").unlink()
    alone = Keys.open(tmp_path)
    assert alone.decrypt(renewed) == "李梅"
    with pytest.raises(ValueError, match="cannot be decrypted"):
        alone.decrypt(before)
    assert alone.blind("email", "x") == old.blind("email", "x")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_every_text_comes_back_and_no_two_seals_are_alike(keys: Keys, text: str) -> None:
    assert keys.decrypt(keys.encrypt(text)) == text
    assert keys.encrypt(text) != keys.encrypt(text)


def test_a_blind_index_finds_the_value_for_its_purpose_only(keys: Keys) -> None:
    assert keys.blind("email", "li@example.com") == keys.blind("email", "li@example.com")
    assert keys.blind("email", "li@example.com") != keys.blind("phone", "li@example.com")


def test_a_token_is_bound_to_its_purpose_and_ends(keys: Keys) -> None:
    token = keys.sign("login", "p1", now=NOW, valid=timedelta(minutes=15))
    assert keys.open_token("login", token, now=NOW + timedelta(minutes=14)) == "p1"
    assert "=" not in token
    assert token != keys.sign("login", "p1", now=NOW, valid=timedelta(minutes=15))
    for purpose, now, code in (
        ("unsubscribe", NOW, "token_purpose"),
        ("login", NOW + timedelta(minutes=15), "token_expired"),
    ):
        with pytest.raises(TokenError) as error:
            keys.open_token(purpose, token, now=now)
        assert error.value.code == code
    forever = keys.sign("unsubscribe", "p1", now=NOW)
    assert keys.rotate().open_token("unsubscribe", forever, now=NOW + timedelta(days=9999)) == "p1"


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.integers(0, 10_000), st.integers(1, 63))
def test_a_changed_token_is_forged(keys: Keys, place: int, shift: int) -> None:
    token = keys.sign("login", "p1", now=NOW)
    at = place % (len(token) - 2)  # the last letters may hold bits that stand for nothing
    other = ALPHABET[(ALPHABET.index(token[at]) + shift) % 64]
    for forged in (token[:at] + other + token[at + 1 :], token[:at], "", "x" * 40, "你好"):
        with pytest.raises(TokenError):
            keys.open_token("login", forged, now=NOW)
