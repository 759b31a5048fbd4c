# ruff: noqa: E501
"""Every export sample must map without a hand: one expectation for each column that holds something we use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from regulars.collect import collect, preview

NOW = datetime(2026, 11, 22, tzinfo=UTC)
pytestmark = pytest.mark.shared_data

SAMPLES: dict[str, tuple[str, str, dict[str, str]]] = {
    "alipay_bill_gbk.csv": ("orders", "gb18030", {
        "交易时间": "ordered_at", "交易分类": "type", "交易对方": "name", "对方账号": "customer_id", "商品说明": "product_title", "收/支": "direction",
        "金额": "amount", "收/付款方式": "payment_method", "交易状态": "status", "交易订单号": "order_id", "备注": "notes"}),
    "wechat_bill.csv": ("orders", "utf-8", {
        "交易时间": "ordered_at", "交易类型": "type", "交易对方": "name", "商品": "product_title", "收/支": "direction", "金额(元)": "amount",
        "支付方式": "payment_method", "当前状态": "status", "交易单号": "order_id", "备注": "notes"}),
    "cn_customer_list.csv": ("people", "utf-8-sig", {"客户姓名": "name", "手机号": "phone", "邮箱": "email", "公司": "company"}),
    "douyin_orders.csv": ("orders", "utf-8-sig", {
        "主订单编号": "order_id", "子订单编号": "line_id", "选购商品": "product_title", "订单应付金额": "total", "订单状态": "status", "售后状态": "refund_status"}),
    "google_contacts_2024.csv": ("people", "utf-8", {
        "First Name": "first_name", "Middle Name": "middle_name", "Last Name": "last_name", "Name Prefix": "name_prefix", "Name Suffix": "name_suffix",
        "Organization Name": "company", "Organization Title": "job_title", "Birthday": "birthday", "Notes": "notes", "Labels": "tags",
        "E-mail 1 - Value": "email", "E-mail 2 - Value": "email", "Phone 1 - Value": "phone", "Address 1 - Street": "address", "Address 1 - City": "city",
        "Address 1 - Region": "region", "Address 1 - Postal Code": "postal_code", "Address 1 - Country": "country", "Website 1 - Value": "website"}),
    "mailchimp_audience.csv": ("people", "utf-8", {
        "Email Address": "email", "First Name": "first_name", "Last Name": "last_name", "OPTIN_TIME": "consent_at", "CONFIRM_TIME": "consent_at",
        "TAGS": "tags", "LEID": "customer_id"}),
    "outlook_contacts.csv": ("people", "utf-8", {
        "First Name": "first_name", "Middle Name": "middle_name", "Last Name": "last_name", "Title": "name_prefix", "Suffix": "name_suffix",
        "Web Page": "website", "Gender": "gender", "Birthday": "birthday", "Language": "language", "Notes": "notes", "E-mail Address": "email",
        "E-mail 2 Address": "email", "E-mail 3 Address": "email", "Primary Phone": "phone", "Home Phone": "phone", "Home Phone 2": "phone",
        "Mobile Phone": "phone", "Home Street": "address", "Home City": "city", "Home State": "region", "Home Postal Code": "postal_code",
        "Home Country": "country", "Business Phone": "phone", "Company": "company", "Job Title": "job_title", "Business City": "city",
        "Business Country": "country", "Categories": "tags", "Keywords": "tags"}),
    "shopify_orders.csv": ("order_lines", "utf-8", {
        "Name": "order_id", "Email": "email", "Financial Status": "status", "Paid at": "paid_at", "Accepts Marketing": "consent_email",
        "Currency": "currency", "Subtotal": "subtotal", "Shipping": "shipping_fee", "Taxes": "tax", "Total": "total", "Discount Code": "discount_code",
        "Discount Amount": "discount", "Created at": "ordered_at", "Lineitem quantity": "quantity", "Lineitem name": "product_title",
        "Lineitem price": "unit_price", "Lineitem sku": "sku", "Billing Name": "name", "Billing City": "city", "Billing Zip": "postal_code",
        "Billing Province": "region", "Billing Country": "country", "Billing Phone": "phone", "Shipping City": "city", "Notes": "notes",
        "Cancelled at": "cancelled_at", "Payment Method": "payment_method", "Refunded Amount": "refund", "Tags": "tags", "Source": "channel",
        "Lineitem discount": "line_discount", "Phone": "phone", "Outstanding Balance": "balance"}),
    "stripe_payments.csv": ("orders", "utf-8", {
        "id": "order_id", "Description": "product_title", "Created (UTC)": "ordered_at", "Amount": "amount", "Amount Refunded": "refund",
        "Currency": "currency", "Fee": "fee", "Tax": "tax", "Status": "status", "Customer ID": "customer_id", "Customer Email": "email",
        "Card Name": "name", "Card Address City": "city", "Card Address Country": "country"}),
    "taobao_orders_gbk.csv": ("orders", "gb18030", {
        "订单编号": "order_id", "买家会员名": "customer_id", "买家应付货款": "subtotal", "买家应付邮费": "shipping_fee", "总金额": "total",
        "买家实际支付金额": "amount", "订单状态": "status", "买家留言": "notes", "收货人姓名": "name", "收货地址": "address", "联系电话": "phone",
        "联系手机": "phone", "订单创建时间": "ordered_at", "订单付款时间": "paid_at", "宝贝标题": "product_title", "宝贝总数量": "quantity",
        "订单备注": "notes", "发票抬头": "company"}),
    "woocommerce_orders.csv": ("orders", "utf-8", {
        "order_id": "order_id", "order_date": "ordered_at", "order_status": "status", "customer_id": "customer_id", "billing_first_name": "first_name",
        "billing_last_name": "last_name", "billing_email": "email", "billing_phone": "phone", "billing_city": "city", "billing_state": "region",
        "billing_postcode": "postal_code", "billing_country": "country", "order_total": "total", "order_currency": "currency",
        "payment_method": "payment_method"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_each_column_maps_without_a_hand(shared_data: Path, name: str) -> None:
    kind, encoding, fields = SAMPLES[name]
    seen = preview(shared_data / "import_samples" / name)
    got = {c.column: c.field for c in seen.mapping.choices}
    assert (seen.kind, seen.encoding, {h: got.get(h) for h in fields}) == (kind, encoding, fields)


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_silently_dropped(shared_data: Path, name: str) -> None:
    got = collect(shared_data / "import_samples" / name, now=NOW)
    assert got.totals.read == got.totals.used + sum(got.totals.aside.values())
    assert got.rejects.num_rows == sum(got.totals.aside.values())


def test_preamble_is_kept_and_statement_rows_are_counted(shared_data: Path) -> None:
    alipay = collect(shared_data / "import_samples/alipay_bill_gbk.csv", now=NOW)
    assert len(alipay.preamble) > 15
    assert alipay.totals.read == 10
    assert alipay.totals.aside == {"transfer": 3, "expense": 4, "refund_of_expense": 2, "not_a_sale": 1}
    wechat = collect(shared_data / "import_samples/wechat_bill.csv", now=NOW)
    assert wechat.totals.read == 27
    assert wechat.totals.money_out == {"CNY": 2300 + 7 + 7 + 500}
    long = "160572459521071810106004542906137497131422937"
    assert long in wechat.facts["orders"].rows["id"].to_pylist()


def test_tab_prefixed_numbers_stay_text_and_masked_values_are_no_names(shared_data: Path) -> None:
    seen = preview(shared_data / "import_samples/douyin_orders.csv")
    by = {c.column: c.samples for c in seen.mapping.choices}
    assert by["达人ID"] == ("7592255573464597541",)
    assert by["主订单编号"] == ("9001", "9002", "9003")
    bill = collect(shared_data / "import_samples/alipay_bill_gbk.csv", now=NOW)
    assert bill.people.num_rows == 0  # every counterpart is masked


def test_douyin_orders_come_in_once_a_date_is_given(shared_data: Path) -> None:
    wish = {"constants": {"ordered_at": "2024-03-05"}}
    got = collect(shared_data / "import_samples/douyin_orders.csv", now=NOW, mapping=wish)
    rows = got.facts["orders"].rows.select(["id", "kind", "amount"]).to_pylist()
    assert rows == [
        {"id": "9001", "kind": "sale", "amount": 2990}, {"id": "9002", "kind": "sale", "amount": 4990},
        {"id": "9003", "kind": "sale", "amount": 2990}, {"id": "9003#refund", "kind": "refund", "amount": -2990},
    ]  # fmt: skip


def test_people_of_the_contact_files(shared_data: Path) -> None:
    folder = shared_data / "import_samples"
    google = collect(folder / "google_contacts_2024.csv", now=NOW).people.to_pylist()[0]
    assert (google["name"], google["email"], google["other_emails"], google["company"], google["country"]) == (
        "Grace Brewster Hopper", "grace@navy.example", ["grace@example.com"], "US Navy", "USA")  # fmt: skip
    mailchimp = collect(folder / "mailchimp_audience.csv", now=NOW).people.to_pylist()
    assert [(p["external_id"], p["email"], p["tags"], p["consent_email"]) for p in mailchimp] == [
        ("1", "ada@lovelace.com", "vip, denver", True), ("2", "grace@hopper.com", None, None)]  # fmt: skip
    chinese = collect(folder / "cn_customer_list.csv", now=NOW).people.to_pylist()
    assert [(p["name"], p["phone"], p["company"]) for p in chinese] == [
        ("李四", "+8613900001111", "星河智造有限公司"), ("王五", "+8613700002222", "北辰咨询有限公司")]  # fmt: skip
    assert '"项目编号": "PRJ-2026-001"' in chinese[0]["fields"]


@pytest.mark.parametrize(
    ("name", "people"),
    [("John_Doe_ANDROID.vcf", 6), ("John_Doe_EVOLUTION.vcf", 1), ("John_Doe_GMAIL.vcf", 1), ("gmail-list.vcf", 3), ("rfc2426-example.vcf", 2),
     ("rfc6350-example.vcf", 1)],
)  # fmt: skip
def test_address_books(shared_data: Path, name: str, people: int) -> None:
    got = collect(shared_data / "import_samples/vcard" / name, now=NOW)
    assert (got.kind, got.format, got.totals.read, got.totals.used) == ("people", "vcard", people, people)


def test_vcard_values(shared_data: Path) -> None:
    folder = shared_data / "import_samples/vcard"
    evolution = collect(folder / "John_Doe_EVOLUTION.vcf", now=NOW).people.to_pylist()[0]
    assert (evolution["email"], evolution["phone"], evolution["company"], evolution["city"], evolution["tags"]) == (
        "john.doe@ibm.com", "+19056661234", "IBM", "Albaney", "VIP")  # fmt: skip
    rfc6350 = collect(folder / "rfc6350-example.vcf", now=NOW).people.to_pylist()[0]
    assert (rfc6350["phone"], rfc6350["other_phones"], rfc6350["language"]) == (
        "+14186569254;ext=102",
        ["+14182626501"],
        "fr",
    )
    android = collect(folder / "John_Doe_ANDROID.vcf", now=NOW).people.to_pylist()
    assert android[0]["email"] == "john.doe@company.com"
    assert android[2]["name"].startswith("Ñ Ñ")
