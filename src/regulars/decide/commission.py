"""Commission to the cent, with the line of every order: which part at which rate, how it was rounded, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from regulars.decide.agreements import WHOLE, Agreement
from regulars.decide.commission_ledger import Ledger
from regulars.decide.commission_lines import Line, Order
from regulars.lake.frames import to_arrow


@dataclass(frozen=True)
class Statement:
    """One month of one agreement. ``payable`` is the sum of all lines and never below 0: what is owed to us is in
    ``carried`` and comes off the next month. ``left_out`` counts orders in other currencies by currency.
    """

    agreement: str
    partner: str
    year: int
    month: int
    currency: str
    revenue: int
    orders: int
    lines: tuple[Line, ...]
    payable: int
    carried: int
    due: date
    committed: int
    rounding: str
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def commission(self) -> int:
        """What the orders earned, before guarantee, cap and what was carried."""
        return sum(line.amount for line in self.lines if line.order)

    @property
    def met(self) -> bool | None:
        """Whether the promised revenue came; None where none was promised."""
        return self.revenue >= self.committed if self.committed else None


@dataclass(frozen=True)
class Commission:
    """The statements of one agreement.

    In a tier period the commission is a function of its net revenue alone, so it does not depend on the order of the
    orders; refunds of the same period come off the top. A refund of a sale of an earlier tier period gives back what
    was paid for that sale, in proportion, and exactly all of it once all of the money went back. Each month's total
    is the rounded sum to date less the months before, and its lines are apportioned to it by largest remainders:
    lines add up to the statement and statements to the year. All arithmetic is on whole numbers.

    >>> from regulars.decide.agreements import Agreement, Tier
    >>> terms = Agreement("a1", "north", ("agents",), date(2026, 1, 1), (Tier(0, 100_000), Tier(10_000, 150_000)))
    >>> month = Commission(terms).statements([Order("o1", date(2026, 1, 5), 9_999, "agents"),
    ...                                       Order("o2", date(2026, 1, 9), 5_000, "agents")])[0]
    >>> [line.amount for line in month.lines], month.payable, month.due
    ([1000, 750], 1750, datetime.date(2026, 3, 2))
    """

    agreement: Agreement

    def statements(self, orders: Any, until: date | None = None) -> list[Statement]:
        """Every month from the first with an order (with a guarantee: from the start) to ``until`` or the last order.

        Takes ``Order`` objects or any table with ``id, day, amount, channel, market, currency, kind``, of any
        partner: those that are not this one's are left out.
        """
        given = _orders(orders)
        mine = [o for o in given if self._is_mine(o)]
        # Money back for a sale that was never this partner's takes nothing from it.
        others = {o.id for o in given if o.kind == "sale"} - {o.id for o in mine if o.kind == "sale"}
        mine = [o for o in mine if o.kind == "sale" or o.id not in others]
        ledger = Ledger(self.agreement)
        left_out: dict[tuple[int, int], dict[str, int]] = {}
        for order in sorted(mine, key=lambda o: (o.day, o.kind != "sale", o.id)):
            if order.currency == self.agreement.currency:
                ledger.add(order)
            else:
                at = left_out.setdefault((order.day.year, order.day.month), {})
                at[order.currency] = at.get(order.currency, 0) + 1
        months = self._months([o.day for o in mine], until)
        done: list[Statement] = []
        carried = 0
        for year, month in months:
            statement = self._statement(year, month, ledger.month(year, month), carried,
                                        left_out.get((year, month), {}))  # fmt: skip
            carried = statement.carried
            done.append(statement)
        return done

    def _is_mine(self, order: Order) -> bool:
        """A refund after the end of the agreement still gives back what was paid."""
        a = self.agreement
        if order.kind == "sale" or order.amount >= 0:
            return a.covers(order.channel, order.market, order.day)
        return a.covers(order.channel, order.market, min(order.day, a.end or order.day))

    def _months(self, days: Sequence[date], until: date | None) -> list[tuple[int, int]]:
        if not days and until is None:
            return []
        first = self.agreement.start if self.agreement.guarantee or not days else min(days)
        last = max([*days, *([until] if until else [])])
        at, found = (first.year, first.month), []
        while at <= (last.year, last.month):
            found.append(at)
            at = (at[0] + at[1] // 12, at[1] % 12 + 1)
        return found

    def _statement(self, year: int, month: int, lines: list[Line], carried: int, left_out: dict[str, int]) -> Statement:
        a = self.agreement
        last = a.month_end(year, month)
        held, days = a.month_share(year, month)
        running = lines[-1].running if lines else 0
        extra = [Line("", last, "carried", 0, (), carried * WHOLE, carried, running)] if carried else []
        earned = sum(line.amount for line in lines) + carried
        least, most = a.guarantee * held // days, None if a.cap is None else a.cap * held // days
        if least and earned < least:
            extra.append(Line("", last, "guarantee", 0, (), (least - earned) * WHOLE, least - earned, running))
        elif held and most is not None and earned > most:
            extra.append(Line("", last, "cap", 0, (), (most - earned) * WHOLE, most - earned, running))
        due = earned + sum(line.amount for line in extra if line.reason != "carried")
        return Statement(
            a.id, a.partner, year, month, a.currency, sum(line.base for line in lines if line.reason != "tier_reached"),
            sum(line.reason == "sale" for line in lines), (*lines, *extra), max(due, 0), min(due, 0),
            last + timedelta(days=a.payment_days), a.commitment * held // days, a.rounding, left_out,
        )  # fmt: skip


def _orders(given: Any) -> list[Order]:
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return list(given)
    rows = to_arrow(given)
    lacking = sorted({"id", "day", "amount"} - set(rows.column_names))
    if lacking:
        raise ValueError(f"the orders have no column {', '.join(lacking)}")
    names = [n for n in ("id", "day", "amount", "channel", "market", "currency", "kind") if n in rows.column_names]
    return [Order(**row) for row in rows.select(names).to_pylist()]
