"""RFM summaries of a million orders: ours against a pandas group-by, and lifetimes where it is installed.

Run: ``python -m benchmarks.rfm``. Runs are interleaved; CPU seconds, best of the
runs, and ratios are printed; the results must agree. All start from the same table in
memory and do the same job: UTC instants to days in New York, paid sales only,
one purchase per day, first and last day, counts, mean repeat money.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib.util
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
from benchmarks.rows import Row, answer

from regulars.understand import RFM

TARGET = 5
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
ZONE = "America/New_York"


def orders(n: int) -> pa.Table:
    rng = np.random.default_rng(0)
    # Random keys of the lake's alphabet: counted ones would be kinder to us than what a home holds.
    letters = np.array(list(ALPHABET))
    keys = np.unique(letters[rng.integers(0, len(letters), (max(n // 4, 1), 12))].view("<U12"))
    at = (17_897 * 86_400 + rng.integers(0, 730 * 86_400, n)) * 1_000_000
    return pa.table(
        {
            "customer": keys[rng.integers(0, len(keys), n)],
            "at": pa.array(at).cast(pa.timestamp("us", tz="UTC")),
            "kind": np.where(rng.random(n) < 0.97, "sale", "refund"),
            "status": np.where(rng.random(n) < 0.98, "paid", "unpaid"),
            "amount": rng.integers(100, 50_000, n),
        }
    )


def ours(table: pa.Table) -> pd.DataFrame:
    return RFM(zone=ZONE).fit_transform(table).to_pandas(date_as_object=False)


def plain_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    sales = frame[(frame["kind"] == "sale") & (frame["status"] == "paid")]
    day = sales["at"].dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()
    daily = sales.assign(day=day).groupby(["customer", "day"], as_index=False)["amount"].agg(["sum", "count"])
    daily = daily.sort_values(["customer", "day"])
    daily["repeat"] = daily["customer"].duplicated()
    repeat = daily[daily["repeat"]].groupby("customer")["sum"].mean()
    out = daily.groupby("customer").agg(
        first=("day", "min"), last=("day", "max"), days=("day", "size"), orders=("count", "sum"), spent=("sum", "sum")
    )
    out["frequency"] = out["days"] - 1
    out["recency"] = (out["last"] - out["first"]).dt.days
    out["T"] = (frame["at"].dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize().max() - out["first"]).dt.days
    out["monetary"] = repeat.reindex(out.index).fillna(0.0)
    for name, source in (("r", out["last"]), ("f", out["orders"]), ("m", out["spent"])):
        cuts = source.quantile([0.2, 0.4, 0.6, 0.8], interpolation="lower")
        out[name] = 1 + np.searchsorted(cuts.to_numpy(), source.to_numpy(), side="left")
    return out.reset_index()


def by_lifetimes(frame: pd.DataFrame) -> pd.DataFrame:
    from lifetimes.utils import summary_data_from_transaction_data  # type: ignore[import-not-found]

    sales = frame[(frame["kind"] == "sale") & (frame["status"] == "paid")]
    local = sales.assign(at=sales["at"].dt.tz_convert(ZONE).dt.tz_localize(None))
    return summary_data_from_transaction_data(local, "customer", "at", "amount")


def rows(n: int = 1_000_000, runs: int = 5) -> list[Row]:
    table = orders(n)
    frame = table.to_pandas()
    tools: dict[str, Callable[[], pd.DataFrame]] = {
        "regulars": lambda: ours(table),
        "pandas group-by": lambda: plain_pandas(frame),
    }
    missing = importlib.util.find_spec("lifetimes") is None
    if not missing:
        tools["lifetimes"] = lambda: by_lifetimes(frame)
    cpu: dict[str, list[float]] = {name: [] for name in tools}
    results: dict[str, pd.DataFrame] = {}
    for _ in range(runs):
        for name, tool in tools.items():
            begin = time.process_time()
            results[name] = tool()
            cpu[name].append(time.process_time() - begin)
    for name in list(tools)[1:]:
        for column in ("frequency", "recency", "T"):
            np.testing.assert_allclose(
                results["regulars"][column].to_numpy(float), results[name][column].to_numpy(float)
            )
    mine = min(cpu["regulars"])
    out = []
    for name in list(tools)[1:]:
        ratio, target = min(cpu[name]) / mine, TARGET if name == "pandas group-by" else None
        out.append(
            Row(
                f"RFM of {n:,} orders against {name}",
                f"{mine:.2f} CPU s (best of {runs})",
                f"{min(cpu[name]):.2f} CPU s",
                f"{ratio:.1f}x",
                "" if target is None else f">= {target}x",
                None if target is None else ratio >= target,
            )
        )
    if missing:
        out.append(Row(f"RFM of {n:,} orders against lifetimes", "", "not installed"))
    return out


if __name__ == "__main__":
    answer(rows)
