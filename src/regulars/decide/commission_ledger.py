"""The orders of one agreement in time: what each earned, and what comes back with its money."""

from __future__ import annotations

from datetime import date

from regulars.decide.agreements import WHOLE, Agreement
from regulars.decide.commission_lines import Line, Order, apportioned, rounded


class Ledger:
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
        """Take an order in; orders come in time order."""
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
        sizes: list[int] = [max(self.sold[k], 0) for k in orders]
        if self.terms.rule == "whole" and sum(sizes) > 0:
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
