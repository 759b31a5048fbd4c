"""Reads of the voice page: the board of the last turn, and real texts beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from regulars.web.answers.queries import answers_by_number
from regulars.web.voice.words import ASPECTS, tone_of

PAGE = 20


@dataclass(frozen=True)
class Quote:
    """One real text with what was read in it; ``parts`` are (words, "praise" | "complaint" | "")."""

    answer: Any
    tone: str
    topic: str
    aspects: tuple[Any, ...]
    parts: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        person = self.answer.person
        return (person.name or person.email or person.phone or person.key) if person else ""


def quotes(listed: Iterable[dict[str, Any]]) -> list[Quote]:
    """The texts of these entries of the board, in their order; those erased since are left out."""
    rows = list(listed)
    texts = answers_by_number(row["answer"] for row in rows)
    return [quote(texts[row["answer"]], row) for row in rows if row["answer"] in texts]


def quote(answer: Any, row: dict[str, Any] | None) -> Quote:
    """One text; what the owner said it is counts before what the model read."""
    tone = answer.label or (tone_of(row["positive"]) if row else "neutral")
    aspects = tuple(ASPECTS[a] for a in (row["aspects"] if row else ()) if a in ASPECTS)
    return Quote(answer, tone, row["topic"] if row else "", aspects, marked(answer.text))


def marked(text: str) -> tuple[tuple[str, str], ...]:
    """A text cut at the words that praise or complain.

    >>> marked("味道不错，太慢")
    (('味道不错', 'praise'), ('，', ''), ('太慢', 'complaint'))
    """
    from regulars.understand.language import language_of, plain
    from regulars.understand.sentiment_lexicon import lexicon

    hits = lexicon("zh" if language_of(text) == "zh" else "en").hits(plain(text))
    tone = {h.words: "praise" if h.weight > 0 else "complaint" for h in hits if h.weight}
    if not tone:
        return ((text, ""),)
    found = "|".join(re.escape(w) for w in sorted(tone, key=len, reverse=True))
    parts = re.split(f"({found})", text, flags=re.IGNORECASE)
    return tuple((p, tone.get(plain(p), "") if i % 2 else "") for i, p in enumerate(parts) if p)


def chosen(body: dict[str, Any], topic: str, tone: str, aspect: str) -> list[dict[str, Any]]:
    """Entries of the board that fit the filter."""
    return [
        row
        for row in body["listed"]
        if (not topic or row["topic"] == topic)
        and (not tone or tone_of(row["positive"]) == tone)
        and (not aspect or aspect in row["aspects"])
    ]
