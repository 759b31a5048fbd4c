"""Signals from a file the owner has: prices, ranks, stock, mentions and demand; headers in Chinese or English."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from regulars.collect.currencies import currency_code
from regulars.collect.dates import read_dates
from regulars.collect.numerals import decimal_mark, read_number
from regulars.collect.read import open_sheet

KINDS: Final = ("price", "rank", "stock", "mention", "demand", "news")
MOST_ROWS: Final = 100_000
_HEADERS: Final = {
    "at": ("at", "date", "day", "time", "日期", "时间", "采集日期"),
    "kind": ("kind", "type", "signal", "类型", "信号"),
    "watched": ("watched", "competitor", "rival", "brand", "竞品", "竞争对手", "对手", "品牌"),
    "product": ("product", "sku", "商品", "产品", "商品编码"),
    "market": ("market", "region", "country", "市场", "地区"),
    "value": ("value", "price", "rank", "count", "数值", "价格", "排名", "数量", "指数"),
    "currency": ("currency", "币种", "货币"),
    "title": ("title", "标题"),
    "link": ("link", "url", "链接"),
}
_KINDS: Final = {
    "price": "price", "价格": "price", "rank": "rank", "排名": "rank", "stock": "stock", "availability": "stock",
    "库存": "stock", "有货": "stock", "mention": "mention", "mentions": "mention", "提及": "mention", "声量": "mention",
    "demand": "demand", "search": "demand", "需求": "demand", "搜索指数": "demand", "news": "news", "新闻": "news",
}  # fmt: skip
_OURS: Final = ("us", "we", "ours", "own", "我们", "本公司", "自己", "本店")
_STOCK: Final = {"in stock": 1.0, "有货": 1.0, "yes": 1.0, "true": 1.0, "out of stock": 0.0, "缺货": 0.0, "无货": 0.0,
                 "售罄": 0.0, "no": 0.0, "false": 0.0}  # fmt: skip


class SignalFileProblem(ValueError):
    """A file of signals that lacks something: ``code`` and what it is about."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class SignalRow:
    """One signal as the file has it; ``watched`` "" is ourselves; prices in the currency's own units."""

    id: str
    at: datetime
    kind: str
    watched: str
    product: str
    market: str
    value: float | None
    currency: str
    title: str
    link: str


@dataclass(frozen=True)
class SignalFile:
    """The rows that could be read, and (row number, what was wrong) of those that could not."""

    rows: tuple[SignalRow, ...]
    aside: tuple[tuple[int, str], ...]


def read_signals(data: bytes, *, name: str, zone: str, currency: str, now: datetime) -> SignalFile:
    """Read a CSV or Excel file of signals: a date, a kind or a price/rank column, who it is about, a value.

    The same row read again has the same id, so a file can be brought in twice.
    Raises ``SignalFileProblem`` where a needed column is missing, ``ImportProblem`` where it is no table.
    """
    sheet = open_sheet(data, name=name)
    if sheet.num_rows > MOST_ROWS:
        raise SignalFileProblem("too_many_rows", str(MOST_ROWS))
    plain = [h.strip().lower() for h in sheet.header]
    at = {key: next((plain.index(h) for h in names if h in plain), None) for key, names in _HEADERS.items()}
    shared = next((_KINDS[plain[at["value"]]] for _ in "1" if at["value"] is not None and plain[at["value"]] in _KINDS),
                  None)  # fmt: skip
    for key in ("at", "watched", *(() if at["kind"] is not None or shared else ("kind",))):
        if at[key] is None:
            raise SignalFileProblem("no_column", key)
    days = read_dates(sheet.cells(at["at"] or 0), zone, now).instants().to_pylist()
    texts = {key: sheet.table.column(place).to_pylist() for key, place in at.items() if place is not None}
    mark = decimal_mark(sheet.cells(at["value"]).values) if at["value"] is not None else "."
    rows, aside = [], []
    for i, day in enumerate(days):
        own = {key: (values[i] or "").strip() for key, values in texts.items()}
        kind = _KINDS.get(own.get("kind", "").lower(), "") if at["kind"] is not None else shared or ""
        value, money = _value(own.get("value", ""), kind, mark)
        wrong = "date" if day is None else "kind" if not kind else "value" if value is None and kind != "news" else ""
        if wrong:
            aside.append((int(sheet.rows[i]), wrong))
            continue
        who = own.get("watched", "")
        who = "" if who.lower() in _OURS else who[:100]
        coin = (currency_code(own.get("currency") or money, currency) or currency) if kind == "price" else ""
        key = "|".join(
            (day.isoformat(), kind, who, own.get("product", ""), own.get("market", ""), own.get("title", ""))
        )
        rows.append(SignalRow(
            "file:" + hashlib.sha256(key.encode()).hexdigest()[:24], day, kind, who, own.get("product", "")[:100],
            own.get("market", "")[:100], value, coin, own.get("title", "")[:500], own.get("link", "")[:1000],
        ))  # fmt: skip
    return SignalFile(tuple(rows), tuple(aside))


def _value(text: str, kind: str, mark: str) -> tuple[float | None, str]:
    """The number and the currency sign beside it; a stock may be said in words."""
    if kind == "stock" and text.lower() in _STOCK:
        return _STOCK[text.lower()], ""
    read = read_number(text, mark) if text else None
    if read is None or (kind in ("price", "rank") and read[0] <= 0) or read[0] < 0:
        return None, ""
    return read[0] / 10 ** read[1], read[2] or ""
