# ruff: noqa: E501
from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.collect import Collected, collect

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def orders(text: str, **more: object) -> tuple[list[tuple[object, ...]], Collected]:
    got = collect(text.encode(), now=NOW, **more)  # type: ignore[arg-type]
    rows = got.facts["orders"].rows.select(["id", "kind", "status", "amount", "ordered"]).to_pylist()
    return [tuple(r.values()) for r in rows], got


SHOPIFY = """Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount,Cancelled at,Accepts Marketing
#1001,ada@x.org,paid,2024-03-05 10:00:00 +0000,USD,30.00,5.00,35.00,2024-03-05 09:58:00 +0000,2,Mug,10.00,MUG,0.00,,yes
#1001,ada@x.org,,,,,,,,1,Tea,10.00,TEA,,,
#1002,bob@x.org,refunded,2024-03-06 10:00:00 +0000,USD,10.00,0.00,10.00,2024-03-06 10:00:00 +0000,1,Tea,10.00,TEA,10.00,,no
#1003,cyd@x.org,pending,,USD,10.00,0.00,10.00,2024-03-07 10:00:00 +0000,1,Tea,10.00,TEA,0.00,,
#1004,dan@x.org,partially_refunded,2024-03-08 10:00:00 +0000,USD,20.00,0.00,20.00,2024-03-08 10:00:00 +0000,2,Tea,10.00,TEA,5.00,,
#1005,eve@x.org,voided,,USD,10.00,0.00,10.00,2024-03-09 10:00:00 +0000,1,Tea,10.00,TEA,0.00,2024-03-09 11:00:00 +0000,
"""


def test_shopify_repeats_an_order_over_its_lines() -> None:
    rows, got = orders(SHOPIFY)
    assert rows == [
        ("#1001", "sale", "paid", 3500, 3500), ("#1002", "sale", "paid", 1000, 1000), ("#1003", "sale", "unpaid", 0, 1000),
        ("#1004", "sale", "paid", 2000, 2000), ("#1005", "sale", "cancelled", 0, 1000), ("#1002#refund", "refund", "paid", -1000, 0),
        ("#1004#refund", "refund", "paid", -500, 0),
    ]  # fmt: skip
    lines = got.facts["order_lines"].rows.select(["id", "product", "quantity", "amount"]).to_pylist()
    assert [tuple(r.values()) for r in lines[:2]] == [
        ("#1001#MUG#1", "MUG", 2.0, 2000),
        ("#1001#TEA#1", "TEA", 1.0, 1000),
    ]
    assert got.totals.money_in == {"USD": "50"}
    assert got.people["consent_email"].to_pylist() == [True, False, None, None, None]


def test_sub_orders_add_up_to_their_main_order() -> None:
    rows, got = orders(
        "主订单编号,子订单编号,选购商品,商品数量,商品单价,订单应付金额,订单提交时间,支付完成时间,订单状态\n"
        "A1,A1-1,玉肌皂,1,29.90,29.90,2024-03-05 10:00:00,2024-03-05 10:01:00,已完成\n"
        "A1,A1-2,面膜,2,10.00,20.00,2024-03-05 10:00:00,2024-03-05 10:01:00,已完成\n"
        "A2,A2-1,面膜,1,10.00,10.00,2024-03-06 10:00:00,,待支付\n"
    )
    assert rows == [("A1", "sale", "paid", 4990, 4990), ("A2", "sale", "unpaid", 0, 1000)]
    assert got.facts["order_lines"].rows["amount"].to_pylist() == [2990, 2000, 1000]


def test_an_order_total_repeated_on_each_line_counts_once() -> None:
    text = "order id,order date,sku,quantity,unit price,order total\n"
    text += "".join(f"{o},2024-03-05,S{i},1,{5 + i},18\n" for o in range(1, 5) for i in range(3))
    rows, got = orders(text)
    assert [r[3] for r in rows] == [1800] * 4
    assert sum(got.facts["order_lines"].rows["amount"].to_pylist()) == 7200


def test_a_paid_column_before_refunds_stays_gross() -> None:
    rows, got = orders(
        "订单编号,总金额,买家实际支付金额,订单付款时间,退款金额\n1,100,100,2024-03-05 10:00:00,40\n2,50,50,2024-03-05 10:00:00,0\n"
    )
    assert [r[3] for r in rows] == [10000, 5000, -4000]
    assert "paid_is_gross" in got.notes


