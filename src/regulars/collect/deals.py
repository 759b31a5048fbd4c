"""Deals of a pipeline: what is offered to whom, how far it is, and how it ended."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from regulars.collect.canonical import DEALS
from regulars.collect.content import content_ids
from regulars.collect.people import People, read_people
from regulars.tables import currency_digits

if TYPE_CHECKING:
    from regulars.collect.columns import Columns

_WON: Final = re.compile(
    r"\bwon\b|closed.?won|closedwon|赢单|赢得|成交|已签约|签约成功|已成单|成单|已成功|^成功$|^签约$|signed|gewonnen|gagn[eé]|ganad[oa]|ganh[oa]|"
    r"vint[ao]|受注|成約|수주|^converted$|^closed$",
    re.IGNORECASE,
)
_LOST: Final = re.compile(
    r"\blost\b|closed.?lost|closedlost|输单|丢单|失败|流失|战败|放弃|无效|dead|verloren|perdu|perdid[oa]|perso|失注|실주|disqualified|abandoned|cancel",
    re.IGNORECASE,
)


def deal_type(stage: str | None) -> str | None:
    """Whether a stage is the won or the lost end, or open; ``None`` without a stage.

    >>> [deal_type(s) for s in ("Closed Won", "输单", "Engaging", None)]
    ['won', 'lost', 'open', None]
    """
    if stage is None:
        return None
    return "lost" if _LOST.search(stage) else "won" if _WON.search(stage) else "open"


def read_deals(columns: Columns) -> tuple[pa.Table, People]:
    """Turn a sheet into deals and the people they belong to.

    Without a stage column a deal with a closing date is won when the column is
    called so (won date, 成交日期), and one with a losing date lost.
    """
    people = read_people(columns, keep_fields=False)
    rows = columns.rows
    opened, closed, lost, expected = (_when(columns, n) for n in ("opened_at", "closed_at", "lost_at", "expected_at"))
    stage = columns.cells("stage").text().to_pylist()
    amounts = columns.amounts("amount") if columns.has("amount") else None
    if amounts is not None:
        columns.reject(~amounts.valid & ~columns.cells("amount").blank, "amount_unreadable", "amount")
    won_column = any(
        re.search(r"won|赢|成交|签|gewonnen|受注", c.casefold()) for c in columns.mapping.columns("closed_at")
    )
    types = [
        deal_type(s) or ("lost" if lo is not None else "won" if won_column and c is not None else "open")
        for s, c, lo in zip(stage, closed, lost, strict=True)
    ]
    told = np.array(
        [
            s is not None or c is not None or lo is not None or o is not None
            for s, c, lo, o in zip(stage, closed, lost, opened, strict=True)
        ],
        bool,
    )
    columns.reject(~told & columns.cells("deal_id").blank & columns.cells("deal_title").blank, "stage_missing")
    ids = columns.cells("deal_id").text().to_pylist()
    blank = [i for i in range(rows) if ids[i] is None]
    if blank:
        at = np.array([o or c or 0 for o, c in zip(opened, closed, strict=True)], np.int64)
        for i, made in zip(blank, content_ids(columns, np.array(blank), at), strict=True):
            ids[i] = made
    codes: list[str] = columns.currencies(amounts).text().to_pylist() if amounts else [columns.company.currency] * rows
    probability = columns.amounts("probability").floats() if columns.has("probability") else np.full(rows, np.nan)
    if (probability[~np.isnan(probability)] > 1).any():
        probability = probability / 100
    rest = _rest(columns)
    texts = {
        f: columns.cells(n).text()
        for f, n in (
            ("company", "company"),
            ("title", "deal_title"),
            ("product", "product_title"),
            ("owner", "owner"),
            ("channel", "channel"),
            ("market", "market"),
            ("lost_reason", "lost_reason"),
        )
    }
    minor: list[int | None] = [None] * rows
    if amounts is not None:
        per_digits = {d: amounts.minor(d) for d in {currency_digits(c) for c in set(codes)}}
        minor = [int(per_digits[currency_digits(codes[i])][i]) if amounts.valid[i] else None for i in range(rows)]
    data: dict[str, object] = {
        "id": ids,
        "person": pa.array(people.person.astype(np.int32), mask=people.person < 0),
        "stage": stage,
        "type": types,
        "amount": minor,
        "currency": codes,
        "opened_at": opened,
        "closed_at": [c if c is not None else lo for c, lo in zip(closed, lost, strict=True)],
        "expected_at": expected,
        "probability": pa.array(probability, mask=np.isnan(probability)),
        "fields": rest,
        "row": columns.sheet.rows,
        **texts,
    }
    arrays = [_array(data[f.name], f.type) for f in DEALS]
    return pa.table(arrays, schema=DEALS).filter(pa.array(columns.used)), people


def _array(values: object, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values.cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64()).cast(kind)
    return pa.array(values, kind)


def _when(columns: Columns, name: str) -> list[int | None]:
    if not columns.has(name):
        return [None] * columns.rows
    got = columns.dates(name)
    lost = int((~got.valid & ~columns.cells(name).blank).sum())
    if lost:
        columns.notes[f"unreadable_cells:{name}"] = str(lost)
    return [int(a) if v else None for a, v in zip(got.at, got.valid, strict=True)]


def _rest(columns: Columns) -> list[str | None]:
    """Columns no field holds, as JSON by header."""
    names = [
        c.column
        for c in columns.mapping.choices
        if c.field in (None, "ignore", "deal_type", "pipeline", "company_revenue")
    ]
    texts = [columns.sheet.cells(columns.position(n)).text().to_pylist() for n in names]
    out: list[str | None] = []
    for row in zip(*texts, strict=True) if names else ([()] * columns.rows):
        kept = {n: v for n, v in zip(names, row, strict=True) if v is not None}
        out.append(json.dumps(kept, ensure_ascii=False) if kept else None)
    return out
