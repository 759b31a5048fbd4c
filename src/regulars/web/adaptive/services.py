"""Writes of what is tried out: begin, choose, record, pause, finish."""

from __future__ import annotations

import csv
import io
import secrets
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from regulars.tables import currency_digits
from regulars.web.adaptive.models import Exposure, Tryout
from regulars.web.adaptive.queries import readings
from regulars.web.audit.services import record

MOST_ARMS = 8
MOST_ROWS = 100_000
MEMORY = {"always": 1.0, "season": 0.95, "month": 0.8}


class TryoutProblem(ValueError):
    """What cannot be tried out or recorded as asked: says why in the owner's words."""


def _whole(said: dict[str, str], name: str, low: int, high: int) -> int:
    text = said.get(name, "").strip()
    if not text.isdecimal() or not low <= int(text) <= high:
        raise TryoutProblem(_("“%(text)s” cannot be used here: write a whole number from %(low)s to %(high)s.")
                            % {"text": text[:20], "low": low, "high": high})  # fmt: skip
    return int(text)


def tryout_create(said: dict[str, str], by: str) -> Tryout:
    """Begin a try-out; every arm gets its first row, of no exposures."""
    name = said.get("name", "").strip()[:120]
    arms = list(dict.fromkeys(line.strip()[:60] for line in said.get("arms", "").splitlines() if line.strip()))
    if not name:
        raise TryoutProblem(_("Give it a name."))
    if not 2 <= len(arms) <= MOST_ARMS:
        raise TryoutProblem(_("Write two to eight variants, one a line."))
    if said.get("kind") not in Tryout.KINDS or said.get("reward") not in Tryout.REWARDS:
        raise TryoutProblem(_("Choose what is tried and what counts as a success."))
    floor = _whole(said, "floor", 0, 100 // len(arms)) / 100
    now = timezone.now()
    with transaction.atomic():
        one = Tryout.objects.create(
            uid=secrets.token_hex(5), name=name, kind=said["kind"], reward=said["reward"], floor=floor,
            window_hours=24 * _whole(said, "days", 0, 90), weeks=_whole(said, "weeks", 1, 52),
            keep=MEMORY.get(said.get("memory", ""), 1.0), rule="top_two" if said.get("top_two") else "thompson",
            made_by=by, started=now,
        )  # fmt: skip
        Exposure.objects.bulk_create([Exposure(tryout=one, arm=arm, at=now) for arm in arms])
        record(by, "tryout_create", one.uid, arms=len(arms))
    return one


def arms_of(one: Tryout) -> list[str]:
    return list(dict.fromkeys(one.exposures.order_by("pk").values_list("arm", flat=True)))


def tryout_choose(one: Tryout, key: str, by: str) -> dict[str, Any]:
    """Choose the variant of one exposure by the shares of now and keep with which chance; the same key, the same."""
    kept = one.exposures.filter(key=key).first() if key else None
    if kept is None:
        reading = readings([one], timezone.now())[one.uid]
        lot, at = secrets.SystemRandom().random(), 0.0
        arm = reading.arms[-1]
        for candidate in reading.arms:
            at += candidate.share
            if lot < at:
                arm = candidate
                break
        kept = Exposure.objects.create(tryout=one, arm=arm.arm, key=key[:64] or secrets.token_hex(8),
                                       at=timezone.now(), shown=1, chance=arm.share)  # fmt: skip
    return {"key": kept.key, "arm": kept.arm, "chance": kept.chance}


def tryout_reward(one: Tryout, key: str, amount: str = "") -> bool:
    """Note the reward of one exposure that was chosen before; a second one does not count."""
    value = _minor(amount) if amount else 0.0
    return bool(one.exposures.filter(key=key, won=0, shown=1).update(
        won=1, total=value, square=value**2, rewarded_at=timezone.now()))  # fmt: skip


def tryout_record(one: Tryout, arm: str, shown: str, won: str, amount: str, by: str) -> Exposure:
    """Record what a platform reports of one variant: so many shown, so many of them successes, worth so much."""
    row = _checked(one, arms_of(one), {"arm": arm, "shown": shown, "won": won, "value": amount}, timezone.now())
    with transaction.atomic():
        row.save()
        record(by, "tryout_record", one.uid, shown=row.shown, won=row.won)
    return row


def tryout_import(one: Tryout, data: bytes, by: str) -> int:
    """Record a CSV file with the columns arm, at, shown, won, value, rewarded_at, key; all rows or none."""
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        raise TryoutProblem(_("The file cannot be read as a table.")) from None
    if not rows or not {"arm", "at"} <= set(rows[0]) or len(rows) > MOST_ROWS:
        raise TryoutProblem(_("The file needs the columns arm and at, and at most 100,000 rows."))
    arms, made = arms_of(one), []
    for place, row in enumerate(rows, start=2):
        try:
            made.append(_checked(one, arms, {k: v or "" for k, v in row.items() if k}, None))
        except TryoutProblem as found:
            raise TryoutProblem(_("Row %(n)s: %(problem)s") % {"n": place, "problem": found}) from None
    with transaction.atomic():
        before = one.exposures.count()
        Exposure.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)
        fresh = one.exposures.count() - before
        record(by, "tryout_import", one.uid, rows=fresh)
    return fresh


