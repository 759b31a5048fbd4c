"""Days and weeks that passed the threshold, neighbours taken together, as rows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.stats import t as student

from regulars.measure.residuals import Array, Baseline
from regulars.measure.series import Series, back

Key = tuple[str, str | None, str | None]
COLUMNS: Final = ["kind", "figure", "channel", "market", "day", "end", "value", "expected", "low", "high", "z", "p"]


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows of alarms as a table."""
    found = pd.DataFrame(rows, columns=COLUMNS)
    for column in ("channel", "market"):
        found[column] = found[column].astype(object).where(found[column].notna(), None)
    for column in ("low", "high"):
        found[column] = found[column].astype(float)
    return found


def newest_first(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """All alarms in one table; ``channel`` and ``market`` are None, not not-a-number, where all is meant."""
    found = pd.concat(parts, ignore_index=True)
    found = found.sort_values(["end", "p"], ascending=[False, True], kind="stable", ignore_index=True)
    for column in ("channel", "market"):
        found[column] = found[column].astype(object).where(found[column].notna(), None)
    return found


def spells(
    s: Series, scaled: Array, base: Baseline, reach: Array, degrees: float, since: int, kind: str
) -> tuple[pd.DataFrame, dict[Key, pd.DataFrame]]:
    """Alarms from row ``since`` on, one a run of neighbouring days in the same direction; and every column's band."""
    z = base.z(scaled)[since:]
    expected = back(base.centre, s.values, s.kinds)[since:]
    low = back(base.centre - reach * base.scale, s.values, s.kinds)[since:]
    high = back(base.centre + reach * base.scale, s.values, s.kinds)[since:]
    values, days = s.values[since:], s.days[since:]
    rows = []
    loud = np.isfinite(base.centre[since:]) & (np.abs(z) > reach)
    for k in np.flatnonzero(loud.any(axis=0)).tolist():
        at = np.flatnonzero(loud[:, k])
        breaks = np.flatnonzero((np.diff(at) > 1) | (np.diff(np.sign(z[at, k])) != 0)) + 1
        for run in np.split(at, breaks):
            worst = int(run[np.abs(z[run, k]).argmax()])
            # Sums where the figure adds up, the worst period where it is a ratio.
            adds = s.kinds[k] in ("money", "count")
            pick = run if adds else np.array([worst])
            end = days[run[-1]] + pd.Timedelta(days=0 if kind == "day" else 6)
            rows.append((
                kind, *s.keys[k], days[run[0]], end, *(float(m[pick, k].sum()) for m in (values, expected, low, high)),
                float(np.clip(z[worst, k], -99, 99)), float(2 * student.sf(abs(z[worst, k]), degrees)),
            ))  # fmt: skip
    bands = {}
    for k, key in enumerate(s.keys):
        bands[key] = pd.DataFrame({
            "day": days, "value": values[:, k], "expected": expected[:, k], "low": low[:, k], "high": high[:, k],
        })  # fmt: skip
    return frame(rows), bands
