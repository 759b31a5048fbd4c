"""RFM of ten million orders straight from the lake, in a process of its own, beside a group-by in pandas.

Run: ``python -m benchmarks.rfm_lake``. The seconds are of reading, counting and scoring, without
Python's own start; the peak is of the whole process. The lake holds two years, a file a month.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from benchmarks.homes import folder
from benchmarks.process import run
from benchmarks.rows import Row, answer

os.environ.setdefault("OMP_NUM_THREADS", "1")

ORDERS = int(os.environ.get("REGULARS_BENCH_ORDERS", "10000000"))
SECONDS, MEGABYTES = 3.0, 500.0

OURS = """
import sys, time, json
from regulars.lake import Lake
from regulars.understand import RFM
orders = Lake(sys.argv[1]).current("orders")
begun, cpu = time.perf_counter(), time.process_time()
found = RFM(zone="Asia/Shanghai", currency="CNY").fit(orders).scored_
spent = [time.perf_counter() - begun, time.process_time() - cpu]
print(json.dumps([*spent, found.num_rows, sum(found["spent"].to_pylist())]))
"""

PEER = """
import sys, time, json
import pandas as pd, pyarrow.dataset as ds
begun, cpu = time.perf_counter(), time.process_time()
columns = ["customer", "day", "amount", "kind", "status"]
files = ds.dataset(sys.argv[1] + "/orders", format="parquet", exclude_invalid_files=False, partitioning=None)
frame = files.to_table(columns=columns).to_pandas()
frame["day"] = pd.to_datetime(frame["day"])
sales = frame[(frame["kind"] == "sale") & (frame["status"] == "paid")]
daily = sales.groupby(["customer", "day"])["amount"].agg(["sum", "count"]).reset_index()
found = daily.groupby("customer").agg(
    first=("day", "min"), last=("day", "max"), days=("day", "size"), orders=("count", "sum"), spent=("sum", "sum")
)
for name in ("last", "orders", "spent"):
    found[name + "_score"] = pd.qcut(found[name].rank(method="first"), 5, labels=False)
spent = [time.perf_counter() - begun, time.process_time() - cpu]
print(json.dumps([*spent, len(found), int(found["spent"].sum())]))
"""


def make(place: Path, n: int) -> Path:
    """Two years of paid orders of a tenth as many customers, as a month's compaction leaves them."""
    import numpy as np
    import pyarrow as pa
    from benchmarks.rfm import ALPHABET

    from regulars.lake import Lake
    from regulars.tables import ORDERS as TABLE

    path = place / f"rfm-lake-{n}"
    if path.exists():
        return path
    rng = np.random.default_rng(1)
    letters = np.array(list(ALPHABET))
    keys = np.unique(letters[rng.integers(0, len(letters), (max(n // 10, 1), 12))].view("<U12"))
    lake = Lake(path)
    for month in range(24):
        rows = n // 24
        first = np.datetime64("2024-01", "M") + month
        days = int(((first + 1).astype("M8[D]") - first.astype("M8[D]")).astype(int))
        day = first.astype("M8[D]").astype(int) + rng.integers(0, days, rows)
        who = np.sort(rng.integers(0, len(keys), rows))
        amount = rng.integers(100, 50_000, rows)
        table = TABLE.fill(
            {
                "source": "shop", "id": [f"{month}-{i}" for i in range(rows)], "revision": 0,
                "recorded_at": pa.scalar(0, pa.timestamp("us", tz="UTC")),
                "at": pa.array(day * 86_400_000_000).cast(pa.timestamp("us", tz="UTC")),
                "day": pa.array(day, pa.int32()).cast(pa.date32()), "customer": pa.array(keys[who]),
                "amount": amount, "ordered": amount, "currency": "CNY", "kind": "sale", "status": "paid",
            },
            rows,
        )  # fmt: skip
        lake.append("orders", table, "shop", month + 1)
    lake.compact("orders", most_files=1)
    return path


def rows(n: int = ORDERS, runs: int = 3) -> list[Row]:
    path = make(folder(), n)
    ours, peers = [], []
    for _ in range(runs):
        ours.append(run([sys.executable, "-c", OURS, str(path)]))
        peers.append(run([sys.executable, "-W", "ignore", "-c", PEER, str(path)]))
    mine, theirs = ([json.loads(r.output.splitlines()[-1]) for r in some] for some in (ours, peers))
    if mine[0][2:] != theirs[0][2:]:
        raise AssertionError(f"the figures differ: {mine[0][2:]} and {theirs[0][2:]}")
    wall, cpu, peak = min(m[0] for m in mine), min(m[1] for m in mine), min(r.peak for r in ours)
    peer_wall, peer_cpu, peer_peak = min(m[0] for m in theirs), min(m[1] for m in theirs), min(r.peak for r in peers)
    what = f"RFM of {n:,} orders from the lake"
    return [
        Row(what, f"{wall:.2f} s ({cpu:.2f} CPU s)", f"pandas {peer_wall:.2f} s ({peer_cpu:.2f} CPU s)",
            f"{peer_cpu / cpu:.1f}x CPU", f"<= {SECONDS:.0f} s", wall <= SECONDS),
        Row(f"{what}: largest size", f"{peak:.0f} MB", f"pandas {peer_peak:.0f} MB", f"{peer_peak / peak:.1f}x",
            f"<= {MEGABYTES:.0f} MB", peak <= MEGABYTES),
    ]  # fmt: skip


if __name__ == "__main__":
    answer(rows)
