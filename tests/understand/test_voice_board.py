"""The board of the voice page, from the demo's texts and from almost nothing."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from regulars.demo import phrases
from regulars.demo.feedback import write
from regulars.tables import SCORES, TEXTS
from regulars.understand.voice_board import voice_board

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def view_of(texts, scores=None, feedback=None):
    """As much of a turn as this board looks at."""
    facts = {} if feedback is None else {"feedback": feedback}
    return SimpleNamespace(
        texts=texts, scores=SCORES.empty() if scores is None else scores, facts=facts, now=NOW,
        settings=SimpleNamespace(zone="Asia/Shanghai"),
    )  # fmt: skip


def table(rows):
    return pa.table(
        {f.name: pa.array([r.get(f.name) for r in rows], f.type) for f in TEXTS}, schema=TEXTS
    )  # fmt: skip


def demo(n, seed=0):
    rng = np.random.default_rng(seed)
    topic, tone = rng.integers(0, len(phrases.TOPICS), n), rng.integers(0, 3, n)
    texts, _ = write(rng, rng.integers(0, 2, n), topic, tone)
    rows = [
        {"id": i, "customer": f"c{i % (n // 2)}", "at": NOW - timedelta(days=int(rng.integers(0, 300))),
         "kind": "ticket" if i % 2 else "review", "score": None if i % 2 else float([1, 3, 5][tone[i]]), "text": t,
         "status": "open" if i % 2 else None}
        for i, t in enumerate(texts)
    ]  # fmt: skip
    return rows, tone


@pytest.fixture(scope="module")
def board():
    rows, tone = demo(500)
    names = [f"c{i}" for i in range(250)]
    scores = [
        SCORES.fill({"customer": names, "name": name, "value": value, "label": label, "made_by": "x", "made_at": NOW,
                     "lake_version": "1", "why": ""}, 250)
        for name, value, label in (("segment", None, "loyal"), ("activity", None, ["lost"] * 100 + ["active"] * 150),
                                   ("clv", 1000.0, None))
    ]  # fmt: skip
    return voice_board(view_of(table(rows), pa.concat_tables(scores))), rows, tone


def test_it_is_json_without_a_text_in_it(board):
    found, rows, _ = board
    body = {f.name: getattr(found, f.name) for f in dataclasses.fields(found) if f.name != "cards"}
    said = json.dumps(body, default=dataclasses.asdict, ensure_ascii=False)
    assert not any(r["text"] in said for r in rows)


def test_the_tone_read_is_the_tone_written(board):
    found, _, tone = board
    sure = [(one.positive >= 0.5, tone[one.answer]) for one in found.listed if tone[one.answer] != 1]
    assert np.mean([p == (t == 2) for p, t in sure]) > 0.9
    assert found.cards[0].metrics[0][1] > 0.85


def test_every_number_adds_up(board):
    found, rows, _ = board
    assert found.texts == found.read == len(rows)
    assert sum(found.languages.values()) + sum(found.aside.values()) == len(rows)
    assert {t.topic.language for t in found.themes} == {"zh", "en"}
    assert all(t.need.customers >= 5 for t in found.themes)
    assert all(m.low <= m.positive <= m.high for m in found.months)
    ids = {r["id"] for r in rows}
    assert {e for t in found.themes for e in t.examples} | {p.answer for p in found.pressing} <= ids


def test_only_open_tickets_press(board):
    found, rows, _ = board
    assert found.pressing
    assert all(rows[p.answer]["kind"] == "ticket" for p in found.pressing)


def test_the_owners_word_counts_more_than_the_list():
    rows, _ = demo(300)
    for r in rows:
        r["score"] = None
    odd = [{"id": 1000 + i, "customer": f"z{i}", "at": NOW, "kind": "review", "text": f"灰度通道{i}号",
            "label": "negative"}
           for i in range(40)]  # fmt: skip
    good = [{"id": 2000 + i, "customer": f"y{i}", "at": NOW, "kind": "review", "text": f"蓝色旗舰{i}号",
             "label": "positive"}
            for i in range(40)]  # fmt: skip
    found = voice_board(view_of(table(rows + odd + good)))
    by = {one.answer: one.positive for one in found.listed}
    assert np.mean([by[1000 + i] < 0.5 for i in range(40) if 1000 + i in by]) > 0.9
    assert np.mean([by[2000 + i] > 0.5 for i in range(40) if 2000 + i in by]) > 0.9
    assert found.labels == 80


@pytest.mark.parametrize("n", [1, 5])
def test_a_few_texts_of_a_small_company(n):
    rows = [{"id": i, "customer": f"c{i}", "at": NOW, "kind": "review", "score": 5.0, "text": "很好"} for i in range(n)]
    found = voice_board(view_of(table(rows)))
    assert found.themes == ()
    assert found.read == n


def test_nothing_said_nothing_to_say():
    assert voice_board(view_of(TEXTS.empty_table())) is None


def test_marks_without_texts():
    feedback = pa.table({"kind": ["csat"] * 6, "score": [5.0] * 6, "channel": ["web"] * 6,
                         "day": [NOW.date() - timedelta(days=40 * i) for i in range(6)]})  # fmt: skip
    found = voice_board(view_of(TEXTS.empty_table(), feedback=feedback))
    assert found.summary[0]["n"] == 6
    assert len(found.trend) >= 5
    assert found.cards == ()
