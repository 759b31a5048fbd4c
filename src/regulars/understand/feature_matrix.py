"""Any table of customer columns as numbers a model can learn from, and the way back from a number to its column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from regulars.lake.frames import to_arrow

Matrix = NDArray[np.float64]

# Words people write into an empty cell.
BLANKS = frozenset(
    ("", "select", "unknown", "n/a", "na", "nan", "null", "none", "-", "--", "?", "nonexistent",
     "未知", "无", "不详", "请选择", "空")
)  # fmt: skip
# A column whose texts are numbers this often is read as numbers.
NUMERIC_SHARE = 0.95


@dataclass(frozen=True)
class Feature:
    """One column of the matrix: the table's column it comes from, and which part of it (a level, log, missing)."""

    column: str
    part: str = ""


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as trimmed text; words that mean "nothing" become null.

    >>> texts(pa.chunked_array([["Select", " a ", None]])).to_pylist()
    [None, 'a', None]
    """
    said = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.is_in(pc.utf8_lower(said), value_set=pa.array(sorted(BLANKS))), None, said)


def numbers(column: pa.ChunkedArray) -> Matrix | None:
    """A column as floats with NaN where missing; None when it does not hold numbers.

    Texts such as ``1,234.5`` count as numbers when nearly all of a column are; dates become days.

    >>> numbers(pa.chunked_array([["1,000", " ", "2.5"]])).tolist()
    [1000.0, nan, 2.5]
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _finite(column.cast(pa.float64()))
    if pa.types.is_decimal(kind):
        return _finite(column.cast(pa.float64()))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _finite(column.cast(pa.timestamp("us", tz=getattr(kind, "tz", None))).cast(pa.int64()).cast(pa.float64())
                       ) / 86_400e6  # fmt: skip
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return np.full(len(column), np.nan) if pa.types.is_null(kind) else None
    said = pc.replace_substring(texts(column), ",", "")
    shaped = pc.fill_null(pc.match_substring_regex(said, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$"), False)
    known = len(said) - said.null_count
    if known == 0 or pc.sum(shaped).as_py() < NUMERIC_SHARE * known:
        return None
    return _finite(pc.if_else(shaped, said, None).cast(pa.float64()))


def _finite(column: Any) -> Matrix:
    values = np.asarray(column.to_numpy(), dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


class FeatureMatrix(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn a table into standardised numbers, the same way for everybody who comes later.

    Numbers (also written as text, also dates) are filled with their median where
    missing, with a column that says so; positive ones with many values stand
    beside their logarithm, so that a linear model can bend. Words become one
    column a level; levels rarer than ``rare`` share one. Columns that never vary,
    and texts that differ for nearly everybody (names, ids), are left out and
    named in ``dropped_``.

    Parameters
    ----------
    rare : float
        A level must hold this share of the rows (and five rows) for a column of its own; 0 keeps all.
    levels : int
        At most so many levels a column, the most frequent.
    logs : bool
        Whether logarithms are added.

    Attributes
    ----------
    features_ : tuple of Feature
        What each column of the matrix is.
    dropped_ : dict
        Column -> ``constant``, ``all_missing`` or ``id``.

    Examples
    --------
    >>> table = {"plan": ["a", "b", "a", "b"] * 5, "months": ["1", "2", "3", ""] * 5}
    >>> matrix = FeatureMatrix().fit(table)
    >>> [f"{f.column}:{f.part}" for f in matrix.features_]
    ['plan:a', 'plan:b', 'months:', 'months:missing']
    """

    def __init__(self, *, rare: float = 0.01, levels: int = 25, logs: bool = True) -> None:
        self.rare = rare
        self.levels = levels
        self.logs = logs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn levels, medians and scales; raises ``ValueError`` for a table without rows."""
        table = to_arrow(X)
        if table.num_rows == 0:
            raise ValueError("the table has no rows: nothing to learn from")
        self.columns_: list[tuple[str, Any]] = []
        self.dropped_: dict[str, str] = {}
        for name in table.column_names:
            self._learn(name, table.column(name))
        self.features_ = tuple(f for name, rule in self.columns_ for f in self._features(name, rule))
        raw = self._raw(table)
        self.mean_ = raw.mean(axis=0)
        scale = raw.std(axis=0)
        self.scale_ = np.where(scale > 1e-12, scale, 1.0)
        return self

    def transform(self, X: Any) -> Matrix:
        """Rows by features; levels never seen count as the rare ones. Raises ``KeyError`` for a missing column."""
        check_is_fitted(self, "features_")
        return np.asarray((self._raw(to_arrow(X)) - self.mean_) / self.scale_, dtype=np.float64)

    def _learn(self, name: str, column: pa.ChunkedArray) -> None:
        values = numbers(column)
        if values is not None:
            known = values[~np.isnan(values)]
            if known.size == 0 or (known.min() == known.max() and known.size == values.size):
                self.dropped_[name] = "constant" if known.size else "all_missing"
                return
            bent = self.logs and known.min() >= 0 and np.unique(known[:5000]).size > 10
            self.columns_.append((name, (float(np.median(known)), bool(known.size < values.size), bool(bent))))
            return
        said = texts(column)
        counts = pc.value_counts(said.drop_null()).to_pylist()
        counts.sort(key=lambda c: (-c["counts"], c["values"]))
        if len(counts) > 0.5 * max(len(said) - said.null_count, 1) and len(counts) > self.levels:
            self.dropped_[name] = "id"
            return
        if not counts or (len(counts) == 1 and said.null_count == 0):
            self.dropped_[name] = "constant" if counts else "all_missing"
            return
        least = max(5 if self.rare > 0 else 1, self.rare * len(said))
        own = [c["values"] for c in counts[: self.levels] if c["counts"] >= least] or [counts[0]["values"]]
        held = sum(c["counts"] for c in counts[: len(own)])
        self.columns_.append((name, [*own, *(["*"] if held < len(said) - said.null_count else []),
                                     *([None] if said.null_count else [])]))  # fmt: skip

    @staticmethod
    def _features(name: str, rule: Any) -> list[Feature]:
        if isinstance(rule, list):
            return [Feature(name, "missing" if level is None else level) for level in rule]
        _median, gaps, bent = rule
        return [Feature(name), *([Feature(name, "log")] if bent else []), *([Feature(name, "missing")] if gaps else [])]

    def _raw(self, table: pa.Table) -> Matrix:
        if missing := [name for name, _rule in self.columns_ if name not in table.column_names]:
            raise KeyError(f"the table lacks {', '.join(missing)}, which the model learnt from")
        raw = np.empty((table.num_rows, len(self.features_)))
        at = 0
        for name, rule in self.columns_:
            block = self._levels(table.column(name), rule) if isinstance(rule, list) else self._numbers(
                table.column(name), *rule)  # fmt: skip
            raw[:, at : at + len(block)] = np.stack(block, axis=1) if block else 0.0
            at += len(block)
        return raw

    @staticmethod
    def _levels(column: pa.ChunkedArray, rule: list[str | None]) -> list[Matrix]:
        own = [level for level in rule if level not in (None, "*")]
        said = texts(column).combine_chunks()
        at = pc.fill_null(pc.index_in(said, value_set=pa.array(own, pa.string())), -1).to_numpy(zero_copy_only=False)
        gone = pc.is_null(said).to_numpy(zero_copy_only=False)
        block = []
        for level in rule:
            if level is None:
                block.append(gone)
            else:
                block.append((at == -1) & ~gone if level == "*" else at == own.index(level))
        return [b.astype(np.float64) for b in block]

    @staticmethod
    def _numbers(column: pa.ChunkedArray, median: float, gaps: bool, bent: bool) -> list[Matrix]:
        values = numbers(column)
        if values is None:
            # A column of numbers that came back as words holds nothing the model can read.
            values = np.full(len(column), np.nan)
        gone = np.isnan(values)
        filled = np.where(gone, median, values)
        block = [filled]
        if bent:
            block.append(np.log1p(np.maximum(filled, 0.0)))
        if gaps:
            block.append(gone.astype(np.float64))
        return block


def by_column(features: tuple[Feature, ...], parts: Matrix) -> tuple[list[str], Matrix]:
    """Sum contributions per feature to contributions per column of the table, in order of appearance.

    >>> by_column((Feature("a"), Feature("a", "log"), Feature("b")), np.array([[1.0, 2.0, 5.0]]))
    (['a', 'b'], array([[3., 5.]]))
    """
    names = list(dict.fromkeys(f.column for f in features))
    total = np.zeros((len(parts), len(names)))
    for place, feature in enumerate(features):
        total[:, names.index(feature.column)] += parts[:, place]
    return names, total
