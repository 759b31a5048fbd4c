"""Tokens: Chinese as characters and pairs of them, other scripts as words.

An index of three-letter pieces finds no two-character name, one of whole words finds only names that stand alone;
characters and pairs find every one.
"""

from __future__ import annotations

import re
import unicodedata

# Han, Kana, Hangul: scripts written without spaces between words.
DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
PIECES = re.compile(f"[{DENSE}]+|[^\\W_{DENSE}]+")
IS_DENSE = re.compile(f"[{DENSE}]")
PHONE_TAILS = (11, 8, 4)


def folded(text: str) -> str:
    """Text as compared: full-width as half-width, no capitals, no accents.

    >>> folded("Müller　ＡＢＣ")
    'muller abc'
    """
    spread = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(c for c in spread if not unicodedata.combining(c)))


def pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def tokens(*texts: str) -> list[str]:
    """The tokens to keep of these texts, each once.

    >>> tokens("王小明", "li.mei@example.com")
    ['王', '小', '明', '王小', '小明', 'li', 'mei', 'example', 'com']
    """
    found: dict[str, None] = {}
    for text in texts:
        for piece in PIECES.findall(folded(text or "")):
            parts = [*piece, *pairs(piece)] if IS_DENSE.match(piece) else [piece]
            found.update(dict.fromkeys(parts))
    return list(found)


def phone_tokens(phone: str) -> list[str]:
    """A phone number whole, without its country code, and its last digits.

    >>> phone_tokens("+86 138 1234 5678")
    ['8613812345678', '13812345678', '12345678', '5678']
    """
    digits = "".join(c for c in phone or "" if c.isdigit())
    return list(dict.fromkeys([digits, *(digits[-n:] for n in PHONE_TAILS if len(digits) > n)])) if digits else []


def asked(text: str) -> list[tuple[str, bool]]:
    """What must be found for a query: (token, whether it is the beginning of a word).

    >>> asked("小明 li")
    [('小明', False), ('li', True)]
    """
    wanted: list[tuple[str, bool]] = []
    for piece in PIECES.findall(folded(text)):
        if not IS_DENSE.match(piece):
            wanted.append((piece, True))
        else:
            wanted.extend((p, False) for p in (pairs(piece) or [piece]))
    return wanted
