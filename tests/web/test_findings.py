"""What a turn found out is kept by topic; what has no column of its own is kept beside the scores."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.tables import PRODUCTS, SCORES, TEXTS
from regulars.web.answers.models import Answer
from regulars.web.bridge.findings import findings_store
from regulars.web.bridge.products import products_table
from regulars.web.bridge.scores import scores_publish
from regulars.web.bridge.texts import texts_table
from regulars.web.catalog.models import Product
from regulars.web.findings.queries import finding
from regulars.web.people.models import Person, PersonScore

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 4, tzinfo=UTC)


def test_a_finding_is_replaced_and_nothing_to_say_is_none():
    findings_store({"worth": {"half": (1, float("nan"))}, "voice": None}, NOW)
    assert finding("worth").body == {"half": [1, None]}
    assert finding("voice") is None
    assert finding("markets") is None
    findings_store({"worth": {"half": 2}}, NOW)
    assert finding("worth").body == {"half": 2}


def test_a_score_without_a_column_is_kept_with_its_interval():
    Person.objects.create(key="p1", created_at=NOW, updated_at=NOW, source="shop")
    made = {"made_by": "x/1", "made_at": NOW, "lake_version": "1", "customer": ["p1"]}
    rows = {"name": "next_product", "value": 0.25, "low": 0.1, "high": 0.5, "label": "tea", "why": "because_bought=cup"}
    scores_publish(SCORES.fill({**made, **rows}, 1), NOW)
    score = PersonScore.objects.get()
    assert score.more == {"next_product": {"value": 0.25, "low": 0.1, "high": 0.5, "label": "tea"}}
    assert score.why == {"next_product": "because_bought=cup"}


def test_texts_and_products_come_in_their_shapes():
    assert texts_table().schema == TEXTS
    assert products_table().schema == PRODUCTS
    Person.objects.create(key="p1", created_at=NOW, updated_at=NOW, source="shop")
    for n, text in enumerate(("好茶", "")):
        Answer.objects.create(source="shop", external_id=str(n), person_id="p1", kind="review", text=text, at=NOW)
    Product.objects.create(source="shop", sku="t1", title="龙井")
    assert texts_table().to_pylist()[0]["text"] == "好茶"
    assert texts_table().num_rows == 1
    assert products_table().to_pylist() == [{"source": "shop", "sku": "t1", "title": "龙井", "goods": True}]
