# ruff: noqa: E501
from __future__ import annotations

from datetime import UTC, datetime

from regulars.collect import collect

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def test_json_lines_of_events() -> None:
    data = (
        b'{"event": "signed_up", "timestamp": "2024-03-05T02:00:00Z", "user_id": "u1", "properties": {"plan": "pro"}}\n'
        b'{"event": "page", "timestamp": 1709604000000, "user_id": "u1", "value": 2.5}\nnot json\n{"event": null, "timestamp": 1709604000, "user_id": "u2"}\n'
    )
    got = collect(data, now=NOW)
    rows = got.facts["events"].rows.to_pylist()
    assert (got.kind, got.format, [r["name"] for r in rows], rows[1]["value"]) == (
        "events",
        "jsonl",
        ["signed_up", "page"],
        2.5,
    )
    assert {r["at"] for r in rows} == {datetime(2024, 3, 5, 2, tzinfo=UTC)}
    assert {(r["row"], r["reason"]) for r in got.rejects.to_pylist()} == {(3, "not_json"), (4, "event_missing")}
    assert got.facts["events"].person.to_pylist() == [0, 0]


def test_repeated_events_keep_distinct_ids() -> None:
    text = b"user id,event,time\nu1,login,2024-03-05 10:00\nu1,login,2024-03-05 10:00\nu1,login,2024-03-05 11:00\n"
    ids = collect(text, now=NOW).facts["events"].rows["id"].to_pylist()
    assert len(set(ids)) == 3
