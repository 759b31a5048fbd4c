"""EASE beside alternating least squares and popularity on film ratings: nDCG@10 and CPU seconds of the same run.

Run: ``python -m benchmarks.ease``. The ratings are not part of this project, so this is no part of ``python -m
benchmarks``: set ``REGULARS_ML100K`` to a file of MovieLens 100k (``u.data``, or a CSV with user_id, item_id and
rating); without one nothing is measured. Protocol: ratings of 4 and more, people with at least 5 of them, a fifth of
the rows set aside at random, three times. EASE chooses its penalty on its own known part; the peer gets the best of
its settings *on the test itself*, which favours it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.process import ROOT
from benchmarks.rows import Row, answer
from scipy import sparse

from regulars.understand.ease import EASE
from regulars.understand.itemsets import incidence
from regulars.understand.ownership import Ownership
from regulars.understand.ranking_metrics import best, ndcg

SEEDS = (42, 1, 2)
SETTINGS = tuple(product((32, 64), (20.0, 30.0), (2.0, 6.0)))
# Measured on the whole set; the part beside a checkout is smaller and harder.
TARGET, WHOLE = 0.325, 100_000


def file() -> Path | None:
    beside = ROOT.parent / "shared" / "data" / "movielens_100k" / "ratings_first80.csv.gz"
    given = Path(os.environ.get("REGULARS_ML100K", beside))
    return given if given.is_file() else None


def liked(path: Path) -> tuple[pd.DataFrame, int]:
    if path.suffix == ".data":
        log = pd.read_csv(path, sep="\t", names=["user_id", "item_id", "rating", "timestamp"])
    else:
        log = pd.read_csv(path)
    good = log[log["rating"] >= 4]
    return good[good.groupby("user_id")["item_id"].transform("size") >= 5], len(log)


def split(rows: pd.DataFrame, seed: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    who, what = (np.unique(rows[c], return_inverse=True)[1] for c in ("user_id", "item_id"))
    aside = np.random.default_rng(seed).random(len(rows)) < 0.2
    shape = int(who.max()) + 1, int(what.max()) + 1
    return tuple(incidence(who[s], what[s], *shape) for s in (~aside, aside))  # type: ignore[return-value]


def quality(scores: np.ndarray, known: sparse.csr_array, later: sparse.csr_array) -> float:
    return float(np.nanmean(ndcg(best(scores, 10, known.toarray() > 0), later)))


def als(known: sparse.csr_array, factors: int, held: float, alpha: float, steps: int = 15) -> np.ndarray:
    """Implicit feedback by alternating least squares (Hu, Koren and Volinsky 2008), exact solves."""
    rng = np.random.default_rng(0)
    sides = [sparse.csr_array(known), sparse.csr_array(known.T)]
    both = [rng.normal(0, 0.01, (m.shape[0], factors)) for m in sides]
    for step in range(2 * steps):
        side = step % 2
        other = both[1 - side]
        base = other.T @ other + held * np.eye(factors)
        for row in range(sides[side].shape[0]):
            liked_by = other[sides[side].indices[sides[side].indptr[row] : sides[side].indptr[row + 1]]]
            both[side][row] = np.linalg.solve(base + alpha * liked_by.T @ liked_by, (1 + alpha) * liked_by.sum(axis=0))
    return both[0] @ both[1].T


def ours(known: sparse.csr_array, **settings: float) -> np.ndarray:
    keys = [str(i) for i in range(known.shape[1])]
    people = [str(i) for i in range(known.shape[0])]
    owned = Ownership(people, keys, known, np.zeros(len(keys), dtype=np.int64))
    return np.asarray(known @ EASE(**settings).fit_owned(owned).coef_)  # type: ignore[arg-type]


def rows() -> list[Row]:
    path = file()
    if path is None:
        return [Row("EASE on MovieLens 100k", "", "no file: set REGULARS_ML100K")]
    log, size = liked(path)
    names = ("popularity", "EASE, penalty chosen", "EASE as published, penalty chosen", "EASE, penalty given")
    found: dict[str, list[float]] = {n: [] for n in names}
    cpu: dict[str, float] = dict.fromkeys(names, 0.0)
    peer: dict[tuple[int, float, float], list[float]] = {s: [] for s in SETTINGS}
    begun_peer = 0.0
    for seed in SEEDS:
        known, later = split(log, seed)
        tools = (
            lambda k: np.tile(np.asarray(k.sum(axis=0), dtype=float).ravel(), (k.shape[0], 1)),
            ours,
            lambda k: ours(k, power=0.0, discount=0.0),
            lambda k: ours(k, lam=60.0),
        )
        for name, tool in zip(names, tools, strict=True):
            begin = time.process_time()
            scores = tool(known)
            cpu[name] += time.process_time() - begin
            found[name].append(quality(scores, known, later))
        begin = time.process_time()
        for setting in SETTINGS:
            peer[setting].append(quality(als(known, *setting), known, later))
        begun_peer += time.process_time() - begin
    top = max(peer, key=lambda s: float(np.mean(peer[s])))
    als_mean = float(np.mean(peer[top]))
    said = f"{als_mean:.4f} (best of {len(SETTINGS)} settings on the test: factors {top[0]}, reg {top[1]:g}, "
    said += f"alpha {top[2]:g}; {begun_peer / len(SEEDS) / len(SETTINGS):.1f} CPU s each)"
    out = []
    for name in names:
        mean, each = float(np.mean(found[name])), " ".join(f"{v:.4f}" for v in found[name])
        first = f"nDCG@10 {mean:.4f} ({each}), {cpu[name] / len(SEEDS):.2f} CPU s"
        wanted = mean > als_mean and (size < WHOLE or found[name][0] >= TARGET)
        is_ours = name == names[1]
        goal = "above the tuned peer" + (f", >= {TARGET} on the first split" if size >= WHOLE else "")
        out.append(Row(f"{name}, {size:,} ratings, against ALS", first, said, f"{mean / als_mean:.2f}x",
                       goal if is_ours else "", wanted if is_ours else None))  # fmt: skip
    return out


if __name__ == "__main__":
    answer(rows)
