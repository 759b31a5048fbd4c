"""What was agreed with a partner, as data: what it sells, where, for which commission, until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# A commission rate is a whole number of millionths, so that no cent is ever a rounded fraction: 12.5 % is 125,000.
WHOLE: Final = 1_000_000
RULES: Final = ("marginal", "whole")
PERIODS: Final = ("month", "quarter", "year")
ROUNDINGS: Final = ("half_up", "half_even", "down")


@dataclass(frozen=True)
class Tier:
    """From this net revenue of the tier period (minor units) on, this rate (millionths)."""

    start: int
    rate: int


@dataclass(frozen=True)
class Agreement:
    """One agreement.

    Args:
        id: its key; ``partner`` the partner's key; ``mode`` the way to sell (``modes.MODES``).
        channels: the sources whose orders are this partner's; ``markets`` the territory (empty: everywhere).
        start, end: the first and the last day, both included; ``end`` None: open.
        currency: orders in another currency earn nothing here and are listed as left out.
        tiers: rates by net revenue of the ``tier_period`` (month, quarter or year), the first from 0.
        rule: ``marginal`` (each part of the revenue at its own rate) or ``whole`` (all of it at the rate reached).
        rounding: ``half_up`` (away from 0), ``half_even`` or ``down`` (towards 0).
        guarantee: the least commission of a whole month; ``cap`` the most.
        commitment: revenue the partner promised for a whole month.
        payment_days: days after the month's end until we pay.
        exclusive: nobody else may sell in ``markets``.
        cost: what the contract costs a year beside commission; ``expected`` is in the book, by market.

    Raises ``ValueError`` for terms that contradict themselves.

    >>> a = Agreement("a1", "north", channels=("agents",), start=date(2026, 1, 1), tiers=(Tier(0, 100_000),))
    >>> a.covers("agents", "cn", date(2026, 5, 1)), a.covers("search", "cn", date(2026, 5, 1))
    (True, False)
    """

    id: str
    partner: str
    channels: Sequence[str]
    start: date
    tiers: Sequence[Tier]
    markets: Sequence[str] = ()
    end: date | None = None
    mode: str = "agent"
    currency: str = "CNY"
    rule: str = "marginal"
    tier_period: str = "month"
    rounding: str = "half_up"
    guarantee: int = 0
    cap: int | None = None
    commitment: int = 0
    payment_days: int = 30
    exclusive: bool = False
    cost: int = 0

    def __post_init__(self) -> None:
        wrong = next((text for bad, text in self._contradictions() if bad), "")
        if wrong:
            raise ValueError(f"agreement {self.id!r}: {wrong}")

    def _contradictions(self) -> list[tuple[bool, str]]:
        starts, rates = [t.start for t in self.tiers], [t.rate for t in self.tiers]
        return [
            (not starts or starts[0] != 0, "the first tier begins at 0"),
            (starts != sorted(set(starts)), "each tier begins above the one before"),
            (any(not isinstance(v, int) for v in (*starts, *rates)), "money and rates are whole numbers"),
            (any(not 0 <= r <= WHOLE for r in rates), "a rate lies between 0 % and 100 %"),
            (self.rule not in RULES, f"the rule {self.rule!r} is not one of {', '.join(RULES)}"),
            (self.rule == "whole" and rates != sorted(rates),
             "with one rate for all revenue a lower rate above would pay less for selling more: use the marginal rule"),
            (self.tier_period not in PERIODS, f"the tier period is one of {', '.join(PERIODS)}"),
            (self.rounding not in ROUNDINGS, f"the rounding is one of {', '.join(ROUNDINGS)}"),
            (not self.channels, "it names no channel whose orders are the partner's"),
            (self.end is not None and self.end < self.start, "it ends before it begins"),
            (min(self.guarantee, self.commitment, self.payment_days, self.cost) < 0, "no amount is below 0"),
            (self.cap is not None and self.cap < self.guarantee, "the cap is below the guarantee"),
        ]  # fmt: skip

    def covers(self, channel: str | None, market: str | None, day: date) -> bool:
        """Whether an order of this channel, market and day is this partner's."""
        inside = self.start <= day and (self.end is None or day <= self.end)
        return inside and channel in self.channels and (not self.markets or market in self.markets)

    def tier_key(self, day: date) -> tuple[int, int]:
        """Which tier period a day is in."""
        months = {"month": 1, "quarter": 3, "year": 12}[self.tier_period]
        return day.year, (day.month - 1) // months

    def earned(self, revenue: int) -> int:
        """Commission of this net revenue of one tier period, exact, in millionths of a minor unit.

        Below nothing it is what the first rate gives back.

        >>> two = (Tier(0, 100_000), Tier(10_000, 200_000))
        >>> a = Agreement("a", "p", ("x",), date(2026, 1, 1), two)
        >>> a.earned(15_000) / 1_000_000, Agreement("a", "p", ("x",), date(2026, 1, 1), two, rule="whole").earned(15_000) / 1_000_000
        (2000.0, 3000.0)
        """  # noqa: E501
        if revenue <= 0:
            return revenue * self.tiers[0].rate
        if self.rule == "whole":
            return revenue * self.tiers[self.tier_at(revenue)].rate
        return sum((high - low) * rate for low, high, rate in self.parts(0, revenue))

    def tier_at(self, revenue: int) -> int:
        """The place of the tier that this net revenue has reached."""
        return max((k for k, t in enumerate(self.tiers) if t.start <= max(revenue, 0)), default=0)

    def parts(self, low: int, high: int) -> list[tuple[int, int, int]]:
        """The revenue from ``low`` to ``high`` cut at the tiers: (from, to, rate), from below 0 at the first rate."""
        ends = [t.start for t in self.tiers[1:]]
        found = []
        for k, tier in enumerate(self.tiers):
            bottom = low if k == 0 else max(low, tier.start)
            top = high if k == len(ends) else min(high, ends[k])
            if bottom < top:
                found.append((bottom, top, tier.rate))
        return found

    def month_end(self, year: int, month: int) -> date:
        """The last day of a month."""
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)

    def month_share(self, year: int, month: int) -> tuple[int, int]:
        """Days of a month the agreement holds, and its days: a guarantee counts in proportion."""
        first, last = date(year, month, 1), self.month_end(year, month)
        begin, finish = max(first, self.start), min(last, self.end or last)
        return max((finish - begin).days + 1, 0), (last - first).days + 1
