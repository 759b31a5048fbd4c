# ruff: noqa: E501
from __future__ import annotations

from datetime import UTC, datetime

from regulars.collect import collect

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def test_contracts_start_and_end() -> None:
    text = (
        "Subscription ID,Customer Email,Plan,Interval,Amount,Currency,Status,Start Date,Canceled At\n"
        "s1,a@x.org,Pro,month,20.00,usd,active,2024-01-05,\ns2,b@x.org,Team,year,200.00,usd,canceled,2024-01-06,2024-04-01\n"
    )
    got = collect(text.encode(), now=NOW)
    rows = got.facts["subscriptions"].rows.to_pylist()
    assert [(r["id"], r["kind"], r["plan"], r["months"], r["amount"]) for r in rows] == [
        ("s1#start", "start", "Pro", 1, 2000), ("s2#start", "start", "Team", 12, 20000), ("s2#cancel", "cancel", "Team", 12, 20000)]  # fmt: skip
    assert got.facts["subscriptions"].person.to_pylist() == [0, 1, 1]


def test_a_log_of_changes() -> None:
    text = "合同编号,会员编号,套餐,变更类型,变更日期,金额\nH1,m1,基础版,新签,2024-01-05,99\nH1,m1,专业版,升级,2024-03-05,199\nH1,m1,专业版,退订,2024-06-05,199\n"
    got = collect(text.encode("gbk"), now=NOW)
    rows = got.facts["subscriptions"].rows.to_pylist()
    assert [(r["kind"], r["plan"], r["amount"]) for r in rows] == [
        ("start", "基础版", 9900),
        ("upgrade", "专业版", 19900),
        ("cancel", "专业版", 19900),
    ]
    assert len({r["id"] for r in rows}) == 3


def test_contracts_without_a_date_are_set_aside() -> None:
    got = collect(
        b"subscription id,plan,start date,customer id\ns1,Pro,,c1\ns2,Pro,whenever,c2\ns3,Pro,2024-01-01,c3\ns4,Pro,2024-01-02,c4\n",
        now=NOW,
    )
    assert got.rejects["reason"].to_pylist() == ["date_missing", "date_unreadable"]
