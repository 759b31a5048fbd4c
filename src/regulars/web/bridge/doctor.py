"""The doctor: what is well, what needs care, what is broken, and what to do about it."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from regulars.web.words.times import ago_text

if TYPE_CHECKING:
    from regulars.home import Home


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    key: str
    colour: str
    title: str
    finding: str
    remedy: str = ""

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return {k: str(v) for k, v in asdict(self).items()}


def examine(home: Home) -> list[Finding]:
    """Look at everything; a check that fails is itself a finding."""
    findings = []
    for check in (_settings, _book, _lake, _inbox, _audit, _backup, _wheel, _mail, _messages, _jobs, _keys, _disk):
        try:
            findings.append(check(home))
        except Exception as error:  # a doctor who faints helps nobody
            findings.append(Finding(check.__name__[1:], "red", check.__name__[1:], str(error) or type(error).__name__))
    return findings


def _settings(home: Home) -> Finding:
    settings = home.settings
    return Finding("settings", "green", _("Settings"), f"{settings.company} · {settings.zone} · {settings.currency}")


def _book(home: Home) -> Finding:
    title = _("Book")
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return Finding("book", "green", title, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        answer = cursor.fetchone()[0]
    if answer != "ok":
        return Finding("book", "red", title, answer, _("Restore the newest backup: regulars restore FILE"))
    return Finding("book", "green", title, _("whole, %.1f MB") % (home.book_path.stat().st_size / 1e6))


def _lake(home: Home) -> Finding:
    from regulars.web.bridge.lake import lake

    orders = lake().table("orders").count().to_pyarrow().as_py()
    return Finding("lake", "green", _("Lake"), _("%d rows of orders") % orders)


def _inbox(home: Home) -> Finding:
    from regulars.web.intake.models import InboxEvent

    waiting = InboxEvent.objects.count()
    colour = "amber" if waiting > 100_000 else "green"
    return Finding("inbox", colour, _("Inbox"), _("%d facts wait for the lake") % waiting,
                   _("Run: regulars loop") if colour == "amber" else "")  # fmt: skip


def _audit(home: Home) -> Finding:
    from regulars.web.audit.queries import first_broken

    broken = first_broken()
    if broken is not None:
        return Finding("audit", "red", _("Audit log"), _("entry %d does not fit its seal") % broken,
                       _("Somebody changed the log: compare with a backup"))  # fmt: skip
    return Finding("audit", "green", _("Audit log"), _("the chain holds"))


def _backup(home: Home) -> Finding:
    title, remedy = _("Backup"), _("Run: regulars backup")
    newest = max((p.stat().st_mtime for p in home.backups_path.glob("*.tar.gz")), default=None)
    if newest is None:
        return Finding("backup", "amber", title, _("there is none yet"), remedy)
    made, now = datetime.fromtimestamp(newest, UTC), datetime.now(UTC)
    days = (now - made).days
    colour = "green" if days < 2 else "amber" if days < 8 else "red"
    return Finding("backup", colour, title, ago_text(made, now), "" if colour == "green" else remedy)


def _wheel(home: Home) -> Finding:
    from regulars.web.plans.queries import last_turn, left_out

    title, remedy = _("The wheel"), _("Run: regulars loop")
    last = last_turn()
    if last is None:
        return Finding("wheel", "amber", title, _("has not turned yet"), remedy)
    now = datetime.now(UTC)
    if missing := left_out():
        said = _("the last turn could not compute: %s") % ", ".join(missing)
        return Finding("wheel", "amber", title, said, _("Those pages show what they said before; see the log"))
    late = (now - last).days >= 2
    return Finding("wheel", "amber" if late else "green", title, ago_text(last, now), remedy if late else "")


def _mail(home: Home) -> Finding:
    settings = home.settings
    title = _("Mail server")
    if not settings.smtp_host:
        return Finding("mail", "amber", title, _("none is set: messages stay in the sandbox"),
                       _("Set smtp_host and smtp_from in regulars.toml"))  # fmt: skip
    if not settings.smtp_from:
        return Finding("mail", "red", title, _("smtp_from is empty"), _("Set smtp_from in regulars.toml"))
    if not settings.base_url.startswith("https://"):
        return Finding("mail", "amber", title, _("base_url is not https, so one-click unsubscribe links will not work"),
                       _("Set base_url in regulars.toml to your public address"))  # fmt: skip
    return Finding("mail", "green", title, f"{settings.smtp_host}:{settings.smtp_port}")


def _messages(home: Home) -> Finding:
    from regulars.web.outbox.models import Message

    unknown = Message.objects.filter(state="unknown").count()
    failed = Message.objects.filter(state="failed").count()
    colour = "amber" if unknown or failed else "green"
    return Finding(
        "messages", colour, _("Messages"), _("%(failed)d failed, %(unknown)d unclear")
        % {"failed": failed, "unknown": unknown},
        _("Look at them under Act, Messages") if colour == "amber" else "",
    )  # fmt: skip


def _jobs(home: Home) -> Finding:
    from regulars.web.jobs.models import Job

    failed = Job.objects.filter(state="failed").order_by("-created_at").first()
    if failed is None:
        return Finding("jobs", "green", _("Jobs"), _("none failed"))
    return Finding("jobs", "amber", _("Jobs"), f"{failed.name}: {failed.problem[:120]}")


def _keys(home: Home) -> Finding:
    if os.name == "nt":
        return Finding("keys", "green", pgettext("secret", "Keys"), _("kept in the home folder"))
    open_to_others = [p.name for p in home.keys_path.iterdir() if stat.S_IMODE(p.stat().st_mode) & 0o077]
    if open_to_others:
        return Finding("keys", "red", pgettext("secret", "Keys"), _("others can read %s") % ", ".join(open_to_others),
                       f"chmod -R go= {home.keys_path}")  # fmt: skip
    return Finding("keys", "green", pgettext("secret", "Keys"), _("readable by the owner alone"))


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    colour = "green" if free > 2e9 else "amber" if free > 5e8 else "red"
    return Finding("disk", colour, _("Disk"), _("%.1f GB free") % (free / 1e9),
                   "" if colour == "green" else _("Make room"))  # fmt: skip
