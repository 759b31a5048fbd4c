"""Which language a text is in, as far as models here must know: Chinese, English or another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

LANGUAGES = ("zh", "en", "other")
_HAN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]")
_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-z]+")
_ACCENTED = re.compile(r"[À-ÖØ-öø-ÿĀ-ž]")
_FOREIGN = re.compile(r"[\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0eff]")
# Short words nearly every English sentence has; a longer Latin text without any is another language.
_SHORT_WORDS = """the a an and or but is are was were be been it its this that to of in on at for with from i you he she
we they my your our not no do does did have has had can could will would so very just as if what when how why me us"""
_ENGLISH = frozenset(_SHORT_WORDS.split())


def language_of(text: str) -> str:
    """``zh``, ``en`` or ``other``.

    >>> [language_of(t) for t in ("物流太慢", "iPhone 壳子很好看", "Great case", "12")]
    ['zh', 'zh', 'en', 'other']
    """
    if _KANA_HANGUL.search(text):
        return "other"
    words = _LATIN.findall(text)
    # A Han character says about as much as a word; one brand name does not make a Chinese text English.
    han = len(_HAN.findall(text))
    if han and 2 * han >= len(words):
        return "zh"
    if not words or len(_FOREIGN.findall(text)) > len("".join(words)):
        return "other"
    known = sum(w.lower() in _ENGLISH for w in words)
    if known == 0 and (len(words) >= 6 or _ACCENTED.search(text)):
        return "other"
    return "en" if len(words) < 6 or known / len(words) >= 0.1 else "other"


def languages(texts: Iterable[str]) -> NDArray[np.str_]:
    """The language of each text."""
    return np.array([language_of(t) for t in texts], dtype="<U5")


def plain(text: str) -> str:
    """Full-width letters, odd apostrophes and capitals levelled, so that what looks alike is alike.

    >>> plain("ＧＯＯＤ，Don’t")
    "good,don't"
    """
    return unicodedata.normalize("NFKC", text).replace("’", "'").replace("`", "'").lower()
