"""Delimited text of any encoding into a sheet."""

from __future__ import annotations

import csv
import io
import re
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from regulars.collect.encodings import detect, to_utf8
from regulars.collect.headline import find_header
from regulars.collect.problems import ImportProblem
from regulars.collect.sheet import Aside, Sheet, unique_names

_DELIMITERS: Final = (",", "\t", ";", "|")
_HEAD: Final = 256 * 1024
_FOOT: Final = re.compile(
    r"^\s*(?:合计|总计|小计|共\d|total|sum|grand total|summe|#|-{3,}|={3,}|导出|注|说明|\*{3,})", re.IGNORECASE
)
_LONGEST: Final = 100_000


csv.field_size_limit(1 << 27)


def cells_of(text: str, delimiter: str) -> list[list[str]]:
    """The records of a piece of text; where its quotes make no sense it is split plainly.

    >>> cells_of('a,"b,c"\\n', ","), cells_of("a\\rb", ",")
    ([['a', 'b,c']], [['a'], ['b']])
    """
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return [line.split(delimiter) for line in text.splitlines()]


def sniff(head: str) -> str:
    """The delimiter: the one that splits most lines into the same number of cells, and more than one.

    >>> sniff("a;b;c\\n1,5;2;3\\n"), sniff("a\\tb\\n1\\t2")
    (';', '\\t')
    """
    best, chosen = 0.0, ","
    for delimiter in _DELIMITERS:
        rows = [r for r in cells_of(head, delimiter) if any(c.strip() for c in r)][:200]
        widths = [len(r) for r in rows]
        if not widths:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w) * (w > 1), w))
        score = widths.count(usual) / len(widths) * min(usual - 1, 12) ** 0.5 if usual > 1 else 0.0
        if score > best:
            best, chosen = score, delimiter
    return chosen


def read_text(data: bytes, name: str, *, encoding: str = "", delimiter: str = "") -> Sheet:
    """Read delimited text.

    Encoding, delimiter and header row are found when they are not given. A row
    with too many cells, or with so few that its cells cannot be told apart, is
    set aside; one that only lacks cells at its end is filled up.

    Raises ``ImportProblem`` when there is no table in it.
    """
    encoding = encoding or detect(data)
    try:
        body = to_utf8(data, encoding)
    except LookupError as error:
        raise ImportProblem(
            "encoding_unknown",
            what=f"There is no encoding {encoding!r}",
            where=name,
            remedy="Use utf-8, gb18030 or cp1252.",
            encoding=encoding,
        ) from error
    if b"\x00" in body:
        if body[:65536].count(0) > 100:
            raise ImportProblem(
                "not_text",
                what="This is not a text file",
                where=name,
                remedy="Export the table as CSV, Excel, JSON lines or Parquet.",
            )
        body = body.replace(b"\x00", b"")
    if b"\n" not in body:
        body = body.replace(b"\r", b"\n")
    head = body[:_HEAD].decode("utf-8", "ignore")
    if len(body) > _HEAD:
        head = head[: head.rfind("\n") + 1] or head
    stated = re.match(r"sep=(.)\r?\n", head)
    if stated:
        delimiter, body, head = delimiter or stated.group(1), body[stated.end() :], head[stated.end() :]
    delimiter = delimiter or sniff(head)
    starts, rows = _records(head, delimiter)
    at = find_header(rows)
    notes: tuple[str, ...] = ()
    width = max((len(r) for r in rows[: 200 if at is None else None]), default=0)
    if at is None:
        filled = next((r for r in rows if any(c.strip() for c in r)), None)
        if filled is None:
            raise ImportProblem(
                "file_empty",
                what="The file holds no row",
                where=name,
                remedy="Export it again and check that it opens in a spreadsheet.",
            )
        header, at, notes, skip = [f"column {i + 1}" for i in range(width)], -1, ("no_header",), 0
    else:
        header, skip = rows[at], len(head[: starts[at + 1]].encode()) if at + 1 < len(starts) else len(body)
    while (
        len(header) > 1
        and not header[-1].strip()
        and not any(len(r) >= len(header) and r[len(header) - 1].strip() for r in rows[at + 1 :])
    ):
        header = header[:-1]
    preamble = tuple(
        " ".join(c.strip() for c in r if c.strip()) for r in rows[: max(at, 0)] if any(c.strip() for c in r)
    )
    names = unique_names(header)
    table, numbers, aside = _body(body[skip:], names, delimiter, at + 2)
    kept, numbers = _without_blank_rows(table, numbers)
    return Sheet(names, kept, numbers, "csv", encoding, delimiter, preamble, tuple(aside), notes, name)


def _records(head: str, delimiter: str) -> tuple[list[int], list[list[str]]]:
    """The records of the first part of a file and where each starts."""
    starts, rows, position, pending = [0], [], 0, ""
    for line in (
        head.splitlines(keepends=True)
        if "\x0b" not in head and "\x1c" not in head
        else re.findall(r"[^\n]*\n|[^\n]+", head)
    ):
        position += len(line)
        pending += line
        if pending.count('"') % 2 and len(pending) < 20_000 and not _stray(pending, delimiter):
            continue
        rows.append(next(iter(cells_of(pending.rstrip("\r\n") or " ", delimiter)), []))
        starts.append(position)
        pending = ""
        if len(rows) >= 400:
            break
    return starts, rows


