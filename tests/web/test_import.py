"""Files brought in whole: counted, reconciled to the minor unit, the same file again changes nothing."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from django.apps import apps

from regulars import tables
from regulars.collect.problems import ImportProblem
from regulars.web.audit.models import Entry
from regulars.web.bridge.imports import import_file
from regulars.web.bridge.lake import lake
from regulars.web.deals.models import Deal
from regulars.web.imports.models import ImportRun
from regulars.web.people.models import Company, Identity, Person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
# What a run writes about itself; everything else is the company.
LOG = (ImportRun, Entry)


def bring(home, path, **wishes):
    return import_file(home, Path(path), now=NOW, actor="test", **wishes)


def book():
    """Every row of the book but the logs."""
    ours = [m for m in apps.get_models() if m.__module__.startswith("regulars.") and m not in LOG]
    return {m._meta.label: sorted(repr(r) for r in m.objects.values_list()) for m in ours}


def stored():
    """How many rows each table of the lake has, and its version."""
    counts = {name: lake().table(name).count().to_pyarrow().as_py() for name in tables.TABLES}
    return counts, lake().version()


def tallies(answer):
    names = (
        "read",
        "used",
        "created",
        "updated",
        "unchanged",
        "set_aside",
        "aside",
        "money_in",
        "money_stored",
        "tables",
    )
    return {n: answer[n] for n in names}


def sums(source, **where):
    """Money of the orders that hold now, by currency."""
    rows = lake().current("orders")
    rows = rows.filter(rows.source == source)
    for column, value in where.items():
        rows = rows.filter(rows[column] == value)
    found = rows.group_by("currency").agg(amount=rows.amount.sum()).to_pyarrow().to_pylist()
    return {r["currency"]: r["amount"] for r in found}


def write(path, rows, *, delimiter=",", encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def reconciled(answer):
    assert answer["read"] == answer["used"] + answer["set_aside"]
    assert answer["set_aside"] == sum(answer["aside"].values())
    assert set(answer["money_in"]) == set(answer["money_stored"])
    for currency, exact in answer["money_in"].items():
        unit = Decimal(1).scaleb(-tables.currency_digits(currency))
        assert abs(Decimal(exact) - answer["money_stored"][currency] * unit) < unit
    if answer["money_stored"]:
        assert sums(answer["source"]) == answer["money_stored"]


# --- real files -------------------------------------------------------------------------

REAL = {
    "tmall_orders/tmall_order_report_odd.csv.gz": ("orders", "Asia/Shanghai", "CNY", 14005),
    "cdnow_sample/cdnow_transactions_sample.csv.gz": ("orders", "America/New_York", "USD", 6919),
    "olist_funnel/qualified_leads.csv.gz": ("people", "America/Sao_Paulo", "BRL", 8000),
    "crm_pipeline/sales_pipeline.csv": ("deals", "UTC", "USD", 8800),
    "crm_pipeline/accounts.csv": ("people", "UTC", "USD", 85),
    "mmm_robyn/dt_simulated_weekly.csv": ("spend", "UTC", "EUR", 208),
    "import_samples/alipay_bill_gbk.csv": ("orders", "Asia/Shanghai", "CNY", 10),
    "import_samples/cn_customer_list.csv": ("people", "Asia/Shanghai", "CNY", 2),
    "import_samples/douyin_orders.csv": ("orders", "Asia/Shanghai", "CNY", 3),
    "import_samples/google_contacts_2024.csv": ("people", "Asia/Shanghai", "CNY", 1),
    "import_samples/mailchimp_audience.csv": ("people", "Asia/Shanghai", "CNY", 2),
    "import_samples/outlook_contacts.csv": ("people", "Asia/Shanghai", "CNY", 0),
    "import_samples/shopify_orders.csv": ("order_lines", "Asia/Shanghai", "CNY", 0),
    "import_samples/stripe_payments.csv": ("orders", "Asia/Shanghai", "CNY", 0),
    "import_samples/taobao_orders_gbk.csv": ("orders", "Asia/Shanghai", "CNY", 0),
    "import_samples/wechat_bill.csv": ("orders", "Asia/Shanghai", "CNY", 27),
    "import_samples/woocommerce_orders.csv": ("orders", "Asia/Shanghai", "CNY", 0),
    "import_samples/vcard/John_Doe_ANDROID.vcf": ("people", "Asia/Shanghai", "CNY", 6),
    "import_samples/vcard/John_Doe_EVOLUTION.vcf": ("people", "Asia/Shanghai", "CNY", 1),
    "import_samples/vcard/John_Doe_GMAIL.vcf": ("people", "Asia/Shanghai", "CNY", 1),
    "import_samples/vcard/gmail-list.vcf": ("people", "Asia/Shanghai", "CNY", 3),
    "import_samples/vcard/rfc2426-example.vcf": ("people", "Asia/Shanghai", "CNY", 2),
    "import_samples/vcard/rfc6350-example.vcf": ("people", "Asia/Shanghai", "CNY", 1),
}


@pytest.mark.shared_data
@pytest.mark.parametrize("name", REAL)
def test_a_trial_predicts_the_run_and_the_second_run_changes_nothing(home, shared_data, name):
    kind, zone, currency, read = REAL[name]
    home.change(zone=zone, currency=currency)
    path = shared_data / name
    empty = book(), stored()
    trial = bring(home, path, dry_run=True)
    assert (book(), stored()) == empty
    real = bring(home, path)
    assert tallies(trial) == tallies(real)
    assert (real["kind"], real["read"]) == (kind, read)
    reconciled(real)
    full = book(), stored()
    for dry_run in (False, False, True) if read < 500 else (False,):
        again = bring(home, path, dry_run=dry_run)
        assert (again["created"], again["updated"]) == (0, 0)
        assert again["unchanged"] == real["created"] + real["unchanged"]
        assert (book(), stored()) == full


@pytest.mark.shared_data
@pytest.mark.slow
def test_a_shop_of_half_a_million_lines_is_exact_to_the_penny(home, shared_data):
    home.change(zone="Europe/London", currency="GBP")
    path = shared_data / "online_retail_uk/online_retail.parquet"
    raw = pq.read_table(path, columns=["Quantity", "UnitPrice"]).to_pydict()
    direct = sum(q * Decimal(repr(p)) for q, p in zip(raw["Quantity"], raw["UnitPrice"], strict=True))
    answer = bring(home, path)
    reconciled(answer)
    assert answer["money_in"] == {"GBP": str(direct)}
    assert sums("online_retail") == {"GBP": int((direct * 100).to_integral_value())}
    # The publisher counts 541,909 lines, 25,900 invoices and 4,372 customers.
    assert Person.objects.count() == 4372
    before = stored()
    assert (before[0]["orders"], before[0]["order_lines"]) == (25_900, 541_909)
    again = bring(home, path)
    assert (again["created"], again["updated"]) == (0, 0)
    assert stored() == before


@pytest.mark.shared_data
def test_tmall_money_agrees_with_a_sum_by_hand(home, shared_data):
    path = shared_data / "tmall_orders/tmall_order_report_odd.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as file:
        rows = [{k.strip(): v.strip() for k, v in r.items()} for r in csv.DictReader(file)]
    fen = {c: sum(int(Decimal(r[c]) * 100) for r in rows) for c in ("买家实际支付金额", "退款金额", "总金额")}
    answer = bring(home, path)
    assert answer["money_stored"] == {"CNY": fen["买家实际支付金额"]}
    assert sums(answer["source"], kind="refund") == {"CNY": -fen["退款金额"]}
    orders = lake().current("orders").to_pyarrow().to_pylist()
    sales = [o for o in orders if o["kind"] == "sale"]
    assert Counter(o["status"] for o in sales)["paid"] == sum(1 for r in rows if r["订单付款时间"])
    assert sum(o["ordered"] for o in sales) == fen["总金额"]


@pytest.mark.shared_data
def test_deals_find_the_leads_they_came_from(home, shared_data):
    home.change(zone="America/Sao_Paulo", currency="BRL")
    leads = bring(home, shared_data / "olist_funnel/qualified_leads.csv.gz")
    deals = bring(home, shared_data / "olist_funnel/closed_deals.csv.gz")
    assert (leads["created"], Person.objects.count()) == (8000, 8000)
    assert deals["tables"]["people"]["created"] == 0
    with gzip.open(shared_data / "olist_funnel/closed_deals.csv.gz", "rt", encoding="utf-8") as file:
        won = [r["mql_id"] for r in csv.DictReader(file)]
    with gzip.open(shared_data / "olist_funnel/qualified_leads.csv.gz", "rt", encoding="utf-8") as file:
        origin = {r["mql_id"]: r["origin"] for r in csv.DictReader(file)}
    linked = Deal.objects.filter(type="won", person__identities__kind="external_id")
    found = dict(linked.values_list("person__identities__value", "person__channel"))
    assert {v.partition(":")[2] for v in found} == set(won)
    assert all(found[f"*:{mql}"] == origin[mql] for mql in won if origin[mql])
    # The folder's README: 12.3 % of 1,586 leads from paid search became deals.
    paid = Person.objects.filter(channel="paid search")
    assert paid.count() == 1586
    assert paid.filter(deals__type="won").distinct().count() / 1586 == pytest.approx(0.123, abs=0.0005)


@pytest.mark.shared_data
def test_a_pipeline_keeps_its_companies_and_its_value(home, shared_data):
    home.change(zone="UTC", currency="USD")
    accounts = bring(home, shared_data / "crm_pipeline/accounts.csv")
    assert Company.objects.count() == accounts["read"] == 85
    bring(home, shared_data / "crm_pipeline/sales_pipeline.csv")
    assert Company.objects.count() == 85
    with (shared_data / "crm_pipeline/sales_pipeline.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert Deal.objects.filter(company=None).count() == sum(1 for r in rows if not r["account"])
    won = Deal.objects.filter(type="won").values_list("amount", flat=True)
    assert (len(won), sum(won)) == (4238, 1_000_553_400)  # published: 10,005,534 USD


# --- files made here --------------------------------------------------------------------

HEADER, *ORDERS = (
    tuple(line.split(","))
    for line in """\
