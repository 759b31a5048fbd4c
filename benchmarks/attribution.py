"""A million journeys shared among twenty channels: ours beside ChannelAttribution and marketing-attribution-models.

Run: ``python -m benchmarks.attribution``. All get the same table of distinct paths with their
orders, money and journeys lost, in turn; CPU seconds of the model alone. The peers join where
``REGULARS_PEER_PYTHON`` names an interpreter that has them (``benchmarks/attribution_peer.py``).
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks import attribution_peer
from benchmarks.rows import Row, answer

from regulars.measure import Attribution
from regulars.measure.journeys import journeys
from regulars.measure.resample import buckets

HOW = "not installed: see benchmarks/attribution_peer.py"
CA, MAM = attribution_peer.TOOLS
TARGETS = {CA: 3, MAM: 10}


def company(n: int = 1_000_000, channels: int = 20) -> pa.Table:
    """Journeys of 3.2 touches on average; channels follow one another by habit, and some close better than others."""
    rng = np.random.default_rng(0)
    habit = rng.dirichlet(np.full(channels, 0.6), channels)
    step = np.cumsum(habit, axis=1)
    size = np.minimum(rng.geometric(0.31, n), 40)
    at = rng.integers(0, channels, n)
    touches = np.zeros((n, 40), dtype=np.int8)
    for place in range(40):
        on = np.flatnonzero(size > place)
        touches[on, place] = at[on]
        at[on] = np.minimum((rng.random(len(on))[:, None] > step[at[on]]).sum(axis=1), channels - 1)
    won = rng.random(n) < 0.02 + 0.3 * rng.random(channels)[touches[np.arange(n), size - 1]]
    ways = zip(touches.tolist(), size.tolist(), strict=True)
    frame = pd.DataFrame({
        "path": [" > ".join(f"c{c:02d}" for c in row[:k]) for row, k in ways],
        "conversions": won.astype(int), "value": np.where(won, rng.integers(500, 50_000, n), 0),
        "nulls": (~won).astype(int),
    })  # fmt: skip
    return pa.Table.from_pandas(frame, preserve_index=False)


def distinct(paths: pa.Table) -> pa.Table:
    """The same journeys, a row per distinct path."""
    found = paths.group_by("path").aggregate([(c, "sum") for c in ("conversions", "value", "nulls")])
    return found.rename_columns({f"{c}_sum": c for c in ("conversions", "value", "nulls")})


def timed(job: Any) -> tuple[float, Any]:
    """CPU seconds of a call, the best of three, and what it gave."""
    best = np.inf
    for _ in range(3):
        begin = time.process_time()
        found = job()
        best = min(best, time.process_time() - begin)
    return best, found


def ours(paths: pa.Table, **settings: Any) -> tuple[float, dict[str, float]]:
    cpu, model = timed(lambda: Attribution(draws=0, **settings).fit(paths))
    return cpu, dict(zip(*(model.credits_[c].to_pylist() for c in ("channel", "conversions")), strict=True))


def three_rules(paths: pa.Table) -> tuple[float, dict[str, float]]:
    """First, last and linear touch in one reading, as the peer does."""

    def run() -> pa.Table:
        told = journeys(paths)
        return [Attribution(method=m).fit_journeys(told) for m in ("first", "last", "linear")][-1].credits_

    cpu, table = timed(run)
    return cpu, dict(zip(*(table[c].to_pylist() for c in ("channel", "conversions")), strict=True))


def effects(paths: pa.Table) -> dict[str, float]:
    """Removal effects of the chain by channel."""
    found = Attribution(draws=0).fit(paths).removal_effects_
    return dict(zip(found["channel"].to_pylist(), found["conversions"].to_pylist(), strict=True))


def gap(mine: dict[str, float], other: dict[str, float]) -> float:
    """The largest difference of a channel's credit, as a share of the mean credit."""
    mean = sum(mine.values()) / len(mine)
    return max(abs(mine[c] - other.get(c, 0.0)) for c in mine) / mean


def rows(n: int = 1_000_000) -> list[Row]:
    raw = company(n)
    paths = distinct(raw)
    size = f"{n:,} journeys ({paths.num_rows:,} distinct paths)"
    jobs = {"markov": ("Markov, exact", ours(paths)), "rules": ("first, last, linear", three_rules(paths))}
    out = []
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "paths.parquet"
        pq.write_table(paths, file)
        for tool, job in ((CA, "markov"), (CA, "rules"), (MAM, "markov"), (MAM, "shapley")):
            name, (mine, credits) = jobs.get(job) or ("Shapley, exact, all sizes", ours(paths, method="shapley"))
            what, target = f"{name}: {size} against {tool}", f">= {TARGETS[tool]}x"
            if not attribution_peer.installed(tool):
                out.append(Row(what, f"{mine:.2f} CPU s", HOW, target=target))
                continue
            cpu, told = attribution_peer.ask(tool, job, file)
            if (tool, job) == (MAM, "markov"):
                credits = effects(paths)
            said = f", within {gap(credits, told):.1%}" if job != "shapley" else ", groups of up to 4 only"
            ratio = cpu / mine
            out.append(Row(what, f"{mine:.2f} CPU s", f"{cpu:.2f} CPU s{said}", f"{ratio:.1f}x", target,
                           ratio >= TARGETS[tool]))  # fmt: skip
    out += [Row(f"{name}: {size}", f"{cpu:.2f} CPU s") for name, cpu in _more(raw, paths)]
    return out


def _more(raw: pa.Table, paths: pa.Table) -> list[tuple[str, float]]:
    """What no peer does: from raw rows, with intervals, with a longer memory, Shapley of rates."""
    told = journeys(paths)
    return [
        ("Markov from one row a journey", ours(raw)[0]),
        ("buckets of the bootstrap", timed(lambda: buckets(told, 200, 0))[0]),
        ("Markov with 200 bootstrap replicates", timed(lambda: Attribution().fit(paths))[0]),
        ("Markov of order 2", ours(paths, order=2)[0]),
        ("Shapley of the rate, exact over 2^20 sets", ours(paths, method="shapley", game="rate")[0]),
        ("logistic path model", ours(paths, method="logistic")[0]),
    ]


if __name__ == "__main__":
    answer(rows)
