"""What moves sales whatever is spent: level, trend, season, holidays, events and controls as columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from regulars.lake.frames import to_pandas
from regulars.measure.mix_priors import MixPriors

Array = NDArray[np.float64]
YEAR_DAYS: Final = 365.25
BENDS: Final = 4
SILENT: Final = ("", "na", "nan", "none", "0", "0.0", "false")


@dataclass(frozen=True)
class Seasons:
    """The columns of the base, their names and the normal beliefs (mean, sd) of their coefficients.

    Made once from the fitted rows (``of``), then built for any rows (``build``): scales, names of holidays and events
    are those of the fit; beyond its last week the straight trend goes on and the bends stay as they ended.
    """

    start: pd.Timestamp
    weeks: int
    harmonics: int
    trend: bool
    geos: tuple[Any, ...]
    controls: tuple[tuple[str, float, float], ...]
    events: tuple[tuple[str, str], ...]
    days: tuple[tuple[str, tuple[int, ...]], ...]

    @staticmethod
    def of(
        rows: pd.DataFrame, *, geos: tuple[Any, ...], harmonics: int, trend: bool, controls: Sequence[str],
        events: Sequence[str], holidays: Any,
    ) -> Seasons:  # fmt: skip
        """Learn scales and names from the rows of the fit (columns ``_date`` and ``_geo`` beside the given)."""
        start, weeks = rows["_date"].min(), rows["_date"].nunique()
        scaled = []
        for c in controls:
            x = rows[c].to_numpy(float)
            if x.std() > 0:
                scaled.append((c, float(x.mean()), float(x.std())))
        named: list[tuple[str, str]] = []
        for e in events:
            marks = _marks(rows[e])
            named += [(e, m) for m in sorted(set(marks.unique()) - {""})]
        calendar: list[tuple[str, tuple[int, ...]]] = []
        if holidays is not None:
            frame = to_pandas(holidays)
            days = pd.to_datetime(frame["day"]).dt.normalize()
            end = rows["_date"].max() + pd.Timedelta(days=7)
            for name, own in days.groupby(frame["holiday"].astype(str)):
                if ((own >= start) & (own < end)).any():
                    calendar.append((str(name), tuple(sorted({(d - start).days for d in own}))))
        waves = harmonics if weeks >= 45 else 0
        return Seasons(start, weeks, waves, trend, geos, tuple(scaled), tuple(named), tuple(calendar))

    def build(self, rows: pd.DataFrame) -> Array:
        """Columns (rows, p) of the base of any rows."""
        since = (rows["_date"] - self.start).dt.days.to_numpy(float)
        t = (since / 7 + 0.5) / self.weeks
        parts: list[Array] = [np.ones(len(rows))]
        if self.trend:
            bent = np.clip(t, 0, 1)
            parts += [t - 0.5, *(np.cos(np.pi * k * bent) for k in range(1, BENDS + 1))]
        day = rows["_date"].dt.day_of_year.to_numpy(float) + 3
        for k in range(1, self.harmonics + 1):
            angle = 2 * np.pi * k * day / YEAR_DAYS
            parts += [np.sin(angle), np.cos(angle)]
        parts += [(rows[c].to_numpy(float) - mean) / sd for c, mean, sd in self.controls]
        parts += [np.asarray(_marks(rows[e]) == mark, dtype=float) for e, mark in self.events]
        for _, days in self.days:
            first = since.astype(int)[:, None]
            parts.append(((np.array(days) >= first) & (np.array(days) < first + 7)).sum(axis=1).astype(float))
        if len(self.geos) > 1:
            own = [np.asarray(rows["_geo"] == g, dtype=float) for g in self.geos]
            parts += own + ([o * (t - 0.5) for o in own] if self.trend else [])
        return np.column_stack(parts)

    def beliefs(self, priors: MixPriors) -> tuple[Array, Array]:
        """Mean and standard deviation of every coefficient, in units of mean sales."""
        sd = [priors.base[1]]
        if self.trend:
            sd += [priors.trend_sd, *(priors.bend_sd / k for k in range(1, BENDS + 1))]
        sd += [priors.season_sd] * (2 * self.harmonics) + [priors.control_sd] * len(self.controls)
        sd += [priors.event_sd] * (len(self.events) + len(self.days))
        if len(self.geos) > 1:
            sd += [priors.geo_base_sd] * len(self.geos) * (2 if self.trend else 1)
        mean = np.zeros(len(sd))
        mean[0] = priors.base[0]
        return mean, np.array(sd)


def _marks(column: pd.Series[Any]) -> pd.Series[Any]:
    """Names of events; 0, empty and "na" are none."""
    text = column.astype(str).str.strip()
    return text.where(~text.str.lower().isin(SILENT) & column.notna(), "")
