"""What to do with customers in a state, in the program's own words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from regulars.web.segments.words import STRATEGIES

ADVICE = {
    "new": _("See that the first order went well and help them to use what they bought; the second order decides "
             "whether they stay."),
    "active": _("Offer what fits to what they have; no discount is needed while they keep their rhythm."),
    "loyal": _("Thank them, show them new things first, and ask them to bring a friend."),
    "at_risk": _("Ask what is missing before you offer a discount; a short personal message now is worth ten later."),
    "dormant": _("One message with what is new since they were here; if nothing happens, write less often."),
    "lost": _("One last good offer to those who were worth much; leave the others in peace."),
}  # fmt: skip
# What the program proposes: the goal of every activity state and of every segment of the rules.
GOALS = {
    "activity": {
        "new": "onboarding", "active": "cross_sell", "loyal": "referral", "at_risk": "care", "dormant": "wake_up",
        "lost": "win_back",
    },
    "segment": {
        "champions": "referral", "loyal": "cross_sell", "potential_loyalist": "cross_sell", "new": "onboarding",
        "promising": "onboarding", "needs_attention": "care", "about_to_sleep": "wake_up", "at_risk": "care",
        "cant_lose": "care", "hibernating": "wake_up", "lost": "win_back",
    },
}  # fmt: skip


def advice_of(kind: str, key: str) -> str:
    """The program's own advice."""
    return str((ADVICE if kind == "activity" else STRATEGIES).get(key, ""))
