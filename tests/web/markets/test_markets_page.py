"""Markets: the page in both languages, the owner's weights and figures, and what happens to wrong ones."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars.web.audit.models import Entry
from regulars.web.findings.models import Finding
from regulars.web.markets import queries
from regulars.web.markets.models import MarketNote

pytestmark = pytest.mark.django_db
PAGE = "/understand/markets/"
NOW = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)


def market(name, people, conversion, growth, clv, asks=0.2):
    return {
        "market": name, "people": people, "customers": round(people * conversion), "conversion": conversion,
        "conversion_error": 0.05, "revenue": 1_000_000.0, "revenue_before": 900_000.0, "growth": growth,
        "growth_error": 0.1, "order_value": 20_000.0, "repeat": 0.4, "churn": 0.2, "clv": clv, "clv_error": clv / 20,
        "texts": 40, "satisfaction": 4.0, "marks": 9, "asks": asks,
    }  # fmt: skip


def place(name, x, y, group):
    return {"market": name, "x": x, "y": y, "group": group, "long": 0.5, "short": 0.2, "angle": 0.3}


BODY = {
    "markets": [market("tea house", 400, 0.5, 1.2, 90_000.0), market("books", 900, 0.1, 0.9, 20_000.0)],
    "places": [place("tea house", 1.0, 0.2, 0), place("books", -1.0, -0.2, 1)],
    "directions": [{"name": "clv", "x": 1.0, "y": 0.0, "shown": 0.9},
                   {"name": "asks", "x": 0.0, "y": 1.0, "shown": 0.1}],
    "stress": 0.04, "made_by": "smacof+ward/1", "silhouette": 0.5, "limits": ["too_few_markets"], "personas": [
        {"key": "tea house", "features": [{"name": "orders", "mean": 9.0, "everybody": 4.0, "difference": 1.1}]}],
}  # fmt: skip


@pytest.fixture
def found(home, owner):
    Finding.objects.create(topic="markets", body=BODY, made_at=NOW)
    return owner


def get(client, language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(PAGE).content.decode()


def form(**more):
    return {"weight-size": "25", "weight-growth": "25", "weight-fit": "25", "weight-room": "25"} | more


def test_an_empty_page_says_what_comes(home, owner):
    assert "Markets appear here once" in get(owner, "en")
    assert "市场" in get(owner)


def test_the_better_market_leads_in_both_languages(found, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        page = get(found, "en")
    assert "tea house deserves the next effort" in page
    assert "order more often (9.0 each, all 4.0)" in page
    assert page.index("tea house</span>") < page.index("books</span>")
    assert "Worth more" in page
    assert "Ask for more" not in page  # the map shows too little of it for an arrow
    page = get(found)
    assert "潜力" in page
    assert "竞争" in page


def test_the_owner_knows_better(found):
    done = found.post(PAGE, form(**{"size-0": "500", "size-1": "9,000,000", "competition-0": "95%", "weight-fit": "0"}))
    assert done.status_code == 302
    assert queries.weights()["fit"] == 0
    assert MarketNote.objects.get(market="tea house").competition == 0.95
    page = get(found, "en")
    assert page.index("books</span>") < page.index("tea house</span>")
    assert 'value="9000000"' in page
    assert Entry.objects.filter(action="markets_weigh").exists()
    # 9,000,000 who could buy less 90 who did, a tenth of them, 200 each.
    assert "1.8亿" in get(found)
    found.post(PAGE, {"verb": "reset"})
    assert not MarketNote.objects.exists()
    assert queries.weights() == dict.fromkeys(queries.FACTORS, 25.0)


@pytest.mark.parametrize(
    "wrong",
    [{"weight-size": "-3"}, {"size-0": "many"}, {"competition-1": "140"}, {"size-0": "nan"}, {"size-0": "0"},
     {f"weight-{k}": "0" for k in queries.FACTORS}],
)  # fmt: skip
def test_a_wrong_figure_is_told_and_changes_nothing(found, wrong):
    answer = found.post(PAGE, form(**wrong))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not MarketNote.objects.exists()
