"""Words of the voice page: parts of the offer, why a text presses, why one was set aside."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ASPECTS = {
    "price": _("Price and bills"),
    "delivery": _("Delivery"),
    "quality": _("Quality"),
    "service": _("Service"),
    "speed": _("Speed"),
    "bugs": _("Faults"),
    "onboarding": _("Getting started"),
    "place": _("The place"),
    "fit": _("Size and looks"),
    "packing": _("Packaging"),
}
PRESSING = {
    "harm": _("Somebody may be harmed"),
    "authority": _("Threatens with a lawyer or an office"),
    "locked_out": _("Can not use what was paid for"),
    "refund": _("Wants money back"),
    "leaving": _("Wants to leave"),
    "complaint": _("Complains"),
    "asked_before": _("Has asked before"),
    "now": _("Asks for help at once"),
}
ASIDE = {
    "empty": _("empty"),
    "duplicate": _("said before, word for word"),
    "near_duplicate": _("said before, nearly the same"),
    "advertisement": _("advertisements"),
    "gibberish": _("no words"),
}
TONES = {
    "positive": pgettext_lazy("tone", "Praise"),
    "neutral": pgettext_lazy("tone", "Neither"),
    "negative": pgettext_lazy("tone", "Complaint"),
}
SEPARATOR = {"zh": "、", "en": ", "}
# As the board: nearer to one half than this is neither praise nor complaint.
NEUTRAL = 0.15


def tone_of(positive: float) -> str:
    """Of a probability of praise.

    >>> tone_of(0.9), tone_of(0.5), tone_of(0.1)
    ('positive', 'neutral', 'negative')
    """
    if positive >= 0.5 + NEUTRAL:
        return "positive"
    return "negative" if positive <= 0.5 - NEUTRAL else "neutral"


def theme_name(theme: dict[str, Any], most: int = 3) -> str:
    """A topic by its weightiest words."""
    topic = theme["topic"]
    return SEPARATOR.get(topic["language"], ", ").join(topic["words"][:most])
