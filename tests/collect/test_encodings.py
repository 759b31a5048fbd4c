from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.collect.encodings import detect, to_utf8

CHINESE = "客户姓名,手机号,备注\n李四,13900001111,老顾客\n"


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "utf-16", "utf-16"),
        ("name,city\nJosé,Málaga\nJürgen,Köln\n", "cp1252", "cp1252"),
        ("Name;Straße\nMüller;Hauptstraße\nZoë;Größe\n", "cp1252", "cp1252"),
        ("a,b\n1,2\n", "ascii", "utf-8"),
        ("a,b\n1,2\n", "utf-16-le", "utf-16-le"),
    ],
)
def test_fixed_order_finds_the_encoding(text: str, encoding: str, expected: str) -> None:
    data = text.encode(encoding)
    assert detect(data) == expected
    assert to_utf8(data, expected).decode() == text


@given(
    st.text(
        alphabet="的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经",
        min_size=4,
    )
)
def test_any_common_chinese_in_gbk_is_found(text: str) -> None:
    assert detect(f"姓名,备注\n{text},1\n".encode("gbk")) == "gb18030"


@given(st.binary(max_size=400))
def test_any_bytes_have_an_answer_that_decodes(data: bytes) -> None:
    to_utf8(data, detect(data)).decode("utf-8")
