"""The people of a plan as a list."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.web.lists import Column, Empty, Filter, List, choices_of

ACTIONS = ("onboard", "cross_sell", "wake_up", "care", "win_back", "ask_referral", "thank_you")
STATES = ("proposed", "approved", "declined", "done", "denied")

PEOPLE = List(
    name="plan_people",
    sort="-value",
    columns=(
        Column("name", _("Name"), "person.name"),
        Column("action", _("Action"), "subject", label="action"),
        Column("channel", _("Channel"), "channel", label="channel"),
        Column("value", _("Expected"), "value", "money", sort="value"),
        Column("low", _("Low"), "low", "money", shown=False),
        Column("high", _("High"), "high", "money", shown=False),
        Column("state", _("State"), "state", "badge", label="row"),
    ),
    filters=(
        Filter("action", _("Action"), choices_of(ACTIONS, "action"), lambda rows, v: rows.filter(subject=v)),
        Filter("state", _("State"), choices_of(STATES, "row"), lambda rows, v: rows.filter(state=v)),
    ),
    empty=Empty(_("The people this plan would reach stand here.")),
    find=lambda rows, text: rows.filter(person__name__icontains=text),
    row_url=lambda row: reverse("people:person", args=[row.person_id]),
)
