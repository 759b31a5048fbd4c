"""Trust: the checklist, backups, data requests with proof, the audit log, model cards and settings."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from django.urls import reverse
from django.utils import timezone

from regulars.home import Settings
from regulars.lake import Lake
from regulars.web.audit.models import Entry
from regulars.web.audit.services import record
from regulars.web.cards.models import Card
from regulars.web.jobs.models import Job
from regulars.web.people.models import Identity, Person
from regulars.web.trust import cards, explained
from regulars.web.trust.backups import backup_path

PAGES = ("/trust/", "/trust/checks/", "/trust/backups/", "/trust/requests/", "/trust/audit/", "/trust/audit/check/",
         "/trust/models/", "/trust/settings/")  # fmt: skip


def get(client, address, language="zh-hans"):
    client.cookies["regulars_language"] = language
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_pages_open_for_the_owner_alone(client, company, address):
    from regulars.web.accounts.services import owner_ensure

    record("owner", "note_save", "x")
    assert client.get(address)["Location"].startswith("/login/")
    client.force_login(owner_ensure(), backend="django.contrib.auth.backends.ModelBackend")
    assert get(client, address) != get(client, address, "en")


@pytest.mark.parametrize("address", ["/trust/export/", "/trust/erase/", "/trust/backups/make/"])
def test_what_changes_or_hands_over_wants_a_post_and_a_token(owner, company, address):
    from django.test import Client

    assert owner.get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = owner.cookies
    assert strict.post(address, {"key": company["li_mei"], "typed": company["li_mei"]}).status_code == 403
    assert Person.objects.filter(key=company["li_mei"]).exists()


def test_the_checklist_shows_the_worst_first_with_a_way_on(owner, company):
    page = get(owner, "/trust/checks/")
    assert "需留意" in page
    assert page.index("需留意</span>") < page.index("正常</span>")
    assert reverse("trust:backups") in page


def test_a_broken_chain_is_said_plainly(owner, company):
    record("owner", "note_save", "x")
    record("owner", "note_save", "y")
    assert "每一条都与封印相符" in get(owner, "/trust/audit/check/")
    first = Entry.objects.order_by("id").first()
    Entry.objects.filter(id=first.id).update(actor="somebody")
    assert f"第 {first.id} 条与封印不符" in get(owner, "/trust/audit/check/")


def test_the_audit_log_can_be_searched(owner, company):
    record("owner", "note_save", "p-one", length=5)
    record("program", "wheel_turn", "plan-9", scores=3, messages={"sent": 2})
    page = get(owner, "/trust/audit/?q=plan-9")
    assert "飞轮转动" in page
    assert "scores 3 · messages sent 2" in page
    assert "p-one" not in page
    assert "p-one" in get(owner, "/trust/audit/?action=note_save")


def test_a_backup_is_made_by_a_job_and_listed(owner, company, home):
    from regulars.web.bridge.backup import backup_make

    answer = owner.post("/trust/backups/make/")
    started = Job.objects.get(name="backup_make")
    assert answer["Location"] == f"/trust/backups/?job={started.uid}"
    assert started.uid in get(owner, answer["Location"])
    made = backup_make(home)
    assert made.name in get(owner, "/trust/backups/")
    download = owner.get(f"/trust/backups/file/{made.name}")
    assert b"".join(download.streaming_content) == made.read_bytes()
    assert "attachment" in download["Content-Disposition"]


@pytest.mark.parametrize("name", ["../regulars.toml", "..%2Fregulars.toml", "..%2Fkeys%2Fdjango", "%2Fetc%2Fpasswd",
                                  "regulars.toml", ".", "..", "keys.tar.gz"])  # fmt: skip
def test_no_other_file_leaves_by_the_backup_page(owner, company, home, name):
    assert owner.get(f"/trust/backups/file/{name}").status_code in (404, 405)


def test_a_link_does_not_lead_out_of_the_folder(home):
    (home.backups_path / "x.tar.gz").symlink_to(home.settings_path)
    assert backup_path(home, "x.tar.gz") is None


def test_an_export_holds_every_table_and_leaves_no_copy(owner, company, home):
    key = company["li_mei"]
    before = {p for p in home.path.rglob("*") if p.suffix == ".zip"}
    answer = owner.post("/trust/export/", {"key": key})
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    whole = json.loads(archive.read("person.json"))
    assert {"person", "people.identity", "people.personscore", "consents.consent", "outbox.message", "answers.answer",
            "deals.deal", "plans.planrow"} <= set(whole["book"])  # fmt: skip
    assert set(whole["lake"]) == {"orders", "touches"}
    assert len(whole["lake"]["orders"]) == 40
    assert "book/people.identity.csv" in archive.namelist()
    assert {p for p in home.path.rglob("*") if p.suffix == ".zip"} == before
    assert Entry.objects.filter(action="person_export", subject=key, actor="owner").count() == 1
    assert owner.post("/trust/export/", {"key": "nobody"}).status_code == 404


def test_a_person_is_found_by_name_address_or_number(owner, company):
    for text in ("李梅", "person0@example.com", "1000"):
        assert company["li_mei"] in get(owner, f"/trust/requests/?q={text}")
    assert "没有找到" in get(owner, "/trust/requests/?q=zzzz@nowhere")


@pytest.mark.parametrize("typed", ["", "yes", "person1@example.com", "p0000000000"])
def test_nothing_is_erased_without_the_typed_word(owner, company, typed):
    key = company["li_mei"]
    owner.cookies["regulars_language"] = "zh-hans"
    answer = owner.post("/trust/erase/", {"key": key, "typed": typed})
    assert answer.status_code == 422
    assert "没有删除任何内容" in answer.content.decode()
    assert Person.objects.filter(key=key).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("typed", ["p00000000000", " PERSON0@example.com "])
def test_erasing_leaves_a_proof_and_nothing_else(owner, company, home, typed):
    key = company["li_mei"]
    (home.backups_path / "regulars-old.tar.gz").write_bytes(b"x")
    exports = home.path / "exports"
    exports.mkdir()
    (exports / f"person-{key}-20260101-000000.zip").write_bytes(b"x")
    answer = owner.post("/trust/erase/", {"key": key, "typed": typed}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0].startswith("/trust/requests/erased/")
    assert not Person.objects.filter(key=key).exists()
    assert not Identity.objects.filter(value="person0@example.com").exists()
    lake = Lake(home.lake_path)
    assert lake.customer("orders", key).num_rows == lake.customer("touches", key).num_rows == 0
    assert list(exports.iterdir()) == []
    proof = Entry.objects.get(action="person_erase").detail
    assert proof["clean"] is True
    assert proof["lake_rows"] == {"orders": 40, "touches": 40}
    assert proof["book_rows"]["people.person"] == 1
    assert proof["scrubbed"] == 1
    assert "regulars-old.tar.gz" in page
    assert "orders" in page
    assert str(proof["files"]) in page
    assert owner.post("/trust/erase/", {"key": key, "typed": typed}).status_code == 404
    assert key in get(owner, "/trust/requests/")


def test_the_person_page_leads_here(owner, company):
    page = get(owner, f"/understand/people/{company['li_mei']}/")
    assert reverse("trust:person_erase", args=[company["li_mei"]]) in page
    assert (
        "要确认" in (text := get(owner, reverse("trust:person_export", args=[company["li_mei"]]))) or "以确认" in text
    )


def card(**test):
    deciles = [{"customers": 10, "forecast": 3.0, "actual": 2.5}] * 10
    holdout = {"days": 90, "customers": 100, "forecast": 110.0, "actual": 100.0, "bias": 0.1, "mae": 0.8,
               "naive_mae": 1.2, "deciles": deciles} | test  # fmt: skip
    return Card.objects.create(model="clv", version="bg_nbd+gamma_gamma/1", made_at=timezone.now(), body={
        "n": 2043, "trained_from": "2025-05-19", "trained_to": "2026-03-05", "features": ["frequency", "T"],
        "parameters": [["r", 1.55325, 0.07798], ["k", 3.0, None]], "holdout": holdout, "limits": ["weak_fit"],
    })  # fmt: skip


def test_a_model_card_says_how_far_to_believe_it(owner, company):
    card()
    page = get(owner, "/trust/models/", "en")
    told = ("2,043 customers", "2025-05-19", "it foretold 110 orders, 100 came", "10% too high", "off by 0.80 orders")
    for text in (*told, "The model fits the past only roughly.", "1.553", "0.07798", "calibration-clv-data"):
        assert text in page, text
    assert "局限" in get(owner, "/trust/models/")


def test_a_model_no_better_than_naive_says_so(db, home):
    told = cards.verdict(card(mae=1.3, bias=-0.04).body["holdout"])
    assert len(told) == 3
    assert told[2] != cards.verdict(card(mae=0.3).body["holdout"])[2]


def test_only_the_newest_card_of_a_model_is_shown(owner, company):
    card(days=11)
    card(days=77)
    page = get(owner, "/trust/models/", "en")
    assert "The last 77 days" in page
    assert "The last 11 days" not in page


def test_every_setting_is_explained_and_no_secret_is_shown(owner, company, home):
    told = {name for _title, rows in explained.GROUPS for name, _text in rows}
    assert told == set(Settings.__dataclass_fields__)
    (home.keys_path / "smtp_password").write_text("hunter2")
    page = get(owner, "/trust/settings/", "en")
    assert "hunter2" not in page
    assert "Time zone" in page
    assert "60%" in page


@pytest.mark.parametrize(("address", "most"), [
    ("/trust/", 8), ("/trust/backups/", 8), ("/trust/requests/?q=李梅", 16), ("/trust/audit/", 12),
    ("/trust/models/", 9), ("/trust/settings/", 8),
])  # fmt: skip
def test_pages_cost_a_fixed_number_of_queries(owner, company, django_assert_max_num_queries, address, most):
    get(owner, address)
    with django_assert_max_num_queries(most):
        get(owner, address)
