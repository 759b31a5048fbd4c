# ruff: noqa: E501
from __future__ import annotations

import pytest

from regulars.collect import ImportProblem
from regulars.collect.sources.vcard import read_cards

CARD = """BEGIN:VCARD
VERSION:3.0
N:王;小明;;;
FN:王小明
item1.TEL;type=CELL:139 0000 1111
TEL;TYPE=FAX:010-1234
EMAIL;TYPE=WORK:work@x.org
EMAIL;TYPE=HOME,PREF:home@x.org
ORG:星河智造;研发部
ADR;TYPE=WORK:;;中关村大街 1 号;北京;北京市;100080;中国
NOTE:line one\\nline two\\, with comma
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ
 AAAAAAAAAAAAAAAA
END:VCARD
"""


def test_a_card_of_an_iphone() -> None:
    sheet = read_cards(CARD.encode(), "a.vcf")
    row = sheet.table.to_pylist()[0]
    assert row["Full Name"] == "王小明"
    assert (row["E-mail 1"], row["E-mail 2"], row["Phone 1"], row["Fax"]) == (
        "home@x.org",
        "work@x.org",
        "139 0000 1111",
        "010-1234",
    )
    assert (row["Organization"], row["Department"], row["City"], row["Country"]) == (
        "星河智造",
        "研发部",
        "北京",
        "中国",
    )
    assert row["Notes"] == "line one\nline two, with comma"
    assert "PHOTO" not in str(row)


def test_old_cards_in_gbk_quoted_printable() -> None:
    text = "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=CD=F5=\r\n=D0=A1=C3=F7\r\nTEL;CELL:1\r\nEND:VCARD\r\n"
    assert read_cards(text.encode(), "a.vcf").table["Full Name"].to_pylist() == ["王小明"]


def test_no_card_is_told() -> None:
    with pytest.raises(ImportProblem):
        read_cards(b"BEGIN:VCARD\nEND:VCARD\n", "a.vcf")
