"""Yes and no as people write them, in both languages."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

YES = frozenset(("yes", "y", "true", "t", "1", "1.0", "churned", "left", "是", "已流失", "流失"))
NO = frozenset(("no", "n", "false", "f", "0", "0.0", "stayed", "retained", "否", "未流失", "留存"))


def outcome(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Read yes and no in the ways people write them; raises ``ValueError`` naming what is neither.

    >>> outcome(pa.chunked_array([["Yes", "no", "是"]])).tolist()
    [True, False, True]
    """
    said = [("" if v is None else str(v)).strip().lower() for v in pc.unique(column).to_pylist()]
    if strange := sorted(v for v in said if v not in YES | NO):
        raise ValueError(
            f"the outcome column says {', '.join(map(repr, strange[:3]))}: write yes or no (1 or 0, 是 or 否)"
        )
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(column.cast(pa.string())))
    return np.asarray(pc.is_in(lowered, value_set=pa.array(sorted(YES))).to_numpy(), dtype=np.bool_)
