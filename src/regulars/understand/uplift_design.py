"""What is known of a customer as numbers: standardised, bent where the relation may be, with levels as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow

Vector = NDArray[np.float64]
RARE = 0.01  # a level held by fewer people than this share counts as "other"
FARTHEST = 4.0  # standard deviations; a square must not belong to one outlier


@dataclass(frozen=True)
class _Part:
    """How one column of the input becomes columns of the design."""

    name: str
    levels: tuple[str, ...] = ()
    log: bool = False
    mean: float = 0.0
    sd: float = 1.0
    square: bool = False
    square_mean: float = 0.0
    missing: bool = False


class Design:
    """Turn customers into a matrix whose first column is 1.

    A number becomes its standard score, after ln(1 + x) where it is never negative and its skewness is above 1.5
    (money is); with ``curved`` its square joins it, so that "most in the middle" can be said by a linear model. A
    word becomes one 0/1 column per level held by at least 1 % of the people. A gap becomes the mean, with a 0/1
    column of its own.

    >>> Design().fit({"spent": [1.0, 2.0, 3.0], "channel": ["a", "b", "a"]}).names_
    ('1', 'spent', 'spent^2', 'channel=a', 'channel=b')
    """

    def __init__(self, *, curved: bool = True) -> None:
        self.curved = curved

    def fit(self, X: Any) -> Self:
        """Learn centres, spreads and levels."""
        columns = _columns(X)
        if not columns:
            raise ValueError("X has no columns: give at least one thing known of a customer before the treatment")
        self.parts_ = tuple(self._part(name, values) for name, values in columns)
        self.columns_ = tuple(name for name, _ in columns)
        names = ["1"]
        for part in self.parts_:
            names += [f"{part.name}={level}" for level in part.levels] if part.levels else [part.name]
            names += [f"{part.name}^2"] * part.square + [f"{part.name}?"] * part.missing
        self.names_ = tuple(names)
        return self

    def transform(self, X: Any) -> Vector:
        """The matrix, shape (people, len(names_)); columns the model does not know are ignored."""
        given = dict(_columns(X))
        if absent := [c for c in self.columns_ if c not in given]:
            raise ValueError(f"X lacks the columns {', '.join(absent)} this model was fitted with")
        people = len(next(iter(given.values())))
        out = [np.ones(people)]
        for part in self.parts_:
            values = given[part.name]
            if part.levels:
                text = pc.cast(values, pa.string())
                out += [pc.fill_null(pc.equal(text, v), False).to_numpy(False).astype(float) for v in part.levels]
                continue
            raw, gap = _numbers(values)
            scaled = np.where(gap, 0.0, (_logged(raw) if part.log else raw) - part.mean) / part.sd
            out.append(scaled)
            if part.square:
                out.append(np.clip(scaled, -FARTHEST, FARTHEST) ** 2 - part.square_mean)
            if part.missing:
                out.append(gap.astype(float))
        return np.column_stack(out)

    def _part(self, name: str, values: pa.Array) -> _Part:
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
            counts = pc.value_counts(values.drop_null()).to_pylist()
            fewest = max(RARE * len(values), 1.0)
            return _Part(name, tuple(sorted(c["values"] for c in counts if c["counts"] >= fewest)))
        raw, gap = _numbers(values)
        known = raw[~gap]
        if not known.size:
            return _Part(name)
        spread = known.std()
        many = len(np.unique(known[:10_000])) > 2
        skew = float(((known - known.mean()) ** 3).mean() / spread**3) if spread > 0 else 0.0
        log = bool(many and known.min() >= 0 and skew > 1.5)
        known = _logged(known) if log else known
        sd = float(known.std()) or 1.0
        square = self.curved and many
        bent = float((np.clip((known - known.mean()) / sd, -FARTHEST, FARTHEST) ** 2).mean()) if square else 0.0
        return _Part(name, (), log, float(known.mean()), sd, square, bent, bool(gap.any()))


def _logged(values: Vector) -> Vector:
    return np.asarray(np.log1p(np.maximum(values, 0.0)), dtype=np.float64)


def _columns(X: Any) -> list[tuple[str, pa.Array]]:
    if isinstance(X, np.ndarray):
        if X.ndim != 2:
            raise ValueError(f"X must have two dimensions (people, features), got {X.ndim}")
        return [(f"x{i}", pa.array(np.asarray(X[:, i], dtype=np.float64))) for i in range(X.shape[1])]
    table = to_arrow(X)
    out = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if pa.types.is_dictionary(values.type):
            values = values.dictionary_decode()
        out.append((name, values))
    return out


def _numbers(values: pa.Array) -> tuple[Vector, NDArray[np.bool_]]:
    try:
        raw = pc.cast(values, pa.float64()).to_numpy(zero_copy_only=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise ValueError(f"a column of type {values.type} is neither numbers nor words; leave it out") from None
    gap = ~np.isfinite(raw)
    return np.where(gap, 0.0, raw), gap
