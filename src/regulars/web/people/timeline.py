"""One timeline of everything about a person: facts of the lake and rows of the book, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web.answers.queries import answers_of
from regulars.web.bridge import facts
from regulars.web.consents.queries import consents_of
from regulars.web.deals.queries import deals_of
from regulars.web.outbox.queries import messages_of
from regulars.web.words.labels import label, tone

PAGE = 30
TABS = {
    "all": gettext_lazy("All"),
    "orders": gettext_lazy("Orders"),
    "visits": gettext_lazy("Visits"),
    "messages": gettext_lazy("Messages"),
    "answers": gettext_lazy("Answers"),
    "deals": gettext_lazy("Deals"),
    "consents": gettext_lazy("Consent"),
}
LAKE = {
    "all": {"orders", "subscriptions", "touches", "events", "feedback"},
    "orders": {"orders", "subscriptions"},
    "visits": {"touches", "events"},
    "answers": {"feedback"},
}


@dataclass(frozen=True)
class Item:
    """One line of the timeline."""

    at: datetime
    icon: str
    title: str
    detail: str = ""
    amount: int | None = None
    currency: str = ""
    badge: str = ""
    tone: str = "secondary"
    channel: str = ""
    source: str = ""

    @property
    def day(self) -> date:
        return timezone.localtime(self.at).date()


@dataclass(frozen=True)
class Timeline:
    """A page of it, grouped by day, and where the next page begins."""

    items: list[Item]
    before: datetime | None

    @property
    def days(self) -> Iterator[tuple[date, list[Item]]]:
        for day, items in groupby(self.items, key=lambda item: item.day):
            yield day, list(items)


def timeline(person: str, tab: str = "all", before: datetime | None = None, limit: int = PAGE) -> Timeline:
    """The newest items before a moment; ``before`` of the result is None when nothing older is left."""
    many = limit + 20  # items of one moment stay on one page
    found: list[Item] = []
    answered: set[tuple[str, datetime]] = set()
    if tab in ("all", "answers"):
        answers = answers_of(person, before, many)
        answered = {(a.kind, a.at) for a in answers}
        found += [answer(a) for a in answers]
    if tab in LAKE:
        rows = facts.timeline(person, limit=many, before=before, kinds=LAKE[tab])
        found += [fact(r) for r in rows if (r["detail"].get("kind"), r["at"]) not in answered]
    if tab in ("all", "messages"):
        found += [message(m) for m in messages_of(person, before, many)]
    if tab in ("all", "deals"):
        found += earlier(deal_items(deals_of(person)), before)
    if tab in ("all", "consents"):
        found += earlier((consent(c) for c in consents_of(person)), before)
    found.sort(key=lambda item: item.at, reverse=True)
    cut = min(limit, len(found))
    while 0 < cut < len(found) and found[cut].at == found[cut - 1].at:
        cut += 1
    return Timeline(found[:cut], found[cut - 1].at if cut < len(found) else None)


def earlier(items: Iterable[Item], before: datetime | None) -> list[Item]:
    return [item for item in items if before is None or item.at < before]


def fact(row: dict[str, Any]) -> Item:
    """A row of the lake."""
    detail, table = row["detail"], row["kind"]
    known = {"at": row["at"], "channel": row["channel"] or "", "source": row["source"]}
    if table == "orders":
        state = detail.get("status", "paid")
        kind = "refund" if detail.get("kind") == "refund" else "sale" if state == "paid" else state
        amount = row["amount"] if state == "paid" else detail.get("ordered")
        known |= {"title": label("fact", kind), "currency": row["currency"] or "", "amount": amount}
        if kind == "refund":
            return Item(icon="arrow-back-up", detail=str(detail.get("id", "")), **known)
        return Item(icon="shopping-bag", detail=str(detail.get("id", "")), **known)
    if table == "subscriptions":
        return Item(icon="repeat", title=label("fact", detail.get("kind")), detail=str(detail.get("plan", "")),
                    amount=row["amount"], currency=row["currency"] or "", **known)  # fmt: skip
    if table == "feedback":
        return Item(icon="star", title=label("fact", detail.get("kind")), badge=mark(detail), **known)
    if table == "events":
        return Item(icon="bolt", title=label("fact", detail.get("name")), **known)
    return Item(icon="click", title=label("fact", detail.get("kind")), detail=str(detail.get("campaign", "")), **known)


def mark(detail: dict[str, Any]) -> str:
    score = detail.get("score")
    if score is None:
        return ""
    return f"{score:g} / {10 if detail.get('kind') == 'nps' else 5}"


def answer(row: Any) -> Item:
    return Item(
        at=row.at, icon="message-2", title=label("fact", row.kind), detail=row.text, channel=row.channel,
        badge=mark({"kind": row.kind, "score": row.score}) or (label("ticket", row.status) if row.status else ""),
        source=row.source,
    )  # fmt: skip


def message(row: Any) -> Item:
    return Item(
        at=row.shown_at, icon="mail", title=row.subject or label("action", row.action),
        detail=label("action", row.action) if row.subject else "", badge=label("message", row.state),
        tone=tone("message", row.state), channel=row.channel,
    )  # fmt: skip


def deal_items(rows: Iterable[Any]) -> Iterator[Item]:
    for row in rows:
        known = {"amount": row.amount, "currency": row.currency, "source": row.source, "channel": row.channel}
        if row.opened_at:
            yield Item(
                at=row.opened_at, icon="briefcase", title=_("Deal opened"), detail=row.title or row.stage, **known
            )
        if row.closed_at:
            title = _("Deal won") if row.type == "won" else _("Deal lost")
            yield Item(at=row.closed_at, icon="briefcase", title=title, detail=row.title or row.stage, **known)


def consent(row: Any) -> Item:
    title = _("Allowed %(channel)s") if row.state == "granted" else _("Refused %(channel)s")
    return Item(
        at=row.at, icon="shield-check", title=title % {"channel": label("channel", row.channel)},
        detail=label("basis", row.basis), source=row.source,
    )  # fmt: skip
