# ruff: noqa: E501
from __future__ import annotations

import pytest

from regulars.collect.headers import is_known, matches, normal
from regulars.collect.turn import preview

# Header lines of exports that are not among the samples: what each column must become.
EXPORTS: dict[str, tuple[str, dict[str, str]]] = {
    "jd": ("orders", {
        "订单号": "order_id", "商品ID": "sku", "商品名称": "product_title", "订购数量": "quantity", "支付方式": "payment_method",
        "下单时间": "ordered_at", "京东价": "", "订单金额": "total", "结算金额": "", "余额支付": "", "应付金额": "", "订单状态": "status",
        "下单帐号": "customer_id", "客户姓名": "name", "客户地址": "address", "联系电话": "phone", "付款确认时间": "paid_at"}),
    "pinduoduo": ("orders", {
        "商品": "product_title", "订单号": "order_id", "订单状态": "status", "商品总价(元)": "subtotal", "店铺优惠折扣(元)": "",
        "用户实付金额(元)": "amount", "商家实收金额(元)": "", "商品数量(件)": "quantity", "收货人": "name", "手机": "phone", "省": "region",
        "市": "city", "支付时间": "paid_at", "商品规格": "variant", "售后状态": "refund_status", "快递单号": "ignore"}),
    "youzan": ("order_lines", {
        "订单号": "order_id", "订单类型": "type", "订单状态": "status", "买家姓名": "name", "买家手机号": "phone", "订单实付金额": "amount",
        "商品名称": "product_title", "商品单价": "unit_price", "商品数量": "quantity", "订单创建时间": "ordered_at", "买家付款时间": "paid_at",
        "订单退款状态": "", "已退款金额": "refund", "归属店铺": ""}),
    "douyin_full": ("order_lines", {
        "主订单编号": "order_id", "子订单编号": "line_id", "选购商品": "product_title", "商品规格": "variant", "商品数量": "quantity",
        "商家编码": "sku", "商品单价": "unit_price", "订单应付金额": "total", "运费": "shipping_fee", "收件人": "name", "收件人手机号": "phone",
        "省": "region", "市": "city", "详细地址": "address", "买家留言": "notes", "订单提交时间": "ordered_at", "支付完成时间": "paid_at",
        "订单完成时间": "finished_at", "订单状态": "status", "售后状态": "refund_status"}),
    "wechat_shop": ("order_lines", {
        "订单号": "order_id", "下单时间": "ordered_at", "支付时间": "paid_at", "商品名称": "product_title", "商品编码": "sku", "商品价格": "unit_price",
        "商品数量": "quantity", "订单金额": "total", "实付金额": "amount", "收件人姓名": "name", "收件人手机": "phone", "openid": "wechat_id"}),
    "wechat_merchant": ("orders", {
        "交易时间": "ordered_at", "微信订单号": "order_id", "商户订单号": "", "用户标识": "", "交易类型": "type", "交易状态": "status",
        "货币种类": "currency", "应结订单金额": "", "代金券金额": "", "退款金额": "refund", "商品名称": "product_title", "手续费": "fee", "订单金额": "total"}),
    "paypal": ("orders", {
        "Date": "ordered_at", "Time": "", "TimeZone": "", "Name": "name", "Type": "type", "Status": "status", "Currency": "currency",
        "Gross": "amount", "Fee": "fee", "Net": "ignore", "From Email Address": "email", "To Email Address": "ignore",
        "Transaction ID": "order_id", "Item Title": "product_title", "Quantity": "quantity", "Balance": "balance"}),
    "square": ("orders", {
        "Date": "ordered_at", "Gross Sales": "ignore", "Discounts": "discount", "Net Sales": "ignore", "Tax": "tax", "Total Collected": "amount",
        "Transaction ID": "order_id", "Customer ID": "customer_id", "Customer Name": "name", "Payment ID": "ignore"}),
    "amazon": ("order_lines", {
        "amazon-order-id": "order_id", "purchase-date": "ordered_at", "order-status": "status", "product-name": "product_title", "sku": "sku",
        "quantity": "quantity", "currency": "currency", "item-price": "line_amount", "ship-city": "city", "ship-state": "region",
        "ship-postal-code": "postal_code", "ship-country": "country", "buyer-email": "email", "payments-date": "paid_at"}),
    "ebay": ("order_lines", {
        "Order Number": "order_id", "Buyer Username": "", "Buyer Name": "name", "Buyer Email": "email", "Item Title": "product_title",
        "Custom Label": "sku", "Quantity": "quantity", "Sold For": "unit_price", "Total Price": "amount", "Sale Date": "ordered_at",
        "Paid On Date": "", "Sales Record Number": "ignore", "Buyer Country": "country"}),
    "etsy": ("orders", {
        "Sale Date": "ordered_at", "Order ID": "order_id", "Full Name": "name", "Number of Items": "quantity", "Date Shipped": "", "Order Value": "",
        "Currency": "currency", "Ship City": "city", "Ship Country": "country", "Status": "status", "Order Total": "total"}),
    "german_shop": ("order_lines", {
        "Bestellnummer": "order_id", "Bestelldatum": "ordered_at", "Kundennummer": "customer_id", "E-Mail-Adresse": "email", "Artikel": "product_title",
        "Artikelnummer": "sku", "Menge": "quantity", "Einzelpreis": "unit_price", "Gesamtbetrag": "total", "Währung": "currency", "Ort": "city",
        "PLZ": "postal_code", "Vorname": "first_name", "Nachname": "last_name"}),
    "french_shop": ("orders", {
        "Numéro de commande": "order_id", "Date de commande": "ordered_at", "Nom du client": "name", "Adresse e-mail": "email", "Téléphone": "",
        "Montant total": "total", "Devise": "currency", "Statut": "status", "Ville": "city", "Pays": "country"}),
    "spanish_shop": ("orders", {
        "Número de pedido": "order_id", "Fecha de pedido": "ordered_at", "Cliente": "customer_id", "Correo electrónico": "email", "Teléfono": "phone",
        "Importe total": "total", "Moneda": "currency", "Estado": "", "Ciudad": "city"}),
    "japanese_shop": ("order_lines", {
        "注文番号": "order_id", "注文日時": "ordered_at", "注文者氏名": "name", "メールアドレス": "email", "電話番号": "phone", "商品名": "product_title",
        "数量": "quantity", "単価": "unit_price", "合計金額": "total"}),
    "traditional": ("orders", {
        "訂單編號": "order_id", "下單時間": "ordered_at", "會員編號": "customer_id", "手機號碼": "phone", "電子郵件": "email", "訂單金額": "total", "付款狀態": "status"}),
    "superstore": ("orders", {
        "Row ID": "", "Order ID": "order_id", "Order Date": "ordered_at", "Customer ID": "customer_id", "Customer Name": "name", "Segment": "market",
        "City": "city", "State": "region", "Postal Code": "postal_code", "Product ID": "sku", "Category": "", "Product Name": "product_title",
        "Sales": "amount", "Quantity": "quantity", "Discount": "discount"}),
    "hubspot_contacts": ("people", {
        "Record ID": "customer_id", "First Name": "first_name", "Last Name": "last_name", "Email": "email", "Phone Number": "phone",
        "Contact owner": "owner", "Lifecycle Stage": "stage", "Create Date": "created_at", "Associated Company": "company", "Original Source": "channel"}),
    "hubspot_deals": ("deals", {
        "Record ID": "deal_id", "Deal Name": "deal_title", "Deal Stage": "stage", "Close Date": "closed_at", "Deal owner": "owner", "Amount": "amount",
        "Pipeline": "pipeline", "Create Date": "opened_at"}),
    "salesforce_opportunities": ("deals", {
        "Opportunity ID": "deal_id", "Opportunity Name": "deal_title", "Account Name": "company", "Stage": "stage", "Amount": "amount",
        "Close Date": "closed_at", "Created Date": "opened_at", "Opportunity Owner": "owner", "Probability (%)": "probability", "Lead Source": "channel"}),
    "salesforce_leads": ("people", {
        "Lead ID": "customer_id", "First Name": "first_name", "Last Name": "last_name", "Company / Account": "company", "Email": "email",
        "Phone": "phone", "Lead Status": "stage", "Lead Source": "channel", "Has Opted Out of Email": "consent_no", "Create Date": "created_at"}),
    "xiaoshouyi_deals": ("deals", {
        "商机名称": "deal_title", "客户名称": "", "商机金额(元)": "amount", "销售阶段": "stage", "赢率": "probability", "预计成交日期": "expected_at",
        "负责人": "owner", "创建时间": "opened_at", "输单原因": "lost_reason"}),
    "youzan_members": ("people", {
        "客户姓名": "name", "手机号": "phone", "微信昵称": "name", "性别": "gender", "生日": "birthday", "会员等级": "tags", "注册时间": "created_at",
        "来源渠道": "channel", "所在城市": "city", "标签": "tags", "是否同意营销": "consent_email"}),
    "shopify_customers": ("people", {
        "Customer ID": "customer_id", "First Name": "first_name", "Last Name": "last_name", "Email": "email", "Accepts Email Marketing": "consent_email",
        "Default Address City": "", "Phone": "phone", "Total Spent": "", "Total Orders": "", "Note": "notes", "Tags": "tags"}),
    "facebook_ads": ("spend", {
        "Campaign name": "campaign", "Reporting starts": "at", "Reporting ends": "until", "Amount spent (USD)": "spend", "Impressions": "impressions",
        "Link clicks": "clicks", "Reach": "", "Results": "conversions"}),
    "google_ads": ("spend", {"Day": "at", "Campaign": "campaign", "Cost": "spend", "Clicks": "clicks", "Impr.": "impressions", "Currency code": "currency"}),
    "ocean_engine": ("spend", {"日期": "at", "渠道": "channel", "广告计划": "campaign", "消耗(元)": "spend", "展示数": "impressions", "点击数": "clicks", "转化数": "conversions"}),
    "survey": ("feedback", {"Response ID": "feedback_id", "Submitted At": "at", "Email": "email", "NPS Score": "score", "Comment": "text"}),
    "taobao_reviews": ("feedback", {"评价时间": "at", "买家昵称": "customer_id", "评分": "score", "评价内容": "text", "商品名称": "product_title"}),
    "zendesk": ("feedback", {"Ticket ID": "feedback_id", "Created at": "at", "Subject": "subject", "Status": "status", "Solved at": "solved_at",
                             "First reply time (minutes)": "first_response_s", "Satisfaction rating": "score"}),
    "stripe_subscriptions": ("subscriptions", {
        "id": "contract", "Customer ID": "customer_id", "Customer Email": "email", "Plan": "plan", "Quantity": "quantity", "Interval": "months",
        "Amount": "amount", "Status": "status", "Created (UTC)": "", "Start (UTC)": "started_at", "Canceled At (UTC)": "cancelled_at"}),
    "saas_events": ("events", {"user_id": "customer_id", "event_name": "event", "timestamp": "at", "properties": "", "session_id": "session"}),
    "app_events_zh": ("events", {"用户ID": "customer_id", "事件名称": "event", "发生时间": "at", "渠道": "channel"}),
}  # fmt: skip


def quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell else cell


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_of_other_platforms_map_without_a_hand(name: str) -> None:
    kind, fields = EXPORTS[name]
    seen = preview((",".join(quoted(h) for h in fields) + "\n").encode())
    got = {c.column: c.field for c in seen.mapping.choices}
    wrong = {h: (got[h], f) for h, f in fields.items() if f and got[h] != f}
    assert (seen.kind, wrong) == (kind, {})


def test_every_choice_says_why() -> None:
    seen = preview(b"Order ID,Order Date,Total,Customer E-mial,Shoe size\n1,2024-03-05,9.5,a@b.org,42\n")
    by = {c.column: c for c in seen.mapping.choices}
    assert by["Order ID"].why.startswith("exact")
    assert by["Customer E-mial"].field == "email"
    assert by["Shoe size"].field is None
    assert all(c.why for c in seen.mapping.choices)


def test_units_accents_scripts_and_numbers_do_not_matter() -> None:
    assert normal("金额（元）").bare == "金额"
    assert normal("Währung").key == normal("wahrung").key
    assert normal("訂單編號").key == "订单编号"
    assert normal("E-mail 2 Address").key == normal("email_7_address").key


def test_what_belongs_to_others_is_not_the_customers() -> None:
    for header in ("Manager's Name", "Spouse", "Product name", "Card Name Label", "销售员姓名", "Campaign name"):
        assert [m.field for m in matches(header, "people") if m.score > 0.5 and m.field == "name"] == []


def test_data_is_no_header() -> None:
    assert not any(is_known(t) for t in ("13900001111", "李四", "2024-03-05", "a@b.org", "29.33"))
