from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.trust.mask import mask_email, mask_name, mask_phone, mask_text


@pytest.mark.parametrize(
    ("name", "masked"),
    [("李梅", "李*"), ("王小明", "王**"), ("欧阳娜娜", "欧阳**"), ("欧阳", "欧*"), ("梅", "*"), ("", ""),
     ("Grace Hopper", "G**** H*****"), ("X", "*"), ("Al Bo", "A* B*")],
)  # fmt: skip
def test_names(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.from_regex(r"[a-z0-9.]{2,20}@[a-z]{1,10}\.(com|cn)", fullmatch=True), st.text(max_size=20))
def test_no_address_survives_in_a_log_line(address: str, around: str) -> None:
    assert address not in mask_text(f"{around} <{address}> {around}")
    assert mask_email(address).endswith(address[address.index("@") :])


@given(st.from_regex(r"(\+86 ?)?1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}", fullmatch=True))
def test_no_phone_number_survives_in_a_log_line(phone: str) -> None:
    masked = mask_text(f"call {phone} now")
    assert phone not in masked
    assert sum(c.isdigit() for c in masked) == 5
    assert sum(c.isdigit() for c in mask_phone(phone)) == 5


@pytest.mark.parametrize("line", ["550 5.1.1 refused", "took 1234.5678901 s", "2026-05-01 12:00", "order A-12345678"])
def test_figures_that_are_no_phone_numbers_stay(line: str) -> None:
    assert mask_text(line) == line