def test_closed_and_refunded_words_move_the_money() -> None:
    rows, _ = orders(
        "订单号,下单时间,实付金额,订单状态,售后状态\n1,2024-03-05,10,交易成功,退款成功\n2,2024-03-05,10,交易关闭,-\n3,2024-03-05,10,等待买家付款,-\n4,2024-03-05,10,已发货,退款中\n"
    )
    assert rows == [("1", "sale", "paid", 1000, 1000), ("2", "sale", "cancelled", 0, 1000), ("3", "sale", "unpaid", 0, 1000),
                    ("4", "sale", "paid", 1000, 1000), ("1#refund", "refund", "paid", -1000, 0)]  # fmt: skip


def test_bad_rows_are_set_aside_with_row_number_and_reason() -> None:
    text = "order id,order date,email,amount\n1,2024-03-05,a@b.org,10\n2,soon,a@b.org,10\n3,2024-03-05,a@b.org,ten\n4,,a@b.org,10\n5,2024-03-05,a@b.org,\n"
    _, got = orders(text)
    rejects = [(r["row"], r["reason"], r["detail"]) for r in got.rejects.to_pylist()]
    assert rejects == [
        (3, "date_unreadable", "soon"),
        (4, "amount_unreadable", "ten"),
        (5, "date_missing", ""),
        (6, "amount_missing", ""),
    ]
    assert got.rejects["cells"].to_pylist()[0] == ["2", "soon", "a@b.org", "10"]
    assert got.totals.used == 1


def test_totals_below_the_table_are_no_orders() -> None:
    _, got = orders("订单编号,下单时间,实付金额\n1,2024-03-05,10\n2,2024-03-06,20\n合计,,30\n")
    assert got.totals.money_out == {"CNY": 3000}
    assert got.rejects["reason"].to_pylist() == ["date_missing"]


def test_the_same_order_twice_is_one_order() -> None:
    rows, got = orders(
        "order id,order date,amount,email\n1,2024-03-05,10,a@b.org\n1,2024-03-05,10,a@b.org\n2,2024-03-05,10,a@b.org\n"
    )
    assert [(r[0], r[3]) for r in rows] == [("1", 1000), ("2", 1000)]
    assert got.totals.aside == {"duplicate_row": 1}


def test_several_payments_of_one_order_add_up() -> None:
    rows, _ = orders(
        "order_id,payment_sequential,payment_type,payment_value,order date\nA,1,card,10.00,2024-03-05\nA,2,voucher,5.50,2024-03-05\nB,1,card,3,2024-03-05\n"
    )
    assert [(r[0], r[3]) for r in rows] == [("A", 1550), ("B", 300)]


def test_currencies_by_row_keep_their_own_digits() -> None:
    _, got = orders(
        "order id,order date,amount,currency\n1,2024-03-05,10.50,usd\n2,2024-03-05,1050,JPY\n3,2024-03-05,1.234,KWD\n"
    )
    assert got.totals.money_out == {"USD": 1050, "JPY": 1050, "KWD": 1234}


def test_units_in_the_header_count() -> None:
    rows, _ = orders("订单编号,下单时间,实付金额(万元)\n1,2024-03-05,1.25\n")
    assert rows[0][3] == 1250000


def test_negative_payments_are_refunds() -> None:
    rows, _ = orders(
        "transaction id,date,amount,email\n1,2024-03-05,100.00,a@b.org\n2,2024-03-06,(30.00),a@b.org\n3,2024-03-06,-5,a@b.org\n"
    )
    assert [(r[1], r[3]) for r in rows] == [("sale", 10000), ("refund", -3000), ("refund", -500)]


PAYPAL = """Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID
03/25/2024,10:00:00,PDT,Ada,Express Checkout Payment,Completed,USD,"1,100.00",-3.50,"1,096.50",ada@x.org,me@shop.org,T1
03/26/2024,10:00:00,PDT,Ada,Payment Refund,Completed,USD,-100.00,0,-100.00,me@shop.org,ada@x.org,T2
03/27/2024,10:00:00,PDT,,General Withdrawal,Completed,USD,-900.00,0,-900.00,,,T3
03/28/2024,10:00:00,PDT,Host,PreApproved Payment Bill User Payment,Completed,USD,-20.00,0,-20.00,me@shop.org,h@x.org,T4
"""


def test_paypal_keeps_sales_and_refunds_and_sets_the_rest_aside() -> None:
    rows, got = orders(PAYPAL, zone="America/Los_Angeles")
    assert [(r[0], r[1], r[3]) for r in rows] == [("T1", "sale", 110000), ("T2", "refund", -10000)]
    assert got.totals.aside == {"transfer": 1, "expense": 1}
    assert got.facts["orders"].rows["at"].to_pylist()[0] == datetime(2024, 3, 25, 17, 0, tzinfo=UTC)