订单号,下单时间,付款时间,姓名,手机号,邮箱,实付金额,退款金额,订单状态,渠道
A-1001,2026-03-05 10:15:00,2026-03-05 10:16:00,李梅,13900001111,li@shop.cn,128.00,0.00,交易成功,小红书
A-1002,2026-03-06 21:40:00,2026-03-06 21:41:00,王小明,13900002222,wang@shop.cn,59.90,9.90,交易成功,抖音
A-1003,2026-03-07 08:00:00,2026-03-07 08:02:00,李梅,13900001111,li@shop.cn,1288.50,0.00,交易成功,小红书
A-1004,2026-03-08 09:30:00,,陈静,13900003333,chen@shop.cn,0.00,0.00,等待买家付款,抖音""".splitlines()
)


def as_xlsx(path, rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def as_jsonl(path, rows):
    lines = [json.dumps(dict(zip(rows[0], r, strict=True)), ensure_ascii=False) for r in rows[1:]]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def as_gz(path, rows):
    plain = write(path.with_name("plain.csv"), rows)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


SHAPES = {
    "orders.tsv": lambda p, r: write(p, r, delimiter="\t"),
    "semicolon.csv": lambda p, r: write(p, r, delimiter=";"),
    "gbk.csv": lambda p, r: write(p, r, encoding="gb18030"),
    "bom.csv": lambda p, r: write(p, r, encoding="utf-8-sig"),
    "utf16.csv": lambda p, r: write(p, r, delimiter="\t", encoding="utf-16"),
    "orders.csv.gz": as_gz,
    "orders.xlsx": as_xlsx,
    "orders.jsonl": as_jsonl,
}


@pytest.fixture
def shop(home, tmp_path):
    """Four orders of three people, brought in from a plain CSV file."""
    return bring(home, write(tmp_path / "shop.csv", [HEADER, *ORDERS]), source="shop")


def test_a_small_shop_by_hand(shop):
    assert (shop["kind"], shop["read"], shop["used"], shop["set_aside"]) == ("orders", 4, 4, 0)
    reconciled(shop)
    rows = lake().current("orders").to_pyarrow().to_pylist()
    assert {(r["id"], r["kind"], r["status"]) for r in rows} == {
        ("A-1001", "sale", "paid"), ("A-1002", "sale", "paid"), ("A-1003", "sale", "paid"),
        ("A-1004", "sale", "unpaid"), ("A-1002#refund", "refund", "paid"),
    }  # fmt: skip
    people = {p.name: p for p in Person.objects.all()}
    assert set(people) == {"李梅", "王小明", "陈静"}
    assert (people["李梅"].phone, people["李梅"].email, people["李梅"].channel) == (
        "+8613900001111",
        "li@shop.cn",
        "小红书",
    )
    mine = [r for r in rows if r["customer"] == people["李梅"].key]
    assert sum(r["amount"] for r in mine) == 12_800 + 128_850
    # Paid at 10:16 in Shanghai, which is 02:16 UTC, on the same day of the company.
    assert {(r["at"], r["day"].isoformat()) for r in mine if r["id"] == "A-1001"} == {
        (datetime(2026, 3, 5, 2, 16, tzinfo=UTC), "2026-03-05")
    }


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_the_same_table_is_the_same_table(home, tmp_path, shop, name):
    before = book(), stored()
    answer = bring(home, SHAPES[name](tmp_path / name, [HEADER, *ORDERS]), source="shop")
    assert (answer["read"], answer["created"], answer["updated"]) == (4, 0, 0)
    assert answer["money_in"].keys() == {"CNY"}
    assert answer["money_stored"] == shop["money_stored"]
    assert (book(), stored()) == before


def test_a_changed_file_corrects_what_is_stored(home, tmp_path, shop):
    changed = [list(r) for r in ORDERS]
    changed[0][6] = "118.00"
    changed[3][2], changed[3][6], changed[3][8] = "2026-03-08 09:45:00", "66.60", "交易成功"
    changed.append(("A-1005", "2026-03-09 10:00:00", "2026-03-09 10:01:00", "陈静", "13900003333", "chen@shop.cn",
                    "10.00", "0.00", "交易成功", "抖音"))  # fmt: skip
    path = write(tmp_path / "shop2.csv", [HEADER, *changed])
    trial = bring(home, path, source="shop", dry_run=True)
    answer = bring(home, path, source="shop")
    assert tallies(trial) == tallies(answer)
    assert (answer["tables"]["orders"]["created"], answer["tables"]["orders"]["updated"]) == (1, 2)
    reconciled(answer)
    raw = lake().table("orders").to_pyarrow().to_pylist()
    assert sum(r["kind"] == "void" for r in raw) == 2
    # Voids turn the sign round, so a sum over everything ever stored is right as well.
    assert sum(r["amount"] for r in raw) == answer["money_stored"]["CNY"]
    assert sorted(r["revision"] for r in raw if r["id"] == "A-1001" and r["kind"] == "sale") == [0, 1]
    back = bring(home, write(tmp_path / "shop3.csv", [HEADER, *ORDERS]), source="shop")
    assert back["tables"]["orders"]["updated"] == 2
    assert sums("shop")["CNY"] == shop["money_stored"]["CNY"] + 1_000  # the fifth order is not in this file


def test_an_email_and_one_column_blank_nothing(home, tmp_path, shop):
    known = {p.key: p for p in Person.objects.all()}
    path = write(
        tmp_path / "cities.csv",
        [("邮箱", "城市"), ("li@shop.cn", "上海"), ("wang@shop.cn", ""), ("chen@shop.cn", "北京")],
    )
    trial = bring(home, path, dry_run=True)
    answer = bring(home, path)
    assert tallies(trial) == tallies(answer)
    assert answer["tables"]["people"] == {"created": 0, "updated": 2, "unchanged": 1, "to_review": 0}
    for person in Person.objects.all():
        before = known[person.key]
        assert (person.name, person.phone, person.email, person.channel, person.stage, person.market) == (
            before.name, before.phone, before.email, before.channel, before.stage, before.market
        )  # fmt: skip
    assert dict(Person.objects.values_list("name", "city")) == {"李梅": "上海", "王小明": "", "陈静": "北京"}


def test_a_person_typed_in_by_hand_is_found(home, tmp_path):
    Person.objects.create(
        key="byhand000001", name="李梅", email="li@shop.cn", source="owner", created_at=NOW, updated_at=NOW
    )
    Identity.objects.create(kind="email", value="li@shop.cn", person_id="byhand000001", source="owner", created_at=NOW)
    path = write(tmp_path / "shop.csv", [HEADER, *ORDERS])
    trial = bring(home, path, source="shop", dry_run=True)
    answer = bring(home, path, source="shop")
    assert tallies(trial) == tallies(answer)
    assert answer["tables"]["people"]["created"] == 2
    assert Person.objects.filter(name="李梅").count() == 1


def test_values_longer_than_the_book_keeps_are_no_change_the_second_time(home, tmp_path):
    rows = [("姓名", "邮箱", "城市", "国家", "渠道"), ("长" * 300, "long@shop.cn", "市" * 150, "国" * 90, "渠" * 140)]
    path = write(tmp_path / "long.csv", rows)
    bring(home, path)
    again = bring(home, path)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 1)


def test_rows_set_aside_can_be_mended_and_brought_in(home, tmp_path):
    bad = [list(r) for r in ORDERS]
    bad[1][1] = bad[1][2] = "上周二"
    bad[2][6] = "很多"
    answer = bring(home, write(tmp_path / "shop.csv", [HEADER, *bad]), source="shop")
    reconciled(answer)
    assert (answer["used"], answer["set_aside"]) == (2, 2)
    with open(answer["rejects"], encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == [*HEADER, "_row", "_reason", "_detail"]
    assert [r[: len(HEADER)] for r in rows] == [bad[1], bad[2]]
    assert [r[len(HEADER)] for r in rows] == ["3", "4"]
    assert all(r[-2] for r in rows)
    rows[0][1], rows[0][2], rows[1][6] = ORDERS[1][1], ORDERS[1][2], ORDERS[2][6]
    mended = bring(home, write(tmp_path / "mended.csv", [header, *rows]), source="shop")
    assert (mended["used"], mended["set_aside"], mended["tables"]["orders"]["updated"]) == (2, 0, 0)
    whole = {name: rows for name, rows in book().items() if name != "people.Person"}
    orders = sorted(map(str, lake().current("orders").drop("recorded_at").to_pyarrow().to_pylist()))
    again = bring(home, write(tmp_path / "whole.csv", [HEADER, *ORDERS]), source="shop")
    assert (again["created"], again["updated"]) == (0, 0)
    assert {name: rows for name, rows in book().items() if name != "people.Person"} == whole
    assert sorted(map(str, lake().current("orders").drop("recorded_at").to_pyarrow().to_pylist())) == orders


def test_mended_people_carry_no_word_of_the_program(home, tmp_path):
    rows = [
        ("姓名", "邮箱", "生日愿望"),
        ("李梅", "li@shop.cn", "茶"),
        ("", "", "无名"),
        ("王小明", "wang@shop.cn", "书"),
    ]
    answer = bring(home, write(tmp_path / "list.csv", rows), as_kind="people")
    assert answer["aside"] == {"no_identity": 1}
    with open(answer["rejects"], encoding="utf-8-sig", newline="") as file:
        header, row = csv.reader(file)
    row[0], row[1] = "陈静", "chen@shop.cn"
    bring(home, write(tmp_path / "mended.csv", [header, row]), as_kind="people", source="list")
    assert Person.objects.get(name="陈静").fields == {"生日愿望": "无名"}


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file_empty"), (b"left,right\nx,y\n", "kind_unclear"), (b"PK\x03\x04 not a sheet", None)],
)
def test_a_file_that_cannot_be_used_leaves_no_trace_but_its_run(home, tmp_path, content, code):
    path = tmp_path / "bad.xlsx" if code is None else tmp_path / "bad.csv"
    path.write_bytes(content)
    before = book(), stored()
    with pytest.raises(ImportProblem) as caught:
        bring(home, path)
    assert (book(), stored()) == before
    run = ImportRun.objects.get()
    assert run.state == "failed"
    assert run.problem["code"] == caught.value.code
    assert code in (None, caught.value.code)
    assert run.problem["what"]
    assert run.problem["remedy"]
    assert list(home.rejects_path.iterdir()) == []


def test_stopped_halfway_the_same_import_finishes_the_work(home, tmp_path, shop, monkeypatch):
    """The book is committed, the lake is not: as after a kill between the two."""
    line = "B-1,2026-04-01 10:00:00,2026-04-01 10:01:00,新人,13900004444,new@shop.cn,5.00,0.00,交易成功,抖音"
    fresh = [HEADER, line.split(",")]
    path = write(tmp_path / "new.csv", fresh)

    def broken(*_):
        raise OSError("disk full")

    monkeypatch.setattr(type(lake()), "append", broken)
    with pytest.raises(OSError, match="disk full"):
        bring(home, path, source="shop")
    assert ImportRun.objects.order_by("-id").first().state == "failed"
    monkeypatch.undo()
    answer = bring(home, path, source="shop")
    assert answer["tables"]["orders"]["created"] == 1
    assert Person.objects.filter(name="新人").count() == 1
    assert sums("shop")["CNY"] == shop["money_stored"]["CNY"] + 500
