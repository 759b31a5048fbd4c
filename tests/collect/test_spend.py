# ruff: noqa: E501
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from regulars.collect import collect
from regulars.collect.spend import period_days

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def test_a_long_table_keeps_its_channels_and_periods() -> None:
    text = "日期,渠道,广告计划,消耗(元),展示数,点击数\n" + "".join(
        f"{date(2024, 3, 4) + timedelta(days=7 * w)},{c},{c}-1,{100 + w}.5,{1000 * w},{10 * w}\n"
        for w in range(4)
        for c in ("抖音", "小红书")
    )
    got = collect(text.encode("gbk"), now=NOW)
    rows = got.facts["spend"].rows.to_pandas()
    assert (got.kind, len(rows), set(rows["channel"]), set(rows["days"])) == ("spend", 8, {"抖音", "小红书"}, {7})
    assert got.totals.spent_out == {"CNY": sum(2 * (10050 + 100 * w) for w in range(4))}
    assert rows["id"].is_unique


def test_an_end_date_gives_the_length() -> None:
    got = collect(
        b"Campaign name,Reporting starts,Reporting ends,Amount spent (USD),Impressions\nA,2024-03-01,2024-03-31,10.00,5\n",
        now=NOW,
    )
    row = got.facts["spend"].rows.to_pylist()[0]
    assert (row["days"], row["currency"], row["campaign"], row["channel"]) == (31, "USD", "A", "bytes")


@pytest.mark.parametrize(
    "header",
    [
        "tv_S,ooh_S,search_clicks_P",
        "TV Spend,OOH Spend,TV Clicks",
        "spend_tv,spend_ooh,clicks_tv",
        "电视花费,户外花费,电视点击",
        "TV,Radio,Newspaper",
    ],
)
def test_wide_tables_become_long(header: str) -> None:
    text = f"week,{header}\n" + "".join(
        f"{date(2024, 1, 1) + timedelta(days=7 * w)},{w},{2 * w},{3 * w}\n" for w in range(8)
    )
    got = collect(text.encode(), now=NOW)
    assert got.kind == "spend"
    rows = got.facts["spend"].rows.to_pandas()
    assert len(set(rows["channel"])) >= 2
    assert set(rows["days"]) == {7}


def test_bad_rows_are_set_aside() -> None:
    got = collect(
        b"date,channel,cost,clicks\n2024-03-01,a,1,2\nsoon,a,1,2\n2024-03-02,a,x,2\n,a,1,1\n2024-03-03,a,,1\n", now=NOW
    )
    assert got.rejects["reason"].to_pylist() == [
        "date_unreadable",
        "amount_unreadable",
        "date_missing",
        "amount_missing",
    ]
    assert got.totals.used == 1


def test_period_lengths() -> None:
    assert period_days(np.array([0, 1, 2, 5])) == 1
    assert period_days(np.array([0, 91, 182])) == 91
