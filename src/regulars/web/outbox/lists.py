"""Messages as a list."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars.web.lists import Column, Empty, Filter, List, choices_of
from regulars.web.outbox import board
from regulars.web.plans.lists import ACTIONS

MESSAGES = List(
    name="messages",
    sort="-created",
    columns=(
        Column("name", _("Name"), "person.name"),
        Column("subject", _("Subject"), "subject"),
        Column("action", _("Action"), "action", label="action"),
        Column("state", _("State"), "state", "badge", label="message"),
        Column("reason", _("Reason"), "reason", label="gate"),
        Column("channel", _("Channel"), "channel", label="channel", shown=False),
        Column("plan", _("Plan"), "plan_id", shown=False),
        Column("sent", _("Sent"), "sent_at", "ago"),
        Column("created", _("Made"), "created_at", "ago", sort="created_at"),
    ),
    filters=(
        Filter("state", _("State"), choices_of(board.STATES, "message"), lambda rows, v: rows.filter(state=v)),
        Filter("action", _("Action"), choices_of(ACTIONS, "action"), lambda rows, v: rows.filter(action=v)),
        Filter("plan", _("Plan"), lambda: [(p, p) for p in board.plans()], lambda rows, v: rows.filter(plan=v)),
    ),
    empty=Empty(_("Approve a plan, then send: each message stands here with what became of it."), _("See the plan"),
                "/decide/plan/", "send"),
    find=lambda rows, text: rows.filter(person__name__icontains=text),
    row_url=lambda row: reverse("outbox:message", args=[row.uid]),
)  # fmt: skip
