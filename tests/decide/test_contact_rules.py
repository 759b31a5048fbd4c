from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import ibis
import pytest

from regulars.decide.contact_rules import CALLS, EXPLORE, recent_contacts, rule_of
from regulars.tables import DECIDING, MESSAGES

NOW = datetime(2026, 3, 1, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    margin: float = 0.5
    horizon_days: int = 365
    message_cost: int = 5
    weekly_budget: int = 0
    cap_messages: int = 2


def sent(*rows: tuple[str, str, str, int]) -> object:
    given = {
        "source": "t", "id": [f"m{i}{s}" for i, (_c, _m, s, _d) in enumerate(rows)], "revision": 0,
        "recorded_at": NOW, "customer": [r[0] for r in rows], "message": [r[1] for r in rows],
        "state": [r[2] for r in rows], "channel": "email", "plan": "p", "action": "care",
        "at": [NOW - timedelta(days=r[3]) for r in rows], "day": NOW.date(),
    }  # fmt: skip
    return ibis.memtable(MESSAGES.fill(given, len(rows)))


def test_messages_lately_are_counted_once_and_what_a_message_spoils_is_measured() -> None:
    facts = sent(("a", "m1", "sent", 1), ("a", "m1", "unsubscribed", 1), ("a", "m2", "sent", 3),
                 ("b", "m3", "sent", 30), ("c", "m4", "holdout", 1), ("d", "m5", "sandboxed", 6))  # fmt: skip
    recent, reached, spoilt = recent_contacts(facts, NOW, 7)
    assert recent == {"a": 2, "d": 1}
    assert reached == {"email": 2.0}
    assert spoilt == pytest.approx((1 + 2) / (4 + 1000))
    assert recent_contacts(None, NOW, 7) == ({}, {}, 0.0)


def test_the_owners_rules_become_limits() -> None:
    import pyarrow as pa

    book = {name: shape.empty_table() for name, shape in DECIDING.items()}
    plain = rule_of(Given(), book, {}, 0.0, "p1")
    assert plain.channel_quota == {"phone": float(CALLS)}
    assert (plain.explore, plain.contact_cap, plain.key) == (EXPLORE, 2, "p1")
    book["contact_rules"] = pa.Table.from_pylist(
        [{"kind": k, "name": n, "amount": a} for k, n, a in
         [("total", None, 50.0), ("money", None, 900.0), ("action", "care", 7.0), ("stock", "win_back", 3.0),
          ("cost", "phone", 800.0), ("explore", None, 0.1)]], schema=DECIDING["contact_rules"],
    )  # fmt: skip
    book["contacts"] = pa.Table.from_pylist([{"channel": "email", "most": 40}], schema=DECIDING["contacts"])
    book["strategies"] = pa.Table.from_pylist(
        [{"state": "lost", "goal": "leave", "by_hand_from": None},
         {"state": "loyal", "goal": "referral", "by_hand_from": 5_000.0}], schema=DECIDING["strategies"],
    )  # fmt: skip
    rule = rule_of(Given(), book, {"email": 15.0}, 0.002, "p1")
    assert (rule.quota, rule.budget, rule.explore, rule.fatigue) == (50, 900.0, 0.1, 0.002)
    assert (rule.action_quota, rule.stock) == ({"care": 7.0}, {"win_back": 3.0})
    assert rule.channel_quota == {"phone": 10.0, "email": 25.0}
    assert rule.channel_cost["phone"] == 800.0
    assert (rule.leave, rule.by_hand_from) == (("lost",), {"loyal": 5_000.0})
    assert {k.code for k in rule.limits} == {
        "quota:total", "quota:phone", "quota:email", "action:care", "stock:win_back", "contact_budget",
    }  # fmt: skip
