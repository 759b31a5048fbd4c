"""Tickets, satisfaction, recommendations and reviews: scores for the lake, words for the book."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from regulars.demo import phrases
from regulars.demo.cast import NOBODY, ONE_OFF, Cast, categorical
from regulars.demo.clock import Clock, Ints, Reals
from regulars.demo.company import ALL_CHANNELS, MARKETS
from regulars.demo.facts import Facts, fact_rows, ids, pick
from regulars.demo.purchases import Sales

TICKETS_A_MONTH = 0.09
CSAT_ANSWERS = 0.6
NPS_EVERY = 90.0
NPS_ANSWERS = 0.25
REVIEW_SHARE = 0.10
FIRST_RESPONSE_S = 2 * 3600.0
RESOLUTION_S = 14 * 3600.0
# One-off buyers still write for a while after their last order.
TAIL_DAYS = 45.0

TEXT_SCHEMA = pa.schema(
    [("id", pa.string()), ("customer", pa.string()), ("at", pa.timestamp("us", tz="UTC")), ("kind", pa.string()),
     ("language", pa.string()), ("topic", pa.string()), ("sentiment", pa.string()), ("score", pa.float64()),
     ("status", pa.string()), ("subject", pa.string()), ("text", pa.string())]
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One piece of feedback a row, before it becomes a row of the lake and a text of the book."""

    kind: str
    person: Ints
    at: Reals
    sentiment: Ints
    score: Reals


def active_span(cast: Cast, start: int, end: int) -> tuple[Ints, Reals, Reals]:
    """Customers with any active time in [start, end), and when it begins and ends."""
    tail = np.where(cast.kind == ONE_OFF, TAIL_DAYS, 0.0)
    low = np.maximum(cast.first_at, start)
    high = np.minimum(cast.died_at + tail, end)
    who = np.flatnonzero((cast.kind != NOBODY) & (high > low))
    return who, low[who], high[who]


def scored(rng: np.random.Generator, mood: Reals, low: int, high: int) -> Reals:
    """A score between low and high that grows with mood, skewed to the top as real surveys are."""
    middle = low + (high - low) * (0.70 + 0.22 * mood)
    return np.clip(np.round(middle + rng.normal(0, 0.12 * (high - low), len(mood))), low, high)


def feedback_facts(
    rng: np.random.Generator, clock: Clock, cast: Cast, sales: Sales, start: int, end: int, label: str
) -> tuple[Facts, pa.Table]:
    """Feedback rows and texts of [start, end)."""
    who, low, high = active_span(cast, start, end)
    count = rng.poisson(TICKETS_A_MONTH * np.exp(-0.35 * cast.mood[who]) * (high - low) / 30.4)
    row = np.repeat(np.arange(len(who)), count)
    person = who[row]
    at = low[row] + rng.random(len(row)) * (high - low)[row]
    first_s = np.round(rng.lognormal(np.log(FIRST_RESPONSE_S), 1.0, len(person)))
    solve_s = first_s + np.round(rng.lognormal(np.log(RESOLUTION_S), 0.8, len(person)))
    # A slow answer costs satisfaction: one standard deviation of log time, 0.35 of mood.
    mood = cast.mood[person] - 0.35 * (np.log(first_s) - np.log(FIRST_RESPONSE_S))
    tone = (rng.random(len(person)) < 0.45).astype(np.int64) * (mood > -0.3)
    parts = [_rows(clock, cast, label, "ticket", person, at, None, first_s, solve_s)]
    ticket = Said("ticket", person, at, tone, np.full(len(person), np.nan))
    solved = at + solve_s / 86_400
    status = np.where(solved < end, np.where(solved < end - 14, 1, 0), np.where(at + first_s / 86_400 < end, 3, 2))
    texts = [_texts(rng, clock, cast, label, ticket, pick(["solved", "closed", "new", "open"], status))]

    answered = np.flatnonzero(rng.random(len(person)) < CSAT_ANSWERS)
    csat = scored(rng, mood[answered], 1, 5)
    parts.append(_rows(clock, cast, label, "csat", person[answered], solved[answered] + 0.1, csat))

    survey = _surveys(rng, cast, start, end)
    nps = scored(rng, cast.mood[survey[0]] + 0.25, 0, 10)
    parts.append(_rows(clock, cast, label, "nps", survey[0], survey[1], nps))

    told = np.flatnonzero((rng.random(len(sales.at)) < REVIEW_SHARE) & (cast.kind[sales.person] == ONE_OFF))
    buyer = sales.person[told]
    stars = scored(rng, cast.mood[buyer] + 0.2, 1, 5)
    when = sales.at[told] + rng.uniform(1, 12, len(told))
    parts.append(_rows(clock, cast, label, "review", buyer, when, stars))
    view = np.where(stars <= 2, 0, np.where(stars == 3, 1, 2))
    texts.append(_texts(rng, clock, cast, label, Said("review", buyer, when, view, stars), None))
    return {"feedback": pa.concat_tables(parts)}, pa.concat_tables(texts)


