"""statsforecast in an interpreter of its own: both ends of the talk, as ``lifetimes_peer``.

``python -m venv peers && peers/bin/pip install statsforecast``, then ``--peer-python peers/bin/python``.
What numba compiles is compiled on a few series before the clock starts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.lifetimes_peer import PEER_PYTHON

HOW = "not installed: give --peer-python an interpreter with statsforecast"


def installed() -> bool:
    """Whether an interpreter was named that has statsforecast."""
    python = os.environ.get(PEER_PYTHON)
    return bool(python) and subprocess.run([python, "-c", "import statsforecast"], capture_output=True).returncode == 0


def ask(job: str, values: Any, horizon: int) -> tuple[float, Any]:
    """CPU seconds and forecasts (series, horizon) of ``AutoETS``, ``AutoTheta`` or ``tested`` (both, with windows)."""
    import numpy as np

    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "series.npy"
        np.save(file, values)
        done = subprocess.run(
            [os.environ[PEER_PYTHON], "-m", "benchmarks.statsforecast_peer", job, str(file), str(horizon)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        told = json.loads(done.stdout.splitlines()[-1])
        return told["cpu"], np.load(Path(place) / "said.npy")


def main(job: str, file: str, horizon: int) -> None:
    """Answer one question."""
    import numpy as np
    import pandas as pd
    from statsforecast import StatsForecast  # type: ignore[import-not-found]
    from statsforecast.models import AutoETS, AutoTheta  # type: ignore[import-not-found]

    values = np.load(file)
    n, length = values.shape
    table = pd.DataFrame({"unique_id": np.repeat(np.arange(n), length), "ds": np.tile(np.arange(length), n),
                          "y": values.ravel()})  # fmt: skip
    known = {"AutoETS": [AutoETS(season_length=1)], "AutoTheta": [AutoTheta(season_length=1)]}
    models = known.get(job) or [*known["AutoETS"], *known["AutoTheta"]]

    def run(rows: pd.DataFrame) -> Any:
        tool = StatsForecast(models=models, freq=1, n_jobs=1)
        if job == "tested":
            tool.cross_validation(df=rows, h=horizon, n_windows=6, step_size=6)
        return tool.forecast(df=rows, h=horizon)

    run(table[table["unique_id"] < 3])
    begin = time.process_time()
    said = run(table).sort_values(["unique_id", "ds"])
    cpu = time.process_time() - begin
    columns = [c for c in ("AutoETS", "AutoTheta") if c in said]
    np.save(Path(file).parent / "said.npy", said[columns].mean(axis=1).to_numpy().reshape(n, horizon))
    print(json.dumps({"cpu": cpu}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
