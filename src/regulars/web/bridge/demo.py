"""The demo company, moved into a home like any other: its facts to the lake, its people to the book."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from regulars import tables
from regulars.web.audit.services import record
from regulars.web.bridge import records
from regulars.web.bridge.demo_partners import demo_partners_write
from regulars.web.bridge.lake import lake
from regulars.web.bridge.wheel import wheel_turn
from regulars.web.outbox.models import Message
from regulars.web.people.models import Person
from regulars.web.plans.models import PlanRow

if TYPE_CHECKING:
    from regulars.demo.simulate import Company
    from regulars.home import Home

SOURCE = "demo"
Progress = Callable[[str, float], None]


class DemoProblem(ValueError):
    """The demo company cannot do what was asked: says why."""


def demo_make(home: Home, *, people: int, seed: int, until: datetime, progress: Progress) -> dict[str, Any]:
    """Make the demo company and turn the wheel once; a second call finds it and changes nothing.

    Raises ``DemoProblem`` in a home that already holds a real company.
    """
    from regulars.demo.simulate import join_states, stream
    from regulars.demo.state import save_state

    state_path = home.path / "demo"
    if state_path.exists():
        return {"made": False, "people": Person.objects.count(), "orders": _orders(), "home": str(home.path)}
    if Person.objects.exclude(source=SOURCE).exists():
        raise DemoProblem(f"{home.path} holds a company already; choose another folder: regulars --home FOLDER demo")
    progress("people", 0.02)
    states, number = [], 0
    for number, part in enumerate(stream(people=people, seed=seed, until=until)):
        _store(part, number, now=until)
        states.append(part.state)
        if number == 0:
            truth = json.dumps(part.truth, ensure_ascii=False, indent=1)
            (home.path / "truth.json").write_text(truth, "utf-8")
        progress("people", min(0.02 + 0.5 * (number + 1) * 50_000 / people, 0.5))
    demo_partners_write(until)
    done = wheel_turn(home, now=until, progress=lambda stage, share: progress(stage, 0.5 + share * 0.5))
    save_state(join_states(states) if len(states) > 1 else states[0], state_path)
    record("program", "demo_make", str(seed), people=people)
    return {"made": True, "people": Person.objects.count(), "orders": _orders(), "home": str(home.path), **done}


def demo_advance(home: Home, *, days: int, progress: Progress) -> dict[str, Any]:
    """Let the demo company live on under what was really sent and spent, and turn the wheel at the end.

    Messages in the sandbox count as read: in the demo there is nobody else to read them.
    """
    from regulars.demo.simulate import advance
    from regulars.demo.state import load_state, save_state

    state_path = home.path / "demo"
    if not state_path.exists():
        raise DemoProblem(f"{home.path} is not the demo company; make it first: regulars demo")
    state = load_state(state_path)
    zone = home.settings.tz
    start = datetime.combine(state.clock.origin + timedelta(days=state.end), datetime.min.time(), zone)
    until = start + timedelta(days=days)
    # The company's clock may be ahead of ours: a message nobody answered yet is read when its story goes on.
    told_path = state_path / "told.json"
    told = set(json.loads(told_path.read_text("utf-8"))) if told_path.is_file() else set()
    sent = Message.objects.filter(state__in=("sent", "sandboxed", "holdout")).values_list(
        "uid", "person_id", "state", "action", "sent_at", "created_at"
    )
    fresh = [(uid, p, s, a, max(at or made, start)) for uid, p, s, a, at, made in sent if uid not in told]
    rows = [(p, s, a, at) for _, p, s, a, at in fresh if at < until]
    told.update(uid for uid, *_, at in fresh if at < until)
    messages = pa.table(
        {
            "customer": pa.array([r[0] for r in rows], tables.TEXT),
            "at": pa.array([r[3] for r in rows], tables.TIME),
            "state": pa.array([r[1] for r in rows], tables.TEXT),
            "action": pa.array([r[2] for r in rows], tables.TEXT),
        }
    )
    spend = {
        r.subject: r.proposed
        for r in PlanRow.objects.filter(
            kind="budget", state="approved", plan__state__in=("approved", "running", "measured")
        ).order_by("plan__made_at")
        if r.proposed is not None
    }
    progress("people", 0.05)
    part = _without_erased(advance(state, messages, start, until, spend=spend or None))
    _store(part, state.epoch + 1_000, now=until)
    save_state(part.state, state_path)
    told_path.write_text(json.dumps(sorted(told)), "utf-8")
    record("program", "demo_advance", str(days))
    # Days begin at midnight, but a message sent at noon has its whole window behind it only at noon.
    first = (at for _, _, _, at in rows if at < start + timedelta(days=1))
    turned = max((at + timedelta(days=days) for at in first), default=until)
    done = wheel_turn(home, now=turned, progress=lambda stage, share: progress(stage, 0.3 + share * 0.7))
    return {"made": True, "people": Person.objects.count(), "orders": _orders(), "home": str(home.path), **done}


def _without_erased(part: Company) -> Company:
    """The simulation remembers everybody; whoever has been erased must not come back through it."""
    known = pa.array([*Person.objects.values_list("key", flat=True), *part.people["customer"].to_pylist()], tables.TEXT)

    def kept(rows: pa.Table) -> pa.Table:
        if "customer" in rows.column_names:
            rows = rows.filter(pc.or_(pc.is_null(rows["customer"]), pc.is_in(rows["customer"], value_set=known)))
        if "referrer" in rows.column_names:
            at = rows.schema.get_field_index("referrer")
            still = pc.is_in(rows["referrer"], value_set=known)
            rows = rows.set_column(at, rows.schema.field(at), pc.if_else(still, rows["referrer"], None))
        return rows

    return replace(
        part, facts={n: kept(r) for n, r in part.facts.items()}, deals=kept(part.deals), texts=kept(part.texts)
    )


def _orders() -> int:
    return int(lake().table("orders").count().to_pyarrow().as_py())


def _store(part: Company, number: int, *, now: datetime) -> None:
    """Put one block into the book and the lake; doing it again changes nothing."""
    people = part.people.to_pylist()
    firms = {records.folded(c["name"]): c for c in part.companies.to_pylist()}
    with transaction.atomic():
        companies = records.companies_ensure((p["company"] for p in people if p["company"]), now, firms)
        records.people_write(({**p, "key": p["customer"]} for p in people), companies, SOURCE, now)
        records.identities_add(
            (
                (kind, p[column], p["customer"])
                for p in people
                for kind, column in (("email", "email"), ("phone", "phone"), ("wechat", "wechat"))
                if p[column]
            ),
            SOURCE,
            now,
        )
        records.consents_add(
            [(p["customer"], p["consent_email"]) for p in people], basis="opt_in", source=SOURCE, at=now
        )
        # Of those who gave a number and agreed to e-mail, half agreed to be called; which half, the key says.
        called = [(p["customer"], True) for p in people
                  if p["phone"] and p["consent_email"] and p["customer"][-1] in "01234567"]  # fmt: skip
        records.consents_add(called, basis="opt_in", source=SOURCE, at=now, channel="phone")
        records.products_write(((p["sku"], p["name"], True) for p in part.products.to_pylist()), SOURCE)
        records.deals_write(
            (
                {**d, "external_id": d["id"], "person_id": d["customer"], "opened_at": d["created_at"]}
                for d in part.deals.to_pylist()
            ),
            SOURCE,
        )
        records.answers_write(
            (
                {**t, "external_id": t["id"], "person_id": t["customer"],
                 "text": f"{t['subject']} · {t['text']}" if t["subject"] else t["text"]}
                for t in part.texts.to_pylist()
            ),
            SOURCE,
        )  # fmt: skip
        from regulars.web.search.services import index

        index([p["customer"] for p in people])
    store = lake()
    for name, rows in part.facts.items():
        if rows.num_rows:
            store.append(name, rows, SOURCE, number)
