"""Ways to sell: four rankings, what turns them, and figures and judgements that count at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from regulars.decide.modes_board import modes_board
from regulars.tables import DECIDING
from regulars.tables.boards import board_body
from regulars.web.bridge.deciding import deciding_tables
from regulars.web.findings.models import Finding
from regulars.web.modes.models import ModeFigure, ModeJudgement

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
PAGE = "/decide/modes/"


def get(client, address=PAGE, language="en"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def board(company):
    book = {name: shape.empty_table() for name, shape in DECIDING.items()}
    book["mode_figures"] = pa.Table.from_pylist(
        [{"market": m, "mode": "agent", "criterion": "reach", "value": 30.0} for m in ("cn", "jp")],
        schema=DECIDING["mode_figures"],
    )
    settings = SimpleNamespace(currency="CNY", tz=ZoneInfo("UTC"), margin=0.5)
    made = modes_board(SimpleNamespace(facts={}, book=book, now=NOW, settings=settings, lake_version="v", plan="p"))
    Finding.objects.create(topic="modes", made_at=NOW, body=json.loads(json.dumps(board_body(made), default=vars)))


def test_empty_it_says_what_it_is_for(owner, company):
    assert "compares the ways to sell" in get(owner)
    assert "市场与模式" in get(owner, language="zh-hans")


def test_rankings_stand_side_by_side_with_what_turns_them(owner, board):
    page = get(owner)
    for text in (
        "Marketplace",
        "TOPSIS",
        "PROMETHEE",
        "ELECTRE",
        "another winner",
        "Map of weights",
        "Why?",
        "assumed",
    ):
        assert text in page
    assert page.count('class="form-control form-control-sm text-end mode-figure"') == 36
    assert "权重" in get(owner, language="zh-hans")


def test_a_figure_counts_at_once_and_only_what_was_changed_is_kept(owner, board):
    owner.cookies["regulars_language"] = "en"
    # what is shown comes back with the form and is not the owner's word
    sent = {"market": "jp", "agent-reach": "99", "agent-cost": "1", "direct-reach": "15", "agent-speed": "1"}
    assert owner.post(PAGE + "figures/", sent).status_code == 302
    assert set(ModeFigure.objects.values_list("market", "mode", "criterion")) == {
        ("jp", "agent", "reach"), ("jp", "agent", "cost"), ("jp", "agent", "speed"),
    }  # fmt: skip
    assert "Agent is first" in get(owner, PAGE + "?market=jp")
    assert "Agent is first" not in get(owner, PAGE + "?market=cn")
    assert deciding_tables()["mode_figures"].num_rows == 3
    wrong = owner.post(PAGE + "figures/", {"market": "jp", "agent-control": "11"})
    assert wrong.status_code == 422
    assert "not a number from 0 to 10" in wrong.content.decode()
    owner.post(PAGE + "figures/", {"market": "jp", "agent-reach": ""})
    assert ModeFigure.objects.count() == 2
    assert owner.post(PAGE + "figures/", {"market": "mars"}).status_code == 404


def test_judgements_are_kept_and_what_contradicts_is_said(owner, board):
    owner.cookies["regulars_language"] = "en"
    said = {"margin-reach": "9", "margin-control": "3", "margin-speed": "3", "margin-data": "3", "margin-cost": "-9",
            "reach-cost": "9"}  # fmt: skip
    assert owner.post(PAGE + "judgements/", said).status_code == 302
    assert ModeJudgement.objects.count() == 6
    page = get(owner)
    assert "contradict each other" in page
    assert "Think over first" in page
    wrong = owner.post(PAGE + "judgements/", {"margin-reach": "3"})
    assert wrong.status_code == 422
    assert "Nothing compares" in wrong.content.decode()
    owner.post(PAGE + "judgements/", {})
    assert not ModeJudgement.objects.exists()


def test_the_page_costs_a_fixed_number_of_queries(owner, board, django_assert_max_num_queries):
    get(owner)
    # session, user; finding, figures, judgements; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(15):
        get(owner)


def test_nobody_reads_or_writes_without_logging_in(client, db, home):
    assert client.get(PAGE)["Location"].startswith("/login/")
