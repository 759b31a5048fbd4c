"""Words of cohorts and the funnel."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

STEPS = {
    "known": _("Known to us"), "visited": _("Visited"), "signed_up": _("Signed up"), "ordered": _("First order"),
    "ordered_again": _("Second order"),
}  # fmt: skip
CUTS = {
    "first_order": pgettext_lazy("cohorts", "All customers"), "channel": _("First channel"), "market": _("Market"),
    "product": _("First product"),
}  # fmt: skip
GRAINS = {"month": _("Months"), "quarter": _("Quarters"), "week": _("Weeks")}
SHOWN = {"share": _("Share that orders"), "money": _("Money per customer")}
WORDS = {
    "cohorts_too_short_for_a_year": (_("The history is too short, or too few customers came, to compare with a year "
                                      "ago."),),
    "cohorts_too_small": (_("No three cohorts with at least 30 customers yet, so best and worst are not named."),),
    "funnel_mostly_unseen": (_("Most people were not seen at the steps in between, so their times are left out."),),
    "funnel_only_buyers": (_("Everybody known has ordered: people are only recorded once they buy, so the first "
                            "steps say nothing yet. Bring in visits or sign-ups."),),
    "cohort_is_first_order": (_("A cohort is everybody whose first paid order fell into the period. The share is who "
                               "placed a paid order in each later period."),),
    "cohort_money": (_("Money is what the cohort paid up to then, refunds taken off, divided by all its customers; "
                      "currencies are never added up."),),
    "interval_wilson": (_("Ranges hold nine times out of ten (Wilson)."),),
    "step_or_later": (_("A step counts as passed when it or a later one was seen: who ordered was there."),),
    "waiting_counts": (_("Who has not gone on yet counts as still waiting, so young visitors do not make the funnel "
                        "look worse than it is (Kaplan and Meier)."),),
}  # fmt: skip
