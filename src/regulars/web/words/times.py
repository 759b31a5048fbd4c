"""Moments as an owner reads them, in the company's zone."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

STEPS = ((60, "minute"), (3600, "hour"), (86400, "day"), (86400 * 30.44, "month"), (86400 * 365.25, "year"))


def ago_text(at: dt.datetime, now: dt.datetime) -> str:
    """How long ago, or how far ahead, in one unit."""
    seconds = (now - at).total_seconds()
    ahead, seconds = seconds < 0, abs(seconds)
    if seconds < 60:
        return _("just now")
    size, unit = next(step for step in reversed(STEPS) if seconds >= step[0])
    return (in_words if ahead else ago_words)(unit, int(seconds / size))


def ago_words(unit: str, n: int) -> str:
    texts = {
        "minute": ngettext("%(n)s minute ago", "%(n)s minutes ago", n),
        "hour": ngettext("%(n)s hour ago", "%(n)s hours ago", n),
        "day": ngettext("%(n)s day ago", "%(n)s days ago", n),
        "month": ngettext("%(n)s month ago", "%(n)s months ago", n),
        "year": ngettext("%(n)s year ago", "%(n)s years ago", n),
    }
    return texts[unit] % {"n": n}


def in_words(unit: str, n: int) -> str:
    texts = {
        "minute": ngettext("in %(n)s minute", "in %(n)s minutes", n),
        "hour": ngettext("in %(n)s hour", "in %(n)s hours", n),
        "day": ngettext("in %(n)s day", "in %(n)s days", n),
        "month": ngettext("in %(n)s month", "in %(n)s months", n),
        "year": ngettext("in %(n)s year", "in %(n)s years", n),
    }
    return texts[unit] % {"n": n}


def duration_text(seconds: float) -> str:
    """How long something took, in the unit that reads best."""
    if seconds >= 36 * 3600:
        return _("%(n).1f days") % {"n": seconds / 86400}
    if seconds >= 5400:
        return _("%(n).1f hours") % {"n": seconds / 3600}
    return _("%(n)d minutes") % {"n": round(seconds / 60)}


def day_text(at: dt.date | dt.datetime) -> str:
    return date_format(timezone.localtime(at) if isinstance(at, dt.datetime) else at, "DATE_FORMAT")


def exact_text(at: dt.datetime) -> str:
    local = timezone.localtime(at)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
