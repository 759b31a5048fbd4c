"""Words of influence: what messages change, whom, and who brings whom."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MODELS = {"uplift": _("What messages change"), "referral_network": _("Who brought whom")}
PURPOSES = {
    "uplift": _("Learns from people held back whom a message makes buy who would not have bought."),
    "referral_network": _("Follows who brought whom, and shares the worth of those brought among their bringers."),
}
METRICS = {
    "qini_area": _("Qini area per customer"), "viral_coefficient": _("New customers each customer brings"),
}  # fmt: skip
LEARNERS = {
    "s_linear": _("One model, effect by feature"), "t_linear": _("Two models, with and without"),
    "class_linear": _("Transformed outcome"), "response": _("Who buys anyway (not uplift)"),
}  # fmt: skip
GROUPS = {
    "recency": _("Days since the last order"), "orders": _("Orders before"), "market": _("Market"),
    "channel": _("Channel"),
}  # fmt: skip
EFFECTS = {
    "gains": _("moved by it"), "sleeping_dog": _("better left alone"), "cannot_tell": _("cannot tell"),
}  # fmt: skip
TERMS = {
    "uplift": (
        _("What it changes"),
        _("How much more often people buy who got the message than the same kind of people who were held back."),
    ),
    "qini": (
        _("Qini area"),
        _("How much better than by lot a ranking finds the people a message moves; zero is by lot."),
    ),
    "viral": (
        _("Viral coefficient"),
        _("How many new customers one customer brings; at 1 or more word of mouth grows by itself."),
    ),
    "credit": (
        _("Worth brought"),
        _("The expected value of the people somebody brought, shared among those above them, the nearest most. All "
          "shares together are the value of all who were brought; nothing counts twice."),
    ),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "held_back": (_("Compared with people who were held back by lot, whether or not the message arrived."),),
    "buys_in_window": (_("Counts who bought within %(value)s days."),),
    "known_before": (_("Uses only what was known of each person before the message."),),
    "cross_fitted": (_("Everybody was ranked by a model that had not seen them."),),
    "nobody_beats_chance": (
        _("No ranking beats the lot yet: people do not visibly differ in what the message changes."),
    ),
    "cannot_tell_apart": (_("The models cannot be told apart; the simplest is used."),),
    "one_is_best": (_("One model is clearly better than the others."),),
    "too_few": (_("Too few people were written to and held back to say anything."),),
    "too_few_people": (_("Few people so far, so the range is wide."),),
    "no_difference_seen": (_("No effect can be told from luck so far."),),
    "propensity_extreme": (_("Some people were almost always or almost never written to; nobody compares with them."),),
    "measured_people": (_("Learnt from %(value)s people written to or held back."),),
    "brought": (_("Brought %(value)s people."),),
    "below": (_("%(value)s people stand below in the family."),),
    "few_referrals": (_("Few recommendations so far, so all of this may change."),),
    "earliest_counts": (_("The earliest person named as the bringer counts; circles are cut."),),
    "seen_so_far": (_("Everybody counts for as long as they have been seen, so newcomers do not lower the figure."),),
    "shared_credit": (_("Half as much for each further step up; the shares of one person add up to one."),),
    "own_record_and_all": (_("From each person's own record and the average of everybody."),),
}
