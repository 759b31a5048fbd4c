"""Texts to set aside before anything is counted: the same said again, and what no customer wrote."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from regulars.understand.language import plain

REASONS = ("", "empty", "duplicate", "near_duplicate", "advertisement", "gibberish")
HASHES, BANDS, SHINGLE = 32, 8, 3
ALIKE = 0.75
# Short praise ("很好", "thanks") is said alike by many people; only longer texts are copies.
SHORT = 12

_LETTERS = re.compile(r"[^\w]+")
_LINK = re.compile(r"https?://|www\.|\b[\w-]+\.(?:com|cn|net|top|xyz|vip|shop)\b", re.IGNORECASE)
_OFFER = re.compile(
    r"加微信|加我微信|薇信|威信|\bvx\b|\bwx\b|扫码|兼职|刷单|日赚|贷款|代开发票|博彩|棋牌|私聊|优惠券领取|点击领取|免费领取|返利|招代理|代理加"
    r"|earn \$|work from home|click here|crypto|bitcoin|casino"
    r"|viagra|loan offer|seo service|whatsapp|telegram|dm me|promo code|backlinks",
    re.IGNORECASE,
)


def set_aside(texts: Sequence[str | None], customers: Sequence[str | None] | None = None) -> NDArray[np.str_]:
    """Why each text is set aside; empty where it is kept.

    ``duplicate`` has the same letters as an earlier text, ``near_duplicate`` shares at
    least 75 % of its three-letter shingles with one (MinHash over 32 hashes in 8 bands).
    Short texts are duplicates only from the same customer.

    >>> set_aside(["很好", "很好", "", "加微信领优惠 www.abc.top", "aaaaaaaaaaaa"]).tolist()
    ['', '', 'empty', 'advertisement', 'gibberish']
    """
    who = list(customers) if customers is not None else [None] * len(texts)
    reason = np.full(len(texts), "", dtype="<U14")
    letters = [_LETTERS.sub("", plain(t or "")) for t in texts]
    seen: set[tuple[str, str]] = set()
    for i, (text, mine) in enumerate(zip(texts, letters, strict=True)):
        if not (text or "").strip():
            reason[i] = "empty"
        elif _OFFER.search(text or "") and (_LINK.search(text or "") or len(_OFFER.findall(text or "")) > 1):
            reason[i] = "advertisement"
        elif _gibberish(mine):
            reason[i] = "gibberish"
        elif mine and len(mine) >= 2 * SHORT:
            reason[i] = "duplicate" if (mine, "") in seen else ""
            seen.add((mine, ""))
        elif mine and who[i] is not None:
            reason[i] = "duplicate" if (mine, str(who[i])) in seen else ""
            seen.add((mine, str(who[i])))
    rows = np.flatnonzero((reason == "") & np.array([len(mine) >= 2 * SHORT for mine in letters], dtype=bool))
    reason[_copies(rows, [letters[i] for i in rows])] = "near_duplicate"
    return reason


def _gibberish(letters: str) -> bool:
    if len(letters) < 8:
        return False
    common = Counter(letters).most_common(1)[0][1]
    return common / len(letters) > 0.6 or len(set(letters)) <= 2


def _copies(rows: NDArray[np.int64], texts: Sequence[str]) -> list[int]:
    """Rows that nearly repeat an earlier one."""
    if not len(rows):
        return []
    sets = [np.unique([crc32(t[i : i + SHINGLE].encode()) for i in range(len(t) - SHINGLE + 1)]) for t in texts]
    marks = _minhash(sets)
    wide = HASHES // BANDS
    first: dict[bytes, int] = {}
    found = []
    for i, row in enumerate(rows):
        keys = [
            blake2b(bytes([b]) + marks[i, b * wide : (b + 1) * wide].tobytes(), digest_size=8).digest()
            for b in range(BANDS)
        ]
        earlier = {first[k] for k in keys if k in first}
        if any(_jaccard(sets[i], sets[j]) >= ALIKE for j in earlier):
            found.append(int(row))
            continue
        for key in keys:
            first.setdefault(key, i)
    return found


def _minhash(sets: Sequence[NDArray[np.int64]]) -> NDArray[np.uint64]:
    """Smallest of each of 32 hashes (a x + b) mod 2^64, high bits, a row a text."""
    rng = np.random.default_rng(7)
    a = rng.integers(1, 2**63, HASHES, dtype=np.uint64) | np.uint64(1)
    b = rng.integers(0, 2**63, HASHES, dtype=np.uint64)
    starts = np.concatenate([[0], np.cumsum([len(s) for s in sets])[:-1]])
    every = np.concatenate(sets).astype(np.uint64)
    return np.column_stack(
        [np.minimum.reduceat((every * x + y) >> np.uint64(16), starts) for x, y in zip(a, b, strict=True)]
    )


def _jaccard(one: NDArray[np.int64], two: NDArray[np.int64]) -> float:
    both = len(np.intersect1d(one, two, assume_unique=True))
    return both / (len(one) + len(two) - both)
