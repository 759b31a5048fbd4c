from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.lake import Lake
from regulars.measure import Attribution, PathBuilder
from regulars.measure.credit import attribution
from regulars.measure.sales import fact
from regulars.tables import TABLES

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
# (customer, minute, channel) and (customer or None, minute, amount, own channel)
Touch = tuple[str, int, str]
Order = tuple[str | None, int, int, str | None]


def tables(touches: list[Touch], orders: list[Order]) -> tuple[pa.Table, pa.Table]:
    stamp = pa.timestamp("us", tz="UTC")

    def columns(rows: list[Any], names: list[str]) -> pa.Table:
        types = [pa.string(), stamp, *([pa.string()] if len(names) == 3 else [pa.int64(), pa.string()])]
        values = [[START + MINUTE * r[1] if i == 1 else r[i] for r in rows] for i in range(len(names))]
        made = {n: pa.array(v, t) for n, v, t in zip(names, values, types, strict=True)}
        return pa.table(made | {"id": pa.array([f"{i:03d}" for i in range(len(rows))])})

    return columns(touches, ["customer", "at", "channel"]), columns(orders, ["customer", "at", "amount", "channel"])


def by_hand(touches: list[Touch], orders: list[Order], b: PathBuilder) -> Counter[Any]:
    """Walk through every customer's days one touch and order after the other."""
    back, found = b.lookback_days * 1440, Counter[Any]()
    kept: dict[str, list[tuple[int, str]]] = {}
    for who, minute, channel in sorted(touches, key=lambda t: (t[0], t[1])):
        if not (b.direct == "ignore" and channel == "direct"):
            kept.setdefault(who, []).append((minute, channel))
    for who, own in kept.items():
        last: tuple[int, str] | None = None
        thin = []
        for minute, channel in own:
            if not (b.dedupe_minutes and last and last[1] == channel and minute - last[0] <= b.dedupe_minutes):
                thin.append((minute, channel))
            last = (minute, channel)
        kept[who] = thin

    def tell(path: list[str], won: int, money: int) -> None:
        if b.direct == "last_resort" and any(c != "direct" for c in path):
            path = [c for c in path if c != "direct"]
        found[tuple(path), won, money] += 1

    claimed: set[tuple[str, int]] = set()
    before: dict[str, int] = {}
    for customer, minute, money, own_channel in sorted(orders, key=lambda o: (o[0] or "", o[1])):
        mine = kept.get(customer or "", [])
        at = [i for i, (m, _) in enumerate(mine) if minute - back <= m <= minute]
        if b.split_at_conversion:
            at = [i for i in at if i >= before.get(customer or "", 0)]
        claimed |= {(customer or "", i) for i in at}
        before[customer or ""] = sum(m <= minute for m, _ in mine)
        tell([mine[i][1] for i in at] or [own_channel or "direct"], 1, money)
    sold = {c: sorted(m for w, m, _, _ in orders if w == c) for c in kept}
    for who, own in kept.items():
        row: list[str] = []
        last_at = -1
        for i, (minute, channel) in enumerate(own):
            ordered = any(last_at <= m < minute for m in sold[who])
            gap = minute - last_at > back or ordered or (who, i - 1) in claimed
            if row and ((who, i) in claimed or gap):
                tell(row, 0, 0)
                row = []
            if (who, i) not in claimed:
                row.append(channel)
                last_at = minute
        if row:
            tell(row, 0, 0)
    return found


def built(touches: list[Touch], orders: list[Order], b: PathBuilder, **now: Any) -> Counter[Any]:
    rows = b.build(*tables(touches, orders), **now).to_pylist()
    assert all(r["nulls"] == 1 - r["conversions"] and len(r["path"]) == len(r["ages"]) for r in rows)
    return Counter((tuple(r["path"]), r["conversions"], r["value"]) for r in rows)


