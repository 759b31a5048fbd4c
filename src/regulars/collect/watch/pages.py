"""The price and stock of a product page, from what shops write for search engines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from regulars.collect.currencies import currency_code
from regulars.collect.numerals import read_number

PRICES = ("product:price:amount", "og:price:amount", "price", "lowprice")
CURRENCIES = ("product:price:currency", "og:price:currency", "pricecurrency")
STOCKS = ("product:availability", "og:availability", "availability")
OUT = ("outofstock", "soldout", "discontinued", "out of stock", "oos", "backorder", "缺货", "无货", "售罄")
DEEPEST = 12


@dataclass(frozen=True)
class Offer:
    """What a page says of one product: price in the currency's own units, whether it can be had, its title."""

    price: float | None
    currency: str
    in_stock: bool | None
    title: str


class _Page(HTMLParser):
    """Gathers JSON-LD, meta tags and microdata."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.values: dict[str, str] = {}
        self.scripts: list[str] = []
        self.title = ""
        self._into: str | None = None
        self._prop = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "script":
            self._into = "json" if "ld+json" in given.get("type", "").lower() else "other"
            if self._into == "json":
                self.scripts.append("")
            return
        if tag == "title":
            self._into = "title"
        name = (given.get("itemprop") or given.get("property") or given.get("name") or "").lower()
        if name in (*PRICES, *CURRENCIES, *STOCKS):
            value = given.get("content") or given.get("href") or ""
            if value:
                self.values.setdefault(name, value)
            elif given.get("itemprop"):
                self._into, self._prop = "prop", name

    def handle_endtag(self, tag: str) -> None:
        self._into = None

    def handle_data(self, data: str) -> None:
        if self._into == "json":
            self.scripts[-1] += data
        elif self._into == "title" and len(self.title) < 500:
            self.title += data
        elif self._into == "prop" and data.strip():
            self.values.setdefault(self._prop, data.strip())


def read_page(data: bytes, charset: str = "") -> Offer:
    """The offer of a product page: JSON-LD first, then meta tags, then microdata (schema.org, Open Graph).

    What a page does not say is None; a page with several offers gives the lowest price. Nothing on the page is run.

    >>> read_page(b'<meta property="og:price:amount" content="1,299.00">').price
    1299.0
    """
    from regulars.collect.encodings import detect, to_utf8

    try:
        text = data.decode(charset) if charset else to_utf8(data, detect(data)).decode("utf-8", "replace")
    except (LookupError, UnicodeDecodeError):
        text = data.decode("utf-8", "replace")
    page = _Page()
    page.feed(text)
    offers = [o for script in page.scripts for o in _offers(script)]
    metas = page.values
    price = _first(metas, PRICES)
    if price or not offers:
        stock = _first(metas, STOCKS)
        offers.append((_number(price), _currency(_first(metas, CURRENCIES)), _stock(stock)))
    priced = sorted((o for o in offers if o[0] is not None), key=lambda o: o[0] or 0.0)
    best = next((o for o in priced if o[1]), None) or (priced[0] if priced else offers[0])
    stocks = [o[2] for o in offers if o[2] is not None]
    return Offer(best[0], best[1], any(stocks) if stocks else None, " ".join(page.title.split())[:500])


def _first(values: dict[str, str], names: tuple[str, ...]) -> str:
    return next((values[n] for n in names if values.get(n)), "")


def _offers(script: str) -> list[tuple[float | None, str, bool | None]]:
    try:
        return _walk(json.loads(script), 0)
    except (ValueError, RecursionError):
        return []


def _walk(node: Any, depth: int) -> list[tuple[float | None, str, bool | None]]:
    if depth > DEEPEST:
        return []
    if isinstance(node, list):
        return [o for one in node[:200] for o in _walk(one, depth + 1)]
    if not isinstance(node, dict):
        return []
    own = []
    kinds = node.get("@type", "")
    if "Offer" in str(kinds):
        price = next((node[k] for k in ("price", "lowPrice") if node.get(k) not in (None, "")), None)
        own = [(_number(str(price)), _currency(str(node.get("priceCurrency", ""))),
                _stock(str(node.get("availability", ""))))] if price is not None else []  # fmt: skip
    return own + [o for value in node.values() if isinstance(value, dict | list) for o in _walk(value, depth + 1)]


def _number(text: str) -> float | None:
    """A price as written; a dot is the decimal mark, unless only a comma can be (``12,50``)."""
    text = text.strip()
    mark = "," if re.search(r",\d{1,2}\D*$", text) and "." not in text.rpartition(",")[2] else "."
    read = read_number(text, mark)
    if read is None:
        return None
    value = read[0] / 10 ** read[1]
    return value if 0 < value < 1e12 else None


def _currency(text: str) -> str:
    return (currency_code(text, "") or "") if text.strip() else ""


def _stock(text: str) -> bool | None:
    plain = text.lower().rpartition("/")[2].strip()
    return None if not plain else not any(word in plain for word in OUT)
