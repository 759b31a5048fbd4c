"""Compaction changes files, never what they say."""

from __future__ import annotations

import datetime as dt

import pyarrow.parquet as pq
import pytest

from regulars.lake import Lake, SnapshotGoneError


def test_rows_watermarks_and_fresh_snapshots_survive(lake: Lake, orders):
    days = [dt.date(2024, 1, 5), dt.date(2024, 2, 5)]
    for n in range(10):
        lake.append(
            "orders", orders([f"a{n}", f"b{n}"], n, day=days, customer=[f"zed{n:09d}", f"amy{n:09d}"]), "shop", n
        )
    then, before = lake.version(), sorted(map(repr, lake.table("orders").to_pyarrow().to_pylist()))
    assert lake.compact("orders", most_files=4) == 22
    assert len(lake._tables["orders"].listing().files) == 2
    assert sorted(map(repr, lake.table("orders").to_pyarrow().to_pylist())) == before
    assert lake.table("orders").to_pyarrow().schema == lake.snapshot(then).table("orders").to_pyarrow().schema
    assert lake.snapshot(then).table("orders").count().to_pyarrow().as_py() == 20
    assert Lake(lake.path).watermark("orders", "shop") == 9
    assert not lake.append("orders", orders(["again"]), "shop", 9)
    assert lake.compact() == 0


def test_files_are_sorted_by_customer_and_old_ones_go(lake: Lake, orders):
    for n in range(3):
        lake.append("orders", orders([str(n)], customer=[f"{'zma'[n]:0<12}"]), "shop", n)
    then = lake.version()
    lake.compact(most_files=1, keep_days=0)
    (file,) = (lake.path / "orders").rglob("part-*.parquet")
    assert pq.read_table(file).column("customer").to_pylist() == ["a" * 1 + "0" * 11, "m" + "0" * 11, "z" + "0" * 11]
    with pytest.raises(SnapshotGoneError, match="clean-up"):
        lake.snapshot(then).table("orders")


def test_corrections_are_still_known_after_compaction(lake: Lake, orders):
    lake.append("orders", orders(["a", "b"], [1, 2]), "shop", 1)
    lake.append("orders", lake.upsert("orders", orders(["a"], 5)).rows, "shop", 2)
    lake.compact(most_files=1, keep_days=0)
    assert lake._tables["orders"].listing().corrected
    assert sorted(lake.current("orders").amount.to_pyarrow().to_pylist()) == [2, 5]


def test_orphans_of_killed_writers_are_swept_and_never_read(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    lake.append("orders", orders(["b"]), "shop", 2)
    whole = next((lake.path / "orders").rglob("part-*.parquet"))
    (whole.parent / "part-whole.zstd.parquet").write_bytes(whole.read_bytes())
    (whole.parent / "part-torn.zstd.parquet").write_bytes(whole.read_bytes()[:50])
    assert lake.table("orders").count().to_pyarrow().as_py() == 2
    lake.compact(most_files=1, keep_days=0)
    assert len(list((lake.path / "orders").rglob("part-*.parquet"))) == 1
    assert lake.table("orders").count().to_pyarrow().as_py() == 2


def test_one_persons_rows_lie_in_one_row_group(lake: Lake, orders):
    """Why a timeline need not be scanned: after compaction the ranges of the groups hardly overlap."""
    people = [f"person{n % 500:06d}" for n in range(20_000)]
    for half in range(2):
        ids = [f"{half}-{n}" for n in range(20_000)]
        lake.append("orders", orders(ids, customer=people), "shop", half)
    lake.compact(most_files=1, keep_days=0)
    (file,) = (lake.path / "orders").rglob("part-*.parquet")
    meta = pq.ParquetFile(file).metadata
    place = meta.schema.to_arrow_schema().names.index("customer")
    ranges = [meta.row_group(g).column(place).statistics for g in range(meta.num_row_groups)]
    assert len(ranges) >= 3
    for key in ("person000000", "person000250", "person000499"):
        assert sum(s.min <= key <= s.max for s in ranges) <= 2
        assert lake.customer("orders", key).num_rows == 80
