"""The pages of leaving: what they say in both languages, whom they list, what they cost."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from regulars.understand.gains import calibration_bins, lift_curve, profit_threshold
from regulars.understand.trials import judge
from regulars.web.findings.models import Finding
from regulars.web.people.models import PersonScore

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
Y = [1, 0, 1, 0, 0, 1, 0, 0, 0, 1] * 10
P = [0.8, 0.3, 0.6, 0.2, 0.1, 0.7, 0.4, 0.2, 0.1, 0.5] * 10


def plain(value):
    if hasattr(value, "__dataclass_fields__"):
        return {k: plain(getattr(value, k)) for k in value.__dataclass_fields__}
    return [plain(v) for v in value] if isinstance(value, tuple | list) else value


def corner(key, people, action):
    return {"key": key, "customers": len(people), "worth": 5_000_000, "loss": 400_000, "action": action,
            "people": people}  # fmt: skip


def get(client, address="/understand/churn/", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


@pytest.fixture
def boards(company):
    keys = list(PersonScore.objects.order_by("person_id").values_list("person_id", flat=True)[:12])
    for i, score in enumerate(PersonScore.objects.filter(person_id__in=keys).order_by("person_id")):
        score.more = {"leave_90": {"value": 0.9 - i / 20}, "loss_90": {"value": 90_000 - 5_000 * i}}
        score.save()
    told = {"logistic": np.array(P), "boosting": np.array(P[::-1])}
    bins, trials = plain(calibration_bins(Y, P)), plain(judge(told, np.array(Y)))
    shared = {"trials": trials, "calibration": bins, "winner": "logistic", "limits": [], "made_by": "churn_hazard/1"}
    Finding.objects.create(topic="churn", made_at=NOW, body=shared | {
        "basis": "both", "days": 90, "customers": 12, "at_risk": 8, "loss": 1_600_000, "loss_at_risk": 800_000,
        "worth_cut": 90_000, "contracts": 6, "points": [[0.9, 500_000, "save"], [0.1, 20_000, "grow"]],
        "corners": [corner("save", keys[:4], "care"), corner("keep", keys[4:8], "thank"),
                    corner("let_go", keys[8:], "win_back_once"), corner("grow", [], "cross_sell")],
        "reasons": [{"code": "usage_halved", "at_risk": 0.5, "others": 0.1, "weight": None},
                    {"code": "drives_tenure", "at_risk": 0.3, "others": 0.2, "weight": 0.4}],
        "survival": [[1, 0.8, 0.75, 0.85], [2, 0.7, 0.6, 0.78]],
    })  # fmt: skip
    Finding.objects.create(topic="behaviour", made_at=NOW, body=shared | {
        "days": 30, "customers": 100, "aims": [
            {"target": "purchase", "customers": 100, "expected": 41.2, "auc": 0.81, "auc_low": 0.78, "auc_high": 0.84,
             "limits": []},
            {"target": "upgrade", "customers": 9, "expected": 1.0, "auc": None, "auc_low": None, "auc_high": None,
             "limits": ["few_cases"]}],
        "lift": plain(lift_curve(Y, P)), "threshold": plain(profit_threshold(Y, P, 1000.0, 200.0)), "gain": 1000.0,
        "cost": 200.0, "weeks": [3, 5, 2, 0], "drivers": [["recency", 0.4], ["orders_90", 0.2]],
    })  # fmt: skip
    return keys


def test_before_the_first_turn_it_says_what_will_be_here(owner, company):
    for address in ("/understand/churn/", "/understand/churn/next/"):
        assert "/collect/imports/" in get(owner, address, "en")
        assert "导入" in get(owner, address)


def test_the_board_says_how_many_how_much_and_what_to_do(owner, boards):
    page = get(owner, language="en")
    assert "8 customers are at risk" in page
    assert "¥16,000" in page or "16,000" in page
    assert "call or write in person" in page
    assert "Use fell by half within four weeks" in page
    assert "Models compared" in page
    assert "Why?" in page
    page = get(owner)
    for words in ("谁要流失？", "抢救", "亲自打电话", "四周内用量下降一半", "模型比较", "合同能续多久"):
        assert words in page


def listed(page, keys):
    return [k for k in keys if f"/people/{k}/" in page]


def test_a_corner_lists_its_people_those_with_most_at_stake_first(owner, boards):
    assert listed(get(owner), boards) == boards[:4]
    page = get(owner, "/understand/churn/?corner=let_go")
    assert listed(page, boards) == boards[8:]
    places = [page.index(f"/people/{k}/") for k in boards[8:]]
    assert places == sorted(places)
    assert listed(get(owner, "/understand/churn/?corner=nowhere"), boards) == boards[:4]
    sheet = b"".join(owner.get("/understand/churn/?corner=keep&csv=1").streaming_content).decode()
    assert sheet.count("\n") >= 4


def test_what_comes_next_says_who_and_when_and_whom_it_pays(owner, boards):
    page = get(owner, "/understand/churn/next/", "en")
    assert "About 41 of 100 customers will buy within 30 days" in page
    assert "too few cases to foretell each one" in page
    assert "not whom a message moves" in page
    page = get(owner, "/understand/churn/next/")
    for words in ("约有 41 位", "给谁发消息划算", "什么时候再买", "逻辑回归"):
        assert words in page


def test_the_pages_cost_a_fixed_number_of_queries(owner, boards, django_assert_max_num_queries):
    get(owner)
    # session, user; the board; people with a loss, people without; segments and channels of the filters; the frame
    with django_assert_max_num_queries(18):
        get(owner)
    with django_assert_max_num_queries(9):
        get(owner, "/understand/churn/next/")


def test_nobody_reads_without_logging_in(client, db, home):
    for address in ("/understand/churn/", "/understand/churn/next/"):
        assert client.get(address)["Location"].startswith("/login/")
