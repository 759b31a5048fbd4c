"""Points as a double-entry ledger: what is earned, held, redeemed and expired always adds up.

Every entry moves points between accounts and sums to zero. A customer's points
live in lots, one per earning; the lot that expires first is spent first. What
customers could still redeem is the company's liability.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

AVAILABLE: Final = "available"
HELD: Final = "held"
ISSUED: Final = "issued"
REDEEMED: Final = "redeemed"
EXPIRED: Final = "expired"
# Accounts of a customer; the others are the company's.
OWN: Final = (AVAILABLE, HELD)
KINDS: Final = ("earn", "hold", "release", "redeem", "expire", "reverse")


class LedgerError(ValueError):
    """Points that cannot be moved; ``code`` is ``not_enough``, ``key_reused``, ``unknown_key`` or ``not_allowed``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Posting:
    """Points moved into (or, negative, out of) an account of one lot."""

    account: str
    lot: str
    points: int


@dataclass(frozen=True)
class Entry:
    """One movement of one customer's points; its postings sum to zero.

    ``key`` makes doing it twice impossible; ``refers`` is the hold or entry it answers.
    """

    key: str
    kind: str
    customer: str
    at: datetime
    points: int
    postings: tuple[Posting, ...]
    refers: str = ""
    expires_at: datetime | None = None

    @property
    def request(self) -> tuple[str, str, int, str, datetime | None]:
        """What was asked for, to tell a repetition from a clash."""
        return self.kind, self.customer, self.points, self.refers, self.expires_at


