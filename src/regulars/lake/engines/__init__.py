"""What computes over the lake: DuckDB by default, Spark or Sail for the same expressions."""
