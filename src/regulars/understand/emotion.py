"""How strongly a text is said, and whether it can wait."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from regulars.understand.language import languages, plain
from regulars.understand.sentiment_cold_start import cold_hits

Vector = NDArray[np.float64]
_CALM = re.compile(r"不急|不着急|no hurry|no rush|whenever|not urgent", re.IGNORECASE)


@lru_cache(maxsize=1)
def _urgent() -> dict[str, tuple[float, re.Pattern[str]]]:
    source = tomllib.loads(files("regulars.understand").joinpath("urgency.toml").read_text("utf-8"))
    return {n: (float(one["weight"]), re.compile("|".join(one["said"]), re.IGNORECASE)) for n, one in source.items()}


def urgency(texts: Sequence[str]) -> tuple[Vector, NDArray[np.str_]]:
    """0 (can wait) to 1 (now) and the weightiest reason: 1 - prod(1 - weight) over the reasons found.

    >>> score, why = urgency(["我要退款，请尽快处理", "谢谢，不急", "I cannot log in since the upgrade"])
    >>> score.round(2).tolist(), why.tolist()
    ([0.82, 0.0, 0.8], ['refund', '', 'locked_out'])
    """
    score, reason = np.zeros(len(texts)), np.full(len(texts), "", dtype="<U12")
    for i, text in enumerate(texts):
        said = plain(text or "")
        left = 1.0
        if _CALM.search(said):
            said = _CALM.sub(" ", said)
            left = 1.25
        for name, (weight, pattern) in _urgent().items():
            if pattern.search(said):
                left *= 1.0 - weight
                reason[i] = reason[i] or name
        score[i] = max(1.0 - left, 0.0)
    reason[score == 0] = ""
    return score, reason


def strength(texts: Sequence[str]) -> Vector:
    """How strongly it is felt, 0 (matter of fact) to 1: weight of the words found, capitals and exclamation marks.

    1 - exp(-(sum |weight| / (2 + words found) + .2 marks + .3 shouting)).

    >>> calm, loud = strength(["可以", "太垃圾了！！！气死我了！"])
    >>> bool(loud > 2 * calm)
    True
    """
    said = [plain(t or "") for t in texts]
    tongue = languages(said)
    heat = np.zeros(len(said))
    for one in sorted(set(tongue.tolist())):
        rows = np.flatnonzero(tongue == one)
        for i, hits in zip(rows, cold_hits([said[i] for i in rows], one), strict=True):
            heat[i] = sum(abs(h.weight) for h in hits) / (2.0 + len(hits))
    marks = np.array([min(t.count("!"), 3) for t in said], dtype=np.float64)
    shouting = np.array(
        [sum(w.isupper() and len(w) > 2 for w in (t or "").split()) > 1 for t in texts], dtype=np.float64
    )
    return 1.0 - np.exp(-(heat + 0.2 * marks * (heat > 0) + 0.3 * shouting))
