from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from regulars import tables
from regulars.act.holdout import Holdout, flow_of
from regulars.act.turn import DRAFTS, act, message_key, reached

NOW = datetime(2026, 5, 1, 4, tzinfo=UTC)  # noon in Shanghai


@dataclass(frozen=True)
class Settings:
    zone: str = "Asia/Shanghai"
    language: str = "zh-hans"
    holdout_share: float = 0.0
    holdout_everywhere: float = 0.0
    quiet_from: str = "21:00"
    quiet_to: str = "08:00"
    cap_messages: int = 2
    cap_days: int = 7


def decisions(customers: list[str | None], values: list[float] | None = None, kind: str = "next_best") -> pa.Table:
    n = len(customers)
    return tables.DECISIONS.fill(
        {
            "id": [f"plan7:{i}" for i in range(n)], "plan": "plan7", "kind": kind, "customer": customers,
            "subject": "win_back", "channel": None, "value": values or [1.0] * n, "made_by": "m", "made_at": NOW,
            "lake_version": "v",
        },
        n,
    )  # fmt: skip


def people(customers: list[str], **changes: list) -> pa.Table:
    n = len(customers)
    given = {"language": ["en"] * n, "zone": [None] * n, "email_ok": [True] * n} | changes
    kinds = {"language": pa.string(), "zone": pa.string(), "email_ok": pa.bool_()}
    return pa.table({"customer": customers, **{k: pa.array(v, kinds[k]) for k, v in given.items()}})


def messages(*rows: tuple[str, str, str, float]) -> pa.Table:
    """(message, customer, state, days ago)."""
    if not rows:
        return tables.MESSAGES.empty()
    names, who, states, days = (list(column) for column in zip(*rows, strict=True))
    at = [NOW - timedelta(days=d) for d in days]
    return tables.MESSAGES.fill(
        {
            "source": "outbox", "id": [f"{m}/{s}" for m, s in zip(names, states, strict=True)], "revision": 0,
            "recorded_at": NOW, "message": names, "customer": who, "at": at, "day": [a.date() for a in at],
            "state": states,
        },
        len(rows),
    )  # fmt: skip


def test_each_approved_decision_becomes_one_draft_with_a_verdict() -> None:
    customers = ["ok", "no-consent", "night", "capped", "gone", "again"]
    known = people(
        [*customers[:4], "again"],
        email_ok=[True, False, True, True, True],
        zone=[None, None, "America/New_York", None, None],
        language=["zh-hans", "en", None, "fr", "en"],
    )
    past = messages(
        ("a", "capped", "sent", 1), ("b", "capped", "unknown", 2), ("c", "ok", "denied", 1), ("d", "ok", "holdout", 1),
        (message_key("plan7", "again", "win_back"), "again", "sent", 30),
    )  # fmt: skip
    drafts = act(decisions(customers), known, past, now=NOW, settings=Settings())
    assert drafts.schema == DRAFTS
    rows = {r["customer"]: r for r in drafts.to_pylist()}
    assert {c: (r["state"], r["reason"]) for c, r in rows.items()} == {
        "ok": ("queued", "permitted"),
        "no-consent": ("denied", "consent_missing"),
        "night": ("queued", "quiet_hours"),
        "capped": ("queued", "frequency_cap"),
        "gone": ("denied", "no_address"),
        "again": ("denied", "duplicate"),
    }
    assert rows["night"]["retry_at"] == datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert rows["capped"]["retry_at"] == NOW + timedelta(days=5)
    assert [rows[c]["language"] for c in ("ok", "no-consent", "night", "capped")] == ["zh", "en", "zh", "en"]


def test_a_message_that_was_sent_and_bounced_counts_once() -> None:
    got = reached(messages(("a", "p", "sent", 3), ("a", "p", "bounced", 1), ("b", "p", "failed", 1)))
    assert got.select(["customer", "channel", "key"]).to_pylist() == [{"customer": "p", "channel": "email", "key": "a"}]
    assert got["at"][0].as_py() == NOW - timedelta(days=3)


def test_the_quota_goes_to_the_most_valuable_and_budgets_are_passed_over() -> None:
    both = pa.concat_tables([decisions(["a", "b", "c"], [1.0, 3.0, 2.0]), decisions([None], kind="budget")])
    drafts = act(both, people(["a", "b", "c"]), messages(), now=NOW, settings=Settings(), quotas={"email": 1})
    assert drafts["reason"].to_pylist() == ["quota_used", "permitted", "quota_used"]


def test_the_same_turn_twice_makes_the_same_drafts_and_holds_back_the_same_people() -> None:
    customers = [f"p{i}" for i in range(500)]
    given = (decisions(customers), people(customers), messages())
    drafts = act(*given, now=NOW, settings=Settings(holdout_share=0.1))
    assert drafts == act(*given, now=NOW + timedelta(hours=1), settings=Settings(holdout_share=0.1))
    held = [r["customer"] for r in drafts.to_pylist() if r["state"] == "holdout"]
    assert held == [c for c in customers if Holdout(0.1).held(c, flow_of("plan7", "win_back"))]
    assert 20 < len(held) < 80
    assert len(set(drafts["key"].to_pylist())) == 500


def test_no_decisions_no_drafts() -> None:
    assert act(decisions([]), people(["a"]), messages(), now=NOW, settings=Settings()).num_rows == 0
