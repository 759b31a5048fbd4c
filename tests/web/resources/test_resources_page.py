"""The page of resources: empty, with a finding, with the owner's words solved at once, in conflict, and its cells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from regulars.decide.resources_body import bins, cell_body, share_body, solve
from regulars.decide.resources_cells import Cell
from regulars.decide.resources_facts import Resource as Given
from regulars.tables.book import CELLS, LEVELS, RESOURCES
from regulars.web.audit.models import Entry
from regulars.web.bridge.deciding import deciding_tables
from regulars.web.bridge.plans import plain
from regulars.web.findings.models import Finding
from regulars.web.resources import services
from regulars.web.resources.models import Resource, ServingCell

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
PAGE = "/decide/resources/"


def get(client, address=PAGE, language="en"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def found(company):
    """A finding as the board makes it: two markets, one meter that is short."""
    import numpy as np

    from regulars.decide.fair_share import FairShare

    cells = [Cell("software", demand=40, price=90_000, unit_cost=30_000, uses={"gpu_hours": 2.0}, high=40),
             Cell("media", demand=50, price=40_000, unit_cost=20_000, uses={"gpu_hours": 1.0}, high=50)]  # fmt: skip
    resources = [Given("gpu_hours", "", "hours", 100.0, "gpu_seconds", 3600.0, assumed=True)]
    demand, worth = np.array([60.0, 50.0, 20.0]), np.array([900.0, 400.0, 100.0])
    names, ones, nothing = ["pro", "pro", "starter"], np.ones(3), np.zeros(3)
    share = share_body(FairShare().decide(demand, 100.0, worth=worth), demand, names)
    compute = {
        "code": "gpu_hours", "meter": "gpu_seconds", "amount": 100.0, "fairness": "balanced", "guarantee": 0.0,
        "kept": 1.0, "demand": 130.0, "past": [90.0, 95.0, 100.0], "share": share,
        "forecast": {"pro": {"mean": 110.0, "low": 90.0, "high": 130.0, "seasonal": False}},
        "first": [{"customer": "c1", "plan": "pro", "asked": 50.0, "got": 30.0, "worth": 4.0, "urgency": 1.2}],
        "bins": bins(demand, worth, ones, nothing, names),
    }  # fmt: skip
    body = {
        "currency": "CNY", "resources": [g.__dict__ for g in resources], "facts": [cell_body(c) for c in cells],
        "cells": [cell_body(c) for c in cells], "units": {c.code: 30.0 for c in cells}, "compute": [compute],
        "made_by": "decide.resources/test", **solve(cells, resources, worth=True),
    }  # fmt: skip
    Finding.objects.create(topic="resources", body=plain(body), made_at=NOW)


def test_empty_it_says_what_it_is_for_and_how_to_begin(owner, company):
    page = get(owner)
    assert "Begin with one thing you never have enough of" in page
    assert 'name="amount"' in page
    assert "资源" in get(owner, language="zh-hans")


def test_it_shows_what_binds_what_one_more_is_worth_and_who_waits(owner, found, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        page = get(owner)
    assert "GPU hours" in page
    assert "binds" in page
    assert "Assumed: what usual weeks used" in page
    # software leaves 60,000 for 2 hours, media 20,000 for 1: the next hour goes to media and leaves 200 yuan
    assert "¥200" in page
    assert "customers wait for a part" in page
    assert "c1" in page


def test_what_the_owner_enters_is_solved_at_once_and_reaches_the_turn(owner, found):
    sent = {"kind": "gpu_hours", "amount": "60", "meter": "gpu_seconds", "guarantee": "20", "fairness": "equal"}
    assert owner.post(PAGE + "save/", sent).status_code == 302
    kept = Resource.objects.get()
    assert (kept.amount, kept.per, kept.guarantee, kept.fairness) == (60.0, 3600.0, 0.2, "equal")
    page = get(owner)
    # 60 hours serve 30 of software, who leave 600 yuan each
    assert "¥18,000" in page
    assert "Assumed" not in page
    rows = deciding_tables()["resources"]
    assert rows.schema == RESOURCES
    assert rows.to_pylist()[0]["amount"] == 60.0
    owner.post(PAGE + "remove/", {"code": "gpu_hours"})
    assert not Resource.objects.exists()
    actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
    assert actions[-2:] == ["resource_save", "resource_remove"]


def test_cash_is_typed_in_money_and_a_resource_of_ones_own_has_a_code(owner, found):
    owner.post(PAGE + "save/", {"kind": "cash", "amount": "1,000"})
    assert Resource.objects.get(code="cash").amount == 100_000
    owner.post(PAGE + "save/", {"kind": "other", "name": "电力", "amount": "5", "unit": "kWh"})
    owner.post(PAGE + "save/", {"kind": "other", "name": "电力", "amount": "6", "unit": "kWh"})
    assert Resource.objects.get(name="电力").amount == 6.0


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"kind": "other", "name": "", "amount": "5"}, "Give the resource a name"),
        ({"kind": "tokens", "amount": ""}, "Say how much there is"),
        ({"kind": "tokens", "amount": "many"}, "give a number of 0 or more"),
        ({"kind": "tokens", "amount": "-1"}, "give a number of 0 or more"),
        ({"kind": "tokens", "amount": "5", "guarantee": "120"}, "at most 100 per cent"),
    ],
)
def test_a_resource_that_cannot_be_is_said_and_nothing_is_lost(owner, company, said, word):
    owner.cookies["regulars_language"] = "en"
    answer = owner.post(PAGE + "save/", said)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not Resource.objects.exists()


def test_sliders_solve_anew_without_changing_anything(owner, found):
    page = get(owner, PAGE + "what-if/?gpu_hours=130")
    # 15 more of media a week: 15 x 200 yuan
    assert "+¥6,000" in page
    assert "media" in page.lower()
    assert not Resource.objects.exists()
    assert "give a number" in get(owner, PAGE + "what-if/?gpu_hours=lots")


def test_wishes_that_cannot_hold_are_named_and_given_up(owner, found):
    owner.post(PAGE + "save/", {"kind": "gpu_hours", "amount": "60", "meter": "gpu_seconds"})
    owner.post(PAGE + "cells/save/", {"market": "media", "mode": "direct", "low": "45"})
    owner.post(PAGE + "cells/save/", {"market": "software", "mode": "direct", "low": "20"})
    page = get(owner)
    assert "These 3 wishes cannot hold together" in page
    assert "at least 45 a week from Media" in page
    assert "GPU hours: only 60 a week" in page
    owner.post(PAGE + "relax/", {"wish": "at_least:media/direct/self"})
    assert ServingCell.objects.get(market="media").low is None
    assert "cannot hold together" not in get(owner)
    assert "¥" in get(owner, PAGE + "what-if/?gpu_hours=70")


def test_cells_come_from_facts_and_keep_what_the_owner_says(owner, found):
    assert "Software" in get(owner, PAGE + "cells/")
    form = get(owner, PAGE + "cells/?edit=software/direct/self")
    assert 'value="900.00"' in form
    sent = {"market": "software", "mode": "direct", "price": "950", "churn": "10", "use-gpu_hours": "1.5"}
    assert owner.post(PAGE + "cells/save/", sent).status_code == 302
    kept = ServingCell.objects.get()
    assert (kept.price, kept.churn, kept.uses, kept.demand) == (95_000, 0.1, {"gpu_hours": 1.5}, None)
    rows = deciding_tables()["cells"]
    assert rows.schema == CELLS
    assert rows.to_pylist()[0]["uses"] == '{"gpu_hours": 1.5}'
    assert "950" in get(owner, PAGE + "cells/")
    owner.post(PAGE + "cells/save/", {"market": "media", "mode": "direct", "closed": "1"})
    assert "Not served by your wish" in get(owner, PAGE + "cells/")
    owner.post(PAGE + "cells/forget/", {"code": "media/direct/self"})
    assert ServingCell.objects.count() == 1
    answer = owner.post(PAGE + "cells/save/", {"market": "a/b", "mode": "direct"})
    assert answer.status_code == 422


def test_a_new_way_with_a_partner_is_planned_too(owner, found):
    sent = {"market": "games", "mode": "reseller", "partner": "Rival", "demand": "10", "price": "5000",
            "unit_cost": "100", "capacity": "8", "minimum": "2"}  # fmt: skip
    owner.post(PAGE + "cells/save/", sent)
    page = get(owner)
    assert "Rival" in page
    assert "8.0" in page


def test_numbers_as_typed():
    assert services.number(" 1,200 ", "x") == 1200.0
    assert services.number("20%", "x") == 20.0
    assert services.number("", "x") is None
    for bad in ("nan", "inf", "-1", "1e99"):
        with pytest.raises(services.ResourceProblem):
            services.number(bad, "x")


def test_a_choice_of_service_is_offered_and_taken_where_it_pays(owner, found):
    sent = {"kind": "support", "name": "premium", "price": "120", "churn": "80", "use-gpu_hours": "100"}
    assert owner.post(PAGE + "cells/level/", sent).status_code == 302
    rows = deciding_tables()["levels"]
    assert rows.schema == LEVELS
    assert rows.to_pylist()[0]["times"] == '{"gpu_hours": 1.0}'
    assert "premium" in get(owner)
    assert "premium" in get(owner, PAGE + "cells/")
    assert owner.post(PAGE + "cells/level/", {"kind": "support", "name": "a:b"}).status_code == 422
    owner.post(PAGE + "cells/level/remove/", {"kind": "support", "name": "premium"})
    assert "premium" not in get(owner)