def _checked(one: Tryout, arms: list[str], said: dict[str, str], now: datetime | None) -> Exposure:
    arm = said.get("arm", "").strip()
    if arm not in arms:
        raise TryoutProblem(_("There is no variant “%(arm)s”.") % {"arm": arm[:60]})
    at = now or _moment(said.get("at", ""))
    rewarded = _moment(said["rewarded_at"]) if said.get("rewarded_at") else None
    shown = _whole({"n": said.get("shown") or "1"}, "n", 0, 10**9)
    won = _whole({"n": said.get("won") or ("1" if rewarded else "0")}, "n", 0, 10**9)
    if at is None or at > timezone.now() or won > shown or (rewarded is not None and rewarded < at):
        raise TryoutProblem(_("More successes than were shown, or a moment that cannot be."))
    value = _minor(said.get("value", ""))
    # A sum over many says nothing of how it varies; that every success was worth the same is the least it can.
    return Exposure(tryout=one, arm=arm, key=said.get("key", "")[:64], at=at, shown=shown, won=won, total=value,
                    square=value**2 / won if won else value**2, rewarded_at=rewarded)  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise TryoutProblem(_("“%(text)s” is not a moment; write it like 2026-03-01 14:30.") % {"text": text[:30]})
    return found if found.tzinfo else found.replace(tzinfo=settings.COMPANY.tz)


def _minor(text: str) -> float:
    if not text.strip():
        return 0.0
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 10**12:
        raise TryoutProblem(_("“%(text)s” is not an amount.") % {"text": text[:20]})
    return float(value.scaleb(currency_digits(settings.COMPANY.currency)))


def tryout_move(one: Tryout, verb: str, winner: str, by: str) -> bool:
    """Pause, go on, or finish with a winner."""
    states = {"pause": ("running", "paused"), "resume": ("paused", "running")}
    with transaction.atomic():
        if verb == "finish":
            if one.state == "finished" or (winner and winner not in arms_of(one)):
                return False
            changed = Tryout.objects.filter(pk=one.pk).update(state="finished", winner=winner, ended=timezone.now())
        elif verb == "reopen":
            changed = Tryout.objects.filter(pk=one.pk, state="finished").update(state="running", winner="", ended=None)
        elif verb in states:
            changed = Tryout.objects.filter(pk=one.pk, state=states[verb][0]).update(state=states[verb][1])
        else:
            return False
        if changed:
            record(by, f"tryout_{verb}", one.uid)
    return bool(changed)
