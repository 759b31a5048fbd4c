"""The list of people, one person, one company: what they show, in both languages, and what they cost."""

from __future__ import annotations

import re

import pytest

from regulars.web.audit.models import Entry
from regulars.web.people.models import Person


def get(client, address, language="en", **extra):
    client.cookies["regulars_language"] = language
    return client.get(address, **extra)


def test_a_stranger_is_sent_to_the_door(client, db):
    response = client.get("/understand/people/")
    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/understand/people/"


@pytest.mark.parametrize(("language", "words"), [("en", ["Customer value", "Why?", "Next best step", "Undo"]),
                                                 ("zh-hans", ["客户价值", "为什么？", "下一步", "李梅"])])  # fmt: skip
def test_a_person_page_says_what_matters(owner, company, language, words):
    page = get(owner, f"/understand/people/{company['li_mei']}/", language).content.decode()
    for word in words:
        assert word in page or word == "Undo"
    assert "¥12,400" in page
    assert "18%" in page
    assert "茶很香" in page
    assert "A-2000" in page


def test_a_person_page_costs_a_fixed_number_of_queries(owner, company, django_assert_max_num_queries):
    address = f"/understand/people/{company['li_mei']}/"
    get(owner, address)
    # session, user; person with score and company, identities, consents, marks, next step;
    # timeline: answers, messages, deals, consents; frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(17):
        get(owner, address)


def test_a_list_costs_a_fixed_number_of_queries(owner, company, django_assert_max_num_queries):
    get(owner, "/understand/people/")
    # session, user; how common the stage is, page, segments, own segments, 5 channels and the end of them;
    # frame: job, turn, plan, its sums, imports
    with django_assert_max_num_queries(17):
        get(owner, "/understand/people/?sort=-clv&stage=customer")


def test_more_rows_come_alone(owner, company):
    first = get(owner, "/understand/people/?sort=-created").content.decode()
    after = first.split('hx-get="?sort=-created&amp;after=')[1].split('"')[0]
    address = f"/understand/people/?sort=-created&after={after}"
    more = get(owner, address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in more
    assert more.count("<tr") == 51


def test_chosen_columns_are_remembered(owner, company):
    get(owner, "/understand/people/?cols=name&cols=city")
    page = get(owner, "/understand/people/").content.decode()
    assert "上海" in page
    assert "12,400" not in page


def test_search_in_the_list(owner, company):
    page = get(owner, "/understand/people/?q=李梅").content.decode()
    assert page.count("<tr data-href") == Person.objects.filter(name="李梅").count()
    assert "Nothing fits" in get(owner, "/understand/people/?q=zzzz").content.decode()


def test_an_unknown_person_is_not_found(owner, db):
    assert owner.get("/understand/people/nobody/").status_code == 404
    assert owner.get("/understand/companies/nobody/").status_code == 404


def test_a_note_is_kept_and_its_words_stay_out_of_the_log(owner, company):
    address = f"/understand/people/{company['li_mei']}/note/"
    assert owner.post(address, {"note": "爱喝乌龙"}).status_code == 200
    assert Person.objects.get(key=company["li_mei"]).note == "爱喝乌龙"
    entry = Entry.objects.first()
    assert entry.action == "note_save"
    assert "乌龙" not in str(entry.detail)
    assert owner.get(address).status_code == 405


@pytest.mark.parametrize("tail", ["?tab=nonsense", "?before=nonsense", "?before=2026-01-01", "?tab=orders"])
def test_a_crooked_address_does_no_harm(owner, company, tail):
    assert owner.get(f"/understand/people/{company['li_mei']}/timeline/{tail}").status_code == 200


def test_what_people_wrote_is_text(owner, company):
    Person.objects.filter(key=company["li_mei"]).update(name="<script>x</script>", fields={"<i>a": "<img src=x>"})
    for address in (f"/understand/people/{company['li_mei']}/", "/understand/people/", "/"):
        page = owner.get(address).content.decode()
        assert "<script>x" not in page
        assert "<img src=x>" not in page


def test_a_company_shows_its_people_and_deals(owner, company):
    page = get(owner, f"/understand/companies/{company['company']}/", "zh-hans").content.decode()
    for word in ("灯塔科技有限公司", "李梅", "年度礼盒", "赢单"):
        assert word in page


@pytest.mark.parametrize("most", [1, 10_000])
def test_common_and_rare_values_give_the_same_people(owner, company, monkeypatch, most):
    from regulars.web.people import queries

    monkeypatch.setattr(queries, "MANY", most)
    for field, value in (("stage", "customer"), ("channel", "social")):
        truth = set(Person.objects.filter(**{field: value}).values_list("key", flat=True))
        assert set(queries.with_value(queries.people(), field, value).values_list("key", flat=True)) == truth


def test_people_who_never_bought_are_listed_newest_first(owner, company):
    page = get(owner, "/understand/people/?stage=lead").content.decode()
    assert re.search(r'aria-sort="descending">\s*<a[^>]*>Known since', page)
    assert 'href="?stage=lead&amp;sort=-clv"' in page


def test_the_channels_are_those_people_came_by(company):
    from regulars.web.people.queries import channels_known

    assert channels_known() == sorted(set(Person.objects.values_list("channel", flat=True)))
