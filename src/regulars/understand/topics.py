"""What people write about: topics found in their texts, named by their words, as many as hold still."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import linear_sum_assignment
from sklearn.base import BaseEstimator
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import normalize

from regulars.understand.language import languages
from regulars.understand.topic_words import topic_words

Vector = NDArray[np.float64]
# Below this a language has too few texts for topics of its own.
LEAST = 30
# Texts looked at to choose the number of topics; all others are only placed.
LOOKED_AT = 1000
ABOUT_EQUAL = 0.02


@dataclass(frozen=True)
class Topic:
    """One thing people write about; ``examples`` are rows of the texts given, the most typical first."""

    key: str
    language: str
    words: tuple[str, ...]
    size: int
    share: float
    examples: tuple[int, ...]


@dataclass(frozen=True)
class _Model:
    language: str
    vectorizer: CountVectorizer
    idf: Vector
    nmf: NMF
    known: frozenset[str]


class Topics(BaseEstimator):  # type: ignore[misc]
    """Topics by non-negative matrix factorisation of word counts (tf-idf), a set per language.

    X ~ W H with W, H >= 0; a text belongs to its largest weight. Words of a
    topic are ranked by class tf-idf, tf(w, topic) * log(1 + A / f(w)), with A the mean
    number of words a topic. The number of topics is the one whose topics come
    back when half of the texts is left out (mean cosine of matched topics).
    E-mails, numbers and names that introduce themselves are masked first.

    Args:
        topics: how many a language; None chooses by stability.
        most: the largest number tried.
        words: words that name a topic.
        least: texts that must share a word before it counts.
        seed: for halves and start.

    ``fit`` sets ``topics_``, ``labels_`` (row of ``topics_``, or -1 where a
    text has no topic word), ``weights_`` (how clearly, 0 to 1) and ``trials_`` (language, number, stability).
    Fewer than 30 texts of a language make no topics and no error.

    >>> texts = [f"{a} {b}" for a in ("refund", "invoice", "tax") for b in ("bill", "payment")]
    >>> texts += [f"{a} {b}" for a in ("crash", "login", "error") for b in ("screen", "phone")]
    >>> model = Topics(topics=2).fit(texts * 5)
    >>> len({*model.labels_[:6].tolist()}), bool(model.labels_[0] == model.labels_[6])
    (1, False)

    Source: Lee and Seung (1999); number by stability, Greene et al. (2014), "How many topics?"; class tf-idf,
    Grootendorst (2022), eq. 2.
    """

    def __init__(
        self, *, topics: int | None = None, most: int = 12, words: int = 5, least: int = 3, seed: int = 0
    ) -> None:
        self.topics = topics
        self.most = most
        self.words = words
        self.least = least
        self.seed = seed

    def fit(self, texts: Any, y: Any = None) -> Topics:
        """Find the topics of these texts."""
        said = _said(texts)
        tongue = languages(said)
        self.labels_ = np.full(len(said), -1, dtype=np.int64)
        self.weights_ = np.zeros(len(said))
        self.topics_: tuple[Topic, ...] = ()
        self.trials_: tuple[tuple[str, int, float], ...] = ()
        self._models: dict[str, _Model] = {}
        for one in sorted(set(tongue.tolist()), reverse=True):
            rows = np.flatnonzero(tongue == one)
            if one != "other" and len(rows) >= LEAST:
                self._add(one, rows, [said[i] for i in rows], len(said))
        return self

    def _add(self, language: str, rows: NDArray[np.int64], texts: list[str], total: int) -> None:
        words = topic_words(texts, language)
        known = frozenset(w for one in words for w in one)
        vectorizer = CountVectorizer(analyzer=_same, min_df=self.least, max_df=0.4, max_features=4000)
        try:
            counts = vectorizer.fit_transform(words)
        except ValueError:  # no word is shared by so many texts
            return
        idf = np.log((1 + len(texts)) / (1 + np.bincount(counts.indices, minlength=counts.shape[1]))) + 1
        matrix = _weighted(counts, idf)
        k = self._number(matrix, language)
        if k == 0:
            return
        nmf = _nmf(matrix, k, self.seed)
        model = _Model(language, vectorizer, idf, nmf, known)
        place, weight = _place(nmf, matrix)
        start = len(self.topics_)
        self._models[language] = model
        names = class_words(counts, place, k, vectorizer.get_feature_names_out(), self.words)
        found = []
        for c in range(k):
            mine = np.flatnonzero(place == c)
            best = mine[np.argsort(-weight[mine] * _length(counts, mine), kind="stable")][:5]
            found.append(
                Topic(
                    f"{language}{c}", language, names[c], len(mine), len(mine) / total,
                    tuple(int(rows[i]) for i in best),
                )
            )  # fmt: skip
        self.topics_ += tuple(found)
        self.labels_[rows] = np.where(place >= 0, place + start, -1)
        self.weights_[rows] = weight

    def _number(self, matrix: Any, language: str) -> int:
        full = matrix[np.flatnonzero(np.diff(matrix.indptr))]
        room = min(full.shape[0] // 10, full.shape[1] // 2, self.most)
        if self.topics is not None:
            return int(min(self.topics, max(full.shape[1] - 1, 0), full.shape[0]))
        if room < 2:
            return 0
        rng = np.random.default_rng(self.seed)
        some = full[np.sort(rng.permutation(full.shape[0])[:LOOKED_AT])]
        tried = [(k, _stability(some, k, self.seed)) for k in range(2, room + 1)]
        self.trials_ += tuple((language, k, s) for k, s in tried)
        best = max(s for _, s in tried)
        return int(max(k for k, s in tried if s >= best - ABOUT_EQUAL))

    def predict(self, texts: Any) -> NDArray[np.int64]:
        """The topic of each text as a row of ``topics_``; -1 where none of its words is known."""
        said = _said(texts)
        tongue = languages(said)
        found = np.full(len(said), -1, dtype=np.int64)
        start = 0
        for one, model in self._models.items():
            rows = np.flatnonzero(tongue == one)
            if len(rows):
                words = topic_words([said[i] for i in rows], one, model.known)
                matrix = _weighted(model.vectorizer.transform(words), model.idf)
                place, _ = _place(model.nmf, matrix)
                found[rows] = np.where(place >= 0, place + start, -1)
            start += model.nmf.n_components
        return found


def class_words(
    counts: sparse.csr_matrix, place: NDArray[np.int64], k: int, names: NDArray[np.object_], most: int
) -> list[tuple[str, ...]]:
    """The words that tell one topic from the others; a word inside a chosen pair is not said twice."""
    members = sparse.csr_matrix(
        (np.ones((place >= 0).sum()), (place[place >= 0], np.flatnonzero(place >= 0))), shape=(k, len(place))
    )
    frequency = np.asarray((members @ counts).todense(), dtype=np.float64)
    size = max(frequency.sum() / k, 1.0)
    score = frequency * np.log1p(size / np.maximum(frequency.sum(axis=0), 1.0))
    chosen = []
    for row in score:
        words: list[str] = []
        for i in np.argsort(-row, kind="stable")[: 4 * most]:
            word = str(names[i])
            if row[i] > 0 and not any(word in w or w in word for w in words):
                words.append(word)
        chosen.append(tuple(words[:most]))
    return chosen


def _stability(matrix: Any, k: int, seed: int, splits: int = 2) -> float:
    """Mean cosine between the topics of two halves, matched one to one, over some splits."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(splits):
        half = rng.permutation(matrix.shape[0])
        cut = len(half) // 2
        one, two = (normalize(_nmf(matrix[rows], k, seed).components_) for rows in (half[:cut], half[cut:]))
        alike = one @ two.T
        rows, columns = linear_sum_assignment(-alike)
        found.append(float(alike[rows, columns].mean()))
    return float(np.mean(found))


