"""Segments in words: what sets them apart, and what an owner would do about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.web.words.amounts import money_text, number_text
from regulars.web.words.labels import label

# What to do, in one sentence; shown as advice, not as a finding of a model.
STRATEGIES = {
    "champions": gettext_lazy("Thank them in person, show them new things first, ask them to bring friends. "
                              "No discounts: they buy anyway."),
    "loyal": gettext_lazy("Offer what fits to what they have, and ask for a review or a recommendation."),
    "potential_loyalist": gettext_lazy("Help them to the next order soon after the last, with something that fits it."),
    "new": gettext_lazy("Welcome them, see that the first order went well, and suggest the second within their "
                        "first weeks."),
    "promising": gettext_lazy("They bought once, not long ago: remind them with something useful before they forget "
                              "you."),
    "needs_attention": gettext_lazy("They slow down: ask what is missing, and make one offer that ends soon."),
    "about_to_sleep": gettext_lazy("A short, friendly message is enough; do not spend much on it."),
    "at_risk": gettext_lazy("They bought often and have stopped: write or call in person and solve what went wrong."),
    "cant_lose": gettext_lazy("Once your best, now silent: call every one of them yourself, and be generous."),
    "hibernating": gettext_lazy("One try to wake them up with what is new; then write less often."),
    "lost": gettext_lazy("Leave them in peace, or try once with your best offer. Do not pay for advertisements here."),
}  # fmt: skip
MONEY = ("spent", "monetary")
# A fifth of a standard deviation: less is no difference an owner would see (Cohen 1988, small effect).
NOTABLE = 0.2


@dataclass(frozen=True)
class Trait:
    """One figure in which a segment differs from everybody."""

    title: str
    own: str
    everybody: str
    difference: float
    sentence: str


def name_of(segment: dict[str, Any]) -> str:
    """The owner's own name, the rule's word, or the number of the group."""
    if segment["label"]:
        return str(segment["label"])
    if segment["method"] == "clusters":
        number = segment["key"].removeprefix("k")
        return _("Group %(n)s") % {"n": int(number) + 1 if number.isdigit() else number}
    return label("segment", segment["key"])


def strategy(segment: dict[str, Any]) -> str:
    return str(STRATEGIES.get(segment["key"], ""))


def traits(segment: dict[str, Any]) -> list[Trait]:
    """The figures of a segment beside those of everybody, the largest difference first."""
    found = []
    for f in segment["profile"].get("features", ()):
        own, everybody = said(f["name"], f["mean"]), said(f["name"], f["everybody"])
        found.append(Trait(title(f["name"]), own, everybody, f["difference"], sentence(f, own, everybody)))
    return found


def apart(segment: dict[str, Any], most: int = 2) -> list[str]:
    """What sets a segment apart, in at most so many sentences."""
    told = [t.sentence for t in traits(segment) if abs(t.difference) >= NOTABLE]
    return told[:most] or ([_("Much like everybody else.")] if segment["profile"].get("features") else [])


def title(name: str) -> str:
    titles = {
        "days_since_last": _("Days since the last order"),
        "orders": _("Orders each"),
        "spent": _("Spent each"),
        "monetary": _("Value of a repeat order"),
        "T": _("Days as a customer"),
    }
    return titles.get(name, name)


def said(name: str, value: float) -> str:
    return money_text(value) if name in MONEY else number_text(value, 1 if name == "orders" else 0)


def sentence(feature: dict[str, Any], own: str, everybody: str) -> str:
    """One difference as an owner would say it."""
    more = feature["difference"] > 0
    texts = {
        "days_since_last": _("bought longer ago (%(own)s days, all %(everybody)s)") if more
        else _("bought more recently (%(own)s days ago, all %(everybody)s)"),
        "orders": _("order more often (%(own)s each, all %(everybody)s)") if more
        else _("order less often (%(own)s each, all %(everybody)s)"),
        "spent": _("spent more (%(own)s each, all %(everybody)s)") if more
        else _("spent less (%(own)s each, all %(everybody)s)"),
        "monetary": _("bigger orders (%(own)s, all %(everybody)s)") if more
        else _("smaller orders (%(own)s, all %(everybody)s)"),
        "T": _("with you longer (%(own)s days, all %(everybody)s)") if more
        else _("with you for less time (%(own)s days, all %(everybody)s)"),
    }  # fmt: skip
    return texts.get(feature["name"], "") % {"own": own, "everybody": everybody}
