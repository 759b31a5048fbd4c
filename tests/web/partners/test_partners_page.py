"""Partners: written down, chosen again at another budget, their commission line by line, and what cannot be kept."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest

from regulars import tables
from regulars.decide.partners_board import partners_board
from regulars.tables.boards import board_body
from regulars.web.audit.models import Entry
from regulars.web.bridge.deciding import deciding_tables
from regulars.web.bridge.lake import lake
from regulars.web.bridge.measuring import measuring_tables
from regulars.web.findings.models import Finding
from regulars.web.partners.models import Agreement, Partner, Payment, Rules

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
PAGE = "/decide/partners/"
NORTH = {"name": "North", "state": "signed", "mode": "agent", "cost": "3000", "expected": "cn: 60000\njp：20,000"}
TERMS = {"channels": "agents", "start": "2026-01-01", "tiers": "0: 10%\n1000: 12.5%", "payment_days": "10"}


def get(client, address=PAGE, language="en"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def north(owner, company):
    owner.cookies["regulars_language"] = "en"
    assert owner.post(PAGE + "save/", NORTH).status_code == 302
    assert owner.post(PAGE + "north/agreement/", TERMS).status_code == 302
    return Partner.objects.get()


@pytest.fixture
def sold(north):
    rows = [("o1", "sale", 90_000, 3), ("o2", "sale", 30_001, 5), ("o2", "refund", -10_000, 9)]
    orders = tables.TABLES["orders"].fill({
        "source": "shop", "id": [r[0] for r in rows], "revision": 0, "recorded_at": NOW, "customer": "c1",
        "at": [datetime(2026, 1, r[3], 9, tzinfo=UTC) for r in rows], "day": [date(2026, 1, r[3]) for r in rows],
        "kind": [r[1] for r in rows], "status": "paid", "amount": [r[2] for r in rows], "currency": "CNY",
        "ordered": [r[2] for r in rows], "channel": "agents", "market": "cn",
    }, 3)  # fmt: skip
    lake().append("orders", orders, "shop", 7)
    return north


def test_empty_it_says_what_it_is_for(owner, company):
    page = get(owner)
    assert "Add a partner" in page
    assert "合作伙伴" in get(owner, language="zh-hans")


def test_what_is_written_reaches_deciding_and_measuring(north):
    assert north.expected == {"cn": 6_000_000, "jp": 2_000_000}
    book = deciding_tables()
    assert book["partners"].to_pylist()[0]["cost"] == 300_000
    row = book["agreements"].to_pylist()[0]
    assert json.loads(row["tiers"]) == [[0, 100_000], [100_000, 125_000]]
    seller = measuring_tables()["partners"].to_pylist()[0]
    assert (seller["partner"], seller["channel"], seller["market"]) == ("north", "agents", None)
    assert {"partner_save", "agreement_save"} <= set(Entry.objects.values_list("action", flat=True))


def test_the_statement_is_right_to_the_cent_and_downloads(owner, sold):
    page = get(owner, PAGE + "north/?month=2026-01")
    # 900.00 at 10 %; 100.00 at 10 % and 200.01 at 12.5 %; 100.00 back at 12.5 %
    for text in ("90.00", "35.00", "-12.50", "112.50", "Refund, off the top", "2026-02-10"):
        assert text in page
    uid = Agreement.objects.get().uid
    answer = owner.get(f"{PAGE}north/agreement/{uid}/statement.csv?month=2026-01")
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 5
    assert lines[-1].split(",")[6] == "112.50"
    assert owner.get(f"{PAGE}north/agreement/{uid}/statement.csv?month=1999-01").status_code == 404


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"tiers": "5: 10%"}, "begins at 0"), ({"tiers": "0 10%"}, "a colon"),
        ({"channels": ""}, "at least one channel"),
        ({"start": "soon"}, "is not a day"), ({"end": "2025-01-01"}, "cannot end before"),
        ({"rule": "whole", "tiers": "0: 12%\n10: 5%"}, "pay less for selling more"), ({"cap": "x"}, "is not an amount"),
        ({"tiers": "0: 140%"}, "at most 100"), ({"guarantee": "9", "cap": "5"}, "below what is guaranteed"),
    ],
)  # fmt: skip
def test_terms_that_cannot_hold_are_said_beside_the_field_and_nothing_is_lost(owner, north, sent, says):
    answer = owner.post(PAGE + "north/agreement/", TERMS | {"commitment": "777"} | sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert "is-invalid" in page
    assert "777" in page
    assert Agreement.objects.count() == 1


def test_rules_and_payments_are_kept_or_said_back(owner, north):
    owner.post(PAGE + "save/", {"name": "East", "cost": "1"})
    assert owner.post(PAGE + "rules/", {"budget": "5000", "conflicts": "North, East", "regions": "South: 1",
                                        "concentration": "60%"}).status_code == 302  # fmt: skip
    kept = Rules.objects.get()
    assert (kept.budget, kept.conflicts, kept.regions, kept.concentration) == (
        500_000,
        [["north", "east"]],
        {"South": 1},
        0.6,
    )
    wrong = owner.post(PAGE + "rules/", {"budget": "5000", "conflicts": "North, West"})
    assert wrong.status_code == 422
    assert "does not name two" in wrong.content.decode()
    assert (
        owner.post(PAGE + "north/payment/", {"due": "2026-02-01", "paid": "2026-02-09", "amount": "10.5"}).status_code
        == 302
    )
    assert Payment.objects.get().amount == 1050
    assert "late" in get(owner, PAGE + "north/")
    assert owner.post(PAGE + "north/payment/", {"due": "", "amount": "1"}).status_code == 422
    assert owner.post(PAGE + "save/", {"name": ""}).status_code == 422
    owner.post(PAGE + "north/remove/")
    assert not Agreement.objects.exists()


@pytest.fixture
def board(owner, sold):
    from types import SimpleNamespace
    from zoneinfo import ZoneInfo

    owner.post(PAGE + "save/", {"name": "East", "cost": "4000", "expected": "jp: 90000"})
    owner.post(PAGE + "rules/", {"budget": "4500"})
    settings = SimpleNamespace(currency="CNY", tz=ZoneInfo("UTC"), margin=0.5)
    view = SimpleNamespace(facts={"orders": lake().table("orders")}, book=deciding_tables(), now=NOW, settings=settings,
                           lake_version="v", plan="p")  # fmt: skip
    made = partners_board(view)
    Finding.objects.create(topic="partners", made_at=NOW, body=json.loads(json.dumps(board_body(made), default=vars)))
    return made


def test_the_choice_is_solved_again_at_the_budget_of_the_slider(owner, board):
    page = get(owner)
    for text in ("East", "The next step", "How they did in the last year", "112", "Why?"):
        assert text in page
    assert "1 partner brings" in page
    assert "2 partners bring" in get(owner, PAGE + "?budget=700000")
    assert "0 partners bring" in get(owner, PAGE + "?budget=0")
    assert "伙伴" in get(owner, language="zh-hans")


def test_the_plan_is_the_next_step_and_limits_not_solved_are_bounded(owner, board):
    assert "Decide in the plan" in get(owner)
    assert "Decide in the plan" not in get(owner, PAGE + "?budget=0"), "what the plan asks for is the owner's budget"
    found = Finding.objects.get(topic="partners")
    found.body["answer"]["relief_most"] = {"most": 123_400.0, "region:South": 5.0}
    found.save()
    assert "Any other single limit costs ¥1,234 a year at most" in re.sub("<[^>]*>", "", get(owner))


def test_a_share_that_so_few_partners_cannot_keep_is_told(owner, board):
    found = Finding.objects.get(topic="partners")
    found.body["choice"] |= {"most": 3, "concentration": 0.3}
    found.save()
    page = get(owner, PAGE + "?budget=700000")
    assert "These 2 wishes cannot hold together" in page
    assert "No partner above 30% of the revenue" in page
    assert "At most 3 partners" in page


def test_wishes_in_conflict_are_named(owner, board):
    found = Finding.objects.get(topic="partners")
    found.body["conflict"] = [{"code": "budget", "amount": 100.0}, {"code": "region:South", "amount": 2.0}]
    found.body["answer"] = None
    found.save()
    page = get(owner)
    assert "These 2 wishes cannot hold together" in page
    assert "At least 2 partners in South" in page


def test_the_page_costs_a_fixed_number_of_queries(owner, board, django_assert_max_num_queries):
    get(owner)
    # session, user; finding, partners, rules; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(12):
        get(owner)


def test_nobody_reads_or_writes_without_logging_in(client, db, home):
    assert client.get(PAGE)["Location"].startswith("/login/")
    assert client.post(PAGE + "save/")["Location"].startswith("/login/")
