"""Which part of the offer a text speaks of, and how well it speaks of that part."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from regulars.understand.language import languages, plain
from regulars.understand.sentiment_cold_start import cold_hits, cold_logit
from regulars.understand.topic_words import topic_words

# A learned word keeps an aspect's company this much more than chance (log odds), in at least this many texts.
COMPANY, TOGETHER = 1.5, 8
_CLAUSES = re.compile(r"[，。！？；,.!?;\n]+|\bbut\b|但是|不过|可是")


@dataclass(frozen=True)
class Mention:
    """Text number ``row`` speaks of ``aspect``; ``tone`` above 0 is praise of it, below 0 complaint."""

    row: int
    aspect: str
    tone: float


@lru_cache(maxsize=1)
def seeds() -> dict[str, dict[str, tuple[str, ...]]]:
    """Words of each aspect by language."""
    source = tomllib.loads(files("regulars.understand").joinpath("aspects.toml").read_text("utf-8"))
    return {name: {tongue: tuple(words.split()) for tongue, words in one.items()} for name, one in source.items()}


def mentions(texts: Sequence[str], learned: dict[str, dict[str, tuple[str, ...]]] | None = None) -> list[Mention]:
    """Every aspect of every text with the tone of the clauses it stands in.

    >>> [(m.aspect, m.tone > 0) for m in mentions(["味道不错，但是送货太慢"])]
    [('delivery', False), ('quality', True), ('speed', False)]
    """
    said = [plain(t or "") for t in texts]
    tongue = languages(said)
    found: list[Mention] = []
    for one in ("zh", "en"):
        finders = _finders(one, learned)
        rows, clauses = [], []
        for i in np.flatnonzero(tongue == one).tolist():
            for clause in _CLAUSES.split(said[i]):
                if clause.strip():
                    rows.append(i)
                    clauses.append(clause)
        tone = np.tanh(cold_logit(cold_hits(clauses, one)) / 2) if clauses else np.empty(0)
        sums: dict[tuple[int, str], list[float]] = {}
        for i, clause, how in zip(rows, clauses, tone, strict=True):
            for name, finder in finders:
                if finder.search(clause):
                    sums.setdefault((i, name), []).append(float(how))
        found += [Mention(i, name, float(np.mean(many))) for (i, name), many in sums.items()]
    return sorted(found, key=lambda m: (m.row, m.aspect))


def learn_words(texts: Sequence[str], most: int = 8) -> dict[str, dict[str, tuple[str, ...]]]:
    """Words of your own trade that keep an aspect's company: by log odds, +.5 in each count."""
    said = [plain(t or "") for t in texts]
    tongue = languages(said)
    learned: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in ("zh", "en"):
        rows = np.flatnonzero(tongue == one)
        words = [set(w) for w in topic_words([said[i] for i in rows], one)]
        every = Counter(w for some in words for w in some)
        for name, finder in _finders(one, None):
            mine = np.array([bool(finder.search(said[i])) for i in rows], dtype=bool)
            inside = Counter(w for some, yes in zip(words, mine, strict=True) if yes for w in some)
            share = {w: _log_odds(n, int(mine.sum()), every[w], len(rows)) for w, n in inside.items() if n >= TOGETHER}
            best = sorted((w for w, s in share.items() if s >= COMPANY and " " not in w), key=lambda w: (-share[w], w))
            learned.setdefault(name, {})[one] = tuple(best[:most])
    return learned


def _log_odds(inside: int, texts: int, everywhere: int, total: int) -> float:
    outside = everywhere - inside
    rest = total - texts
    return float(np.log((inside + 0.5) / (texts - inside + 0.5)) - np.log((outside + 0.5) / (rest - outside + 0.5)))


def _finders(tongue: str, learned: dict[str, dict[str, tuple[str, ...]]] | None) -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for name, words in seeds().items():
        mine = words[tongue] + (learned or {}).get(name, {}).get(tongue, ())
        body = "|".join(re.escape(w) for w in sorted(set(mine), key=len, reverse=True))
        found.append((name, re.compile(rf"\b(?:{body})\b" if tongue == "en" else f"(?:{body})")))
    return found


def net(tones: NDArray[np.float64]) -> float:
    """Mean tone, -1 all complaint to 1 all praise."""
    return float(tones.mean()) if len(tones) else 0.0
