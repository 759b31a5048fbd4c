"""Words of the plan: kinds of decisions, what changed between two plans, what the split is best for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LABELS = {
    "plan_kind": {
        "budget": _("Budget"), "resource": _("Resource"), "mode": _("Way to market"), "partner": _("Partner"),
        "next_best": _("People"), "schedule": _("Time"), "arm": _("Variant"), "test": _("Test"),
    },
    "plan_change": {
        "more": pgettext_lazy("plan", "more"), "less": pgettext_lazy("plan", "less"), "added": _("comes in"),
        "dropped": _("falls away"), "yes": _("is done after all"), "no": _("is no longer done"),
        "value": _("should earn another amount"),
    },
    "plan_move": {"sign": pgettext_lazy("partner", "sign"), "end": pgettext_lazy("partner", "end the contract")},
    "objective": {
        "contribution": _("contribution (profit before fixed costs)"), "revenue": _("revenue"),
        "new_customers": _("new customers"), "clv": _("customer value"),
    },
}  # fmt: skip
AUDIT = {
    "plan_split": _("Split changed"), "plan_replan": _("Planned anew after an alarm"),
    "plan_rollback": _("Plan put back"), "quota_set": _("Quota set"), "limits_keep": _("Limits kept"),
    "contacts_limit": _("Limit on contacts set"), "aim_keep": _("Aim of the plans kept"),
}  # fmt: skip
WORDS: dict[str, tuple[object, ...]] = {
    "week": (_("The money of week %(value)s"), "text", _("The money of each week")),
    "plan_more": (_("%(value)s more a week."), "money"),
    "plan_less": (_("%(value)s less a week."), "money"),
    "plan_added": (_("Comes in with %(value)s a week."), "money"),
    "plan_dropped": (_("Falls away; %(value)s a week differ."), "money"),
    "plan_yes": (_("Is done after all; %(value)s a week move."), "money"),
    "plan_no": (_("Is no longer done; %(value)s a week stay."), "money"),
    "plan_people_joined": (_("%(value)s more people are written to."),),
    "plan_people_left": (_("%(value)s people are no longer written to."),),
    "plan_people_switched": (_("%(value)s people get something else."),),
    "plan_value": (_("The change should earn %(value)s."), "money"),
    "plan_same": (_("Both would do the same."),),
    "objective": (_("The split is the best for %(value)s, as you chose."), "objective"),
    "objective_unknown": (
        _("%(value)s is not known for every channel, so the split is the best for contribution."), "objective",
    ),
    "choices_held": (_("Prices hold as long as the channels that are on stay on."),),
    "asked_by_alarm": (_("An alarm asked for it: freeze the channel and test what it brings."),),
}  # fmt: skip
