"""What customers say, for the page: scores and tone over time, topics, what presses, and what those who left said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from regulars.lake.frames import to_arrow
from regulars.tables.shares import wilson
from regulars.understand.aspects import learn_words, mentions
from regulars.understand.cards import ModelCard
from regulars.understand.emotion import strength
from regulars.understand.language import languages
from regulars.understand.needs import Need, Needs, Said, leavers_words
from regulars.understand.pressing import Pressing, pressing
from regulars.understand.sentiment import Sentiment, tones
from regulars.understand.spam import set_aside
from regulars.understand.topic_words import topic_words
from regulars.understand.topics import Topic, Topics
from regulars.understand.view import View
from regulars.understand.voice import Z90, voice_summary, voice_trend

Vector = NDArray[np.float64]
# The newest texts are read and of these the newest are learned from: what is said today counts, and a turn stays short.
READ, LEARNED, LISTED = 10_000, 2_000, 400
SMALLEST = 5
# A written mark is the customer's own label: 1 to 5 in reviews and satisfaction, 0 to 10 in recommendations.
GOOD = {"review": 4.0, "csat": 4.0, "nps": 9.0}
BAD = {"review": 2.0, "csat": 2.0, "nps": 6.0}


@dataclass(frozen=True)
class Month:
    """How many texts of a month praise, of those that take a side, with a 90 % interval."""

    month: str
    texts: int
    positive: float
    low: float
    high: float


@dataclass(frozen=True)
class Theme:
    """A topic with the need behind it; ``examples`` are ids of answers."""

    topic: Topic
    need: Need
    positive: float
    negative: float
    examples: tuple[int, ...]


@dataclass(frozen=True)
class Aspect:
    """A part of the offer: customers and texts that speak of it, mean tone from -1 to 1 with its 90 % interval."""

    aspect: str
    texts: int
    customers: int
    tone: float
    low: float
    high: float


@dataclass(frozen=True)
class Listed:
    """What was read in one answer: probability of praise, strength, topic key, aspects."""

    answer: int
    positive: float
    strength: float
    topic: str
    aspects: tuple[str, ...]


@dataclass(frozen=True)
class VoiceBoard:
    """Ids and words only; the texts stay in the book."""

    texts: int
    read: int
    aside: dict[str, int]
    languages: dict[str, int]
    labels: int
    summary: tuple[dict[str, Any], ...]
    trend: tuple[dict[str, Any], ...]
    months: tuple[Month, ...]
    themes: tuple[Theme, ...]
    aspects: tuple[Aspect, ...]
    pressing: tuple[Pressing, ...]
    left_words: tuple[Said, ...]
    left: int
    listed: tuple[Listed, ...]
    cards: tuple[ModelCard, ...]


def voice_board(view: View) -> VoiceBoard | None:
    """Read what was written and sum up the marks given; None where there is neither."""
    summary, trend = _marks(view)
    if view.texts.num_rows == 0 and not summary:
        return None
    newest = view.texts.take(pc.sort_indices(view.texts, [("at", "descending"), ("id", "descending")])[:READ])
    said = newest.column("text").to_pylist()
    aside = set_aside(said[::-1], newest.column("customer").to_pylist()[::-1])[::-1]
    kept = newest.filter(pa.array(aside == ""))
    texts = kept.column("text").to_pylist()
    model, positive = _tone(kept, texts)
    topics = Topics().fit(texts)
    themes = _themes(view, kept, topics, positive)
    told = {t.topic.key for t in themes}
    topic = np.array([topics.topics_[i].key if i >= 0 else "" for i in topics.labels_], dtype=object)
    aspects, by_text = _aspects(kept, texts)
    left, left_words = _left(view, kept, texts)
    ids = kept.column("id").to_pylist()
    strong = strength(texts[:LISTED])
    listed = tuple(
        Listed(ids[i], round(float(positive[i]), 3), round(float(strong[i]), 2),
               topic[i] if topic[i] in told else "", by_text.get(i, ()))
        for i in range(min(len(ids), LISTED))
    )  # fmt: skip
    urgent = pressing(kept, positive, now=view.now)
    return VoiceBoard(
        texts=view.texts.num_rows,
        read=len(said),
        aside={r: int(n) for r, n in zip(*np.unique(aside[aside != ""], return_counts=True), strict=True)},
        languages={str(k): int(n) for k, n in zip(*np.unique(languages(texts), return_counts=True), strict=True)},
        labels=int(kept.num_rows - kept.column("label").null_count),
        summary=summary,
        trend=trend,
        months=_months(view, kept, positive),
        themes=themes,
        aspects=aspects,
        pressing=urgent,
        left_words=left_words,
        left=left,
        listed=listed,
        cards=_cards(kept, model, topics),
    )


def _marks(view: View) -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
    """What the marks say, the last twelve months and by month."""
    if "feedback" not in view.facts:
        return (), ()
    table = view.facts["feedback"]
    rows = to_arrow(table.select("kind", "score", "channel", "day") if hasattr(table, "to_pyarrow") else table)
    since = (view.now - timedelta(days=365)).date()
    rows = rows.filter(pc.and_(pc.is_valid(rows["score"]), pc.greater_equal(rows["day"].cast(pa.date32()), since)))
    if rows.num_rows == 0:
        return (), ()
    summary = voice_summary(rows.select(["kind", "score", "channel"]), population=None)
    return tuple(summary.to_pylist()), tuple(voice_trend(rows.select(["kind", "score", "day"])).to_pylist())


def _tone(kept: pa.Table, texts: Sequence[str]) -> tuple[Sentiment, Vector]:
    labels = _labels(kept)
    owner = kept.column("label").is_valid().to_numpy(zero_copy_only=False)
    # The owner's own labels are all learned from, however old.
    some = np.union1d(np.arange(min(len(texts), LEARNED)), np.flatnonzero(owner))
    model = Sentiment().fit([texts[i] for i in some], [labels[i] for i in some])
    return model, model.predict_proba(texts)[:, 1]


def _labels(kept: pa.Table) -> list[int | None]:
    """What the owner said; else what the customer's own mark says; else nothing."""
    found: list[int | None] = []
    columns = (kept.column(c).to_pylist() for c in ("label", "kind", "score"))
    for label, kind, score in zip(*columns, strict=True):
        if label in ("positive", "negative"):
            found.append(int(label == "positive"))
        elif score is not None and kind in GOOD and (score >= GOOD[kind] or score <= BAD[kind]):
            found.append(int(score >= GOOD[kind]))
        else:
            found.append(None)
    return found


