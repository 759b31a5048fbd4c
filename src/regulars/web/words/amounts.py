"""Amounts, counts and shares as an owner reads them, in Chinese and English."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings
from django.utils.translation import get_language

from regulars.tables import currency_digits

SYMBOLS = {
    "CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$", "BRL": "R$",
    "KRW": "₩", "INR": "₹", "SGD": "S$", "AUD": "A$", "CAD": "C$",
}  # fmt: skip
# From ten units of a word on the word is shorter to read than the digits.
WORDS = {"zh": ((10**8, "亿", 10**8), (10**5, "万", 10**4)), "en": ((10**9, "B", 10**9), (10**6, "M", 10**6))}


def symbol(currency: str | None = None) -> str:
    code = currency or settings.COMPANY.currency
    return SYMBOLS.get(code, f"{code} ")


def major(amount: int | float, currency: str | None = None) -> Decimal:
    """Minor units as a decimal amount of money.

    >>> major(12345, "CNY"), major(500, "JPY")
    (Decimal('123.45'), Decimal('500'))
    """
    return Decimal(round(amount)).scaleb(-currency_digits(currency or settings.COMPANY.currency))


def shortened(value: Decimal | float, language: str | None = None) -> tuple[str, bool]:
    """A number with 万/亿 or M/B where that reads better, and whether digits were dropped.

    >>> shortened(Decimal("1240000"), "zh-hans"), shortened(Decimal("1240000"), "en"), shortened(1234, "en")
    (('124万', True), ('1.24M', True), ('1,234', False))
    """
    chosen = "zh" if (language or get_language() or "en").startswith("zh") else "en"
    exact = Decimal(str(value))
    for least, word, unit in WORDS[chosen]:
        if abs(exact) >= least:
            part = exact / unit
            digits = 2 if abs(part) < 10 else 1 if abs(part) < 100 else 0
            text = f"{part.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,f}"
            return (text.rstrip("0").rstrip(".") if "." in text else text) + word, True
    return f"{exact.quantize(Decimal(1), ROUND_HALF_UP):,f}", exact != exact.to_integral_value()


def money_text(amount: int | float | None, currency: str | None = None, *, short: bool = True, sign: bool = False,
               bare: bool = False) -> str:  # fmt: skip
    """An amount of minor units as text; small amounts keep their decimals.

    >>> money_text(1_234_56, "CNY", bare=True, short=False)
    '1,234.56'
    """
    if amount is None:
        return "–"
    value = major(amount, currency)
    if abs(value) < 100 or not short:
        digits = currency_digits(currency or settings.COMPANY.currency)
        whole = short and value == value.to_integral_value()
        body = f"{abs(value):,.{0 if whole else digits}f}"
    else:
        body, _ = shortened(abs(value))
    before = "−" if amount < 0 else "+" if sign and amount > 0 else ""
    return f"{before}{'' if bare else symbol(currency)}{body}"


def number_text(value: float | int | None, digits: int = 0) -> str:
    if value is None:
        return "–"
    return f"{value:,.{digits}f}".replace("-", "−")


def percent_text(value: float | None, digits: int | None = None, *, sign: bool = False) -> str:
    """A share as per cent, with one decimal below ten.

    >>> percent_text(0.0834), percent_text(0.183), percent_text(0.12, sign=True)
    ('8.3%', '18%', '+12%')
    """
    if value is None:
        return "–"
    share = value * 100
    if digits is None:
        digits = 1 if abs(share) < 9.95 and share else 0
    return f"{share:{'+' if sign else ''},.{digits}f}%".replace("-", "−")
