from __future__ import annotations

from datetime import UTC, datetime

from regulars.collect import collect
from regulars.collect.deals import deal_type

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def test_stages_of_several_houses() -> None:
    won = ("Closed Won", "closedwon", "Won", "赢单", "已成交", "Gewonnen", "受注")
    lost = ("Closed Lost", "closedlost", "输单", "丢单", "Verloren", "战败")
    assert {deal_type(s) for s in won} == {"won"}
    assert {deal_type(s) for s in lost} == {"lost"}
    assert {deal_type(s) for s in ("Prospecting", "需求明确", "Negotiation", "Qualified To Buy")} == {"open"}


def test_a_chinese_pipeline() -> None:
    text = (
        "商机编号,商机名称,客户名称,手机号,商机金额(万元),销售阶段,赢率,创建时间,预计成交日期,负责人,输单原因,备用\n"
        "S1,官网改版,星河智造,13900001111,3.5,商务谈判,60%,2024-03-01,2024-05-01,小李,,x\n"
        "S2,小程序,北辰咨询,13700002222,1.2,输单,0%,2024-03-02,,小王,价格,\n"
    )
    got = collect(text.encode("gbk"), now=NOW)
    first, second = got.deals.to_pylist()
    assert (first["id"], first["title"], first["amount"], first["type"], first["owner"], first["probability"]) == (
        "S1", "官网改版", 3500000, "open", "小李", None)  # fmt: skip
    assert first["expected_at"] == datetime(2024, 4, 30, 16, tzinfo=UTC)
    assert (second["type"], second["lost_reason"]) == ("lost", "价格")
    assert got.people["phone"].to_pylist() == ["+8613900001111", "+8613700002222"]
    assert '"备用": "x"' in first["fields"]


def test_deals_without_a_number_keep_stable_ids() -> None:
    text = b"deal name,stage,amount,create date\nA,Won,5,2024-03-01\nB,Lost,6,2024-03-02\n"
    ids = collect(text, now=NOW).deals["id"].to_pylist()
    assert ids == collect(text + b"C,Open,1,2024-04-01\n", now=NOW).deals["id"].to_pylist()[:2]


def test_an_unreadable_amount_sets_the_deal_aside() -> None:
    got = collect(b"deal id,deal stage,close date,amount\n1,Won,2024-03-01,5\n2,Won,2024-03-01,lots\n", now=NOW)
    assert got.deals["id"].to_pylist() == ["1"]
    assert got.rejects["reason"].to_pylist() == ["amount_unreadable"]
