from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa

from regulars.decide.next_best import NextBestAction
from regulars.decide.next_best_hours import timed
from regulars.decide.people import person_rows
from regulars.tables import why_codes

AT = "2026-03-05T09:00:00+00:00"


def rows() -> pa.Table:
    people = {
        "customer": ["a", "b", "c"], "activity": ["at_risk"] * 3, "email_ok": [True, True, False],
        "phone_ok": [False, False, True], "aov": [9_000.0] * 3, "clv": [9_000.0] * 3, "p_alive": [0.5] * 3,
    }  # fmt: skip
    stamp = {"plan": "p", "made_at": datetime(2026, 3, 5, tzinfo=UTC), "lake_version": "1"}
    return person_rows(NextBestAction().decide(people).solution, "p", stamp)


def test_each_row_says_when_it_is_due_through_its_own_channel() -> None:
    found = timed(rows(), {"email": {"a": AT, "c": AT}, "phone": {"c": "2026-03-06T10:00:00+00:00"}, "own": {"a": ""}})
    why = {r["customer"]: why_codes(r["why"]) for r in found.to_pylist()}
    assert why["a"]["due"] == AT
    assert "own_hour" in why["a"]
    assert "due" not in why["b"]
    assert why["c"]["due"] == "2026-03-06T10:00:00+00:00"
    assert "own_hour" not in why["c"]
    assert found.schema == rows().schema


def test_without_a_schedule_the_rows_stay_as_they_are() -> None:
    assert timed(rows(), {}).equals(rows())
    assert timed(rows().slice(0, 0), {"email": {"a": AT}}).num_rows == 0
    assert timed(rows(), {"email": {}, "own": {}}).column("why").equals(rows().column("why"))
