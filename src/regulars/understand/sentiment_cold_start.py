"""Sentiment before anybody labelled anything: hand-written words and rules, and no one else's texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from regulars.understand.sentiment_lexicon import Hit, lexicon

Vector = NDArray[np.float64]
# Logit = (STEEP * sum of weights + LEAN) / (ROOM + words found): a text full of words is not surer than its balance.
# Who praises says so; a text without one word of either kind is a complaint more often than not, hence LEAN.
STEEP, LEAN, ROOM = 3.6, -1.5, 2.0


def cold_hits(texts: Sequence[str], language: str) -> list[list[Hit]]:
    """What is found in each text; a language without words of its own is read with the English ones and emoji."""
    words = lexicon("zh" if language == "zh" else "en")
    return [words.hits(text) for text in texts]


def cold_logit(hits: Sequence[Sequence[Hit]]) -> Vector:
    """Log-odds that a text is positive.

    >>> bool(cold_logit(cold_hits(["很好吃，下次还来"], "zh"))[0] > 1)
    True
    >>> bool(cold_logit(cold_hits(["terrible, never again"], "en"))[0] < -1)
    True
    """
    weight = np.array([sum(h.weight for h in one) for one in hits], dtype=np.float64)
    count = np.array([len(one) for one in hits], dtype=np.float64)
    return (STEEP * weight + LEAN) / (ROOM + count)
