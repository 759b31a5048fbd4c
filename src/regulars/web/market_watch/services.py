"""Writes of what is watched: the list, what files bring, and what is read from feeds and pages."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.tables import currency_digits
from regulars.web.audit.services import record
from regulars.web.market_watch.models import Signal, Watch

log = logging.getLogger(__name__)
# A day less the hours by which one turn may come earlier than the last.
APART = timedelta(hours=20)
MOST_WATCHES = 100
# All pages of one turn together; what is left is read the next time.
SECONDS = 120


class WatchProblem(ValueError):
    """What cannot be watched as asked: says why in the owner's words."""


def watch_save(uid: str, said: dict[str, str], by: str) -> Watch:
    """Add or change a watch; a changed address is read anew."""
    name, address = said.get("name", "").strip()[:100], said.get("address", "").strip()
    parts = urlsplit(address)
    if not name and not said.get("ours"):
        raise WatchProblem(_("Say who is watched."))
    if said.get("kind") not in ("feed", "page"):
        raise WatchProblem(_("Choose a feed or a page."))
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(address) > 1000:
        raise WatchProblem(_("An address begins with https:// and holds no password."))
    if said["kind"] == "page" and not said.get("product", "").strip():
        raise WatchProblem(_("Say which of your products the page competes with."))
    if not uid and Watch.objects.count() >= MOST_WATCHES:
        raise WatchProblem(_("At most %(n)s can be watched.") % {"n": MOST_WATCHES})
    fields: dict[str, Any] = {
        "name": name, "ours": bool(said.get("ours")), "kind": said["kind"], "address": address,
        "product": said.get("product", "").strip()[:100], "market": said.get("market", "").strip()[:100],
        "on": bool(said.get("on")), "etag": "", "modified": "", "problem": "",
    }  # fmt: skip
    with transaction.atomic():
        kept, _new = Watch.objects.update_or_create(
            uid=uid or secrets.token_hex(6), defaults=fields, create_defaults={**fields, "created_at": timezone.now()}
        )
        record(by, "watch_save", kept.uid, kind=kept.kind, on=kept.on)
    return kept


def watch_switch(uid: str, on: bool, by: str) -> None:
    with transaction.atomic():
        if Watch.objects.filter(uid=uid).update(on=on):
            record(by, "watch_switch", uid, on=on)


def watch_remove(uid: str, by: str) -> None:
    """Stop watching; what was seen stays."""
    with transaction.atomic():
        if Watch.objects.filter(uid=uid).delete()[0]:
            record(by, "watch_remove", uid)


def signals_import(data: bytes, name: str, by: str, now: datetime) -> tuple[int, int]:
    """Take a file of signals in; returns how many rows are in and how many were set aside."""
    from regulars.collect.watch.files import read_signals

    company = settings.COMPANY
    found = read_signals(data, name=name, zone=company.zone, currency=company.currency, now=now)
    rows = [
        Signal(uid=r.id, at=r.at, kind=r.kind, watched=r.watched, product=r.product, market=r.market,
               value=_minor(r.value, r.currency) if r.kind == "price" else r.value, currency=r.currency, title=r.title,
               link=r.link if r.link.startswith(("http://", "https://")) else "", source="file")
        for r in found.rows
    ]  # fmt: skip
    with transaction.atomic():
        _store(rows)
        record(by, "signals_import", name[:100], rows=len(rows), aside=len(found.aside))
    return len(rows), len(found.aside)


def watches_fetch(now: datetime, *, again: bool = False) -> dict[str, int]:
    """Read every watch that is on and due, once a day each; one that fails stops no other.

    ``again`` reads them although the day is not over, when the owner asks for it.
    """
    due = Watch.objects.filter(on=True).order_by("fetched_at", "pk")
    counts = {"read": 0, "failed": 0, "signals": 0}
    until = timezone.now() + timedelta(seconds=SECONDS)
    pages: dict[str, float] = {}
    for watch in due:
        if (not again and watch.fetched_at and now - watch.fetched_at < APART) or timezone.now() > until:
            continue
        seen, problem = watch_fetch(watch, now, pages)
        if problem == "later":
            continue
        counts["signals"] += seen
        counts["failed" if problem else "read"] += 1
    return counts


