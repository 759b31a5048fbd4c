# ruff: noqa: E501
"""Files that are broken, huge, mislabelled or hostile."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.collect import ImportProblem, collect, preview
from regulars.collect.read import open_sheet, unpack

NOW = datetime(2025, 6, 1, tzinfo=UTC)
GOOD = "姓名,手机号\n李四,13900001111\n王五,13700002222\n"


def problem(data: bytes, **more: object) -> ImportProblem:
    with pytest.raises(ImportProblem) as caught:
        open_sheet(data, **more)  # type: ignore[arg-type]
    assert caught.value.what
    assert caught.value.where
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize("data", [b"", b"\n\n\n", b"\xef\xbb\xbf", b"   \r\n\t\r\n", b"\x00\x00\x00"])
def test_empty_files(data: bytes) -> None:
    assert problem(data).code == "file_empty"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n....", "not_a_table"),
        (b"PK\x03\x04 broken", "file_broken"),
        (b"\x1f\x8b broken", "file_broken"),
        (b"PAR1 broken", "file_broken"),
        (b"\xd0\xcf\x11\xe0 broken workbook", "file_broken"),
        (b"{not json at all\n", "kind_or_csv"),
    ],
)
def test_broken_or_foreign_files(data: bytes, code: str) -> None:
    if code == "kind_or_csv":
        open_sheet(data)  # reads as a one-column text, which no kind claims
        with pytest.raises(ImportProblem):
            preview(data)
        return
    assert problem(data).code == code


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem) as caught:
        open_sheet(tmp_path / "none.csv")
    assert caught.value.code == "file_missing"


def test_the_name_may_lie_about_the_kind(tmp_path: Path) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(GOOD.encode("gbk"))
    seen = preview(path)
    assert (seen.format, seen.encoding, seen.kind) == ("csv", "gb18030", "people")


def test_a_gzip_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"0" * 5_000_000)
    with pytest.raises(ImportProblem) as caught:
        unpack(bomb, "bomb.csv.gz", largest=1_000_000)
    assert caught.value.code == "file_too_large"


def test_a_zip_bomb_stops_before_it_is_unpacked() -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.csv", b"0" * 5_000_000)
    assert problem(box.getvalue(), largest=1_000_000).code == "file_too_large"


def test_a_zip_with_one_table_opens_and_with_two_asks() -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as packed:
        packed.writestr("alipay_record.csv", GOOD.encode("gbk"))
    assert preview(box.getvalue()).rows == 2
    with zipfile.ZipFile(box, "a") as packed:
        packed.writestr("b.csv", GOOD)
    assert problem(box.getvalue()).code == "zip_unclear"


def test_ragged_rows_are_filled_trimmed_or_set_aside() -> None:
    text = "name,email,phone\nAda,ada@x.org\nBob,bob@x.org,13900001111,,\nCyd,cyd@x.org,13900002222,surplus\n\nonlyone\nDan,dan@x.org,13900003333\n"
    got = collect(text.encode(), now=NOW)
    assert got.people["name"].to_pylist() == ["Ada", "Bob", "Dan"]
    assert [(r["row"], r["reason"]) for r in got.rejects.to_pylist()] == [(4, "too_many_cells"), (6, "too_few_cells")]
    assert got.people["row"].to_pylist() == [2, 3, 7]


def test_a_quote_that_never_closes_costs_one_row_only() -> None:
    lines = ["name,email"] + [f"P{i},p{i}@x.org" for i in range(50)]
    lines[10] = '"P9,p9@x.org'
    got = collect("\n".join(lines).encode() + b"\n" + b"x" * 200_000, now=NOW)
    assert got.people.num_rows >= 49


def test_quoted_line_breaks_and_quotes_inside_cells() -> None:
    got = collect('姓名,备注,邮箱\n李四,"第一行\n第二行",li@x.org\n王五,他说"好",wang@x.org\n'.encode(), now=NOW)
    assert got.people["name"].to_pylist() == ["李四", "王五"]
    assert "第一行\\n第二行" in got.people["fields"].to_pylist()[0]


def test_null_bytes_and_huge_cells() -> None:
    got = collect(b"name,email\nA\x00da,ada@x.org\nBob,bob@x.org\n", now=NOW)
    assert got.people["name"].to_pylist() == ["Ada", "Bob"]
    got = collect(b"name,email\nAda,ada@x.org\nBob,bob@x.org," + b"x" * 200_000 + b"\n", now=NOW)
    assert got.people["name"].to_pylist()[0] == "Ada"
    assert got.totals.read == 2


def test_an_encoding_can_be_forced() -> None:
    seen = preview("Name;E-Mail\nMüller;m@x.org\n".encode("cp1252"), encoding="cp1252")
    assert seen.first_rows[0][0] == "Müller"
    assert problem(b"a,b\n1,2\n", encoding="nope").code == "encoding_unknown"


def test_excel_wrappings_are_undone() -> None:
    seen = preview('会员编号,手机号\n="000123456789012345","\t13900001111"\n\'000999,13900002222\n'.encode("utf-8-sig"))
    assert seen.mapping.choices[0].samples == ("000123456789012345", "000999")
    assert seen.mapping.choices[1].samples == ("13900001111", "13900002222")


def test_a_file_without_header_keeps_its_first_row() -> None:
    seen = preview(b"ada@x.org,13900001111\nbob@x.org,13900002222\n")
    assert seen.rows == 2
    assert "no_header" in seen.notes


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=600))
def test_no_bytes_crash_the_door(data: bytes) -> None:
    for begin in (b"", b"name,email,amount\n"):
        try:
            collect(begin + data, now=NOW)
        except ImportProblem:
            continue


cell = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=12))
def test_every_row_is_used_or_set_aside(rows: list[tuple[str, str, str]]) -> None:
    import csv

    box = io.StringIO()
    writer = csv.writer(box, quoting=csv.QUOTE_ALL)
    writer.writerow(["order id", "order date", "amount"])
    writer.writerows(rows)
    got = collect(box.getvalue().encode(), now=NOW, as_kind="orders")
    assert got.totals.read == got.totals.used + sum(got.totals.aside.values())
    assert got.totals.read <= len(rows)
