"""Words of the next best action: why somebody hears nothing, rules of contacts, ways to choose, what comes next."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LABELS = {
    "left_out": {
        "leave": _("Left in peace: your strategy says so."), "no_action": _("No action suits them."),
        "no_consent": _("They have not agreed to be reached."), "cap": _("They had enough messages lately."),
        "harm": _("Every message open to them would keep them from buying."),
        "nothing_better": _("Nothing is better: what an action brings does not pay what it costs."),
        "limit": _("A limit is used up by others who gain more."),
    },
    "contact_rule": {
        "total": _("Contacts in all, at most"), "money": _("Money for contacts and discounts, at most"),
        "action": _("People for one action, at most"), "stock": _("In stock for one action"),
        "cost": _("A call costs"), "explore": _("Share by lot, in per cent"), "least": _("At least, even at a loss"),
    },
    "lot_policy": {
        "nothing": _("Write to nobody"), "best": _("Always the best action"),
        "other": _("Always another action that pays"),
    },
    "policy": {
        "nothing": _("Write to nobody"), "as_done": _("As it was done"), "response": _("The likeliest buyers"),
        "next_best": _("By what is gained"),
    },
}  # fmt: skip
AUDIT = {"contact_rule_save": _("Rule of contacts set"), "contact_rule_remove": _("Rule of contacts removed")}
WORDS: dict[str, tuple[object, ...]] = {
    "activity": (_("Activity: %(value)s."), "activity"),
    "prior_uplift": (
        _("Assumed to win %(value)s more buyers among those who get it; not measured here yet."), "points",
    ),
    "measured_uplift": (_("Measured here: %(value)s more buyers among those who get it."), "points"),
    "stake": (_("At stake: %(value)s."), "money"),
    "cost": (_("Costs %(value)s to do."), "money"),
    "discount": (_("Gives away %(value)s of the order."), "percent"),
    "stake_is_order": (_("What can be won is the profit of one more order."),),
    "stake_is_lifetime": (_("What can be won is the profit of a customer who stays."),),
    "stake_is_newcomer": (_("What can be won is the profit of a new customer."),),
    "own_uplift": (_("Learnt for people like this one: %(value)s more buyers among those who get it."), "points"),
    "points": (_("Gives %(value)s of the order as points."), "percent"),
    "recent": (_("Had %(value)s messages lately, so one more wears out more."), "number"),
    "alternative": (_("Next best: %(value)s."), "option"),
    "alternative_value": (_("That would bring %(value)s."), "money"),
    "propensity": (_("This action had a chance of %(value)s; the lot decided the rest."), "percent"),
    "explored": (_("Drawn by lot among the actions that pay, so that we learn which is best."),),
    "paying": (_("%(value)s actions would have paid."), "number"),
    "for_minimum": (_("This costs more than it brings; it is done because you asked for at least so many."),),
    "due": (_("Planned for %(value)s."), "moment"),
    "own_hour": (_("The hour is this person's own habit, not only that of people like them."),),
    "calls_assumed": (
        _("Nobody has measured yet what a call changes: we assume four times what an e-mail does. Hold a few people "
          "back from calls and note what came of it, and the measured figure takes the place of this guess."),
    ),
    "uplift_not_response": (
        _("People are ranked by what a contact changes, not by how likely they are to buy: who buys anyway is left "
          "alone."),
    ),
    "limits_together": (
        _("All limits hold at once: consent, caps, calls, stock and money; whoever gains most comes first."),
    ),
    "certified_gap": (_("No other choice is better by more than %(value)s of the whole: that is proved."), "share"),
    "judged_by_lot": (_("Some people were held back by lot, so what contacts changed can be told from luck."),),
    "doubly_robust": (
        _("The estimate is right when either the chances of the lot or the model of what people do is right."),
    ),
    "too_little_overlap": (_("Too few people were treated like that to say."),),
    "one_weight_dominates": (_("A few people carry most of this figure."),),
}  # fmt: skip
