# ruff: noqa: DTZ001
from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest

from regulars.collect import ImportProblem, collect, preview

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def workbook(*sheets: tuple[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    box = io.BytesIO()
    book.save(box)
    return box.getvalue()


ORDERS: list[list[object]] = [
    ["店铺订单报表", None, None, None], ["导出时间：2024-04-01", None, None, None], [None, None, None, None],
    ["订单编号", "下单时间", "买家手机", "实付金额"],
    [1234567890123456789, datetime(2024, 3, 5, 15, 4), 13900001111, 12.5],
    ["0001234", date(2024, 3, 6), "13700002222", 1234],
    [None, None, None, None],
    [3, "2024-03-07", None, "¥1,000.00"],
]  # fmt: skip


def with_digits(data: bytes, old: bytes, new: bytes) -> bytes:
    """Writers other than openpyxl keep all digits of a long number in the XML."""
    box = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(box, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return box.getvalue()


def test_a_rounded_number_is_no_id() -> None:
    rows = [["订单编号", "下单时间", "实付金额"], ["1.23457E+17", "2024-03-05", 1], ["1.23457E+17", "2024-03-06", 2]]
    got = collect(workbook(("订单", rows)), now=NOW)
    assert len(set(got.facts["orders"].rows["id"].to_pylist())) == 2
    assert got.notes["digits_lost"] == "2"


def test_a_report_with_a_title_keeps_long_numbers_and_types() -> None:
    data = with_digits(
        workbook(("说明", [["请勿修改"]]), ("订单", ORDERS)), b"1.234567890123457e+18", b"1234567890123456789"
    )
    got = collect(data, now=NOW, name="a.xlsx")
    assert (got.format, got.kind, got.preamble) == ("xlsx", "orders", ("店铺订单报表", "导出时间：2024-04-01"))
    rows = got.facts["orders"].rows.to_pylist()
    assert [r["id"] for r in rows] == ["1234567890123456789", "0001234", "3"]
    assert [r["amount"] for r in rows] == [1250, 123400, 100000]
    assert rows[0]["at"] == datetime(2024, 3, 5, 7, 4, tzinfo=UTC)
    assert got.people["phone"].to_pylist() == ["+8613900001111", "+8613700002222"]
    assert got.facts["orders"].row.to_pylist() == [5, 6, 8]
    assert "other_sheets" in got.notes


def test_a_sheet_can_be_named() -> None:
    data = workbook(("one", [["email"], ["a@x.org"]]), ("two", [["email", "name"], ["b@x.org", "B"]]))
    assert preview(data, sheet="one").first_rows == (("a@x.org",),)
    with pytest.raises(ImportProblem) as caught:
        preview(data, sheet="three")
    assert caught.value.code == "sheet_missing"


def test_an_empty_workbook_is_told() -> None:
    with pytest.raises(ImportProblem) as caught:
        preview(workbook(("empty", [])))
    assert caught.value.code == "file_empty"
