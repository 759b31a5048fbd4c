"""mabwiser in an interpreter of its own.

``python -m venv peers && peers/bin/pip install mabwiser``, then ``python -m benchmarks.bandit`` with
``REGULARS_PEER_PYTHON=peers/bin/python``. This file is both ends: imported by a benchmark it asks, run by that
interpreter it answers with the regret of every history and the CPU seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from benchmarks.lifetimes_peer import PEER_PYTHON
from benchmarks.process import ROOT


def installed() -> bool:
    """Whether an interpreter was named that has it."""
    python = os.environ.get(PEER_PYTHON)
    return bool(python) and subprocess.run([str(python), "-c", "import mabwiser"], capture_output=True).returncode == 0


def ask(rates: list[float], rounds: int, runs: int) -> tuple[float, list[float]]:
    """CPU seconds and regrets of Thompson sampling on Bernoulli arms."""
    given = json.dumps({"rates": rates, "rounds": rounds, "runs": runs})
    own = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([os.environ[PEER_PYTHON], __file__, given], check=True, env=own, capture_output=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["cpu"], told["regret"]


def main(given: str) -> None:
    import numpy as np
    from mabwiser.mab import MAB, LearningPolicy  # type: ignore[import-not-found]

    asked = json.loads(given)
    p, out, begin = asked["rates"], [], time.process_time()
    for run in range(asked["runs"]):
        rng, regret = np.random.default_rng(run), 0.0
        mab = MAB(arms=list(range(len(p))), learning_policy=LearningPolicy.ThompsonSampling(), seed=run)
        for number in range(asked["rounds"]):
            arm = int(rng.integers(len(p))) if number == 0 else mab.predict()
            won = int(rng.random() < p[arm])
            (mab.fit if number == 0 else mab.partial_fit)([arm], [won])
            regret += max(p) - p[arm]
        out.append(regret)
    print(json.dumps({"cpu": time.process_time() - begin, "regret": out}))


if __name__ == "__main__":
    main(sys.argv[1])