def _nmf(matrix: Any, k: int, seed: int) -> NMF:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return NMF(k, init="nndsvd", max_iter=80, tol=1e-3, random_state=seed).fit(matrix)


def _place(nmf: NMF, matrix: Any) -> tuple[NDArray[np.int64], Vector]:
    if matrix.shape[0] == 0:
        return np.empty(0, dtype=np.int64), np.empty(0)
    weight = nmf.transform(matrix) * np.linalg.norm(nmf.components_, axis=1)
    whole = weight.sum(axis=1)
    place = np.where(whole > 0, weight.argmax(axis=1), -1)
    return place.astype(np.int64), np.divide(weight.max(axis=1), whole, out=np.zeros(len(whole)), where=whole > 0)


def _weighted(counts: sparse.csr_matrix, idf: Vector) -> Any:
    rows = counts.astype(np.float64).tocsr()
    rows.data = (1.0 + np.log(rows.data)) * idf[rows.indices]
    return normalize(rows)


def _length(counts: sparse.csr_matrix, rows: NDArray[np.int64]) -> Vector:
    """A little for texts with several topic words: one word alone is typical but says nothing."""
    return np.asarray(np.minimum(np.diff(counts.indptr)[rows], 6) ** 0.5, dtype=np.float64)


def _same(words: Sequence[str]) -> Sequence[str]:
    return words


def _said(texts: Any) -> list[str]:
    if isinstance(texts, str):
        raise ValueError("texts: a list of texts is needed, not one text")
    given = texts.to_pylist() if hasattr(texts, "to_pylist") else list(texts)
    return [str(t) if t is not None and t == t else "" for t in given]
