"""The report as PDF: the same figures, drawings and words as in HTML, on pages of A4."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _

from regulars.web.report.drawing import WIDTH, Box, Drawing, Stroke, Word
from regulars.web.words.times import exact_text

# One of the fonts every reader of PDF brings for Chinese, so none has to be put into the file.
FONT: Final = "STSong-Light"
ACCENT: Final = "#206bc4"
QUIET: Final = "#6b7280"


def report_pdf(context: dict[str, Any], language: str) -> bytes:
    """The report of ``report_context`` as PDF in the active language."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = BytesIO()
    page = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=16 * mm,
        title=f"{context['company']} · {context['title']}", author=context["company"], lang=language,
        creator="Regulars", invariant=1,
    )  # fmt: skip

    def foot(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 8)
        canvas.setFillColor(QUIET)
        canvas.drawString(18 * mm, 9 * mm, _("Made on this machine by Regulars 熟客."))
        canvas.drawRightString(A4[0] - 18 * mm, 9 * mm, str(document.page))
        canvas.restoreState()

    page.build(_story(context, page.width), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _story(context: dict[str, Any], width: float) -> list[Any]:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import CondPageBreak, Paragraph, Spacer

    plain = ParagraphStyle("plain", fontName=FONT, fontSize=9.5, leading=14, wordWrap="CJK")
    quiet = ParagraphStyle("quiet", plain, textColor=QUIET, fontSize=8.5, leading=12)
    title = ParagraphStyle("title", plain, fontSize=20, leading=26)
    heading = ParagraphStyle("heading", plain, fontSize=13, leading=18, spaceBefore=12, spaceAfter=5)

    def said(text: object, style: ParagraphStyle = plain) -> Any:
        return Paragraph(escape(str(text)), style)

    made = _("As of %s") % exact_text(context["turned"]) if context["turned"] else _("The wheel has not turned yet.")
    story = [said(context["company"], title), said(context["title"], heading),
             said(f"{made} · {context['currency']}", quiet), Spacer(1, 8)]  # fmt: skip

    def part(name: str, drawing: Drawing | None, table: Any) -> None:
        if table is None and drawing is None:
            return
        # A heading never stands alone at the foot of a page.
        tall = 0 if drawing is None else drawing.height * width / WIDTH
        story.extend([CondPageBreak(tall + 90), said(name, heading)])
        if drawing is not None:
            story.append(_drawn(drawing, width))
        if table is not None:
            story.append(table)

    part(_("Key figures"), context["revenue_drawing"], _tiles(context["tiles"], width, plain, quiet))
    for section in context["sections"]:
        part(section.title, section.drawing, _table(section.heads, section.rows, width, quiet))
        story.extend(said(line, quiet) for line in section.notes)
    if context["definitions"]:
        story.append(said(_("What the figures mean"), heading))
        story.extend(said(f"{d['title']}: {d['text']}", quiet) for d in context["definitions"])
    return story


def _tiles(tiles: Sequence[dict[str, str]], width: float, plain: Any, quiet: Any) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Table

    if not tiles:
        return None
    large = ParagraphStyle("large", plain, fontSize=13, leading=17)
    cells = [
        [
            Paragraph(escape(t["title"]), quiet),
            Paragraph(escape(t["value"]), large),
            Paragraph(escape(t["note"]), quiet),
        ]
        for t in tiles
    ]
    rows = [cells[i : i + 3] for i in range(0, len(cells), 3)]
    rows[-1] += [""] * (3 - len(rows[-1]))
    return Table(rows, colWidths=[width / 3] * 3, style=[
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("INNERGRID", (0, 0), (-1, -1), 0.5, "#e5e7eb"),
        ("BOX", (0, 0), (-1, -1), 0.5, "#e5e7eb"), ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
    ])  # fmt: skip


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: float, quiet: Any) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Table

    if not rows:
        return None
    left, right = quiet, ParagraphStyle("right", quiet, alignment=2)
    cells = [[Paragraph(escape(str(c)), right if i else left) for i, c in enumerate(row)] for row in (heads, *rows)]
    first = 0.26 if len(heads) > 2 else 0.5
    share = (1 - first) / max(len(heads) - 1, 1)
    return Table(cells, colWidths=[width * first, *[width * share] * (len(heads) - 1)], repeatRows=1, style=[
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, "#9ca3af"), ("LINEBELOW", (0, 1), (-1, -1), 0.4, "#eef0f3"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ])  # fmt: skip


def _drawn(drawing: Drawing, width: float) -> Any:
    """The shapes on paper, where the origin is at the bottom."""
    from reportlab.graphics import shapes as paper
    from reportlab.lib.colors import HexColor

    scale = width / WIDTH
    group = paper.Group()
    for shape in drawing.shapes:
        if isinstance(shape, Word):
            group.add(paper.String(
                shape.x, drawing.height - shape.y, shape.text, fontName=FONT, fontSize=shape.size,
                fillColor=HexColor(shape.colour), textAnchor=shape.anchor,
            ))  # fmt: skip
        elif isinstance(shape, Box):
            group.add(paper.Rect(
                shape.x, drawing.height - shape.y - shape.height, shape.width, shape.height, strokeWidth=0,
                strokeColor=None, fillColor=HexColor(shape.colour),
            ))  # fmt: skip
        else:
            for run in _runs(shape):
                group.add(paper.PolyLine(
                    [c for x, y in run for c in (x, drawing.height - y)], strokeColor=HexColor(shape.colour),
                    strokeWidth=shape.width, strokeOpacity=shape.opacity,
                ))  # fmt: skip
    group.scale(scale, scale)
    sheet = paper.Drawing(width, drawing.height * scale)
    sheet.add(group)
    return sheet


def _runs(stroke: Stroke) -> list[list[tuple[float, float]]]:
    """The stretches between lifted pens that are lines at all."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in stroke.points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if len(run) > 1]
