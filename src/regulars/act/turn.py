"""Act's part of a turn: approved decisions become drafts of messages, each with its verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regulars.act.gate import DENY, HOLD_OUT, Gate, GateRules, GateSettings
from regulars.act.holdout import flow_of
from regulars.act.outbox import DENIED, HOLDOUT, QUEUED, REACHED
from regulars.act.render import language_of
from regulars.lake.frames import to_arrow

_TEXT: Final = pa.string()
_TIME: Final = pa.timestamp("us", tz="UTC")
DRAFTS: Final = pa.schema(
    [
        pa.field("key", _TEXT, nullable=False),
        pa.field("decision", _TEXT),
        pa.field("plan", _TEXT),
        pa.field("customer", _TEXT, nullable=False),
        pa.field("channel", _TEXT, nullable=False),
        pa.field("action", _TEXT, nullable=False),
        pa.field("language", _TEXT, nullable=False),
        pa.field("value", pa.float64()),
        pa.field("verdict", _TEXT, nullable=False),
        pa.field("reason", _TEXT, nullable=False),
        pa.field("retry_at", _TIME),
        pa.field("state", _TEXT, nullable=False),
    ]
)


class ActSettings(GateSettings, Protocol):
    """The settings this step reads."""

    @property
    def language(self) -> str:
        """Language of people whose own is not known."""


def message_key(plan: str | None, customer: str, action: str, step: str = "1") -> str:
    """The name of one message to one person, the same however often the turn is run.

    >>> message_key("plan7", "c1", "win_back") == message_key("plan7", "c1", "win_back")
    True
    """
    name = "\0".join((plan or "", customer, action, step))
    return hashlib.blake2b(name.encode(), digest_size=16).hexdigest()


def reached(messages: pa.Table) -> pa.Table:
    """Who got which message when, from the states in the lake: one row per message.

    A message that was sent and bounced later counts once, at its first time.
    """
    got = messages.filter(pc.is_in(messages["state"], value_set=pa.array(sorted(REACHED))))
    grouped = got.group_by(["customer", "message"], use_threads=False)
    first = grouped.aggregate([("at", "min"), ("channel", "first")])
    return pa.table(
        {
            "customer": first["customer"],
            "channel": pc.fill_null(first["channel_first"], "email"),
            "at": first["at_min"],
            "key": first["message"],
        }
    )


def act(
    decisions: Any,
    people: Any,
    history: Any,
    *,
    now: datetime,
    settings: ActSettings,
    quotas: Mapping[str, int] | None = None,
    salt: str = "regulars",
) -> pa.Table:
    """Turn approved decisions about people into message drafts with the gate's verdicts.

    Args:
        decisions: rows of the table ``decisions`` the owner approved; those that are not
            about a person (a budget) are passed over.
        people: ``customer, language, zone, email_ok`` of everybody.
        history: rows of the table ``messages``: what became of earlier messages.
        now: the turn's time.
        settings: the owner's settings (language, zone, caps, quiet hours, holdout share).
        quotas: messages this plan may send, by ``channel`` or ``channel/action``; the most valuable go first.
        salt: draws the holdouts; must stay the same for as long as a plan runs.

    Returns:
        One row per draft (schema ``DRAFTS``): ``state`` is ``queued`` (from ``retry_at`` on,
        if set), ``holdout`` or ``denied``, with the ``reason`` code.
    """
    chosen = to_arrow(decisions)
    chosen = chosen.filter(pc.and_(pc.equal(chosen["kind"], "next_best"), pc.is_valid(chosen["customer"])))
    known = to_arrow(people)
    at = pc.index_in(chosen["customer"], value_set=known["customer"].combine_chunks())
    about = {name: known[name].take(at) for name in ("language", "zone", "email_ok")}
    customers, plans, actions = (chosen[n].to_pylist() for n in ("customer", "plan", "subject"))
    rows = list(zip(plans, customers, actions, strict=True))
    keys = [message_key(*row) for row in rows]
    channel = pc.fill_null(chosen["channel"], "email")
    sends = pa.table(
        {
            "customer": chosen["customer"],
            "key": pa.array(keys, _TEXT),
            "channel": channel,
            "flow": pa.array([flow_of(plan, action) for plan, _, action in rows], _TEXT),
            "action": chosen["subject"],
            "consent": pc.if_else(pc.fill_null(about["email_ok"], False), "granted", "unknown"),
            "has_address": pc.is_valid(at),
            "zone": about["zone"],
            "priority": pc.fill_null(chosen["value"].cast(pa.float64()), 0.0),
        }
    )
    gate = Gate(GateRules.of(settings, salt=salt, quotas=quotas))
    verdicts = gate.judge_many(sends, reached(to_arrow(history)), now)
    verdict = np.array(verdicts["verdict"].to_pylist(), dtype=object)
    state = np.where(verdict == HOLD_OUT, HOLDOUT, np.where(verdict == DENY, DENIED, QUEUED))
    languages = [language_of(code, settings.language) for code in about["language"].to_pylist()]
    return pa.table(
        [
            sends["key"], chosen["id"], chosen["plan"], chosen["customer"], channel, chosen["subject"],
            pa.array(languages, _TEXT), chosen["value"], verdicts["verdict"], verdicts["reason"],
            verdicts["retry_at"], pa.array(state, _TEXT),
        ],
        schema=DRAFTS,
    )  # fmt: skip
