"""Next best action against writing to the likeliest: Hillstrom's e-mail test, judged on people nobody learnt from.

Run: ``python -m benchmarks.hillstrom [times]`` with the data set's folder ``hillstrom_email`` under
``REGULARS_SHARED_DATA``. A visit is worth 100. Five folds; uplift (``Uplift(learner="s", base="logistic")``), response
(a logistic model of each arm) and every setting come from the other four; values are doubly robust and the intervals
(90 %) those of the difference on the same people. ``times`` cuts the folds that often; the figures are averages.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from benchmarks.process import ROOT
from benchmarks.rows import Row, answer

KNOWN = ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]
ARMS = {"No E-Mail": 0, "Mens E-Mail": 1, "Womens E-Mail": 2}
VISIT = 100.0


@dataclass(frozen=True)
class Rule:
    """What a message costs, and to how many one may write (None: wherever it pays)."""

    cost: float
    share: float | None = None


@dataclass(frozen=True)
class Compared:
    """Gain a customer over the usual rule (write where chance x worth exceeds cost) and over as many likeliest."""

    rule: Rule
    written: float
    harmed: int
    over_usual: Any
    over_count: Any


def read(folder: Path, arms: Sequence[str]) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The people of these e-mails and of none: what was known, the arm, and whether they came."""
    rows = pd.read_csv(folder / "hillstrom_email" / "hillstrom_half_a.csv.gz")
    rows = rows[rows["segment"].isin(["No E-Mail", *arms])].reset_index(drop=True)
    codes = {"No E-Mail": 0, **{a: i + 1 for i, a in enumerate(arms)}}
    return rows[KNOWN], rows["segment"].map(codes).to_numpy(), rows["visit"].to_numpy(dtype=float)


def compare(
    folder: Path, arms: Sequence[str], rules: Sequence[Rule], *, folds: int = 5, seed: int = 0, base: str = "logistic"
) -> list[Compared]:
    """Both policies on left-out people, under every rule."""
    from regulars.decide import OffPolicy
    from regulars.decide.off_policy import chosen

    known, got, seen = read(folder, arms)
    size, n = len(arms) + 1, len(got)
    part = np.random.default_rng(seed).integers(0, folds, n)
    likely, told = np.zeros((n, size)), np.zeros((len(rules), n), dtype=np.int64)
    gain = np.zeros((n, size - 1))
    for f in range(folds):
        learn, own = part != f, part == f
        likely[own] = response(known, got, seen, learn, own, size)
        told[:, own], gain[own] = next_best(known, got, seen, learn, own, rules, base)
    out, mail = [], 1 + likely[:, 1:].argmax(axis=1)
    top = likely[:, 1:].max(axis=1)
    for i, rule in enumerate(rules):
        costs = np.append(0.0, np.full(size - 1, rule.cost))
        log = OffPolicy(got, VISIT * seen - costs[got], np.full(n, 1 / size), model=VISIT * likely - costs)
        count = np.zeros(n, dtype=np.int64)
        first = np.argsort(-top, kind="stable")[: int((told[i] > 0).sum())]
        count[first] = mail[first]
        mine = chosen(told[i], size)
        usual = chosen(np.where(top * VISIT > rule.cost, mail, 0), size)
        written = told[i] > 0
        harmed = int((gain[written, told[i][written] - 1] < 0).sum())
        out.append(Compared(rule, float(written.mean()), harmed, log.difference(mine, usual, "dr"),
                            log.difference(mine, chosen(count, size), "dr")))  # fmt: skip
    return out


def response(known: Any, got: Any, seen: Any, learn: Any, own: Any, size: int) -> np.ndarray:
    """The chance of a visit in every arm: the score of the policy to beat."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    plain = pd.get_dummies(known, dtype=float).to_numpy()
    out = np.zeros((int(own.sum()), size))
    for arm in range(size):
        rows = learn & (got == arm)
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)).fit(plain[rows], seen[rows])
        out[:, arm] = model.predict_proba(plain[own])[:, 1]
    return out


def next_best(
    known: Any, got: Any, seen: Any, learn: Any, own: Any, rules: Sequence[Rule], base: str
) -> tuple[np.ndarray, np.ndarray]:
    """Which e-mail each left-out person gets under every rule (0: none), and the uplift told of each."""
    from regulars.decide import Action, NextBestAction, Prior
    from regulars.decide import Uplift as Mean
    from regulars.understand import Uplift

    learner = "s" if base == "logistic" else "t"
    model = Uplift(learner=learner, base=base, control="0").fit(known[learn], got[learn], seen[learn])
    value, low, high = model.predict_interval(known[own])
    n = int(own.sum())
    people: dict[str, Any] = {
        "customer": [str(i) for i in range(n)], "activity": ["active"] * n, "email_ok": [True] * n,
        "aov": np.full(n, VISIT), "clv": np.zeros(n),
    }  # fmt: skip
    means, mails = {}, []
    for i, (arm, mean) in enumerate(zip(model.arms_, model.effects_, strict=True)):
        people |= {f"uplift_{arm}": value[:, i], f"uplift_{arm}_low": low[:, i], f"uplift_{arm}_high": high[:, i]}
        means[arm] = Mean(mean.value, (mean.high - mean.low) / (2 * 1.6448536), 1, 1.0)
        mails.append(Action(arm, ("active",), "order", "email", Prior(0.0, 1.0)))
    out = np.zeros((len(rules), n), dtype=np.int64)
    for i, rule in enumerate(rules):
        quota = None if rule.share is None else round(rule.share * n)
        plan = NextBestAction(tuple(mails), margin=1.0, channel_cost={"email": rule.cost}, quota=quota)
        rows = plan.decide(people, uplifts=means).solution
        who = np.array(rows.column("customer").to_pylist(), dtype=np.int64)
        out[i, who] = np.array(rows.column("action").to_pylist(), dtype=np.int64)
    return out, value


def rows() -> list[Row]:
    """One e-mail and both, by rule, averaged over several cuts."""
    folder = Path(os.environ.get("REGULARS_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "hillstrom_email").is_dir():
        return [Row("Hillstrom's e-mail test", "no data set here")]
    times = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 3
    out = []
    for arms, rules in (
        (["Womens E-Mail"], [Rule(4.0)]),
        (["Mens E-Mail", "Womens E-Mail"], [Rule(0.01, 0.3), Rule(0.01, 0.5), Rule(8.0)]),
    ):
        cuts = [compare(folder, arms, rules, seed=s) for s in range(times)]
        for i, rule in enumerate(rules):
            own = [c[i] for c in cuts]
            share = np.mean([c.written for c in own])
            name = f"{' and '.join(arms)}, cost {rule.cost:g}, written to {share:.0%}"
            for word, found in (("the usual rule", [c.over_usual for c in own]),
                                ("as many of the likeliest", [c.over_count for c in own])):  # fmt: skip
                if rule.share is not None and word == "the usual rule":
                    continue
                value, low, high = (float(np.mean([getattr(d, k) for d in found])) for k in ("value", "low", "high"))
                out.append(Row(f"{name}: gain over {word}", f"{value:.2f} [{low:.2f}, {high:.2f}]", "0", "",
                               "interval above 0", low > 0))  # fmt: skip
    return out


if __name__ == "__main__":
    answer(rows)
