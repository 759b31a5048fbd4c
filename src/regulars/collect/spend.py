"""Marketing money per channel and period, from long tables and from wide ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from regulars.collect.canonical import Facts
from regulars.collect.content import counted
from regulars.collect.money import Amounts, decimal_text, exact_sum, product, read_amounts
from regulars.collect.profile import profile
from regulars.collect.sheet import Cells, Sheet
from regulars.collect.wide import channel_of
from regulars.tables import currency_digits

if TYPE_CHECKING:
    from regulars.collect.columns import Columns
    from regulars.collect.dates import Dates


@dataclass(frozen=True)
class Spend:
    """What a file of spend gave; ``spent_*`` is the money spent, ``money_*`` the revenue beside it."""

    facts: dict[str, Facts]
    spent_in: dict[str, str]
    spent_out: dict[str, int]
    money_in: dict[str, str]
    money_out: dict[str, int]


def period_days(days: np.ndarray) -> int:
    """How many days one figure covers, from the usual gap between dates: 1, 7, 14, 30 for months.

    >>> period_days(np.array([0, 7, 14, 21])), period_days(np.array([0, 31, 59])), period_days(np.array([5]))
    (7, 30, 1)
    """
    gaps = np.diff(np.unique(days))
    if not len(gaps):
        return 1
    usual = int(np.median(gaps))
    return (
        30
        if 28 <= usual <= 31
        else usual
        if usual in (1, 7, 14)
        else 91
        if 89 <= usual <= 92
        else max(1, min(usual, 366))
    )


def _lengths(columns: Columns, when: Dates, series: np.ndarray) -> np.ndarray:
    """Days each row covers: told by an end date, else the usual gap of its series; months by the calendar."""
    if columns.has("until"):
        end = columns.dates("until")
        told = np.where(end.valid & when.valid, end.day - when.day + 1, 1)
        return np.clip(told, 1, 366)
    usual = period_days(when.day[when.valid])
    if usual == 30:
        start = pd.DatetimeIndex((when.day * 86_400).astype("datetime64[s]"))
        return np.asarray(start.days_in_month, np.int64)
    return np.full(columns.rows, usual, np.int64)


def read_spend(columns: Columns) -> Spend:
    """Turn a table of spend into rows per channel and period.

    A wide table (``tv_S``, ``Facebook Spend``, ``抖音花费``) becomes long. Its revenue
    column becomes one anonymous order per period with an id that begins with
    ``total:``, so that money in equals money stored; its other number columns
    become anonymous events with a value, so that a mix model can use them.
    """
    when = columns.dates("at")
    columns.reject(~when.valid & ~columns.cells("at").blank, "date_unreadable", "at")
    columns.reject(~when.valid, "date_missing")
    parts = _parts(columns)
    for _, measures in parts:
        if "spend" in measures:
            cells, amounts = measures["spend"]
            if len(parts) == 1:
                columns.reject(~amounts.valid & ~cells.blank, "amount_unreadable", "spend")
    place = columns.cells("market").or_else(columns.cells("country")).or_else(columns.cells("region"))
    campaign, channel = columns.cells("campaign"), columns.cells("channel")
    lengths = _lengths(columns, when, channel.codes)
    currency = columns.currencies(*[m["spend"][1] for _, m in parts if "spend" in m])
    digits = np.array([currency_digits(c) for c in currency.values.to_pylist()] or [2])[np.maximum(currency.codes, 0)]
    tables, rows = [], []
    taken: dict[str, int] = {}
    scale = max((m["spend"][1].scale for _, m in parts if "spend" in m), default=0)
    for name, measures in parts:
        valid = columns.used.copy()
        if "spend" in measures:
            valid &= measures["spend"][1].valid
            if len(parts) == 1:
                columns.reject(~measures["spend"][1].valid, "amount_missing")
        at = np.flatnonzero(valid)
        money = measures["spend"][1] if "spend" in measures else None
        amount = _minor(money, digits)[at] if money else np.zeros(len(at), np.int64)
        if money:
            for code, label in enumerate(currency.values.to_pylist()):
                mine = at[currency.codes[at] == code]
                taken[label] = taken.get(label, 0) + exact_sum(money.units[mine]) * 10 ** (scale - money.scale)
        label_cells = Cells(np.zeros(columns.rows, np.int32), pa.array([name or columns.company.source]))
        own = channel.or_else(label_cells) if not name else label_cells
        texts = [c.take(at).text().to_pylist() for c in (own, campaign, place)]
        days = when.days().take(pa.array(at)).to_pylist()
        keys = ["#".join(str(p) for p in row if p is not None) for row in zip(days, *texts, strict=True)]
        ids = counted(keys)
        tables.append(
            Facts.make(
                "spend",
                {
                    "source": columns.company.source,
                    "id": pa.array(ids, pa.string()),
                    "revision": 0,
                    "recorded_at": columns.company.now,
                    "at": when.instants().take(pa.array(at)),
                    "day": when.days().take(pa.array(at)),
                    "days": lengths[at],
                    "campaign": pa.array(texts[1], pa.string()),
                    "amount": amount,
                    "currency": currency.take(at).text(),
                    "impressions": _count(measures, "impressions", at),
                    "clicks": _count(measures, "clicks", at),
                    "channel": pa.array(texts[0], pa.string()),
                    "market": pa.array(texts[2], pa.string()),
                },
                np.full(len(at), -1),
                columns.sheet.rows[at],
            ).rows
        )
        rows.append(columns.sheet.rows[at])
    spend = pa.concat_tables(tables)
    numbers = np.concatenate(rows)
    facts = {"spend": Facts(spend, pa.nulls(len(numbers), pa.int32()), pa.array(numbers.astype(np.int32)))}
    more, money_in, money_out = _totals(columns, when, place, currency, digits)
    facts |= more
    out: dict[str, int] = {}
    for code, cents in zip(spend["currency"].to_pylist(), spend["amount"].to_pylist(), strict=True):
        out[code] = out.get(code, 0) + cents
    return Spend(facts, {k: decimal_text(v, scale) for k, v in taken.items()}, out, money_in, money_out)


def _minor(money: Amounts, digits: np.ndarray) -> np.ndarray:
    out = np.zeros(len(digits), np.int64)
    for d in np.unique(digits):
        out = np.where(digits == d, money.minor(int(d)).astype(np.int64), out)
    return out


def _count(measures: dict[str, tuple[Cells, Amounts]], name: str, at: np.ndarray) -> pa.Array:
    if name not in measures:
        return pa.nulls(len(at), pa.float64())
    values = measures[name][1].floats()[at]
    return pa.array(values, mask=np.isnan(values))


def _parts(columns: Columns) -> list[tuple[str, dict[str, tuple[Cells, Amounts]]]]:
    """The spend columns: one part without a name for a long table, one per channel for a wide one."""
    held = {m: columns.mapping.columns(m) for m in ("spend", "impressions", "clicks")}
    if len(held["spend"]) <= 1:
        return [("", {m: (columns.cells(m), columns.amounts(m)) for m in held if held[m]})]
    channels: dict[str, dict[str, tuple[Cells, Amounts]]] = {}
    for measure, names in held.items():
        for column in names:
            cells = columns.sheet.cells(columns.position(column))
            channels.setdefault(channel_of(column), {})[measure] = (cells, read_amounts(cells))
    return list(channels.items())


def _totals(
    columns: Columns, when: Dates, place: Cells, currency: Cells, digits: np.ndarray
) -> tuple[dict[str, Facts], dict[str, str], dict[str, int]]:
    """Revenue of the period as one anonymous order, other numbers as anonymous events."""
    out: dict[str, Facts] = {}
    money_in: dict[str, str] = {}
    money_out: dict[str, int] = {}
    base = {"source": columns.company.source, "revision": 0, "recorded_at": columns.company.now}
    revenue = columns.amounts("revenue") if columns.has("revenue") else None
    if revenue is None and columns.has("revenue_each") and columns.has("conversions"):
        revenue = product(columns.amounts("revenue_each"), columns.amounts("conversions"))
    days, places = when.days().to_pylist(), place.text().to_pylist()
    if revenue is not None and len(columns.mapping.columns("spend")) > 1:
        at = np.flatnonzero(columns.used & revenue.valid)
        amount = _minor(revenue, digits)[at]
        ids = ["total:" + "#".join(str(p) for p in (days[i], places[i]) if p is not None) for i in at]
        out["orders"] = Facts.make(
            "orders",
            {
                **base,
                "id": pa.array(ids, pa.string()),
                "at": when.instants().take(pa.array(at)),
                "day": when.days().take(pa.array(at)),
                "kind": "sale",
                "status": "paid",
                "amount": amount,
                "ordered": amount,
                "currency": currency.take(at).text(),
                "market": place.take(at).text(),
            },
            np.full(len(at), -1),
            columns.sheet.rows[at],
        )
        for code, label in enumerate(currency.values.to_pylist()):
            mine = currency.codes[at] == code
            if mine.any():
                money_in[label] = decimal_text(exact_sum(revenue.units[at][mine]), revenue.scale)
                money_out[label] = int(amount[mine].sum())
        columns.notes["weekly_totals"] = str(len(at))
    if len(columns.mapping.columns("spend")) > 1:
        events = _context(columns, when, days, places, base)
        if events is not None:
            out["events"] = events
    return out, money_in, money_out


def _context(
    columns: Columns, when: Dates, days: list[object], places: list[str | None], base: dict[str, object]
) -> Facts | None:
    sheet: Sheet = columns.sheet
    ids: list[str] = []
    names: list[str] = []
    values: list[float | None] = []
    at: list[int] = []
    for choice in columns.mapping.choices:
        if choice.field not in (None, "conversions", "population"):
            continue
        position = columns.position(choice.column)
        cells, shape = sheet.cells(position), profile(sheet, position)
        if shape.number < 0.9 and shape.count > 50:
            continue
        numbers = read_amounts(cells).floats() if shape.number >= 0.9 else None
        for i in np.flatnonzero(columns.used & (cells.codes >= 0)):
            text = cells.values[int(cells.codes[i])].as_py()
            if numbers is None and text.casefold() in ("na", "0", "none", "no"):
                continue
            name = choice.column if numbers is not None else text
            at.append(int(i))
            names.append(name)
            values.append(float(numbers[i]) if numbers is not None else None)
            ids.append("#".join(str(p) for p in ("context", days[i], places[i], name) if p is not None))
    if not at:
        return None
    where = pa.array(at, pa.int64())
    return Facts.make(
        "events",
        {
            **base,
            "id": pa.array(ids, pa.string()),
            "at": when.instants().take(where),
            "day": when.days().take(where),
            "name": pa.array(names, pa.string()),
            "value": pa.array(values, pa.float64()),
            "market": pa.array([places[i] for i in at], pa.string()),
        },
        np.full(len(at), -1),
        sheet.rows[np.array(at)],
    )
