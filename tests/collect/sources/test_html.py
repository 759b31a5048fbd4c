from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.collect import ImportProblem, collect

NOW = datetime(2025, 6, 1, tzinfo=UTC)
PAGE = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"></head><body>
<table><tr><td>nav</td></tr></table>
<table border=1><tr><th>订单编号</th><th>付款时间</th><th>实付金额</th></tr>
<tr><td style="vnd.ms-excel.numberformat:@">123456789012345678</td><td>2024-03-05 10:00:00</td><td>12.50</td></tr>
<tr><td>123456789012345679</td><td>2024-03-06<br>11:00:00</td><td>&yen;7</td></tr></table></body></html>"""


def test_a_table_under_the_name_of_a_workbook() -> None:
    got = collect(PAGE.encode("gbk"), now=NOW, name="orders.xls")
    rows = got.facts["orders"].rows.to_pylist()
    assert (got.format, got.encoding) == ("html", "gb2312")
    assert [(r["id"], r["amount"]) for r in rows] == [("123456789012345678", 1250), ("123456789012345679", 700)]


def test_a_login_page_is_told() -> None:
    with pytest.raises(ImportProblem) as caught:
        collect(b"<!DOCTYPE html><html><body><form>Log in</form></body></html>", now=NOW, name="orders.xls")
    assert caught.value.code == "not_a_table"
