"""Collect: any export of any platform in, canonical tables out."""

from regulars.collect.canonical import Collected, Facts, Totals
from regulars.collect.mapping import Choice, Mapping
from regulars.collect.problems import NOTES, REASONS, ImportProblem
from regulars.collect.turn import Preview, collect, preview

__all__ = [
    "NOTES",
    "REASONS",
    "Choice",
    "Collected",
    "Facts",
    "ImportProblem",
    "Mapping",
    "Preview",
    "Totals",
    "collect",
    "preview",
]
