"""Any table in, the same kind of table out: pandas, Polars, Arrow or Ibis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas as pd


def to_arrow(data: Any) -> pa.Table:
    """Read any supported table as Arrow.

    Raises ``TypeError`` naming what was given when it is not a table.

    >>> to_arrow({"a": [1, 2]}).num_rows
    2
    """
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if isinstance(data, dict):
        return pa.table(data)
    if hasattr(data, "to_pyarrow"):  # Ibis
        return data.to_pyarrow()
    if hasattr(data, "to_arrow"):  # Polars
        return data.to_arrow()
    if hasattr(data, "columns") and hasattr(data, "iloc"):
        return pa.Table.from_pandas(data, preserve_index=False)
    raise TypeError(f"expected a pandas, Polars, Arrow or Ibis table, got {type(data).__name__}")


def to_pandas(data: Any) -> pd.DataFrame:
    """Read any supported table as a pandas frame; a pandas frame comes back as it is."""
    if hasattr(data, "iloc") and hasattr(data, "columns"):
        same: pd.DataFrame = data
        return same
    frame: pd.DataFrame = to_arrow(data).to_pandas()
    return frame


def same_kind(result: pa.Table, like: Any) -> Any:
    """Give a result back as the kind of table the caller handed in.

    An Ibis table comes back as an in-memory Ibis table.
    """
    if isinstance(like, pa.Table | pa.RecordBatch | dict):
        return result
    module = type(like).__module__.split(".")[0]
    if module == "ibis":
        import ibis

        return ibis.memtable(result)
    if module == "polars":
        import polars  # type: ignore[import-not-found]

        return polars.from_arrow(result)
    return result.to_pandas()
