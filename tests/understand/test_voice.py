from __future__ import annotations

import numpy as np
import pytest

from regulars.understand import voice_summary
from regulars.understand.voice import voice_trend


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


def test_half_of_everybody_answered_is_surer_and_all_is_certain():
    rows = {"kind": ["csat"] * 50 + ["nps"] * 50, "score": [5] * 40 + [2] * 10 + [10] * 30 + [5] * 20}
    wide, half, all_ = (by(voice_summary(rows, population=n)) for n in (None, 100, 50))
    for kind in ("csat", "nps"):

        def width(found, kind=kind):
            return found[kind, None]["high"] - found[kind, None]["low"]

        assert width(half) == pytest.approx(width(wide) * np.sqrt(50 / 99), rel=0.05)
        assert width(all_) == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(ValueError, match="cannot give 50"):
        voice_summary(rows, population=49)


def test_nps_of_few_answers_is_not_certain():
    row = by(voice_summary({"kind": ["nps"] * 3, "score": [10, 10, 9]}))["nps", None]
    assert row["value"] == 100
    assert row["low"] < 60
    assert row["high"] == 100


def test_months_are_told_apart():
    from datetime import date

    rows = voice_trend({"kind": ["csat", "csat", "nps"], "score": [5, 1, 10],
                        "day": [date(2026, 1, 5), date(2026, 2, 5), date(2026, 2, 6)]})  # fmt: skip
    assert [(r["kind"], r["month"], r["value"]) for r in rows.to_pylist()] == [
        ("csat", "2026-01", 1.0), ("csat", "2026-02", 0.0), ("nps", "2026-02", 100.0),
    ]  # fmt: skip
    assert voice_trend({"kind": [], "score": [], "day": []}).num_rows == 0
