"""Lists: filter chips, sorting, columns to show, keyset paging, a count on request and a CSV for spreadsheets.

A page makes one ``List`` of ``Column`` and ``Filter`` and calls ``show``; ``templates/list.html`` draws it.
Pages never use OFFSET: the cursor is the last row's sort value and key, so page 5,000 costs what page 1 does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render

from regulars.web.cursor import closed, opened
from regulars.web.spreadsheet import csv_line, plain

PAGE = 50


@dataclass(frozen=True)
class Column:
    """One column: ``path`` into the row (``score.clv``), how to show it, and the field to sort by."""

    key: str
    title: Any
    path: str
    kind: str = "text"
    sort: str = ""
    first: str = "-"
    shown: bool = True
    label: str = ""
    term: str = ""

    @property
    def right(self) -> bool:
        return self.kind in ("money", "number", "percent", "days")

    def value(self, row: Any) -> Any:
        """The value of a row; None where something on the way is missing."""
        for part in self.path.split("."):
            row = row.get(part) if isinstance(row, dict) else getattr(row, part, None)
            if row is None:
                return None
        return row


@dataclass(frozen=True)
class Filter:
    """One chip: its choices are (value, word) pairs, ``narrow`` keeps the rows that fit.

    ``sorts`` names another first order for some values: people who never bought are not listed by what they are worth.
    """

    key: str
    title: Any
    choices: Callable[[], Sequence[tuple[str, Any]]]
    narrow: Callable[[QuerySet[Any], str], QuerySet[Any]]
    sorts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Empty:
    """What an empty list says: one sentence and one button."""

    text: Any
    button: Any = ""
    url: str = ""
    icon: str = "users"


@dataclass(frozen=True)
class List:
    """A kind of list: its columns, filters, sort and what it says when there is nothing."""

    name: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    sort: str = ""
    key: str = "pk"
    empty: Empty = field(default_factory=lambda: Empty(""))
    row_url: Callable[[Any], str] | None = None
    find: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None

    def show(self, request: HttpRequest, rows: QuerySet[Any], template: str = "list_page.html",
             **context: Any) -> HttpResponseBase:  # fmt: skip
        """The page, or only what htmx or a spreadsheet asked for."""
        view = View(self, request.GET, request.COOKIES.get(f"regulars_cols_{self.name}", ""))
        chosen = view.narrowed(rows)
        if "csv" in request.GET:
            return self.csv(view, chosen)
        if "count" in request.GET:
            return render(request, "parts/count.html", {"count": chosen.count()})
        page = view.page(chosen)
        part = "parts/list_rows.html" if view.cursor and request.headers.get("HX-Request") else template
        response = render(request, part, {"list": page, **context})
        if "cols" in request.GET:
            response.set_cookie(f"regulars_cols_{self.name}", ",".join(c.key for c in view.columns), 365 * 86400,
                                samesite="Lax")  # fmt: skip
        return response

    def csv(self, view: View, rows: QuerySet[Any]) -> StreamingHttpResponse:
        """Every row that fits, as UTF-8 with BOM, which Excel opens without breaking Chinese."""
        columns = view.columns

        def lines() -> Iterator[str]:
            yield "\ufeff"
            yield csv_line([str(c.title) for c in columns])
            for row in rows.order_by(self.key).iterator(chunk_size=2000):
                yield csv_line([plain(c.value(row), c.kind, c.label) for c in columns])

        response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.name}.csv"'
        return response


@dataclass
class Page:
    """What the template draws."""

    list: List
    view: View
    rows: list[Any]
    next: str

    @property
    def columns(self) -> Sequence[Column]:
        return self.view.columns

    @property
    def searchable(self) -> bool:
        return self.list.find is not None

    @property
    def cells(self) -> Iterator[tuple[str, list[tuple[Column, Any]]]]:
        """Each row as its address and its (column, value) pairs."""
        for row in self.rows:
            url = self.list.row_url(row) if self.list.row_url else ""
            yield url, [(c, c.value(row)) for c in self.columns]


class View:
    """One request's choice of filters, sort, columns and place."""

    def __init__(self, list_: List, asked: Any, remembered: str = "") -> None:
        self.list, self.asked = list_, asked
        self.text = asked.get("q", "").strip()
        self.cursor = asked.get("after", "")
        wanted = asked.getlist("cols") if "cols" in asked else [k for k in remembered.split(",") if k]
        chosen = [c for c in list_.columns if c.key in wanted]
        self.columns = chosen or [c for c in list_.columns if c.shown]
        special = (f.sorts.get(asked.get(f.key, "")) for f in list_.filters)
        self.usual = next((sort for sort in special if sort), list_.sort)
        self.sort = asked.get("sort", self.usual)
        known = {c.key: c for c in list_.columns if c.sort}
        if self.sort.lstrip("-") not in known:
            self.sort = self.usual
        self.sorted_by = known.get(self.sort.lstrip("-"))
        self.down = self.sort.startswith("-")

    @property
    def active(self) -> dict[str, str]:
        return {f.key: self.asked[f.key] for f in self.list.filters if self.asked.get(f.key)}

    def url(self, **changes: str | None) -> str:
        """This page's address with some choices changed (None drops one)."""
        kept: dict[str, Any] = dict(self.active)
        if self.text:
            kept["q"] = self.text
        if self.sort != self.usual:
            kept["sort"] = self.sort
        kept = {k: v for k, v in {**kept, **changes}.items() if v not in (None, "")}
        return "?" + urlencode(kept)

    @property
    def chips(self) -> list[dict[str, Any]]:
        """Each filter with its choices, the chosen word and the address that takes it away."""
        found = []
        for f in self.list.filters:
            value = self.active.get(f.key, "")
            choices = [(v, str(word), self.url(**{f.key: v})) for v, word in f.choices()]
            word = next((w for v, w, _u in choices if v == value), value)
            found.append({"key": f.key, "title": f.title, "value": value, "word": word, "choices": choices,
                          "without": self.url(**{f.key: None})})  # fmt: skip
        return found

    @property
    def heads(self) -> list[dict[str, Any]]:
        """Each shown column with the address that sorts by it."""
        heads = []
        for c in self.columns:
            on = self.sorted_by is c
            turned = f"{'' if self.down else '-'}{c.key}" if on else f"{'' if c.first == '+' else '-'}{c.key}"
            heads.append({"column": c, "url": self.url(sort=turned) if c.sort else "", "on": on, "down": self.down})
        return heads

    @property
    def csv_url(self) -> str:
        return self.url(csv="1")

    @property
    def count_url(self) -> str:
        return self.url(count="1")

    @property
    def narrowing(self) -> bool:
        return bool(self.active or self.text)

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for f in self.list.filters:
            if f.key in self.active:
                rows = f.narrow(rows, self.active[f.key])
        return self.list.find(rows, self.text) if self.text and self.list.find else rows

    def page(self, rows: QuerySet[Any]) -> Page:
        """Fifty rows from the cursor on, rows without a sort value last, in two index-friendly steps."""
        if self.sorted_by is None:
            found = list(rows.order_by(self.list.key)[: PAGE + 1])
            return self.paged(found)
        path, key = self.sorted_by.sort, self.list.key
        value, last, blank = opened(self.cursor)
        found: list[Any] = []
        if not blank:
            known = rows.filter(**{f"{path}__isnull": False})
            if last is not None:
                side = "lt" if self.down else "gt"
                # The outer bound lets the database start inside the index; an OR alone would scan.
                known = known.filter(**{f"{path}__{side}e": value}).filter(
                    Q(**{f"{path}__{side}": value}) | Q(**{path: value, f"{key}__gt": last})
                )
            found = list(known.order_by(f"{'-' if self.down else ''}{path}", key)[: PAGE + 1])
        if len(found) <= PAGE and self.nullable(rows, path):
            rest = rows.filter(**{f"{path}__isnull": True})
            if blank and last is not None:
                rest = rest.filter(**{f"{key}__gt": last})
            found += list(rest.order_by(key)[: PAGE + 1 - len(found)])
        return self.paged(found)

    @staticmethod
    def nullable(rows: QuerySet[Any], path: str) -> bool:
        model: type[Model] = rows.model
        if "__" in path:
            return True
        return bool(model._meta.get_field(path).null)

    def paged(self, found: list[Any]) -> Page:
        rows, more = found[:PAGE], len(found) > PAGE
        following = ""
        if more:
            path = self.sorted_by.sort.replace("__", ".") if self.sorted_by else self.list.key
            value = Column("", "", path).value(rows[-1])
            last = Column("", "", self.list.key).value(rows[-1])
            following = self.url(after=closed(value, last))
        return Page(self.list, self, rows, following)


def choices_of(keys: Sequence[str], kind: str) -> Callable[[], list[tuple[str, str]]]:
    """Choices of a filter from keys and their words."""
    from regulars.web.words.labels import label

    return lambda: [(k, label(kind, k)) for k in keys]
