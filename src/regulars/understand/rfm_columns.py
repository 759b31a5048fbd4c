"""The columns every model of repeat buying learns from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow

Vector = NDArray[np.float64]


def columns(rfm: Any) -> tuple[Vector, Vector, Vector, Vector | None]:
    """Frequency, recency, T and, where given, weights of a summary, checked."""
    table = to_arrow(rfm)
    if missing := [c for c in ("frequency", "recency", "T") if c not in table.column_names]:
        raise KeyError(f"the summary needs the columns frequency, recency and T; missing: {', '.join(missing)}")
    x, tx, T = (table.column(c).to_numpy().astype(np.float64) for c in ("frequency", "recency", "T"))
    weights = table.column("weights").to_numpy().astype(np.float64) if "weights" in table.column_names else None
    if len(x) == 0:
        raise ValueError("there are no customers to learn from")
    bad = ~(np.isfinite(x) & np.isfinite(tx) & np.isfinite(T)) | (x < 0) | (tx < 0) | (tx > T)
    if bad.any():
        raise ValueError(
            f"{int(bad.sum())} rows are impossible (first: row {int(np.argmax(bad))}): "
            "frequency >= 0 and 0 <= recency <= T must hold"
        )
    if weights is not None and (np.any(weights < 0) or not np.any(weights > 0)):
        raise ValueError("weights must not be negative, and some must be positive")
    return x, tx, T, weights