WHO, CHANNEL = st.sampled_from(["ann", "bob", "eve"]), st.sampled_from(["direct", "mail", "search"])
TOUCHES = st.lists(st.tuples(WHO, st.integers(0, 40).map(lambda n: n * 480), CHANNEL), max_size=14,
                   unique_by=lambda t: (t[0], t[1]))  # fmt: skip
ORDERS = st.lists(st.tuples(st.one_of(WHO, st.none(), st.just("new")), st.integers(0, 40).map(lambda n: n * 480 + 7),
                            st.integers(0, 10**9), st.one_of(st.none(), CHANNEL)), max_size=8,
                  unique_by=lambda o: (o[0], o[1]))  # fmt: skip
SETTINGS = st.builds(
    PathBuilder, lookback_days=st.sampled_from([1, 3, 90]), dedupe_minutes=st.sampled_from([0, 500]),
    direct=st.sampled_from(["keep", "ignore", "last_resort"]), split_at_conversion=st.booleans(),
)  # fmt: skip


@given(TOUCHES, ORDERS, SETTINGS)
@settings(max_examples=25, deadline=None)
def test_paths_equal_walking_through_every_day(touches: Any, orders: Any, b: PathBuilder) -> None:
    found = built(touches, orders, b)
    assert found == by_hand(touches, orders, b)
    won = [key for key, times in found.items() for _ in range(times) if key[1]]
    assert len(won) == len(orders)
    assert sum(money for *_, money in won) == sum(o[2] for o in orders)
    if b.direct == "keep" and b.split_at_conversion and not b.dedupe_minutes:
        known = {t[0] for t in touches}
        # Every touch is on exactly one path; an order without one brings its own.
        length = sum(len(path) * times for (path, *_), times in found.items())
        assert length >= len(touches)
        assert length - len(touches) <= len(orders)
        assert known or length == len(orders)


@given(TOUCHES, ORDERS, SETTINGS, st.integers(1, 25))
@settings(max_examples=10, deadline=None)
def test_what_is_settled_never_changes_so_days_add_up(touches: Any, orders: Any, b: PathBuilder, day: int) -> None:
    now = START + timedelta(days=day)

    whole = [r for r in b.build(*tables(touches, orders)).to_pylist() if r["at"] <= now]
    known = [t for t in touches if START + MINUTE * t[1] <= now], [o for o in orders if START + MINUTE * o[1] <= now]
    early = b.build(*tables(*known), now=now).to_pylist()
    assert Counter(map(str, early)) == Counter(map(str, whole))


def test_the_moment_of_an_order_counts_its_touch_and_only_that() -> None:
    touches: list[Touch] = [("ann", 10, "mail"), ("ann", 11, "search")]
    made = built(touches, [("ann", 10, 500, None)], PathBuilder())
    assert made == Counter({(("mail",), 1, 500): 1, (("search",), 0, 0): 1})
    # Within the second, the later touch is still later.
    told, sold = tables(touches, [("ann", 10, 500, None)])
    moments = pa.array([START + MINUTE * 10, START + MINUTE * 10 + timedelta(microseconds=5)], told["at"].type)
    rows = PathBuilder(dedupe_minutes=0).build(told.set_column(1, "at", moments), sold).to_pylist()
    assert [r["path"] for r in rows] == [["mail"], ["search"]]


def test_only_paid_sales_count_and_refunds_do_not() -> None:
    _, sold = tables([], [("ann", i, 100, "shop") for i in range(4)])
    sold = sold.append_column("kind", pa.array(["sale", "sale", "refund", "void"]))
    sold = sold.append_column("status", pa.array(["paid", "unpaid", "paid", "paid"]))
    assert [r["path"] for r in PathBuilder().build(tables([], [])[0], sold).to_pylist()] == [["shop"]]


def test_journeys_still_open_are_left_out() -> None:
    b = PathBuilder(lookback_days=30)
    assert built([("ann", 0, "mail")], [], b, now=START + timedelta(days=29)) == Counter()
    assert built([("ann", 0, "mail")], [], b, now=START + timedelta(days=30)) == Counter({(("mail",), 0, 0): 1})


