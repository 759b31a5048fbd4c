"""What customers say in scores: satisfaction and recommendation by channel, with honest intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import t as student_t

from regulars.lake.frames import same_kind, to_arrow
from regulars.tables.shares import wilson

Vector = NDArray[np.float64]
Z90 = 1.6448536269514722


def voice_summary(feedback: Any, *, population: int | None = None) -> Any:
    """CSAT, review score and NPS per channel and in all, with 90 % intervals.

    ``csat`` is the share of answers 4 or 5 of 5 (Wilson interval); ``review``
    the mean of 1 to 5 (t interval); ``nps`` is 100 * (share of 9-10 minus
    share of 0-6), its interval from the multinomial variance (p + d - (p - d)^2) / n after
    three answers are added, 3/4 to either end and 3/2 to the middle, which keeps
    it honest in small samples. Scores off their scale are counted in ``off_scale`` and left out.

    ``population`` is how many could have answered: an answer from a large part of them is surer, n
    becomes n (N - 1) / (N - n) (finite population correction).
    ValueError where it is smaller than the answers of one kind.

    Give rows of (kind, score[, channel]); returned are the columns ``kind,
    channel (null for all), n, value, low, high, off_scale``.

    >>> rows = voice_summary({"kind": ["nps"] * 4, "score": [10, 9, 7, 3], "channel": ["web"] * 4})
    >>> rows.to_pylist()[0]["value"]
    25.0

    Source: Wilson (1927); adjusted Wald for NPS, Bonett and Price (2012) as used by Sauro and Lewis (2016);
    correction, Cochran (1977), section 2.6.
    """
    table = to_arrow(feedback)
    kind = np.asarray(table.column("kind").to_pylist(), dtype=object)
    score = np.asarray(table.column("score").to_pandas(), dtype=np.float64)
    channel = np.asarray(
        table.column("channel").to_pylist() if "channel" in table.column_names else [None] * len(kind), dtype=object
    )
    scales = {"csat": (1, 5), "review": (1, 5), "nps": (0, 10)}
    rows = []
    for name, (least, most) in scales.items():
        mine = (kind == name) & np.isfinite(score)
        on = mine & (score >= least) & (score <= most)
        for one in [None, *sorted({c for c in channel[mine] if c})]:
            here = on if one is None else on & (channel == one)
            off = mine & ~on if one is None else mine & ~on & (channel == one)
            if here.any() or off.any():
                value, low, high = _summary(name, score[here], population)
                rows.append((name, one, int(here.sum()), value, low, high, int(off.sum())))
    columns = ("kind", "channel", "n", "value", "low", "high", "off_scale")
    types = (pa.string(), pa.string(), pa.int64(), pa.float64(), pa.float64(), pa.float64(), pa.int64())
    result = pa.table(
        {c: pa.array([r[i] for r in rows], t) for i, (c, t) in enumerate(zip(columns, types, strict=True))}
    )
    return same_kind(result, feedback)


def voice_trend(feedback: Any) -> Any:
    """CSAT, review score and NPS month by month, with 90 % intervals.

    Give rows of (kind, score, day as a date); returned are ``kind, month (YYYY-MM), n, value, low, high``.

    >>> from datetime import date
    >>> rows = voice_trend({"kind": ["csat"] * 2, "score": [5, 2], "day": [date(2026, 1, 3), date(2026, 2, 1)]})
    >>> [(r["month"], r["value"]) for r in rows.to_pylist()]
    [('2026-01', 1.0), ('2026-02', 0.0)]
    """
    table = to_arrow(feedback)
    month = np.array([str(d)[:7] for d in table.column("day").to_pylist()], dtype=object)
    parts = []
    for one in sorted(set(month.tolist())):
        found = voice_summary(table.select(["kind", "score"]).filter(pa.array(month == one)))
        parts.append(found.drop_columns(["channel", "off_scale"]).add_column(1, "month", pa.array([one] * len(found))))
    empty = pa.schema(
        [("kind", pa.string()), ("month", pa.string()), ("n", pa.int64())]
        + [(c, pa.float64()) for c in ("value", "low", "high")]
    )
    return same_kind(pa.concat_tables([empty.empty_table(), *parts]), feedback)


def _summary(kind: str, score: Vector, population: int | None) -> tuple[float | None, float | None, float | None]:
    n = len(score)
    if n == 0:
        return None, None, None
    if population is not None and population < n:
        raise ValueError(f"population: {population} people cannot give {n} answers of kind {kind}")
    surer = 1.0 if population is None or population <= 1 else (population - n) / (population - 1)
    if kind == "csat":
        share = float(np.mean(score >= 4))
        if surer == 0:
            return share, share, share
        ends = wilson(share * n / surer, n / surer)
        return share, float(ends[0]), float(ends[1])
    if kind == "nps":
        value = float(np.mean(score >= 9) - np.mean(score <= 6))
        up, down = (np.sum(score >= 9) + 0.75) / (n + 3), (np.sum(score <= 6) + 0.75) / (n + 3)
        half = Z90 * float(np.sqrt(max(up + down - (up - down) ** 2, 0.0) / (n + 3) * surer))
        middle = value if surer == 0 else float(up - down)
        low, high = min(middle - half, value), max(middle + half, value)
        return 100 * value, max(100 * low, -100.0), min(100 * high, 100.0)
    mean = float(score.mean())
    if n == 1:
        return mean, 1.0, 5.0
    half = float(student_t.ppf(0.95, n - 1)) * float(score.std(ddof=1)) * np.sqrt(surer / n)
    return mean, max(mean - half, 1.0), min(mean + half, 5.0)
