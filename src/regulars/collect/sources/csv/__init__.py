"""Comma, semicolon, tab or bar separated text."""

from regulars.collect.sources.csv.read import read_text

__all__ = ["read_text"]
