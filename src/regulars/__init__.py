"""Regulars 熟客: turn strangers into regulars."""

__version__ = "0.1.0"
