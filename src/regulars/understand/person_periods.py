"""Contracts cut into periods: one row for each time somebody could have left, with what was known before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from regulars.lake.frames import to_arrow
from regulars.understand.days import company_days, day_number

Vector = NDArray[np.float64]
Ints = NDArray[np.int64]
MONTH: Final = 30.4375
# A renewal or a notice may be booked a few days off the due day (short months, weekends).
SLACK: Final = 3
# Where renewals are booked, a contract silent for so many periods has ended without notice.
SILENT: Final = 1.5
START, RENEWAL, UPGRADE, DOWNGRADE, CANCEL = range(5)
KINDS: Final = ("start", "renewal", "upgrade", "downgrade", "cancel")


@dataclass(frozen=True)
class LifeTable:
    """Who was there at each period, who left, and the share still there after it."""

    period: Ints
    at_risk: Ints
    left: Ints
    survival: Vector
    low: Vector
    high: Vector


def life_table(duration: ArrayLike, left: ArrayLike, level: float = 0.9) -> LifeTable:
    r"""The share still there after each period (Kaplan and Meier 1958).

    .. math:: S(t) = \prod_{s \le t} (1 - d_s / n_s)

    ``duration``: periods seen of each contract, from 1; ``left``: whether it ended
    in its last one. Intervals by Greenwood's formula on log(-log S).

    >>> life_table([1, 2, 2, 3], [1, 1, 0, 0]).survival.tolist()
    [0.75, 0.5, 0.5]
    """
    seen, gone = np.asarray(duration, dtype=np.int64), np.asarray(left, dtype=np.bool_)
    if not seen.size:
        none = np.empty(0)
        return LifeTable(seen, seen, seen, none, none, none)
    if seen.min() < 1:
        raise ValueError("a duration is a number of periods from 1")
    period = np.arange(1, int(seen.max()) + 1)
    ends = np.bincount(seen, minlength=len(period) + 1)[1:]
    at_risk = ends[::-1].cumsum()[::-1]
    events = np.bincount(seen[gone], minlength=len(period) + 1)[1:]
    survival = np.cumprod(1.0 - events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(np.cumsum(events / (at_risk * (at_risk - events)))) / np.abs(np.log(survival))
        factor = np.exp(norm.ppf(0.5 + level / 2.0) * spread)
        low, high = survival**factor, survival ** (1.0 / factor)
    flat = ~np.isfinite(low) | (survival <= 0) | (survival >= 1)
    return LifeTable(period, at_risk, events, survival, np.where(flat, survival, low), np.where(flat, survival, high))


def expand(duration: ArrayLike, left: ArrayLike) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Person-periods: for each contract a row a period seen; returns row of the contract, period from 1, left then.

    >>> at, period, gone = expand([2, 1], [True, False])
    >>> at.tolist(), period.tolist(), gone.tolist()
    ([0, 0, 1], [1, 2, 1], [False, True, False])
    """
    seen, gone = np.asarray(duration, dtype=np.int64), np.asarray(left, dtype=np.bool_)
    at = np.repeat(np.arange(len(seen)), seen)
    period = np.arange(len(at)) - np.repeat(np.cumsum(seen) - seen, seen) + 1
    return at, period, gone[at] & (period == seen[at])


