"""What we hold about a person: all of it written out, or all of it gone, and nobody else touched."""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.db import models
from tests.commands import Commands

from regulars.home import Home
from regulars.lake import Lake
from regulars.web.bridge.privacy import person_erase, person_export
from regulars.web.bridge.traces import marks_of
from regulars.web.intake.models import InboxEvent
from regulars.web.people.models import Identity, Person

NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)


# --- the export -------------------------------------------------------------------------


def filled(field, person, number):
    """A value a column accepts; a relation to a person is this person."""
    if field.is_relation:
        return person if field.related_model is Person else None
    if isinstance(field, models.DateTimeField):
        return NOW
    if isinstance(field, models.JSONField):
        return {}
    if isinstance(field, models.BooleanField):
        return True
    if isinstance(field, models.CharField | models.TextField):
        return f"v{number}"[: getattr(field, "max_length", None)]
    return number


def test_every_table_that_points_to_a_person_is_in_the_export(db, home, tmp_path):
    """Rows are made for every model of ours by its fields, so that a model made tomorrow is tested too."""
    person = Person.objects.create(key="exportme0001", name="李梅", source="t", created_at=NOW, updated_at=NOW)
    wanted = set()
    for number, model in enumerate(apps.get_models()):
        links = [f for f in model._meta.fields if f.is_relation and f.related_model is Person]
        if not links:
            continue
        needed = {f.name: filled(f, person, number) for f in model._meta.fields if not f.auto_created}
        for field in model._meta.fields:
            if field.is_relation and field.related_model is not Person and not field.null:
                parent = field.related_model
                needed[field.name] = parent.objects.create(
                    **{f.name: filled(f, person, number) for f in parent._meta.fields
                       if not f.auto_created and not (f.is_relation and f.null)}
                )  # fmt: skip
        model.objects.create(**{k: v for k, v in needed.items() if v is not None})
        wanted.add(model._meta.label_lower)
    assert {"people.identity", "outbox.message", "consents.consent", "deals.deal", "plans.planrow"} <= wanted
    path = person_export(home, person.key, tmp_path / "all.zip", by="test")
    with zipfile.ZipFile(path) as archive:
        book = json.loads(archive.read("person.json"))["book"]
        names = set(archive.namelist())
    missing = sorted(name for name in wanted if not book.get(name))
    assert not missing, f"not in the export: {missing}"
    assert {f"book/{name}.csv" for name in wanted} <= names
    assert path.stat().st_mode & 0o077 == 0


# --- the erasure ------------------------------------------------------------------------

NAME, MAIL, OTHER_MAIL, PHONE = "欧阳雪莉", "xueli.ouyang@lantern-tea.cn", "snow@private-mail.cn", "13677778888"
PEOPLE = [
    ("客户编号", "姓名", "邮箱", "备用邮箱", "手机号", "城市", "同意营销"),
    ("VIP-77120", NAME, MAIL, OTHER_MAIL, f"+86 {PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}", "杭州", "是"),
    *((f"C-{n}", f"顾客{n}号", f"c{n}@shop.cn", "", f"1390000{n:04d}", "上海", "是") for n in range(40)),
]
ORDERS = [
    ("订单号", "下单时间", "客户编号", "姓名", "手机号", "邮箱", "实付金额", "渠道"),
    *((f"A-{n}", f"2026-0{1 + n % 2}-{1 + n % 27:02d} 10:00:00", "VIP-77120", NAME, PHONE, MAIL, "88.00", "小红书")
      for n in range(6)),
    *((f"B-{n}", f"2026-0{1 + n % 2}-{1 + n % 27:02d} 11:00:00", f"C-{n % 40}", f"顾客{n % 40}号", "", "", "42.00",
       "抖音") for n in range(120)),
    ("X-1", "昨天", "", NAME, PHONE, "", "5.00", "小红书"),
    ("X-2", "昨天", "", "", "", MAIL.upper(), "5.00", "小红书"),
    ("X-3", "昨天", "C-3", "顾客3号", "", "", "5.00", "抖音"),
]  # fmt: skip


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def spellings(text):
    return {text.encode(), text.lower().encode(), text.upper().encode()}


