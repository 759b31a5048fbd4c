"""What an experiment is fed with: a table of units or sums per arm, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow
from regulars.measure.arm_sums import ArmSums
from regulars.measure.tails import Tail, winsorise


class Asked(Protocol):
    """The options of an experiment that say how to read its input."""

    metric: Any
    arm: str
    outcome: str
    denominator: str
    covariate: str | None
    control: str | None
    winsorise: float | None


def arms_of(asked: Asked, data: Any) -> tuple[dict[str, ArmSums], Tail | None]:
    """Sums by arm, the control first, and the tail of a revenue outcome.

    Raises ``ValueError`` saying what is wrong, where, and what to do.
    """
    tail = None
    if isinstance(data, Mapping):
        if not all(isinstance(v, ArmSums) for v in data.values()):
            raise ValueError("a mapping holds one ArmSums per arm; for single units hand in a table")
        arms = {str(k): v for k, v in data.items()}
    else:
        table = to_arrow(data)
        names = _column(table, asked.arm)
        y = numbers(table, asked.outcome)
        if asked.metric == "proportion" and not np.isin(y, (0.0, 1.0)).all():
            row = int(np.flatnonzero(~np.isin(y, (0.0, 1.0)))[0])
            raise ValueError(f"column {asked.outcome!r}, row {row}: {y[row]:g} is neither 0 nor 1; use metric='mean'")
        if asked.metric == "revenue":
            y, tail = winsorise(y, asked.winsorise)
        d = numbers(table, asked.denominator) if asked.metric == "ratio" else None
        x = numbers(table, asked.covariate) if asked.covariate else None
        arms = grouped(names, y, d, x)
    if len(arms) < 2:
        raise ValueError(f"{len(arms)} arm(s): an experiment needs a control and at least one arm to hold against it")
    if asked.control is not None and asked.control in arms:
        arms = {asked.control: arms[asked.control], **{k: v for k, v in arms.items() if k != asked.control}}
    return arms, tail


def grouped(
    names: pa.Array, y: NDArray[np.float64], d: NDArray[np.float64] | None, x: NDArray[np.float64] | None
) -> dict[str, ArmSums]:
    """Sums by name in the order of the names; the covariate is centred, which changes nothing but rounding."""
    coded = names.dictionary_encode()
    keys = coded.dictionary.to_pylist()
    codes = coded.indices.to_numpy(zero_copy_only=False)
    out = {}
    centre = float(x.mean()) if x is not None and len(x) else 0.0
    for key, code in sorted((str(k), i) for i, k in enumerate(keys)):
        rows = codes == code
        out[key] = ArmSums.of(y[rows], None if d is None else d[rows], None if x is None else x[rows] - centre)
    return out


def numbers(table: pa.Table, name: str) -> NDArray[np.float64]:
    """A column as numbers; empty or infinite cells are refused with their row."""
    values = _column(table, name)
    try:
        y = np.asarray(pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False), dtype=float)
    except pa.ArrowInvalid as error:
        raise ValueError(f"column {name!r} holds something that is not a number: {error}") from error
    bad = np.flatnonzero(~np.isfinite(y))
    if len(bad):
        raise ValueError(
            f"column {name!r}, row {int(bad[0])} is empty or not a number; whoever did nothing counts as 0"
        )
    return y


def _column(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        raise ValueError(f"no column {name!r} among {', '.join(map(repr, table.column_names))}")
    found = table.column(name).combine_chunks()
    if isinstance(found, pa.ChunkedArray):
        found = found.chunk(0) if found.num_chunks else pa.array([], found.type)
    if pa.types.is_dictionary(found.type):
        found = found.dictionary_decode()
    if found.null_count:
        row = int(np.flatnonzero(found.is_null().to_numpy(zero_copy_only=False))[0])
        raise ValueError(f"column {name!r}, row {row} is empty; whoever did nothing counts as 0")
    return found
