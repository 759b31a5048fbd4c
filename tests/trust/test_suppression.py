from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.trust.suppression import Suppression, address_hash, normalise

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("kind", "a", "b"),
    [("email", "Li@Example.com", " li@example.COM"), ("email", "ｌｉ@example.com", "li@example.com"),
     ("email", "li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"), ("phone", "+86 138 0013 8000", "0086-138-0013-8000"),
     ("phone", "＋８６13800138000", "+8613800138000")],
)  # fmt: skip
def test_spellings_of_one_address_are_one_address(kind: str, a: str, b: str) -> None:
    assert Suppression(KEY).add(kind, a).has(kind, b)
    assert normalise(kind, normalise(kind, a)) == normalise(kind, a)


def test_other_addresses_kinds_and_keys_are_others() -> None:
    stop = Suppression(KEY).add("email", "li@example.com")
    assert not stop.has("email", "li@example.org")
    assert not stop.has("phone", "li@example.com")
    assert address_hash(KEY, "email", "a@b.c") != address_hash(b"x" * 32, "email", "a@b.c")
    assert stop.has_many("email", ["li@example.com", None, "x@y.z"]) == [True, False, False]
    assert "k" * 8 not in repr(stop)
    assert "li@" not in repr(stop)


@given(st.text(max_size=60), st.sampled_from(["email", "phone", "wechat"]))
def test_any_text_can_be_asked_for(text: str, kind: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert Suppression(KEY).add(kind, text).has(kind, text)
