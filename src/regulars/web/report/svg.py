"""Charts as plain SVG, for a report that opens anywhere and prints well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import ceil, floor, isfinite, log10

WIDTH = 720
LEFT, RIGHT, TOP, BOTTOM = 72, 16, 14, 34
INK, QUIET, ACCENT, GRID = "#1f2937", "#9ca3af", "#206bc4", "#e5e7eb"


def nice_step(span: float, parts: int = 4) -> float:
    """A step of 1, 2 or 5 times a power of ten that cuts the span into about this many parts.

    >>> nice_step(97), nice_step(0.4)
    (50.0, 0.1)
    """
    if not span > 0 or not isfinite(span):
        return 1.0
    raw = span / parts
    unit = 10.0 ** floor(log10(raw))
    return float(next(unit * m for m in (1, 2, 5, 10) if unit * m >= raw * 0.999))


def short(value: float) -> str:
    """A number for an axis: 1.2M, 35k, 0.4.

    >>> short(1_200_000), short(35_000), short(0.4), short(-2000)
    ('1.2M', '35k', '0.4', '-2k')
    """
    for unit, word in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:.4g}{word}"
    return f"{value:.4g}"


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its value and, where it is an estimate, its interval."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    quiet: bool = False


def _frame(height: int, body: str, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="{INK}"><title>{escape(title)}</title>{body}</svg>'
    )


def line(points: Sequence[tuple[date, float | None]], *, title: str, unit: str, height: int = 240) -> str:
    """A value over time; days without a value leave a gap."""
    known = [(d, v) for d, v in points if v is not None]
    if len(known) < 2:
        return ""
    first, last = points[0][0].toordinal(), points[-1][0].toordinal()
    low, high = min(0.0, *(v for _, v in known)), max(v for _, v in known)
    step = nice_step(high - low)
    low, high = floor(low / step) * step, max(ceil(high / step) * step, step)

    def x(d: date) -> float:
        return LEFT + (d.toordinal() - first) / max(last - first, 1) * (WIDTH - LEFT - RIGHT)

    def y(v: float) -> float:
        return height - BOTTOM - (v - low) / (high - low) * (height - TOP - BOTTOM)

    parts = []
    mark = low
    while mark <= high + step / 2:
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}" stroke="{GRID}"/>'
            f'<text x="{LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end">{short(mark)}</text>'
        )
        mark += step
    labels = (
        [points[round(i * (len(points) - 1) / 5)][0] for i in range(6)] if len(points) > 6 else [d for d, _ in points]
    )
    parts += [
        f'<text x="{x(d):.1f}" y="{height - 12}" text-anchor="middle">{d:%Y-%m-%d}</text>'
        for d in dict.fromkeys(labels)
        if LEFT + 20 < x(d) < WIDTH - RIGHT - 20 or d in (labels[1:-1] or labels)
    ]
    path, pen = [], "M"
    for d, v in points:
        if v is None:
            pen = "M"
            continue
        path.append(f"{pen}{x(d):.1f} {y(v):.1f}")
        pen = "L"
    parts.append(f'<path d="{" ".join(path)}" fill="none" stroke="{ACCENT}" stroke-width="2" stroke-linejoin="round"/>')
    parts.append(f'<text x="{LEFT}" y="10" font-size="11" fill="{QUIET}">{escape(unit)}</text>')
    return _frame(height, "".join(parts), title)


def bars(rows: Sequence[Bar], *, title: str, unit: str) -> str:
    """Values side by side, with a grey line for the interval of an estimate."""
    if not rows:
        return ""
    left = 190
    ends = [e for b in rows for e in (b.value, b.low, b.high) if e is not None] + [0.0]
    low, high = min(ends), max(ends)
    step = nice_step(high - low)
    low, high = floor(low / step) * step, max(ceil(high / step) * step, step)
    height = 26 + 26 * len(rows) + 24

    def x(v: float) -> float:
        return left + (v - low) / (high - low) * (WIDTH - left - 70)

    parts = [f'<text x="{left}" y="12" font-size="11" fill="{QUIET}">{escape(unit)}</text>']
    mark = low
    while mark <= high + step / 2:
        parts.append(
            f'<line x1="{x(mark):.1f}" x2="{x(mark):.1f}" y1="20" y2="{height - 22}" stroke="{GRID}"/>'
            f'<text x="{x(mark):.1f}" y="{height - 6}" text-anchor="middle">{short(mark)}</text>'
        )
        mark += step
    for i, bar in enumerate(rows):
        top = 24 + 26 * i
        begin, end = sorted((x(0.0), x(bar.value)))
        name = bar.name if len(bar.name) <= 26 else bar.name[:25] + "…"
        parts.append(
            f'<text x="{left - 8}" y="{top + 14}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{begin:.1f}" y="{top + 2}" width="{max(end - begin, 1):.1f}" height="16" rx="2" '
            f'fill="{QUIET if bar.quiet else ACCENT}"/>'
        )
        far = end
        if bar.low is not None and bar.high is not None:
            far = max(end, x(bar.high))
            parts.append(
                f'<line x1="{x(bar.low):.1f}" x2="{x(bar.high):.1f}" y1="{top + 10}" y2="{top + 10}" '
                f'stroke="{INK}" stroke-opacity=".45" stroke-width="3"/>'
            )
        parts.append(f'<text x="{far + 6:.1f}" y="{top + 14}">{short(bar.value)}</text>')
    return _frame(height, "".join(parts), title)
