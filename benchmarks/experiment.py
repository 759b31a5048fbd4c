"""Experiments: rows and sums against gbstats and tea-tasting in the same run, the answers held against each other.

Run: ``python -m benchmarks.experiment``. The peers join where ``--peer-python`` names an interpreter that has them
(``python -m venv peers && peers/bin/pip install gbstats tea-tasting``).
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import json
import subprocess
import time
from pathlib import Path

import numpy as np
import pandas as pd
from benchmarks.rows import Row, answer

from regulars.measure.arm_sums import ArmSums
from regulars.measure.experiment import Experiment

PEOPLE, TESTS = 1_000_000, 2_000
TARGET = "the same answer"
HOW = "not installed: give --peer-python an interpreter with gbstats and tea-tasting"
PEER = """
import json, sys, time, warnings; warnings.filterwarnings("ignore")
import numpy as np, pandas as pd, tea_tasting as tt
from gbstats.models.statistics import SampleMeanStatistic
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
table = pd.DataFrame(dict(np.load(sys.argv[1]))); sums = np.load(sys.argv[2])
tool = tt.Experiment({"revenue": tt.Mean("outcome", "covariate"), "draw": tt.SampleRatio()}, variant="arm")
tool.analyze(table.head(1000))
begin = time.process_time(); found = tool.analyze(table)["revenue"]; rows = time.process_time() - begin
config = SequentialConfig(alpha=.05, difference_type="absolute", sequential_tuning_parameter=5000)
def one(r):
    a, b = (SampleMeanStatistic(n=int(r[i]), sum=r[i + 1], sum_squares=r[i + 2]) for i in (0, 3))
    return SequentialTwoSidedTTest([(a, b)] if LISTS else a, *([] if LISTS else [b]), config).compute_result()
LISTS = False
try: one(sums[0])
except Exception: LISTS = True
one(sums[0])
begin = time.process_time(); told = [one(r) for r in sums]; many = time.process_time() - begin
print(json.dumps({"rows": rows, "delta": found.effect_size, "low": found.effect_size_ci_lower, "many": many,
                  "ends": [t.ci for t in told]}))
"""


def people() -> pd.DataFrame:
    """A million people in two arms, with what they brought before."""
    rng = np.random.default_rng(0)
    before = rng.gamma(1.5, 2000, PEOPLE)
    arm = (rng.random(PEOPLE) < 0.5).astype(np.int64)
    after = 0.5 * before + rng.gamma(1.0, 1500, PEOPLE) + 30 * arm
    return pd.DataFrame({"arm": arm, "outcome": after, "covariate": before})


def sums() -> np.ndarray:
    """People, sum and sum of squares of both arms of many tests."""
    rng = np.random.default_rng(1)
    n = rng.integers(500, 100_000, (TESTS, 2)).astype(float)
    mean, sd = rng.uniform(50, 100, (TESTS, 2)), rng.uniform(20, 200, (TESTS, 2))
    parts = [(n[:, i], n[:, i] * mean[:, i], n[:, i] * mean[:, i] ** 2 + (n[:, i] - 1) * sd[:, i] ** 2) for i in (0, 1)]
    return np.column_stack([c for part in parts for c in part])


def rows() -> list[Row]:
    table, given = people(), sums()
    begin = time.process_time()
    one = Experiment(metric="mean", covariate="covariate", method="fixed").fit(table).results_[0]
    cpu = time.process_time() - begin
    begin = time.process_time()
    ends = []
    for r in given:
        arms = {name: ArmSums(people=int(r[i]), y=r[i + 1], yy=r[i + 2]) for name, i in (("a", 0), ("b", 3))}
        found = Experiment(metric="mean", tightest_at=5000).fit(arms).results_[0]
        ends.append((found.low, found.high))
    many = time.process_time() - begin
    names = (f"One experiment of {PEOPLE:,} people with CUPED and the check of the draw, against tea-tasting",
             f"{TESTS:,} always-valid intervals from sums, against gbstats")  # fmt: skip
    mine = (f"{cpu:.2f} CPU s", f"{1e6 * many / TESTS:.0f} CPU us each")
    told = _peer(table, given)
    if told is None:
        return [Row(n, m, HOW, target=TARGET) for n, m in zip(names, mine, strict=True)]
    assert abs(told["delta"] - one.delta) < 1e-6 * abs(one.delta), (told["delta"], one.delta)
    assert one.low is not None
    assert abs(told["low"] - one.low) < 1e-3 * abs(one.delta), (told["low"], one.low)
    theirs = np.array(told["ends"])
    gap = float(np.abs(theirs - np.array(ends)).max() / np.abs(theirs[:, 1] - theirs[:, 0]).min())
    assert gap < 1e-6, gap
    out = []
    both = ((told["rows"], cpu, "the same answer"), (told["many"], many, f"ends within {gap:.0e} widths"))
    for name, own, (peer, ours, extra) in zip(names, mine, both, strict=True):
        text = f"{peer:.2f} CPU s, {extra}" if ours is cpu else f"{1e6 * peer / TESTS:.0f} CPU us each, {extra}"
        out.append(Row(name, own, text, f"{peer / ours:.1f}x", TARGET, True))
    return out


def _peer(table: pd.DataFrame, given: np.ndarray) -> dict[str, object] | None:
    python = os.environ.get("REGULARS_PEER_PYTHON", "")
    check = [python or "false", "-c", "import gbstats, tea_tasting"]
    if subprocess.run(check, capture_output=True).returncode:
        return None
    files = [Path(f"/tmp/experiment-{os.getpid()}.{end}") for end in ("npz", "npy")]
    np.savez(files[0], **{c: table[c].to_numpy() for c in table})
    np.save(files[1], given)
    try:
        done = subprocess.run([python, "-c", PEER, *map(str, files)], capture_output=True, text=True, check=True)
    finally:
        for file in files:
            file.unlink()
    answer_: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer_


if __name__ == "__main__":
    answer(rows)
