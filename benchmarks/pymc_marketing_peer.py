"""pymc-marketing in an interpreter of its own: a gigabyte of packages nobody should need for a mix model.

``python -m venv peers && peers/bin/pip install pymc-marketing nutpie``, then ``REGULARS_MIX_PEER=peers/bin/python
python -m benchmarks.mix_model``. This file is both ends: imported by a benchmark it asks, run by that interpreter it
answers with returns on spend and the CPU seconds of the fit alone and of everything (imports, compiling).
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PEER_PYTHON = "REGULARS_MIX_PEER"
HOW = f"not installed: give {PEER_PYTHON} an interpreter with pymc-marketing and nutpie"


def installed() -> bool:
    """Whether an interpreter was named that has it."""
    python = os.environ.get(PEER_PYTHON)
    return bool(python) and subprocess.run([python, "-c", "import nutpie"], capture_output=True).returncode == 0


def fit(table: Any, *, target: str, date: str, channels: Sequence[str], controls: Sequence[str]) -> dict[str, Any]:
    """``fit`` and ``all`` CPU seconds, ``roas`` by channel as (mean, low, high), the largest ``r_hat``."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "weeks.csv"
        table.to_csv(file, index=False)
        asked = {"file": str(file), "target": target, "date": date, "channels": [*channels], "controls": [*controls]}
        done = subprocess.run(
            [os.environ[PEER_PYTHON], __file__, json.dumps(asked)], capture_output=True, text=True, check=True
        )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _cpu() -> float:
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def main(asked: dict[str, Any]) -> None:
    import arviz as az  # type: ignore[import-not-found]
    import numpy as np
    import pandas as pd
    from pymc_marketing.mmm import MMM, GeometricAdstock, LogisticSaturation  # type: ignore[import-not-found]

    table = pd.read_csv(asked["file"], parse_dates=[asked["date"]])
    model = MMM(
        date_column=asked["date"], channel_columns=asked["channels"], control_columns=asked["controls"] or None,
        adstock=GeometricAdstock(l_max=8), saturation=LogisticSaturation(), yearly_seasonality=2,
    )  # fmt: skip
    begin = _cpu()
    found = model.fit(
        table.drop(columns=asked["target"]), table[asked["target"]], chains=2, draws=1000, tune=1000,
        nuts_sampler="nutpie", random_seed=1, progressbar=False,
    )  # fmt: skip
    fitted = _cpu() - begin
    brought = model.compute_channel_contribution_original_scale()
    returns = brought.sum("date").stack(sample=("chain", "draw"))
    roas = {}
    for c in asked["channels"]:
        x = returns.sel(channel=c).to_numpy() / table[c].sum()
        roas[c] = [float(x.mean()), *(float(q) for q in np.quantile(x, [0.05, 0.95]))]
    worst = float(max(v.max() for v in az.rhat(found.posterior, method="rank").data_vars.values()))
    print(json.dumps({"fit": fitted, "all": _cpu(), "roas": roas, "r_hat": worst}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