def _surveys(rng: np.random.Generator, cast: Cast, start: int, end: int) -> tuple[Ints, Reals]:
    """Who answered a recommendation survey when: asked every 90 days after the first order."""
    who, low, high = active_span(cast, start, end)
    people, times = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    first = cast.first_at[who]
    k = 1
    while len(who) and k * NPS_EVERY < end:
        asked = first + k * NPS_EVERY
        hit = (asked >= low) & (asked < high) & (rng.random(len(who)) < NPS_ANSWERS)
        people.append(who[hit])
        times.append(asked[hit])
        k += 1
    return np.concatenate(people), np.concatenate(times)


def _rows(
    clock: Clock, cast: Cast, label: str, kind: str, person: Ints, at: Reals, score: Reals | None,
    first_s: Reals | None = None, solve_s: Reals | None = None,
) -> pa.Table:  # fmt: skip
    return fact_rows(
        "feedback", f"{kind}{label}", clock, at, customer=cast.customer.take(pa.array(person)), kind=kind,
        score=score, first_response_s=first_s, resolution_s=solve_s,
        channel=pick([c.key for c in ALL_CHANNELS], cast.channel[person]),
        market=pick([m.key for m in MARKETS], cast.market[person]),
    )  # fmt: skip


def _texts(
    rng: np.random.Generator, clock: Clock, cast: Cast, label: str, said: Said, status: pa.Array | None
) -> pa.Table:
    n = len(said.person)
    language = cast.english[said.person].astype(np.int64)
    topic = categorical(rng, np.zeros(n, dtype=np.int64), np.array([phrases.TOPIC_SHARE]))
    words, subjects = write(rng, language, topic, said.sentiment)
    return pa.table(
        {
            "id": ids(f"{said.kind}{label}", n),
            "customer": cast.customer.take(pa.array(said.person)),
            "at": clock.times(said.at),
            "kind": pa.repeat(said.kind, n),
            "language": pick(phrases.LANGUAGES, language),
            "topic": pick(phrases.TOPICS, topic),
            "sentiment": pick(phrases.SENTIMENTS, said.sentiment),
            "score": pa.array(said.score, from_pandas=True),
            "status": pa.nulls(n, pa.string()) if status is None else status,
            "subject": pa.array(subjects, type=pa.string()),
            "text": pa.array(words, type=pa.string()),
        },
        schema=TEXT_SCHEMA,
    )


def write(rng: np.random.Generator, language: Ints, topic: Ints, sentiment: Ints) -> tuple[list[str], list[str]]:
    """A text and a subject for each entry, said in its language, about its topic, in its tone."""
    n = len(topic)
    text = np.empty(n, dtype=object)
    subject = np.empty(n, dtype=object)
    for lang, language_key in enumerate(phrases.LANGUAGES):
        words = phrases.tongue(language_key)
        for s, tone in enumerate(phrases.SENTIMENTS):
            heads, tails = words.openers[tone], words.closers[tone]
            for t, about in enumerate(phrases.TOPICS):
                rows = np.flatnonzero((language == lang) & (sentiment == s) & (topic == t))
                bodies = words.bodies[about][tone]
                sizes = (len(heads), len(bodies), len(tails), 8, len(phrases.ERRORS))
                drawn = [rng.integers(0, k, len(rows)).tolist() for k in sizes]
                text[rows] = [
                    heads[i] + bodies[j].replace("{n}", str(v + 2)).replace("{e}", phrases.ERRORS[e]) + tails[k]
                    for i, j, k, v, e in zip(*drawn, strict=True)
                ]
                subject[rows] = words.subjects[about]
    return text.tolist(), subject.tolist()