class Ledger:
    """The points of all customers, built from entries in order.

    >>> from datetime import UTC
    >>> now = datetime(2026, 5, 1, tzinfo=UTC)
    >>> ledger = Ledger()
    >>> _ = ledger.earn("order-1", "p1", 100, now)
    >>> _ = ledger.redeem("gift-1", "p1", 30, now)
    >>> ledger.balance("p1", now), ledger.liability(), ledger.total()
    (70, 70, 0)
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries: dict[str, Entry] = {}
        self._accounts: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._lots: defaultdict[str, list[Entry]] = defaultdict(list)
        self._holds: dict[str, tuple[Posting, ...]] = {}
        for entry in entries:
            self._apply(entry)

    def earn(self, key: str, customer: str, points: int, now: datetime, *, expires_at: datetime | None = None) -> Entry:
        """Give points; they may be spent until just before ``expires_at``."""
        if expires_at is not None and expires_at <= now and key not in self.entries:
            raise LedgerError("not_allowed", "points cannot expire before they are earned")
        postings = (Posting(AVAILABLE, key, points), Posting(ISSUED, key, -points))
        return self._do(key, "earn", customer, points, now, lambda: postings, expires_at=expires_at)

    def hold(self, key: str, customer: str, points: int, now: datetime) -> Entry:
        """Set points aside, e.g. while an order waits for its payment."""
        return self._do(key, "hold", customer, points, now, lambda: self._take(customer, points, now, HELD))

    def release(self, key: str, hold: str, now: datetime) -> Entry:
        """Give held points back; what expired meanwhile is taken by the next ``expire``."""
        held = self._hold(key, hold)
        return self._do(
            key, "release", held.customer, held.points, now, lambda: self._move(self._open(hold), HELD, AVAILABLE), hold
        )

    def redeem(self, key: str, customer: str, points: int, now: datetime, *, hold: str = "") -> Entry:
        """Spend points, from a hold if one is named (then all of it), else from what is available."""
        if hold:
            held = self._hold(key, hold)
            if (held.customer, held.points) != (customer, points):
                raise LedgerError("not_allowed", f"hold {hold} is for {held.points} points of another redemption")
            return self._do(
                key, "redeem", customer, points, now, lambda: self._move(self._open(hold), HELD, REDEEMED), hold
            )
        return self._do(key, "redeem", customer, points, now, lambda: self._take(customer, points, now, REDEEMED))

    def expire(self, customer: str, now: datetime) -> Entry | None:
        """Take back what expired by now; None when there is nothing."""
        over = [
            Posting(AVAILABLE, lot.key, left)
            for lot in self._lots[customer]
            if lot.expires_at is not None and lot.expires_at <= now
            and (left := self._accounts[customer, AVAILABLE, lot.key])
        ]  # fmt: skip
        if not over:
            return None
        key = f"expire/{customer}/{now.isoformat()}/{len(self.entries)}"
        points = sum(p.points for p in over)
        return self._do(key, "expire", customer, points, now, lambda: self._move(over, AVAILABLE, EXPIRED))

    def reverse(self, key: str, entry: str, now: datetime) -> Entry:
        """Undo an earning or a redemption, once.

        A reversed redemption gives the points back to their lots. A reversed earning
        takes its points back from its lot, then from others; what was spent already is
        not taken, so ``points`` of the answer may be fewer and no balance falls below zero.
        """
        if key in self.entries and self.entries[key].refers == entry:
            return self.entries[key]
        undone = self.entries.get(entry)
        if undone is None:
            raise LedgerError("unknown_key", f"there is no entry {entry}")
        if undone.kind not in ("earn", "redeem"):
            raise LedgerError("not_allowed", f"a {undone.kind} cannot be reversed")
        if any(e.kind == "reverse" and e.refers == entry for e in self.entries.values()):
            raise LedgerError("not_allowed", f"{entry} was reversed before")
        if undone.kind == "redeem":
            spent = [p for p in undone.postings if p.account == REDEEMED]
            postings = self._move(spent, REDEEMED, AVAILABLE)
        else:
            postings = self._claw_back(undone)
        points = sum(p.points for p in postings if p.points > 0)
        return self._do(key, "reverse", undone.customer, points, now, lambda: postings, entry)

    def balance(self, customer: str, now: datetime) -> int:
        """Points the customer can spend now: available and not expired."""
        return sum(self._accounts[customer, AVAILABLE, lot.key] for lot in self._spendable(customer, now))

    def held(self, customer: str) -> int:
        """Points set aside for the customer."""
        return sum(self._accounts[customer, HELD, lot.key] for lot in self._lots[customer])

    def liability(self, *, minor_units_a_point: int = 1) -> int:
        """What customers could still redeem, held points included, in minor units."""
        return minor_units_a_point * sum(v for (_, account, _), v in self._accounts.items() if account in OWN)

    def total(self) -> int:
        """The sum over all accounts: always zero."""
        return sum(self._accounts.values())

    def expiring(self, customer: str, now: datetime, before: datetime) -> int:
        """Points the customer loses before that time unless they are spent."""
        return sum(
            self._accounts[customer, AVAILABLE, lot.key]
            for lot in self._spendable(customer, now)
            if lot.expires_at is not None and lot.expires_at <= before
        )

    def _spendable(self, customer: str, now: datetime) -> list[Entry]:
        """Lots that may be spent now, those that expire first in front."""
        lots = [lot for lot in self._lots[customer] if lot.expires_at is None or lot.expires_at > now]
        return sorted(lots, key=lambda lot: (lot.expires_at is None, lot.expires_at or lot.at, lot.at, lot.key))

    def _take(self, customer: str, points: int, now: datetime, to: str) -> tuple[Posting, ...]:
        taken = self._first(customer, [lot.key for lot in self._spendable(customer, now)], points)
        if sum(p.points for p in taken) < points:
            short = f"{points} points are asked for, {self.balance(customer, now)} are there"
            raise LedgerError("not_enough", short)
        return self._move(taken, AVAILABLE, to)

    def _first(self, customer: str, lots: Iterable[str], points: int) -> list[Posting]:
        taken = []
        for lot in lots:
            some = min(points, self._accounts[customer, AVAILABLE, lot])
            if some > 0:
                taken.append(Posting(AVAILABLE, lot, some))
                points -= some
        return taken

    def _claw_back(self, earned: Entry) -> tuple[Posting, ...]:
        others = [lot.key for lot in self._lots[earned.customer] if lot.key != earned.key]
        return self._move(self._first(earned.customer, [earned.key, *others], earned.points), AVAILABLE, ISSUED)

    @staticmethod
    def _move(what: Iterable[Posting], out_of: str, into: str) -> tuple[Posting, ...]:
        both = ((Posting(out_of, p.lot, -p.points), Posting(into, p.lot, p.points)) for p in what)
        return tuple(posting for pair in both for posting in pair)

    def _hold(self, key: str, hold: str) -> Entry:
        found = self.entries.get(hold)
        if found is None or found.kind != "hold":
            raise LedgerError("unknown_key", f"there is no hold {hold}")
        if hold not in self._holds and key not in self.entries:
            raise LedgerError("not_allowed", f"hold {hold} was used or released before")
        return found

    def _open(self, hold: str) -> tuple[Posting, ...]:
        return self._holds[hold]

    def _do(
        self,
        key: str,
        kind: str,
        customer: str,
        points: int,
        now: datetime,
        postings: Callable[[], tuple[Posting, ...]],
        refers: str = "",
        *,
        expires_at: datetime | None = None,
    ) -> Entry:
        """Make and apply an entry, or give back the one this key made before."""
        if kind != "reverse" and points <= 0:
            raise LedgerError("not_allowed", "points must be 1 or more")
        wanted = (kind, customer, points, refers, expires_at)
        if key in self.entries:
            if self.entries[key].request != wanted:
                raise LedgerError("key_reused", f"the key {key} was used for something else")
            return self.entries[key]
        entry = Entry(key, kind, customer, now, points, postings(), refers, expires_at)
        self._apply(entry)
        return entry

    def _apply(self, entry: Entry) -> None:
        """Add a made entry; raises ``LedgerError`` when it does not add up."""
        if sum(p.points for p in entry.postings) != 0 or entry.kind not in KINDS or entry.key in self.entries:
            raise LedgerError("not_allowed", f"entry {entry.key} does not add up or is there twice")
        after: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        for p in entry.postings:
            after[entry.customer, p.account, p.lot] += p.points
        for place, points in after.items():
            if place[1] in OWN and self._accounts[place] + points < 0:
                raise LedgerError("not_enough", f"entry {entry.key} would take more points than there are")
        for place, points in after.items():
            self._accounts[place] += points
        self.entries[entry.key] = entry
        if entry.kind == "earn":
            self._lots[entry.customer].append(entry)
        elif entry.kind == "hold":
            self._holds[entry.key] = tuple(p for p in entry.postings if p.account == HELD)
        elif entry.refers:
            self._holds.pop(entry.refers, None)
