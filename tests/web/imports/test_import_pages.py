"""A file goes through five steps: looked at, mapped, tried, imported, reconciled; bad files are refused in words."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from regulars.web.bridge.lake import lake
from regulars.web.imports import uploads
from regulars.web.imports.models import ImportRun
from regulars.web.imports.services import import_start, import_wish
from regulars.web.jobs import registry  # noqa: F401  (registers every job)
from regulars.web.jobs.services import job_claim, job_run
from regulars.web.people.models import Person

ORDERS = (
    "订单编号,下单时间,姓名,邮箱,实付金额,颜色\n"
    "A1,2026-01-05 10:00:00,李梅,li@example.com,120.50,红\n"
    "A2,2026-01-06 11:00:00,王伟,wang@example.com,80.00,蓝\n"
    "A3,不知道,赵丽,zhao@example.com,10.00,=1+1\n"
)


def file(text, name="订单.csv"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def send(client, *files, language="zh-hans", **headers):
    client.cookies["regulars_language"] = language
    return client.post("/collect/imports/upload/", {"file": list(files)}, headers=headers)


def get(client, address, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


def work():
    """Do the jobs in line as the worker does."""
    while job := job_claim():
        job_run(job)


def uploaded(owner, text=ORDERS, name="订单.csv"):
    answer = send(owner, file(text, name))
    assert answer.status_code == 302, answer.content.decode()[-500:]
    return ImportRun.objects.order_by("-id").first()


def start(owner, run, verb="check"):
    owner.cookies["regulars_language"] = "zh-hans"
    owner.post(f"/collect/imports/{run.uid}/start/", {"verb": verb})
    work()
    run.refresh_from_db()
    return run


def test_the_file_lies_in_the_home_under_our_own_name(owner, home):
    run = uploaded(owner, name="../../etc/订单 一月.csv")
    assert run.file_name == "订单 一月.csv"
    path = home.path / run.path
    assert path.parent == home.uploads_path
    assert path.name == f"{run.uid}.csv"
    assert path.read_text("utf-8") == ORDERS
    assert len(run.sha256) == 64
    assert [p.name for p in home.uploads_path.iterdir()] == [path.name]


def test_columns_show_field_samples_and_reason_in_both_languages(owner, home):
    run = uploaded(owner)
    page = get(owner, f"/collect/imports/{run.uid}/")
    assert "表头就是这么写的。" in page
    assert "li@example.com" in page
    assert "1 列未使用" in page
    page = get(owner, f"/collect/imports/{run.uid}/", "en")
    assert "The header says so." in page
    assert "1 column not used" in page
    assert "Nothing known fits this header." in page


def test_a_change_is_kept_and_shown_at_once(owner, home):
    run = uploaded(owner)
    names = ORDERS.splitlines()[0].split(",")
    form = {"kind": "orders", "was_kind": "orders", "source": "shop"}
    for i, name in enumerate(names):
        form |= {f"column:{i}": name, f"was:{i}": "", f"field:{i}": "notes" if name == "颜色" else ""}
    owner.cookies["regulars_language"] = "zh-hans"
    answer = owner.post(f"/collect/imports/{run.uid}/mapping/", form, headers={"HX-Request": "true"})
    assert "你选的。" in answer.content.decode()
    run.refresh_from_db()
    assert run.mapping["wishes"]["columns"] == {"颜色": "notes"}
    assert run.source == "shop"
    owner.post(f"/collect/imports/{run.uid}/mapping/", {"verb": "forget"})
    run.refresh_from_db()
    assert run.mapping == {}


def test_trial_then_import_give_the_same_counts_and_the_trial_stores_nothing(owner, home):
    run = start(owner, uploaded(owner))
    tried = dict(run.counts)
    assert run.dry_run
    assert Person.objects.count() == 0
    assert lake().table("orders").count().execute() == 0
    page = get(owner, f"/collect/imports/{run.uid}/")
    assert "还没有存储任何东西" in page
    assert "日期无法识别" in page
    start(owner, run, "import")
    assert not run.dry_run
    assert {k: run.counts[k] for k in ("read", "created", "updated", "unchanged", "set_aside")} == {
        k: tried[k] for k in ("read", "created", "updated", "unchanged", "set_aside")
    }
    assert Person.objects.filter(email="li@example.com").count() == 1
    assert lake().table("orders").count().execute() == 2
    page = get(owner, f"/collect/imports/{run.uid}/")
    assert run.counts["money_stored"] == {"CNY": 20050}
    assert "CNY 200.50" in page
    assert "分毫不差" in page
    assert "转动飞轮" in page


def test_the_same_file_again_changes_nothing(owner, home):
    run = start(owner, start(owner, uploaded(owner)), "import")
    owner.post(f"/collect/imports/{run.uid}/again/")
    again = ImportRun.objects.order_by("-id").first()
    assert again.uid != run.uid
    start(owner, again)
    assert (again.counts["created"], again.counts["updated"]) == (0, 0)
    assert again.counts["unchanged"] > 0


def test_a_file_with_known_columns_keeps_source_and_wishes(owner, home):
    run = uploaded(owner)
    import_wish(run.uid, kind="orders", was_kind="orders", fields={"颜色": "notes"}, reading={}, source="shop")
    start(owner, start(owner, run), "import")
    later = uploaded(owner, ORDERS.replace("A2,", "A9,"), "订单二月.csv")
    assert later.source == "shop"
    assert later.mapping["wishes"]["columns"] == {"颜色": "notes"}
    start(owner, later)
    assert later.counts["tables"]["orders"]["created"] == 1
    assert later.counts["tables"]["orders"]["unchanged"] == 1


def test_rows_set_aside_come_back_without_formulas(owner, home):
    run = start(owner, uploaded(owner))
    answer = owner.get(f"/collect/imports/{run.uid}/rejects/")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    head, row = list(csv.reader(io.StringIO(text)))
    assert head[-3:] == ["_row", "_reason", "_detail"]
    assert row[5] == "'=1+1"
    assert row[4] == "10.00"
    assert owner.get("/collect/imports/nothing/rejects/").status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"%PDF-1.4 fake", "订单.csv", "这是 PDF 文件，不是表格。"),
        ("订单编号,下单时间,金额\n", "空.csv", "文件有表头，但没有数据行。"),
        (b"\x89PNG\r\n\x1a\n0000", "a.csv", "这是 PNG 文件，不是表格。"),
        (b"PK\x03\x04broken", "a.xlsx", "文件损坏或被锁定。"),
    ],
)
def test_files_that_cannot_be_used_say_why_and_what_to_do(owner, home, content, name, said):
    run = uploaded(owner, content, name)
    page = get(owner, f"/collect/imports/{run.uid}/")
    assert said in page
    assert "统计会有哪些变化" not in page.split("</ol>")[-1]


def test_an_empty_upload_is_refused(owner, home):
    answer = send(owner, file(b"", "empty.csv"))
    assert answer.status_code == 422
    assert "文件是空的。" in answer.content.decode()
    assert send(owner).status_code == 422
    assert ImportRun.objects.count() == 0
    answer = send(owner, file(b"", "empty.csv"), language="en", **{"HX-Request": "true"})
    assert "The file is empty." in answer.content.decode()


def test_a_file_over_the_limit_is_refused_and_not_kept(owner, home, monkeypatch):
    monkeypatch.setattr(uploads, "LIMIT", 100_000)
    answer = send(owner, file(b"a,b\n" * 60_000, "large.csv"))
    assert answer.status_code == 413
    assert list(home.uploads_path.iterdir()) == []
    monkeypatch.setattr(uploads, "LIMIT", 150_000)
    answer = send(owner, file(b"a,b\n" * 45_000, "large.csv"))
    assert answer.status_code == 413
    assert list(home.uploads_path.iterdir()) == []


def test_several_files_at_once(owner, home):
    answer = send(owner, file(ORDERS), file("姓名,手机号\n李四,13900001111\n", "人.csv"))
    assert answer.url == "/collect/imports/"
    assert ImportRun.objects.count() == 2
    page = get(owner, "/collect/imports/")
    assert "人.csv" in page
    answer = send(owner, file(ORDERS), **{"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/collect/imports/")


def test_strangers_and_forged_forms(client, owner, home):
    run = uploaded(owner)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.cookies
    assert strict.post("/collect/imports/upload/", {"file": file(ORDERS)}).status_code == 403
    client.logout()
    for address in ("/collect/imports/", f"/collect/imports/{run.uid}/"):
        assert client.get(address).url.startswith("/login/")
    assert client.post("/collect/imports/upload/", {"file": file(ORDERS)}).url.startswith("/login/")
    assert ImportRun.objects.count() == 1


def test_a_stopped_import_says_so_and_can_go_on(owner, home):
    run = uploaded(owner)
    job = import_start(run.uid, dry_run=True, by="owner", language="zh-hans")
    assert "试运行" in get(owner, f"/collect/imports/{run.uid}/")
    owner.post(f"/jobs/{job.uid}/cancel/")
    assert "试运行已停止。" in get(owner, f"/collect/imports/{run.uid}/")
    start(owner, run)
    assert run.counts["created"] > 0
    job = import_start(run.uid, dry_run=False, by="owner", language="zh-hans")
    owner.post(f"/jobs/{job.uid}/cancel/")
    assert "导入在结束前被停止。" in get(owner, f"/collect/imports/{run.uid}/")
    start(owner, start(owner, run), "import")
    assert Person.objects.filter(email="li@example.com").count() == 1


def test_what_broke_off_says_what_it_was(owner, home):
    run = uploaded(owner)
    problem = {"code": "stopped", "what": "disk full", "where": "x", "remedy": ""}
    ImportRun.objects.filter(uid=run.uid).update(state="failed", problem=problem)
    assert "导入没能完成：disk full" in get(owner, f"/collect/imports/{run.uid}/")


def test_the_pages_cost_a_fixed_number_of_queries(owner, home, django_assert_max_num_queries):
    assert "拖到" in get(owner, "/collect/imports/")
    run = start(owner, start(owner, uploaded(owner)), "import")
    for i in range(30):
        ImportRun.objects.create(uid=f"x{i}", file_name=f"{i}.csv", state="failed", source="s",
                                 created_at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip
    # session, user, the list; frame: job, turn, plan, imports
    with django_assert_max_num_queries(8):
        get(owner, "/collect/imports/")
    # session, user, run, its job, a turning wheel; frame: job, turn, plan, imports
    with django_assert_max_num_queries(10):
        get(owner, f"/collect/imports/{run.uid}/")


def test_collect_leads_to_imports(owner, home):
    assert owner.get("/collect/").url == "/collect/imports/"
