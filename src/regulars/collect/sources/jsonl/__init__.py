"""JSON lines, and JSON files that hold one list of records."""

from regulars.collect.sources.jsonl.read import read_json

__all__ = ["read_json"]
