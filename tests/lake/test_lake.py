"""Reading, writing once, versions and snapshots."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from regulars.lake import Lake, SnapshotGoneError
from regulars.lake.delta import Delta
from regulars.tables import TABLES, Column, Table


def count(lake: Lake, table: str = "orders") -> int:
    return lake.table(table).count().to_pyarrow().as_py()


def test_importing_it_loads_no_engine():
    code = (
        "import sys; from regulars.lake import Lake, Upsert, Erasure; "
        "sys.exit(bool({'duckdb', 'ibis', 'deltalake', 'pandas', 'pyspark'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_empty_lake_has_every_table_with_its_columns_and_types(lake: Lake):
    assert lake.version() == ""
    for name, table in TABLES.items():
        for rows in (lake.table(name), lake.current(name)):
            assert rows.to_pyarrow().num_rows == 0
            assert rows.to_pyarrow().schema.equals(_nullable(table.schema))
    assert not any(p.is_dir() for p in lake.path.glob("*"))


def test_every_table_gives_back_what_went_in(lake: Lake):
    instant = dt.datetime(2024, 3, 31, 23, 59, 59, 123456, tzinfo=dt.UTC)
    some = {pa.string(): "文本 'x'", pa.int64(): 2**60 + 1, pa.int32(): 3, pa.float64(): 0.1, pa.bool_(): True,
            pa.date32(): instant.date(), pa.timestamp("us", tz="UTC"): instant}  # fmt: skip
    for name, table in TABLES.items():
        whole = table.fill({c.name: [some[c.type]] for c in table.columns}, 1)
        bare = table.fill({c.name: [some[c.type]] for c in table.columns if c.required}, 1)
        rows = pa.concat_tables([whole, bare])
        assert lake.append(name, rows, "import", 1)
        got = lake.table(name).to_pyarrow()
        assert sorted(map(repr, got.to_pylist())) == sorted(map(repr, rows.to_pylist()))
        assert got.column_names == list(table.names)


def test_rows_fall_into_months_and_come_back_whole(lake: Lake, orders):
    days = [dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2024, 1, 31), dt.date(2024, 2, 29)]
    lake.append("orders", orders(["a", "b", "c", "d"], day=days), "import", 1)
    assert sorted(p.name for p in (lake.path / "orders").glob("month=*")) == [
        "month=2023-12", "month=2024-01", "month=2024-02"]  # fmt: skip
    assert sorted(lake.table("orders").day.to_pyarrow().to_pylist()) == days


def test_append_stores_a_batch_once(lake: Lake, orders):
    assert lake.append("orders", orders(["a"]), "shop", 5)
    assert not lake.append("orders", orders(["a"]), "shop", 5)
    assert not lake.append("orders", orders(["a"]), "shop", 4)
    assert lake.append("orders", orders(["b"]), "other", 1)
    assert lake.append("orders", orders([]), "shop", 6)
    assert (count(lake), lake.watermark("orders", "shop"), lake.watermark("orders", "other")) == (2, 6, 1)
    assert lake.watermark("orders", "nobody") is None
    assert lake.watermark("touches", "shop") is None


def test_rows_that_do_not_fit_are_refused_by_name(lake: Lake, orders):
    with pytest.raises(ValueError, match=r"orders: .*day"):
        lake.append("orders", orders(["a"], day=[None]), "shop", 1)
    with pytest.raises(KeyError, match="no table 'order'"):
        lake.append("order", orders(["a"]), "shop", 1)
    with pytest.raises(ValueError, match="engine"):
        Lake(lake.path, "mysql")  # type: ignore[arg-type]
    assert count(lake) == 0


def test_a_reader_sees_another_writers_append_at_once(lake: Lake, orders):
    other = Lake(lake.path)
    for n in range(1, 8):
        other.append("orders", orders([str(n)]), "shop", n)
        assert count(lake) == n


def test_an_expression_keeps_meaning_the_version_it_was_made_from(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    before = lake.table("orders").count()
    lake.append("orders", orders(["b"]), "shop", 2)
    assert (before.to_pyarrow().as_py(), count(lake)) == (1, 2)


def test_version_names_the_tables_that_exist_and_snapshots_stay(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    then = lake.version()
    assert then == "orders=1"
    lake.append("orders", orders(["b"]), "shop", 2)
    lake.append("spend", TABLES["spend"].empty(), "ads", 1)
    assert lake.version() == "orders=2;spend=1"
    past = lake.snapshot(then)
    assert (count(past), count(past, "spend"), past.version()) == (1, 0, then)
    with pytest.raises(PermissionError, match="snapshot"):
        past.append("orders", orders(["c"]), "shop", 3)
    with pytest.raises(ValueError, match="orders=x"):
        lake.snapshot("orders=x")
    with pytest.raises(SnapshotGoneError):
        lake.snapshot("orders=99").table("orders")


def test_threads_read_and_write_one_lake(lake: Lake, orders):
    wrong: list[object] = []

    def work(me: int) -> None:
        try:
            for n in range(4):
                lake.append("orders", orders([f"{me}-{n}"], customer=f"person{me:06d}"), f"shop{me}", n)
                seen = lake.table("orders")
                mine = seen.filter(seen.customer == f"person{me:06d}").count().to_pyarrow().as_py()
                if mine != n + 1:
                    wrong.append((me, n, mine))
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(me,)) for me in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []
    assert count(lake) == 16


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_reads_and_writes(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    code = f"""
import os, sys
from regulars.lake import Lake
lake = Lake({str(lake.path)!r}, threads=1, wait_s=5)
lake.watermark("orders", "shop")
with lake.lease():
    child = os.fork()
    if child == 0:
        from regulars.lake import LeaseBusyError
        try:
            with lake.lease(0.05):
                os._exit(1)
        except LeaseBusyError:
            os._exit(0)
    _, status = os.waitpid(child, 0)
