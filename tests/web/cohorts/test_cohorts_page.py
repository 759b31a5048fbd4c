"""The pages of cohorts and the funnel: what they say in both languages, the file they give, what they cost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.web.findings.models import Finding

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
PAGE, FUNNEL = "/measure/cohorts/", "/measure/cohorts/funnel/"


def get(client, address=PAGE, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


def triangle(grain="month", by="first_order", cut="", size=100):
    return {"grain": grain, "by": by, "cut": cut, "customers": 3 * size,
            "cohorts": ["2026-01-01", "2026-02-01", "2026-03-01"], "sizes": [size] * 3,
            "active": [[size, 41, 33], [size, 52], [size]],
            "money": {"CNY": [[10_000, 14_100, 17_300], [9_000, 9_900], [8_000]], "EUR": [[1, 2, 3], [1, 2], [1]]},
            "running": True, "curve": [[0, 200, 1.0, 0.99, 1.0], [1, 200, 0.41, 0.35, 0.47], [2, 100, 0.33, 0.2, 0.4]],
            }  # fmt: skip


def step(cut, name, people, share, conversion, unseen=0):
    return {"cut": cut, "step": name, "people": people, "unseen": unseen, "share": share, "conversion": conversion,
            "low": conversion and conversion - 0.05, "high": conversion and conversion + 0.05}  # fmt: skip


def wait(cut, name, to):
    days = {f"within_{d}{end}": 0.3 for d in (7, 30, 90) for end in ("", "_low", "_high")}
    return {"cut": cut, "step": name, "to": to, "n": 90, "went_on": 40, "half": None, "half_low": None,
            "half_high": None, "usual": 2.5, "most": 9.0, **days}  # fmt: skip


@pytest.fixture
def boards(company):
    Finding.objects.create(topic="cohorts", made_at=NOW, body={
        "customers": 300, "age": 1, "best": {"cohort": "2026-02-01", "customers": 100, "share": 0.52},
        "worst": {"cohort": "2026-01-01", "customers": 100, "share": 0.41}, "luck": 0.2, "limits": [],
        "made_by": "cohorts/1", "changes": [{"age": 1, "now": 0.53, "before": 0.41, "difference": 0.12, "low": 0.02,
                                             "high": 0.22, "customers": 90, "customers_before": 80}],
        "triangles": [triangle(), triangle("week"), triangle("quarter"), triangle(by="channel", cut="search"),
                      triangle(by="channel", cut="mail", size=50)],
    })  # fmt: skip
    Finding.objects.create(topic="funnel", made_at=NOW, body={
        "days": 365, "people": 900, "limits": [], "made_by": "funnel/1", "leak": "known",
        "steps": [step("", "known", 900, 1.0, None), step("", "ordered", 300, 0.333, 0.333, unseen=7),
                  step("mail", "known", 400, 1.0, None), step("mail", "ordered", 200, 0.5, 0.5),
                  step("search", "known", 500, 1.0, None), step("search", "ordered", 100, 0.2, 0.2)],
        "waits": [wait(c, "known", "ordered") for c in ("", "mail", "search")],
        "curves": {"known": [[0, 0, 0, 0], [7, 0.2, 0.1, 0.3], [30, 0.33, 0.3, 0.4]]},
        "best": {"channel": "mail", "people": 400, "share": 0.5, "low": 0.4, "high": 0.6},
        "worst": {"channel": "search", "people": 500, "share": 0.2, "low": 0.1, "high": 0.3},
    })  # fmt: skip


def test_before_the_first_turn_both_say_how_to_begin(owner, company):
    for address in (PAGE, FUNNEL):
        assert "/collect/imports/" in get(owner, address, "en")
        assert "导入" in get(owner, address)


def test_cohorts_say_whether_customers_stay(owner, boards):
    page = get(owner, language="en")
    for text in ("Of the newest customers 53% ordered", "better than a year ago.", "2026-02", "52%",
                 "no more apart than luck explains", "Why?", "33%*"):  # fmt: skip
        assert text in page
    page = get(owner)
    for text in ("客户留下来了吗", "比一年前好。", "最好的批次", "差距可能只是运气"):
        assert text in page


def test_what_is_shown_can_be_chosen(owner, boards):
    page = get(owner, PAGE + "?shown=money&currency=EUR", "en")
    assert "in EUR" in page
    page = get(owner, PAGE + "?by=channel&cut=mail", "en")
    assert "Side by side" in page
    assert "[35%–47%]" in page
    for odd in ("?by=colour&grain=year&shown=x&currency=XXX", "?by=channel&cut=nowhere", "?grain=week"):
        assert owner.get(PAGE + odd).status_code == 200


def test_the_sheet_holds_every_cell(owner, boards):
    sheet = b"".join(owner.get(PAGE + "?csv=1").streaming_content).decode("utf-8-sig").splitlines()
    assert len(sheet) == 1 + 6
    assert sheet[1].startswith("2026-01-01,100,0,100,1")
    assert sheet[3].endswith(",0")
    money = b"".join(owner.get(PAGE + "?csv=1&shown=money").streaming_content).decode("utf-8-sig").splitlines()
    assert money[2].startswith("2026-01-01,100,1,141")


def test_the_funnel_says_where_people_are_lost(owner, boards):
    page = get(owner, FUNNEL, "en")
    for text in ("Most are lost between “Known to us” and “First order”: 33% go on.", "7 not seen", "2.5 days",
                 "That is more than luck", "within 30 days"):  # fmt: skip
        assert text in page
    page = get(owner, FUNNEL)
    for text in ("人在哪里流失", "这不只是运气", "2.5 天"):
        assert text in page
    assert "Show all channels" in get(owner, FUNNEL + "?channel=mail", "en")
    assert owner.get(FUNNEL + "?channel=nowhere").status_code == 200


def test_the_pages_cost_a_fixed_number_of_queries(owner, boards, django_assert_max_num_queries):
    get(owner)
    for address in (PAGE, FUNNEL):
        # session, user; finding; frame: job, turn, plan, its sums, imports
        with django_assert_max_num_queries(9):
            get(owner, address)


def test_nobody_reads_without_logging_in(client, db, home):
    for address in (PAGE, FUNNEL):
        assert client.get(address)["Location"].startswith("/login/")
