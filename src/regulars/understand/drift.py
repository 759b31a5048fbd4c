"""What changed between then and now: of each column, of everything together, and of the answer itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, ks_2samp

from regulars.lake.frames import to_arrow
from regulars.tables.shares import wilson
from regulars.understand.feature_matrix import FeatureMatrix, numbers, texts
from regulars.understand.gains import auc_interval
from regulars.understand.learners import BOOSTING
from regulars.understand.outcomes import outcome as read_outcome
from regulars.understand.trials import folds_of, out_of_fold

Vector = NDArray[np.float64]
# Siddiqi (2006), Credit Risk Scorecards: below .1 no change, from .25 on a different population.
SOME, MUCH = 0.1, 0.25


@dataclass(frozen=True)
class ColumnDrift:
    """How one column changed: ``psi``, the largest distance of the two distributions (``ks``, numbers only), its
    p-value (chi-square for words), the share empty before and after, and ``level`` stable, some or much."""

    column: str
    psi: float
    ks: float | None
    p: float
    blank_before: float
    blank_after: float
    level: str


@dataclass(frozen=True)
class RateDrift:
    """The share of yes in one stretch of time, with its interval."""

    start: int
    n: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Drift:
    """``columns``, the most changed first; ``auc``: how well a model tells then from now (.5 it cannot);
    ``rate_before`` and ``rate_after`` of the outcome, where one is named."""

    columns: tuple[ColumnDrift, ...]
    auc: float
    auc_low: float
    auc_high: float
    rate_before: RateDrift | None
    rate_after: RateDrift | None


def psi(before: Vector, after: Vector) -> float:
    r"""Population stability index of two distributions over the same bins.

    .. math:: \sum_b (q_b - p_b) \ln(q_b / p_b)

    Counts or shares; an empty bin counts as half a case.

    >>> psi(np.array([50.0, 50.0]), np.array([50.0, 50.0]))
    0.0
    >>> round(psi(np.array([500.0, 500.0]), np.array([250.0, 750.0])), 4)
    0.2747
    """
    p, q = np.maximum(before, 0.5), np.maximum(after, 0.5)
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def drift(before: Any, after: Any, *, outcome: str | None = None, bins: int = 10, sample: int = 4000,
          seed: int = 0) -> Drift:  # fmt: skip
    """Compare two tables with the same columns: what a model learnt from, and what it meets now.

    Numbers are binned at the tenths of ``before``; empty cells are a bin of their own.

    Raises ``ValueError`` for an empty table and ``KeyError`` for a missing outcome.

    >>> old = {"price": list(range(200)), "plan": ["a", "b"] * 100}
    >>> new = {"price": list(range(150, 350)), "plan": ["a", "b"] * 100}
    >>> found = drift(old, new)
    >>> found.columns[0].column, found.columns[0].level, found.columns[1].level
    ('price', 'much', 'stable')
    """
    old, new = to_arrow(before), to_arrow(after)
    if not old.num_rows or not new.num_rows:
        raise ValueError("both tables need rows: there is nothing to compare")
    rates: list[RateDrift | None] = [None, None]
    if outcome is not None:
        rates = [_rate(t, outcome, 0) for t in (old, new)]
    names = [n for n in old.column_names if n in new.column_names and n != outcome]
    columns = [c for n in names if (c := _column(n, old.column(n), new.column(n), bins)) is not None]
    auc, low, high = _told_apart(old.select(names), new.select(names), sample, seed)
    return Drift(tuple(sorted(columns, key=lambda c: -c.psi)), auc, low, high, *rates)


def drift_over_time(table: Any, *, outcome: str | None = None, blocks: int = 8, bins: int = 10) -> dict[str, Any]:
    """A table in order of time cut into blocks, each compared with the first: PSI by column, and the rates of yes.

    Returns ``{"starts": [...], "psi": {column: [...]}, "rates": (RateDrift, ...)}``; the first PSI is 0.
    """
    rows = to_arrow(table)
    if rows.num_rows < blocks:
        raise ValueError(f"{rows.num_rows} rows cannot be cut into {blocks} blocks")
    cuts = np.linspace(0, rows.num_rows, blocks + 1).astype(int)
    parts = [rows.slice(a, b - a) for a, b in pairwise(cuts)]
    told: dict[str, list[float]] = {}
    for name in (n for n in rows.column_names if n != outcome):
        series = [_column(name, parts[0].column(name), part.column(name), bins) for part in parts]
        if all(c is not None for c in series):
            told[name] = [c.psi for c in series if c is not None]
    rates = tuple(_rate(p, outcome, int(a)) for p, a in zip(parts, cuts, strict=False)) if outcome else ()
    return {"starts": cuts[:-1].tolist(), "psi": told, "rates": rates}


def _rate(table: pa.Table, name: str, start: int) -> RateDrift:
    if name not in table.column_names:
        raise KeyError(f"the table lacks {name}; it has {', '.join(table.column_names)}")
    came = read_outcome(table.column(name))
    low, high = wilson(came.sum(), len(came))
    return RateDrift(start, len(came), float(came.mean()), float(low), float(high))


def _column(name: str, old: Any, new: Any, bins: int) -> ColumnDrift | None:
    was, now = numbers(old), numbers(new)
    if was is not None and now is not None:
        a, b = was[~np.isnan(was)], now[~np.isnan(now)]
        gone = (float(np.isnan(was).mean()), float(np.isnan(now).mean()))
        if not a.size or not b.size:
            return None
        edges = np.unique(np.quantile(a, np.linspace(0, 1, bins + 1)[1:-1]))
        counts = [np.r_[np.bincount(np.searchsorted(edges, v, side="right"), minlength=len(edges) + 1), g * len(w)]
                  for v, g, w in ((a, gone[0], was), (b, gone[1], now))]  # fmt: skip
        ks = ks_2samp(a, b, method="asymp")
        return _made(name, counts, float(ks.statistic), float(ks.pvalue), gone)
    said = [texts(c.cast(pa.string())) for c in (old, new)]
    counted = [{c["values"]: c["counts"] for c in pc.value_counts(s).to_pylist()} for s in said]
    levels = sorted(set(counted[0]) | set(counted[1]), key=str)
    if len(levels) > 0.5 * len(said[0]):
        # Names and numbers of rows differ always; that is no drift.
        return None
    counts = [np.array([float(c.get(level, 0)) for level in levels]) for c in counted]
    p = float(chi2_contingency(np.stack(counts)).pvalue) if len(levels) > 1 else 1.0
    return _made(name, counts, None, p, (said[0].null_count / len(said[0]), said[1].null_count / len(said[1])))


def _made(name: str, counts: list[Any], ks: float | None, p: float, gone: tuple[float, float]) -> ColumnDrift:
    used = (counts[0] + counts[1]) > 0
    value = psi(counts[0][used], counts[1][used])
    return ColumnDrift(name, value, ks, p, *gone, "much" if value >= MUCH else "some" if value >= SOME else "stable")


def _told_apart(old: pa.Table, new: pa.Table, sample: int, seed: int) -> tuple[float, float, float]:
    rng = np.random.default_rng(seed)
    half = sample // 2
    parts = [t.take(np.sort(rng.permutation(t.num_rows)[:half])) for t in (old, new)]
    try:
        table = pa.concat_tables(parts, promote_options="permissive")
    except pa.ArrowInvalid:
        table = pa.concat_tables(t.cast(pa.schema([(n, pa.string()) for n in t.column_names])) for t in parts)
    came = np.repeat([0.0, 1.0], [parts[0].num_rows, parts[1].num_rows])
    if min(parts[0].num_rows, parts[1].num_rows) < 10 or not FeatureMatrix().fit(table).features_:
        return float("nan"), float("nan"), float("nan")
    told = out_of_fold([BOOSTING], table, came, folds_of(came, 3, seed), FeatureMatrix, seed)[BOOSTING]
    return auc_interval(came, told)