with lake.lease(1):
    pass
sys.exit(os.waitstatus_to_exitcode(status))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_column_added_later_is_null_in_older_rows(tmp_path: Path, orders, monkeypatch):
    old = TABLES["orders"]
    lake = Lake(tmp_path)
    lake.append("orders", orders(["a"]), "shop", 1)
    new = Table(old.name, old.meaning, old.key, (*old.columns, Column("tax", pa.int64(), "minor units", "tax", "", "")),
                True)  # fmt: skip
    monkeypatch.setitem(TABLES, "orders", new)
    lake = Lake(tmp_path)
    assert lake.table("orders").tax.to_pyarrow().to_pylist() == [None]
    rows = new.fill({**{c: orders(["b"]).column(c) for c in old.names}, "tax": [7]}, 1)
    lake.append("orders", rows, "shop", 2)
    found = lake.table("orders").order_by("id").tax.to_pyarrow().to_pylist()
    lake.compact(most_files=1)
    assert found == lake.table("orders").order_by("id").tax.to_pyarrow().to_pylist() == [None, 7]
    assert lake.upsert("orders", rows).unchanged == 1


@pytest.mark.parametrize("keep", [0, 40])
def test_a_commit_that_a_power_cut_tore_is_dropped_and_can_be_repeated(lake: Lake, orders, keep: int):
    lake.append("orders", orders(["a"]), "shop", 1)
    lake.append("orders", orders(["b"]), "shop", 2)
    last = max((lake.path / "orders" / "_delta_log").glob("*.json"))
    last.write_bytes(last.read_bytes()[:keep])
    again = Lake(lake.path, threads=1)
    assert count(again) == 1
    assert again.append("orders", orders(["b"]), "shop", 2)
    assert (count(again), count(lake)) == (2, 2)


def test_files_are_on_disk_before_the_log_names_them(lake: Lake, orders, monkeypatch):
    """Order of fsync calls: data before commit, commit before the answer."""
    synced: list[str] = []
    real = os.fsync

    def spy(file: int) -> None:
        synced.append(os.path.relpath(os.readlink(f"/proc/self/fd/{file}"), lake.path))
        real(file)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    lake.append("orders", orders(["a"]), "shop", 1)
    monkeypatch.setattr(os, "fsync", spy)
    lake.append("orders", orders(["b"]), "shop", 2)
    data = next(i for i, p in enumerate(synced) if p.endswith(".zstd.parquet"))
    commit = synced.index(f"orders/_delta_log/{2:020d}.json")
    assert data < synced.index("orders/month=2024-05") < commit < len(synced) - 1
    assert synced[-1] == "orders/_delta_log"


