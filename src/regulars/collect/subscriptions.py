"""Contracts: when each began, changed and ended, from one row per contract or one row per change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from regulars.collect.canonical import Facts
from regulars.collect.content import content_ids
from regulars.collect.money import Amounts
from regulars.collect.people import People, read_people
from regulars.tables import currency_digits

if TYPE_CHECKING:
    from regulars.collect.columns import Columns

_CHANGES: Final = (
    (
        "cancel",
        re.compile(
            r"cancel|churn|terminat|end(?:ed)?$|expire|取消|退订|解约|终止|到期|流失|k[uü]ndig|resili|解約|해지",
            re.IGNORECASE,
        ),
    ),
    ("upgrade", re.compile(r"upgrad|expan|升级|增购|扩容", re.IGNORECASE)),
    ("downgrade", re.compile(r"downgrad|contract|降级|缩减", re.IGNORECASE)),
    ("renewal", re.compile(r"renew|续|verl[aä]nger|更新|갱신|recur", re.IGNORECASE)),
)
_ENDED: Final = re.compile(
    r"cancel|churn|ended|expired|terminated|inactive|unpaid|取消|退订|解约|已到期|过期|流失|终止|无效", re.IGNORECASE
)


def change_kind(text: str) -> str:
    """What a change of a contract is: start, renewal, upgrade, downgrade or cancel.

    >>> [change_kind(t) for t in ("new", "Renewed", "升级", "退订")]
    ['start', 'renewal', 'upgrade', 'cancel']
    """
    return next((name for name, pattern in _CHANGES if pattern.search(text)), "start")


def term_months(text: str) -> int | None:
    """The length of one period in months.

    >>> [term_months(t) for t in ("Month-to-month", "One year", "annual", "季付", "6 months", "24", "2 years")]
    [1, 12, 12, 3, 6, 24, 24]
    """
    t = text.casefold().strip()
    words = {"one": "1", "two": "2", "three": "3", "six": "6", "一": "1", "两": "2", "三": "3", "半": "6", "十二": "12"}
    number = re.search(r"\d+", t)
    count = int(number.group()) if number else next((int(v) for k, v in words.items() if t.startswith(k)), 1)
    if re.search(r"year|annual|yearly|年|jahr|jährlich|an$|anual|ann", t):
        return 6 if "半年" in t or "semi" in t else count * 12
    if re.search(r"quarter|季|trimest|quartal", t):
        return count * 3
    if re.search(r"week|周|woche|day|日|天", t):
        return None
    if re.search(r"month|月|monat|mois|mes", t):
        return count
    return count if number and t.isdigit() else None


def read_subscriptions(columns: Columns) -> tuple[dict[str, Facts], People]:
    """Turn a sheet of contracts into their changes.

    With a column of changes each row is one change. Otherwise a row is a contract:
    it starts at its start date and, when it has a cancelling date or an ended
    status with an end date, is cancelled then.
    """
    people = read_people(columns, keep_fields=False)
    contract = columns.cells("contract").text().to_pylist()
    per_change = columns.has("kind") and columns.has("at")
    name = "at" if per_change else "started_at" if columns.has("started_at") else "at"
    start = columns.dates(name) if columns.has(name) else None
    known = start.valid if start is not None else np.zeros(columns.rows, bool)
    columns.reject(~known & ~columns.cells(name).blank, "date_unreadable", name)
    columns.reject(~known, "date_missing")
    amounts = columns.amounts("amount") if columns.has("amount") else None
    if amounts is not None:
        columns.reject(~amounts.valid & ~columns.cells("amount").blank, "amount_unreadable", "amount")
    columns.reject(np.array([c is None for c in contract], bool) & (people.person < 0), "contract_missing")
    assert start is not None or not columns.used.any()
    blank = np.array([i for i, c in enumerate(contract) if c is None], np.int64)
    if len(blank):
        at0 = start.at if start is not None else np.zeros(columns.rows, np.int64)
        for i, made in zip(blank, content_ids(columns, blank, at0), strict=True):
            contract[i] = made
    out = []
    if start is not None:
        kinds = (
            [change_kind(k) if k else "start" for k in columns.cells("kind").text().to_pylist()]
            if per_change
            else ["start"] * columns.rows
        )
        out.append(
            _rows(
                columns,
                np.flatnonzero(columns.used),
                start.instants(),
                start.days(),
                kinds,
                contract,
                amounts,
                people,
                per_change,
            )
        )
    if not per_change:
        ended = np.array([bool(s and _ENDED.search(s)) for s in columns.cells("status").text().to_pylist()], bool)
        for field, needs in (("cancelled_at", np.ones(columns.rows, bool)), ("ended_at", ended)):
            if columns.has(field):
                got = columns.dates(field)
                some = np.flatnonzero(columns.used & got.valid & needs)
                out.append(
                    _rows(
                        columns,
                        some,
                        got.instants(),
                        got.days(),
                        ["cancel"] * columns.rows,
                        contract,
                        amounts,
                        people,
                        False,
                    )
                )
                break
    if not out:
        return {}, people
    table = pa.concat_tables([f.rows for f in out])
    person = pa.concat_arrays([f.person for f in out])
    rows = pa.concat_arrays([f.row for f in out])
    return {"subscriptions": Facts(table, person, rows)}, people


def _rows(
    columns: Columns,
    some: np.ndarray,
    at: pa.Array,
    day: pa.Array,
    kinds: list[str],
    contract: list[str],
    amounts: Amounts | None,
    people: People,
    dated: bool,
) -> Facts:
    where = pa.array(some)
    currency = columns.currencies(*([amounts] if amounts else []))
    codes = currency.take(some).text().to_pylist()
    minor = np.zeros(len(some), np.int64)
    if amounts is not None:
        by_digits = {d: amounts.minor(d)[some] for d in {currency_digits(c) for c in set(codes)}}
        minor = np.array([int(by_digits[currency_digits(c)][i]) for i, c in enumerate(codes)], np.int64)
    days = day.take(where).to_pylist()
    ids = [f"{contract[i]}#{kinds[i]}" + (f"#{d}" if dated else "") for i, d in zip(some, days, strict=True)]
    months = [term_months(m) if m else None for m in columns.cells("months").take(some).text().to_pylist()]
    return Facts.make(
        "subscriptions",
        {
            "source": columns.company.source,
            "id": pa.array(ids, pa.string()),
            "revision": 0,
            "recorded_at": columns.company.now,
            "contract": pa.array([contract[i] for i in some], pa.string()),
            "at": at.take(where),
            "day": day.take(where),
            "kind": pa.array([kinds[i] for i in some], pa.string()),
            "plan": columns.cells("plan").take(some).text(),
            "months": pa.array(months, pa.int32()),
            "amount": minor,
            "currency": pa.array(codes, pa.string()),
            "channel": columns.cells("channel").take(some).text(),
            "market": columns.cells("market").or_else(columns.cells("country")).take(some).text(),
        },
        people.person[some],
        columns.sheet.rows[some],
    )
