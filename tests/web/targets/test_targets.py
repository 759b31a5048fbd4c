"""Targets: what is kept, who changed it, the pace they are held against, and the tile on the page."""

from __future__ import annotations

import datetime as dt

import pytest

from regulars import tables
from regulars.lake import Lake
from regulars.web.audit.models import Entry
from regulars.web.bridge.measuring import measuring_tables
from regulars.web.kpis import figures
from regulars.web.targets import services
from regulars.web.targets.models import Target
from regulars.web.targets.pace import elapsed, progress

MONDAY = dt.date(2026, 3, 2)


@pytest.fixture
def running(company, home):
    """Revenue of the running week, 600.00 yuan by Thursday afternoon (15 o'clock), and even weekdays before it."""
    rows = [("revenue", MONDAY - dt.timedelta(weeks=w), "week", 60_000.0 if not w else 100_000.0) for w in range(60)]
    rows += [("revenue", MONDAY - dt.timedelta(days=n), "day", 10_000.0) for n in range(1, 60)]
    rows += [("churn_rate", MONDAY, "week", 0.02), ("churn_rate", MONDAY - dt.timedelta(weeks=1), "week", 0.03)]
    names, day, grain, value = zip(*rows, strict=True)
    money = ["CNY" if n == "revenue" else None for n in names]
    made = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)
    Lake(home.lake_path).append("kpis", tables.TABLES["kpis"].fill({
        "name": list(names), "day": list(day), "grain": list(grain), "value": list(value), "currency": money,
        "made_by": "kpis/1", "made_at": made, "lake_version": "2",
    }, len(rows)), "loop", 2)  # fmt: skip


def tile(name: str, grain: str = "week"):
    return next(t for t in figures.tiles(grain) if t.name == name)


def test_a_sum_is_held_against_the_pace_of_the_week(running):
    services.target_set("revenue", "week", None, None, "1000", "owner")
    found = tile("revenue").progress
    share = (3 + 15 / 24) / 7  # the turn of company_rows is Thursday, 15:00 in Shanghai
    assert found.value == 60_000.0
    assert found.elapsed == pytest.approx(share)
    assert found.end == pytest.approx(60_000 / share)
    assert found.state == "on_track"
    services.target_set("revenue", "week", None, None, "1,200.50", "owner")
    assert tile("revenue").progress.state == "behind"
    services.target_set("revenue", "week", None, None, "600", "owner")
    assert tile("revenue").progress.state == "reached"
    assert (tile("revenue").before, tile("revenue").year_before) == (100_000.0, 100_000.0)


def test_customers_lost_go_on_evenly_and_less_is_better(running):
    services.target_set("churn_rate", "week", None, None, "3%", "owner")
    found = tile("churn_rate").progress
    assert found.end == pytest.approx(0.02 / ((3 + 15 / 24) / 7))
    assert found.state == "behind"
    assert tile("churn_rate").typed == "3"


def test_the_rule_of_the_pace():
    assert progress("aov", "up", 100, 120, 0.01).state == "on_track"  # no sum: as it stands
    assert progress("revenue", "up", 100, 5, 0.05).state == "early"
    assert progress("revenue", "up", 100, None, 0.5).state == "unknown"
    assert progress("spend", "down", 100, 60, 0.5).state == "behind"
    assert progress("spend", "down", 100, 101, 0.02).state == "behind"  # money spent does not come back
    assert progress("retention_rate", "up", 0.9, 0.96, 0.5).end == pytest.approx(0.92)
    assert progress("revenue", "up", 0, 5, 0.5).done == 0


def test_a_month_of_shut_sundays_is_over_on_its_last_saturday():
    start = dt.date(2026, 5, 1)  # ends on Sunday, the 31st
    before = {start - dt.timedelta(days=n): 0.0 if (start - dt.timedelta(days=n)).weekday() == 6 else 1.0
              for n in range(1, 57)}  # fmt: skip
    assert elapsed(start, "month", dt.datetime(2026, 5, 31, tzinfo=dt.UTC), before) == 1.0
    assert elapsed(start, "month", dt.datetime(2026, 5, 31, tzinfo=dt.UTC)) == pytest.approx(30 / 31)
    assert elapsed(start, "month", dt.datetime(2026, 4, 2, tzinfo=dt.UTC)) == 0.0


def test_what_is_kept_is_in_the_audit_log_and_reaches_the_next_turn(company):
    services.target_set("cac", "month", "social", None, "98.5", "owner")
    services.target_set("csat", "week", None, "CN", "90", "owner")
    assert services.target_set("cac", "month", "social", None, "99", "owner").value == 9_900
    assert Target.objects.count() == 2
    rows = measuring_tables()["targets"].to_pylist()
    assert rows == [
        {"kpi": "cac", "grain": "month", "channel": "social", "market": None, "value": 9_900.0, "currency": "CNY"},
        {"kpi": "csat", "grain": "week", "channel": None, "market": "CN", "value": 0.9, "currency": None},
    ]
    assert services.target_remove("cac", "month", "social", None, "owner")
    assert not services.target_remove("cac", "month", "social", None, "owner")
    actions = list(Entry.objects.order_by("id").values_list("action", flat=True))
    assert actions[-4:] == ["target_set", "target_set", "target_set", "target_remove"]


@pytest.mark.parametrize(
    ("kpi", "grain", "text"),
    [("revenue", "week", "a lot"), ("revenue", "week", ""), ("revenue", "week", "-5"), ("revenue", "week", "1e99"),
     ("csat", "week", "120"), ("nothing", "week", "5"), ("revenue", "century", "5"), ("revenue", "week", "nan")],
)  # fmt: skip
def test_what_is_no_target_is_refused(company, kpi, grain, text):
    with pytest.raises(services.TargetProblem):
        services.target_set(kpi, grain, None, None, text, "owner")
    assert not Target.objects.exists()


def test_the_owner_sets_changes_and_removes_a_target_on_the_page(owner, running):
    owner.cookies["regulars_language"] = "zh-hans"
    address = "/measure/kpis/target/revenue/"
    part = owner.post(
        address, {"grain": "week", "of": "", "value": "1000", "verb": "set"}, headers={"HX-Request": "true"}
    )
    text = part.content.decode()
    assert 'id="tile-revenue"' in text
    assert "进度正常" in text
    assert "<html" not in text
    wrong = owner.post(address, {"grain": "week", "value": "viel"}, headers={"HX-Request": "true"}).content.decode()
    assert "目标是一个数字" in wrong
    assert Target.objects.get().value == 100_000
    assert owner.post(address, {"grain": "week", "value": "viel"}).status_code == 422
    answer = owner.post(address, {"grain": "week", "verb": "remove"})
    assert (answer.status_code, answer["Location"]) == (302, "/measure/kpis/?grain=week&of=#tile-revenue")
    assert not Target.objects.exists()
    owner.cookies["regulars_language"] = "en"
    assert "Set a target" in owner.get("/measure/kpis/").content.decode()


def test_today_says_how_much_of_the_target_is_there(owner, running):
    owner.cookies["regulars_language"] = "zh-hans"
    assert "本周目标" not in owner.get("/").content.decode()
    services.target_set("revenue", "week", None, None, "1500", "owner")
    assert "已完成本周目标的 40%，落后" in owner.get("/").content.decode()


def test_nobody_sets_a_target_without_logging_in(client, db, home):
    assert client.post("/measure/kpis/target/revenue/", {"value": "5"}).status_code == 302
    assert not Target.objects.exists()
