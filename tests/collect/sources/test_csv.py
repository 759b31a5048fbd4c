from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.collect.sources.csv import read_text

cell = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=10).map(lambda t: "x" + t)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=10), st.sampled_from([",", ";", "\t"]))
def test_cells_come_back_as_written(rows: list[tuple[str, str, str]], mark: str) -> None:
    box = io.StringIO()
    writer = csv.writer(box, delimiter=mark, quoting=csv.QUOTE_ALL)
    writer.writerow(["order id", "email", "amount"])
    writer.writerows(rows)
    sheet = read_text(box.getvalue().encode(), "x.csv")
    assert [tuple(r.values()) for r in sheet.table.to_pylist()] == rows
    assert sheet.delimiter == mark


def test_preamble_trailing_comma_and_row_numbers() -> None:
    text = (
        "店铺报表\n导出时间：2024-04-01 00:00:00\n\n订单编号,下单时间,实付金额,\n1,2024-03-05,5,\n\n2,2024-03-06,6,\n"
    )
    sheet = read_text(text.encode("gbk"), "x.csv")
    assert sheet.header == ("订单编号", "下单时间", "实付金额")
    assert sheet.preamble == ("店铺报表", "导出时间：2024-04-01 00:00:00")
    assert sheet.rows.tolist() == [5, 7]
    assert sheet.encoding == "gb18030"


@pytest.mark.parametrize(
    "first", ["sep=;\nname;email\nAda;a@x.org\n", "\ufeffname;email\r\nAda;a@x.org\r\n", "name;email\rAda;a@x.org\r"]
)
def test_ways_of_beginning_and_ending_lines(first: str) -> None:
    sheet = read_text(first.encode(), "x.csv")
    assert sheet.table.to_pylist() == [{"name": "Ada", "email": "a@x.org"}]


def test_a_header_of_unknown_words_is_still_the_header() -> None:
    sheet = read_text(
        b"\xef\xbb\xbfproduct_category_name,product_category_name_english\nartes,art\nbebes,baby\n", "x.csv"
    )
    assert sheet.header[0] == "product_category_name"
    assert sheet.num_rows == 2
