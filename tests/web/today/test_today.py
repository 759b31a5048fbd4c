"""Today says what waits, what is worth doing, and takes a yes or a no."""

from __future__ import annotations

from datetime import UTC, datetime

from regulars.web.jobs.queries import next_turn
from regulars.web.plans.models import PlanRow
from regulars.web.today.queries import waiting


def get(client, address="/", language="zh-hans"):
    client.cookies["regulars_language"] = language
    return client.get(address).content.decode()


def test_an_empty_home_says_how_to_begin(owner, home):
    page = get(owner)
    assert "导入文件" in page
    assert "regulars demo" in page


def test_what_waits_is_counted_and_valued(company):
    things = waiting().things
    assert [t.icon for t in things] == ["scale", "send", "file-import"]
    assert things[0].value == 5 * 46_000
    assert things[1].value == sum(PlanRow.objects.filter(kind="next_best").values_list("value", flat=True))


def test_the_day_in_one_sentence(owner, company):
    page = get(owner)
    assert "有 3 件事等你决定。" in page
    assert "比上周同日" in page
    assert "+¥860" in page
    assert "+¥4,420" in page
    page = get(owner, language="en")
    assert "3 things wait for your decision." in page


def test_the_page_costs_a_fixed_number_of_queries(owner, company, django_assert_max_num_queries):
    get(owner)
    # session, user; anybody, plan, sums, best actions, last measured, alarm, at risk, last turn, targets;
    # frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(16):
        get(owner)


def test_yes_no_and_undo(owner, company):
    row = PlanRow.objects.filter(kind="next_best").first()
    for verb, state, word in (("approve", "approved", "已批准"), ("reset", "proposed", "批准"),
                              ("decline", "declined", "不做")):  # fmt: skip
        owner.cookies["regulars_language"] = "zh-hans"
        answer = owner.post("/today/decide/", {"row": row.pk, "verb": verb})
        row.refresh_from_db()
        assert row.state == state
        assert word in answer.content.decode()
    assert owner.post("/today/decide/", {"row": row.pk, "verb": "explode"}).status_code == 400
    assert owner.post("/today/decide/", {"row": "nothing", "verb": "approve"}).status_code == 404


def test_the_palette_finds_people_pages_and_commands(owner, company):
    assert "李梅" in get(owner, "/search/palette/?q=李梅")
    assert "灯塔科技" in get(owner, "/search/palette/?q=灯塔")
    assert "/understand/people/" in get(owner, "/search/palette/?q=客户")
    assert "退出登录" in get(owner, "/search/palette/")
    assert "没有找到" in get(owner, "/search/palette/?q=zzzzzz")


def test_the_next_turn():
    seven = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
    assert next_turn(seven.replace(hour=6), "07:00") == seven
    assert next_turn(seven, "07:00") == seven.replace(day=6)
    assert next_turn(seven, "") is None