def _months(view: View, kept: pa.Table, positive: Vector) -> tuple[Month, ...]:
    if kept.num_rows == 0:
        return ()
    zone = ZoneInfo(view.settings.zone)
    month = np.array([at.astimezone(zone).strftime("%Y-%m") for at in kept.column("at").to_pylist()])
    tone = tones(positive)
    found = []
    for one in sorted(set(month.tolist()))[-24:]:
        mine = tone[month == one]
        good, sides = int((mine == "positive").sum()), int((mine != "neutral").sum())
        if sides >= SMALLEST:
            low, high = wilson(float(good), float(sides))
            found.append(Month(one, len(mine), good / sides, float(low), float(high)))
    return tuple(found)


def _themes(view: View, kept: pa.Table, topics: Topics, positive: Vector) -> tuple[Theme, ...]:
    key = [topics.topics_[i].key if i >= 0 else None for i in topics.labels_]
    customers = kept.column("customer").to_pylist()
    segment, worth = _by_name(view, "segment", "label"), _by_name(view, "clv", "value")
    rows = pa.table(
        {
            "customer": pa.array(customers, pa.string()),
            "at": kept.column("at"),
            "topic": pa.array(key, pa.string()),
            "pain": pa.array((tones(positive) == "negative").astype(np.float64)),
            "segment": pa.array([segment.get(c) for c in customers], pa.string()),
            "worth": pa.array([worth.get(c) for c in customers], pa.float64()),
        }
    )
    ids, tone = kept.column("id").to_pylist(), tones(positive)
    place = {t.key: i for i, t in enumerate(topics.topics_)}
    found = []
    for need in Needs(smallest=SMALLEST).fit(rows, now=view.now).needs_:
        one = topics.topics_[place[need.topic]]
        mine = topics.labels_ == place[need.topic]
        found.append(
            Theme(
                Topic(one.key, one.language, one.words, one.size, one.share, ()),
                need,
                float((tone[mine] == "positive").mean()),
                float((tone[mine] == "negative").mean()),
                tuple(ids[i] for i in one.examples),
            )
        )
    return tuple(found)


