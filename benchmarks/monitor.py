"""Watching: change points against ruptures, agreement with people on TCPD, alarms on NAB, and the false-alarm rate.

Run: ``python -m benchmarks.monitor``. ruptures joins where ``--peer-python`` names an interpreter that
has it (``python -m venv peers && peers/bin/pip install ruptures``); TCPD and NAB where the data folder has them.
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

from regulars.measure import ChangePoints, Monitor, OnlineChangePoints, Surprise
from regulars.measure.change_costs import COSTS
from regulars.measure.change_points import pelt
from regulars.measure.change_scores import covering, f_one
from regulars.measure.stream_scores import normalised, stream_score

TARGET = 100
FALSE_A_WEEK = 0.5
DATA = Path(os.environ.get("REGULARS_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
PEER = """
import json, sys, time, numpy as np, ruptures as rpt
x = np.load(sys.argv[1]); out = {}
for name, make in (("Pelt", lambda: rpt.Pelt(model="l2", min_size=2, jump=1)),
                   ("KernelCPD", lambda: rpt.KernelCPD(kernel="linear", min_size=2, jump=1))):
    begin = time.process_time(); found = make().fit(x).predict(pen=float(sys.argv[2])); out[name] = [
        time.process_time() - begin, [int(p) for p in found[:-1]]]
print(json.dumps(out))
"""


def stairs(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.repeat(rng.normal(0, 3, n // 100), 100) + rng.normal(size=n)


def speed(values: np.ndarray, kind: str) -> list[Row]:
    n, penalty = len(values), 3 * np.log(len(values))
    best = np.inf
    for _ in range(5):
        begin = time.process_time()
        points, _total = pelt(COSTS["mean"](values[:, None], np.ones(1)), n, penalty, 2)
        best = min(best, time.process_time() - begin)
    what, mine = (
        f"Exact change points (PELT, level) of {n:,} values, {kind}",
        f"{1000 * best:.1f} CPU ms, {len(points)} changes",
    )
    python = os.environ.get("REGULARS_PEER_PYTHON", "")
    if subprocess.run([python or "false", "-c", "import ruptures"], capture_output=True).returncode:
        return [Row(what, mine, "not installed: give --peer-python an interpreter with ruptures")]
    file = Path(f"/tmp/stairs-{os.getpid()}.npy")
    np.save(file, values)
    done = subprocess.run([python, "-c", PEER, str(file), str(penalty)], capture_output=True, text=True, check=True)
    file.unlink()
    out = []
    for name, (cpu, found) in json.loads(done.stdout).items():
        assert found == points, f"{name} found other changes: {found} against {points}"
        target = f">= {TARGET}x" if name == "Pelt" else ""
        met = cpu / best >= TARGET if name == "Pelt" else None
        out.append(Row(f"{what} against ruptures {name}", mine, f"{1000 * cpu:.1f} CPU ms, the same changes",
                       f"{cpu / best:.1f}x", target, met))  # fmt: skip
    return out


def agreement() -> list[Row]:
    folder = DATA / "tcpd"
    if not folder.is_dir():
        return []
    marked = json.loads((folder / "annotations.json").read_text())
    data = []
    for name, points in marked.items():
        series = json.loads((folder / f"{name}.json").read_text())["series"]
        data.append((np.array([s["raw"] for s in series], dtype=float).T, points))
    zero = np.mean([(covering(m, [], len(x)), f_one(m, [])) for x, m in data], axis=0)
    out = []
    tools = {"ChangePoints": ChangePoints(), "OnlineChangePoints": OnlineChangePoints()}
    tools |= {f"ChangePoints(cost={c!r})": ChangePoints(cost=c) for c in ("mean", "trend", "rank")}
    for name, model in tools.items():
        got = [(covering(m, p, len(x)), f_one(m, p)) for x, m in data for p in [model.fit(x).change_points_.tolist()]]
        cover, f1 = np.mean(got, axis=0)
        out.append(Row(f"{name}, 21 series of TCPD, default settings", f"covering {cover:.3f}, F1 {f1:.3f}",
                       f"never alarm: {zero[0]:.3f}, {zero[1]:.3f}", "", "both above", bool(cover > zero[0])
                       and bool(f1 > zero[1])))  # fmt: skip
    return out


def streams() -> list[Row]:
    folder = DATA / "nab"
    if not folder.is_dir():
        return []
    windows = json.loads((folder / "combined_windows.json").read_text())
    held, many = [], 0
    for path in sorted(folder.glob("*/*.csv.gz")):
        frame = pd.read_csv(path, parse_dates=["timestamp"])
        at = frame["timestamp"].searchsorted
        spans = [(int(at(pd.Timestamp(a))), int(at(pd.Timestamp(b), side="right")) - 1)
                 for a, b in windows.get(f"{path.parent.name}/{path.name[:-3]}", [])]  # fmt: skip
        held.append((Surprise().fit(frame["value"]).score_, spans))
        many += len(spans)

    def scored(limit: float) -> float:
        raw = sum(stream_score(np.flatnonzero(s >= limit).tolist(), w, len(s)) for s, w in held)
        return normalised(raw, many)

    fixed, best = scored(0.999), max(scored(1 - 10.0**-k) for k in np.arange(2, 8, 0.5))
    what = f"Surprise, {len(held)} streams of NAB, standard profile"
    return [Row(f"{what}, threshold .999", f"{fixed:.1f}", "never alarm: 0", "", "> 0", fixed > 0),
            Row(f"{what}, one threshold chosen on all (as its scoreboard does)", f"{best:.1f}",
                "published, all 58 streams: Windowed Gaussian 39.6, Bayes changepoint 17.7")]  # fmt: skip


def quiet(companies: int = 20, days: int = 400) -> list[Row]:
    week = np.array([1, 0.9, 0.95, 1.05, 1.3, 1.5, 0.8])
    rates, cpu, watched = [], 0.0, 0
    for seed in range(companies):
        rng = np.random.default_rng(seed)
        level = week[np.arange(days) % 7] * (1 + 0.3 * np.arange(days) / days)
        mood = rng.normal(0, 0.08, (days, 30))
        for t in range(1, days):
            mood[t] += 0.4 * mood[t - 1]
        counts = rng.poisson(level[:, None] * np.exp(mood) * np.geomspace(2, 200, 30))
        rows = pd.DataFrame(counts, columns=[f"c{i}" for i in range(30)]).assign(
            day=pd.date_range("2025-01-06", periods=days)
        )
        long = rows.melt("day", var_name="channel").assign(figure="orders")
        begin = time.process_time()
        model = Monitor(false_a_week=FALSE_A_WEEK).fit(long)
        cpu += time.process_time() - begin
        rates.append(len(model.alarms_) / (model.days / 7))
        watched = model.watched_
    return [Row(f"False alarms a week, {companies} quiet companies of {watched} series, 90 days each",
                f"{np.mean(rates):.2f} a week, {cpu / companies:.2f} CPU s a company", "", "",
                f"<= {FALSE_A_WEEK}", bool(np.mean(rates) <= FALSE_A_WEEK))]  # fmt: skip


def rows() -> list[Row]:
    calm = np.random.default_rng(1).normal(size=1000)
    return speed(stairs(1000), "ten levels") + speed(calm, "no change") + agreement() + streams() + quiet()


if __name__ == "__main__":
    answer(rows)
