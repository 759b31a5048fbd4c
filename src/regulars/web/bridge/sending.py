"""From approved decisions to messages that went out, each judged by the gate twice and sent at most once."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from regulars.act.channels.base import ChannelSettings, Transport
from regulars.act.channels.registry import channel
from regulars.act.gate import Gate, GateRules
from regulars.act.outbox import OutboxRow
from regulars.act.render import Facts, Renderer
from regulars.act.sender import send_batch
from regulars.act.turn import act
from regulars.trust.suppression import Suppression
from regulars.web.audit.services import record
from regulars.web.bridge.bulk import stamp, upsert
from regulars.web.bridge.intake import flush
from regulars.web.bridge.lake import lake
from regulars.web.bridge.people import people_table
from regulars.web.bridge.plans import approved_decisions
from regulars.web.consents.queries import suppressed_hashes
from regulars.web.experiments.apart import apart_kept
from regulars.web.outbox.facts import messages_state
from regulars.web.outbox.models import Message
from regulars.web.outbox.store import DjangoOutbox
from regulars.web.outbox.unsubscribe import unsubscribe_url
from regulars.web.people.lookup import addresses
from regulars.web.plans.models import Plan, PlanRow
from regulars.web.plans.quotas import left
from regulars.web.schedule.queries import planned_hours

if TYPE_CHECKING:
    from regulars.home import Home
    from regulars.lake import Lake

Progress = Callable[[str, float], None]
BATCH = 200


def holdout_salt(home: Home) -> str:
    """What draws the holdouts of this home: secret, so that nobody can choose to be left alone or not."""
    return home.key("holdout").hex()


def queue_approved(home: Home, store: Lake, now: datetime) -> Mapping[str, int]:
    """Put the approved messages of every plan in line; returns how many are queued, held out or denied.

    A row is queued once: its message has a name made from plan, person and action.
    """
    counts: Counter[str] = Counter()
    apart_kept(home.settings.holdout_everywhere, now)
    waiting = PlanRow.objects.filter(kind="next_best", state="approved", channel="email")
    plans = Plan.objects.filter(uid__in=waiting.values("plan_id")).exclude(state="rejected")
    people: pa.Table | None = None
    for plan in plans.order_by("made_at"):
        people = people if people is not None else people_table()
        decisions = approved_decisions(plan).filter(pc.field("channel") == "email")
        drafts = act(
            decisions, people, store.current("messages"), now=now, settings=home.settings, salt=holdout_salt(home),
            quotas=left(plan.uid, now),
        )  # fmt: skip
        for start in range(0, drafts.num_rows, 5_000):
            counts.update(_queue(home, plan, drafts.slice(start, 5_000).to_pylist(), now))
    return dict(counts)


def _queue(home: Home, plan: Plan, drafts: list[dict[str, Any]], now: datetime) -> Counter[str]:
    """One transaction for a slice of drafts: messages, facts and plan rows agree at any moment."""
    settings = home.settings
    renderer = Renderer(home.path / "templates")
    known = {row[0]: row for row in addresses([d["customer"] for d in drafts])}
    hours = planned_hours([d["customer"] for d in drafts])
    rows = []
    for d in drafts:
        _, name, _, _, _, stage = known[d["customer"]]
        content = ("", "", "")
        if d["state"] == "queued":
            link = unsubscribe_url(home, d["customer"], now)
            reason = "customer" if stage in ("customer", "evangelist") else "subscriber"
            said = renderer.render(
                d["action"], d["language"],
                Facts(name=name, company=settings.company, link=settings.link, sender=settings.company,
                      unsubscribe_url=link, reason=reason),
            )  # fmt: skip
            content = (said.subject[:300], said.text, said.html)
        # Never before the gate allows it, and not before its planned hour where the owner wants that.
        wait = max(filter(None, (d["retry_at"], hours.get(d["customer"]))), default=None)
        rows.append(
            (d["key"], d["customer"], plan.uid, d["action"], "1", d["channel"], d["language"], *content, d["state"],
             "" if d["reason"] == "permitted" else d["reason"], "", 0, stamp(wait), "", stamp(now), stamp(now))
        )  # fmt: skip
    with transaction.atomic():
        before = set(Message.objects.filter(uid__in=[d["key"] for d in drafts]).values_list("uid", flat=True))
        upsert(
            Message,
            ("uid", "person_id", "plan_id", "action", "step", "channel", "language", "subject", "text", "html", "state",
             "reason", "detail", "attempts", "not_before", "claimed_by", "created_at", "updated_at"),
            rows,
            key=("uid",),
            update=(),
        )  # fmt: skip
        fresh = [d for d in drafts if d["key"] not in before]
        rested = {d["key"]: d for d in fresh if d["state"] != "queued"}
        messages_state(
            (
                (m, OutboxRow(state=rested[m.uid]["state"], reason=rested[m.uid]["reason"]))
                for m in Message.objects.filter(uid__in=list(rested))
            ),
            now,
        )
        denied = [d["decision"] for d in drafts if d["state"] == "denied"]
        PlanRow.objects.filter(id__in=denied).update(state="denied")
        done = [d["decision"] for d in drafts if d["state"] != "denied"]
        PlanRow.objects.filter(id__in=done).update(state="done")
        Plan.objects.filter(uid=plan.uid, state="approved").update(state="running")
    return Counter(d["state"] for d in fresh)


def transport_for(home: Home) -> tuple[Transport, str]:
    """The way out: your mail server, or the sandbox folder while none is set."""
    settings = home.settings
    mail = bool(settings.smtp_host and settings.smtp_from)
    chosen = channel("email" if mail else "sandbox")
    opened = chosen.open(
        ChannelSettings(
            host=settings.smtp_host,
            port=settings.smtp_port,
            user=settings.smtp_user,
            password=smtp_password(home),
            tls=settings.smtp_tls,
            sandbox=home.sandbox_path,
        )
    )
    return opened, "" if mail else str(home.sandbox_path)


def smtp_password(home: Home) -> str:
    """The mail password: from the environment, or from a file only the owner can read."""
    given = os.environ.get("REGULARS_SMTP_PASSWORD")
    if given is not None:
        return given
    path = home.keys_path / "smtp_password"
    return path.read_text("utf-8").strip() if path.is_file() else ""


def send_due(
    home: Home,
    *,
    now: datetime,
    limit: int = 100_000,
    progress: Progress = lambda stage, share: None,
) -> dict[str, Any]:
    """Queue what has been approved, then send what is due; safe to kill and to run twice."""
    store = lake()
    flush(store)
    progress("queue", 0.02)
    queued = queue_approved(home, store, now)
    begun = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    gate = Gate(
        GateRules.of(
            home.settings,
            salt=holdout_salt(home),
            suppression=Suppression(home.key("suppression"), suppressed_hashes()),
        )
    )
    due = min(Message.objects.filter(state="queued").exclude(not_before__gt=now).count(), limit)
    counts: Counter[str] = Counter()
    stopped = ""
    outbox = DjangoOutbox(home)
    worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"[:60]
    transport, sandbox = transport_for(home)
    try:
        while sum(counts.values()) < limit and not stopped:
            batch = send_batch(
                outbox, transport, gate, worker=worker, clock=clock, limit=min(BATCH, limit - sum(counts.values()))
            )
            counts.update(batch.counts)
            stopped = batch.stopped
            progress("send", 0.05 + 0.9 * min(1.0, sum(counts.values()) / max(due, 1)))
            if batch.total == 0:
                break
    finally:
        transport.close()
    flush(store)
    progress("send", 1.0)
    waiting = Message.objects.filter(state="queued").count()
    if counts or queued:
        record("program", "messages_send", **{k: v for k, v in counts.items() if v})
    return {
        "queued": queued,
        "counts": {**dict(counts), "holdout": counts["holdout"] + queued.get("holdout", 0),
                   "denied": counts["denied"] + queued.get("denied", 0), "waiting": waiting},
        "stopped": stopped,
        "sandbox": sandbox,
    }  # fmt: skip
