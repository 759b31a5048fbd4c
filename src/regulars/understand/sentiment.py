"""Whether a text speaks well or ill: from the first day on, and better with every label the owner gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin

from regulars.understand.cards import ModelCard
from regulars.understand.language import languages, plain
from regulars.understand.sentiment_card import sentiment_card
from regulars.understand.sentiment_cold_start import ROOM, STEEP, cold_hits, cold_logit
from regulars.understand.sentiment_heads import Head, blend, cross_learn, cross_logit, fold_of, learn
from regulars.understand.sentiment_lexicon import Hit
from regulars.understand.text_features import HashedNgrams

Vector = NDArray[np.float64]
# Fewer unlabelled texts than this show no habits of their own; fewer labels teach nothing reliable.
HABITS, LABELS = 200, 8
# So many labels teach all that agreement could, and reading is faster without it.
PLENTY = 1000
NEUTRAL = 0.15
# An unlabelled text counts only where the cold start is surer than this.
SURE = 0.5


@dataclass(frozen=True)
class _Tongue:
    """What one language learned: from agreement (by fold), from labels, and how far to believe each."""

    habits: tuple[Head | None, ...]
    labels: Head | None
    blend: Vector
    domains: tuple[str, ...]
    told: Vector
    truth: Vector


@dataclass(frozen=True)
class _Said:
    """What is kept of the texts learned from: hashed counts, never the texts."""

    counts: sparse.csr_matrix
    cold: Vector
    fold: NDArray[np.int64]
    y: Vector
    domain: tuple[str, ...]

    def __add__(self, other: _Said) -> _Said:
        return _Said(
            sparse.vstack([self.counts, other.counts], format="csr"),
            np.concatenate([self.cold, other.cold]),
            np.concatenate([self.fold, other.fold]),
            np.concatenate([self.y, other.y]),
            self.domain + other.domain,
        )


class Sentiment(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Positive (1) or negative (0), with a calibrated probability and the words that decided.

    logit = a * cold start + b * learned + c + c_domain. The cold start is a
    hand-written list of Chinese and English words with negation, degree and
    contrast; it works without ``fit``. Texts without labels teach the words of
    your trade: a hashed n-gram model learns where the cold start is sure and
    judges where it is not. Labels teach the rest.

    Args:
        threshold: probability from which a text is called positive.
        domain_min: labels a domain needs for a threshold of its own.
        strength: inverse of the ridge of the n-gram models.
        folds: parts for out-of-fold logits (an own part's text is judged by models that did not see it).
        seed: for the solver.

    ``fit(texts, y, domain)`` takes labels 1, 0 or None (not labelled), and may be
    given no labels at all. ``partial_fit`` adds labels and is exactly ``fit`` on
    everything so far. ValueError where lengths differ or a label is neither.

    >>> model = Sentiment()
    >>> model.predict(["送餐很快，味道不错", "等了两个小时，难吃死了", "Great value", "never again"]).tolist()
    [1, 0, 1, 0]

    Source: presence weighted by naive-Bayes ratios, Wang and Manning (2012); learning from one's own sure
    answers in Chinese reviews, Zagibalov and Carroll (2008); calibration by logistic regression, Platt (1999).
    """

    def __init__(
        self, *, threshold: float = 0.5, domain_min: int = 50, strength: float = 10.0, folds: int = 3, seed: int = 0
    ) -> None:
        self.threshold = threshold
        self.domain_min = domain_min
        self.strength = strength
        self.folds = folds
        self.seed = seed

    @property
    def classes_(self) -> NDArray[np.int64]:
        """0 negative, 1 positive; known before anything is fitted."""
        return np.array([0, 1])

    def fit(self, texts: Any, y: Any = None, domain: Any = None) -> Sentiment:
        """Learn from labelled and unlabelled texts."""
        self._said: dict[str, _Said] = {}
        return self.partial_fit(texts, y, domain)

    def partial_fit(self, texts: Any, y: Any = None, domain: Any = None) -> Sentiment:
        """Learn some more; the same as ``fit`` on everything given so far."""
        said = _texts(texts)
        told, where = _labels(y, len(said)), _domains(domain, len(said))
        tongue = languages(said)
        self._said = dict(getattr(self, "_said", {}))
        self.tongues_: dict[str, _Tongue] = dict(getattr(self, "tongues_", {}))
        for one in sorted(set(tongue.tolist())):
            rows = np.flatnonzero(tongue == one)
            mine = [said[i] for i in rows]
            counts, cold = _read(one, mine)
            more = _Said(counts, cold, fold_of(mine, self.folds), told[rows], tuple(where[i] for i in rows))
            self._said[one] = self._said[one] + more if one in self._said else more
            self.tongues_[one] = self._learn(self._said[one])
        self.n_labels_ = int(sum(np.isfinite(one.y).sum() for one in self._said.values()))
        self.n_texts_ = sum(len(one.y) for one in self._said.values())
        return self

    def _learn(self, said: _Said) -> _Tongue:
        counts, base, fold, y, domain = said.counts, said.cold, said.fold, said.y, said.domain
        habits: list[Head | None] = []
        if len(y) >= HABITS and np.isfinite(y).sum() < PLENTY:
            sure = 1.0 / (1.0 + np.exp(-np.clip(base, -40, 40)))
            weight = np.abs(2.0 * sure - 1.0)
            keep = np.abs(base) >= SURE
            habits = cross_learn(counts[keep], sure[keep] > 0.5, weight[keep], fold[keep], self.folds, 3.0, self.seed)
            base = base + cross_logit(habits, counts, fold)
        told = np.flatnonzero(np.isfinite(y))
        mine = y[told] == 1
        if len(told) < LABELS or mine.all() or not mine.any():
            return _Tongue(tuple(habits), None, np.array([1.0, 0.0, 0.0]), (), np.empty(0), np.empty(0))
        names = [d for d in sorted(set(domain)) if d and sum(domain[i] == d for i in told) >= self.domain_min]
        which = np.array([names.index(domain[i]) if domain[i] in names else len(names) for i in told])
        equal = np.ones(len(told))
        heads = cross_learn(counts[told], mine, equal, fold[told], self.folds, self.strength, self.seed)
        out = cross_logit(heads, counts[told], fold[told])
        weights = blend(base[told], out, mine, which, len(names) + 1 if names else 0)
        head = learn(counts[told], mine, equal, self.strength, self.seed)
        logit = weights[0] * base[told] + weights[1] * out + weights[2]
        if names:
            logit = logit + weights[3 + which]
        return _Tongue(tuple(habits), head, weights, tuple(names), logit, mine.astype(np.float64))

    def decision_function(self, texts: Any, domain: Any = None) -> Vector:
        """Log-odds that each text is positive."""
        said = _texts(texts)
        where = _domains(domain, len(said))
        tongue = languages(said)
        z = np.zeros(len(said))
        for one in sorted(set(tongue.tolist())):
            rows = np.flatnonzero(tongue == one)
            z[rows] = self._logit(one, [said[i] for i in rows], [where[i] for i in rows])
        return z

    def _logit(self, language: str, texts: list[str], domain: list[str]) -> Vector:
        hits = cold_hits(texts, language)
        z = cold_logit(hits)
        learned = getattr(self, "tongues_", {}).get(language)
        if learned is None or (not learned.habits and learned.labels is None):
            return z
        counts = _counts(language, texts, hits)
        if learned.habits:
            z = z + cross_logit(learned.habits, counts, fold_of(texts, self.folds))
        if learned.labels is None:
            return z
        a, b, c = learned.blend[:3]
        z = a * z + b * learned.labels.logit(counts) + c
        names = learned.domains
        if names:
            z += np.array([learned.blend[3 + names.index(d)] if d in names else learned.blend[-1] for d in domain])
        return np.asarray(z)

    def predict_proba(self, texts: Any, domain: Any = None) -> Vector:
        """(n, 2): probability of negative and of positive."""
        p = 1.0 / (1.0 + np.exp(-np.clip(self.decision_function(texts, domain), -40, 40)))
        return np.column_stack([1.0 - p, p])

    def predict(self, texts: Any, domain: Any = None) -> NDArray[np.int64]:
        """1 where the probability of positive reaches the threshold, else 0."""
        return (self.predict_proba(texts, domain)[:, 1] >= self.threshold).astype(np.int64)

    def tone(self, texts: Any, domain: Any = None) -> NDArray[np.str_]:
        """``positive``, ``negative``, or ``neutral`` where the probability is near one half."""
        p = self.predict_proba(texts, domain)[:, 1]
        return tones(p)

    def reasons(self, text: str, most: int = 5) -> list[tuple[str, float]]:
        """The words that carried it, with what each added to the log-odds, the weightiest first.

        >>> Sentiment().reasons("味道不错，但是汤洒了")[0][0]
        '洒了'
        """
        said = plain(text)
        language = languages([said])[0]
        hits = cold_hits([said], language)[0]
        return _carried(self, said, str(language), hits)[:most]

    @property
    def held_out_(self) -> tuple[Vector, Vector]:
        """Probability foretold for each labelled text by models that had not seen it, and its label."""
        every = [one for one in getattr(self, "tongues_", {}).values() if len(one.truth)]
        if not every:
            return np.empty(0), np.empty(0)
        logit = np.concatenate([one.told for one in every])
        return 1.0 / (1.0 + np.exp(-np.clip(logit, -40, 40))), np.concatenate([one.truth for one in every])

    @property
    def card_(self) -> ModelCard:
        """What an owner should know before believing it."""
        p, truth = self.held_out_
        labels = getattr(self, "n_labels_", 0)
        return sentiment_card(p, truth, self.threshold, texts=getattr(self, "n_texts_", 0), labels=labels)


