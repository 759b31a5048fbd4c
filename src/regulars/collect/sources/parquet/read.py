"""Parquet into a sheet of texts, without loss."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from regulars.collect.problems import ImportProblem
from regulars.collect.sheet import Sheet, unique_names


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Any column as text: whole numbers in full, times in ISO, lists and records as JSON.

    >>> as_text(pa.chunked_array([pa.array([12345678901234567, None])])).to_pylist()
    ['12345678901234567', None]
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_nested(kind):
        return pa.chunked_array([[None if v is None else json.dumps(v, ensure_ascii=False, default=str)
                                  for v in column.to_pylist()]], pa.string())  # fmt: skip
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.chunked_array(
            [[None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()]], pa.string()
        )
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_finite(column), column, None)
        whole = pc.and_(pc.equal(column, pc.round(column)), pc.less(pc.abs(column), 2.0**53))
        if pc.all(whole).as_py():
            column = column.cast(pa.int64())
    if pa.types.is_timestamp(kind) and kind.tz:
        return pc.strftime(column.cast(pa.timestamp("us", tz="UTC")), "%Y-%m-%dT%H:%M:%SZ")
    return column.cast(pa.string())


def read_parquet(source: pa.NativeFile | str, name: str) -> Sheet:
    """Read a Parquet file.

    Raises ``ImportProblem`` when it is broken.
    """
    try:
        file = pq.ParquetFile(source)
        names = unique_names(file.schema_arrow.names)
        columns = [as_text(file.read(columns=[n]).column(0)) for n in file.schema_arrow.names]
    except (pa.ArrowException, OSError) as error:
        raise ImportProblem("file_broken", what=f"The Parquet file cannot be read: {str(error)[:200]}", where=name,
                            remedy="Export it again.") from error  # fmt: skip
    table = pa.table(columns, names=list(names))
    return Sheet(
        names, table, np.arange(1, table.num_rows + 1, dtype=np.int32), "parquet", "utf-8", "", (), (), (), name
    )
