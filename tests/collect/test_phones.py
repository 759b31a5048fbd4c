from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.phones import clean_phone, region_of


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("13900001111", "CN", "+8613900001111"), ("139 0000 1111", "CN", "+8613900001111"), ("+86-139-0000-1111", "US", "+8613900001111"),  # noqa: E501
        ("0086 13900001111", "CN", "+8613900001111"), ("010-62345678", "CN", "+861062345678"), ("(415) 555-2671", "US", "+14155552671"),  # noqa: E501
        ("+44 20 7946 0958", "CN", "+442079460958"), ("tel:+1-418-656-9254;ext=102", "CN", "+14186569254;ext=102"),
        ("１３９００００１１１１", "CN", "+8613900001111"), ("手机：13900001111", "CN", "+8613900001111"),
        ("139****1111", "CN", None), ("1.39E+10", "CN", None), ("xxx", "CN", None), ("", "CN", None), ("12", "CN", None),  # noqa: E501
    ],
)  # fmt: skip
def test_forms_people_write(text: str, region: str, expected: str | None) -> None:
    assert clean_phone(text, region) == expected


@given(st.integers(13_000_000_000, 19_999_999_999))
def test_agrees_with_the_library_on_chinese_mobiles(number: int) -> None:
    parsed = phonenumbers.parse(str(number), "CN")
    if phonenumbers.is_valid_number(parsed):
        assert clean_phone(str(number)) == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@given(st.text(max_size=25))
def test_twice_is_once(text: str) -> None:
    once = clean_phone(text)
    assert once is None or clean_phone(once) in (once, clean_phone(once, "US"), None) or once.isdigit()


def test_regions_follow_the_zone() -> None:
    assert [region_of(z) for z in ("Europe/Berlin", "America/Sao_Paulo", "Asia/Tokyo")] == ["DE", "BR", "JP"]