def _read(language: str, texts: list[str]) -> tuple[sparse.csr_matrix, Vector]:
    hits = cold_hits(texts, language)
    return _counts(language, texts, hits), cold_logit(hits)


def _counts(language: str, texts: list[str], hits: list[list[Hit]]) -> sparse.csr_matrix:
    return HashedNgrams(language).counts(texts, [[h.words for h in one] for one in hits])


def tones(p: Vector) -> NDArray[np.str_]:
    """``positive``, ``neutral`` or ``negative`` by the probability of positive."""
    return np.where(p >= 0.5 + NEUTRAL, "positive", np.where(p <= 0.5 - NEUTRAL, "negative", "neutral"))


def _carried(model: Sentiment, text: str, language: str, hits: Sequence[Hit]) -> list[tuple[str, float]]:
    learned = getattr(model, "tongues_", {}).get(language)
    a = float(learned.blend[0]) if learned is not None else 1.0
    found: dict[str, float] = {}
    for hit in hits:
        found[hit.words] = found.get(hit.words, 0.0) + a * STEEP * hit.weight / (ROOM + len(hits))
    if learned is not None and learned.labels is not None:
        ngrams = HashedNgrams(language)
        grams = ngrams.grams(text)
        if grams:
            places, head = ngrams.places(grams), learned.labels
            size = float(np.sqrt(len(grams)))
            for gram, place in zip(grams, places, strict=True):
                if gram.strip():
                    added = learned.blend[1] * (head.present[place] + head.rare[place]) / size
                    found[gram] = found.get(gram, 0.0) + float(added)
    return sorted(found.items(), key=lambda item: (-abs(item[1]), item[0]))


