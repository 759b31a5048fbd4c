"""lifetimes in an interpreter of its own: it needs pandas < 3, so it cannot share ours.

``python -m venv peers && peers/bin/pip install lifetimes 'pandas<3'``, then
``python -m benchmarks --peer-python peers/bin/python``, or the same path in
``REGULARS_PEER_PYTHON``. This file is both ends: imported by a benchmark it
asks, run by that interpreter it answers with the CPU seconds of the fit alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEER_PYTHON = "REGULARS_PEER_PYTHON"
HOW = "not installed: give --peer-python an interpreter with lifetimes and pandas < 3"


def installed() -> bool:
    """Whether an interpreter was named that has lifetimes."""
    python = os.environ.get(PEER_PYTHON)
    if not python:
        return False
    return subprocess.run([python, "-c", "import lifetimes"], capture_output=True).returncode == 0


def fit(model: str, columns: dict[str, object]) -> tuple[float, list[float]]:
    """CPU seconds and parameters of ``BetaGeoFitter`` or ``ParetoNBDFitter`` on frequency, recency and T."""
    import numpy as np

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "customers.npz"
        np.savez(file, **{c: np.asarray(columns[c]) for c in ("frequency", "recency", "T")})
        done = subprocess.run(
            [os.environ[PEER_PYTHON], __file__, model, str(file)], capture_output=True, text=True, check=True
        )
    told = json.loads(done.stdout.splitlines()[-1])
    return told["cpu"], told["parameters"]


def main(model: str, file: str) -> None:
    import lifetimes  # type: ignore[import-not-found]
    import numpy as np
    import pandas as pd

    data = pd.DataFrame(dict(np.load(file)))
    fitter = getattr(lifetimes, model)()
    begin = time.process_time()
    fitter.fit(data["frequency"], data["recency"], data["T"])
    cpu = time.process_time() - begin
    print(json.dumps({"cpu": cpu, "parameters": fitter.params_.tolist()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