def watch_fetch(watch: Watch, now: datetime, pages: dict[str, float] | None = None) -> tuple[int, str]:
    """Read one watch and keep what it says; returns new signals and the code of what went wrong, if anything.

    ``pages`` is when each site was read last: one that wants a long pause is left as it is, to be read another day.
    """
    from regulars.collect.watch.feeds import FeedProblem, read_feed
    from regulars.collect.watch.fetch import FetchProblem, fetch
    from regulars.collect.watch.pages import read_page

    seen, problem, kept = 0, "", {"etag": watch.etag, "modified": watch.modified}
    try:
        found = fetch(watch.address, etag=watch.etag, modified=watch.modified, read=pages)
        kept = {"etag": found.etag, "modified": found.modified}
        if found.data is not None:
            rows = (_news(watch, read_feed(found.data), now) if watch.kind == "feed"
                    else _offer(watch, read_page(found.data, found.charset), now))  # fmt: skip
            problem = "" if rows or watch.kind == "feed" else "no_price"
            seen = _store(rows)
        elif watch.kind == "page":
            # An unchanged page still says today what it said before.
            seen = _store(_unchanged(watch, now))
    except FetchProblem as error:
        if error.code == "later":
            return 0, "later"
        problem = error.code
    except FeedProblem:
        problem = "no_feed"
    except Exception:
        log.exception("A watch could not be read")
        problem = "broken"
    Watch.objects.filter(pk=watch.pk).update(fetched_at=now, problem=problem, seen=watch.seen + seen, **kept)
    return seen, problem


def _news(watch: Watch, news: list[Any], now: datetime) -> list[Signal]:
    import hashlib

    return [
        Signal(uid=f"{watch.uid}:{hashlib.sha256(n.id.encode()).hexdigest()[:32]}", at=min(n.at or now, now),
               kind="mention", watched="" if watch.ours else watch.name, product=watch.product, market=watch.market,
               value=1.0, title=n.title, link=n.link, source=watch.uid)
        for n in news
    ]  # fmt: skip


def _offer(watch: Watch, offer: Any, now: datetime) -> list[Signal]:
    shared = {"watched": "" if watch.ours else watch.name, "product": watch.product, "market": watch.market,
              "at": now, "title": "", "link": watch.address, "source": watch.uid}  # fmt: skip
    day = timezone.localtime(now, settings.COMPANY.tz).date().isoformat()
    rows = []
    if offer.price is not None:
        coin = offer.currency or settings.COMPANY.currency
        rows.append(Signal(uid=f"{watch.uid}:{day}:price", kind="price", value=_minor(offer.price, coin),
                           currency=coin, **shared))  # fmt: skip
    if offer.in_stock is not None:
        rows.append(Signal(uid=f"{watch.uid}:{day}:stock", kind="stock", value=float(offer.in_stock), **shared))
    return rows


def _unchanged(watch: Watch, now: datetime) -> list[Signal]:
    day = timezone.localtime(now, settings.COMPANY.tz).date().isoformat()
    rows = []
    for kind in ("price", "stock"):
        last = Signal.objects.filter(source=watch.uid, kind=kind).order_by("-at").first()
        if last is not None:
            last.pk, last.uid, last.at = None, f"{watch.uid}:{day}:{kind}", now
            rows.append(last)
    return rows


def _minor(value: float | None, currency: str) -> float | None:
    return None if value is None else float(round(value * 10 ** currency_digits(currency)))


def _store(rows: list[Signal]) -> int:
    """Keep signals, each once; returns how many are new."""
    before = Signal.objects.count()
    Signal.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return Signal.objects.count() - before