def _texts(texts: Any) -> list[str]:
    if isinstance(texts, str):
        raise ValueError("texts: a list of texts is needed, not one text")
    if hasattr(texts, "to_pylist"):
        texts = texts.to_pylist()
    return [plain(str(t)) if t is not None and t == t else "" for t in texts]


def _labels(y: Any, n: int) -> Vector:
    if y is None:
        return np.full(n, np.nan)
    words = {"positive": 1.0, "negative": 0.0}
    given = y.to_pylist() if hasattr(y, "to_pylist") else list(y)
    if len(given) != n:
        raise ValueError(f"y: {len(given)} labels for {n} texts")
    told = np.array([np.nan if v is None else words.get(v, v) for v in given], dtype=np.float64)
    wrong = np.flatnonzero(np.isfinite(told) & ~np.isin(told, (0.0, 1.0)))
    if len(wrong):
        raise ValueError(f"y: row {wrong[0]} is {given[wrong[0]]!r}; a label is 1, 0, 'positive', 'negative' or None")
    return told


def _domains(domain: Any, n: int) -> list[str]:
    if domain is None:
        return [""] * n
    given = domain.to_pylist() if hasattr(domain, "to_pylist") else list(domain)
    if len(given) != n:
        raise ValueError(f"domain: {len(given)} entries for {n} texts")
    return ["" if d is None else str(d) for d in given]