def test_the_log_never_names_a_customer(lake: Lake, orders):
    lake.append("orders", orders(["a", "b"], customer=["secretkey001", "secretkey002"]), "shop", 1)
    lake.compact(most_files=0)
    for path in (lake.path / "orders" / "_delta_log").iterdir():
        assert b"secretkey" not in path.read_bytes()


def test_one_racer_wins_a_sequence_number(lake: Lake, orders):
    """Two writers without a lease between them: Delta's own check must still hold."""
    lake.append("orders", orders(["a"]), "shop", 1)
    delta = Delta(lake.path / "orders", TABLES["orders"], lake._lease)
    gate = threading.Barrier(2)
    real, answers = delta._ready, []

    def ready():
        dt = real()
        if threading.current_thread() in racers and not getattr(threading.current_thread(), "seen", False):
            threading.current_thread().seen = True  # type: ignore[attr-defined]
            gate.wait()
        return dt

    delta._ready = ready  # type: ignore[method-assign]
    racers = [threading.Thread(target=lambda: answers.append(delta.append(orders(["b"]), "shop", 2))) for _ in "ab"]
    for r in racers:
        r.start()
    for r in racers:
        r.join()
    assert sorted(answers) == [False, True]
    assert count(lake) == 2
    on_disk = {str(p) for p in (lake.path / "orders").rglob("*.parquet")}
    assert on_disk == set(delta.listing().paths), "the loser's file was left behind"


def test_a_lake_put_back_from_a_backup_is_not_read_from_memory(lake: Lake, orders):
    lake.append("orders", orders(["a"]), "shop", 1)
    shutil.copytree(lake.path, lake.path.with_name("backup"))
    lake.append("orders", orders(["b"]), "shop", 2)
    assert count(lake) == 2
    shutil.rmtree(lake.path)
    shutil.copytree(lake.path.with_name("backup"), lake.path)
    assert count(lake) == 1
    lake.append("orders", orders(["c"]), "shop", 2)
    assert lake.table("orders").id.to_pyarrow().to_pylist() in (["a", "c"], ["c", "a"])


def test_hundreds_of_appends_leave_checkpoints(lake: Lake, orders):
    for n in range(120):
        lake.append("spend", TABLES["spend"].empty(), "ads", n)
    assert list((lake.path / "spend" / "_delta_log").glob("*.checkpoint*.parquet"))
    assert Lake(lake.path).watermark("spend", "ads") == 119


def test_scores_and_kpis_of_the_newest_turn_are_current(lake: Lake):
    def turn(hour: int, value: float) -> None:
        made = dt.datetime(2024, 5, 1, hour, tzinfo=dt.UTC)
        made_by = {"made_by": "m/1", "made_at": made, "lake_version": ""}
        kpis = {"name": "aov", "day": made.date(), "grain": "day", "channel": [None, "web"], "value": value, **made_by}
        lake.append("kpis", TABLES["kpis"].fill(kpis, 2), "turn", hour)
        scores = {"customer": ["a", "b"], "name": "clv", "value": value, **made_by}
        lake.append("scores", TABLES["scores"].fill(scores, 2), "turn", hour)

    turn(8, 1.0)
    turn(9, 2.0)
    for table in ("kpis", "scores"):
        assert lake.current(table).value.to_pyarrow().to_pylist() == [2.0, 2.0]
        assert count(lake, table) == 4
    assert [s["value"] for s in lake.customer("scores", "a").to_pylist()] == [2.0]


def test_one_customer(lake: Lake, orders):
    times = [dt.datetime(2024, 5, d, tzinfo=dt.UTC) for d in (3, 1, 2)]
    lake.append("orders", orders(["a", "b", "c"], at=times, customer=["ann000000000", "ann000000000", "bob000000000"]),
                "shop", 1)  # fmt: skip
    assert lake.customer("orders", "ann000000000").column("id").to_pylist() == ["b", "a"]
    assert lake.customer("orders", "nobody000000").num_rows == 0
    with pytest.raises(ValueError, match="no customers"):
        lake.customer("spend", "ann000000000")


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([f.with_nullable(True) for f in schema])