def _stray(line: str, delimiter: str) -> bool:
    """Whether an odd quote stands inside a cell rather than around one."""
    return not re.search(rf'(?:^|{re.escape(delimiter)})\s*"', line)


def _body(body: bytes, names: tuple[str, ...], delimiter: str, first: int) -> tuple[pa.Table, np.ndarray, list[Aside]]:
    odd: list[tuple[int, str]] = []

    def keep(row: arrow_csv.InvalidRow) -> str:
        odd.append((row.number, row.text))
        return "skip"

    if not body.strip():
        return pa.table({n: pa.array([], pa.string()) for n in names}), np.zeros(0, np.int32), []
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            read_options=arrow_csv.ReadOptions(column_names=list(names), use_threads=False, block_size=1 << 23),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={n: pa.string() for n in names}, strings_can_be_null=False, check_utf8=False
            ),
        )
        rows = table.num_rows + len(odd)
        longest = max((pc.max(pc.binary_length(c)).as_py() or 0 for c in table.columns), default=0)
    except pa.ArrowInvalid:
        rows, longest = -1, _LONGEST + 1
    if (
        rows < 0 or longest > _LONGEST or _swallowed(body, table, odd)
    ):  # a quote that never closes swallows the rest of the file
        return _slowly(body, names, delimiter, first)
    numbers = np.arange(1, rows + 1, dtype=np.int32)
    ragged = np.array([n for n, _ in odd], dtype=np.int32)
    numbers = np.setdiff1d(numbers, ragged) if len(ragged) else numbers
    filled, aside = [], []
    for number, text in odd:
        cells = next(iter(cells_of(text, delimiter)), [])
        fixed = _fit(cells, len(names), number + first - 1)
        if isinstance(fixed, Aside):
            aside.append(fixed)
        elif fixed:
            filled.append((number, fixed))
    if filled:
        extra = pa.table(
            [pa.array([f[1][i] for f in filled], pa.string()) for i in range(len(names))], names=list(names)
        )
        numbers = np.concatenate([numbers, np.array([n for n, _ in filled], np.int32)])
        order = np.argsort(numbers, kind="stable")
        table, numbers = pa.concat_tables([table, extra]).take(pa.array(order)), numbers[order]
    return table, numbers + (first - 1), aside


def _swallowed(body: bytes, table: pa.Table, odd: list[tuple[int, str]]) -> bool:
    """Whether a quote that was never closed took the lines after it into one cell."""
    if body.count(b'"') % 2 == 0:
        return False
    last = [str(c[-1].as_py()) for c in table.columns] if table.num_rows else []
    return any(t.count("\n") > 1 and t.count('"') % 2 for _, t in odd) or any(c.count("\n") > 5 for c in last)


def _fit(cells: list[str], width: int, row: int) -> list[str] | Aside | None:
    """Make a row as wide as the header when nothing is lost by it."""
    full = [c for c in cells if c.strip()]
    if not full:
        return None
    if len(full) <= 2 and len(cells) < width and _FOOT.match(full[0]):
        return Aside(row, "footer", "", tuple(cells))
    if len(cells) > width:
        if any(c.strip() for c in cells[width:]):
            return Aside(row, "too_many_cells", f"{len(cells)}>{width}", tuple(cells))
        return cells[:width]
    if len(cells) == 1 and width > 2:
        return Aside(row, "too_few_cells", f"1<{width}", tuple(cells))
    if any(len(c) > _LONGEST for c in cells):
        return Aside(row, "cell_too_long", "", tuple(c[:200] for c in cells))
    return cells + [""] * (width - len(cells))


def _slowly(
    body: bytes, names: tuple[str, ...], delimiter: str, first: int
) -> tuple[pa.Table, np.ndarray, list[Aside]]:
    """Line by line, for files whose quotes do not close."""
    columns: list[list[str]] = [[] for _ in names]
    numbers, aside = [], []
    for i, line in enumerate(body.decode("utf-8", "replace").split("\n")):
        line = line.rstrip("\r")
        cells = next(iter(cells_of(line, delimiter)), [])
        if line.count('"') % 2:
            cells = [c.strip('"') for c in line.split(delimiter)]
        fixed = _fit(cells, len(names), i + first)
        if isinstance(fixed, Aside):
            aside.append(fixed)
        elif fixed:
            numbers.append(i + first)
            for column, cell in zip(columns, fixed, strict=True):
                column.append(cell)
    table = pa.table([pa.array(c, pa.string()) for c in columns], names=list(names))
    return table, np.array(numbers, np.int32), aside


def _without_blank_rows(table: pa.Table, numbers: np.ndarray) -> tuple[pa.Table, np.ndarray]:
    if table.num_rows == 0:
        return table, numbers
    filled = np.zeros(table.num_rows, bool)
    for column in table.columns:
        if filled.all():
            break
        filled |= pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0).to_numpy()
    return (table, numbers) if filled.all() else (table.filter(pa.array(filled)), numbers[filled])
