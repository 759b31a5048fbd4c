"""Definitions that two steps share: stages, activity states, digits of a currency, reason codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LIFECYCLE_STAGES: Final = (
    "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead",
    "opportunity", "customer", "evangelist", "other",
)  # fmt: skip
ACTIVITY_STATES: Final = ("new", "active", "loyal", "at_risk", "dormant", "lost")
TICKET_STATES: Final = ("new", "open", "pending", "hold", "solved", "closed")
DEAL_TYPES: Final = ("open", "won", "lost")
PLAN_STATES: Final = ("proposed", "approved", "running", "measured", "rejected", "superseded")

# Share of one major unit; every currency not named has 2 digits (ISO 4217).
_DIGITS: Final = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip


def currency_digits(currency: str) -> int:
    """Digits after the decimal point of a currency.

    >>> currency_digits("CNY"), currency_digits("JPY"), currency_digits("KWD")
    (2, 0, 3)
    """
    return _DIGITS.get(currency, 2)


@dataclass(frozen=True)
class ActivityRule:
    """When a customer counts as new, loyal, at risk, dormant or lost.

    The clock is the company's usual gap between two purchases, so a bakery and
    a machine builder get the same words for the same behaviour.
    """

    loyal_orders: int = 5
    active_gaps: float = 2.0
    at_risk_gaps: float = 4.0
    dormant_gaps: float = 8.0
    shortest_gap_days: float = 14.0

    def state(self, days_since_last: float, days_since_first: float, orders: int, gap_days: float) -> str:
        """The activity state of one customer.

        >>> rule = ActivityRule()
        >>> rule.state(days_since_last=3, days_since_first=3, orders=1, gap_days=30)
        'new'
        >>> rule.state(days_since_last=200, days_since_first=400, orders=6, gap_days=30)
        'dormant'
        """
        gap = max(gap_days, self.shortest_gap_days)
        if days_since_last > self.dormant_gaps * gap:
            return "lost"
        if days_since_last > self.at_risk_gaps * gap:
            return "dormant"
        if days_since_last > self.active_gaps * gap:
            return "at_risk"
        if orders == 1 and days_since_first <= gap:
            return "new"
        return "loyal" if orders >= self.loyal_orders else "active"


ACTIVITY: Final = ActivityRule()


def why(codes: Iterable[str] | dict[str, object]) -> str:
    """Join reason codes into the ``why`` column.

    >>> why({"days_since_last": 212, "orders_few": None})
    'days_since_last=212;orders_few'
    """
    if isinstance(codes, dict):
        return ";".join(k if v is None else f"{k}={v}" for k, v in codes.items())
    return ";".join(codes)


def why_codes(text: str | None) -> dict[str, str | None]:
    """Split a ``why`` column into its codes.

    >>> why_codes("days_since_last=212;orders_few")
    {'days_since_last': '212', 'orders_few': None}
    """
    parts = (p.partition("=") for p in (text or "").split(";") if p)
    return {k: (v if eq else None) for k, eq, v in parts}
