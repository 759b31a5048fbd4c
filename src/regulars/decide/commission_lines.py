"""One order, one line of a statement, and how fractions of a cent become cents that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from regulars.decide.agreements import WHOLE


@dataclass(frozen=True)
class Order:
    """One row of orders: money received (sales > 0, refunds < 0), minor units; a refund has the ``id`` of its sale."""

    id: str
    day: date
    amount: int
    channel: str | None = None
    market: str | None = None
    currency: str = "CNY"
    kind: str = "sale"


@dataclass(frozen=True)
class Line:
    """One line of a statement.

    ``base`` is the revenue it is about, ``parts`` its cuts at the tiers (revenue, rate in millionths), ``exact`` the
    commission before rounding in millionths of a minor unit, ``amount`` in minor units, ``running`` the net revenue of
    the tier period after it. ``reason``: ``sale``, ``refund`` (same tier period: off the top), ``clawback`` (the sale
    was paid for in an earlier one: exactly that comes back), ``tier_reached`` (the whole rule: earlier orders of the
    period rise to the rate reached), ``guarantee``, ``cap`` or ``carried``.
    """

    order: str
    day: date
    reason: str
    base: int
    parts: tuple[tuple[int, int], ...]
    exact: int
    amount: int
    running: int


def rounded(exact: int, rule: str) -> int:
    """Millionths of a minor unit as whole minor units.

    >>> [rounded(x, "half_up") for x in (1_500_000, -1_500_000, 2_500_000)], rounded(2_500_000, "half_even")
    ([2, -2, 3], 2)
    """
    sign, size = (-1 if exact < 0 else 1), abs(exact)
    whole, rest = divmod(size, WHOLE)
    if rule == "half_up":
        whole += 2 * rest >= WHOLE
    elif rule == "half_even":
        whole += 2 * rest > WHOLE or (2 * rest == WHOLE and whole % 2 == 1)
    return sign * whole


def apportioned(exact: Sequence[int], total: int) -> list[int]:
    """Whole amounts that add up to ``total``, each as near its exact figure as that allows: the largest remainders.

    >>> apportioned([333_333, 333_333, 333_334], 1)
    [0, 0, 1]
    """
    floors = [e // WHOLE for e in exact]
    rests = [e % WHOLE for e in exact]
    left = total - sum(floors)
    order = sorted(range(len(exact)), key=lambda k: (-rests[k], k))
    # What is exact already moves last; with half_even the total may even lie below the floors.
    step = 1 if left >= 0 else -1
    line = order if left >= 0 else sorted(range(len(exact)), key=lambda k: (rests[k], k))
    for n in range(abs(left)):
        floors[line[n % len(line)]] += step
    return floors
