from __future__ import annotations

from datetime import UTC, datetime

from regulars.collect.kinds import recognise
from regulars.collect.mapping import Wishes
from regulars.collect.quality import as_table, inspect
from regulars.collect.read import open_sheet

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def test_findings_by_field() -> None:
    rows = [f"{i},2024-03-{1 + i % 28:02d},p{i}@x.org,{20 + i % 5}" for i in range(60)]
    rows[3] = "3,2099-01-01,p3@x.org,20"
    rows[4] = "4,1970-01-01,not-an-address,20"
    rows[5] = "5,2024-03-05,,99999"
    rows[6] = "6,soon,p6@x.org,many"
    sheet = open_sheet(("order id,order date,email,amount\n" + "\n".join(rows) + "\n").encode())
    found = inspect(sheet, recognise(sheet, Wishes()), now=NOW)
    seen = {(f.field, f.code): (f.rows, f.first_row) for f in found}
    assert seen[("ordered_at", "future")] == (1, 5)
    assert seen[("ordered_at", "ancient")] == (1, 6)
    assert seen[("ordered_at", "unreadable")] == (1, 8)
    assert seen[("email", "unreadable")] == (1, 6)
    assert seen[("email", "missing")] == (1, 7)
    assert seen[("amount", "outlier")] == (1, 7)
    assert seen[("amount", "unreadable")] == (1, 8)
    assert as_table(found).num_rows == len(found)


def test_repeats_and_masks_of_people() -> None:
    sheet = open_sheet("客户姓名,手机号\n##,13900001111\n李四,13900001111\n".encode())
    found = {(f.field, f.code): f.rows for f in inspect(sheet, recognise(sheet, Wishes()), now=NOW)}
    assert found[("name", "masked")] == 1
    assert found[("phone", "repeated")] == 2