def holding(home, words):
    """Files of the home that hold one of the words, as they lie on the disk or inside a zip or Parquet file."""
    found = {}
    for path in home.path.rglob("*"):
        if not path.is_file() or home.backups_path in path.parents:
            continue
        content = path.read_bytes()
        if path.suffix == ".parquet" and content:
            content += repr(pq.ParquetFile(path).read().to_pylist()).encode()
        hits = [w for w in words if w in content]
        if hits:
            found[path.relative_to(home.path).as_posix()] = hits
    return found


@pytest.fixture(scope="module")
def erased(tmp_path_factory):
    """A company that did everything with one person, and then erased them."""
    folder = tmp_path_factory.mktemp("privacy")
    home = Home(folder / "home")
    home.create(company="灯塔茶", zone="Asia/Shanghai", currency="CNY", holdout_share=0.0)
    run = Commands(home.path)
    said = {}

    def do(*arguments):
        answer = run("--json", *arguments)
        assert answer.code == 0, answer.err
        return answer.json

    try:
        people, orders = write(folder / "people.csv", PEOPLE), write(folder / "orders.csv", ORDERS)
        do("import", people, "--as", "people", "--source", "shop", "--now", "2026-03-01")
        said["orders"] = do("import", orders, "--source", "shop", "--now", "2026-03-01")
        do("loop", "--now", "2026-03-05T07:00")
        said["person"] = do("person", MAIL)
        key = said["person"]["key"]
        with sqlite3.connect(home.book_path) as book:
            book.execute("update people_person set note = ? where key = ?", (f"{NAME} 喜欢龙井", key))
            book.execute("update plans_planrow set person_id = ? where id = (select min(id) from plans_planrow where "
                         "kind = 'next_best')", (key,))  # fmt: skip
        book.close()
        do("plan", "approve")
        said["sent"] = do("send", "--now", "2026-03-05T10:00")
        do("export-person", key)
        do("report")
        said["others"] = totals(home, key)
        said["before"] = holding(home, {w for t in (NAME, MAIL, PHONE, key) for w in spellings(t)})
        said["proof"] = do("erase-person", key, "--yes")
        said["after"] = totals(home, key)
        said["left"] = holding(home, {w for t in (NAME, MAIL, OTHER_MAIL, PHONE, "VIP-77120") for w in spellings(t)})
        said["key_left"] = holding(home, {key.encode()})
        do("import", people, "--as", "people", "--source", "shop", "--now", "2026-03-06")
        do("loop", "--now", "2026-03-20T07:00")
        said["again"] = do("person", MAIL)
        with sqlite3.connect(home.book_path) as book:
            newest = "select uid from plans_plan order by made_at desc limit 1"
            book.execute(f"update plans_planrow set person_id = ? where id = (select min(id) from plans_planrow where "
                         f"kind = 'next_best' and plan_id = ({newest}))", (said["again"]["key"],))  # fmt: skip
        book.close()
        do("plan", "approve")
        do("send", "--now", "2026-03-20T10:00")
        with sqlite3.connect(home.book_path) as book:
            said["messages"] = book.execute("select state, reason from outbox_message where person_id = ?",
                                            (said["again"]["key"],)).fetchall()  # fmt: skip
        book.close()
        said["doctor"] = {f["key"]: f["colour"] for f in run("--json", "doctor").json}
    finally:
        run.stop()
    return home, key, said


