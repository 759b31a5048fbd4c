"""The rules of this turn's contacts: what the owner set, what was sent lately, and what a message is known to spoil."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from regulars.decide.next_best import NextBestAction
from regulars.decide.wants import Wants

# A call is ten minutes of somebody's time, and a person without help makes ten of them beside the work of a day.
CALL_COST: Final = 1_500
CALLS: Final = 10
EXPLORE: Final = 0.02
# Before anything was counted: two in a thousand leave the list after a message.
GONE, SEEN = 2.0, 1_000.0
_SENT: Final = ("sent", "sandboxed", "bounced", "unsubscribed")
_WEEK: Final = 7


def recent_contacts(messages: Any, now: datetime, days: int) -> tuple[dict[str, int], dict[str, float], float]:
    """Messages of each person in the last ``days``, people reached by channel in seven days, share who then left."""
    if messages is None:
        return {}, {}, 0.0
    known = messages.filter(messages.state.isin(_SENT) & messages.customer.notnull())
    # Half open: what went out with the turn of this hour a week ago makes room for this one.
    late = (known["at"] > now - timedelta(days=days)) & (known["at"] <= now)
    week = (known["at"] > now - timedelta(days=_WEEK)) & (known["at"] <= now)
    each = known.group_by(["customer", "channel"]).aggregate(
        recent=known.message.nunique(where=late & (known.state != "unsubscribed")),
        week=(week & (known.state != "unsubscribed")).cast("int8").max(),
        sent=known.message.nunique(where=known.state != "unsubscribed"),
        gone=(known.state == "unsubscribed").cast("int8").max(),
    )
    rows: pa.Table = each.to_pyarrow()
    if not rows.num_rows:
        return {}, {}, GONE / SEEN
    gone, sent = float(pc.sum(rows.column("gone")).as_py()), float(pc.sum(rows.column("sent")).as_py())
    some = rows.filter(pc.greater(rows.column("recent"), 0))
    recent: dict[str, int] = {}
    for who, count in zip(some.column("customer").to_pylist(), some.column("recent").to_pylist(), strict=True):
        recent[who] = recent.get(who, 0) + count
    by = rows.group_by("channel").aggregate([("week", "sum")])
    reached = dict(zip(by.column("channel").to_pylist(), by.column("week_sum").to_pylist(), strict=True))
    return recent, {c or "email": float(n) for c, n in reached.items()}, (gone + GONE) / (sent + SEEN)


def rule_of(
    settings: Wants, book: Mapping[str, pa.Table], reached: Mapping[str, float], spoilt: float, key: str
) -> NextBestAction:
    """The next best action of this turn, with every limit the owner set.

    ``book``: ``contacts`` (most people by channel in seven days, less those reached already), ``contact_rules`` and
    ``strategies`` of ``tables.DECIDING``; ``spoilt`` the chance that a message makes a person leave the channel.
    """
    rules: dict[tuple[str, str | None], float] = {
        (r["kind"], r["name"] or None): r["amount"]
        for r in book["contact_rules"].to_pylist() if r["amount"] is not None
    }  # fmt: skip
    strategies = book["strategies"].to_pylist()
    channels = {"phone": float(CALLS)}
    for row in book["contacts"].to_pylist():
        if row["most"] is not None:
            channels[row["channel"]] = max(float(row["most"]) - reached.get(row["channel"], 0.0), 0.0)
    costs = {"email": float(settings.message_cost), "phone": float(CALL_COST)}
    costs |= {name: amount for (kind, name), amount in rules.items() if kind == "cost" and name}
    total = rules.get(("total", None))
    return NextBestAction(
        margin=settings.margin,
        horizon_days=settings.horizon_days,
        channel_cost=costs,
        quota=None if total is None else int(total),
        channel_quota=channels,
        action_quota={n: a for (kind, n), a in rules.items() if kind == "action" and n},
        stock={n: a for (kind, n), a in rules.items() if kind == "stock" and n},
        budget=rules.get(("money", None)),
        contact_cap=getattr(settings, "cap_messages", None),
        fatigue=spoilt,
        least={n: a for (kind, n), a in rules.items() if kind == "least" and n},
        leave=tuple(sorted(r["state"] for r in strategies if r["goal"] == "leave")),
        by_hand_from={r["state"]: r["by_hand_from"] for r in strategies if r["by_hand_from"] is not None},
        explore=min(max(rules.get(("explore", None), EXPLORE), 0.0), 1.0),
        key=key,
    )