WECHAT = """微信支付账单明细,,,,,,,,
微信昵称：[小店],,,,,,,,
----------------------微信支付账单明细列表--------------------,,,,,,,,
交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号
2024-03-05 10:00:00,二维码收款,张三,收款方备注:二维码收款,收入,¥23.00,零钱,已收钱,1000001
2024-03-05 11:00:00,商户消费,某餐厅,午饭,支出,¥30.00,零钱,支付成功,1000002
2024-03-06 10:00:00,二维码收款-退款,张三,退款,支出,¥3.00,零钱,已退款,1000001
2024-03-07 10:00:00,零钱提现,招商银行,/,/,¥20.00,招商银行,提现已到账,1000003
2024-03-08 10:00:00,商户消费-退款,某餐厅,退款,收入,¥30.00,零钱,已全额退款,1000002
"""


def test_wechat_refunds_to_customers_and_refunds_of_our_own_purchases_differ() -> None:
    rows, got = orders(WECHAT)
    assert [(r[0], r[1], r[3]) for r in rows] == [("1000001", "sale", 2300), ("1000001#refund", "refund", -300)]
    assert got.totals.aside == {"expense": 1, "transfer": 1, "refund_of_expense": 1}
    assert got.totals.money_out == {"CNY": 2000}


def test_a_bank_statement_with_two_columns() -> None:
    rows, got = orders(
        "交易日期,交易流水号,收入金额,支出金额,对方户名\n2024-03-05,A1,100.00,,张三\n2024-03-06,A2,,50.00,房东\n"
    )
    assert [(r[0], r[3]) for r in rows] == [("A1", 10000)]
    assert got.totals.aside == {"expense": 1}


priced = st.tuples(st.integers(1, 6), st.integers(-20, 20), st.decimals(min_value=0, max_value=500, places=3))


@settings(max_examples=60, deadline=None)
@given(st.lists(priced, min_size=1, max_size=40))
def test_lines_add_up_to_orders_and_orders_round_once(lines: list[tuple[int, int, Decimal]]) -> None:
    text = "order id,order date,sku,quantity,unit price\n" + "".join(
        f"{o},2024-03-05,S{i},{q},{p}\n" for i, (o, q, p) in enumerate(lines)
    )
    got = collect(text.encode(), now=NOW)
    frame = got.facts["orders"].rows.to_pandas().set_index("id")
    exact: dict[str, Decimal] = {}
    for o, q, p in lines:
        exact[str(o)] = exact.get(str(o), Decimal(0)) + q * p
    for key, value in exact.items():
        assert frame.loc[key, "amount"] == int((value * 100).to_integral_value(ROUND_HALF_UP))
    per_order = got.facts["order_lines"].rows.to_pandas().groupby("order_id")["amount"].sum()
    assert (per_order.reindex(frame.index).to_numpy() == frame["amount"].to_numpy()).all()
    assert Decimal(got.totals.money_in["CNY"]) == sum(exact.values())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=30),
    st.integers(0, 30),
)
def test_ids_of_a_file_stay_in_a_longer_file(rows: list[tuple[str, int, int]], cut: int) -> None:
    lines = [f"{who}@x.org,2024-03-0{day + 1},{amount}\n" for who, day, amount in rows]
    head = "email,date,amount\n"
    whole = collect((head + "".join(lines)).encode(), now=NOW).facts["orders"].rows["id"].to_pylist()
    assert len(set(whole)) == len(whole)
    part = collect((head + "".join(lines[: cut + 1])).encode(), now=NOW).facts["orders"].rows["id"].to_pylist()
    assert part == whole[: len(part)]


def test_xero_priced_lines_with_a_customer_remain_orders() -> None:
    rows, got = orders(
        "order id,order date,customer id,sku,quantity,unit price\n1,2024-03-05,C1,S,1,0\n2,2024-03-05,,S,-5,0\n"
    )
    assert [(r[0], r[2]) for r in rows] == [("1", "paid"), ("2", "cancelled")]
    assert got.notes["free_rows"] == "1"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_any_delimiter(mark: str) -> None:
    rows, got = orders(
        mark.join(["Order ID", "Order Date", "Amount"]) + "\n" + mark.join(["1", "2024-03-05", "9.5"]) + "\n"
    )
    assert (rows[0][3], got.delimiter) == (950, mark)


def test_european_file_with_decimal_commas() -> None:
    text = "Bestellnummer;Bestelldatum;E-Mail;Gesamtbetrag;Währung\n1;05.03.2024;a@b.org;1.234,50;EUR\n2;25.03.2024;c@d.org;7,99;EUR\n"
    got = collect(text.encode("cp1252"), now=NOW, zone="Europe/Berlin")
    assert (got.encoding, got.totals.money_out) == ("cp1252", {"EUR": 124249})
    assert pd.Series(got.facts["orders"].rows["day"].to_pylist()).astype(str).to_list() == ["2024-03-05", "2024-03-25"]
