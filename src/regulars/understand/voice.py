"""What customers say in scores: satisfaction and recommendation by channel, with honest intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.lake.frames import same_kind, to_arrow
from regulars.understand.affinity import wilson

Vector = NDArray[np.float64]
Z90 = 1.6448536269514722


def voice_summary(feedback: Any) -> Any:
    """CSAT, review score and NPS per channel and in all, with 90 % intervals.

    ``csat`` is the share of answers 4 or 5 of 5 (Wilson interval); ``review``
    the mean of 1 to 5 (normal interval); ``nps`` is 100 * (share of 9-10 minus
    share of 0-6), with variance (p + d - (p - d)^2) / n. Scores off their scale
    are counted in ``off_scale`` and left out.

    Give rows of (kind, score[, channel]); returned are the columns ``kind,
    channel (null for all), n, value, low, high, off_scale``.

    >>> rows = voice_summary({"kind": ["nps"] * 4, "score": [10, 9, 7, 3], "channel": ["web"] * 4})
    >>> rows.to_pylist()[0]["value"]
    25.0
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
                value, low, high = _summary(name, score[here])
                rows.append((name, one, int(here.sum()), value, low, high, int(off.sum())))
    columns = ("kind", "channel", "n", "value", "low", "high", "off_scale")
    types = (pa.string(), pa.string(), pa.int64(), pa.float64(), pa.float64(), pa.float64(), pa.int64())
    result = pa.table(
        {c: pa.array([r[i] for r in rows], t) for i, (c, t) in enumerate(zip(columns, types, strict=True))}
    )
    return same_kind(result, feedback)


def _summary(kind: str, score: Vector) -> tuple[float | None, float | None, float | None]:
    n = len(score)
    if n == 0:
        return None, None, None
    if kind == "csat":
        low, high = wilson(float(np.sum(score >= 4)), float(n), Z90)
        return float(np.mean(score >= 4)), float(low), float(high)
    if kind == "nps":
        promoters, detractors = float(np.mean(score >= 9)), float(np.mean(score <= 6))
        value = promoters - detractors
        half = Z90 * np.sqrt(max(promoters + detractors - value**2, 0.0) / n)
        return 100 * value, max(100 * (value - half), -100.0), min(100 * (value + half), 100.0)
    mean = float(score.mean())
    half = Z90 * float(score.std(ddof=1)) / np.sqrt(n) if n > 1 else 4.0
    return mean, max(mean - half, 1.0), min(mean + half, 5.0)
