"""ChannelAttribution and marketing-attribution-models in an interpreter of their own.

``python -m venv peers && peers/bin/pip install ChannelAttribution matplotlib marketing-attribution-models``
(the first is built from C++, four minutes), then ``python -m benchmarks.attribution`` with
``REGULARS_PEER_PYTHON=peers/bin/python``. This file is both ends: imported by a benchmark it asks, run by that
interpreter it answers with the CPU seconds of the model alone and its credits by channel.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.lifetimes_peer import PEER_PYTHON

TOOLS = {"ChannelAttribution": "ChannelAttribution", "marketing-attribution-models": "mam"}


def installed(tool: str) -> bool:
    """Whether an interpreter was named that has the tool."""
    python = os.environ.get(PEER_PYTHON)
    if not python:
        return False
    return subprocess.run([python, "-c", f"import {TOOLS[tool]}"], capture_output=True).returncode == 0


def ask(tool: str, job: str, file: Path) -> tuple[float, dict[str, float]]:
    """CPU seconds and credits (removal effects, for the second tool) of a job on a Parquet file of paths."""
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place) / "answer.json"
        own = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        subprocess.run([os.environ[PEER_PYTHON], __file__, tool, job, str(file), str(answer)], check=True, env=own,
                       capture_output=True)  # fmt: skip
        told = json.loads(answer.read_text())
    return told["cpu"], told["credits"]


def main(tool: str, job: str, file: str, answer: str) -> None:
    """Run one job in this interpreter and write its answer."""
    import pandas as pd

    paths = pd.read_parquet(file)
    cpu, credits = {"ChannelAttribution": _channel_attribution, "marketing-attribution-models": _mam}[tool](job, paths)
    Path(answer).write_text(json.dumps({"cpu": cpu, "credits": credits}))


def _channel_attribution(job, paths):  # type: ignore[no-untyped-def]
    import ChannelAttribution  # type: ignore[import-not-found]

    begin = time.process_time()
    if job == "rules":
        found = ChannelAttribution.heuristic_models(paths, "path", "conversions", var_value="value", flg_pro=False)
        return time.process_time() - begin, dict(zip(found["channel_name"], found["linear_touch_conversions"],
                                                     strict=True))  # fmt: skip
    found = ChannelAttribution.markov_model(
        paths, "path", "conversions", var_value="value", var_null="nulls", seed=1, verbose=False, flg_pro=False
    )
    cpu = time.process_time() - begin
    found = found["result"] if isinstance(found, dict) else found
    return cpu, dict(zip(found["channel_name"], found["total_conversions"].astype(float), strict=True))


def _mam(job, paths):  # type: ignore[no-untyped-def]
    import pandas as pd
    from mam import MAM  # type: ignore[import-not-found]

    parts = [paths.assign(times=paths[c], won=w)[paths[c] > 0] for c, w in (("conversions", True), ("nulls", False))]
    rows = pd.concat(parts)[["path", "times", "won"]]
    begin = time.process_time()
    own = MAM(rows, format_type="format_3", channels_colname="path", journey_with_conv_colname="won",
              occurrences_colname="times")  # fmt: skip
    if job == "shapley":
        found = own.run_shapley(max_size=4)
    else:
        found = own.run_markov(transition_to_same_state=True) if job == "markov" else own.run_linear()
    cpu = time.process_time() - begin
    # It spreads the effects over each path anew, so its effects are compared and not its credits.
    table = found.metadata["removal_effect"].reset_index() if job == "markov" else found.to_pandas()
    return cpu, {str(r[0]): float(r[1]) for r in table.itertuples(index=False)}


if __name__ == "__main__":
    main(*sys.argv[1:])
