"""Columns of a table as the numbers a model multiplies: yes/no, numbers, and text as 0/1 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """Which numbers enter where; ``names`` holds (what it moves, "column" or "column=value")."""

    names: tuple[tuple[str, str], ...]
    sources: tuple[tuple[str, str | None], ...]
    mean: Vector
    scale: Vector

    @classmethod
    def learn(cls, table: pa.Table, on: Mapping[str, Sequence[str]], weights: Vector | None) -> Self:
        """Find the values of text columns and the mean and spread of every number.

        Raises ``KeyError`` for a missing column, ``ValueError`` for one with gaps,
        one that never varies, or one that the others already say.
        """
        names, sources = [], []
        for what, wanted in on.items():
            for column in wanted:
                for value in _values(table, column):
                    names.append((what, column if value is None else f"{column}={value}"))
                    sources.append((column, value))
        blank = cls(tuple(names), tuple(sources), np.zeros(0), np.zeros(0))
        z = blank.plain(table)
        mean = np.average(z, axis=1, weights=weights) if len(z) else np.zeros(0)
        scale = np.sqrt(np.average((z - mean[:, None]) ** 2, axis=1, weights=weights)) if len(z) else np.zeros(0)
        for (_, name), width, centre in zip(names, scale, mean, strict=True):
            if width <= 1e-12 * max(1.0, abs(float(centre))):
                raise ValueError(
                    f"covariate {name!r} has the same value for every customer: it cannot explain anything"
                )
        for what in on:
            rows = [i for i, (w, _) in enumerate(names) if w == what]
            some = (z[rows] - mean[rows, None]) / scale[rows, None]
            for last in range(1, len(rows) + 1):
                if np.linalg.matrix_rank(some[:last] @ some[:last].T / z.shape[1], tol=1e-9) < last:
                    raise ValueError(f"covariate {names[rows[last - 1]][1]!r} says what the others say; leave it out")
        return cls(tuple(names), tuple(sources), mean, scale)

    def plain(self, table: pa.Table) -> Vector:
        """The numbers of each customer, one row per name; a text never seen before counts as the most frequent."""
        rows = [_numbers(table, column, value) for column, value in self.sources]
        return np.stack(rows) if rows else np.zeros((0, table.num_rows))

    def standard(self, table: pa.Table) -> Vector:
        """The same with mean 0 and standard deviation 1 over the customers learned from."""
        return (self.plain(table) - self.mean[:, None]) / self.scale[:, None]


def _values(table: pa.Table, column: str) -> list[str | None]:
    """None for a number; for a text its values but the most frequent."""
    kind = _column(table, column).type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return [None]
    counts = pc.value_counts(_column(table, column).cast(pa.string())).to_pylist()
    ranked = sorted(counts, key=lambda c: (-c["counts"], c["values"]))
    if len(ranked) < 2:
        raise ValueError(f"covariate {column!r} has the same value for every customer: it cannot explain anything")
    return [c["values"] for c in ranked[1:]]


def _numbers(table: pa.Table, column: str, value: str | None) -> Vector:
    found = _column(table, column)
    if value is not None:
        return np.asarray(pc.equal(found.cast(pa.string()), value).to_numpy(), dtype=np.float64)
    try:
        numbers = np.asarray(found.to_numpy(), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"covariate {column!r} holds {found.type}: numbers, yes/no or text are understood") from error
    if not np.all(np.isfinite(numbers)):
        raise ValueError(
            f"covariate {column!r} is not a number in row {int(np.argmin(np.isfinite(numbers)))}; fill it in"
        )
    return numbers


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        raise KeyError(f"there is no column {name!r} for this covariate")
    column = table.column(name)
    if column.null_count:
        raise ValueError(f"covariate {name!r} is empty for {column.null_count} customers; fill it in first")
    return column
