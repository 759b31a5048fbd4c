"""The benchmarks compare like with like: they check their own results, here on little data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SMALL = """
import json
from benchmarks import bgnbd, pareto_nbd, rfm
print(json.dumps([r.cells for r in (*rfm.rows(20_000, 1), *bgnbd.rows(2_000, 1), *pareto_nbd.rows(500, 1))]))
"""


def test_ours_and_the_peers_give_the_same_results():
    done = subprocess.run([sys.executable, "-c", SMALL], cwd=ROOT, capture_output=True, text=True, check=True)
    told = {row[0]: row for row in json.loads(done.stdout)}
    for peer in (
        "RFM of 20,000 orders against pandas group-by",
        "BG/NBD fit of 2,000 customers against scipy L-BFGS-B",
        "Pareto/NBD fit of 500 customers against scipy Nelder-Mead on 2F1",
    ):
        assert told[peer][3].endswith("x")


def test_an_unknown_name_is_answered_with_those_there_are():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "rfm" in done.stderr
