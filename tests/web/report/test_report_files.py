"""Reports: kept once a period, the same figures on paper as on screen, and no file but ours behind the link."""

from __future__ import annotations

import base64
import datetime as dt
import re
import zlib

import pytest

from regulars import tables
from regulars.home import SettingsProblem
from regulars.lake import Lake
from regulars.web.report.archive import reports_due, reports_kept
from regulars.web.report.drawing import WIDTH, Bar, Box, Stroke, bars, line
from regulars.web.report.periods import Period, period_ended
from regulars.web.report.svg import svg
from regulars.web.report.write import report_bytes, report_context

NOW = dt.datetime(2026, 3, 5, 8, tzinfo=dt.UTC)


def words_of(pdf: bytes) -> str:
    """Every word a PDF shows: its streams unpacked, their strings read as the font's two-byte characters."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S):
        text = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        for raw in re.findall(rb"\((.*?)(?<!\\)\) Tj", text, re.S):
            plain = re.sub(rb"\\([0-7]{3}|.)", lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else m[1], raw)
            found.append(plain.decode("utf-16-be", "replace"))
    return " ".join(found)


@pytest.fixture
def months_of(company, home):
    """Revenue of three months and the same month a year before, and every figure of all time."""
    days = [dt.date(2026, 2, 1), dt.date(2026, 1, 1), dt.date(2025, 2, 1), dt.date(2026, 3, 1)]
    lake = Lake(home.lake_path)
    for seq, grain, values in ((2, "month", [30_000.0, 20_000.0, 10_000.0, 99_900.0]), (3, "all", [159_900.0])):
        lake.append("kpis", tables.TABLES["kpis"].fill({
            "name": "revenue", "day": days[: len(values)], "grain": grain, "value": values, "currency": "CNY",
            "made_by": "kpis/1", "made_at": NOW, "lake_version": "2",
        }, len(values)), "loop", seq)  # fmt: skip


@pytest.mark.parametrize(
    ("today", "grain", "start", "before", "year_before"),
    [
        (dt.date(2026, 3, 1), "month", dt.date(2026, 2, 1), dt.date(2026, 1, 1), dt.date(2025, 2, 1)),
        (dt.date(2026, 1, 31), "month", dt.date(2025, 12, 1), dt.date(2025, 11, 1), dt.date(2024, 12, 1)),
        (dt.date(2026, 3, 5), "week", dt.date(2026, 2, 23), dt.date(2026, 2, 16), dt.date(2025, 2, 24)),
    ],
)
def test_a_period_is_over_before_it_is_reported(today, grain, start, before, year_before):
    period = period_ended(today, grain)
    assert period.end <= today
    assert (period.start, period.before, period.year_before) == (start, before, year_before)


def test_the_month_stands_beside_the_one_before_and_the_one_a_year_before(months_of, home):
    [tile] = report_context(home, Period("month", dt.date(2026, 2, 1), dt.date(2026, 3, 1)))["tiles"]
    assert "300" in tile["value"]
    assert "200" in tile["note"]
    assert "100" in tile["note"]


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "关键指标"), ("en", "Key figures")])
def test_the_pdf_says_what_the_page_says(months_of, home, language, word):
    period = Period("month", dt.date(2026, 2, 1), dt.date(2026, 3, 1))
    pdf = report_bytes(home, "pdf", language, period)
    assert pdf.startswith(b"%PDF-")
    said = words_of(pdf)
    page = report_bytes(home, "html", language, period).decode()
    for words in (home.settings.company, word, "2026-02"):
        assert words in said
        assert words in page
    assert report_bytes(home, "pdf", language, period) == pdf  # the same figures make the same file


def test_a_report_is_kept_once_and_never_written_over(months_of, home):
    made = reports_due(home, NOW)
    assert sorted(p.name for p in made) == [
        f"2026-02.{language}.{form}" for language in ("en", "zh-hans") for form in ("html", "pdf")
    ]
    first = (home.reports_path / "2026-02.en.html").read_bytes()
    assert reports_due(home, NOW + dt.timedelta(days=3)) == []
    assert (home.reports_path / "2026-02.en.html").read_bytes() == first
    home.change(report_every="week")
    assert {p.name.split(".")[0] for p in reports_due(home, NOW)} == {"2026-W09"}
    assert [one.key for one in reports_kept(home)] == ["2026-W09", "2026-02"]
    home.change(report_every="")
    assert reports_due(home, NOW + dt.timedelta(days=60)) == []
    with pytest.raises(SettingsProblem, match="report_every"):
        home.change(report_every="day")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_kept_reports_are_listed_and_only_they_are_handed_out(months_of, owner, home, language):
    owner.cookies["regulars_language"] = language
    assert "empty" in owner.get("/measure/report/kept/").content.decode()
    reports_due(home, NOW)
    (home.reports_path / "secret.txt").write_text("no")
    page = owner.get("/measure/report/kept/").content.decode()
    assert page.count("/measure/report/kept/2026-02.") == 4
    assert "secret" not in page
    shown = owner.get("/measure/report/kept/2026-02.en.html")
    assert b"".join(shown.streaming_content).startswith(b"<!doctype html>")
    assert "script-src 'none'" in shown["Content-Security-Policy"]
    pdf = owner.get("/measure/report/kept/2026-02.zh-hans.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    for name in ("secret.txt", "2026-02.en.exe", "..%2Fregulars.toml"):
        assert owner.get(f"/measure/report/kept/{name}").status_code == 404
    assert owner.get("/measure/report/?pdf").content.startswith(b"%PDF-")


def test_drawings_stay_inside_their_frame_and_words_cannot_break_out():
    days = [(dt.date(2026, 1, 1) + dt.timedelta(days=i), None if i == 5 else 1000.0 * i - 3000) for i in range(20)]
    rows = [Bar("<b>&", 5.0, 2.0, 9.0), Bar("x", -4.0, quiet=True)]
    for drawing in (line(days, title="t<", unit="CNY"), bars(rows, title="b", unit="CNY")):
        for shape in drawing.shapes:
            points = []
            if isinstance(shape, Stroke):
                points = [p for p in shape.points if p]
            elif isinstance(shape, Box):
                points = [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
            for x, y in points:
                assert 0 <= x <= WIDTH
                assert 0 <= y <= drawing.height
        assert "<b>" not in svg(drawing)
    assert line(days[:1], title="t", unit="") is None
    assert bars([], title="t", unit="") is None
    assert svg(None) == ""