def _by_name(view: View, name: str, column: str) -> dict[str, Any]:
    rows = view.scores.filter(pc.equal(view.scores["name"], name))
    return dict(zip(rows["customer"].to_pylist(), rows[column].to_pylist(), strict=True))


def _aspects(kept: pa.Table, texts: Sequence[str]) -> tuple[tuple[Aspect, ...], dict[int, tuple[str, ...]]]:
    some = texts[:LEARNED]
    customers = kept.column("customer").to_pylist()
    every = mentions(some, learn_words(some))
    by_text: dict[int, list[str]] = {}
    found = []
    for name in sorted({m.aspect for m in every}):
        mine = [m for m in every if m.aspect == name]
        for m in mine:
            by_text.setdefault(m.row, []).append(name)
        people = len({customers[m.row] for m in mine})
        if people >= SMALLEST:
            tone = np.array([m.tone for m in mine])
            mean, half = float(tone.mean()), Z90 * float(tone.std(ddof=1)) / np.sqrt(len(tone))
            found.append(Aspect(name, len(mine), people, mean, max(mean - half, -1.0), min(mean + half, 1.0)))
    return tuple(sorted(found, key=lambda a: (-a.texts, a.aspect))), {i: tuple(n) for i, n in by_text.items()}


def _left(view: View, kept: pa.Table, texts: Sequence[str]) -> tuple[int, tuple[Said, ...]]:
    """Words of those who left against those who are active; who only slows down is on neither side."""
    state = _by_name(view, "activity", "label")
    customers = kept.column("customer").to_pylist()
    side = {"lost": True, "dormant": True, "active": False, "loyal": False, "new": False}
    tongue = languages(texts)
    found: list[Said] = []
    gone: set[str] = set()
    for one in ("zh", "en"):
        rows = [int(i) for i in np.flatnonzero(tongue == one) if state.get(customers[i]) in side]
        left = [side[state[customers[i]]] for i in rows]
        gone |= {customers[i] for i, yes in zip(rows, left, strict=True) if yes}
        words = topic_words([texts[i] for i in rows], one)
        found += leavers_words(words, left, [customers[i] for i in rows], smallest=SMALLEST)
    return len(gone), tuple(sorted(found, key=lambda s: -s.z)[:16])


def _cards(kept: pa.Table, model: Sentiment, topics: Topics) -> tuple[ModelCard, ...]:
    if kept.num_rows == 0:
        return ()
    days = kept.column("at")
    first, last = (str(f(days).as_py())[:10] for f in (pc.min, pc.max))
    named = ModelCard(
        model="topics", version="topics/1", trained_from=first, trained_to=last, n=kept.num_rows,
        features=("words",), parameters=tuple((f"stability_{tongue}_{k}", s, None) for tongue, k, s in topics.trials_),
        holdout=None, limits=() if topics.topics_ else ("too_few_texts",), data="texts",
    )  # fmt: skip
    return (replace(model.card_, trained_from=first, trained_to=last), named)
