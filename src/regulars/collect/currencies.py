"""Currencies as people write them: signs, words and ISO codes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SIGNS: Final = {
    "us$": "USD", "hk$": "HKD", "nt$": "TWD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "s$": "SGD",
    "r$": "BRL", "nz$": "NZD", "mx$": "MXN", "rmb": "CNY", "人民币": "CNY", "美元": "USD", "欧元": "EUR",
    "英镑": "GBP", "日元": "JPY", "港币": "HKD", "港元": "HKD", "新台币": "TWD", "元": "CNY", "圆": "CNY", "块": "CNY",
    "円": "JPY", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "฿": "THB", "₫": "VND", "₺": "TRY",
    "zł": "PLN", "kč": "CZK", "₴": "UAH", "₪": "ILS", "₱": "PHP", "₦": "NGN", "rp": "IDR", "rm": "MYR", "kr": "SEK",
    "chf": "CHF", "fr.": "CHF", "$": "$", "¥": "¥", "€uro": "EUR", "euro": "EUR", "eur": "EUR", "dollar": "$",
    "dollars": "$", "yuan": "CNY",
}  # fmt: skip
ISO: Final = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BDT",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNH",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "DZD",
        "EGP",
        "EUR",
        "GBP",
        "GHS",
        "HKD",
        "HRK",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IQD",
        "ISK",
        "JOD",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "KZT",
        "LKR",
        "MAD",
        "MMK",
        "MOP",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TND",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UYU",
        "VND",
        "XAF",
        "XOF",
        "ZAR",
    ]
)


def currency_code(text: str, company: str = "CNY") -> str | None:
    """The ISO 4217 code of a currency as people write it; ``$`` and ``¥`` follow the company's own.

    >>> currency_code("人民币"), currency_code("usd"), currency_code("¥", "JPY"), currency_code("$", "HKD")
    ('CNY', 'USD', 'JPY', 'HKD')
    """
    t = unicodedata.normalize("NFKC", text).strip().lower()
    sign = SIGNS.get(t) or (t.upper() if t.upper() in ISO else None)
    if sign is None:
        inner = re.search(r"\b([a-z]{3})\b", t)
        sign = inner.group(1).upper() if inner and inner.group(1).upper() in ISO else None
    if sign == "$":
        return company if company in {"USD", "CAD", "AUD", "HKD", "TWD", "SGD", "NZD", "MXN"} else "USD"
    if sign == "¥":
        return company if company in {"CNY", "JPY"} else "CNY"
    return "CNY" if sign == "CNH" else sign
