"""Charts as shapes, so that a report in HTML and one in PDF draw the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
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
class Stroke:
    """Straight lines through points; ``None`` lifts the pen."""

    points: tuple[tuple[float, float] | None, ...]
    colour: str
    width: float = 1.0
    opacity: float = 1.0


@dataclass(frozen=True)
class Word:
    """A piece of text; ``anchor`` is the side its point is on: start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    size: float = 12.0
    colour: str = INK


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Drawing:
    """Shapes in a frame ``WIDTH`` wide, from the top left."""

    height: float
    shapes: tuple[Stroke | Word | Box, ...]
    title: str


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its value and, where it is an estimate, its interval."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    quiet: bool = False


def line(points: Sequence[tuple[date, float | None]], *, title: str, unit: str, height: int = 240) -> Drawing | None:
    """A value over time; days without a value leave a gap. None for fewer than two values."""
    known = [(d, v) for d, v in points if v is not None]
    if len(known) < 2:
        return None
    first, last = points[0][0].toordinal(), points[-1][0].toordinal()
    low, high = min(0.0, *(v for _, v in known)), max(v for _, v in known)
    step = nice_step(high - low)
    low, high = floor(low / step) * step, max(ceil(high / step) * step, step)

    def x(d: date) -> float:
        return LEFT + (d.toordinal() - first) / max(last - first, 1) * (WIDTH - LEFT - RIGHT)

    def y(v: float) -> float:
        return height - BOTTOM - (v - low) / (high - low) * (height - TOP - BOTTOM)

    shapes: list[Stroke | Word | Box] = []
    for i in range(round((high - low) / step) + 1):
        mark = low + i * step
        shapes.append(Stroke(((LEFT, y(mark)), (WIDTH - RIGHT, y(mark))), GRID))
        shapes.append(Word(LEFT - 8, y(mark) + 4, short(mark), "end"))
    labels = (
        [points[round(i * (len(points) - 1) / 5)][0] for i in range(6)] if len(points) > 6 else [d for d, _ in points]
    )
    shapes += [
        Word(x(d), height - 12, f"{d:%Y-%m-%d}", "middle")
        for d in dict.fromkeys(labels)
        if LEFT + 20 < x(d) < WIDTH - RIGHT - 20 or d in (labels[1:-1] or labels)
    ]
    shapes.append(Stroke(tuple(None if v is None else (x(d), y(v)) for d, v in points), ACCENT, 2.0))
    shapes.append(Word(LEFT, 10, unit, size=11, colour=QUIET))
    return Drawing(height, tuple(shapes), title)


def bars(rows: Sequence[Bar], *, title: str, unit: str) -> Drawing | None:
    """Values side by side, with a line for the interval of an estimate. None without rows."""
    if not rows:
        return None
    left = 190
    ends = [e for b in rows for e in (b.value, b.low, b.high) if e is not None] + [0.0]
    low, high = min(ends), max(ends)
    step = nice_step(high - low)
    low, high = floor(low / step) * step, max(ceil(high / step) * step, step)
    height = 26 + 26 * len(rows) + 24

    def x(v: float) -> float:
        return left + (v - low) / (high - low) * (WIDTH - left - 70)

    shapes: list[Stroke | Word | Box] = [Word(left, 12, unit, size=11, colour=QUIET)]
    for i in range(round((high - low) / step) + 1):
        mark = low + i * step
        shapes.append(Stroke(((x(mark), 20), (x(mark), height - 22)), GRID))
        shapes.append(Word(x(mark), height - 6, short(mark), "middle"))
    for i, bar in enumerate(rows):
        top = 24 + 26 * i
        begin, end = sorted((x(0.0), x(bar.value)))
        name = bar.name if len(bar.name) <= 26 else bar.name[:25] + "…"
        shapes.append(Word(left - 8, top + 14, name, "end"))
        shapes.append(Box(begin, top + 2, max(end - begin, 1), 16, QUIET if bar.quiet else ACCENT))
        far = end
        if bar.low is not None and bar.high is not None:
            far = max(end, x(bar.high))
            shapes.append(Stroke(((x(bar.low), top + 10), (x(bar.high), top + 10)), INK, 3.0, 0.45))
        shapes.append(Word(far + 6, top + 14, short(bar.value)))
    return Drawing(height, tuple(shapes), title)
