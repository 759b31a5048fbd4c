"""Search finds every name that holds the letters, of two characters too, and forgets for good."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from regulars.web.people.models import Person
from regulars.web.search import queries
from regulars.web.search.models import Subject
from regulars.web.search.queries import find, people_keys
from regulars.web.search.services import forget, index, rebuild
from regulars.web.search.tokens import asked, folded, tokens


@pytest.mark.parametrize("name", ["张伟", "李梅", "小明", "静", "雨桐", "王秀英"])
def test_a_chinese_name_is_found_wherever_it_stands(company, name):
    truth = set(Person.objects.filter(name__contains=name).values_list("key", flat=True))
    assert truth
    assert set(people_keys(name)) == truth


@pytest.mark.parametrize(
    ("text", "field"), [("muller", "name"), ("SILVA", "name"), ("person17@example.com", "email"), ("00000042", "phone")]
)
def test_words_are_found_without_case_accent_or_country_code(company, text, field):
    truth = {p.key for p in Person.objects.all() if folded(text) in folded(getattr(p, field))}
    assert truth
    assert set(people_keys(text)) == truth


def test_the_whole_name_comes_first(company):
    names = [hit.name for hit in find("李梅")]
    assert names[0] == "李梅"
    assert find("灯塔科技")[0].kind == "company"


def test_an_external_id_and_a_key_are_found(company):
    assert people_keys("1000") == [company["li_mei"]]
    assert people_keys(company["li_mei"]) == [company["li_mei"]]


@pytest.mark.parametrize(
    "text", ["", "  ", '"', "*", "a AND", "NEAR(", "🙂", "'; DROP TABLE search_subject; --", "%", "_"]
)
def test_no_query_breaks_it(company, text):
    find(text)
    people_keys(text)


@given(st.text())
def test_any_name_is_found_by_its_own_tokens(text):
    kept = set(tokens(text))
    assert all(token in kept for token, _start in asked(text))


def test_a_changed_name_is_found_and_the_old_one_is_not(company):
    Person.objects.filter(key=company["li_mei"]).update(name="欧阳锋")
    index([company["li_mei"]])
    assert people_keys("欧阳") == [company["li_mei"]]
    assert company["li_mei"] not in people_keys("李梅")
    Subject.objects.filter(person=company["li_mei"]).update(tokens="x y")
    assert people_keys("欧阳") == []


def test_an_erased_person_leaves_no_word_in_the_index(company):
    Person.objects.filter(key=company["li_mei"]).update(name="司徒雷登")
    index([company["li_mei"]])
    forget([company["li_mei"]])
    assert people_keys("司徒") == []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM search_words_data WHERE instr(block, CAST('司徒' AS BLOB))")
            assert cursor.fetchone()[0] == 0


def test_deleting_a_person_takes_them_out(company):
    Person.objects.get(key=company["li_mei"]).delete()
    assert company["li_mei"] not in people_keys("李梅")
    assert not Subject.objects.filter(person=company["li_mei"]).exists()


def test_building_again_changes_nothing(company):
    before = set(people_keys("王"))
    assert rebuild() == {"people": 120, "companies": 3}
    assert set(people_keys("王")) == before


def test_other_databases_find_the_same(company, monkeypatch):
    wanted = {text: set(people_keys(text)) for text in ("李梅", "静", "mull", "00000042", "Ana Silva")}

    class Elsewhere:
        vendor = "postgresql"

    monkeypatch.setattr(queries, "connection", Elsewhere)
    assert {text: set(people_keys(text)) for text in wanted} == wanted
