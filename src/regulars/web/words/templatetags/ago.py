import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html

from regulars.web.words.times import ago_text, day_text, exact_text

register = template.Library()


@register.filter
def ago(at):
    """``{{ at|ago }}``: 3 days ago, with the exact time in the company's zone on hover."""
    if not at:
        return "–"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact_text(at),
                       ago_text(at, timezone.now()))  # fmt: skip


@register.filter
def day(at):
    """``{{ at|day }}``: the day in the company's zone."""
    return day_text(at) if at else "–"


@register.filter
def clock(at):
    """``{{ at|clock }}``: hours and minutes in the company's zone."""
    return timezone.localtime(at).strftime("%H:%M") if isinstance(at, datetime.datetime) else ""


@register.filter
def exact(at):
    return exact_text(at) if at else "–"
