"""Sentences customers write, in Chinese and English, by topic and sentiment; the words are in ``phrases.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

TOPICS: Final = ("speed", "billing", "quality", "docs", "bug", "service")
TOPIC_SHARE: Final = (0.20, 0.20, 0.20, 0.12, 0.18, 0.10)
SENTIMENTS: Final = ("negative", "neutral", "positive")
LANGUAGES: Final = ("zh", "en")
ERRORS: Final = ("429", "500", "502", "504", "ECONNRESET", "401")


@dataclass(frozen=True)
class Tongue:
    """The parts of a sentence in one language: by sentiment, bodies by topic first."""

    subjects: dict[str, str]
    openers: dict[str, list[str]]
    bodies: dict[str, dict[str, list[str]]]
    closers: dict[str, list[str]]


@cache
def tongue(language: str) -> Tongue:
    """What is said in a language, ``zh`` or ``en``.

    >>> tongue("en").subjects["bug"]
    'Failure'
    """
    words = tomllib.loads(files("regulars.demo").joinpath("phrases.toml").read_text(encoding="utf-8"))
    return Tongue(**words[language])
