"""The assistant: answers what the owner wrote down an answer for, and calls a person for the rest.

Questions are compared as bags of character n-grams (two Chinese characters; three
to five letters within a word) weighted by TF-IDF, cosine similarity. Nothing is made
up: an answer is always one of the owner's own, word for word.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_HAN: Final = re.compile(r"[\u3400-\u9fff]+")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_PERSON: Final = re.compile(
    r"人工|真人|转客服|找客服|\b(?:human|real person|agent|representative|operator)\b", re.IGNORECASE
)
# Letters of questions that carry no meaning of their own in Chinese.
_FILLER: Final = re.compile(r"[的了吗呢吧啊呀]|请问|你好|您好")

REASONS: Final = ("answered", "empty", "asked_for_person", "not_sure")


@dataclass(frozen=True)
class Entry:
    """A question people ask, other ways of asking it, and the owner's answer."""

    id: str
    question: str
    answer: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reply:
    """The answer, or None with the reason why a person should take over.

    ``score`` is the cosine similarity to the nearest question, 0 to 1; ``nearest`` its
    entry, as a suggestion to whoever takes over.
    """

    answer: str | None
    reason: str
    score: float = 0.0
    nearest: str | None = None

    @property
    def hand_over(self) -> bool:
        """True when a person should answer."""
        return self.answer is None


def grams(text: str) -> Counter[str]:
    """The n-grams of a text: characters and pairs in Chinese, 3 to 5 letters within words elsewhere.

    >>> sorted(grams("退货"))
    ['货', '退', '退货']
    >>> sorted(grams("fee"))
    [' fe', ' fee', ' fee ', 'ee ', 'fee', 'fee ']
    """
    text = unicodedata.normalize("NFKC", text).lower()
    found: Counter[str] = Counter()
    for run in _HAN.findall(_FILLER.sub(" ", text)):
        found.update(run)
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    for word in _WORD.findall(_HAN.sub(" ", text)):
        padded = f" {word} "
        for n in (3, 4, 5):
            found.update(padded[i : i + n] for i in range(len(padded) - n + 1))
    return found


class Assistant:
    """Answer from the owner's questions and answers; below ``threshold`` a person takes over.

    weight(g) = count(g) * (ln((1 + N) / (1 + df(g))) + 1), each question scaled to length
    1; n-grams no question has weigh fully in the asker's text, so that a long text about
    something else does not match on a few common characters.

    >>> bot = Assistant([Entry("1", "怎么退货？", "七天内可以退货。"), Entry("2", "How do I pay?", "By card.")])
    >>> bot.reply("请问怎么退货呢").answer, bot.reply("你们老板是谁").reason
    ('七天内可以退货。', 'not_sure')
    """

    def __init__(self, entries: Iterable[Entry], *, threshold: float = 0.45) -> None:
        self.threshold = threshold
        asked = [(entry, grams(q)) for entry in entries for q in (entry.question, *entry.also)]
        self._questions = len(asked)
        self._documents = Counter(gram for _, counts in asked for gram in counts)
        self._index: dict[str, list[tuple[int, float]]] = {}
        self._entries = [entry for entry, _ in asked]
        for number, (_, counts) in enumerate(asked):
            for gram, weight in self._weights(counts).items():
                self._index.setdefault(gram, []).append((number, weight))

    def _weights(self, counts: Counter[str]) -> dict[str, float]:
        raw = {
            gram: count * (math.log((1 + self._questions) / (1 + self._documents[gram])) + 1)
            for gram, count in counts.items()
        }
        length = math.sqrt(sum(w * w for w in raw.values())) or 1.0
        return {gram: w / length for gram, w in raw.items()}

    def scores(self, text: str) -> list[tuple[float, Entry]]:
        """The entries that have anything in common with the text, nearest first."""
        found: dict[int, float] = {}
        for gram, weight in self._weights(grams(text)).items():
            for number, theirs in self._index.get(gram, ()):
                found[number] = found.get(number, 0.0) + weight * theirs
        best: dict[str, tuple[float, Entry]] = {}
        for number, score in found.items():
            entry = self._entries[number]
            if score > best.get(entry.id, (0.0, entry))[0]:
                best[entry.id] = (score, entry)
        return sorted(best.values(), key=lambda pair: (-pair[0], pair[1].id))

    def reply(self, text: str) -> Reply:
        """Answer one message, or say that a person should."""
        if not grams(text):
            return Reply(None, "empty")
        ranked = self.scores(text)
        score, nearest = (min(ranked[0][0], 1.0), ranked[0][1]) if ranked else (0.0, None)
        name = nearest.id if nearest else None
        if _PERSON.search(text):
            return Reply(None, "asked_for_person", score, name)
        if nearest is None or score < self.threshold:
            return Reply(None, "not_sure", score, name)
        return Reply(nearest.answer, "answered", score, name)
