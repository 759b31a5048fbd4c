"""What next: the page, the live basket and the card of a person, in both languages."""

from __future__ import annotations

import pytest

from regulars.web.affinity.live import suggest
from regulars.web.catalog.models import Product
from regulars.web.findings.models import Finding
from regulars.web.people.models import PersonScore

NEAR = {"GPU": [["API", 0.2], ["SETUP", 0.1]], "API": [["GPU", 0.3]], "SETUP": [["API", 0.05]], "PLAN": []}


METRICS = [
    ["recall", 0.6, 0.5, 0.7], ["recall_popularity", 0.4, 0.3, 0.5], ["recall_gain", 0.2, 0.1, 0.3],
    ["ndcg", 0.5, 0.4, 0.6], ["ndcg_popularity", 0.4, 0.3, 0.5], ["coverage", 1.0, None, None],
    ["coverage_popularity", 0.5, None, None], ["diversity", 0.7, None, None], ["diversity_popularity", 0.2, None, None],
]  # fmt: skip


def sold(product):
    return {"product": product, "orders": 90, "people": 60, "renews": product == "PLAN"}


def body():
    rule = {"product": "GPU", "then": "API", "baskets": 40, "support": 0.1, "confidence": 0.5, "low": 0.4, "lift": 2.0,
            "leverage": 0.05, "conviction": 1.4, "q_value": 1e-6}  # fmt: skip
    follow = {"product": "GPU", "then": "SETUP", "times": 50, "count": 20, "share": 0.4, "low": 0.28, "high": 0.53,
              "lift": 1.9, "q_value": 0.001, "days": 21.0}  # fmt: skip
    offers = [["API", 30, 0.12, 1.5], ["SETUP", 10, 0.05, 0.6]]
    return {
        "unit": "orders", "orders": 400, "people": 120, "together": 0.3, "rules": [rule], "unproven": 2,
        "matrix": [{"product": a, "then": b, "orders": 40, "share": 0.5} for a, b in (("GPU", "API"), ("API", "GPU"))],
        "products": [sold(p) for p in ("GPU", "API", "SETUP", "PLAN")], "more_products": 0, "near": NEAR,
        "follows": [follow], "follow_days": 90, "horizon_days": 30,
        "segments": [{"segment": "champions", "people": 40, "offers": offers}],
        "left_out": {"already_owned": 12}, "nothing_left": 0, "limits": [],
        "held_out": {"k": 2, "days": 50, "people": 60, "products": 4, "beats": True, "lam": 3.0, "metrics": METRICS},
    }  # fmt: skip


@pytest.fixture
def found(company):
    made_at = PersonScore.objects.first().made_at
    Finding.objects.create(topic="affinity", body=body(), made_at=made_at)
    for sku, title in (("GPU", "算力包"), ("API", "接口调用包"), ("SETUP", "部署服务")):
        Product.objects.create(source="shop", sku=sku, title=title)
    return company


def get(client, address="/understand/affinity/", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


def test_rules_offers_and_the_test_are_told_in_both_languages(owner, found):
    page = get(owner)
    assert "算力包" in page
    assert "常一起买" in page
    assert "灯塔客户" in page
    assert "12.0%" in page
    page = get(owner, language="en")
    assert "Bought together" in page
    assert "2 more pairs may be luck" in page
    assert "New purchases found among 2 suggestions" in page
    assert "They have it, and one does not buy it twice." in page


def test_a_basket_is_answered_with_its_reason(owner, found):
    page = get(owner, "/understand/affinity/basket/?asked=1&have=GPU&have=SETUP")
    assert page.index("接口调用包") > 0
    assert "80%" in page
    assert "<html" not in page
    typed = get(owner, "/understand/affinity/basket/?asked=1&more=部署服务")
    assert 'value="SETUP" class="form-selectgroup-input" checked' in typed
    assert "不在卖得最多的商品之列" in get(owner, "/understand/affinity/basket/?asked=1&more=茶")
    assert "checked" not in get(owner, "/understand/affinity/basket/?asked=1")


def test_contracts_that_renew_are_not_offered_and_sums_are_exact():
    best = suggest(NEAR, ["GPU", "SETUP"], n=3)
    assert [(s.product, s.strength) for s in best] == [("API", 1.0)]
    assert best[0].because == (("GPU", 0.8), ("SETUP", 0.2))
    assert suggest(NEAR, ["GPU"], hide=["API"])[0].product == "SETUP"
    assert suggest(NEAR, ["unknown"]) == []


def test_a_person_has_a_card_with_chance_and_reason(owner, found):
    key = found["li_mei"]
    score = PersonScore.objects.get(pk=key)
    score.more = {"next_product": {"value": 0.123, "low": 0.08, "high": 0.19, "label": "API"}}
    score.why = {**score.why, "next_product": "within_days=30;because_bought=GPU"}
    score.save()
    assert f"/understand/affinity/person/{key}/" in get(owner, f"/understand/people/{key}/")
    card = get(owner, f"/understand/affinity/person/{key}/")
    assert "接口调用包" in card
    assert "30 天内 12.3%" in card
    assert "因为买过 算力包" in card
    assert "interval" in card
    assert get(owner, f"/understand/affinity/person/{found['lead']}/").strip() == ""


def test_somebody_new_gets_what_sells_where_they_came_from(owner, found):
    key = found["li_mei"]
    more = {"next_product": {"value": None, "low": None, "high": None, "label": "GPU"}}
    PersonScore.objects.filter(pk=key).update(more=more, why={"next_product": "popular_in=wechat"})
    card = get(owner, f"/understand/affinity/person/{key}/", "en")
    assert "A first product that fits" in card
    assert "What first customers from WeChat buy most." in card


def test_the_page_costs_a_fixed_number_of_queries(owner, found, django_assert_max_num_queries):
    get(owner)
    # session, user; finding, titles; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(9):
        get(owner)
    with django_assert_max_num_queries(4):
        get(owner, "/understand/affinity/basket/?asked=1&have=GPU")


def test_little_known_is_said_plainly(owner, found):
    bare = {**body(), "rules": [], "matrix": [], "follows": [], "segments": [], "held_out": None, "near": {},
            "products": [], "unit": "people", "limits": ["too_few_orders"]}  # fmt: skip
    Finding.objects.filter(topic="affinity").update(body=bare)
    page = get(owner, language="en")
    assert "Nothing is bought together more often than luck" in page
    assert "hardly anything can be told from luck" in page
    assert "Too few customers bought something new lately" in page


def test_an_empty_home_says_how_to_begin(owner, home):
    assert "导入文件" in get(owner)
    assert owner.get("/understand/affinity/basket/").status_code == 404


def test_nobody_reads_without_logging_in(client, db, home):
    assert client.get("/understand/affinity/")["Location"].startswith("/login/")
