from __future__ import annotations

import numpy as np
import pytest

from regulars.understand import voice_summary


def by(rows):
    return {(r["kind"], r["channel"]): r for r in rows.to_pylist()}


def test_nps_and_csat_by_hand():
    found = by(
        voice_summary(
            {
                "kind": ["nps"] * 5 + ["csat"] * 4,
                "score": [10, 9, 8, 6, 0, 5, 4, 3, 1],
                "channel": ["web", "web", "shop", "shop", "shop", "web", "web", "web", None],
            }
        )
    )
    assert found["nps", None]["value"] == pytest.approx(0.0)
    assert found["nps", "web"]["value"] == 100
    assert found["nps", "shop"]["value"] == pytest.approx(-200 / 3)
    assert found["csat", None]["value"] == 0.5
    assert found["csat", "web"]["n"] == 3


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    p = np.array([0.05] * 6 + [0.1, 0.1, 0.15, 0.15, 0.2])
    p /= p.sum()
    truth = 100 * (p[9:].sum() - p[:7].sum())
    hits = 0
    for _ in range(400):
        row = voice_summary({"kind": ["nps"] * 80, "score": rng.choice(11, 80, p=p)}).to_pylist()[0]
        hits += row["low"] <= truth <= row["high"]
    assert hits / 400 == pytest.approx(0.9, abs=0.045)


def test_scores_off_their_scale_are_counted_not_used():
    row = by(voice_summary({"kind": ["csat"] * 3, "score": [5, 9, np.nan]}))["csat", None]
    assert (row["n"], row["value"], row["off_scale"]) == (1, 1.0, 1)


def test_no_answers_no_rows():
    assert voice_summary({"kind": [], "score": []}).num_rows == 0
