"""Parquet files."""

from regulars.collect.sources.parquet.read import read_parquet

__all__ = ["read_parquet"]
