"""A segment of a million people: rebuilt by one query, and kept up to date event by event, beside pandas.

Run: ``python -m benchmarks.segments``. The facts rest in a lake on disk for us and in memory for the peer, which is
handed the columns it needs as categories and dates; both give the same members, or the benchmark fails.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from benchmarks.rows import Row, answer

from regulars import tables
from regulars.lake import Lake
from regulars.understand.segment_members import SegmentMembers
from regulars.understand.segment_parser import parse
from regulars.understand.segment_query import segment_people

PEOPLE = 1_000_000
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
# CPU of all threads together: what a quiet machine needs at most on the wall.
REBUILD_S, EVENT_MS = 2.0, 50.0
RULE = {
    "all": [
        {"fact": "orders", "measure": "count", "op": "at_least", "value": 2, "window": {"days": 90}},
        {"any": [{"fact": "orders", "measure": "sum", "op": "more_than", "value": 30_000},
                 {"score": "clv", "op": "more_than", "value": 200_000}]},
        {"not": {"fact": "touches", "where": {"kind": "visit"}, "op": "at_least", "value": 1, "window": {"days": 30}}},
        {"person": "city", "op": "one_of", "value": ["上海", "Berlin"]},
    ]
}  # fmt: skip


def company(people: int) -> tuple[pa.Table, dict[str, pa.Table]]:
    """People with a city and a score, two orders and one visit each on average over a year."""
    rng = np.random.default_rng(0)
    letters = np.array(list(ALPHABET))
    keys = np.unique(letters[rng.integers(0, len(letters), (people + people // 100, 12))].view("<U12"))[:people]
    cities = np.array(["上海", "Berlin", "北京", "Lisboa"])
    who = pa.table({"customer": keys, "city": cities[rng.integers(0, 4, people)],
                    "score.clv": rng.integers(0, 400_000, people)})  # fmt: skip
    facts = {}
    for name, each in (("orders", 2), ("touches", 1)):
        n = people * each
        day = np.sort(np.datetime64(NOW.date()) - rng.integers(0, 365, n))
        at = pa.array(day.astype("datetime64[us]")).cast(pa.timestamp("us", tz="UTC"))
        amount = rng.integers(100, 50_000, n)
        own = {"kind": "sale", "status": "paid", "amount": amount, "ordered": amount, "currency": "CNY"}
        facts[name] = tables.TABLES[name].fill({
            "source": "shop", "id": np.arange(n).astype(str), "revision": 0, "recorded_at": at,
            "customer": keys[rng.integers(0, people, n)], "at": at, "day": pa.array(day),
            **(own if name == "orders" else {"kind": "visit"}),
        }, n)  # fmt: skip
    return who, facts


def by_pandas(who: pd.DataFrame, orders: pd.DataFrame, touches: pd.DataFrame) -> pd.Series:
    """The same segment as an analyst would write it."""
    recent = orders[orders["day"] > np.datetime64(NOW.date() - timedelta(days=90))]
    twice = recent.groupby("customer", observed=True).size()
    spent = orders.groupby("customer", observed=True)["amount"].sum()
    visited = touches.loc[touches["day"] > np.datetime64(NOW.date() - timedelta(days=30)), "customer"].unique()
    keys = who["customer"]
    held = keys.map(twice).fillna(0).ge(2) & (keys.map(spent).fillna(0).gt(30_000) | who["score.clv"].gt(200_000))
    return keys[held & ~keys.isin(visited) & who["city"].isin(["上海", "Berlin"])].sort_values()


def frames(who: pa.Table, facts: dict[str, pa.Table]) -> list[pd.DataFrame]:
    columns = {"orders": ["customer", "day", "amount"], "touches": ["customer", "day"]}
    found = [who.to_pandas()]
    for name, wanted in columns.items():
        frame = facts[name].select(wanted).to_pandas()
        frame["day"] = frame["day"].astype("datetime64[s]")
        found.append(frame)
    return found


def timed(work: Any, runs: int = 3) -> tuple[float, float, Any]:
    """Wall and CPU seconds of the best run, and the answer."""
    best: tuple[float, float, Any] = (float("inf"), float("inf"), None)
    for _ in range(runs):
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        spent = time.perf_counter() - wall, time.process_time() - cpu
        best = min(best, (*spent, found), key=lambda b: b[1])
    return best


def rows(people: int = PEOPLE) -> list[Row]:
    """Measure both jobs."""
    rule = parse(RULE)
    who, facts = company(people)
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        for name, table in facts.items():
            lake.append(name, table, "bench", 1)
        stored = {name: lake.current(name) for name in facts}
        wall, cpu, mine = timed(
            lambda: segment_people(rule, people=who, facts=stored, now=NOW, zone="Asia/Shanghai", currency="CNY")
        )
        peer_frames = frames(who, facts)
        peer_wall, peer_cpu, peer = timed(lambda: by_pandas(*peer_frames))
        if mine.to_pylist() != peer.tolist():
            raise AssertionError("ours and the peer's members differ")
        begun = time.perf_counter()
        segment = SegmentMembers(rule=rule, zone="Asia/Shanghai", currency="CNY").fit(who, stored, now=NOW)
        fitted = time.perf_counter() - begun
    if segment.members_.to_pylist() != peer.tolist():
        raise AssertionError("the incremental state and the query differ")
    event, longest = one_event(segment, who)
    begun = time.perf_counter()
    moved = segment.advance(NOW + timedelta(days=1))
    slid = time.perf_counter() - begun
    label = f"segment of {people:,} people"
    return [
        Row(f"{label}, rebuilt from the lake ({len(mine):,} in it)", f"{wall:.2f} s wall, {cpu:.2f} CPU s",
            f"pandas in memory {peer_wall:.2f} s, {peer_cpu:.2f} CPU s", f"{peer_cpu / cpu:.1f}x",
            f"< {REBUILD_S:.0f} CPU s", cpu < REBUILD_S),
        Row(f"{label}, one event", f"{event * 1e3:.2f} ms ({longest * 1e3:.2f} at most)",
            f"pandas again {peer_wall * 1e3:.0f} ms", f"{peer_wall / event:,.0f}x", f"< {EVENT_MS:.0f} ms",
            longest * 1e3 < EVENT_MS),
        Row(f"{label}, a day goes by ({len(moved.joined) + len(moved.left):,} moved)", f"{slid * 1e3:.0f} ms",
            f"pandas again {peer_wall * 1e3:.0f} ms", f"{peer_wall / slid:.1f}x"),
        Row(f"{label}, state read once", f"{fitted:.2f} s wall"),
    ]  # fmt: skip


def one_event(segment: SegmentMembers, who: pa.Table, events: int = 500) -> tuple[float, float]:
    """Mean and longest wall seconds of one fact, applied alone."""
    rng = np.random.default_rng(1)
    keys = who.column("customer").take(pa.array(rng.integers(0, who.num_rows, events))).to_pylist()
    today: date = NOW.date()
    spent = []
    for number, key in enumerate(keys):
        row = {"customer": key, "at": NOW, "day": today, "kind": "sale", "status": "paid", "amount": 9_900,
               "currency": "CNY"}  # fmt: skip
        table = "orders" if number % 2 else "touches"
        begun = time.perf_counter()
        segment.apply(table, [row if number % 2 else {**row, "kind": "visit"}])
        spent.append(time.perf_counter() - begun)
    return sum(spent) / events, max(spent)


if __name__ == "__main__":
    answer(rows)
