"""Who ordered when: everybody's orders in one sorted array, and what was known of a person at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.decide.contact_log import WINDOW_DAYS
from regulars.decide.curves import Array
from regulars.decide.free_orders import free_orders

Whole = NDArray[np.int64]
DAY: Final = 86_400
# People left alone are counted among so many at most.
ALONE: Final = 50_000
LATELY: Final = 365
RECENCY: Final = (15.0, 30.0, 45.0, 60.0, 90.0, 135.0, 180.0)
ORDERS: Final = (1.5, 2.5, 3.5, 5.5, 8.5, 12.5, 17.5, 24.5, 35.5)
AGE: Final = (14.0, 60.0, 180.0)


@dataclass(frozen=True)
class CustomerLedger:
    """Everybody's orders in one sorted array: order times as seconds, one stretch a person.

    ``since``: when a person came to be known (NaN: always was); ``contract``: whether there ever was one.
    """

    keys: pa.Array
    time: Array
    first: Whole
    since: Array
    contract: NDArray[np.bool_]

    @classmethod
    def read(cls, facts: Mapping[str, Any], people: pa.Table, more: Any) -> CustomerLedger:
        """Read paid orders and contracts of everybody known."""
        sold: pa.Table = free_orders(facts).select("customer", "at").to_pyarrow()
        names = [t.column("customer").cast(pa.string()) for t in (people, sold)]
        keys = pc.unique(pa.chunked_array([c for n in (*names, more) for c in pa.chunked_array(n).chunks]))
        row = pc.index_in(names[1], value_set=keys).to_numpy().astype(np.int64)
        at = seconds(sold.column("at"))
        order = np.lexsort((at, row))
        known = pc.index_in(names[0], value_set=keys).to_numpy().astype(np.int64)
        since = np.full(len(keys), np.nan)
        if "created_at" in people.column_names:
            since[known] = seconds(people.column("created_at"))
        contract = np.zeros(len(keys), dtype=bool)
        if "subscriptions" in facts:
            held = facts["subscriptions"].select("customer").distinct().to_pyarrow().column("customer")
            place = pc.index_in(held.cast(pa.string()), value_set=keys).drop_null().to_numpy()
            contract[place.astype(np.int64)] = True
        return cls(keys, at[order], np.searchsorted(row[order], np.arange(len(keys) + 1)), since, contract)

    def index(self, customers: Any) -> Whole:
        """The place of each customer."""
        return np.asarray(pc.index_in(customers.cast(pa.string()), value_set=self.keys).to_numpy().astype(np.int64))

    def before(self, who: Whole, moment: Array) -> Whole:
        """How many orders each person had until the moment: a search in the person's own stretch."""
        low, high = self.first[who], self.first[who + 1]
        while (low < high).any():
            middle = (low + high) // 2
            go = (low < high) & (self.time[np.minimum(middle, len(self.time) - 1)] <= moment)
            low, high = np.where(go, middle + 1, low), np.where(go | (low >= high), high, middle)
        return np.asarray(low - self.first[who])

    def orders(self, who: Whole, start: Array) -> Array:
        """Orders within the window."""
        return (self.before(who, start + WINDOW_DAYS * DAY) - self.before(who, start)).astype(float)

    def quiet(self, who: Whole, start: Array) -> Array:
        """Days since the last order at the moment; NaN for people who had none."""
        count = self.before(who, start)
        last = self.time[np.maximum(self.first[who] + count - 1, 0)] if len(self.time) else np.zeros(len(who))
        return np.where(count > 0, (start - last) / DAY, np.nan)

    def standing(self, who: Whole, start: Array) -> Whole:
        """The group of people who are alike as far as was known at the moment."""
        count = self.before(who, start)
        recency = np.digitize(np.nan_to_num(self.quiet(who, start)), RECENCY)
        age = np.digitize(np.nan_to_num((start - self.since[who]) / DAY, nan=1e6), AGE)
        lately = count - self.before(who, start - LATELY * DAY)
        bought = 10 + (recency * 10 + np.digitize(lately, ORDERS)) * 2 + self.contract[who]
        return np.where(count > 0, bought, age)

    def alone(self, moments: Array, who: Whole, start: Array) -> list[Whole]:
        """People whom nobody wrote to from four weeks before until four weeks after each moment."""
        out = []
        step = max(1, len(self.keys) // ALONE)
        for moment in moments:
            free = np.ones(len(self.keys), dtype=bool)
            free[who[np.abs(start - moment) < WINDOW_DAYS * DAY]] = False
            free &= ~(self.since > moment)
            free[np.arange(len(free)) % step != 0] = False
            out.append(np.flatnonzero(free))
        return out


def seconds(times: Any) -> Array:
    """Times as seconds since 1970."""
    whole = times.cast(pa.timestamp("s", tz="UTC"), safe=False).cast(pa.int64())
    return np.asarray(whole.to_numpy(), dtype=np.float64)
