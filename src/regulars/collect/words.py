"""The lists of words in ``words.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def words(name: str) -> frozenset[str]:
    """One list of words.

    >>> "是" in words("yes")
    True
    """
    text = (files("regulars.collect") / "words.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[name].split())
