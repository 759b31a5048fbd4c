"""The largest table of an HTML page into a sheet."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from regulars.collect.encodings import detect, to_utf8
from regulars.collect.problems import ImportProblem
from regulars.collect.sources.csv import read_text

if TYPE_CHECKING:
    from regulars.collect.sheet import Sheet


class _Tables(HTMLParser):
    """Gathers the cells of every table; a table inside a cell counts by itself."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.open: list[list[list[str]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.open.append([])
            self.tables.append(self.open[-1])
        elif tag == "tr" and self.open:
            self.open[-1].append([])
        elif tag in ("td", "th") and self.open:
            if not self.open[-1]:
                self.open[-1].append([])
            self.open[-1][-1].append("")
            self.inside = True
        elif tag == "br" and self.inside:
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self.open:
            self.open.pop()
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside and self.open and self.open[-1] and self.open[-1][-1]:
            self.open[-1][-1][-1] += data


def read_html(data: bytes, name: str, encoding: str = "") -> Sheet:
    """Read the largest table of a page.

    Raises ``ImportProblem`` when the page holds no table, as a login page does.
    """
    told = re.search(rb"charset=[\"']?([\w\-]+)", data[:2048])
    encoding = encoding or (told.group(1).decode().lower() if told else "") or detect(data)
    try:
        text = to_utf8(data, encoding).decode("utf-8", "replace")
    except LookupError:
        encoding = detect(data)
        text = to_utf8(data, encoding).decode("utf-8", "replace")
    page = _Tables()
    page.feed(text)
    rows = max(page.tables, key=lambda t: sum(len(r) for r in t), default=[])
    if sum(len(r) for r in rows) < 2:
        raise ImportProblem(
            "not_a_table",
            what="This is a web page without a table",
            where=name,
            remedy="It may be a login page: download the export again while logged in.",
            format="HTML",
        )
    box = io.StringIO()
    csv.writer(box).writerows([[" ".join(c.split()) for c in row] for row in rows])
    sheet = read_text(box.getvalue().encode(), name, encoding="utf-8", delimiter=",")
    return replace(sheet, format="html", encoding=encoding, delimiter="")