def totals(home, key):
    """Sums of everybody else."""
    lake = Lake(home.lake_path)
    orders = lake.current("orders")
    orders = orders.filter(orders.customer.isnull() | (orders.customer != key))
    scores = lake.table("scores")
    rows = orders.aggregate(n=orders.count(), money=orders.amount.sum()).to_pyarrow().to_pylist()
    with sqlite3.connect(home.book_path) as book:
        people = book.execute("select count(*), group_concat(email) from (select * from people_person where key <> ?"
                              " order by key)", (key,)).fetchone()  # fmt: skip
        messages = book.execute("select count(*) from outbox_message where person_id <> ?", (key,)).fetchone()
    book.close()
    return rows, scores.filter(scores.customer != key).count().to_pyarrow().as_py(), people, messages


def test_they_were_everywhere(erased):
    _, _, said = erased
    where = set(said["before"])
    assert any(f.startswith("lake/orders/") for f in where)
    assert any(f.startswith("lake/scores/") for f in where)
    assert any(f.startswith("rejects/") for f in where)
    assert any(f.startswith("sandbox/") for f in where)
    assert {"book.sqlite3"} <= where | {f.removesuffix("-wal") for f in where}
    assert said["sent"]["counts"]["sandboxed"] > 1


def test_no_byte_of_the_person_is_left(erased):
    _, _, said = erased
    assert said["left"] == {}
    # The key alone says nothing; it may only stand in the audit log, which says that it was erased.
    assert set(said["key_left"]) <= {"book.sqlite3", "book.sqlite3-wal"}
    assert said["proof"]["clean"] is True
    assert said["proof"]["rows"] > 6
    assert said["proof"]["scrubbed"] >= 3


def test_everybody_else_is_as_before(erased):
    _, _, said = erased
    assert said["others"] == said["after"]
    # The row of somebody else that could not be used is still there to be mended.
    with open(said["orders"]["rejects"], encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    assert [r[0] for r in rows] == ["X-3"]


def test_the_address_stays_unreachable_when_the_person_comes_back(erased):
    _, key, said = erased
    assert said["again"]["key"] != key
    assert said["again"]["email"] == MAIL
    assert set(map(tuple, said["messages"])) == {("denied", "suppressed")}
    assert said["doctor"]["audit"] == "green"


def test_every_address_is_suppressed_and_other_facts_only_lose_the_name(db, home):
    from regulars.trust.suppression import Suppression
    from regulars.web.consents.queries import suppressed_hashes
    from regulars.web.intake.services import inbox_accept

    person = Person.objects.create(
        key="erasemeplz01",
        name="李梅",
        email="li@a.cn",
        phone="+8613900001111",
        source="t",
        created_at=NOW,
        updated_at=NOW,
    )
    for kind, value in (("email", "li@a.cn"), ("email", "li@b.cn"), ("phone", "+8613900001111")):
        Identity.objects.create(kind=kind, value=value, person=person, source="t", created_at=NOW)
    visit = {"at": NOW, "day": NOW.date(), "kind": "visit", "channel": "web"}
    brought = {**visit, "id": "2", "customer": "somebodyelse", "referrer": person.key}
    inbox_accept("touches", "site", [{**visit, "id": "1", "customer": person.key}, brought])
    person_erase(home, person.key, by="test")
    held = Suppression(home.key("suppression"), suppressed_hashes())
    assert held.has_many("email", ["li@a.cn", "LI@B.cn", "other@a.cn"]) == [True, True, False]
    waiting = InboxEvent.objects.get()
    assert (waiting.key, waiting.body["customer"], waiting.body["referrer"]) == ("2", "somebodyelse", None)


def test_marks_know_a_number_in_any_spelling(db):
    person = Person.objects.create(
        key="marksofmany1",
        name="李梅",
        email="li@a.cn",
        phone="+8613900001111",
        source="t",
        created_at=NOW,
        updated_at=NOW,
    )
    marks = marks_of(person)
    assert all(marks.on(t) for t in ("李梅", " 139 0000 1111", "0086-13900001111", "LI@A.CN", "<li@a.cn>"))
    assert not any(marks.on(t) for t in ("", "李梅梅", "13900001112", "王", str(NOW + timedelta(days=1))))
