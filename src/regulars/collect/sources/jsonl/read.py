"""JSON records into a sheet: nested records get dotted names, order items become rows."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import pyarrow as pa

from regulars.collect.encodings import detect, to_utf8
from regulars.collect.problems import ImportProblem
from regulars.collect.sheet import Aside, Sheet, unique_names

_ITEMS: Final = ("line_items", "lineitems", "items", "lines", "order_items", "products", "goods", "商品")
_LISTS: Final = (
    "data",
    "orders",
    "records",
    "results",
    "items",
    "customers",
    "events",
    "rows",
    "list",
    "contacts",
    "deals",
)


def flat(record: dict[str, Any], before: str = "") -> dict[str, str | None]:
    """One record as texts; numbers keep the digits they were written with.

    >>> flat({"customer": {"id": "9"}, "tags": ["a", "b"], "n": None})
    {'customer.id': '9', 'tags': 'a, b', 'n': None}
    """
    out: dict[str, str | None] = {}
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            out.update(flat(value, name + "."))
        elif isinstance(value, list):
            plain = all(not isinstance(v, (dict, list)) for v in value)
            out[name] = ", ".join(str(v) for v in value) if plain else json.dumps(value, ensure_ascii=False)
        elif value is None or isinstance(value, str):
            out[name] = value
        else:
            out[name] = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return out


def _rows(record: dict[str, Any]) -> list[dict[str, str | None]]:
    """A record, or one row per item of an order; item fields keep the list's name in front."""
    for key in record:
        items = record[key]
        if key.casefold() in _ITEMS and isinstance(items, list) and items and all(isinstance(i, dict) for i in items):
            own = flat({k: v for k, v in record.items() if k != key})
            return [{**own, **{f"lineitem {k}": v for k, v in flat(i).items()}} for i in items]
    return [flat(record)]


def _decode(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str)


def read_json(data: bytes, name: str) -> Sheet:
    """Read JSON lines or a JSON list of records; a line that is no record is set aside.

    Raises ``ImportProblem`` when there is no record in it.
    """
    text = to_utf8(data, detect(data)).decode("utf-8", "replace")
    aside: list[Aside] = []
    records: list[tuple[int, dict[str, Any]]] = []
    whole = None
    try:
        if text.lstrip()[:1] == "[" or "\n" not in text.strip() or text.lstrip()[:2] in ("{\n", "{\r"):
            whole = _decode(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, dict):
        inner = next((whole[k] for k in whole if k.casefold() in _LISTS and isinstance(whole[k], list)), None)
        whole = inner if inner and all(isinstance(i, dict) for i in inner) and len(whole) <= 6 else [whole]
    if isinstance(whole, list):
        for i, record in enumerate(whole, 1):
            if isinstance(record, dict):
                records.append((i, record))
            else:
                aside.append(Aside(i, "not_json", "", (str(record)[:200],)))
    else:
        for i, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                record = _decode(line)
            except (ValueError, RecursionError):
                record = None
            if isinstance(record, dict):
                records.append((i, record))
            else:
                aside.append(Aside(i, "not_json", "", (line.strip()[:1000],)))
    if not records:
        raise ImportProblem("file_empty", what="The file holds no JSON record", where=name,
                            remedy="Write one JSON object per line.")  # fmt: skip
    rows = [(i, row) for i, record in records for row in _rows(record)]
    keys = list(dict.fromkeys(k for _, row in rows for k in row))
    names = unique_names(keys)
    table = pa.table([pa.array([row.get(k) for _, row in rows], pa.string()) for k in keys], names=list(names))
    return Sheet(
        names, table, np.array([i for i, _ in rows], np.int32), "jsonl", "utf-8", "", (), tuple(aside), (), name
    )
