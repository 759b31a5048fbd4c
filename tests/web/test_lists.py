"""Lists page by key: every row once, in order, whatever the sort, with rows that have no value last."""

from __future__ import annotations

import csv
import io

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.web.cursor import closed, opened
from regulars.web.lists import PAGE, Column, Filter, List, View
from regulars.web.people.models import Person
from regulars.web.people.queries import people
from regulars.web.spreadsheet import plain

LIST = List(
    name="test",
    sort="-clv",
    columns=(
        Column("name", "Name", "name"),
        Column("clv", "Value", "score.clv", "money", sort="score__clv"),
        Column("created", "Since", "created_at", "ago", sort="created_at"),
    ),
    filters=(Filter("stage", "Stage", lambda: [("lead", "Lead")], lambda rows, v: rows.filter(stage=v)),),
)


def walk(sort):
    """Every key of every page, following the cursor."""
    keys, after, pages = [], "", 0
    while True:
        page = View(LIST, QueryDict(f"sort={sort}&after={after}")).page(people())
        assert len(page.rows) <= PAGE
        keys += [p.key for p in page.rows]
        pages += 1
        if not page.next:
            return keys, pages
        after = QueryDict(page.next.removeprefix("?"))["after"]


@pytest.mark.parametrize("down", [True, False])
@pytest.mark.parametrize(("key", "path"), [("clv", "score.clv"), ("created", "created_at")])
def test_pages_together_are_the_whole_list_in_order(company, key, path, down):
    column = Column("", "", path)
    rows = list(people())
    known = sorted((r for r in rows if column.value(r) is not None), key=lambda r: r.key)
    known.sort(key=lambda r: column.value(r), reverse=down)
    blank = sorted((r for r in rows if column.value(r) is None), key=lambda r: r.key)
    keys, pages = walk(("-" if down else "") + key)
    assert keys == [r.key for r in known + blank]
    assert pages == -(-len(rows) // PAGE)


def test_a_page_costs_the_same_anywhere(company, django_assert_num_queries):
    with django_assert_num_queries(1):
        View(LIST, QueryDict("sort=-created")).page(people())
    with django_assert_num_queries(1):
        View(LIST, QueryDict("sort=-clv")).page(people())


@given(st.one_of(st.none(), st.integers(), st.text(), st.floats(allow_nan=False), st.datetimes()), st.text(min_size=1))
def test_a_cursor_comes_back_as_it_went(value, key):
    assert opened(closed(value, key)) == (value, key, value is None)


@given(st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_broken_cursor_starts_at_the_top(text):
    value, key, blank = opened("!" + text)
    assert (value, key, blank) == (None, None, False)


def test_filters_sort_and_search_stay_in_addresses(company):
    view = View(LIST, QueryDict("stage=lead&sort=-created&q=x"))
    assert view.url(after="a") == "?stage=lead&q=x&sort=-created&after=a"
    assert view.chips[0]["word"] == "Lead"
    assert view.chips[0]["without"] == "?q=x&sort=-created"
    assert View(LIST, QueryDict("sort=password")).sort == "-clv"


def test_csv_has_a_mark_for_excel_and_no_formulas(company):
    Person.objects.filter(key=company["li_mei"]).update(name="=HYPERLINK(1)")
    response = LIST.show(RequestFactory().get("/?csv=1"), people())
    text = b"".join(response.streaming_content).decode("utf-8")
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == 121
    assert rows[0] == ["Name", "Value", "Since"]
    first = next(r for r in rows if "HYPERLINK" in r[0])
    assert first[0] == "'=HYPERLINK(1)"
    assert first[1] == "12400.00"


@given(st.text())
def test_no_cell_is_a_formula(text):
    assert not str(plain(text)).startswith(("=", "+", "-", "@"))


def test_the_count_comes_on_request_only(company, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = LIST.show(RequestFactory().get("/?count=1&stage=lead"), people())
    assert b"30" in response.content
