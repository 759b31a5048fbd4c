"""Scores and texts: surveys, reviews and tickets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from regulars.collect.canonical import TEXTS, Facts
from regulars.collect.content import content_ids
from regulars.collect.money import Amounts, read_amounts
from regulars.collect.people import People, read_people

if TYPE_CHECKING:
    from regulars.collect.columns import Columns

_WORDS: Final = {
    "非常满意": "5",
    "很满意": "5",
    "满意": "4",
    "一般": "3",
    "不满意": "2",
    "很不满意": "1",
    "非常不满意": "1",
    "好评": "5",
    "中评": "3",
    "差评": "1",
    "very satisfied": "5",
    "satisfied": "4",
    "neutral": "3",
    "dissatisfied": "2",
    "unsatisfied": "2",
    "very dissatisfied": "1",
    "good": "5",
    "bad": "1",
    "positive": "5",
    "negative": "1",
    "excellent": "5",
    "poor": "1",
    "average": "3",
}
_STARS: Final = re.compile(r"^[★⭐☆✩\ufe0f]+$")
_OUT_OF: Final = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(?:/\s*\d+|out of \d+|分|星|stars?|颗星)?\s*$", re.IGNORECASE)


def tidy_score(text: str) -> str | None:
    """A score as a number, out of stars, words or "4/5".

    >>> tidy_score("★★★★☆"), tidy_score("非常满意"), tidy_score("4/5"), tidy_score("9 - extremely likely")
    ('4', '5', '4', '9')
    """
    t = text.strip()
    if _STARS.match(t):
        return str(t.count("★") + t.count("⭐"))
    if t.casefold() in _WORDS:
        return _WORDS[t.casefold()]
    found = _OUT_OF.match(t) or re.match(r"^(\d{1,2})\s*[\-–(（:：]", t)
    return found.group(1).replace(",", ".") if found else None


def read_feedback(columns: Columns) -> tuple[dict[str, Facts], pa.Table, People]:
    """Turn a sheet into feedback facts (no text) and the texts for the book.

    A row without a date keeps its text but makes no fact.
    """
    people = read_people(columns, keep_fields=False)
    raw = columns.cells("score")
    score_cells = raw.each(tidy_score)
    score = read_amounts(score_cells)
    text, subject = columns.cells("text"), columns.cells("subject")
    spoken = ~text.blank | ~subject.blank
    times = columns.has("solved_at", "resolution_s", "first_answered_at", "first_response_s")
    columns.reject(~score.valid & ~raw.blank & ~spoken, "score_unreadable", "score")
    columns.reject(~score.valid & ~spoken & ~np.full(columns.rows, times), "score_missing")
    when = columns.dates("at") if columns.has("at") else None
    known = when.valid if when is not None else np.zeros(columns.rows, bool)
    columns.reject(~known & ~spoken, "date_missing")
    at = when.at if when is not None else np.zeros(columns.rows, np.int64)
    kind = _kind(columns, score, times)
    ids = columns.cells("feedback_id").text().to_pylist()
    blank = np.flatnonzero(columns.cells("feedback_id").blank)
    for i, made in zip(blank, content_ids(columns, blank, at), strict=True):
        ids[i] = made
    some = np.flatnonzero(columns.used & known & (score.valid | times))
    values = score.floats()
    facts = {}
    if when is not None and len(some):
        where = pa.array(some)
        facts["feedback"] = Facts.make(
            "feedback",
            {
                "source": columns.company.source,
                "id": pa.array([ids[i] for i in some], pa.string()),
                "revision": 0,
                "recorded_at": columns.company.now,
                "at": when.instants().take(where),
                "day": when.days().take(where),
                "kind": kind,
                "score": _real(values[some]),
                "first_response_s": _seconds(columns, "first_response_s", "first_answered_at", at)[some],
                "resolution_s": _seconds(columns, "resolution_s", "solved_at", at)[some],
                "channel": columns.cells("channel").take(some).text(),
                "market": columns.cells("market").take(some).text(),
            },
            people.person[some],
            columns.sheet.rows[some],
        )
    said = np.flatnonzero(columns.used & spoken)
    person = people.person[said]
    texts = pa.table(
        [
            pa.array([ids[i] for i in said], pa.string()),
            pa.array(person.astype(np.int32), mask=person < 0),
            pa.array([kind] * len(said), pa.string()),
            pa.array(at[said], pa.int64(), mask=~known[said]).cast(TEXTS.field("at").type),
            subject.take(said).text(),
            text.take(said).text(),
            _real(values[said]),
            columns.cells("status").take(said).text(),
            columns.cells("product_title").take(said).text(),
            columns.cells("order_id").take(said).text(),
            pa.array(columns.sheet.rows[said]),
        ],
        schema=TEXTS,
    )
    return facts, texts, people


def _real(values: np.ndarray) -> pa.Array:
    return pa.array(values, pa.float64(), mask=np.isnan(values))


def _kind(columns: Columns, score: Amounts, times: bool) -> str:
    headers = " ".join(columns.mapping.columns("score")).casefold()
    if times or re.search(r"ticket|工单|case", " ".join(columns.sheet.header).casefold()):
        return "ticket"
    if re.search(r"nps|recommend|推荐", headers):
        return "nps"
    if re.search(r"csat|satisf|满意|zufrieden", headers):
        return "csat"
    top = score.floats()[score.valid].max(initial=0)
    return "nps" if top > 5 else "review"


def _seconds(columns: Columns, told: str, stamped: str, at: np.ndarray) -> np.ndarray:
    """Seconds until something, told as a duration in the header's unit or as a time."""
    out: np.ndarray = np.full(columns.rows, np.nan)
    if columns.has(told):
        header = " ".join(columns.mapping.columns(told)).casefold()
        unit = 60 if re.search(r"min|分", header) else 3600 if re.search(r"hour|小时|stunden|heure", header) else 1
        out = columns.amounts(told).floats() * unit
    if columns.has(stamped):
        got = columns.dates(stamped)
        gap = np.where(got.valid & (got.at >= at), (got.at - at) / 1e6, np.nan)
        out = np.where(np.isnan(out), gap, out)
    return out
