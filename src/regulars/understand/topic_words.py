"""Words to name topics by: Chinese words found by how their characters keep together, English words and pairs."""

from __future__ import annotations

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from math import log

from regulars.understand.language import plain
from regulars.understand.sentiment_lexicon import lexicon

LONGEST = 4
# A word's characters meet this many times (log) more often than by chance, and its neighbours vary this much (nats).
COHESION, FREEDOM = 2.5, 0.8
ENOUGH = 3000
# A clause that one in fifty says word for word is a formula.
FORMULA, FORMULA_LEAST = 0.02, 8

_CLAUSE = re.compile(r"[，。！？；：,.!?;:…~\n]+")
_HAN_RUN = re.compile(r"[\u4e00-\u9fff]+")
_WORD = re.compile(r"[a-z][a-z']*[a-z]|[a-z]")
_PRIVATE = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+|@[\w\u4e00-\u9fff-]+"
    r"|(?:我叫|我是|联系人|姓名|name is|name's|i am|i'm|dear|mr\.?|mrs\.?|ms\.?)"
    r"[\s:：]*(?-i:[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)"
    r"|(?:我叫|姓名[:：]?|联系人[:：]?)[\u4e00-\u9fff]{2,3}|\+?\d[\d\s().-]*\d|\d",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """A text without e-mail addresses, links, numbers and names that introduce themselves.

    >>> masked("I'm Anna Berg, call 138-0013 8000 or a.b@shop.example now")
    ' , call   or   now'
    """
    return _PRIVATE.sub(" ", text)


@lru_cache(maxsize=1)
def _stops() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    words = tomllib.loads(files("regulars.understand").joinpath("topic_stops.toml").read_text("utf-8"))
    return frozenset(words["zh"].split()), frozenset(words["zh_edges"]), frozenset(words["en"].split())


def found_words(texts: Iterable[str], least: int = 4) -> frozenset[str]:
    """Chinese words of 2 to 4 characters that these texts use.

    A run of characters is a word when it keeps together, min over its cuts of
    log(p(w) / (p(a) p(b))) >= 2.5 (pointwise mutual information), and its
    neighbours on both sides vary, entropy >= .8 nats (branching entropy).

    >>> texts = ["想要发票吗", "物流太慢了吧，等了三天还没有到", "发票寄来没有", "客服没有人接电话"]
    >>> texts += ["打了很多次", "纸质发票", "包装盒子坏掉"]
    >>> "发票" in found_words(texts, least=3)
    True
    """
    runs = [run for text in texts for run in _HAN_RUN.findall(text)]
    count: Counter[str] = Counter()
    for run in runs:
        for size in range(1, LONGEST + 1):
            count.update(run[i : i + size] for i in range(len(run) - size + 1))
    total = sum(n for w, n in count.items() if len(w) == 1)
    some = {w for w, n in count.items() if n >= least and len(w) > 1 and _cohesion(w, count, total) >= COHESION}
    left: dict[str, Counter[str]] = defaultdict(Counter)
    right: dict[str, Counter[str]] = defaultdict(Counter)
    for run in runs:
        edged = f"^{run}$"
        for size in range(2, LONGEST + 1):
            for i in range(1, len(edged) - size):
                word = edged[i : i + size]
                if word in some:
                    left[word][edged[i - 1]] += 1
                    right[word][edged[i + size]] += 1
    edges = _stops()[1]
    return frozenset(
        w
        for w in some
        if min(_entropy(left[w]), _entropy(right[w])) >= FREEDOM and w[0] not in edges and w[-1] not in edges
    )


def _cohesion(word: str, count: Counter[str], total: int) -> float:
    whole = count[word] / total
    return min(log(whole * total * total / (count[word[:i]] * count[word[i:]])) for i in range(1, len(word)))


def _entropy(neighbours: Counter[str]) -> float:
    # The edge of a run is a different neighbour each time: punctuation ends a word for certain.
    edge = neighbours.get("^", 0) + neighbours.get("$", 0)
    total = sum(neighbours.values())
    spread = sum(-n / total * log(n / total) for c, n in neighbours.items() if c not in "^$")
    return spread + edge / total * log(total)


def chinese_words(text: str, words: frozenset[str]) -> list[str]:
    """The words of a text: at each place the longest known, other characters dropped.

    >>> chinese_words("我想开发票", frozenset({"发票"}))
    ['发票']
    """
    stops = _stops()[0]
    kept = []
    for run in _HAN_RUN.findall(text):
        i = 0
        while i < len(run):
            word = next((run[i : i + k] for k in range(LONGEST, 1, -1) if run[i : i + k] in words), run[i])
            if len(word) > 1 and word not in stops:
                kept.append(word)
            i += len(word)
    return kept


def english_words(text: str) -> list[str]:
    """Words without the small ones, plurals levelled, and pairs of neighbours.

    >>> english_words("The invoices were too late")
    ['invoice', 'late', 'invoice late']
    """
    stops = _stops()[2]
    words = [_single(w) for w in _WORD.findall(text) if w not in stops and len(w) > 1]
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def _single(word: str) -> str:
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "su" and word[-2:] != "is" else word


def without_formulas(texts: Sequence[str]) -> list[str]:
    """Texts without the clauses that very many say word for word ("please fix this soon"), where something is left.

    >>> without_formulas([f"case {n} is open. thanks" for n in "abcdefgh"])[0]
    'case a is open'
    """
    clauses = [[c.strip() for c in _CLAUSE.split(t) if c.strip()] for t in texts]
    count = Counter(c for one in clauses for c in set(one))
    often = max(FORMULA * len(texts), FORMULA_LEAST)
    kept = [" , ".join(c for c in one if count[c] < often) for one in clauses]
    return [k or t for k, t in zip(kept, texts, strict=True)]


def topic_words(texts: Sequence[str], language: str, known: frozenset[str] = frozenset()) -> list[list[str]]:
    """The words of each text that may name a topic: private things masked first, formulas and mere praise left out."""
    clean = without_formulas([plain(masked(t)) for t in texts])
    opinions = _opinions(language)
    if language != "zh":
        return [[w for w in english_words(t) if w not in opinions] for t in clean]
    step = max(len(clean) // ENOUGH, 1)
    words = known or found_words(clean[::step])
    return [[w for w in chinese_words(t, words) + _WORD.findall(t) if w not in opinions] for t in clean]


@lru_cache(maxsize=2)
def _opinions(language: str) -> frozenset[str]:
    """Words that judge and say nothing of what is judged; "refund" or "slow" judge and say it."""
    values = lexicon("zh" if language == "zh" else "en").values
    return frozenset(w for w, v in values.items() if v > 0 or v <= -2)
