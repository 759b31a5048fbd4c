"""Drawings as SVG, for a report in one file that opens anywhere and prints well."""

from __future__ import annotations

from html import escape

from regulars.web.report.drawing import INK, WIDTH, Box, Drawing, Stroke, Word


def svg(drawing: Drawing | None) -> str:
    """One drawing as an SVG element; nothing for none. Every word in it is escaped."""
    if drawing is None:
        return ""
    title = escape(drawing.title)
    return (
        f'<svg viewBox="0 0 {WIDTH} {drawing.height:g}" role="img" aria-label="{title}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}"><title>{title}</title>'
        f"{''.join(_shape(s) for s in drawing.shapes)}</svg>"
    )


def _shape(shape: Stroke | Word | Box) -> str:
    if isinstance(shape, Word):
        return (
            f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" text-anchor="{shape.anchor}" font-size="{shape.size:g}" '
            f'fill="{shape.colour}">{escape(shape.text)}</text>'
        )
    if isinstance(shape, Box):
        return (
            f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}" rx="2" '
            f'fill="{shape.colour}"/>'
        )
    path, pen = [], "M"
    for point in shape.points:
        if point is None:
            pen = "M"
            continue
        path.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "L"
    return (
        f'<path d="{" ".join(path)}" fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}" '
        f'stroke-opacity="{shape.opacity:g}" stroke-linejoin="round"/>'
    )