@dataclass(frozen=True)
class Contracts:
    """All contracts with their changes, sorted by contract and day.

    ``length`` is one period in days; ``periods`` how many could be seen in full;
    ``left`` whether it ended in the last of them; ``running`` whether it runs today.
    """

    contract: pa.Array
    customer: pa.Array
    channel: pa.Array
    market: pa.Array
    start: Ints
    length: Vector
    periods: Ints
    left: NDArray[np.bool_]
    running: NDArray[np.bool_]
    ended: Ints
    changes: Changes
    until: int

    @property
    def period_now(self) -> Ints:
        """The period each contract is in today, from 1."""
        return np.asarray((self.until - self.start) // self.length + 1, dtype=np.int64)

    def starts(self, at: Ints, period: Ints) -> Ints:
        """The first day of these periods of these contracts."""
        return np.asarray(np.round(self.start[at] + (period - 1) * self.length[at]), dtype=np.int64)


@dataclass(frozen=True)
class Changes:
    """The rows of all contracts: ``key`` packs contract and day so that one search finds what held on a day."""

    key: Ints
    kind: Ints
    plan: pa.Array
    price: Vector

    def before(self, at: Ints, day: Ints) -> Ints:
        """The number of rows of all contracts up to and with this day of this contract."""
        return np.searchsorted(self.key, packed(at, day), side="right")


def packed(code: Ints, day: Ints) -> Ints:
    """Contract and day as one number that sorts like the pair."""
    return np.asarray(code, dtype=np.int64) * (1 << 20) + np.clip(day, 0, (1 << 20) - 1)


def contracts(subscriptions: Any, *, until: date | datetime | int, zone: str = "UTC") -> Contracts:
    """Read the changes of contracts (``tables.SUBSCRIPTIONS``) as lives.

    A contract has left on the day of a cancel that nothing follows. Where renewals
    are booked as a habit (at least one a contract start), one that is silent for a period and a half has left too,
    when its last period ended. Rows after ``until`` are not seen, void rows do not count.
    """
    table = to_arrow(subscriptions)
    end = until if isinstance(until, int) else day_number(until, zone)
    day = company_days(table, zone) if table.num_rows else np.empty(0, dtype=np.int64)
    kind = _codes(table.column("kind"))
    keep = (day <= end) & (kind >= 0)
    table, day, kind = table.filter(pa.array(keep)), day[keep], kind[keep]
    encoded = table.column("contract").combine_chunks().dictionary_encode()
    code = np.asarray(encoded.indices.to_numpy(), dtype=np.int64)
    # On one day a cancel comes last: it ends what the other rows of that day changed.
    order = np.lexsort((kind, day, code))
    table, day, kind, code = table.take(pa.array(order)), day[order], kind[order], code[order]
    first = np.flatnonzero(np.r_[True, code[1:] != code[:-1]]) if len(code) else code
    last = np.r_[first[1:], len(code)] - 1 if len(code) else code
    length = _length(table, first)
    start, ended, left = day[first], day[last].copy(), kind[last] == CANCEL
    if (kind == RENEWAL).sum() >= 0.5 * len(first) > 0:
        silent = ~left & (end - day[last] > SILENT * length + SLACK)
        ended = np.where(silent, np.round(day[last] + length), ended).astype(np.int64)
        left = left | silent
    lived = np.where(
        left, np.maximum(np.ceil((ended - start - SLACK) / length), 1), np.floor((end - start - SLACK) / length)
    )  # fmt: skip
    price = np.asarray(pc.fill_null(table.column("amount"), 0).to_numpy(), dtype=np.float64)
    column = {n: table.column(n).combine_chunks() if n in table.column_names else pa.nulls(len(day), pa.string())
              for n in ("contract", "customer", "plan", "channel", "market")}  # fmt: skip
    opened = {n: column[n].take(pa.array(first)) for n in ("contract", "customer", "channel", "market")}
    changes = Changes(packed(code, day), kind, column["plan"], price)
    return Contracts(**opened, start=start, length=length, periods=np.maximum(lived, 0).astype(np.int64), left=left,
                     running=~left, ended=ended, changes=changes, until=end)  # fmt: skip


def _codes(kind: Any) -> Ints:
    return np.asarray(pc.fill_null(pc.index_in(kind, value_set=pa.array(KINDS)), -1).to_numpy(), dtype=np.int64)


def _length(table: pa.Table, first: Ints) -> Vector:
    if "months" not in table.column_names:
        return np.full(len(first), MONTH)
    months = np.asarray(pc.fill_null(table.column("months"), 1).to_numpy(), dtype=np.float64)[first]
    return np.maximum(months, 1.0) * MONTH


def held(lives: Contracts, at: Ints, day: Ints) -> dict[str, Any]:
    """What was known of these contracts on these days: plan, price of a month, changes of plan up to then."""
    changes = lives.changes
    place = changes.before(at, day)
    row = np.maximum(place - 1, 0)
    first = np.searchsorted(changes.key, packed(at, np.zeros_like(at)))
    ups, downs = (np.r_[0, np.cumsum(changes.kind == k)] for k in (UPGRADE, DOWNGRADE))
    return {
        "plan": changes.plan.take(pa.array(row)),
        "price": changes.price[row] / (lives.length[at] / MONTH),
        "upgrades": (ups[place] - ups[first]).astype(np.float64),
        "downgrades": (downs[place] - downs[first]).astype(np.float64),
    }
