"""Words of praise and complaint, found in a text with what turns them round: negation, degree, contrast, wishes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

# What a word counts after "not", after "very" and after "a little"; a clause after "but" and before it; and a wish
# ("if only it were quick") speaks of what is missing. Set by hand once, learned from no corpus.
NOT_GOOD, NOT_BAD = -1.2, -0.6
DEGREE, SOFTENER = 1.5, 0.7
AFTER_BUT, BEFORE_BUT, CONCEDED = 1.5, 0.7, 0.5
WISHED = -0.4


@dataclass(frozen=True)
class Hit:
    """A word or phrase found, and what it counted: above 0 praise, below 0 complaint."""

    words: str
    weight: float


class Lexicon:
    """The words of one language, ready to be looked for.

    >>> [(h.words, round(h.weight, 1)) for h in lexicon("zh").hits("味道不错，但是送得太慢")]
    [('味道不错', 1.4), ('太慢', -1.5)]
    >>> lexicon("en").hits("not good at all")[0].weight < 0
    True
    """

    def __init__(self, source: Mapping[str, Any], *, spaced: bool) -> None:
        rules = {k: _phrases(v) for k, v in source["rules"].items()}
        self.values = {w: float(v) for v, said in source["words"].items() for w in _phrases(said)}
        self.emoji = {w: float(v) for v, said in source["emoji"].items() for w in said.split()}
        self.patterns = [(float(v), re.compile(one)) for v, many in source["patterns"].items() for one in many]
        edge = r"(?<![\w'])", r"(?![\w'])"
        word = _trie(self.values) if not spaced else f"{edge[0]}{_trie(self.values)}{edge[1]}"
        space, glue = (r"\s+", r"\s+") if spaced else ("", "[地的]?")
        middle = r"(?:[\w'-]+\s+){0,3}?" if spaced else "[的得地是有那么这很太特别多怎到觉感什]{0,3}?"
        self.finder = re.compile(
            f"(?P<word>{word})|{edge[0] if spaced else ''}{_any(rules['negators'])}{space}{middle}(?P<negated>{word})"
        )
        self.emoji_finder = re.compile(_any(self.emoji))
        self.degree = re.compile(f"{_any(rules['degrees'])}{glue}$")
        self.softener = re.compile(f"{_any(rules['softeners'])}{glue}$")
        start = edge[0] if spaced else ""
        end = edge[1] if spaced else ""
        self.contrast = re.compile(f"{start}{_any(rules['contrasts'])}{end}")
        self.concession = re.compile(f"{start}{_any(rules['concessions'])}{end}")
        self.wish = re.compile(f"{start}{_any(rules['wishes'])}{end}")

    def hits(self, text: str) -> list[Hit]:
        """Every word and phrase of praise or complaint, with its weight where it stands."""
        found = [Hit(m.group(), self.emoji[m.group()]) for m in self.emoji_finder.finditer(text)]
        for value, pattern in self.patterns:
            found.extend(Hit(m.group(), value) for m in pattern.finditer(text))
        turned = 1.0
        for clause in CLAUSE.findall(text):
            contrast = self.contrast.search(clause)
            if contrast:
                # What follows "but" is what the customer means.
                found = [Hit(h.words, h.weight * BEFORE_BUT) for h in found]
                turned = AFTER_BUT
            held = CONCEDED if self.concession.search(clause) else 1.0
            wish = self.wish.search(clause)
            for one in self._words(clause):
                weight = one.weight * turned * held
                if wish and wish.start() < clause.find(one.words) and weight > 0:
                    weight *= WISHED
                found.append(Hit(one.words, weight))
        return found

    def _words(self, clause: str) -> Iterable[Hit]:
        for m in self.finder.finditer(clause):
            plain = m.group("word")
            if plain is not None:
                value = self.values[plain]
                if value:
                    yield Hit(plain, value * self._strength(clause, m.start()))
                continue
            value = self.values[m.group("negated")]
            if value:
                yield Hit(m.group(), value * (NOT_GOOD if value > 0 else NOT_BAD))

    def _strength(self, clause: str, start: int) -> float:
        before = clause[max(start - 12, 0) : start]
        if not before:
            return 1.0
        if self.softener.search(before):
            return SOFTENER
        return DEGREE if self.degree.search(before) else 1.0


CLAUSE = re.compile(r"(?:[^，。！？；,.!?;~…\n]|(?<=\d)\.(?=\d))+")


@lru_cache(maxsize=4)
def lexicon(language: str) -> Lexicon:
    """The words for ``zh`` or ``en``, read once."""
    text = files("regulars.understand").joinpath(f"sentiment_{language}.toml").read_text("utf-8")
    return Lexicon(tomllib.loads(text), spaced=language == "en")


def _phrases(said: str) -> list[str]:
    """Words separated by spaces; an underscore stands for a space inside one."""
    return [w.replace("_", " ") for w in said.split()]


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) + ")"


def _trie(words: Iterable[str]) -> str:
    """A pattern that finds the longest of thousands of words in a step a character."""
    root: dict[str, Any] = {}
    for word in words:
        node = root
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _branch(root)


def _branch(node: dict[str, Any]) -> str:
    ends = "" in node
    parts = [re.escape(letter) + _branch(after) for letter, after in node.items() if letter]
    if not parts:
        return ""
    body = parts[0] if len(parts) == 1 and not ends else "(?:" + "|".join(parts) + ")"
    return body + "?" if ends else body
