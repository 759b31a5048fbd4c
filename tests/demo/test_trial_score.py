"""Scores by hand: shares of the oracle's extra, intervals, the worst week."""

from __future__ import annotations

import json
import math

import pytest
from scipy import stats

from regulars.demo.trial import Week
from regulars.demo.trial_run import trial
from regulars.demo.trial_score import T90, figures, interval, result, scores, share, table, worst


def runs(loop, oracle, base=(100.0, 100.0)):
    def weeks(money):
        return {"money": list(money), "messages": [0.0] * len(money), "booked": list(money)}

    return {"last_quarter": weeks(base), "loop": weeks(loop), "oracle": weeks(oracle)}


def test_shares_and_the_worst_week_by_hand():
    one = runs(loop=(90.0, 180.0), oracle=(200.0, 200.0))
    assert share(one, "loop") == pytest.approx(70 / 200)
    assert share(one, "loop", last=1) == pytest.approx(0.8)
    assert share(one, "oracle") == 1.0
    assert share(one, "last_quarter") == 0.0
    assert worst(one, "loop") == pytest.approx(-0.1)


def test_intervals_are_students():
    found = interval([0.8, 0.9, 1.0])
    half = stats.t.ppf(0.95, 2) * 0.1 / math.sqrt(3)
    assert (found.value, found.low, found.high) == pytest.approx((0.9, 0.9 - half, 0.9 + half), abs=1e-3)
    assert interval([0.5]).low is None
    assert list(T90) == pytest.approx([stats.t.ppf(0.95, d) for d in range(1, len(T90) + 1)], abs=1e-3)


def test_the_result_is_plain_data_and_names_every_kind():
    made = {("a", 1): runs((150, 150), (200, 200)), ("a", 2): runs((190, 190), (200, 200)),
            ("b", 1): runs((100, 100), (200, 200))}  # fmt: skip
    found = json.loads(json.dumps(result(made, weeks=2)))
    assert found["kinds"]["a"]["loop"]["late"]["value"] == pytest.approx(0.7)
    assert found["kinds"]["b"]["loop"]["share"]["value"] == 0.0
    assert found["all"]["loop"]["share"]["value"] == pytest.approx((0.5 + 0.9 + 0.0) / 3)
    assert "oracle" in table(found)
    assert set(scores(list(made.values()))) == {"last_quarter", "loop", "oracle"}


def test_figures_keep_the_weeks():
    weeks = [Week(1.4, 2.6, 3.0, {"search": 1}, 1)]
    assert figures(weeks) == {"money": [1], "messages": [3], "booked": [3]}
    assert weeks[0].earned == 4.0


def test_runs_that_were_kept_are_not_run_again(tmp_path):
    keep = tmp_path / "runs.json"
    rows = [{"kind": "shock", "seed": 1, "weeks": 2, "people": 700, "runs": runs((150, 150), (200, 200))}]
    keep.write_text(json.dumps(rows), "utf-8")
    found = trial(kinds=["shock"], seeds=(1,), weeks=2, people=700, keep=keep, stamp={"version": "x"})
    assert found["kinds"]["shock"]["loop"]["share"]["value"] == 0.5
    assert found["version"] == "x"
    with pytest.raises(ValueError, match="no kind of company nowhere"):
        trial(kinds=["nowhere"])
