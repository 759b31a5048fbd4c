"""After an erasure no file holds a byte of the person."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from regulars.lake import Lake, SnapshotGoneError
from regulars.tables import TABLES

KEY = "k7q2m9x4c8v1"
OTHER = "b3n6h0j5d2s8"


def fill(lake: Lake, orders) -> None:
    days = [dt.date(2024, m, 5) for m in (1, 2, 3)]
    for n in range(4):
        ids = [f"{c}{n}" for c in "abc"]
        lake.append("orders", orders(ids, 10, day=days, customer=[KEY, OTHER, KEY if n == 0 else OTHER]), "shop", n)
    base = {
        c: orders(["x", "y", f"{KEY}:z"]).column(c) for c in ("source", "id", "revision", "recorded_at", "at", "day")
    }
    touch = {**base, "kind": "referral", "customer": [KEY, OTHER, OTHER], "referrer": [OTHER, KEY, None]}
    lake.append("touches", TABLES["touches"].fill(touch, 3), "shop", 1)
    made = {"made_by": "m/1", "made_at": dt.datetime(2024, 5, 1, tzinfo=dt.UTC), "lake_version": ""}
    score = {"customer": [KEY, OTHER], "name": "clv", "value": [1.0, 2.0], "why": [None, f"like={KEY}"], **made}
    lake.append("scores", TABLES["scores"].fill(score, 2), "turn", 1)
    kpi = {"name": "revenue", "day": days[0], "grain": "month", "value": 60.0, **made}
    lake.append("kpis", TABLES["kpis"].fill(kpi, 1), "turn", 1)


def holders(root: Path, key: str) -> list[str]:
    """A second opinion, with pyarrow: raw bytes, statistics, decoded columns and whole dictionaries."""
    found = []
    for path in (p for p in root.rglob("*") if p.is_file()):
        dirty = key.encode() in path.read_bytes()
        if path.suffix == ".parquet":
            dirty |= key in repr(pq.read_table(path, partitioning=None).to_pylist())
            file = pq.ParquetFile(path)
            texts = [f.name for f in file.schema_arrow if str(f.type) == "string"]
            table = pq.read_table(path, partitioning=None, read_dictionary=texts)
            for name in texts:
                for chunk in table.column(name).chunks:
                    dirty |= key in repr(chunk.dictionary.to_pylist())
        if dirty:
            found.append(str(path))
    return found


def test_no_byte_is_left(lake: Lake, orders):
    fill(lake, orders)
    lake.compact("orders", most_files=1)  # replaced files that still name the person
    orphan = lake.path / "orders" / "month=2024-01" / "part-orphan.zstd.parquet"
    orphan.write_bytes(next((lake.path / "touches").rglob("part-*")).read_bytes())
    assert len(holders(lake.path, KEY)) > 5
    proof = lake.erase(KEY)
    assert holders(lake.path, KEY) == []
    assert proof.bytes_clean
    assert (proof.tables, proof.rows, proof.references) == (("orders", "touches", "scores"), 4 + 1 + 1 + 1, 3)
    assert proof.files_scanned >= len([p for p in lake.path.rglob("*") if p.is_file()])


def test_others_stay_and_writing_goes_on(lake: Lake, orders):
    fill(lake, orders)
    then = lake.version()
    lake.erase(KEY)
    rows = lake.table("orders").to_pyarrow()
    assert set(rows.column("customer").to_pylist()) == {OTHER}
    assert rows.num_rows == 7
    touches = lake.table("touches").order_by("id").to_pyarrow().to_pylist()
    assert [(t["id"], t["customer"], t["referrer"]) for t in touches] == [("erased:z", OTHER, None), ("y", OTHER, None)]
    assert lake.table("scores").why.to_pyarrow().to_pylist() == ["like=erased"]
    assert lake.table("kpis").value.to_pyarrow().to_pylist() == [60.0]
    assert lake.watermark("orders", "shop") == 3
    assert not lake.append("orders", orders(["a3"]), "shop", 3)
    assert lake.append("orders", orders(["new"]), "shop", 4)
    with pytest.raises(SnapshotGoneError):
        lake.snapshot(then).table("orders")
    assert lake.snapshot(then).table("kpis").count().to_pyarrow().as_py() == 1


def test_many_at_once_and_nobody(lake: Lake, orders):
    fill(lake, orders)
    assert lake.erase([KEY, OTHER]).bytes_clean
    assert holders(lake.path, KEY) == holders(lake.path, OTHER) == []
    assert lake.table("orders").count().to_pyarrow().as_py() == 0
    nobody = lake.erase("nobodyatall0")
    assert (nobody.tables, nobody.rows, nobody.bytes_clean) == ((), 0, True)
    with pytest.raises(ValueError, match="at least"):
        lake.erase("ab")


def test_the_proof_fails_when_a_byte_is_left(lake: Lake, orders):
    fill(lake, orders)
    (lake.path / "notes.txt").write_text(f"about {KEY}")
    proof = lake.erase(KEY)
    assert not proof.bytes_clean
    assert proof.found_in == ("notes.txt",)


def test_readers_do_not_notice(lake: Lake, orders):
    fill(lake, orders)
    people = [f"person{n:06d}" for n in range(3)]
    lake.append("orders", orders([f"p{n}" for n in range(3)], customer=people), "more", 1)
    seen: list[int] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        reader = Lake(lake.path, threads=1)
        try:
            while not done.is_set():
                rows = reader.table("orders")
                seen.append(rows.filter(rows.customer == OTHER).count().to_pyarrow().as_py())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    for person in people:
        assert lake.erase(person).bytes_clean
    done.set()
    thread.join()
    assert failed == []
    assert set(seen) == {7}


def test_an_expression_made_before_reads_what_is_left(lake: Lake, orders):
    fill(lake, orders)
    before = lake.table("orders").count()
    joined = lake.table("orders").join(lake.table("kpis"), True).count()
    lake.erase(KEY)
    assert before.to_pyarrow().as_py() == joined.execute() == 7
    assert sum(b.num_rows for b in lake.table("orders").to_pyarrow_batches()) == 7