def test_pandas_and_ibis_in_and_out_alike() -> None:
    touches, orders = tables([("ann", 0, "mail"), ("bob", 5, "search")], [("ann", 9, 5, None)])
    wanted = PathBuilder().build(touches, orders).drop(["ages"]).to_pylist()
    frame = PathBuilder().build(touches.to_pandas(), orders.to_pandas())
    assert isinstance(frame, pd.DataFrame)
    assert [list(p) for p in frame["path"]] == [r["path"] for r in wanted]
    rows = PathBuilder().build(ibis.memtable(touches), ibis.memtable(orders))
    assert isinstance(rows, ibis.Table)
    assert rows.to_pyarrow().drop(["ages"]).to_pylist() == wanted


def test_what_is_wrong_is_named() -> None:
    touches, orders = tables([], [])
    with pytest.raises(ValueError, match="'amount' is missing"):
        PathBuilder().build(touches, orders.drop(["amount"]))
    with pytest.raises(ValueError, match="direct must be"):
        PathBuilder(direct="maybe").build(touches, orders)
    with pytest.raises(ValueError, match="lookback_days"):
        PathBuilder(lookback_days=0).build(touches, orders)
    assert PathBuilder().build(touches, orders).num_rows == 0


def test_first_last_and_linear_equal_the_key_figures(rows: Any) -> None:
    """Whole orders credited over the lake are those of the same rules over paths, when nothing is split or thinned."""
    rng = np.random.default_rng(9)
    given = {
        "orders": rows("orders", *({"day": float(d), "customer": f"c{c}", "amount": 100} for d, c in
                                   zip(rng.uniform(0, 150, 60), rng.integers(0, 12, 60), strict=True))),
        "touches": rows("touches", *({"day": float(d), "customer": f"c{c}", "channel": f"t{k}"} for d, c, k in
                                     zip(rng.uniform(-90, 150, 120), rng.integers(0, 9, 120), rng.integers(0, 4, 120),
                                         strict=True))),
    }  # fmt: skip
    orders, touches = fact(given, "orders"), fact(given, "touches")
    sums = attribution(orders, touches).groupby(["model", "channel"])["orders"].sum()
    paths = PathBuilder(dedupe_minutes=0, split_at_conversion=False).build(touches, orders)
    for method in ("first", "last", "linear"):
        found = Attribution(method=method, draws=0).fit(paths.to_pyarrow()).credits_.to_pandas().set_index("channel")
        for channel, wanted in sums[method].items():
            assert found.loc[channel, "conversions"] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parity
def test_duckdb_and_sail_build_the_same_paths(tmp_path: Path) -> None:
    pytest.importorskip("pysail")
    rng = np.random.default_rng(1)
    lake = Lake(tmp_path / "lake", threads=1)
    for name, n in (("touches", 200), ("orders", 80)):
        at = np.datetime64("2026-01-01", "us") + rng.integers(0, 60 * 86_400, n) * np.timedelta64(1, "s")
        own: dict[str, Any] = {"kind": "visit"} if name == "touches" else {
            "kind": "sale", "status": "paid", "amount": 10, "ordered": 10, "currency": "CNY"}  # fmt: skip
        rows = TABLES[name].fill({
            "source": "s", "id": [f"{i:03d}" for i in range(n)], "revision": 0, "recorded_at": START, "at": at,
            "day": at.astype("datetime64[D]"), "customer": [f"c{c}" for c in rng.integers(0, 30, n)],
            "channel": rng.choice(["direct", "mail", "search"], n), **own,
        }, n)  # fmt: skip
        lake.append(name, rows, "test", 1)

    def build(engine: Any) -> Any:
        own = Lake(tmp_path / "lake", engine)
        made = PathBuilder(lookback_days=20, direct="last_resort").build(own.current("touches"), own.current("orders"))
        return made.to_pyarrow().to_pylist()

    assert build("duckdb") == build("sail")
