"""Collect: any export of any platform in, canonical tables out."""

from typing import TYPE_CHECKING, Any

from regulars.collect.problems import NOTES, REASONS, ImportProblem

if TYPE_CHECKING:
    from regulars.collect.canonical import Collected, Facts, Totals
    from regulars.collect.mapping import Choice, Mapping
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

_HOME = {
    "Collected": "canonical",
    "Facts": "canonical",
    "Totals": "canonical",
    "Choice": "mapping",
    "Mapping": "mapping",
}


def __getattr__(name: str) -> Any:  # numpy, pandas and Arrow load only when a file is read
    if name not in __all__:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"regulars.collect.{_HOME.get(name, 'turn')}"), name)
