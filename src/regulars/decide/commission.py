"""Commission to the cent, with the line of every order: which part at which rate, how it was rounded, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from regulars.decide.agreements import WHOLE, Agreement
from regulars.lake.frames import to_arrow


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
        ledger = _Ledger(self.agreement)
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


class _Ledger:
    """Orders in time, by tier period, with what each sale was paid."""

    def __init__(self, agreement: Agreement) -> None:
        self.terms = agreement
        self.months: dict[tuple[int, int], list[Order]] = {}
        self.paid: dict[str, int] = {}
        self.sold: dict[str, int] = {}
        self.back: dict[str, tuple[int, int]] = {}
        self.period_of: dict[str, tuple[int, int]] = {}
        self.running = 0
        self.at: tuple[int, int] | None = None
        self.exact_before = 0
        self.period_lines: dict[str, int] = {}

    def add(self, order: Order) -> None:
        self.months.setdefault((order.day.year, order.day.month), []).append(order)

    def month(self, year: int, month: int) -> list[Line]:
        """The lines of one month; months are asked for in time order."""
        orders = self.months.get((year, month), [])
        key = self.terms.tier_key(date(year, month, 1))
        if key != self.at:
            self._close()
            self.at, self.running, self.exact_before = key, 0, 0
        own: list[Line] = []
        claws: list[Line] = []
        before = self.running
        for order in orders:
            if self._is_late(order, key):
                claws.append(self._clawed(order))
            else:
                own.append(self._earned(order, key))
        if self.terms.rule == "whole":
            own = self._lifted(own, before)
        return [*self._settled(own), *claws]

    def _is_late(self, order: Order, key: tuple[int, int]) -> bool:
        """A refund of a sale that was paid for in an earlier tier period."""
        return order.kind != "sale" and self.period_of.get(order.id, key) != key

    def _earned(self, order: Order, key: tuple[int, int]) -> Line:
        low, self.running = self.running, self.running + order.amount
        high = self.running
        if self.terms.rule == "whole":
            parts: tuple[tuple[int, int], ...] = ()
            exact = 0
        else:
            cut = self.terms.parts(min(low, high), max(low, high))
            sign = 1 if high >= low else -1
            parts = tuple((sign * (b - a), rate) for a, b, rate in cut)
            exact = sum(part * rate for part, rate in parts)
        if order.kind == "sale":
            self.period_of.setdefault(order.id, key)
        if order.id in self.period_of:
            self.sold[order.id] = self.sold.get(order.id, 0) + order.amount
        reason = "sale" if order.kind == "sale" else "refund"
        return Line(order.id, order.day, reason, order.amount, parts, exact, 0, high)

    def _lifted(self, lines: list[Line], before: int) -> list[Line]:
        """The whole rule: every order of the month at the rate reached, and one line that lifts the months before."""
        after = before + sum(line.base for line in lines)
        rate = self.terms.tiers[self.terms.tier_at(after)].rate
        done = [Line(x.order, x.day, x.reason, x.base, ((x.base, rate),), x.base * rate, 0, x.running) for x in lines]
        lift = self.terms.earned(after) - self.terms.earned(before) - sum(line.exact for line in done)
        if lift:
            old = self.terms.tiers[self.terms.tier_at(before)].rate
            last = done[-1]
            done.append(Line("tier", last.day, "tier_reached", before, ((before, rate - old),), lift, 0, last.running))
        return done

    def _settled(self, lines: list[Line]) -> list[Line]:
        """Rounded so that the period to date is right to the cent and the lines add up."""
        exact = sum(line.exact for line in lines)
        rule = self.terms.rounding
        total = rounded(self.exact_before + exact, rule) - rounded(self.exact_before, rule)
        self.exact_before += exact
        done = []
        for line, amount in zip(lines, apportioned([x.exact for x in lines], total) if lines else [], strict=True):
            self.period_lines[line.order] = self.period_lines.get(line.order, 0) + amount
            done.append(Line(line.order, line.day, line.reason, line.base, line.parts, line.exact, amount,
                             line.running))  # fmt: skip
        return done

    def _close(self) -> None:
        """What every order of the period was paid, once and for all; a lift belongs to the orders it lifted."""
        orders = [k for k in self.period_lines if k in self.sold]
        paid = [self.period_lines[k] for k in orders]
        sizes = [max(self.sold[k], 0) for k in orders]
        if self.terms.rule == "whole" and sum(sizes):
            # In the end all of the period has one rate.
            total = sum(self.period_lines.values())
            paid = apportioned([total * WHOLE * size // sum(sizes) for size in sizes], total)
        self.paid.update(zip(orders, paid, strict=True))
        self.period_lines = {}

    def _clawed(self, order: Order) -> Line:
        """In proportion to the money that went back, to the cent all of it in the end."""
        sold, paid = self.sold.get(order.id, 0), self.paid.get(order.id, 0)
        went, given = self.back.get(order.id, (0, 0))
        went += -order.amount
        exact = paid * WHOLE * min(went, sold) // sold if sold > 0 else 0
        total = rounded(exact, self.terms.rounding) if went < sold else paid
        self.back[order.id] = went, total
        rate = paid * WHOLE // sold if sold > 0 else 0
        back = given - total
        return Line(order.id, order.day, "clawback", order.amount, ((order.amount, rate),), back * WHOLE, back,
                    self.running)  # fmt: skip


def _orders(given: Any) -> list[Order]:
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return list(given)
    rows = to_arrow(given)
    lacking = sorted({"id", "day", "amount"} - set(rows.column_names))
    if lacking:
        raise ValueError(f"the orders have no column {', '.join(lacking)}")
    names = [n for n in ("id", "day", "amount", "channel", "market", "currency", "kind") if n in rows.column_names]
    return [Order(**row) for row in rows.select(names).to_pylist()]
