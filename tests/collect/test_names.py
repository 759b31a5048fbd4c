from __future__ import annotations

import pytest

from regulars.collect.emails import clean_email
from regulars.collect.names import clean_name, full_name, is_masked


@pytest.mark.parametrize(
    "text",
    [
        "##",
        "****",
        "李**",
        "*小明",
        "x4***6",
        "xxxxxxxxxxxx",
        "匿名用户",
        "用户隐私",
        "???",
        "[deleted]",
        "a***@qq.com",
    ],
)
def test_masks(text: str) -> None:
    assert is_masked(text)
    assert clean_name(text) is None


@pytest.mark.parametrize("text", ["李四", "Max", "Xi Xu", "O'Neil", "欧阳娜娜", "Jean-Luc", "山田 太郎"])
def test_names(text: str) -> None:
    assert not is_masked(text)
    assert clean_name(text) == text


def test_order_of_parts() -> None:
    assert full_name("太郎", "山田") == "山田太郎"
    assert full_name("Ada", "Lovelace", prefix="Ms.") == "Ms. Ada Lovelace"
    assert full_name("##", None) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ADA@X.ORG ", "ada@x.org"), ("Ada <ada@x.org>", "ada@x.org"), ("ａｄａ＠x.org", "ada@x.org"), ("a@b", None), ("a b@c.org", None),  # noqa: E501
     ("a***@qq.com", None), ("a@b..org", None), ("用户@例子.公司", "用户@例子.公司")],
)  # fmt: skip
def test_addresses(text: str, expected: str | None) -> None:
    assert clean_email(text) == expected
